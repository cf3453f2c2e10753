"""Times as files write them, as UTC milliseconds: numbers in any unit, and text in any timezone."""

from __future__ import annotations

import re
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import polars as pl

from quorate.domain.errors import BadInput
from quorate.feeds.candles.rows import STAMP_NONE
from quorate.kernel.bars import FloatArray, IntArray

SECONDS_BELOW = 10**11
"""Numbers below this are seconds: as milliseconds they would lie before 1973-03."""
MICROSECONDS_ABOVE = 10**13
"""Numbers above this are microseconds: as milliseconds they would lie after 2286."""
NANOSECONDS_ABOVE = 10**16
UTC = "UTC"
_NAIVE = (
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
)
"""Year first only: which of 01/02 is the month cannot be known."""
_ZONED = "%Y-%m-%d %H:%M:%S%.f%#z"
_DIGITS = re.compile(r"\d{1,19}(\.\d+)?")


class StampUnit(StrEnum):
    """What a number that stands for a time counts, from 1970 on."""

    AUTO = "auto"
    """Told by its size, row by row: Binance Vision changed to microseconds in 2025, within a series."""
    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"


_PER_MS = {StampUnit.MILLISECONDS: 1, StampUnit.MICROSECONDS: 1_000, StampUnit.NANOSECONDS: 1_000_000}


def check_timezone(name: str) -> None:
    """BadInput for a timezone that does not exist."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(f"There is no timezone {name!r}.", hint="Write it like UTC or Europe/Berlin.") from error


def milliseconds(column: pl.Series, *, unit: StampUnit = StampUnit.AUTO, timezone: str = UTC) -> IntArray:
    """UTC milliseconds of every cell; STAMP_NONE for one that is no time, or that the timezone has twice or never.

    `timezone` is that of text and of timestamps that name none; numbers always count from 1970 in UTC.
    """
    if column.dtype.is_temporal():
        return _of_moments(column, timezone)
    if column.dtype == pl.String():
        return _of_text(column.str.strip_chars(), unit, timezone)
    if column.dtype.is_integer():
        return _of_integers(column.cast(pl.Int64, strict=False), unit)
    return _of_floats(column.cast(pl.Float64, strict=False), unit)


def looks_like_time(text: str) -> bool:
    """Whether a cell is a time rather than a word, a header's."""
    cell = pl.Series([text])
    return bool(_DIGITS.fullmatch(text)) or int(milliseconds(cell)[0]) != STAMP_NONE


def _of_moments(column: pl.Series, timezone: str) -> IntArray:
    moments = column.cast(pl.Datetime("ms")) if column.dtype == pl.Date() else column
    if moments.dtype == pl.Datetime and getattr(moments.dtype, "time_zone", None) is None:
        moments = _in_zone(moments, timezone)
    return moments.dt.epoch("ms").fill_null(STAMP_NONE).to_numpy()


def midnight_of(day: str) -> int:
    """The UTC midnight a day, 20161007, begins with; STAMP_NONE for no day."""
    return int(_days(pl.Series([day]), UTC)[0])


def _of_text(column: pl.Series, unit: StampUnit, timezone: str) -> IntArray:
    # "20250101" is a day as well as a number: eight digits are never seconds that anybody traded in.
    days = column.str.contains(r"^(19|20)\d{6}$").fill_null(value=False)
    if bool(days.any()):
        rest = column.set(days, None)
        return np.where(days.to_numpy(), _days(column, timezone), _of_text(rest, unit, timezone))
    integers = column.cast(pl.Int64, strict=False)
    found = _of_integers(integers, unit)
    if not integers.null_count():
        return found
    numbers = column.cast(pl.Float64, strict=False)
    found = np.where(integers.is_null().to_numpy(), _of_floats(numbers, unit), found)
    if not numbers.null_count():
        return found
    text = column.str.replace("T", " ", literal=True)
    moments = text.str.to_datetime(_ZONED, strict=False, time_unit="ms").dt.convert_time_zone(UTC)
    for shape in _NAIVE:
        if not moments.null_count():
            break
        naive = text.str.to_datetime(shape, strict=False, time_unit="ms")
        moments = moments.fill_null(_in_zone(naive, timezone).dt.convert_time_zone(UTC))
    told = moments.dt.epoch("ms").fill_null(STAMP_NONE).to_numpy()
    return np.where(numbers.is_null().to_numpy(), told, found)


def _days(column: pl.Series, timezone: str) -> IntArray:
    midnights = _in_zone(column.str.to_datetime("%Y%m%d", strict=False, time_unit="ms"), timezone)
    return midnights.dt.epoch("ms").fill_null(STAMP_NONE).to_numpy()


def _in_zone(naive: pl.Series, timezone: str) -> pl.Series:
    return naive.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")


def _of_integers(column: pl.Series, unit: StampUnit) -> IntArray:
    stamps = column.fill_null(STAMP_NONE).to_numpy()
    if unit is StampUnit.AUTO:
        scaled = np.where(stamps > MICROSECONDS_ABOVE, stamps // 1_000, stamps)
        scaled = np.where(stamps > NANOSECONDS_ABOVE, stamps // 1_000_000, scaled)
        scaled = np.where(stamps < SECONDS_BELOW, np.minimum(stamps, SECONDS_BELOW) * 1_000, scaled)
    elif unit is StampUnit.SECONDS:
        scaled = np.minimum(stamps, MICROSECONDS_ABOVE) * 1_000
    else:
        scaled = stamps // _PER_MS[unit]
    return np.where(stamps < 0, STAMP_NONE, scaled).astype(np.int64)


def _of_floats(column: pl.Series, unit: StampUnit) -> IntArray:
    numbers: FloatArray = column.fill_null(float("nan")).to_numpy()
    sound = np.isfinite(numbers) & (numbers >= 0) & (numbers < 2.0**63)
    numbers = np.where(sound, numbers, 0.0)
    seconds = numbers < SECONDS_BELOW if unit is StampUnit.AUTO else np.full(len(numbers), unit is StampUnit.SECONDS)
    whole = _of_integers(pl.Series(np.where(seconds, 0.0, numbers).astype(np.int64)), unit)
    of_seconds = np.rint(np.minimum(numbers, MICROSECONDS_ABOVE) * 1_000).astype(np.int64)
    return np.where(sound, np.where(seconds, of_seconds, whole), STAMP_NONE)
