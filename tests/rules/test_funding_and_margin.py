"""Funding and margin in whole numbers: never in the holder's favour, never beyond the margin or 63 bits."""

from fractions import Fraction
from math import ceil, floor

from hypothesis import given
from hypothesis import strategies as st

from quorate.rules import funding, margin

SIDES = st.sampled_from([1, -1])
NOTIONALS = st.integers(0, funding.NOTIONAL_MAX)
RATES = st.integers(-funding.RATE_PPB_MAX, funding.RATE_PPB_MAX)
TICKS = st.integers(1, margin.PRICE_TICKS_MAX)
LEVERAGES = st.integers(margin.PPM, margin.LEVERAGE_PPM_MAX)
SHARES = st.integers(0, 200_000)
MOST = 2**63 - 1


def test_longs_pay_a_positive_rate_and_shorts_receive_it() -> None:
    assert funding.payment(1, 10_000_00000000, 100_000) == -1_00000000, "0.01 % of 10,000"
    assert funding.payment(-1, 10_000_00000000, 100_000) == 1_00000000
    assert funding.payment(1, 10_000_00000000, -100_000) == 1_00000000
    assert funding.payment(-1, 10_000_00000000, 0) == 0


@given(SIDES, NOTIONALS, RATES)
def test_a_payment_is_exact_but_for_less_than_a_unit_against_the_holder(side: int, notional: int, rate: int) -> None:
    exact = Fraction(-side * notional * rate, funding.PPB)
    assert funding.payment(side, notional, rate) == floor(exact)
    assert abs(notional // funding.PPB * rate) <= MOST


@given(NOTIONALS, RATES)
def test_the_two_sides_of_a_contract_never_gain_together(notional: int, rate: int) -> None:
    assert funding.payment(1, notional, rate) + funding.payment(-1, notional, rate) in (0, -1)


def test_liquidation_as_an_exchange_tells_it() -> None:
    entry = 10_000_000  # 100,000.00
    assert margin.initial_margin(entry, 20_000_000) == 500_000, "5 % at 20 times"
    assert margin.bankruptcy_price(1, entry, 20_000_000) == 9_500_000
    assert margin.liquidation_price(1, entry, 20_000_000, 5_000) == ceil(Fraction(9_500_000, 1) / Fraction(995, 1000))
    assert margin.bankruptcy_price(-1, entry, 20_000_000) == 10_500_000
    short = margin.liquidation_price(-1, entry, 20_000_000, 5_000)
    assert short == floor(Fraction(10_500_000, 1) / Fraction(1005, 1000))


@given(TICKS, SHARES)
def test_a_long_without_leverage_is_never_liquidated(entry: int, maintenance: int) -> None:
    assert margin.liquidation_price(1, entry, margin.PPM, maintenance) == margin.NEVER
    assert not margin.gapped(1, margin.NEVER, 1)
    assert margin.stop_is_safe(1, entry, 1, margin.NEVER, margin.PPM)


@given(TICKS, SHARES)
def test_a_short_without_leverage_is_liquidated_near_twice_its_entry(entry: int, maintenance: int) -> None:
    price = margin.liquidation_price(-1, entry, margin.PPM, maintenance)
    assert entry < price <= 2 * entry or price == entry == 1
    assert margin.bankruptcy_price(-1, entry, margin.PPM) == 2 * entry


@given(SIDES, TICKS, LEVERAGES, SHARES)
def test_liquidation_is_the_exact_price_rounded_against_the_holder(
    side: int, entry: int, leverage: int, maintenance: int
) -> None:
    backing = ceil(Fraction(entry * margin.PPM, leverage))
    assert margin.initial_margin(entry, leverage) == backing
    exact = Fraction(entry - side * backing) / (1 - side * Fraction(maintenance, margin.PPM))
    assert margin.liquidation_price(side, entry, leverage, maintenance) == (ceil(exact) if side > 0 else floor(exact))


@given(SIDES, TICKS, LEVERAGES, SHARES)
def test_the_margin_lasts_until_the_liquidation_price(side: int, entry: int, leverage: int, maintenance: int) -> None:
    """At the last tick before it, what is left of the margin still covers the maintenance margin."""
    liquidation = margin.liquidation_price(side, entry, leverage, maintenance)
    before = liquidation + side
    if liquidation and before > 0:
        left = margin.initial_margin(entry, leverage) - (entry - before) * side
        assert left * margin.PPM >= maintenance * before


@given(SIDES, TICKS, LEVERAGES, TICKS)
def test_no_exit_costs_more_than_the_margin(side: int, entry: int, leverage: int, price: int) -> None:
    exit_ticks = margin.not_beyond(side, price, margin.bankruptcy_price(side, entry, leverage))
    assert (entry - exit_ticks) * side <= margin.initial_margin(entry, leverage)


@given(SIDES, TICKS, LEVERAGES, SHARES, TICKS, SHARES)
def test_a_safe_stop_comes_before_the_liquidation_wherever_a_bar_opens(
    side: int, entry: int, leverage: int, maintenance: int, stop: int, reserve: int
) -> None:
    liquidation = margin.liquidation_price(side, entry, leverage, maintenance)
    if liquidation and margin.stop_is_safe(side, entry, stop, liquidation, reserve):
        assert not margin.gapped(side, liquidation, stop)
        assert abs(stop - liquidation) * margin.PPM > reserve * entry


@given(TICKS, LEVERAGES, SHARES)
def test_no_product_leaves_63_bits(entry: int, leverage: int, maintenance: int) -> None:
    for value, parts in (
        (entry, leverage),
        (entry, margin.PPM - maintenance),
        (2 * entry, margin.PPM + maintenance),
    ):
        assert abs(-value // parts * margin.PPM) <= MOST
        assert -value % parts * margin.PPM <= MOST
    assert entry * margin.PPM <= MOST
