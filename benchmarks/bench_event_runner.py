"""The event runner, which is the real desk with its journal in memory, beside the desk's own floor.

`python -m benchmarks.bench_event_runner [--quick] [--profile]` prints CPU times of one core, the best of some rounds:
a year of 5m candles on which no strategy speaks; one on which the breakout trades with its whole life cycle on 5m bars,
a signal every 23 candles; and one on which it trades as it comes, on 1h bars. The floor is the number of instants at
which the desk has something to do, times what one of them costs; what is passed over is marked, and costs little. The
profile shares the CPU time of a trading run between the parts of an instant.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar, cast

from benchmarks.bench_runner import BARS, MARKET, best, year
from quorate.analysts.base import ExitRules, Setups, Strategy, no_setups
from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.desk.turn import Charter
from quorate.domain.market import Market
from quorate.domain.policy import DeskPolicy, Pacing
from quorate.domain.signals import Mode
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.event_runner import EventResult, EventRun, run_events
from quorate.venues.paper import PaperVenue

AIM_IDLE, AIM_TRADING = 200e3, 50e3
FIRST = 1_000
"""Candles to warm up on."""
PARTS = {
    ("desk", "step"): "instants worked through by the desk, of which:",
    ("strategies", "hear_strategies"): "   strategies are heard: sizing, controls, signal, snapshot, shadow trade",
    ("bars", "work_bars"): "   bars are worked: fills, exits, shadow trades",
    ("optimizer", "run_optimizer"): "   the optimizer runs",
    ("marks", "close_step"): "   marks, worth, breakers, regimes",
    ("evaluator", "evaluate"): "   the position manager's advice",
    ("desk", "pass_over"): "instants that are passed over: marks, worth, breakers",
    ("event_runner", "_quiet"): "looking how far nothing is said or told",
    ("foresight", "regime"): "regimes, wherever they are asked for",
    ("foresight", "setup"): "setups made exact",
    ("foresight", "facts"): "facts of signals",
    ("turn", "emit"): "all events folded into the state, wherever they come from",
}
"""(module, function) of what takes the time, and what it is."""


@dataclass(frozen=True, slots=True)
class NoParameters:
    """Nothing to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """A strategy that never speaks."""

    parameters: NoParameters = field(default_factory=NoParameters)
    name: ClassVar[str] = "breakout"
    timeframe: ClassVar[str] = "5m"
    warm_up: ClassVar[int] = 50
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal(1),))
    pacing: ClassVar[Pacing] = Pacing()

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        return no_setups(1)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        return ""


def charter(strategy: Strategy) -> Charter:
    """A desk as it comes, with this strategy alone; its switches are armed again every week."""
    policy = DeskPolicy(strategies=(strategy.name,))
    policy = replace(policy, breakers=replace(policy.breakers, rearm="weekly"))
    return Charter(
        account="bench",
        mode=Mode.PAPER,
        feed_kind="replay",
        timeframe="5m",
        paced=False,
        policy=policy,
        pacing={strategy.name: strategy.pacing},
        venue=PaperVenue(policy.costs),
        scanner_cron="*/10 * * * *",
        monitor_cron="*/2 * * * *",
        evaluator_cron="*/30 * * * *",
        optimizer_cron="0 */6 * * *",
    )


def run_of(strategy: Strategy, columns: Columns) -> EventResult:
    """The desk over the columns, from after the warm-up on."""
    asked = EventRun(
        charter=charter(strategy),
        strategies=(strategy,),
        columns={MARKET.pair: columns.forgetful()},
        markets={MARKET.pair: MARKET},
        start_ms=int(columns.close_ms[FIRST]),
    )
    return run_events(asked)


def measured(name: str, strategy: Strategy, columns: Columns, aim: float, rounds: int) -> None:
    result = run_of(strategy, columns)
    seconds = best(lambda: run_of(strategy, columns), rounds)
    each = seconds / result.bars * 1e6
    cycle = f", {seconds / len(result.trades) * 1e6:,.0f} µs for each trade" if result.trades else ""
    print(f"{name:<12} {result.bars / seconds:10,.0f} bars/s   aim ≥ {aim:,.0f}   {each:.1f} µs a bar")
    print(
        f"{'':<12} {result.steps:,} of {result.bars:,} instants worked through, {result.passed:,} passed over; "
        f"{len(result.trades):,} trades, {len(result.signals):,} signals{cycle}"
    )


def shares(columns: Columns, strategy: Strategy) -> None:
    """Print how the time of a run is shared, by what the parts of an instant take, callees included."""
    run_of(strategy, columns)
    profile = cProfile.Profile(time.process_time)
    profile.runcall(run_of, strategy, columns)
    stats = pstats.Stats(profile)
    entries = cast("dict[tuple[str, int, str], tuple[int, int, float, float, object]]", vars(stats)["stats"])
    taken = {
        (Path(file).stem, function): (calls, total) for (file, _, function), (_, calls, _, total, _) in entries.items()
    }
    whole = taken["event_runner", "run_events"][1]
    for part, told in PARTS.items():
        calls, total = taken.get(part, (0, 0.0))
        print(f"{total / whole:6.1%}  {calls:7,} ×  {told}")
    stats.sort_stats("tottime").print_stats(45)


def main() -> None:
    """Measure and print."""
    quick = "--quick" in sys.argv
    bars = year(1).between(0, BARS // 8 if quick else BARS)
    columns, trading = Columns.of(bars, MARKET), Breakout(parameters=BreakoutParameters(timeframe="5m"))
    if "--profile" in sys.argv:
        shares(columns, trading)
        return
    measured("idle", cast("Strategy", Silent()), columns, AIM_IDLE, 3)
    measured("trading", trading, columns, AIM_TRADING, 2)
    measured("trading 1h", Breakout(), columns, AIM_TRADING, 2)


if __name__ == "__main__":
    main()
