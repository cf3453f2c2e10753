"""When a resting order fills on recorded candles, and at which price.

A decision made at the close of a bar meets the market from the next bar on. A candle tells nothing about the queue, so
a resting limit fills only when price trades strictly through it.
"""


def limit_filled(action: int, limit: int, bar_open: int, bar_high: int, bar_low: int) -> int:
    """Fill price in ticks of a limit order that takes when it can: the open when that is better; 0 when unfilled."""
    if action > 0:
        if bar_open < limit:
            return bar_open
        return limit if bar_low < limit else 0
    if bar_open > limit:
        return bar_open
    return limit if bar_high > limit else 0


def maker_filled(action: int, limit: int, bar_open: int, bar_high: int, bar_low: int) -> int:
    """Fill price in ticks of a resting maker order; 0 when price did not trade through it.

    A maker order never gets a better price than its own, also when the bar opens beyond it.
    """
    through = bar_low < limit if action > 0 else bar_high > limit
    return limit if through else 0
