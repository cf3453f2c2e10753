"""Whole searches over a synthetic year of 5m candles on one core: a sweep with its log and its tests of luck, and a
walk-forward of twelve windows with its choosing, applying and random choosers.

`python -m benchmarks.bench_search [--quick]` prints CPU times. The floor is what the same runs take without figures,
days, windows or a log (`research.grid`).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.bench_runner import BARS, FEES, MARKET, year
from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.research.columns import Columns
from quorate.research.compiled import warm
from quorate.research.grid import Point as GridPoint
from quorate.research.grid import over_grid
from quorate.research.materials import Materials
from quorate.research.pools import OwnProcess
from quorate.research.space import Axis, Point, Space
from quorate.research.spans import Terms
from quorate.research.sweep import Choice, Sweep, run_sweep
from quorate.research.trial_log import TrialLog
from quorate.research.trials import Record, StrategySpec, Task, identity_of
from quorate.research.walk_forward import Walk, run_walk
from quorate.research.windows import Layout, windows_of

AIM_WALK_S, AIM_SWEEP_S = 30.0, 3.0
MINUTES_5 = 300_000
SPEC = StrategySpec(name="breakout", parameters={"timeframe": "5m"})


def unheard(*, done: int, total: int, newest: Sequence[tuple[Point, Record]]) -> None:
    """Nobody watches."""


def never() -> bool:
    return False


def space_of(points: int) -> Space:
    stops = tuple(0.5 + 0.1 * step for step in range(40))
    return Space(
        (Axis(name="channel", values=tuple(range(10, 10 + points // 40))), Axis(name="stop_atr", values=stops))
    )


def logged(task: Task, columns: Columns, folder: str) -> TrialLog:
    return TrialLog(Path(folder) / "trials.jsonl", identity_of(task, {MARKET.pair: columns}))


def told(name: str, seconds: float, aim: str, note: str) -> None:
    print(f"{name:<46} {seconds:7.2f} s CPU   aim {aim:<8} {note}")


def main() -> None:
    """Measure and print."""
    points = 200 if "--quick" in sys.argv else 1_000
    warm()
    columns, space = Columns.of(year(1), MARKET), space_of(points)
    held = Materials(
        columns={MARKET.pair: columns},
        markets={MARKET.pair: MARKET},
        start_ms=0,
        end_ms=BARS * MINUTES_5,
        source="made up",
    )
    terms, choice = Terms(costs=FEES), Choice(space=space)

    def make(point: GridPoint) -> Breakout:
        return Breakout(parameters=BreakoutParameters(timeframe="5m", **point))  # pyright: ignore[reportArgumentType]

    begun = time.process_time()
    over_grid(make, list(space.grid()), columns.forgetful(), MARKET, costs=FEES)
    told(f"floor: {points:,} bare runs", time.process_time() - begun, "-", "partial exits and trailing, with fees")
    with tempfile.TemporaryDirectory() as folder:
        sweep = Sweep(strategy=SPEC, materials=held, terms=terms, choice=choice)
        log = logged(sweep.task, columns, folder)
        begun = time.process_time()
        found = run_sweep(sweep, OwnProcess(sweep.task, held.columns), log, told=unheard, stop=never)
        seconds = time.process_time() - begun
        log.close()
    luck = "-" if found.deflated is None else f"{found.deflated.luck:.3f}"
    told(f"sweep of {points:,} points, whole", seconds, "< 3 s", f"luck of the best {luck}, {found.tried:,} tries")
    with tempfile.TemporaryDirectory() as folder:
        windows = windows_of(Layout(), start_ms=0, end_ms=held.end_ms, step_ms=MINUTES_5)
        walk = Walk(strategy=SPEC, materials=held, terms=terms, choice=choice, windows=windows)
        log = logged(walk.task, columns, folder)
        begun = time.process_time()
        run_walk(walk, OwnProcess(walk.task, held.columns), log, told=unheard, stop=never)
        seconds = time.process_time() - begun
        log.close()
    told(
        f"walk-forward of {points:,} points, {len(windows)} windows",
        seconds,
        "≤ 30 s",
        "rolling, choosing and applying",
    )


if __name__ == "__main__":
    main()
