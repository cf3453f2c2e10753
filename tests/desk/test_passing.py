"""Between its calm levels a trade stays as it is, and beyond any of them it does not."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from quorate.desk.passing import expiry_of
from quorate.desk.state import DeskState
from quorate.desk.walk import BEYOND, Calm, PlanTicks, Walk
from quorate.domain.candle import Candle
from quorate.rules import exits, margin

ROUND_TRIP_PPM = 1_200
PPM = 1_000_000


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    """A trade somewhere on its way: prices of a few hundred ticks, every condition set or not."""
    side, entry = draw(st.sampled_from([1, -1])), draw(st.integers(300, 2_000))
    risk = draw(st.integers(1, 60))
    reach = sorted(draw(st.sets(st.integers(1, 200), min_size=1, max_size=3)))
    count = len(reach)
    r_ppm = st.just(exits.NONE) | st.integers(1, 3 * PPM)
    plan = PlanTicks(
        initial_stop=entry - side * risk,
        targets=tuple((entry + side * far, PPM) for far in reach),
        break_even_target=draw(st.integers(0, count)),
        break_even_r_ppm=draw(r_ppm),
        trail_target=draw(st.integers(0, count)),
        trail_r_ppm=draw(r_ppm),
        trail_distance=draw(st.just(exits.NONE) | st.integers(1, 80)),
    )
    hit = draw(st.integers(0, count - 1))
    stop = plan.initial_stop + side * draw(st.integers(0, risk + 40))
    forced = draw(st.just(margin.NEVER) | st.integers(1, 40).map(lambda far: plan.initial_stop - side * far))
    return Walk(side, entry, stop, 7, hit, draw(st.booleans()), plan, liquidation=forced, leverage_ppm=3 * PPM)


def unmoved(walk: Walk, candle: Candle) -> bool:
    """Whether a bar leaves the trade as it is."""
    if walk.exits_in(candle, targets_count=True):
        return False
    return walk.after_close(candle.close, round_trip_ppm=ROUND_TRIP_PPM) == (walk.stop, walk.trailing)


def candle(opened: int, high: int, low: int, close: int) -> Candle:
    return Candle("AAA/USDT", "5m", 0, opened, high, low, close, 1.0)


def inside(calm: Calm, bar: Candle) -> bool:
    return calm.low < bar.low and bar.high < calm.high and calm.low_close < bar.close < calm.high_close


prices = st.integers(1, 2_400)


@given(walks(), prices, prices, prices, prices)
def test_a_bar_changes_something_exactly_where_it_leaves_the_levels(
    walk: Walk, opened: int, close: int, one: int, other: int
):
    bar = candle(opened, max(opened, close, one, other), min(opened, close, one, other), close)
    assert inside(walk.calm(round_trip_ppm=ROUND_TRIP_PPM), bar) == unmoved(walk, bar)


@given(walks(), prices)
def test_so_does_a_bar_of_one_price(walk: Walk, price: int):
    bar = candle(price, price, price, price)
    assert inside(walk.calm(round_trip_ppm=ROUND_TRIP_PPM), bar) == unmoved(walk, bar)


def test_two_trades_are_calm_where_both_are():
    one, other = Calm(10, 90, low_close=20), Calm(5, 80, high_close=70)
    assert one.within(other) == other.within(one) == Calm(10, 80, 20, 70)
    assert one.within(Calm()) == one
    assert Calm().high == BEYOND


def test_a_desk_that_holds_nothing_expires_never():
    assert expiry_of(DeskState("test")) is None


def test_a_trade_that_trails_is_moved_by_every_close_that_is_further_than_any_before():
    plan = PlanTicks(900, ((2_000, PPM),), 0, exits.NONE, 0, exits.NONE, 50)
    walk = Walk(1, 1_000, 1_010, 7, 0, trailing=True, plan=plan)
    assert walk.calm(round_trip_ppm=ROUND_TRIP_PPM) == Calm(1_010, 2_001, high_close=1_061)
    assert replace(walk, trailing=False).calm(round_trip_ppm=ROUND_TRIP_PPM) == Calm(1_010, 2_001)
