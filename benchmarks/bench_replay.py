"""Replay of recorded candles through the whole desk with its journal: candles per second, memory, and what bounds it.

`python -m benchmarks.bench_replay [--days N]` reads seven coins of 5m candles from QUORATE_TEST_DATA; without such a
folder it makes lively synthetic ones. The floor in the same run: the same decisions with nothing written down.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from quorate.analysts.lookout import Lookout
from quorate.analysts.panel import RulePanel
from quorate.analysts.registry import make_strategy
from quorate.clock import SystemClock
from quorate.desk.desk import Desk
from quorate.desk.turn import Charter
from quorate.domain.policy import DeskPolicy
from quorate.domain.signals import Mode
from quorate.feeds.replay import ReplayFeed, ReplayOptions
from quorate.settings import FeedSettings, Settings, StoreSettings
from quorate.venues.paper import PaperVenue
from quorate.wiring import up
from quorate.wiring.tools import Silent
from tests.crash.made_candles import make_candles

PAIRS = ("ADA/USDT", "BNB/USDT", "BTC/USDT", "DOGE/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT")
POLICY = DeskPolicy()


@dataclass(frozen=True, slots=True)
class Parts:
    """CPU seconds of the in-memory run, by part."""

    candles: int
    feed_s: float
    lookout_s: float
    council_s: float
    desk_s: float

    @property
    def total_s(self) -> float:
        return self.feed_s + self.lookout_s + self.council_s + self.desk_s


async def in_memory(folder: Path, timerange: str) -> Parts:
    """The same decisions with nothing written down."""
    feed = ReplayFeed(
        ReplayOptions(folder=folder, pairs=PAIRS, timerange=timerange), costs=POLICY.costs, clock=SystemClock()
    )
    await feed.open()
    lookout = Lookout(feed.markets, feed.timeframe, [make_strategy(n, costs=POLICY.costs) for n in POLICY.strategies])
    panel = RulePanel(lookout, [make_strategy(n, costs=POLICY.costs) for n in POLICY.council.panel], POLICY.council)
    await lookout.warm(feed, origin_ms=feed.start_ms, resume_ms=feed.start_ms)
    desk = Desk(
        Charter(
            account="benchmark",
            mode=Mode.PAPER,
            feed_kind="replay",
            timeframe=feed.timeframe,
            paced=False,
            policy=replace(POLICY, breakers=replace(POLICY.breakers, rearm="weekly")),
            pacing=lookout.pacing,
            venue=PaperVenue(POLICY.costs),
            scanner_cron="*/10 * * * *",
            monitor_cron="*/2 * * * *",
            evaluator_cron="*/30 * * * *",
            optimizer_cron="0 */6 * * *",
        )
    )
    desk.open(feed.markets, "")
    spent = [0.0, 0.0, 0.0, 0.0]
    candles, mark = 0, time.thread_time()
    async for step in feed.steps(None):
        times = [mark, time.thread_time()]
        snapshot = lookout.observe(step)
        times.append(time.thread_time())
        slot = desk.scanner_slot(step.at_ms)
        ballot = await panel.vote(snapshot, slot=slot) if slot else None
        times.append(time.thread_time())
        desk.step(snapshot, ballot)
        times.append(time.thread_time())
        spent = [sum_ + later - sooner for sum_, sooner, later in zip(spent, times, times[1:], strict=False)]
        candles += len(step.candles)
        mark = time.thread_time()
    return Parts(candles, *spent)


def whole_desk(folder: Path, timerange: str) -> tuple[int, float, float, list[int]]:
    """(candles, wall seconds, CPU seconds of this process, resident MiB once a second) of `quorate up --exit`."""
    with tempfile.TemporaryDirectory() as data_dir:
        settings = Settings(
            data_dir=Path(data_dir),
            feed=FeedSettings(kind="replay", data=folder, pairs=PAIRS, timerange=timerange),
            desk=replace(POLICY, breakers=replace(POLICY.breakers, rearm="weekly")),
            store=StoreSettings(redis="off"),
        )
        sizes: list[int] = []
        ended = threading.Event()
        watcher = threading.Thread(target=_watch, args=(sizes, ended))
        watcher.start()
        cpu_s = time.process_time()
        summary = asyncio.run(up(settings, roles=frozenset({"feed", "worker"}), console=Silent(), exit_at_end=True))
        cpu_s = time.process_time() - cpu_s
        ended.set()
        watcher.join()
    assert summary is not None, "a replay that is to end has a summary"
    return summary.candles, summary.elapsed_s, cpu_s, sizes


def _watch(sizes: list[int], ended: threading.Event) -> None:
    while not ended.wait(1.0):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        sizes.append(pages * resource.getpagesize() // 2**20)


def main() -> None:
    """Run both and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=28, help="days to replay; 272 is all nine months")
    days = parser.parse_args().days
    named = os.environ.get("QUORATE_TEST_DATA")
    with tempfile.TemporaryDirectory() as made:
        if named:
            folder, first = Path(named), date(2025, 1, 1)
        else:
            folder, first = Path(made), date(2025, 1, 11)
            make_candles(folder, PAIRS, days=days + 10)
        timerange = f"{first:%Y%m%d}-{first + timedelta(days=days):%Y%m%d}"
        parts = asyncio.run(in_memory(folder, timerange))
        candles, wall_s, cpu_s, sizes = whole_desk(folder, timerange)
    print(f"{candles:,} candles, {'recorded' if named else 'synthetic'}, {timerange}")
    print(f"whole desk with journal   {candles / wall_s:8,.0f} candles/s   {cpu_s / wall_s:.0%} of one core here")
    print(f"decisions alone, memory   {parts.candles / parts.total_s:8,.0f} candles/s   the floor")
    shares = (
        ("feed", parts.feed_s),
        ("lookout", parts.lookout_s),
        ("council", parts.council_s),
        ("desk", parts.desk_s),
    )
    for name, seconds in (*shares, ("journal, log", cpu_s - parts.total_s)):
        print(f"  {name:<22} {seconds / candles * 1e6:8.1f} µs of CPU a candle")
    if len(sizes) > 3:
        print(f"memory: {sizes[len(sizes) // 4]} MiB after a quarter, {sizes[-1]} MiB at the end, {max(sizes)} at most")


if __name__ == "__main__":
    main()
