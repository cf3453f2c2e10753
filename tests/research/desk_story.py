"""A desk on made-up candles with the rule panel in its council, and the journal it leaves: no database, no clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from quorate.analysts.base import Strategy
from quorate.analysts.evaluating import RuleEvaluator
from quorate.analysts.lookout import Lookout
from quorate.analysts.panel import RulePanel
from quorate.analysts.registry import make_strategy
from quorate.desk import evaluator
from quorate.desk.desk import Desk
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.policy import CouncilPolicy, DeskPolicy
from quorate.domain.signals import Mode
from quorate.domain.snapshot import Step
from quorate.journal.codec import encode
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.materials import Materials
from quorate.research.rerun import Recording, Seats
from quorate.venues.paper import PaperVenue
from tests.analysts.synthetic import MadeUpFeed, wild_bars
from tests.research.test_event_runner import BTC, SOL

DAY_MS = 86_400_000
NAMES = ("bar_reaction", "breakout", "mean_reversion")
BARS = 288 * 6
START_MS = 4 * DAY_MS
MARKETS = {market.pair: market for market in (BTC, SOL)}
POLICY = DeskPolicy(strategies=NAMES, council=CouncilPolicy(cooldown_ms=7_200_000, cooldown_after_loss_ms=7_200_000))


@dataclass(frozen=True)
class Kept:
    """An entry of this journal."""

    id: str
    kind: str
    at_ms: int
    event: ev.Event
    body: bytes

    def saying(self, event: ev.Event) -> Kept:
        """The same entry with another event in it."""
        return replace(self, kind=type(event).__name__, event=event, body=encode(event))


def members(policy: DeskPolicy = POLICY, **parameters: Any) -> list[Strategy]:
    """The strategies that publish."""
    return [make_strategy(name, costs=policy.costs, parameters=parameters.get(name)) for name in policy.strategies]


def charter_of(policy: DeskPolicy = POLICY, *, paced: bool = False) -> Charter:
    policy = replace(policy, breakers=replace(policy.breakers, rearm="weekly"))
    return Charter(
        account="story",
        mode=Mode.PAPER,
        feed_kind="replay",
        timeframe="5m",
        paced=paced,
        policy=policy,
        pacing={strategy.name: strategy.pacing for strategy in members(policy)},
        venue=PaperVenue(policy.costs),
        scanner_cron="*/10 * * * *",
        monitor_cron="*/2 * * * *",
        evaluator_cron="*/30 * * * *",
        optimizer_cron="0 */6 * * *",
    )


def made_columns() -> dict[str, Bars]:
    return {
        market.pair: wild_bars(seed, BARS, market=market, price=price)
        for seed, (market, price) in enumerate([(BTC, 60_000.0), (SOL, 150.0)], 21)
    }


def feed_of(columns: dict[str, Bars]) -> MadeUpFeed:
    return MadeUpFeed(columns, [BTC, SOL])


async def seats(columns: dict[str, Bars], strategies: Sequence[Strategy], from_ms: int) -> tuple[Seats, Lookout]:
    lookout = Lookout([BTC, SOL], "5m", strategies)
    await lookout.warm(feed_of(columns), origin_ms=START_MS, resume_ms=from_ms)
    panel = POLICY.council.panel
    # Of shorter bars than usual, so that a few days hold enough agreement.
    analysts = [make_strategy(name, costs=POLICY.costs, parameters={"timeframe": "15m"}) for name in panel]
    council = RulePanel(lookout, analysts, POLICY.council)
    return Seats(lookout, panel, council, RuleEvaluator(lookout, POLICY.costs)), lookout


def story(*, paced: bool = False, by_hand: bool = False) -> list[Kept]:
    """What a desk writes down that goes through all candles; `by_hand` lets a person run jobs in between."""
    return asyncio.run(_story(paced=paced, by_hand=by_hand))


async def _story(*, paced: bool, by_hand: bool) -> list[Kept]:
    columns = made_columns()
    desk = Desk(charter_of(paced=paced))
    kept: list[Kept] = []

    def write(events: Sequence[ev.Event], at_ms: int) -> None:
        for event in events:
            kept.append(Kept(f"1-{len(kept) + 1}", type(event).__name__, at_ms, event, encode(event)))

    begun = ev.WriterChanged(1)
    desk.replay(begun)
    write([begun, *desk.open([BTC, SOL], "digest")], START_MS)
    seated, lookout = await seats(columns, members(), START_MS)
    for count, step in enumerate(feed_of(columns).steps(START_MS)):
        snapshot = lookout.observe(step)
        slot, judging = desk.scanner_slot(step.at_ms), desk.evaluator_slot(step.at_ms)
        assert seated.council is not None
        ballot = None if slot is None else await seated.council.vote(snapshot, slot=slot)
        positions = evaluator.open_trades(desk.state)
        judged = None if judging is None else seated.evaluator.judge(snapshot, slot=judging, positions=positions)
        write(desk.step(snapshot, ballot, judged), step.at_ms)
        if by_hand and count % 500 == 100:
            by_now = await seated.council.vote(snapshot, slot=f"manual-{count}")
            write(desk.scan(snapshot, by_now)[1], step.at_ms)
            advice = seated.evaluator.judge(
                snapshot, slot=f"manual-{count}", positions=evaluator.open_trades(desk.state)
            )
            write(desk.evaluate(snapshot, advice)[1], step.at_ms)
            write(desk.optimize(snapshot, slot=f"manual-{count}")[1], step.at_ms)
            write(desk.fail("scanner", slot=f"manual-{count}b", at_ms=step.at_ms, error="too slow"), step.at_ms)
            quotes = ((BTC.pair, desk.state.marks[BTC.pair]),)
            at_ms = step.at_ms + 60_000
            write(desk.monitor(snapshot, slot=f"manual-{count}c", quotes=quotes, at_ms=at_ms)[1], at_ms)
    return kept


def recording_of(
    entries: Sequence[Kept],
    *,
    columns: dict[str, Bars] | None = None,
    paced: bool = False,
    strategies: Sequence[Strategy] | None = None,
    models_vote: bool = False,
) -> Recording:
    """The story as it is to be made again."""
    columns = columns or made_columns()
    steps = feed_of(columns).steps(START_MS)

    async def opening(desk: Desk, from_ms: int) -> Seats:
        seated, _ = await seats(columns, strategies or members(), from_ms)
        return replace(seated, rules=(), council=None) if models_vote else seated

    return Recording(
        entries=entries,
        desk=Desk(charter_of(paced=paced)),
        open=opening,
        steps=_delivered(steps),
        last_ms=steps[-1].at_ms,
        models_vote=models_vote,
        models_evaluate=False,
    )


async def _delivered(steps: Sequence[Step]) -> AsyncIterator[Step]:
    for step in steps:
        yield step


def materials_of(columns: dict[str, Bars] | None = None) -> Materials:
    columns = columns or made_columns()
    return Materials(
        columns={pair: Columns.of(bars, MARKETS[pair]) for pair, bars in columns.items()},
        markets=MARKETS,
        start_ms=START_MS,
        end_ms=int(columns[BTC.pair].close_ms[-1]),
        source="made up",
    )
