"""Numbers and instants as Kraken writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from quorate.exchange.kraken.errors import invalid

TEXT_MAX = 40
PLAIN = re.compile(r"^[+-]?[0-9]{0,20}(\.[0-9]{0,20})?\Z")
SECONDS_MAX = 10**11


def fixed(value: Decimal, decimals: int) -> str:
    """ "0.50000000"."""
    return f"{value:.{decimals}f}"


def seconds(at_ms: int) -> float:
    """UTC milliseconds as Kraken's seconds with a fraction."""
    return at_ms / 1000


def rfc3339(at_ms: int) -> str:
    """ "2023-09-25T09:05:00.123000Z"."""
    whole = datetime.fromtimestamp(at_ms // 1000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}000Z"


def from_rfc3339(text: str) -> int:
    """An instant in UTC ms. Errors: ValueError."""
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


def number(told: object, argument: str) -> Decimal:
    """A number as text or as JSON number. Errors: EGeneral:Invalid arguments:{argument}."""
    text = str(told).strip() if isinstance(told, str | int | float | Decimal) and not isinstance(told, bool) else ""
    if not text or len(text) > TEXT_MAX:
        raise invalid(argument)
    if not PLAIN.match(text) and isinstance(told, str):
        raise invalid(argument)
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise invalid(argument) from error
    if not value.is_finite():
        raise invalid(argument)
    return value


def whole(told: object, argument: str, *, low: int, high: int) -> int:
    """A whole number within bounds. Errors: EGeneral:Invalid arguments:{argument}."""
    value = number(told, argument)
    if value != value.to_integral_value() or not low <= value <= high:
        raise invalid(argument)
    return int(value)


def absent(told: object) -> bool:
    """Whether an argument was left out, or left empty."""
    return told is None or told == ""


def flag(told: object) -> bool:
    """A yes or no, as JSON or as text."""
    return told is True or str(told).lower() in {"true", "1"}
