"""Whole searches over a synthetic year of 5m candles on one core: sweeps with their log and their tests of luck, a
walk-forward of twelve windows with its choosing, applying and random choosers, and both as a user starts them.

`python -m benchmarks.bench_search [--quick]` prints CPU times. The floor is a loop in doubles written by hand, once for
every point, without signals shared, figures, days, windows or a log: on a busy machine the ratio to it still holds.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import polars

from benchmarks.bench_runner import BARS, FEES, MARKET, best, by_hand, year
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.compiled import warm
from quorate.research.materials import Materials
from quorate.research.pools import OwnProcess
from quorate.research.space import Axis, Point, Space
from quorate.research.spans import Terms
from quorate.research.sweep import Choice, Sweep, run_sweep
from quorate.research.trial_log import TrialLog
from quorate.research.trials import Record, StrategySpec, Task, identity_of
from quorate.research.walk_forward import Walk, run_walk
from quorate.research.windows import Layout, windows_of

MINUTES_5 = 300_000
START_MS = 1_704_067_200_000
"""2024-01-01 00:00 UTC: candles in files are of some year."""
STOPS = 40
FIRST_CHANNEL = 10
STRATEGIES = Path(__file__).parent / "strategies"
SPECS = {
    "one stop, one target": StrategySpec(name="stop_target", folder=STRATEGIES),
    "parts and trailing": StrategySpec(name="breakout", parameters={"timeframe": "5m"}),
}
ROUNDS = 5


def unheard(*, done: int, total: int, newest: Sequence[tuple[Point, Record]]) -> None:
    """Nobody watches."""


def never() -> bool:
    return False


def space_of(points: int) -> Space:
    stops = tuple(0.5 + 0.1 * step for step in range(STOPS))
    channels = tuple(range(FIRST_CHANNEL, FIRST_CHANNEL + points // STOPS))
    return Space((Axis(name="channel", values=channels), Axis(name="stop_atr", values=stops)))


def logged(task: Task, columns: Columns, folder: str) -> TrialLog:
    return TrialLog(Path(folder) / "trials.jsonl", identity_of(task, {MARKET.pair: columns}))


def spent(work: Callable[[TrialLog], object], task: Task, columns: Columns) -> float:
    """CPU seconds of a search with a log of its own."""
    with tempfile.TemporaryDirectory() as folder:
        log = logged(task, columns, folder)
        begun = time.process_time()
        work(log)
        seconds = time.process_time() - begun
        log.close()
    return seconds


def sweep_of(spec: StrategySpec, held: Materials, space: Space) -> tuple[float, str]:
    """Seconds of a sweep, and what it said of luck."""
    sweep = Sweep(strategy=spec, materials=held, terms=Terms(costs=FEES), choice=Choice(space=space))
    said: list[str] = []

    def work(log: TrialLog) -> None:
        found = run_sweep(sweep, OwnProcess(sweep.task, held.columns), log, told=unheard, stop=never)
        said.append("-" if found.deflated is None else f"{found.deflated.luck:.3f}")

    return spent(work, sweep.task, held.columns[MARKET.pair]), said[0]


def walk_of(spec: StrategySpec, held: Materials, space: Space) -> float:
    """Seconds of a walk-forward."""
    windows = windows_of(Layout(), start_ms=held.start_ms, end_ms=held.end_ms, step_ms=MINUTES_5)
    walk = Walk(strategy=spec, materials=held, terms=Terms(costs=FEES), choice=Choice(space=space), windows=windows)

    def work(log: TrialLog) -> None:
        run_walk(walk, OwnProcess(walk.task, held.columns), log, told=unheard, stop=never)

    return spent(work, walk.task, held.columns[MARKET.pair])


def command(*words: str) -> tuple[float, float]:
    """CPU and wall seconds of a command, its start and its imports included."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    start = [sys.executable, "-c", "from quorate.cli.main import main; main()"]
    done = subprocess.run([*start, *words], check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"quorate {' '.join(words)}\n{done.stderr}")
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def commands(bars: Bars, points: int, tell: Callable[[str, float, str, str], None]) -> None:
    """The same as a user starts it: candles in a file, machine code in its cache, JSON out, one worker."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("open", "high", "low", "close", "volume")
        columns = {"ts": bars.open_ms + START_MS} | {name: getattr(bars, name) for name in names}
        polars.DataFrame(columns).write_parquet(Path(folder) / "binance_AAAUSDT_5m.parquet")
        settings = Path(folder) / "bench.toml"
        settings.write_text(f'[strategies]\nfolder = "{STRATEGIES}"\n')
        last = FIRST_CHANNEL + points // STOPS - 1
        shared = ("--pairs", "AAA/USDT", "--timeframe", "5m", "--data", folder, "--config", str(settings), "--json")
        space = ("--space", f"channel={FIRST_CHANNEL}:{last}:1", "--space", "stop_atr=0.5:4.4:0.1", "--workers", "1")
        test = ("backtest", "--strategy", "stop_target", "--no-baselines", "--data-dir", f"{folder}/state", *shared)
        command(*test)
        cpu, wall = min(command(*test) for _ in range(ROUNDS))
        tell("`quorate backtest`, JSON, no baselines, warm", cpu, "< 2 s", f"{wall:.2f} s wall")
        for number, verb in enumerate(("sweep", "walk-forward")):
            one = (verb, "--strategy", "stop_target", *space, "--data-dir", f"{folder}/search-{number}", *shared)
            cpu, wall = command(*one)
            tell(f"`quorate {verb}` of {points:,} points", cpu, ("< 3 s", "≤ 30 s")[number], f"{wall:.2f} s wall")


def main() -> None:
    """Measure and print."""
    points = 200 if "--quick" in sys.argv else 1_000
    warm()
    bars, space = year(1), space_of(points)
    columns = Columns.of(bars, MARKET)
    held = Materials(
        columns={MARKET.pair: columns},
        markets={MARKET.pair: MARKET},
        start_ms=0,
        end_ms=BARS * MINUTES_5,
        source="made up",
    )
    floor = best(lambda: by_hand(bars.high, bars.low, bars.open, bars.close, 20, 0.0005), 25)

    def tell(name: str, seconds: float, aim: str, note: str) -> None:
        ratio = seconds / (floor * points)
        print(f"{name:<58} {seconds:7.2f} s CPU {ratio:6.2f} × floor   aim {aim:<8} {note}", flush=True)

    tell(f"floor: a bare loop in doubles, {points:,} times", floor * points, "-", "stop and target, fees")
    for name, spec in SPECS.items():
        seconds, luck = sweep_of(spec, held, space)
        tell(f"sweep of {points:,} points, {name}", seconds, "< 3 s", f"luck of the best {luck}")
    for name, spec in SPECS.items():
        tell(f"walk-forward of {points:,} points, 12 windows, {name}", walk_of(spec, held, space), "≤ 30 s", "rolling")
    commands(bars, points, tell)


if __name__ == "__main__":
    main()
