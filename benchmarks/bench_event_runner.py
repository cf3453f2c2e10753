"""The event runner, which is the real desk with its journal in memory, beside the desk's own floor.

`python -m benchmarks.bench_event_runner [--quick] [--profile]` prints CPU times of one core, the best of some rounds:
a year of 5m candles on which no strategy speaks, and one on which the breakout trades with its whole life cycle. The
floor is the number of instants at which the desk has something to do, times what one of them costs at the least.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
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
    each = seconds / max(result.steps, 1) * 1e6
    print(
        f"{name:<10} {result.bars / seconds:12,.0f} bars/s   aim ≥ {aim:,.0f}   {result.steps:,} of {result.bars:,} "
        f"instants looked at, {each:.0f} µs each; {len(result.trades):,} trades, {len(result.signals):,} signals"
    )


def main() -> None:
    """Measure and print."""
    quick = "--quick" in sys.argv
    bars = year(1).between(0, BARS // 8 if quick else BARS)
    columns, trading = Columns.of(bars, MARKET), Breakout(parameters=BreakoutParameters(timeframe="5m"))
    if "--profile" in sys.argv:
        run_of(trading, columns)
        profile = cProfile.Profile(time.process_time)
        profile.runcall(run_of, trading, columns)
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        return
    measured("idle", cast("Strategy", Silent()), columns, AIM_IDLE, 3)
    measured("trading", trading, columns, AIM_TRADING, 2)


if __name__ == "__main__":
    main()
