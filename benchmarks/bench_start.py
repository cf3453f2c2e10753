"""How long a start takes, and what the idle desk weighs: the whole process tree, shared pages counted once (PSS).

`python -m benchmarks.bench_start` starts `quorate up` on the simulated market three times: from nothing, after a clean
stop, and after SIGKILL. The floor for a command's start in the same run is a bare interpreter.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PORT = 8439
HEALTH = f"http://127.0.0.1:{PORT}/v1/status/health"
PAGE = f"http://127.0.0.1:{PORT}/"
PATIENCE_S = 120
SETTLE_S = 20
QUORATE = [sys.executable, "-m", "quorate"]


def seconds_of(command: list[str], runs: int = 5) -> float:
    """Median wall time of a command."""
    times: list[float] = []
    for _ in range(runs):
        began = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - began)
    return sorted(times)[len(times) // 2]


def answers(url: str) -> bool:
    """Whether the address answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def start(data_dir: str) -> tuple[subprocess.Popen[bytes], float, float]:
    """(process, seconds to the page, seconds to a ready desk)."""
    began = time.monotonic()
    command = [*QUORATE, "up", "--feed", "simulated", "--data-dir", data_dir, "--port", str(PORT)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    page_s = 0.0
    while time.monotonic() - began < PATIENCE_S:
        if not page_s and answers(PAGE):
            page_s = time.monotonic() - began
        if page_s and answers(HEALTH):
            return process, page_s, time.monotonic() - began
        time.sleep(0.02)
    process.kill()
    raise SystemExit("the desk did not come up")


def weight_mib(data_dir: str, pid: int) -> dict[str, float]:
    """PSS in MiB of the desk and of the servers that live in its data directory."""
    found: dict[str, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().replace("\0", " ")
            lines = (folder / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        name = "desk" if int(folder.name) == pid else next((n for n in ("postgres", "valkey") if n in words), "")
        inside = name == "desk" or data_dir in words or _parent_inside(folder, data_dir)
        if name and inside:
            pss = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            found[name] = found.get(name, 0.0) + pss / 1024
    return found


def _parent_inside(folder: Path, data_dir: str) -> bool:
    """Postgres' children do not name their folder; their parent does."""
    try:
        parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        return data_dir in (Path("/proc") / parent / "cmdline").read_text()
    except OSError:
        return False


def main() -> None:
    """Run everything and print what was measured."""
    bare, told = seconds_of([sys.executable, "-c", ""]), seconds_of([*QUORATE, "--help"])
    print(f"quorate --help            {told:6.2f} s   bare interpreter {bare:.2f} s")
    with tempfile.TemporaryDirectory(prefix="quorate-") as data_dir:
        for name, end in (("from nothing", signal.SIGTERM), ("after a stop", signal.SIGKILL), ("after SIGKILL", None)):
            process, page_s, ready_s = start(data_dir)
            print(f"start {name:<19} {page_s:6.2f} s to the page, {ready_s:6.2f} s to a ready desk")
            if end is None:
                time.sleep(SETTLE_S)
                weights = weight_mib(data_dir, process.pid)
                parts = ", ".join(f"{part} {size:.0f}" for part, size in weights.items())
                print(f"idle memory               {sum(weights.values()):6.0f} MiB   ({parts})")
            process.send_signal(end or signal.SIGTERM)
            process.wait(timeout=60)


if __name__ == "__main__":
    main()
