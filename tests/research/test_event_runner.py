"""The event runner makes the trades of a desk that looks at every candle, and looks at far fewer."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from quorate.analysts.base import Strategy
from quorate.analysts.evaluating import RuleEvaluator
from quorate.analysts.lookout import Lookout
from quorate.analysts.registry import make_strategy
from quorate.desk.desk import Desk
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.policy import DeskPolicy
from quorate.domain.signals import Mode
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.event_runner import EventRun, run_events
from quorate.venues.paper import PaperVenue
from tests.analysts.synthetic import MadeUpFeed, wild_bars

DAY_MS = 86_400_000
SOL = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)
BTC = Market("BTC/USDT", Decimal("0.01"), Decimal("0.00001"), Decimal(5), 200)
NAMES = ("bar_reaction", "breakout", "mean_reversion", "rsi_reversal")
BARS = 288 * 12
START_MS = 4 * DAY_MS


def charter(strategies: Sequence[Strategy]) -> Charter:
    policy = DeskPolicy(strategies=NAMES)
    policy = replace(policy, breakers=replace(policy.breakers, rearm="weekly"))
    return Charter(
        account="research",
        mode=Mode.PAPER,
        feed_kind="replay",
        timeframe="5m",
        paced=False,
        policy=policy,
        pacing={strategy.name: strategy.pacing for strategy in strategies},
        venue=PaperVenue(policy.costs),
        scanner_cron="*/10 * * * *",
        monitor_cron="*/2 * * * *",
        evaluator_cron="*/30 * * * *",
        optimizer_cron="0 */6 * * *",
    )


def strategies() -> list[Strategy]:
    return [make_strategy(name, costs=DeskPolicy().costs) for name in NAMES]


def bars() -> dict[str, Bars]:
    return {
        market.pair: wild_bars(seed, BARS, market=market, price=price)
        for seed, (market, price) in enumerate([(BTC, 60_000.0), (SOL, 150.0)], 7)
    }


def every_candle(columns: dict[str, Bars], members: Sequence[Strategy]) -> list[ev.Event]:
    """What a desk behind a lookout does, one step after the other."""
    feed = MadeUpFeed(columns, [BTC, SOL])
    lookout = Lookout([BTC, SOL], "5m", members)
    asyncio.run(lookout.warm(feed, origin_ms=START_MS, resume_ms=START_MS))
    desk, events = Desk(charter(members)), list[ev.Event]()
    rules = RuleEvaluator(lookout, DeskPolicy().costs)
    events += desk.open([BTC, SOL], "")
    for step in feed.steps(START_MS):
        snapshot = lookout.observe(step)
        slot = desk.evaluator_slot(step.at_ms)
        held = desk.state.positions
        positions = [held[pair][name] for pair in sorted(held) for name in sorted(held[pair])]
        judged = None if slot is None else rules.judge(snapshot, slot=slot, positions=positions)
        events += desk.step(snapshot, None, judged)
    return events


def of_kind(events: Sequence[ev.Event], kind: type) -> list[ev.Event]:
    return [event for event in events if isinstance(event, kind)]


def test_it_trades_as_the_desk_that_looks_at_every_candle() -> None:
    columns, members = bars(), strategies()
    whole = every_candle(columns, members)
    run = EventRun(
        charter=charter(members),
        strategies=members,
        columns={
            pair: Columns.of(each, market)
            for market in (BTC, SOL)
            for pair, each in [(market.pair, columns[market.pair])]
        },
        markets={market.pair: market for market in (BTC, SOL)},
        start_ms=START_MS,
        keep_events=True,
    )
    result = run_events(run)
    for kind in (ev.TradeClosed, ev.OrderFilled, ev.OrderDenied, ev.OptimizationChanged, ev.BreakerChanged):
        assert of_kind(result.events, kind) == of_kind(whole, kind), kind.__name__
    published = [replace(event.signal, snapshot="") for event in of_kind(whole, ev.SignalPublished)]  # type: ignore[attr-defined]
    assert [replace(signal, snapshot="") for signal in result.signals] == published
    assert len(result.trades) > 50, "there must be something to compare"
    assert not result.faults
