"""Exits bar by bar: the pessimistic order, and stops that only ever tighten."""

from hypothesis import given
from hypothesis import strategies as st

from quorate.rules import exits

TICKS = st.integers(1, 10**9)
SIDES = st.sampled_from([1, -1])


def bar(draw_low: int, draw_high: int) -> st.SearchStrategy[tuple[int, int, int, int]]:
    """Open, high, low, close of a possible bar."""
    return st.tuples(*[st.integers(draw_low, draw_high)] * 4).map(
        lambda prices: (prices[0], max(prices), min(prices), prices[3])
    )


BARS = bar(1, 10**9)


def test_a_long_stop_inside_the_bar_fills_at_its_level() -> None:
    assert exits.stop_touched(1, 95, 100, 101, 95) == 95


def test_a_bar_that_opens_beyond_the_stop_fills_it_at_the_open() -> None:
    assert exits.stop_touched(1, 95, 90, 99, 88) == 90
    assert exits.stop_touched(-1, 105, 110, 112, 104) == 110


def test_an_untouched_stop_says_so() -> None:
    assert exits.stop_touched(1, 95, 100, 101, 96) == 0
    assert exits.stop_touched(-1, 105, 100, 104, 90) == 0


def test_a_target_that_is_only_touched_does_not_fill() -> None:
    assert not exits.target_reached(1, 105, 105, 99)
    assert exits.target_reached(1, 105, 106, 99)
    assert not exits.target_reached(-1, 95, 101, 95)
    assert exits.target_reached(-1, 95, 101, 94)


def test_parts_round_down_and_the_last_target_takes_all() -> None:
    assert exits.part_of(10, 330_000) == 3
    assert exits.part_of(1, 500_000) == 0
    assert exits.part_of(7, 1_000_000) == 7


@given(SIDES, TICKS, BARS)
def test_a_stop_never_fills_better_than_its_level(side: int, stop: int, prices: tuple[int, int, int, int]) -> None:
    opened, high, low, _ = prices
    filled = exits.stop_touched(side, stop, opened, high, low)
    if filled:
        assert (filled - stop) * side <= 0
        assert low <= filled <= high


@given(SIDES, TICKS, TICKS)
def test_a_stop_only_ever_tightens(side: int, stop: int, candidate: int) -> None:
    assert (exits.tighter(side, stop, candidate) - stop) * side >= 0


@given(SIDES, st.integers(1_000, 10**8), st.integers(1, 900), st.integers(0, 10**8))
def test_r_is_one_at_a_profit_as_large_as_the_risk(side: int, entry: int, risk: int, more: int) -> None:
    stop = entry - side * risk
    assert exits.r_ppm(side, entry, stop, entry + side * risk) == exits.PPM
    assert exits.r_ppm(side, entry, stop, entry) == 0
    gained = exits.r_ppm(side, entry, stop, entry + side * more)
    assert gained == more * exits.PPM // risk


@given(SIDES, st.integers(1_000, 10**8), st.integers(0, 20_000))
def test_break_even_gives_back_at_least_the_costs(side: int, entry: int, round_trip_ppm: int) -> None:
    stop = exits.break_even_stop(side, entry, round_trip_ppm)
    assert (stop - entry) * side * exits.PPM >= entry * round_trip_ppm


@given(
    SIDES, st.integers(10_000, 10**6), st.integers(10_000, 10**6), st.booleans(), st.booleans(), st.integers(1, 5_000)
)
def test_the_stop_after_a_close_never_loosens(
    side: int, stop: int, close: int, broke_even: bool, trailing: bool, distance: int
) -> None:
    moved = exits.stop_after_close(side, stop, close, broke_even, stop + side, trailing, distance)
    assert (moved - stop) * side >= 0
    if not broke_even and not trailing:
        assert moved == stop


def test_conditions_hold_by_target_or_by_r() -> None:
    assert exits.reached(1, 100, 90, 100, 1, 1, exits.NONE)
    assert not exits.reached(1, 100, 90, 107, 0, 1, 800_000)
    assert exits.reached(1, 100, 90, 108, 0, 0, 800_000)
    assert not exits.reached(1, 100, 90, 200, 0, 0, exits.NONE)
