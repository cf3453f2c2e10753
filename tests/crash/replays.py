"""Runs the real command over candles on disk, and kills it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

RUN_TIMEOUT_S = 600
UNSTABLE = ("elapsed_s", "candles_per_s", "journal")
"""What may differ between two runs that came to the same end: how long they took, how often the lease changed."""


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay of recorded candles through the whole desk, in a data directory of its own."""

    data: Path
    pairs: Sequence[str]
    timerange: str
    data_dir: Path

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "quorate", "up", "--feed", "replay", "--data", str(self.data)),
            *("--pairs", *self.pairs, "--timerange", self.timerange, "--speed", "max", "--exit", "--json"),
            *("--data-dir", str(self.data_dir), "--port", "0", "--no-redis"),
        ]

    def run(self) -> dict[str, Any]:
        """Run to the end; returns the summary without what may differ between equal runs."""
        done = subprocess.run(self.command(), capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=False)
        assert done.returncode == 0, done.stderr[-2_000:]
        summary: dict[str, Any] = json.loads(done.stdout)
        return {name: value for name, value in summary.items() if name not in UNSTABLE}

    def killed_after(self, seconds: float) -> bool:
        """Start, and SIGKILL after so long; False when the run had ended by itself before."""
        process = subprocess.Popen(
            self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ}
        )
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
            return True
        assert process.returncode == 0
        return False


def killed_often(replay: Replay, *, chance: Random, longest_s: float, times: int) -> tuple[int, dict[str, Any]]:
    """Kill the run at random moments, then let it end; returns how often it was killed and its summary."""
    kills = 0
    while kills < times and replay.killed_after(chance.uniform(0.3, longest_s)):
        kills += 1
    return kills, replay.run()
