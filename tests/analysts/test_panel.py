"""The rule-based panel votes stances: the last setup while it is alive, at the price of the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pytest

from quorate.analysts.base import ExitRules, Setups, no_setups
from quorate.analysts.lookout import Lookout
from quorate.analysts.panel import RulePanel, Stance, flat, stance, trend_of, vote_at
from quorate.domain.candle import Candle
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.policy import CouncilPolicy, Pacing
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars
from tests.analysts.synthetic import MARKET, NoParameters

D = Decimal


@dataclass(frozen=True)
class Once:
    """A strategy with one setup: stop 10 away, final target 20 away."""

    row: int
    side: int = 1

    name: ClassVar[str] = "once"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(D("0.5"), D(1)))
    pacing: ClassVar[Pacing] = Pacing()
    parameters: NoParameters = field(default_factory=NoParameters)
    timeframe: str = "1h"
    warm_up: int = 1

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        if self.side == 0:
            raise RuntimeError("out of order")
        if not since <= self.row < len(bars):
            return no_setups(2)
        return Setups(
            rows=np.array([self.row]),
            side=np.array([self.side], np.int8),
            confidence=np.array([0.7]),
            entry=np.array([100.0]),
            stop=np.array([100.0 - 10 * self.side]),
            targets=(np.array([100.0 + 10 * self.side]), np.array([100.0 + 20 * self.side])),
        )

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        return f"{side} it is."


def still(count: int, *, timeframe: str = "1h", **extremes: tuple[int, float]) -> Bars:
    """Bars that stand at 100, but for one high or low."""
    columns = {name: np.full(count, 100.0) for name in ("open", "high", "low", "close")}
    for name, (row, price) in extremes.items():
        columns[name][row] = price
    length = {"1h": 3_600_000, "5m": 300_000}[timeframe]
    return Bars("SOL/USDT", timeframe, np.arange(count) * length, **columns, volume=np.ones(count))


def held(bars: Bars, strategy: Once, *, context: tuple[int, int] = (0, 0)) -> Stance:
    return stance(strategy, bars, MARKET, bars_max=24, context=context)


def test_a_setup_is_held_for_twenty_four_bars_and_no_longer():
    assert held(still(50), Once(49)).side is Side.LONG
    assert held(still(50), Once(25)) == Stance(
        Side.LONG, D("0.7"), D("90.00"), D("120.00"), "LONG it is. (24 bars ago; 4h is unknown, 1d is unknown)"
    )
    assert held(still(50), Once(24)).side is Side.FLAT


@pytest.mark.parametrize(
    ("bars", "side", "alive"),
    [
        (still(50, low=(45, 90.0)), 1, False),
        (still(50, low=(45, 90.01)), 1, True),
        (still(50, high=(45, 120.0)), 1, False),
        (still(50, high=(45, 119.99)), 1, True),
        (still(50, low=(40, 80.0)), 1, True),  # inside the setup's own bar: it was not in yet
        (still(50, high=(45, 110.0)), -1, False),
        (still(50, low=(45, 80.0)), -1, False),
        (still(50, low=(45, 80.01), high=(46, 109.99)), -1, True),
    ],
)
def test_a_stance_dies_when_a_later_bar_touches_its_stop_or_final_target(bars: Bars, side: int, alive: bool):
    assert (held(bars, Once(40, side)).side is not Side.FLAT) == alive


@pytest.mark.parametrize(
    ("side", "context", "confidence"),
    [(1, (1, 1), "0.80"), (1, (1, -1), "0.70"), (-1, (1, 1), "0.60"), (-1, (0, -1), "0.75"), (1, (0, 0), "0.7")],
)
def test_higher_timeframes_raise_and_lower_the_confidence(side: int, context: tuple[int, int], confidence: str):
    assert held(still(50), Once(49, side), context=context).confidence == D(confidence)


def test_context_is_the_side_of_the_averages():
    rising = replace(still(80), close=np.linspace(50, 100, 80))
    assert trend_of(rising) == 1
    assert trend_of(replace(rising, close=rising.close[::-1].copy())) == -1
    assert trend_of(rising.tail(49)) == 0
    assert trend_of(still(80)) == 0


@pytest.mark.parametrize(
    ("price", "side", "reason"),
    [
        ("100", Side.LONG, "why"),
        ("103.63", Side.LONG, "why"),
        ("103.64", Side.FLAT, "Only 1.20 of reward"),
        ("110", Side.FLAT, "Only 0.50 of reward for each 1 of risk"),
        ("90", Side.FLAT, "Price has left"),
        ("120", Side.FLAT, "Price has left"),
    ],
)
def test_a_vote_needs_reward_that_is_worth_its_risk_at_the_price_of_the_moment(price: str, side: Side, reason: str):
    mine = Stance(Side.LONG, D("0.7"), D(90), D(120), "why")
    vote = vote_at(D(price), mine, analyst="once", pair="SOL/USDT", reward_risk_min=D("1.2"))
    assert vote.side is side
    assert vote.reason.startswith(reason)
    if side is Side.LONG:
        assert (vote.entry, vote.stop, vote.target) == (D(price), D(90), D(120))
    else:
        assert (vote.entry, vote.stop, vote.target, vote.confidence, vote.abstained) == (None, None, None, 0, False)


def test_a_short_is_mirrored():
    mine = Stance(Side.SHORT, D("0.7"), D(110), D(80), "why")
    assert vote_at(D(100), mine, analyst="a", pair="p", reward_risk_min=D("1.2")).side is Side.SHORT
    assert vote_at(D(110), mine, analyst="a", pair="p", reward_risk_min=D("1.2")).side is Side.FLAT
    assert vote_at(D(80), flat("none"), analyst="a", pair="p", reward_risk_min=D("1.2")).reason == "none"


def step_at(place: int, ticks: int) -> Step:
    candle = Candle("SOL/USDT", "5m", place * 300_000, ticks, ticks, ticks, ticks, 1.0)
    return Step(candle.close_ms, (candle,))


def hours(lookout: Lookout, count: int) -> list[Snapshot]:
    """Let `count` hours pass at a price of 100, in candles of five minutes."""
    return [lookout.observe(step_at(n, 10_000)) for n in range(12 * count)]


async def test_the_ballot_names_the_panel_and_holds_every_vote_by_pair_and_analyst():
    other = replace(MARKET, pair="ADA/USDT")
    lookout = Lookout([MARKET, other], "5m", [])
    panel = RulePanel(lookout, [Once(29)], CouncilPolicy(panel=("once",)))
    snapshot = hours(lookout, 30)[-1]
    ballot = await panel.vote(snapshot, slot="s")
    assert (ballot.slot, ballot.at_ms, ballot.panel) == ("s", snapshot.at_ms, ("once",))
    assert [(vote.pair, vote.side) for vote in ballot.votes] == [("ADA/USDT", Side.FLAT), ("SOL/USDT", Side.LONG)]
    assert ballot.votes[0].reason == "No candle of this pair closed at this instant."
    assert ballot.votes[1].entry == D("100.00")
    # A setup that another bar has made older is still the same stance; the vote follows the price.
    snapshot = lookout.observe(step_at(12 * 30, 10_200))
    again = await panel.vote(snapshot, slot="t")
    assert again.votes[1].entry == D("102.00")
    assert again.votes[1].reason == ballot.votes[1].reason


async def test_an_analyst_that_fails_abstains_and_says_why():
    lookout = Lookout([MARKET], "5m", [])
    panel = RulePanel(lookout, [Once(0, side=0)], CouncilPolicy(panel=("once",)))
    (vote,) = (await panel.vote(hours(lookout, 3)[-1], slot="s")).votes
    assert (vote.side, vote.abstained) == (Side.FLAT, True)
    assert "RuntimeError: out of order" in vote.reason


async def test_an_analyst_whose_bars_the_feed_does_not_give_votes_flat():
    lookout = Lookout([MARKET], "5m", [])
    panel = RulePanel(lookout, [Once(0, timeframe="1m")], CouncilPolicy(panel=("once",)))
    (vote,) = (await panel.vote(hours(lookout, 1)[-1], slot="s")).votes
    assert vote.reason == "The feed gives no 1m bars."


def test_a_panel_with_an_analyst_nobody_knows_is_refused():
    with pytest.raises(BadInput, match="The panel names oracle"):
        RulePanel(Lookout([MARKET], "5m", []), [Once(0)], CouncilPolicy(panel=("once", "oracle")))
