"""Funding on its way from sources into a desk: after the journal's last step, up to this one, once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from quorate.analysts.lookout import Lookout
from quorate.clock import SystemClock
from quorate.desk.desk import Desk
from quorate.desk.state import DeskState
from quorate.domain import events as ev
from quorate.domain.policy import STRATEGIES, DeskPolicy, PortfolioPolicy
from quorate.domain.signals import Tier
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Side
from quorate.feeds.context.settings import ContextSettings, DerivativesSettings
from quorate.feeds.simulation.settling import SyntheticFunding
from quorate.settings import Settings
from quorate.wiring.context import HOUR_MS, World
from quorate.wiring.council import Room, seat_council
from tests.desk.desks import BTC, ETH, FREE, MINUTE_5, Bench, bar, charter, of_kind, plan, setup

FLAT = "100 100 100 100"
EIGHT_MS = 8 * HOUR_MS
D = Decimal


@dataclass
class Feed:
    """As much of a feed as the wiring looks at."""

    kind: str
    key: str
    paced: bool = False
    timeframe: str = "5m"

    def now_ms(self) -> int:
        return 0


async def seated(settings: Settings, feed: Feed, state: Any, folder: Path, stack: AsyncExitStack) -> Any:
    """The lookout of a desk with the context of these settings."""
    lookout = Lookout([BTC, ETH], "5m", [])
    room = Room(lookout=lookout, source=cast("Any", feed), clock=SystemClock(), state=state, records=folder)
    return (await seat_council(settings, room, stack)).lookout


@dataclass
class Trader:
    """A desk that is fed through a lookout of the wiring, and can lose what it has not written."""

    lookout: Any
    bench: Bench
    journal: list[ev.Event] = field(default_factory=list[ev.Event])

    def observed(self, candles: Sequence[Any], at_ms: int) -> Snapshot:
        return self.lookout.observe(Step(at_ms, tuple(candles)))

    def step(self, prices: str = FLAT, *, setups: Sequence[Any] = (), skip_ms: int = 0) -> list[ev.Event]:
        self.bench.at_ms += MINUTE_5 + skip_ms
        candles = (bar(BTC.pair, self.bench.at_ms, prices), bar(ETH.pair, self.bench.at_ms, prices))
        context = self.observed(candles, self.bench.at_ms).context
        snapshot = replace(self.bench.snapshot(candles, setups), context=context)
        events = self.bench.desk.step(snapshot, None)
        self.journal += events
        return events


def perps() -> DeskPolicy:
    book = PortfolioPolicy(name="p", sources=(STRATEGIES,), tiers=(Tier.SINGLE,), base_share=D("0.40"), leverage=D(3))
    return DeskPolicy(portfolios=(book,), costs=FREE)


def recorded(folder: Path, first_ms: int) -> ContextSettings:
    stamps = [first_ms + n * EIGHT_MS for n in range(6)]
    frame = pl.DataFrame({"ts": stamps, "funding_rate": [0.0001 * (n + 1) for n in range(6)]})
    frame.write_parquet(folder / "binanceusdm_BTCUSDT_funding.parquet")
    return ContextSettings(derivatives=DerivativesSettings(kind="recorded", folder=folder))


async def trader(feed: Feed, context: ContextSettings, folder: Path, stack: AsyncExitStack) -> Trader:
    bench = Bench(Desk(charter(perps(), paced=False)))
    bench.events += bench.desk.open([BTC, ETH], "digest")
    lookout = await seated(Settings(data_dir=folder, context=context), feed, lambda: bench.state, folder, stack)
    made = Trader(lookout, bench, list(bench.events))
    made.step()
    made.step(setups=[setup(Side.LONG, "100", plan("80", ("150", "1")))])
    made.step()
    assert bench.state.position("p", BTC.pair) is not None
    return made


@pytest.mark.parametrize("hole", [0, 3])
async def test_a_replay_pays_recorded_funding_at_its_stamps_also_over_a_hole(tmp_path: Path, hole: int) -> None:
    start = Bench(Desk(charter(perps()))).at_ms
    async with AsyncExitStack() as stack:
        desk = await trader(Feed("replay", "replay-x"), recorded(tmp_path, start + EIGHT_MS), tmp_path, stack)
        if hole:
            desk.step(skip_ms=hole * EIGHT_MS)
        else:
            while desk.bench.at_ms < start + 3 * EIGHT_MS:
                desk.step()
        paid = of_kind(desk.journal, ev.FundingPaid)
    assert [one.at_ms for one in paid] == [start + EIGHT_MS * n for n in (1, 2, 3)]
    assert [one.rate for one in paid] == [D("0.0001"), D("0.0002"), D("0.0003")], "to nine decimals"
    assert {one.pair for one in paid} == {BTC.pair}, "nothing is known of ETH"
    state = desk.bench.state
    assert state.portfolios["p"].cash == 10_000 + sum(one.amount for one in paid)


async def test_a_desk_that_comes_back_settles_from_where_its_journal_ends(tmp_path: Path) -> None:
    start = Bench(Desk(charter(perps()))).at_ms
    context = recorded(tmp_path, start + EIGHT_MS)
    async with AsyncExitStack() as stack:
        whole = await trader(Feed("replay", "replay-x"), context, tmp_path, stack)
        while whole.bench.at_ms < start + EIGHT_MS:
            whole.step()
        assert len(of_kind(whole.journal, ev.FundingPaid)) == 1
        # The batch of the step that settled was lost, together with the process.
        lost = of_kind(whole.journal, ev.FundingPaid)[0]
        kept = whole.journal[: whole.journal.index(lost)]
        again = Bench(Desk(charter(perps(), paced=False)))
        for event in kept:
            again.desk.replay(event)
        again.at_ms = start + EIGHT_MS - MINUTE_5
        assert again.state.at_ms == again.at_ms
        settings = Settings(data_dir=tmp_path, context=context)
        lookout = await seated(settings, Feed("replay", "replay-x"), lambda: again.state, tmp_path, stack)
        lookout.observe(Step(again.at_ms, (), fresh=False))
        back = Trader(lookout, again)
        assert len(of_kind(back.step(), ev.FundingPaid)) == 1
        assert not of_kind(back.step(), ev.FundingPaid)
    assert again.state.portfolios["p"].cash == whole.bench.state.portfolios["p"].cash


async def test_the_simulated_market_settles_every_eight_hours_whichever_process_runs_it(tmp_path: Path) -> None:
    start = Bench(Desk(charter(perps()))).at_ms
    async with AsyncExitStack() as stack:
        desk = await trader(Feed("simulated", "simulated-7-5m-abcd"), ContextSettings(), tmp_path, stack)
        while desk.bench.at_ms < start + EIGHT_MS:
            desk.step()
        paid = of_kind(desk.journal, ev.FundingPaid)
        market = SyntheticFunding(7, (BTC.pair,))
        assert [(one.at_ms, one.rate) for one in paid] == [(start + EIGHT_MS, market.rates(start)[BTC.pair])]
        rates = desk.observed((), start + EIGHT_MS).context.funding
    assert rates is not None
    assert rates[BTC.pair] == market.rates(start + EIGHT_MS)[BTC.pair]


async def test_a_recording_beside_the_simulated_market_takes_the_place_of_its_funding(tmp_path: Path) -> None:
    start = Bench(Desk(charter(perps()))).at_ms
    async with AsyncExitStack() as stack:
        feed, context = Feed("simulated", "simulated-7-5m"), recorded(tmp_path, start + EIGHT_MS)
        desk = await trader(feed, context, tmp_path, stack)
        paid = of_kind(desk.step(skip_ms=EIGHT_MS), ev.FundingPaid)
    assert [float(one.rate) for one in paid] == [0.0001]


class Past:
    """Somebody who knows what was settled, and counts who asks."""

    def __init__(self, why: str = "") -> None:
        self.asked: list[tuple[tuple[str, ...], int, int]] = []
        self._why = why

    async def learn(self, pairs: tuple[str, ...], *, after_ms: int, until_ms: int, deadline_s: float) -> str:
        assert deadline_s > 0
        self.asked.append((pairs, after_ms, until_ms))
        return self._why


def world_that_asks(past: Past | None) -> World:
    @dataclass
    class Demand:
        past_funding: Any

    @dataclass
    class Board:
        on_demand: Any

    return World(cast("Any", None), cast("Any", Board(Demand(past))), (BTC.pair,))


async def test_a_desk_that_comes_back_learns_what_was_settled_on_what_it_holds_first_on_positions() -> None:
    past, state = Past("It cannot be reached."), DeskState("paper")
    world = world_that_asks(past)
    await world.catch_up(state, now_ms=EIGHT_MS)
    state.at_ms = HOUR_MS - 1
    await world.catch_up(state, now_ms=EIGHT_MS)
    assert past.asked == [], "nothing was held"
    state.positions = cast("Any", {ETH.pair: {"p": None}})
    state.shadows = cast("Any", {BTC.pair: {}, ETH.pair: {}})
    await world.catch_up(state, now_ms=HOUR_MS - 1)
    assert past.asked == [], "no full hour has passed"
    await world.catch_up(state, now_ms=EIGHT_MS)
    assert past.asked == [((ETH.pair,), HOUR_MS - 1, EIGHT_MS), ((BTC.pair,), HOUR_MS - 1, EIGHT_MS)]
    await world_that_asks(None).catch_up(state, now_ms=EIGHT_MS)
