"""Reading a venue's answers: every number as the text it was told in, every field either there or a fault.

JSON numbers with a point come as text, so that no price ever passes through a double; whole numbers are integers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import cast

Row = Mapping[str, object]
DIGITS_MAX = 28
"""No venue tells a number in more characters, and so many digits Decimal keeps exactly."""
POWER_MAX = 28
"""Numbers beyond ten to this power, or below its inverse, are nonsense."""
WORDS_MAX = 200


class Malformed(Exception):
    """The venue said something that cannot be what it should be. The sentence says what."""


def decode(text: str) -> object:
    """JSON with exact numbers. Errors: Malformed."""
    try:
        return json.loads(text, parse_float=str, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed("no JSON") from error


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is no number")


def table(value: object, what: str = "answer") -> Row:
    """An object."""
    if not isinstance(value, dict):
        raise Malformed(f"{what} is no object")
    return cast("Row", value)


def rows(value: object, what: str = "answer") -> Sequence[Row]:
    """A list of objects."""
    if not isinstance(value, list):
        raise Malformed(f"{what} is no list")
    return [table(each, what) for each in cast("list[object]", value)]


def part(row: Row, key: str) -> Row:
    """An object inside an object."""
    return table(row.get(key), key)


def text(row: Row, key: str) -> str:
    """A text, or a whole number as one; never empty."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise Malformed(f"{key} is missing")
    return str(value)


def text_or(row: Row, key: str, default: str = "") -> str:
    """A text where there is one."""
    value = row.get(key)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else default


def whole(row: Row, key: str) -> int:
    """A whole number, told as one or as text."""
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Malformed(f"{key} is missing")
    try:
        return int(value)
    except ValueError as error:
        raise Malformed(f"{key} is no whole number") from error


def flag(row: Row, key: str) -> bool | None:
    """True or False as told; None where it is not."""
    value = row.get(key)
    return value if isinstance(value, bool) else None


def exact(value: object, what: str) -> Decimal:
    """A finite number. Errors: Malformed."""
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > DIGITS_MAX:
        raise Malformed(f"{what} is no number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise Malformed(f"{what} is no number") from error
    if not number.is_finite() or (number and abs(number.adjusted()) > POWER_MAX):
        raise Malformed(f"{what} is no amount")
    return plain(number)


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent."""
    short = number.normalize()
    return short.quantize(Decimal(1)) if int(short.as_tuple().exponent) > 0 else short + Decimal(0)


def amount(row: Row, key: str) -> Decimal:
    """A number that must be there."""
    return exact(row.get(key), key)


def positive(row: Row, key: str) -> Decimal:
    """A number above zero that must be there."""
    number = amount(row, key)
    if number <= 0:
        raise Malformed(f"{key} is not above zero")
    return number


def not_negative(row: Row, key: str) -> Decimal:
    """A number, zero or above, that must be there."""
    number = amount(row, key)
    if number < 0:
        raise Malformed(f"{key} is below zero")
    return number


def price_or_none(row: Row, *keys: str) -> Decimal | None:
    """The first of these that is told and above zero: venues write 0 for no price."""
    for key in keys:
        if row.get(key) in (None, ""):
            continue
        price = amount(row, key)
        if price > 0:
            return price
    return None


def seconds_as_ms(row: Row, key: str) -> int:
    """An instant told in seconds with decimals, as UTC milliseconds."""
    return int(amount(row, key) * 1000)


def brief(words: str) -> str:
    """A venue's words, on one line and not too long."""
    line = " ".join(words.split())
    return line if len(line) <= WORDS_MAX else f"{line[:WORDS_MAX]}…"


def step_text(number: Decimal, step: Decimal) -> str:
    """A number of whole steps as a venue wants it: plain digits, as many decimals as the step has."""
    assert number % step == 0, f"{number} is not a whole number of steps of {step}"
    places = max(0, -int(step.normalize().as_tuple().exponent))
    return f"{number:.{places}f}"
