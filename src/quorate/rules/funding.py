"""What a perpetual position pays or receives at a settlement of funding.

Longs pay shorts `rate` of the position's value, or shorts pay longs where the rate is negative. Rates are parts per
billion: exchanges tell them to eight decimals, which parts per million would cut off.
"""

PPB = 1_000_000_000

RATE_PPB_MAX = PPB
"""Largest rate: the whole notional."""
NOTIONAL_MAX = 9_000_000_000_000_000_000
"""Largest notional, in the unit in which the payment is wanted."""


def payment(side: int, notional: int, rate_ppb: int) -> int:
    """Change of the holder's cash, in the unit of `notional`: positive when received, negative when paid.

    It is -side * notional * rate, rounded down: a payment is never too small, a receipt never too large. The notional
    is split, so that no product leaves 63 bits.
    """
    assert side in (1, -1), "a side is +1 or -1"
    assert 0 <= notional <= NOTIONAL_MAX, "notional out of range"
    assert -RATE_PPB_MAX <= rate_ppb <= RATE_PPB_MAX, "rate out of range"
    earned_ppb = -side * rate_ppb
    return notional // PPB * earned_ppb + notional % PPB * earned_ppb // PPB
