"""Numbers from outside: exact, finite, and within what the thing they measure can be."""

from __future__ import annotations

from decimal import Decimal

EXPONENT_MAX = 30
FIRST_MS, LAST_MS = 1_000_000_000_000, 4_102_444_800_000
"""2001 and 2100: a stamp outside is not a time in milliseconds."""


def sound(value: Decimal | None, *, least: Decimal | None = None, most: Decimal | None = None) -> Decimal | None:
    """`value`, or None where it is missing, not finite, absurdly long, or outside its bounds."""
    if value is None or not value.is_finite() or abs(value.adjusted()) > EXPONENT_MAX:
        return None
    if (least is not None and value < least) or (most is not None and value > most):
        return None
    return value


def stamp_ms(value: float) -> int | None:
    """A stamp in seconds or milliseconds as UTC milliseconds; None where it is neither."""
    if not 0 < value < float("inf"):
        return None
    stamp = round(value * 1000) if value < FIRST_MS / 10 else round(value)
    return stamp if FIRST_MS <= stamp < LAST_MS else None
