"""What trading costs: fees, half the spread, slippage."""

PPM = 1_000_000


def fee(notional: int, rate_ppm: int) -> int:
    """Fee on a notional, both in the ledger's smallest unit; rounded up, so that costs are never understated."""
    assert notional >= 0
    return -(-notional * rate_ppm // PPM)


def taking_price(action: int, ticks: int, half_spread_ppm: int, slippage_ppm: int) -> int:
    """Price an order that takes pays or gets: worse than `ticks` by half the spread and slippage, rounded against it.

    `action` is +1 for a buy and -1 for a sell. Never below one tick.
    """
    away = -(-ticks * (half_spread_ppm + slippage_ppm) // PPM)
    return max(1, ticks + action * away)


def round_trip_ppm(entry_fee_ppm: int, exit_fee_ppm: int, spread_ppm: int) -> int:
    """What a trade must earn before it earns anything: both fees and one full spread."""
    return entry_fee_ppm + exit_fee_ppm + spread_ppm
