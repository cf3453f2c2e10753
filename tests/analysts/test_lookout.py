"""The lookout: the same snapshots after a restart, and no strategy can take it down."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.analysts.bar_reaction import BarReaction
from quorate.analysts.base import ExitRules, Setups
from quorate.analysts.lookout import Lookout
from quorate.analysts.panel import RulePanel
from quorate.analysts.registry import STRATEGIES, make_strategy
from quorate.domain.market import Market
from quorate.domain.policy import Costs, CouncilPolicy, Pacing
from quorate.domain.votes import EntryKind, MarketRegime, Side
from quorate.kernel.bars import Bars
from tests.analysts.synthetic import MadeUpFeed, NoParameters, wild_bars
from tests.examples import tried

MARKETS = [
    Market("BTC/USDT", Decimal("0.1"), Decimal("0.001"), Decimal(5), 200),
    Market("DOGE/USDT", Decimal("0.00001"), Decimal(1), Decimal(5), 800),
]
HOUR_MS = 3_600_000


def feed_of(seed: int, count: int) -> MadeUpFeed:
    columns = {
        market.pair: wild_bars(seed + place, count, market=market, price=price)
        for place, (market, price) in enumerate(zip(MARKETS, (60_000.0, 0.2), strict=True))
    }
    # Enough volume for the notional gate on the cheap coin too.
    doge = columns["DOGE/USDT"]
    return MadeUpFeed(columns | {"DOGE/USDT": replace(doge, volume=doge.volume * 1_000)}, MARKETS)


def lookout_of(feed: MadeUpFeed) -> Lookout:
    return Lookout(feed.markets, feed.timeframe, [make_strategy(name, costs=Costs()) for name in STRATEGIES])


def panel_of(lookout: Lookout) -> RulePanel:
    policy = CouncilPolicy()
    return RulePanel(lookout, [make_strategy(name, costs=Costs()) for name in policy.panel], policy)


@tried(6)
@given(seed=st.integers(0, 2**20), cut=st.integers(1, 290))
async def test_a_lookout_that_was_killed_and_warmed_again_sees_and_votes_the_same(seed: int, cut: int):
    feed = feed_of(seed, 3_300)
    origin_ms = 3_000 * 300_000 + 300_000 * 7
    steps = feed.steps(origin_ms)
    whole, resumed = lookout_of(feed), lookout_of(feed)
    await whole.warm(feed, origin_ms=origin_ms, resume_ms=origin_ms)
    await resumed.warm(feed, origin_ms=origin_ms, resume_ms=steps[cut - 1].at_ms)
    first, second = panel_of(whole), panel_of(resumed)
    for place, step in enumerate(steps):
        snapshot = whole.observe(step)
        ballot = await first.vote(snapshot, slot="1") if step.at_ms % 600_000 == 0 else None
        if place >= cut:
            assert resumed.observe(step) == snapshot
            if ballot is not None:
                assert await second.vote(snapshot, slot="1") == ballot


async def test_a_snapshot_holds_the_facts_of_every_setup_and_of_the_council():
    feed = feed_of(5, 3_600)
    lookout = lookout_of(feed)
    origin_ms = 3_000 * 300_000
    await lookout.warm(feed, origin_ms=origin_ms, resume_ms=origin_ms)
    seen = 0
    for step in feed.steps(origin_ms):
        snapshot = lookout.observe(step)
        names = [(setup.pair, setup.strategy) for setup in snapshot.setups]
        assert names == sorted(names)
        assert set(snapshot.regimes) == set(lookout.markets)
        for setup in snapshot.setups:
            facts = snapshot.facts[setup.pair, setup.timeframe]
            assert facts.pair == setup.pair
            assert facts.atr_14 is not None
            assert facts.rsi_14 is not None
            assert facts.volume_ratio is not None
            assert facts.close % lookout.markets[setup.pair].tick == 0
            seen += 1
        for pair in lookout.markets:
            assert snapshot.facts[pair, "1h"].regime is snapshot.regimes[pair]
        assert "2 pairs are over their SMA 50 on 4h; BTC is" in snapshot.market_why
    assert seen > 20
    assert lookout.troubles == {}
    assert lookout.silent == {}


async def test_a_step_that_fills_a_gap_moves_the_windows_but_brings_no_setups():
    feed = feed_of(5, 3_600)
    origin_ms = 3_000 * 300_000
    fresh, stale = lookout_of(feed), lookout_of(feed)
    for lookout in (fresh, stale):
        await lookout.warm(feed, origin_ms=origin_ms, resume_ms=origin_ms)
    for step in feed.steps(origin_ms):
        left, right = fresh.observe(step), stale.observe(replace(step, fresh=False))
        assert right.setups == ()
        assert (left.regimes, left.market_why) == (right.regimes, right.market_why)


async def test_without_history_everything_is_unknown_and_nothing_breaks():
    feed = feed_of(1, 40)
    lookout = lookout_of(feed)
    snapshots = [lookout.observe(step) for step in feed.steps(0)]
    assert {regime.value for regime in snapshots[-1].regimes.values()} == {"NEUTRAL"}
    assert snapshots[-1].market_regime is MarketRegime.NEUTRAL
    assert "breadth is not known yet" in snapshots[-1].market_why
    ballot = await panel_of(lookout).vote(snapshots[-1], slot="1")
    assert {vote.side for vote in ballot.votes} == {Side.FLAT}
    assert snapshots[-1].facts["BTC/USDT", "1h"].rsi_14 is None


@dataclass(frozen=True)
class Saboteur:
    """A user's strategy that fails in the way it is told to."""

    way: str

    name: ClassVar[str] = "saboteur"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal(1),))
    pacing: ClassVar[Pacing] = Pacing()
    parameters: NoParameters = field(default_factory=NoParameters)
    timeframe: str = "5m"
    warm_up: int = 1

    def quick(self, bars: Bars, market: Market) -> bool:
        if self.way == "quick":
            raise KeyError("volume")
        return True

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        assert self.way != "assert", "this can never happen"
        return cast("Setups", bars)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        return ""


@pytest.mark.parametrize("way", ["quick", "assert", "shape"])
async def test_a_strategy_that_fails_is_named_and_put_aside_while_the_others_go_on(way: str):
    feed = feed_of(5, 3_300)
    origin_ms = 3_000 * 300_000
    notes: list[str] = []
    lookout = Lookout(feed.markets, "5m", [Saboteur(way), BarReaction()], note=notes.append)
    alone = Lookout(feed.markets, "5m", [BarReaction()])
    for each in (lookout, alone):
        await each.warm(feed, origin_ms=origin_ms, resume_ms=origin_ms)
    steps = feed.steps(origin_ms)
    assert [lookout.observe(step).setups for step in steps] == [alone.observe(step).setups for step in steps]
    trouble = lookout.troubles["saboteur"]
    assert trouble.count == 2 * len(steps)
    assert trouble.at_ms == steps[-1].at_ms
    assert "saboteur" in trouble.message
    assert notes[0].startswith(trouble.message.partition(" on ")[0]), "a log that nobody floods"
    assert [note.rpartition(" It has failed ")[2].partition(" ")[0] for note in notes[1:]] == ["10", "100"]


def test_a_strategy_below_the_feeds_timeframe_is_silent_and_says_so():
    lookout = Lookout(MARKETS, "1h", [BarReaction()])
    assert lookout.silent == {"bar_reaction": "It reads 5m bars; the feed gives 1h and longer."}
    assert lookout.pacing["bar_reaction"].per_hour_max == 6
