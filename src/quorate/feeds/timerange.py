"""Ranges of time as users write them: freqtrade's `--timerange` syntax."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from quorate.domain.errors import BadInput

_SHAPE = re.compile(r"(?P<start>\d{8}|\d{10}|\d{13})?-(?P<stop>\d{8}|\d{10}|\d{13})?")
_HINT = "It looks like 20250201-20250301, 20250201- or -20250301 (UTC, the end not included)."


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Opening times from `start_ms` up to, not including, `stop_ms`, in UTC milliseconds; None leaves a side open."""

    start_ms: int | None = None
    stop_ms: int | None = None


EVERYTHING = TimeRange()


def parse_timerange(text: str | None) -> TimeRange:
    """The range that `text` means; None and "" mean everything.

    Either side is a day (20250201), seconds (10 digits) or milliseconds (13 digits) since 1970. Errors: BadInput.
    """
    if text is None or not text.strip():
        return TimeRange()
    match = _SHAPE.fullmatch(text.strip())
    if match is None or match["start"] is match["stop"] is None:
        raise BadInput(f"The time range {text!r} cannot be read.", hint=_HINT)
    start, stop = (_instant_ms(side, whole=text) for side in (match["start"], match["stop"]))
    if start is not None and stop is not None and start >= stop:
        raise BadInput(f"The time range {text!r} ends before it begins.", hint=_HINT)
    return TimeRange(start, stop)


def _instant_ms(side: str | None, *, whole: str) -> int | None:
    if side is None:
        return None
    if len(side) != len("20250201"):
        return int(side) if len(side) == len("1700000000000") else int(side) * 1000
    try:
        day = datetime.strptime(side, "%Y%m%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadInput(f"The time range {whole!r} names a day that does not exist: {side}.", hint=_HINT) from error
    return int(day.timestamp()) * 1000


def day_text(at_ms: int) -> str:
    """The UTC day of an instant, 2025-02-01."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"
