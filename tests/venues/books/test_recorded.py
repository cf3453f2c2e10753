"""The books against hours that really happened: Kraken's own checksums, Binance's own best prices."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from quorate.venues.books.binance import BinanceBook, Numbering, read_snapshot
from quorate.venues.books.kraken import KrakenBook
from quorate.venues.books.kraken_frames import read_v1
from quorate.venues.books.shelf import BookShelf, binance_shelf, kraken_shelf, kraken_v1_shelf
from quorate.venues.books.status import BookState
from tests.venues.books.recordings import FUTURES, SPOT, Frame, binance_frames, kraken_frames, kraken_v2_frames

pytestmark = pytest.mark.real_data

DECIMALS = {
    "ADA/XBT": 9,
    "ETH/CHF": 5,
    "GRT/ETH": 9,
    "KSM/XBT": 8,
    "OCEAN/XBT": 9,
    "OMG/USD": 6,
    "SC/EUR": 6,
    "WAVES/EUR": 6,
    "XBT/CHF": 5,
    "XMR/USD": 8,
}
"""Decimals of prices in the v1 stream."""


def kraken_books(at_ms: int, make: Any = kraken_v1_shelf) -> tuple[list[KrakenBook], BookShelf]:
    books = [
        KrakenBook(pair, pair, price_decimals=decimals, quantity_decimals=8, depth=1_000, at_ms=at_ms)
        for pair, decimals in DECIMALS.items()
    ]
    return books, make(books)


@pytest.mark.parametrize(("told", "make"), [(kraken_frames, kraken_v1_shelf), (kraken_v2_frames, kraken_shelf)])
def test_every_recorded_checksum_of_kraken_agrees_in_either_version(told: Any, make: Any):
    frames = list(told())
    books, shelf = kraken_books(frames[0][0], make)
    assert all(shelf.take(frame, at_ms) for at_ms, frame in frames)
    assert sum(book.checked for book in books) == 4_269
    assert all(book.integrity.state is BookState.LIVE and not book.integrity.faults for book in books)


def test_nearly_every_lost_frame_of_kraken_that_changed_the_ten_best_levels_is_noticed_at_the_very_next():
    frames = [entry for entry in kraken_frames() if b'"XMR/USD"' in entry[1]]
    updates = [row for row, (_, frame) in enumerate(frames) if b'"c":' in frame]
    told = {row: read_v1(frames[row][1])[0] for row in updates}
    prices = {row: {price for price, _ in (*message.bids, *message.asks)} for row, message in told.items()}
    mattered = [
        (lost, after)
        for before, lost, after in zip(updates, updates[1:], updates[2:], strict=False)
        if told[lost].checksum != told[before].checksum and not prices[lost] & prices[after]
    ][:200:5]
    noticed = 0
    for lost, after in mattered:
        books, shelf = kraken_books(frames[0][0])
        for row in range(after + 1):
            if row != lost:
                shelf.take(frames[row][1], frames[row][0])
        book = next(book for book in books if book.pair == "XMR/USD")
        noticed += book.status(frames[after][0]).state is BookState.CHECKSUM_MISMATCH
    assert len(mattered) >= 10
    assert noticed / len(mattered) > 0.9  # the next may push the lost level below the tenth


class Ticker(msgspec.Struct):
    u: int
    b: str
    a: str


class Wrapped(msgspec.Struct):
    stream: str
    data: msgspec.Raw


def replay(frames: list[Frame], numbering: Numbering) -> tuple[BinanceBook, BookShelf, int]:
    """Run a recording through a book; how often its best prices met those that Binance told at the same update."""
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=numbering, at_ms=frames[0][0])
    shelf = binance_shelf([book])
    told: dict[int, tuple[Decimal, Decimal]] = {}
    for _, frame in frames:
        if b"@bookTicker" in frame[:60]:
            ticker = msgspec.json.decode(msgspec.json.decode(frame, type=Wrapped).data, type=Ticker)
            told[ticker.u] = (Decimal(ticker.b), Decimal(ticker.a))
    met = 0
    for at_ms, frame in frames:
        if frame.startswith(b'{"lastUpdateId"'):
            book.take_snapshot(read_snapshot(frame), at_ms)
            continue
        assert shelf.take(frame, at_ms)
        if b"@depth" in frame[:60] and book._last_id in told:
            reading = book.reading(at_ms)
            if book.integrity.state is BookState.LIVE:
                assert (reading.bid, reading.ask) == told[book._last_id]
                met += 1
    return book, shelf, met


@pytest.mark.parametrize(
    ("names", "numbering", "least"),
    [(SPOT, Numbering.SPOT, 500), (FUTURES, Numbering.FUTURES, 300)],
    ids=["spot", "usdm"],
)
def test_the_best_prices_are_those_that_binance_told_beside_the_updates(names, numbering, least):
    book, shelf, met = replay(list(binance_frames(names)), numbering)
    assert book.integrity.state is BookState.LIVE
    assert (book.integrity.faults, shelf.refused) == (0, 0)
    assert met >= least


def test_one_lost_update_of_binance_is_noticed_at_the_next():
    frames = [frame for frame in binance_frames(SPOT[:1]) if b"@depth" in frame[1][:60] or b"lastUp" in frame[1][:20]]
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=Numbering.SPOT, at_ms=frames[0][0])
    shelf = binance_shelf([book])
    for row, (at_ms, frame) in enumerate(frames[:1_000]):
        if frame.startswith(b'{"lastUpdateId"'):
            book.take_snapshot(read_snapshot(frame), at_ms)
        elif row != 500:
            shelf.take(frame, at_ms)
    assert book.status(frames[1_000][0]).state is BookState.GAPPED
    assert book.integrity.faults == 1
    assert "are missing" in book.status(frames[1_000][0]).reason
