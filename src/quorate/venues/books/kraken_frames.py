"""Frames of Kraken's two book streams as one kind of message: v2 (JSON objects) and v1 (JSON arrays of text)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from quorate.venues.books.kraken import BookMessage
from quorate.venues.books.scale import MalformedFrame

FRACTION = re.compile(r"\.(\d+)")
V1_ELEMENTS_MIN = 4
"""A v1 frame: channel id, one or two objects, channel name, pair."""


class _Level(msgspec.Struct, frozen=True, gc=False):
    price: Any
    qty: Any


class _Told(msgspec.Struct, frozen=True, gc=False):
    symbol: str
    bids: list[_Level] = []
    asks: list[_Level] = []
    checksum: int | None = None
    timestamp: str | None = None


class _Book(msgspec.Struct, frozen=True, gc=False):
    data: list[_Told]
    type: str


class _Kind(msgspec.Struct, frozen=True, gc=False):
    channel: str = ""


class _Address(msgspec.Struct, gc=False):
    symbol: str


class _Addressed(msgspec.Struct, gc=False):
    data: list[_Address]


_ADDRESSED = msgspec.json.Decoder(_Addressed)
_KIND = msgspec.json.Decoder(_Kind)
_BOOK = msgspec.json.Decoder(_Book, float_hook=str)
_ANY = msgspec.json.Decoder()


def read_v2(frame: bytes | str) -> Sequence[BookMessage]:
    """What a v2 frame says about books; nothing for frames about something else. Errors: MalformedFrame."""
    try:
        if _KIND.decode(frame).channel != "book":
            return ()
        book = _BOOK.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFrame(f"A book frame cannot be read: {error}.", symbol=_symbol_v2(frame)) from error
    if book.type not in {"snapshot", "update"}:
        raise MalformedFrame(f"A book frame is of unknown type {book.type[:20]!r}.", symbol=_symbol_v2(frame))
    return [_message(told, snapshot=book.type == "snapshot") for told in book.data]


def _message(told: _Told, *, snapshot: bool) -> BookMessage:
    return BookMessage(
        symbol=told.symbol,
        snapshot=snapshot,
        bids=[(_text(level.price), _text(level.qty)) for level in told.bids],
        asks=[(_text(level.price), _text(level.qty)) for level in told.asks],
        checksum=told.checksum,
        made_ms=None if told.timestamp is None else _stamp_ms(told.timestamp, told.symbol),
    )


def _text(number: object) -> str:
    """A JSON number as it was written; anything else stays what it is and is refused where it is read as a price."""
    return number if isinstance(number, str) else repr(number)


def _stamp_ms(text: str, symbol: str) -> int:
    """An instant like 2023-10-06T17:35:55.440295Z in UTC ms. Errors: MalformedFrame."""
    try:
        exact = FRACTION.sub(lambda match: f".{match[1][:6]:0<6}", text, count=1)
        return int(datetime.fromisoformat(exact).replace(tzinfo=UTC).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise MalformedFrame(f"{text[:40]!r} is not an instant.", symbol=symbol) from error


def _symbol_v2(frame: bytes | str) -> str | None:
    try:
        return _ADDRESSED.decode(frame).data[0].symbol
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
        return None


class _LevelV1(msgspec.Struct, frozen=True, gc=False, array_like=True, forbid_unknown_fields=True):
    price: str
    quantity: str
    made_s: str
    mark: str = ""
    """"r" on a level that is told again because one above it went."""


class _PartV1(msgspec.Struct, frozen=True, gc=False):
    snapshot_asks: list[_LevelV1] | None = msgspec.field(name="as", default=None)
    snapshot_bids: list[_LevelV1] | None = msgspec.field(name="bs", default=None)
    asks: list[_LevelV1] = msgspec.field(name="a", default_factory=list[_LevelV1])
    bids: list[_LevelV1] = msgspec.field(name="b", default_factory=list[_LevelV1])
    checksum: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,10}\Z")] | None = msgspec.field(name="c", default=None)


_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_PART = msgspec.json.Decoder(_PartV1)


def read_v1(frame: bytes | str) -> Sequence[BookMessage]:
    """What a v1 frame says about a book; nothing for frames about something else. Errors: MalformedFrame.

    A snapshot has "as" and "bs", an update "a", "b" or one object for each; the checksum stands in the last.
    """
    symbol: str | None = None
    try:
        if frame[:1] in {b"{", "{"}:
            _KIND.decode(frame)
            return ()
        told = _ARRAY.decode(frame)
        if len(told) < V1_ELEMENTS_MIN or not str(_ANY.decode(told[-2])).startswith("book"):
            return ()
        symbol = str(_ANY.decode(told[-1]))
        return [_whole_v1([_PART.decode(part) for part in told[1:-2]], symbol)]
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise MalformedFrame(f"A book frame cannot be read: {error}.", symbol=symbol) from error


def _whole_v1(parts: Sequence[_PartV1], symbol: str) -> BookMessage:
    """The parts of one frame as one message: between them the book may be crossed."""
    snapshot = parts[0].snapshot_asks is not None or parts[0].snapshot_bids is not None
    asks: list[_LevelV1] = []
    bids: list[_LevelV1] = []
    for part in parts:
        asks += (part.snapshot_asks or ()) if snapshot else part.asks
        bids += (part.snapshot_bids or ()) if snapshot else part.bids
    if not snapshot and not asks and not bids:
        raise ValueError("it carries no levels")
    told_sum = parts[-1].checksum
    return BookMessage(
        symbol=symbol,
        snapshot=snapshot,
        bids=[(level.price, level.quantity) for level in bids],
        asks=[(level.price, level.quantity) for level in asks],
        checksum=None if told_sum is None else int(told_sum),
        made_ms=None if snapshot else int(max([float(level.made_s) for level in (*asks, *bids)]) * 1000),
    )
