"""All books of one connection: every frame goes to its book, and what cannot be believed to quarantine, with a reason.

Nothing that comes over the wire raises here. A frame that cannot even be told whose it is spoils every book whose
protocol would not notice the loss by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from quorate.domain.votes import Action
from quorate.venues.books import binance, kraken_frames
from quorate.venues.books.binance import BinanceBook, DepthUpdate
from quorate.venues.books.kraken import BookMessage, KrakenBook
from quorate.venues.books.order_book import BookReading
from quorate.venues.books.scale import MalformedFrame
from quorate.venues.books.status import BookState, BookStatus, Integrity, Remedy

QUARANTINE_MAX = 100
"""Refused frames that are kept to be looked at; more are counted only."""
EXCERPT_MAX = 400


class Addressed(Protocol):
    """A message that says which book it is about."""

    @property
    def symbol(self) -> str:
        """The book's name in the stream."""
        ...


MessageT = TypeVar("MessageT", bound=Addressed)
MessageT_contra = TypeVar("MessageT_contra", contravariant=True)


class StreamedBook(Protocol[MessageT_contra]):
    """A book that a stream keeps."""

    pair: str
    symbol: str
    integrity: Integrity

    @property
    def remedy(self) -> Remedy:
        """What the book needs."""
        ...

    def status(self, now_ms: int) -> BookStatus:
        """How the book stands."""
        ...

    def reading(self, now_ms: int) -> BookReading:
        """The best levels and how far they can be relied on."""
        ...

    def within(self, action: Action, bps: int) -> Decimal | None:
        """Notional that a taker finds within so many bps of the middle."""
        ...

    def begin(self, reason: str, at_ms: int) -> None:
        """Start over."""
        ...

    def spoil(self, reason: str, at_ms: int) -> None:
        """Something about this book is missing."""
        ...

    def take(self, message: MessageT_contra, at_ms: int) -> None:
        """One message. Errors: MalformedFrame."""
        ...


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A frame that was not believed."""

    at_ms: int
    reason: str
    symbol: str | None
    excerpt: str


Reader = Callable[[bytes | str], Sequence[MessageT]]


class BookShelf(Generic[MessageT]):
    """Books by their name in the stream. `numbered`: whether the protocol itself shows that a frame is missing."""

    def __init__(self, books: Iterable[StreamedBook[MessageT]], read: Reader[MessageT], *, numbered: bool) -> None:
        self._books = {book.symbol: book for book in books}
        self._read = read
        self._numbered = numbered
        self.quarantine: deque[Quarantined] = deque(maxlen=QUARANTINE_MAX)
        self.refused = 0
        """How many frames went to quarantine."""

    def take(self, frame: bytes | str, at_ms: int) -> bool:
        """One frame as it came; False when it (or a part of it) went to quarantine."""
        try:
            for message in self._read(frame):
                book = self._books.get(message.symbol)
                if book is None:
                    raise MalformedFrame(f"{message.symbol[:40]} is not a book of this connection.", symbol="")
                book.take(message, at_ms)
        except MalformedFrame as error:
            self._refuse(frame, error, at_ms)
            return False
        return True

    @property
    def symbols(self) -> list[str]:
        """The books' names in the stream, in the order they were given."""
        return list(self._books)

    def begin(self, reason: str, at_ms: int, *, only: str | None = None) -> None:
        """Every book starts over, because the connection is new; or only one does."""
        for symbol, book in self._books.items():
            if only is None or symbol == only:
                book.begin(reason, at_ms)

    def needs(self, now_ms: int, *, patience_ms: int) -> dict[str, Remedy]:
        """The books that need something, by their name in the stream.

        One that has been syncing for longer than `patience_ms` starts over: what it waits for was lost.
        """
        needed: dict[str, Remedy] = {}
        for symbol, book in self._books.items():
            remedy, status = book.remedy, book.status(now_ms)
            if remedy is Remedy.NONE and status.state is BookState.SYNCING and now_ms - status.since_ms > patience_ms:
                book.begin(f"not complete after {patience_ms / 1000:g} s, once more", now_ms)
                remedy = Remedy.RESUBSCRIBE
            if remedy is not Remedy.NONE:
                needed[symbol] = remedy
        return needed

    def is_whole(self, symbol: str) -> bool:
        """Whether a book needs nothing and waits for nothing, however old its content is."""
        book = self._books[symbol]
        return book.remedy is Remedy.NONE and book.integrity.state is not BookState.SYNCING

    def blocked(self, now_ms: int) -> dict[str, BookStatus]:
        """Pairs on which nothing may be opened just now, with the reason."""
        told = {book.pair: book.status(now_ms) for book in self._books.values()}
        return {pair: status for pair, status in told.items() if status.blocks_entries}

    def depth(self, pair: str, action: Action, *, within_bps: int, now_ms: int) -> Decimal | None:
        """Notional that a taker finds within so many bps of the middle; None where the pair's book is not live."""
        book = next((book for book in self._books.values() if book.pair == pair), None)
        return None if book is None or book.status(now_ms).blocks_entries else book.within(action, within_bps)

    def last_faults(self) -> dict[str, BookStatus]:
        """What was last wrong with each pair's book, where anything ever was."""
        told = {book.pair: book.integrity.last_fault for book in self._books.values()}
        return {pair: fault for pair, fault in told.items() if fault is not None}

    def readings(self, now_ms: int) -> dict[str, BookReading]:
        """Every book as of `now_ms`, by pair."""
        return {book.pair: book.reading(now_ms) for book in self._books.values()}

    def _refuse(self, frame: bytes | str, error: MalformedFrame, at_ms: int) -> None:
        self.refused += 1
        start = frame[:EXCERPT_MAX]
        excerpt = start if isinstance(start, str) else start.decode("utf-8", "replace")
        self.quarantine.append(Quarantined(at_ms, error.message, error.symbol or None, excerpt))
        if error.symbol is None and not self._numbered:
            for book in self._books.values():
                book.spoil(f"a frame could not be read: {error.message}", at_ms)
        elif error.symbol and error.symbol in self._books:
            self._books[error.symbol].spoil(error.message, at_ms)


def binance_shelf(books: Iterable[BinanceBook]) -> BookShelf[DepthUpdate]:
    """The books of one Binance connection."""

    def read(frame: bytes | str) -> Sequence[DepthUpdate]:
        update = binance.read_frame(frame)
        return () if update is None else (update,)

    return BookShelf[DepthUpdate](books, read, numbered=True)


def kraken_shelf(books: Iterable[KrakenBook]) -> BookShelf[BookMessage]:
    """The books of one Kraken WebSocket v2 connection."""
    return BookShelf[BookMessage](books, kraken_frames.read_v2, numbered=False)


def kraken_v1_shelf(books: Iterable[KrakenBook]) -> BookShelf[BookMessage]:
    """The books of one Kraken WebSocket v1 connection."""
    return BookShelf[BookMessage](books, kraken_frames.read_v1, numbered=False)
