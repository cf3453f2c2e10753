"""How a trade ends: stops, targets, break-even and trailing, bar by bar (RULES section 3).

Inside a bar the pessimistic order holds: the stop is looked at before any target, and a bar that opens beyond the stop
fills it at the open. A target is a resting order and fills only when price trades strictly through it. Stops move only
at a close, and only towards less risk.
"""

PPM = 1_000_000
NONE = -1
"""Stands for "not set" where a number is optional."""


def stop_touched(side: int, stop: int, bar_open: int, bar_high: int, bar_low: int) -> int:
    """Price in ticks at which the stop goes off inside the bar, before slippage; 0 when it is not touched."""
    if side > 0:
        if bar_open <= stop:
            return bar_open
        return stop if bar_low <= stop else 0
    if bar_open >= stop:
        return bar_open
    return stop if bar_high >= stop else 0


def target_reached(side: int, target: int, bar_high: int, bar_low: int) -> bool:
    """Whether price traded strictly through a resting target inside the bar."""
    return bar_high > target if side > 0 else bar_low < target


def part_of(lots: int, fraction_ppm: int) -> int:
    """Lots to close at a target that takes `fraction_ppm` of what is left: rounded down, the last target takes all."""
    assert 0 <= fraction_ppm <= PPM
    return lots if fraction_ppm == PPM else lots * fraction_ppm // PPM


def r_ppm(side: int, entry: int, initial_stop: int, price: int) -> int:
    """Profit at `price` in parts per million of R, R being the distance from entry to the initial stop."""
    risk = (entry - initial_stop) * side
    assert risk > 0, "a stop must lie on the losing side of the entry"
    return (price - entry) * side * PPM // risk


def break_even_stop(side: int, entry: int, round_trip_ppm: int) -> int:
    """The stop that gives back entry plus costs, rounded away from loss."""
    cost = -(-entry * round_trip_ppm // PPM)
    return entry + side * cost


def tighter(side: int, stop: int, candidate: int) -> int:
    """The stop with less risk of the two: a stop never loosens."""
    return max(stop, candidate) if side > 0 else min(stop, candidate)


def reached(
    side: int, entry: int, initial_stop: int, close: int, targets_hit: int, after_target: int, after_r_ppm: int
) -> bool:
    """Whether a condition "after that many targets, or that many R at a close" holds (0 and NONE: not set)."""
    if after_target > 0 and targets_hit >= after_target:
        return True
    return after_r_ppm != NONE and r_ppm(side, entry, initial_stop, close) >= after_r_ppm


def stop_after_close(
    side: int, stop: int, close: int, broke_even: bool, break_even: int, trailing: bool, trail_distance: int
) -> int:
    """Where the stop stands after a close, given whether break-even and trailing are in force."""
    if broke_even:
        stop = tighter(side, stop, break_even)
    if trailing and trail_distance != NONE:
        stop = tighter(side, stop, close - side * trail_distance)
    return stop
