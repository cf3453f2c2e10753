"""What trading costs, and when a resting order fills."""

from hypothesis import given
from hypothesis import strategies as st

from quorate.rules import costs, matching

PRICES = st.integers(1, 10**9)


def test_a_fee_is_rounded_up() -> None:
    assert costs.fee(1, 200) == 1
    assert costs.fee(10_000, 200) == 2
    assert costs.fee(0, 500) == 0


@given(PRICES, st.integers(0, 10_000), st.integers(0, 10_000))
def test_taking_never_gets_a_better_price(ticks: int, half_spread_ppm: int, slippage_ppm: int) -> None:
    assert costs.taking_price(1, ticks, half_spread_ppm, slippage_ppm) >= ticks
    assert 1 <= costs.taking_price(-1, ticks, half_spread_ppm, slippage_ppm) <= ticks


def test_a_round_trip_pays_both_fees_and_one_spread() -> None:
    assert costs.round_trip_ppm(200, 500, 800) == 1_500


def test_a_maker_order_fills_only_when_price_trades_through_it() -> None:
    assert matching.maker_filled(1, 100, 105, 106, 100) == 0
    assert matching.maker_filled(1, 100, 105, 106, 99) == 100
    assert matching.maker_filled(-1, 110, 105, 110, 99) == 0
    assert matching.maker_filled(-1, 110, 105, 111, 99) == 110


def test_a_limit_that_can_take_gets_the_better_open() -> None:
    assert matching.limit_filled(1, 100, 98, 99, 97) == 98
    assert matching.limit_filled(-1, 100, 103, 104, 99) == 103
    assert matching.limit_filled(1, 100, 103, 104, 99) == 100
    assert matching.limit_filled(-1, 100, 97, 101, 96) == 100
    assert matching.limit_filled(1, 100, 103, 104, 100) == 0
    assert matching.limit_filled(-1, 100, 97, 100, 96) == 0


@given(st.sampled_from([1, -1]), PRICES, st.tuples(PRICES, PRICES, PRICES))
def test_no_order_fills_worse_than_its_limit(action: int, limit: int, prices: tuple[int, int, int]) -> None:
    opened, high, low = prices[0], max(prices), min(prices)
    for filled in (
        matching.limit_filled(action, limit, opened, high, low),
        matching.maker_filled(action, limit, opened, high, low),
    ):
        if filled:
            assert (limit - filled) * action >= 0
