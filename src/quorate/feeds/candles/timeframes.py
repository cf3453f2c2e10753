"""Timeframes the candle store keeps: every length that divides a day, so that all of them share one grid from 1970.

The desk itself trades on fewer (`domain/candle.py`); the others are kept because files and exchanges have them.
"""

from __future__ import annotations

import re

from quorate.domain.errors import BadInput

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
_UNIT_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}
_SHAPE = re.compile(r"([1-9]\d{0,3})([mhd])")


def length_of(timeframe: str) -> int:
    """Length of a timeframe in milliseconds. Errors: BadInput for one the store does not keep."""
    match = _SHAPE.fullmatch(timeframe)
    length_ms = int(match[1]) * _UNIT_MS[match[2]] if match else 0
    if not length_ms or DAY_MS % length_ms:
        raise BadInput(
            f"Candles of {timeframe!r} are not kept: a timeframe is a number of minutes or hours that divides a day.",
            hint="Use 1m, 5m, 15m, 1h, 4h, 1d or the like; longer ones are made from 1d.",
        )
    return length_ms


def name_of(length_ms: int) -> str:
    """The one name of a length: 60 minutes are "1h", 24 hours "1d". Errors: as `length_of`."""
    for unit in ("d", "h"):
        if length_ms % _UNIT_MS[unit] == 0:
            return _checked(f"{length_ms // _UNIT_MS[unit]}{unit}")
    return _checked(f"{length_ms // MINUTE_MS}m")


def spelled(timeframe: str) -> str:
    """A timeframe by its one name: "60m" is "1h". Errors: as `length_of`."""
    return name_of(length_of(timeframe.strip()))


def _checked(timeframe: str) -> str:
    length_of(timeframe)
    return timeframe
