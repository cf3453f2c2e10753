"""What a source answered, taken apart by its shape: exact numbers, and one bad row costs that row only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from quorate.feeds.context.faults import malformed

T = TypeVar("T")
REASON_CHARS_MAX = 120
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError)


def decoded(body: bytes, shape: type[T]) -> T:
    """The JSON in `body` as `shape`. Errors: SourceFault where it is anything else."""
    try:
        return msgspec.json.decode(body, type=shape, strict=False)
    except UNREADABLE as error:
        raise malformed(f"is not what was expected: {str(error)[:REASON_CHARS_MAX]}") from error


def rows_of(rows: Sequence[msgspec.Raw], shape: type[T], *, rows_max: int) -> list[T]:
    """The first `rows_max` rows that fit `shape`. Errors: SourceFault where there are rows and none fits."""
    decoder = msgspec.json.Decoder(shape, strict=False)
    good: list[T] = []
    for row in rows[:rows_max]:
        try:
            good.append(decoder.decode(row))
        except UNREADABLE:
            continue
    if rows and not good:
        raise malformed("has no row of the expected shape")
    return good
