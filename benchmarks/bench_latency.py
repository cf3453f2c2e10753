"""From the close of 80 candles to the signals they cause, at a subscriber in another process.

`python -m benchmarks.bench_latency [--steps N]` runs the whole house (feed, desk, journal, API) in this process on the
simulated market, hands it one step of 80 coins at a time, and reads /v1/signals/stream from a second process. The floor
in the same run: PUBLISH to a subscriber in a second process on the embedded Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import redis

from quorate.api.settings import ApiSettings
from quorate.clock import SystemClock
from quorate.domain.snapshot import Step
from quorate.feeds.simulated import SimulatedFeed, SimulatedOptions
from quorate.reporting import StartUp
from quorate.settings import FeedSettings, Settings
from quorate.store.local_valkey import start_valkey
from quorate.wiring import up
from quorate.wiring.feeds import FoundFeed
from quorate.wiring.tools import Silent

WARM_STEPS = 60
PAUSE_S = 0.3
PINGS = 1_000
SUBSCRIBER = """
import socket, sys, time
host, port, path, end = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
s = socket.create_connection((host, port)); s.settimeout(end)
s.sendall(f"GET {path} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
print("connected", flush=True)
left = b""
try:
    while part := s.recv(1 << 20):
        now = time.monotonic_ns()
        *lines, left = (left + part).split(b"\\n")
        for line in lines:
            if line.startswith(b"data:") and b'"timestamp"' in line:
                at = line.partition(b'"timestamp":"')[2].partition(b'"')[0].decode()
                print(now, at, flush=False)
except (TimeoutError, OSError):
    pass
"""
LISTENER = """
import redis, sys, time
client = redis.from_url(sys.argv[1], socket_timeout=None); channel = client.pubsub(); channel.subscribe("floor")
print("connected", flush=True)
for message in channel.listen():
    if message["type"] == "message":
        if message["data"] == b"end":
            break
        print(time.monotonic_ns() - int(message["data"]))
"""


class Metronome(SimulatedFeed):
    """The simulated market, one step every PAUSE_S once it is warm; notes when each was handed over."""

    def __init__(self, steps: int) -> None:
        super().__init__(SimulatedOptions(speed=1.0, lookback_ms=86_400_000), clock=SystemClock())
        self.released: dict[int, int] = {}
        self.when_warm: Callable[[], None] = lambda: None
        self._left = WARM_STEPS + steps

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """A bounded number of steps of the past, paced by us."""
        async for step in super().steps(after_ms):
            self._left -= 1
            if self._left < 0:
                return
            if len(self.released) == WARM_STEPS:
                await asyncio.sleep(1)
                self.when_warm()
            if len(self.released) >= WARM_STEPS:
                await asyncio.sleep(PAUSE_S)
            self.released[step.at_ms] = time.monotonic_ns()
            yield step


class Subscribing(Silent):
    """Remembers where the page is, and starts the subscriber when the market is warm."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self._address = ("", "")

    def started(self, facts: object) -> None:
        """The house is up."""
        assert isinstance(facts, StartUp)
        assert facts.url is not None
        host, _, port = facts.url.rpartition("//")[2].partition(":")
        self._address = (host, port)

    def subscribe(self) -> None:
        """Start the second process; returns when it is connected."""
        arguments = [sys.executable, "-c", SUBSCRIBER, *self._address, "/v1/signals/stream", "120"]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.process.stdout.readline()


def signal_latencies(steps: int) -> tuple[list[float], int]:
    """(milliseconds from close to each signal's arrival, steps that had signals)."""
    feed = Metronome(steps)
    subscribing = Subscribing()
    feed.when_warm = subscribing.subscribe

    async def find(settings: Settings, clock: SystemClock) -> FoundFeed:
        await feed.open()
        return FoundFeed(feed, "latency", "")

    with tempfile.TemporaryDirectory() as data_dir:
        settings = Settings(data_dir=Path(data_dir), feed=FeedSettings(kind="simulated"), api=ApiSettings(port=0))
        asyncio.run(
            up(settings, roles=frozenset({"feed", "worker", "api"}), console=subscribing, exit_at_end=True, find=find)
        )
    assert subscribing.process is not None
    lines, _ = subscribing.process.communicate(timeout=30)
    measured = sorted(feed.released)[WARM_STEPS:]
    latencies, seen = list[float](), set[int]()
    for line in lines.splitlines():
        at_ns, _, stamp = line.partition(" ")
        at_ms = int(datetime.fromisoformat(stamp).timestamp() * 1000)
        if at_ms in measured:
            latencies.append((int(at_ns) - feed.released[at_ms]) / 1e6)
            seen.add(at_ms)
    return latencies, len(seen)


def redis_latencies() -> list[float]:
    """Milliseconds from PUBLISH to a subscriber in another process."""
    with tempfile.TemporaryDirectory() as data_dir:
        server = start_valkey(Path(data_dir))
        try:
            listening = subprocess.Popen(
                [sys.executable, "-c", LISTENER, server.url], stdout=subprocess.PIPE, text=True
            )
            assert listening.stdout is not None
            listening.stdout.readline()
            with redis.from_url(server.url) as client:
                for _ in range(PINGS):
                    client.publish("floor", str(time.monotonic_ns()))
                    time.sleep(0.001)
                client.publish("floor", "end")
            lines, _ = listening.communicate(timeout=30)
        finally:
            server.stop()
    return [int(line) / 1e6 for line in lines.split()]


def percentile(values: Sequence[float], share: float) -> float:
    """The value under which `share` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Run both and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=150, help="steps of 80 candles to measure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signals, steps = signal_latencies(options.steps)
    floor = redis_latencies()
    figures: dict[str, Any] = {
        name: {"n": len(values), "p50_ms": percentile(values, 0.5), "p99_ms": percentile(values, 0.99)}
        for name, values in (("close -> signal at subscriber", signals), ("Redis publish -> receive", floor))
    }
    if options.json:
        print(json.dumps(figures))
        return
    print(f"{steps} of {options.steps} steps of 80 candles had signals")
    for name, figure in figures.items():
        print(f"{name:<30} p50 {figure['p50_ms']:7.2f} ms   p99 {figure['p99_ms']:7.2f} ms   n = {figure['n']:,}")


if __name__ == "__main__":
    main()
