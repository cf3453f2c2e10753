"""Kraken's checksums: a book that differs anywhere in its ten best levels is never traded on."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.venues.books.kraken import BookMessage, KrakenBook
from quorate.venues.books.shelf import kraken_v1_shelf
from quorate.venues.books.status import BookState, Remedy
from tests.venues.books.streams import ASKS, BIDS, START_MS, crc, kraken, told


def state(book: KrakenBook) -> BookState:
    return book.status(START_MS).state


def test_a_snapshot_with_the_right_checksum_is_live():
    book, shelf = kraken()
    reading = shelf.readings(START_MS)["BTC/USD"]
    assert (state(book), book.checked, reading.bid, reading.ask) == (BookState.LIVE, 1, Decimal(100), Decimal("100.1"))
    assert shelf.blocked(START_MS) == {}


def test_an_update_is_applied_and_checked():
    book, shelf = kraken()
    bids = {**BIDS, "99.8": "0.00000500"}
    assert shelf.take(told("update", {"99.8": "0.000005"}, {}, crc(bids, ASKS)), START_MS)
    assert (state(book), book.checked) == (BookState.LIVE, 2)
    assert book.reading(START_MS).bids[-1] == (Decimal("99.8"), Decimal("0.000005"))


def test_f22_a_wrong_checksum_empties_the_book_until_a_new_subscription_brings_a_snapshot():
    book, shelf = kraken()
    shelf.take(told("update", {"99.8": "5"}, {}, 1), START_MS + 3)
    status = book.status(START_MS + 4)
    assert (status.state, status.since_ms) == (BookState.CHECKSUM_MISMATCH, START_MS + 3)
    assert "the venue says 1" in status.reason
    assert (shelf.needs(START_MS, patience_ms=10_000), book.reading(START_MS).bids) == (
        {"BTC/USD": Remedy.RESUBSCRIBE},
        (),
    )
    shelf.take(told("update", {"99.8": "6"}, {}, 1), START_MS + 5)
    assert (book.ignored, book.integrity.faults) == (1, 1)
    book.begin("subscribing anew", START_MS + 6)
    assert shelf.needs(START_MS, patience_ms=10_000) == {}
    shelf.take(told("snapshot", BIDS, ASKS, crc(BIDS, ASKS)), START_MS + 9)
    assert (state(book), book.status(START_MS + 9).since_ms) == (BookState.LIVE, START_MS + 9)


def test_f22_a_crossed_book_is_given_up_even_if_its_checksum_agrees():
    book, shelf = kraken()
    bids = {**BIDS, "100.1": "1.00000000"}
    shelf.take(told("update", {"100.1": "1"}, {}, crc(bids, ASKS)), START_MS)
    assert (state(book), book.remedy) == (BookState.CROSSED, Remedy.RESUBSCRIBE)


def test_levels_beyond_the_depth_are_dropped_as_the_venue_drops_them():
    book, shelf = kraken(depth=2)
    assert shelf.take(told("update", {"99.8": "1"}, {}, crc(BIDS, ASKS)), START_MS)
    assert len(book.reading(START_MS).bids) == 2


def test_f23_a_book_without_news_is_stale():
    book, shelf = kraken()
    shelf.take(b'{"channel":"heartbeat"}', START_MS + 6_000)
    assert book.status(START_MS + 6_000).state is BookState.STALE
    assert set(shelf.blocked(START_MS + 6_000)) == {"BTC/USD"}


@pytest.mark.parametrize(
    "frame",
    [
        told("update", {}, {}, 1).replace(b'"bids":[]', b'"bids":[{"price":"x","qty":1}]'),
        told("update", {}, {}, 1).replace(b'"bids":[]', b'"bids":[{"price":true,"qty":1}]'),
        told("update", {}, {}, 1).replace(b'"bids":[]', b'"bids":[{"price":-1,"qty":1}]'),
        told("update", {}, {}, 1).replace(b'"bids":[]', b'"bids":[{"qty":1}]'),
        told("update", {}, {}, 1).replace(b'"bids":[]', b'"bids":7'),
        told("update", {}, {}, 1).replace(b"2023-11-14", b"yesterday!"),
        told("mystery", {}, {}, 1),
        told("update", {}, {}, 12345).replace(b"12345", b'"one"'),
    ],
)
def test_what_cannot_be_believed_is_quarantined_and_the_book_with_it(frame: bytes):
    book, shelf = kraken()
    assert not shelf.take(frame, START_MS)
    assert (state(book), shelf.quarantine[0].symbol) == (BookState.GAPPED, "BTC/USD")


@pytest.mark.parametrize("frame", [b"", b"{", b"\xff", told("update", BIDS, {}, 1)[:40]])
def test_a_frame_that_is_no_frame_spoils_every_book_since_nothing_would_show_the_loss(frame: bytes):
    book, shelf = kraken()
    assert not shelf.take(frame, START_MS)
    assert (state(book), shelf.needs(START_MS, patience_ms=10_000)) == (
        BookState.GAPPED,
        {"BTC/USD": Remedy.RESUBSCRIBE},
    )


def test_numbers_with_exponents_are_read_exactly():
    book, shelf = kraken()
    frame = told("update", {"99.8": "5"}, {}, crc({**BIDS, "99.8": "0.00000012"}, ASKS)).replace(
        b"5.00000000", b"1.2e-7"
    )
    assert shelf.take(frame, START_MS)
    assert book.reading(START_MS).bids[-1][1] == Decimal("0.00000012")


prices = st.integers(1, 400).map(lambda ticks: f"{ticks / 10:.1f}")
sizes = st.integers(0, 3 * 10**8).map(lambda units: f"{units / 10**8:.8f}")


@given(st.lists(st.tuples(st.booleans(), prices, sizes), max_size=60))
def test_whatever_changes_every_checksum_agrees_with_a_plain_table(changes: list[tuple[bool, str, str]]):
    book = KrakenBook("BTC/USD", "BTC/USD", price_decimals=1, quantity_decimals=8, depth=1_000, at_ms=START_MS)
    tables: tuple[dict[str, str], dict[str, str]] = ({}, {})
    empty = BookMessage(symbol="BTC/USD", snapshot=True, bids=[], asks=[], checksum=crc({}, {}), made_ms=None)
    book.take(empty, START_MS)
    for buys, price, size in changes:
        told = price if buys else f"{float(price) + 50:.1f}"  # asks above all bids: a crossed book is another matter
        table = tables[0 if buys else 1]
        table[told] = size
        if not float(size):
            del table[told]
        sides = ([(told, size)], []) if buys else ([], [(told, size)])
        bids, asks = sides
        update = BookMessage(
            symbol="BTC/USD", snapshot=False, bids=bids, asks=asks, checksum=crc(*tables), made_ms=START_MS
        )
        book.take(update, START_MS)
        assert state(book) is BookState.LIVE
    assert book.checked == len(changes) + 1


def v1(*parts: object) -> bytes:
    return json.dumps([1, *parts, "book-10", "XBT/USD"]).encode()


@pytest.mark.parametrize(
    "frame",
    [
        v1({"a": [["1.0", "1.0"]], "c": "1"}),
        v1({"a": [["1.0", "1.0", "x"]], "c": "1"}),
        v1({"a": [[1.0, "1.0", "1.0"]], "c": "1"}),
        v1({"a": [["1.0", "1.0", "1.0"]], "c": "one"}),
        v1({"c": "1"}),
        v1(7),
        v1({"a": [["1.0", "1.0", "nan"]]}),
        v1({"a": [["1.0", "1.0", "inf"]]}),
    ],
)
def test_malformed_frames_of_the_older_stream_are_quarantined(frame: bytes):
    book = KrakenBook("BTC/USD", "XBT/USD", price_decimals=1, quantity_decimals=8, depth=10, at_ms=START_MS)
    shelf = kraken_v1_shelf([book])
    assert not shelf.take(frame, START_MS)
    assert book.status(START_MS).state is BookState.GAPPED
