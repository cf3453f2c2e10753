"""The arithmetic of sizes against exact fractions: never above them, and never far below."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.rules import sizing

PPM = 1_000_000
INT63 = 2**63
FACTORS = st.integers(0, 2_000_000)
Links = tuple[int, int, int, int, int]


def exact_kelly(wins: int, losses: int, won: int, lost: int, fraction: int) -> Fraction:
    """RULES section 5 as it is written, in exact fractions."""
    n = wins + losses
    win_rate, payoff = Fraction(wins, n), Fraction(won, wins) / Fraction(lost, losses)
    f = win_rate - (1 - win_rate) / payoff
    bet = min(max(Fraction(fraction, PPM) * f / Fraction(5, 100), Fraction(1, 4)), Fraction(3, 2))
    weight = Fraction(n, n + 20)
    return (1 - weight) + weight * bet


@given(
    wins=st.integers(1, 500),
    losses=st.integers(1, 500),
    won=st.integers(1, sizing.SUM_R_PPM_MAX),
    lost=st.integers(1, sizing.SUM_R_PPM_MAX),
    fraction=st.integers(0, 2_000_000),
)
def test_kelly_is_the_rule_rounded_down_to_a_part_per_million(
    wins: int, losses: int, won: int, lost: int, fraction: int
) -> None:
    exact = exact_kelly(wins, losses, won, lost, fraction) * PPM
    factor = sizing.kelly_ppm(wins, losses, won, lost, fraction)
    assert 0 <= exact - factor < 2


def test_kelly_without_trades_leaves_sizes_as_they_are() -> None:
    assert sizing.kelly_ppm(0, 0, 0, 0, 500_000) == PPM


def test_kelly_without_wins_is_the_floor_by_the_weight_of_the_record() -> None:
    assert sizing.kelly_ppm(0, 20, 0, 20 * PPM, 500_000) == 625_000
    assert sizing.kelly_ppm(0, 20, 0, 0, 500_000) == 625_000


def test_kelly_without_losses_is_the_ceiling_by_the_weight_of_the_record() -> None:
    assert sizing.kelly_ppm(20, 0, 20 * PPM, 0, 500_000) == 1_250_000
    assert sizing.kelly_ppm(20, 20, 20 * PPM, 0, 500_000) == (20 * PPM + 40 * 1_500_000) // 60


def test_kelly_of_a_known_record() -> None:
    # W = 0.5, P = 1.1: f = 0.5 - 0.5 / 1.1 = 0.0454545..., half Kelly / 0.05 = 0.4545454, weight 20 / 40.
    assert sizing.kelly_ppm(10, 10, 11 * PPM, 10 * PPM, 500_000) == 727_272


@given(n=st.integers(0, 1_000), wins=st.integers(0, 1_000), won=st.integers(0, 10**9), lost=st.integers(0, 10**9))
def test_kelly_never_leaves_its_bounds(n: int, wins: int, won: int, lost: int) -> None:
    wins = min(wins, n)
    assert 250_000 <= sizing.kelly_ppm(wins, n - wins, won if wins else 0, lost, 500_000) <= 1_500_000


@given(
    trades=st.integers(1, 200),
    wins=st.integers(1, 200),
    won=st.integers(1, 10**9),
    lost=st.integers(0, 10**9),
    more=st.integers(0, 10**8),
)
def test_kelly_grows_with_what_was_won(trades: int, wins: int, won: int, lost: int, more: int) -> None:
    wins = min(wins, trades)
    less = sizing.kelly_ppm(wins, trades - wins, won, lost, 500_000)
    assert sizing.kelly_ppm(wins, trades - wins, won + more, lost, 500_000) >= less
    assert sizing.kelly_ppm(wins, trades - wins, won, lost + more, 500_000) <= less


@given(parts=st.integers(0, 1_000 * sizing.SUM_R_PPM_MAX), whole=st.integers(1, 1_000 * sizing.SUM_R_PPM_MAX))
def test_a_quotient_is_exact_to_the_last_part_per_billion(parts: int, whole: int) -> None:
    parts = min(parts, whole)
    assert sizing.quotient_ppb(parts, whole) == parts * 10**9 // whole


@pytest.mark.parametrize(
    ("streak", "factor"),
    [(0, 1_000_000), (1, 1_100_000), (5, 1_500_000), (99, 1_500_000), (-1, 800_000), (-3, 400_000), (-99, 400_000)],
)
def test_anti_martingale_adds_after_wins_and_withdraws_after_losses(streak: int, factor: int) -> None:
    assert sizing.anti_martingale_ppm(streak, 100_000, 1_500_000, 200_000, 400_000) == factor


@given(base=st.integers(0, PPM), factors=st.tuples(*[FACTORS] * 5), cap=st.integers(0, PPM))
def test_the_chain_is_the_product_rounded_down_and_never_above_its_cap(base: int, factors: Links, cap: int) -> None:
    exact = Fraction(base)
    for factor in factors:
        exact *= Fraction(factor, PPM)
    share = sizing.chain_ppm(base, *factors, cap)
    assert share <= min(exact, cap)
    assert share == cap or exact - share < 1 + Fraction(1, 20)


@given(
    base=st.integers(0, PPM),
    factors=st.tuples(FACTORS, FACTORS, FACTORS, FACTORS, FACTORS),
    more=st.tuples(FACTORS, FACTORS, FACTORS, FACTORS, FACTORS),
)
def test_the_chain_never_shrinks_when_factors_grow(base: int, factors: Links, more: Links) -> None:
    a, b, c, d, e = factors
    grown = sizing.chain_ppm(base, a + more[0], b + more[1], c + more[2], d + more[3], e + more[4], PPM)
    assert grown >= sizing.chain_ppm(base, *factors, PPM)


@given(units=st.integers(0, sizing.EQUITY_UNITS_MAX), share=st.integers(0, PPM), price=st.integers(1, 10**9))
def test_lots_cost_no_more_than_their_share_of_equity(units: int, share: int, price: int) -> None:
    lots = sizing.lots_of_share(units, share, price)
    assert lots * price * PPM <= units * share
    assert (lots + 1) * price * PPM > units * share - PPM


@given(
    units=st.integers(0, 10**15),
    risk=st.integers(0, 100_000),
    price=st.integers(2, 10**9),
    distance=st.integers(1, 10**9),
    cap=st.integers(0, PPM),
)
def test_lots_at_risk_lose_no_more_than_the_risk_and_stay_under_the_cap(
    units: int, risk: int, price: int, distance: int, cap: int
) -> None:
    stop = min(distance, price - 1)
    share = min(sizing.share_at_risk_ppm(risk, price, stop), cap)
    lots = sizing.lots_of_share(units, share, price)
    assert lots * stop * PPM <= units * risk
    assert lots * price * PPM <= units * cap


def test_products_stay_inside_63_bits_at_the_edges_of_their_ranges() -> None:
    assert sizing.TRADES_MAX * sizing.SUM_R_PPM_MAX * 1_000 < INT63
    assert sizing.PPB * sizing.FACTOR_PPM_MAX * sizing.KELLY_UNITS < INT63
    assert sizing.SHARE_PPM_MAX * 1_000 * sizing.FACTOR_PPM_MAX < INT63
    assert sizing.PRICE_TICKS_MAX * PPM < INT63
    assert sizing.EQUITY_UNITS_MAX < INT63
    assert sizing.part_of_units(sizing.EQUITY_UNITS_MAX, PPM) == sizing.EQUITY_UNITS_MAX


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (sizing.kelly_ppm, (-1, 2, 0, 0, 500_000)),
        (sizing.kelly_ppm, (600, 600, 1, 1, 500_000)),
        (sizing.kelly_ppm, (1, 1, sizing.SUM_R_PPM_MAX + 1, 1, 500_000)),
        (sizing.kelly_ppm, (1, 1, 1, -1, 500_000)),
        (sizing.chain_ppm, (PPM + 1, PPM, PPM, PPM, PPM, PPM, PPM)),
        (sizing.chain_ppm, (PPM, 11 * PPM, PPM, PPM, PPM, PPM, PPM)),
        (sizing.chain_ppm, (PPM, *[10 * PPM] * 5, PPM)),
        (sizing.lots_of_share, (sizing.EQUITY_UNITS_MAX + 1, PPM, 1)),
        (sizing.lots_of_share, (1, PPM + 1, 1)),
        (sizing.lots_of_share, (1, PPM, 0)),
        (sizing.share_at_risk_ppm, (1, 1, 0)),
        (sizing.anti_martingale_ppm, (1, PPM, PPM - 1, PPM, 0)),
        (sizing.quotient_ppb, (2, 1)),
    ],
)
def test_what_is_out_of_range_is_a_programming_error(call: object, arguments: tuple[int, ...]) -> None:
    assert callable(call)
    with pytest.raises(AssertionError):
        call(*arguments)
