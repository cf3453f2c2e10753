"""Binance order books from diff depth: every update is numbered, so that a missing one is seen at the next.

A snapshot asked for by REST is continued by the updates that were kept meanwhile. Spot updates carry the first and last
id they cover (U, u) and must follow one another without a hole; futures updates also name the one before (pu).
"""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from enum import StrEnum

import msgspec

from quorate.domain.votes import Action
from quorate.venues.books.order_book import BookReading, OrderBook
from quorate.venues.books.scale import MalformedFrame, Scale
from quorate.venues.books.status import BookState, BookStatus, Integrity, Remedy

PENDING_MAX = 1_000
"""Updates kept while a snapshot is under way; the oldest go first, and the snapshot then has to be a newer one."""
DECIMALS = 8
"""Binance quotes at most so many."""


class Numbering(StrEnum):
    """How updates follow one another."""

    SPOT = "spot"
    FUTURES = "futures"


class DepthUpdate(msgspec.Struct, frozen=True, gc=False, rename={"event": "e", "made_ms": "E", "symbol": "s"}):
    """One diff depth event: new quantities of the levels that changed."""

    event: str
    made_ms: int
    symbol: str
    first_id: int = msgspec.field(name="U")
    last_id: int = msgspec.field(name="u")
    bids: list[tuple[str, str]] = msgspec.field(name="b")
    asks: list[tuple[str, str]] = msgspec.field(name="a")
    previous_id: int | None = msgspec.field(name="pu", default=None)


class DepthSnapshot(msgspec.Struct, frozen=True, gc=False):
    """The answer to GET depth. Futures stamp it (`made_ms`), spot does not."""

    last_id: int = msgspec.field(name="lastUpdateId")
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    made_ms: int | None = msgspec.field(name="E", default=None)


class _Wrapped(msgspec.Struct, gc=False):
    stream: str
    data: msgspec.Raw


class _Kind(msgspec.Struct, gc=False):
    event: str = msgspec.field(name="e", default="")


class _Address(msgspec.Struct, gc=False):
    symbol: str | None = msgspec.field(name="s", default=None)
    data: _Address | None = None


_ADDRESSED = msgspec.json.Decoder(_Address)
_WRAPPED = msgspec.json.Decoder(_Wrapped)
_KIND = msgspec.json.Decoder(_Kind)
_UPDATE = msgspec.json.Decoder(DepthUpdate)
_SNAPSHOT = msgspec.json.Decoder(DepthSnapshot)


def read_frame(frame: bytes | str) -> DepthUpdate | None:
    """The diff depth event of a stream's frame, wrapped or bare; None for what is about something else.

    Errors: MalformedFrame.
    """
    try:
        if frame[:10] in {b'{"stream":', '{"stream":'}:
            wrapped = _WRAPPED.decode(frame)
            if "@depth" not in wrapped.stream:
                return None
            update = _UPDATE.decode(wrapped.data)
        else:
            if _KIND.decode(frame).event != "depthUpdate":
                return None
            update = _UPDATE.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFrame(f"A depth frame cannot be read: {error}.", symbol=_symbol_in(frame)) from error
    if update.event != "depthUpdate" or not 0 < update.first_id <= update.last_id:
        raise MalformedFrame("A depth frame does not say which updates it covers.", symbol=update.symbol)
    return update


def read_snapshot(answer: bytes | str) -> DepthSnapshot:
    """The answer to GET depth. Errors: MalformedFrame."""
    try:
        return _SNAPSHOT.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedFrame(f"A depth snapshot cannot be read: {error}.") from error


def _symbol_in(frame: bytes | str) -> str | None:
    """Which book a broken frame was about, where it is at least JSON."""
    try:
        told = _ADDRESSED.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return told.symbol if told.data is None else told.data.symbol


class BinanceBook:
    """One pair's book. `symbol` is its name in the stream ("BTCUSDT"); times are UTC ms on the venue's clock."""

    def __init__(
        self,
        pair: str,
        symbol: str,
        *,
        numbering: Numbering,
        at_ms: int,
        price_decimals: int = DECIMALS,
        quantity_decimals: int = DECIMALS,
    ) -> None:
        self.pair = pair
        self.symbol = symbol
        self.book = OrderBook(pair, price=Scale(price_decimals), quantity=Scale(quantity_decimals))
        self.integrity = Integrity(at_ms=at_ms)
        self.repeated = 0
        """Updates that told nothing new: repetitions, and those that came out of order."""
        self._numbering = numbering
        self._last_id: int | None = None
        self._bridged = False
        self._pending: deque[DepthUpdate] = deque(maxlen=PENDING_MAX)

    @property
    def remedy(self) -> Remedy:
        """What the book needs."""
        return Remedy.SNAPSHOT if self._last_id is None else Remedy.NONE

    def status(self, now_ms: int) -> BookStatus:
        """How the book stands at `now_ms`."""
        return self.integrity.status(now_ms)

    def reading(self, now_ms: int) -> BookReading:
        """The best levels and how far they can be relied on."""
        return self.book.reading(self.status(now_ms), content_ms=self.integrity.content_ms, at_ms=now_ms)

    def within(self, action: Action, bps: int) -> Decimal | None:
        """As `OrderBook.within`, whatever state the book is in."""
        return self.book.within(action, bps)

    def begin(self, reason: str, at_ms: int) -> None:
        """A new connection: what was kept is not continued by what comes."""
        self._forget()
        self._pending.clear()
        self.integrity.begin(reason, at_ms)

    def spoil(self, reason: str, at_ms: int) -> None:
        """A frame about this book could not be read: whatever it told is missing now."""
        self._fall(BookState.GAPPED, reason, at_ms)

    def take(self, message: DepthUpdate, at_ms: int) -> None:
        """One event of the stream, in the order it came. Errors: MalformedFrame, with the book given up."""
        if self._last_id is None:
            self._pending.append(message)
        elif self._bridged:
            self._follow(message, self._last_id, at_ms)
        else:
            self._bridge(message, self._last_id, at_ms)

    def take_snapshot(self, snapshot: DepthSnapshot, at_ms: int) -> None:
        """A snapshot; one that is not wanted is ignored. Errors: MalformedFrame."""
        if self._last_id is not None:
            return
        if self._pending and snapshot.last_id + 1 < self._pending[0].first_id:
            self.integrity.begin("the snapshot is older than the updates that were kept", at_ms)
            return
        self.book.replace(self.book.levels(snapshot.bids), self.book.levels(snapshot.asks))
        self._last_id, self._bridged = snapshot.last_id, False
        kept = list(self._pending)
        self._pending.clear()
        for update in kept:
            self.take(update, at_ms)

    def _bridge(self, update: DepthUpdate, last_id: int, at_ms: int) -> None:
        """The first update after a snapshot has to reach back to it."""
        known = update.last_id <= last_id if self._numbering is Numbering.SPOT else update.last_id < last_id
        if known:
            self.repeated += 1
        elif update.first_id <= last_id + 1:
            self._bridged = True
            self._apply(update, at_ms)
        else:
            self._fall(BookState.GAPPED, f"updates {last_id + 1} to {update.first_id - 1} are missing", at_ms, update)

    def _follow(self, update: DepthUpdate, last_id: int, at_ms: int) -> None:
        if update.last_id <= last_id:
            self.repeated += 1
            return
        if self._numbering is Numbering.FUTURES:
            if update.previous_id != last_id:
                reason = f"the update after {update.previous_id} came where the one after {last_id} was due"
                self._fall(BookState.GAPPED, reason, at_ms, update)
                return
        elif update.first_id > last_id + 1:
            self._fall(BookState.GAPPED, f"updates {last_id + 1} to {update.first_id - 1} are missing", at_ms, update)
            return
        self._apply(update, at_ms)

    def _apply(self, update: DepthUpdate, at_ms: int) -> None:
        book = self.book
        try:
            bids, asks = book.levels(update.bids), book.levels(update.asks)
        except MalformedFrame as error:
            self._fall(BookState.GAPPED, error.message, at_ms)
            raise MalformedFrame(error.message, symbol=self.symbol) from error
        book.apply(bids, asks)
        self._last_id = update.last_id
        crossing = book.crossing()
        if crossing is not None:
            self._fall(BookState.CROSSED, crossing, at_ms)
            return
        self.integrity.hear(at_ms, update.made_ms)
        self.integrity.prove(at_ms)

    def _fall(self, state: BookState, reason: str, at_ms: int, keep: DepthUpdate | None = None) -> None:
        """Give the book up; `keep` is an update that the next snapshot may be continued by."""
        self.integrity.fall(state, reason, at_ms)
        self._forget()
        if keep is not None:
            self._pending.append(keep)

    def _forget(self) -> None:
        self.book.clear()
        self._last_id, self._bridged = None, False
