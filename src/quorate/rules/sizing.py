"""How large a position may be: the factors of the sizing chain (RULES section 5), and lots from a share of equity.

Every division rounds down, so that no rounding ever adds risk. Arguments are positional, because compiled code takes no
others. Ranges are asserted: inside them every product stays below 2^63.
"""

PPM = 1_000_000
PPB = 1_000_000_000

TRADES_MAX = 1_000
SUM_R_PPM_MAX = 9_000_000_000_000
"""Largest sum of R over a record, in ppm: nine million R."""
FACTOR_PPM_MAX = 10_000_000
"""Largest single factor of the chain: ten times."""
SHARE_PPM_MAX = 100_000_000
"""Largest share of equity a chain may name, before its cap: a hundred times."""
EQUITY_UNITS_MAX = 9_000_000_000_000_000_000
"""Largest equity, counted in units of one lot at a price of one tick."""
PRICE_TICKS_MAX = 9_000_000_000_000

KELLY_FLOOR_PPM = 250_000
KELLY_CEILING_PPM = 1_500_000
KELLY_UNITS = 20
"""1 / 0.05: a bet of 5 % of equity is the one Kelly leaves as it is."""
KELLY_PRIOR_TRADES = 20
"""Trades after which the record counts as much as the belief that sizes are right as they are."""


def quotient_ppb(numerator: int, denominator: int) -> int:
    """numerator / denominator in parts per billion, rounded down; for 0 <= numerator <= denominator < 9.2e15."""
    assert 0 <= numerator <= denominator, "a quotient lies between 0 and 1"
    assert 0 < denominator <= TRADES_MAX * SUM_R_PPM_MAX, "denominator out of range"
    result = 0
    rest = numerator
    for _ in range(3):
        rest *= 1_000
        result = result * 1_000 + rest // denominator
        rest %= denominator
    return result


def kelly_ppm(wins: int, losses: int, sum_win_r_ppm: int, sum_loss_r_ppm: int, fraction_ppm: int) -> int:
    """The Kelly factor: (1 - w) + w * clamp(fraction * f / 0.05, 0.25, 1.5), w = n / (n + 20).

    f = W - (1 - W) / P is computed as W * (won - lost) / won, which is the same number. `losses` counts every trade
    that did not win; both sums are positive. No trades: 1. No wins, or not more won than lost (f <= 0): the clamp's
    floor. No losses, or losses of nothing: P is without bound and f = W.
    """
    trades = wins + losses
    assert 0 <= wins <= trades <= TRADES_MAX, "trades out of range"
    assert 0 <= sum_win_r_ppm <= SUM_R_PPM_MAX, "sum of R out of range"
    assert 0 <= sum_loss_r_ppm <= SUM_R_PPM_MAX, "sum of R out of range"
    assert 0 <= fraction_ppm <= FACTOR_PPM_MAX, "fraction out of range"
    if trades == 0:
        return PPM
    bet = KELLY_FLOOR_PPM
    if sum_win_r_ppm > sum_loss_r_ppm:
        f_ppb = quotient_ppb(wins * (sum_win_r_ppm - sum_loss_r_ppm), trades * sum_win_r_ppm)
        bet = min(max(f_ppb * fraction_ppm * KELLY_UNITS // PPB, KELLY_FLOOR_PPM), KELLY_CEILING_PPM)
    return (KELLY_PRIOR_TRADES * PPM + trades * bet) // (KELLY_PRIOR_TRADES + trades)


def anti_martingale_ppm(
    streak: int, win_step_ppm: int, win_cap_ppm: int, loss_step_ppm: int, loss_floor_ppm: int
) -> int:
    """min(1 + step * wins in a row, cap), or max(1 - step * losses in a row, floor); 1 without a streak.

    `streak` is positive for wins, negative for losses.
    """
    assert -PPM <= streak <= PPM, "streak out of range"
    assert 0 <= win_step_ppm <= FACTOR_PPM_MAX, "step out of range"
    assert 0 <= loss_step_ppm <= FACTOR_PPM_MAX, "step out of range"
    assert 0 <= loss_floor_ppm <= PPM <= win_cap_ppm <= FACTOR_PPM_MAX, "bound out of range"
    if streak >= 0:
        return min(PPM + streak * win_step_ppm, win_cap_ppm)
    return max(PPM + streak * loss_step_ppm, loss_floor_ppm)


def scaled_ppb(value_ppb: int, factor_ppm: int) -> int:
    """One link of the chain: the value times the factor, rounded down to a part per billion."""
    assert 0 <= factor_ppm <= FACTOR_PPM_MAX, "factor out of range"
    assert 0 <= value_ppb <= SHARE_PPM_MAX * 1_000, "share out of range"
    return value_ppb * factor_ppm // PPM


def chain_ppm(
    base_ppm: int,
    kelly: int,
    anti_martingale: int,
    regime: int,
    confidence: int,
    size: int,
    cap_ppm: int,
) -> int:
    """min(base * kelly * anti-martingale * regime * confidence * size, cap), all in ppm, rounded down once at the end.

    The links are carried in parts per billion: against the exact product at most one ppm is lost, and none gained.
    """
    assert 0 <= base_ppm <= PPM, "share out of range"
    assert 0 <= cap_ppm <= PPM, "share out of range"
    share = scaled_ppb(base_ppm * 1_000, kelly)
    share = scaled_ppb(share, anti_martingale)
    share = scaled_ppb(share, regime)
    share = scaled_ppb(share, confidence)
    share = scaled_ppb(share, size)
    return min(share // 1_000, cap_ppm)


def share_at_risk_ppm(risk_ppm: int, price_ticks: int, stop_ticks: int) -> int:
    """Share of equity as notional that loses `risk_ppm` of equity at a stop `stop_ticks` away; not capped here."""
    assert 0 <= risk_ppm <= PPM, "share out of range"
    assert 0 < price_ticks <= PRICE_TICKS_MAX, "price out of range"
    assert stop_ticks > 0, "a stop lies away from the price"
    return risk_ppm * price_ticks // stop_ticks


def part_of_units(units: int, share_ppm: int) -> int:
    """`share_ppm` of an amount, rounded down, without the product ever leaving 63 bits."""
    assert 0 <= units <= EQUITY_UNITS_MAX, "amount out of range"
    assert 0 <= share_ppm <= PPM, "share out of range"
    return units // PPM * share_ppm + units % PPM * share_ppm // PPM


def lots_of_share(equity_units: int, share_ppm: int, price_ticks: int) -> int:
    """Whole lots that a share of equity buys. Equity is counted in units of one lot at a price of one tick."""
    assert 0 < price_ticks <= PRICE_TICKS_MAX, "price out of range"
    return part_of_units(equity_units, share_ppm) // price_ticks
