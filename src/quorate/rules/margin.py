"""Isolated margin of a perpetual position: what it can lose, and at which price the venue closes it by force.

A position of leverage L is backed by a margin of its entry value divided by L. At the bankruptcy price the margin is
gone. Before that, at the liquidation price, what is left of it falls to the maintenance margin m (a share of the
position's value at the mark), and the venue takes the position over:

    long:  margin - (entry - price) = m * price   =>   price = (entry - margin) / (1 - m)
    short: margin - (price - entry) = m * price   =>   price = (entry + margin) / (1 + m)

All of it is told for one lot, in ticks, and rounded against the holder: the margin and the liquidation price of a long
up, that of a short down. The bankruptcy price follows from the margin, so that losing it loses exactly the margin.
"""

PPM = 1_000_000

PRICE_TICKS_MAX = 9_000_000_000_000
LEVERAGE_PPM_MAX = 1_000_000_000
"""Largest leverage: a thousand times."""
NEVER = 0
"""Stands for "no such price": a long without leverage cannot be liquidated."""


def quotient(value: int, parts: int) -> int:
    """value * 10^6 / parts, rounded down; split, so that no product leaves 63 bits. Negative values round down too."""
    return value // parts * PPM + value % parts * PPM // parts


def initial_margin(entry: int, leverage_ppm: int) -> int:
    """Ticks of margin behind one lot: entry / leverage, rounded up."""
    assert 0 < entry <= PRICE_TICKS_MAX, "price out of range"
    assert PPM <= leverage_ppm <= LEVERAGE_PPM_MAX, "leverage is from 1 to 1,000 times"
    return -quotient(-entry, leverage_ppm)


def bankruptcy_price(side: int, entry: int, leverage_ppm: int) -> int:
    """Price in ticks at which the margin is gone; NEVER (0) for a long without leverage."""
    assert side in (1, -1), "a side is +1 or -1"
    return entry - side * initial_margin(entry, leverage_ppm)


def liquidation_price(side: int, entry: int, leverage_ppm: int, maintenance_ppm: int) -> int:
    """Price in ticks at which the venue closes the position by force, at it or beyond; NEVER (0) where it never does.

    With a maintenance margin as large as the margin itself it lies at the entry or on its winning side: such a position
    is lost as soon as it is opened, and must be refused before.
    """
    assert 0 <= maintenance_ppm < PPM, "maintenance margin is a share"
    bankruptcy = bankruptcy_price(side, entry, leverage_ppm)
    if side > 0:
        return -quotient(-bankruptcy, PPM - maintenance_ppm)
    return quotient(bankruptcy, PPM + maintenance_ppm)


def stop_is_safe(side: int, entry: int, stop: int, liquidation: int, reserve_ppm: int) -> bool:
    """Whether the stop comes before the liquidation, with at least `reserve_ppm` of the entry price between them."""
    assert 0 <= reserve_ppm <= PPM, "reserve is a share"
    if liquidation == NEVER:
        return True
    reserve = -(-entry * reserve_ppm // PPM)
    return (stop - liquidation) * side > reserve


def gapped(side: int, liquidation: int, bar_open: int) -> bool:
    """Whether a bar opens at the liquidation price or beyond it: no stop can have helped.

    Inside a bar the stop, which lies nearer, always comes first.
    """
    return liquidation != NEVER and (bar_open - liquidation) * side <= 0


def not_beyond(side: int, ticks: int, bankruptcy: int) -> int:
    """Exit price of a position that never pays more than its margin: the venue's fund bears the rest."""
    return max(ticks, bankruptcy) if side > 0 else min(ticks, bankruptcy)
