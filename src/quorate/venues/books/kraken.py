"""Kraken order books: no numbers, but a CRC32 over the ten best levels of each side with every update.

Prices and quantities enter the checksum at the pair's decimals, without point and leading zeros: exactly the whole
units this package keeps. JSON numbers of the v2 stream lose trailing zeros, so they are read as text and scaled.
"""

from __future__ import annotations

import zlib
from decimal import Decimal

import msgspec

from quorate.domain.votes import Action
from quorate.venues.books.ladder import Ladder
from quorate.venues.books.order_book import BookReading, OrderBook
from quorate.venues.books.scale import MalformedFrame, Scale
from quorate.venues.books.status import BookState, BookStatus, Integrity, Remedy

CHECKED_LEVELS = 10


class BookMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a frame of either version of the stream says about one book."""

    symbol: str
    snapshot: bool
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    checksum: int | None
    """None where the stream tells none: with snapshots of v1, and with every message for clients that opted out."""
    made_ms: int | None


def checked_text(side: Ladder) -> bytes:
    """What a side contributes to the checksum."""
    return "".join([f"{price}{quantity}" for price, quantity in side.top(CHECKED_LEVELS)]).encode()


class KrakenBook:
    """One pair's book, of the `depth` that was subscribed to; times are UTC ms on the venue's clock.

    `symbol` is the pair's name in the stream ("BTC/USD", in v1 "XBT/USD"). The decimals are those of the pair; in v1
    those of the texts that the stream shows.
    """

    def __init__(
        self, pair: str, symbol: str, *, price_decimals: int, quantity_decimals: int, depth: int, at_ms: int
    ) -> None:
        self.pair = pair
        self.symbol = symbol
        self.book = OrderBook(pair, price=Scale(price_decimals), quantity=Scale(quantity_decimals), depth=depth)
        self.integrity = Integrity(at_ms=at_ms)
        self.checked = 0
        """Checksums that agreed."""
        self.ignored = 0
        """Updates that came while no snapshot was there to apply them to."""
        self._whole = False
        self._asks_text = self._bids_text = b""

    @property
    def remedy(self) -> Remedy:
        """What the book needs: the snapshot that comes with a subscription, unless it is under way already."""
        if self._whole:
            return Remedy.NONE
        return Remedy.NONE if self.integrity.state is BookState.SYNCING else Remedy.RESUBSCRIBE

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
        """A new subscription: its snapshot is under way."""
        self._forget()
        self.integrity.begin(reason, at_ms)

    def spoil(self, reason: str, at_ms: int) -> None:
        """A frame about this book could not be read: whatever it told is missing now."""
        self._fall(BookState.GAPPED, reason, at_ms)

    def take(self, message: BookMessage, at_ms: int) -> None:
        """One message of the stream, in the order it came. Errors: MalformedFrame, with the book given up."""
        if not message.snapshot and not self._whole:
            self.ignored += 1
            return
        book = self.book
        try:
            bids, asks = book.levels(message.bids), book.levels(message.asks)
        except MalformedFrame as error:
            self._fall(BookState.GAPPED, error.message, at_ms)
            raise MalformedFrame(error.message, symbol=self.symbol) from error
        if message.snapshot:
            book.replace(bids, asks)
            self._whole = True
        else:
            book.apply(bids, asks)
        if message.snapshot or (asks and book.asks.reaches(asks, CHECKED_LEVELS)):
            self._asks_text = checked_text(book.asks)
        if message.snapshot or (bids and book.bids.reaches(bids, CHECKED_LEVELS)):
            self._bids_text = checked_text(book.bids)
        self._judge(message, at_ms)

    def _judge(self, message: BookMessage, at_ms: int) -> None:
        if message.checksum is not None:
            ours = zlib.crc32(self._asks_text + self._bids_text)
            if ours != message.checksum:
                reason = f"the checksum is {ours}, the venue says {message.checksum}"
                self._fall(BookState.CHECKSUM_MISMATCH, reason, at_ms)
                return
            self.checked += 1
        crossing = self.book.crossing()
        if crossing is not None:
            self._fall(BookState.CROSSED, crossing, at_ms)
            return
        self.integrity.hear(at_ms, message.made_ms)
        self.integrity.prove(at_ms)

    def _fall(self, state: BookState, reason: str, at_ms: int) -> None:
        self.integrity.fall(state, reason, at_ms)
        self._forget()

    def _forget(self) -> None:
        self.book.clear()
        self._whole = False
