"""Binance's numbered updates: nothing lost, nothing twice, nothing crossed, and always a way back."""

from decimal import Decimal

import pytest

from quorate.venues.books.binance import PENDING_MAX, BinanceBook, DepthSnapshot, Numbering
from quorate.venues.books.shelf import binance_shelf
from quorate.venues.books.status import BookState, Remedy
from tests.venues.books.streams import START_MS, binance, diff

SNAPSHOT = DepthSnapshot(200, [("50.00", "1")], [("51.00", "1")])


def state(book: BinanceBook) -> BookState:
    return book.status(START_MS).state


def test_a_book_is_live_once_an_update_continues_its_snapshot():
    book, _ = binance()
    reading = book.reading(START_MS)
    assert state(book) is BookState.LIVE
    assert (reading.bid, reading.ask, reading.middle) == (Decimal(100), Decimal("100.01"), Decimal("100.005"))
    assert reading.bids[2] == (Decimal("99.98"), Decimal(3))


def test_a_snapshot_alone_is_not_enough():
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=Numbering.SPOT, at_ms=START_MS)
    assert book.remedy is Remedy.SNAPSHOT
    book.take_snapshot(SNAPSHOT, START_MS)
    assert (state(book), book.remedy) == (BookState.SYNCING, Remedy.NONE)


def test_updates_kept_before_the_snapshot_are_applied_to_it_unless_it_has_them():
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=Numbering.SPOT, at_ms=START_MS)
    shelf = binance_shelf([book])
    shelf.take(diff(190, 198, bids=[["49.00", "9"]]), START_MS)
    shelf.take(diff(199, 205, bids=[["50.50", "2"]]), START_MS)
    shelf.take(diff(206, 206, bids=[["50.00", "0.0"]]), START_MS)
    book.take_snapshot(SNAPSHOT, START_MS)
    assert state(book) is BookState.LIVE
    assert book.reading(START_MS).bids == ((Decimal("50.50"), Decimal(2)),)


def test_a_snapshot_older_than_the_first_update_kept_is_not_used():
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=Numbering.SPOT, at_ms=START_MS)
    binance_shelf([book]).take(diff(300, 301), START_MS)
    book.take_snapshot(SNAPSHOT, START_MS)
    assert (state(book), book.remedy) == (BookState.SYNCING, Remedy.SNAPSHOT)
    assert "older" in book.status(START_MS).reason


@pytest.mark.parametrize("numbering", Numbering)
def test_f22_a_gap_empties_the_book_and_the_next_snapshot_brings_it_back(numbering: Numbering):
    book, shelf = binance(numbering)
    shelf.take(diff(150, 151, bids=[["99.00", "1"]], pu=149), START_MS + 7)
    status = book.status(START_MS + 8)
    assert (status.state, status.since_ms, status.blocks_entries) == (BookState.GAPPED, START_MS + 7, True)
    assert status.reason
    assert (book.reading(START_MS).bids, book.remedy) == ((), Remedy.SNAPSHOT)
    book.take_snapshot(DepthSnapshot(150, [("99.00", "5")], [("101.00", "5")]), START_MS + 20)
    shelf.take(diff(152, 152, asks=[["100.50", "1"]], pu=151), START_MS + 30)
    assert (state(book), book.status(START_MS + 31).since_ms) == (BookState.LIVE, START_MS + 20)
    assert (book.reading(START_MS + 31).bid, book.reading(START_MS + 31).ask) == (Decimal(99), Decimal("100.5"))


@pytest.mark.parametrize("numbering", Numbering)
def test_repeated_and_older_updates_change_nothing_and_do_not_count_as_news(numbering: Numbering):
    book, shelf = binance(numbering)
    before = book.reading(START_MS)
    for _ in range(3):
        assert shelf.take(diff(100, 101, bids=[["98.00", "7"]], pu=99), START_MS + 6_000)
    assert book.reading(START_MS).bids == before.bids
    assert book.repeated == 3
    assert book.status(START_MS + 6_000).state is BookState.STALE


def test_f22_a_crossed_book_is_given_up():
    book, shelf = binance()
    shelf.take(diff(102, 102, bids=[["100.01", "1"]]), START_MS)
    assert (state(book), book.remedy) == (BookState.CROSSED, Remedy.SNAPSHOT)
    assert "not below the best ask 100.01" in book.status(START_MS).reason


def test_f22_a_later_fault_does_not_hide_the_first():
    book, shelf = binance()
    shelf.take(diff(102, 102, bids=[["100.01", "1"]]), START_MS)
    shelf.take(b'{"e":"depthUpdate","s":"BTCUSDT"}', START_MS + 5)
    assert (state(book), book.status(START_MS + 5).since_ms, book.integrity.faults) == (BookState.CROSSED, START_MS, 2)


def test_f23_a_book_without_news_is_stale_after_five_seconds_and_live_again_with_the_next():
    book, shelf = binance()
    assert book.status(START_MS + 5_000).state is BookState.LIVE
    status = book.status(START_MS + 5_001)
    assert (status.state, status.since_ms) == (BookState.STALE, START_MS + 5_000)
    shelf.take(diff(102, 102, E=START_MS + 6_000), START_MS + 6_000)
    assert book.status(START_MS + 6_001).state is BookState.LIVE


def test_f23_news_that_were_made_long_ago_are_stale_on_arrival():
    book, shelf = binance()
    shelf.take(diff(102, 102, bids=[["99.97", "1"]]), START_MS + 60_000)
    assert book.status(START_MS + 60_000).state is BookState.STALE


def test_a_new_connection_begins_with_a_new_snapshot():
    book, shelf = binance()
    shelf.begin("reconnected", START_MS + 1)
    assert (state(book), book.status(START_MS + 1).reason) == (BookState.SYNCING, "reconnected")
    assert shelf.needs(START_MS, patience_ms=10_000) == {"BTCUSDT": Remedy.SNAPSHOT}


def test_updates_kept_for_a_snapshot_that_never_comes_are_bounded():
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=Numbering.SPOT, at_ms=START_MS)
    shelf = binance_shelf([book])
    for number in range(1, PENDING_MAX + 500):
        shelf.take(diff(number, number), START_MS)
    assert len(book._pending) == PENDING_MAX


MALFORMED = [
    diff(102, 102, bids=[["100.00", "-1"]]),
    diff(102, 102, bids=[["1e999", "1"]]),
    diff(102, 102, bids=[["NaN", "1"]]),
    diff(102, 102, bids=[["100.005", "1"]]),
    diff(102, 102, bids=[["1_0", "1"]]),
    diff(102, 102, bids=[["", "1"]]),
    diff(102, 102, bids=[["٣", "1"]]),
    diff(102, 102, bids=[["9" * 400, "1"]]),
    diff(102, 102, bids=[[100.0, 1]]),
    diff(102, 102, bids=[["100.00"]]),
    diff(102, 102, bids="nonsense"),
    diff(103, 102),
    diff(-5, 102),
    b'{"e":"depthUpdate","s":"BTCUSDT"}',
]


@pytest.mark.parametrize("frame", MALFORMED)
def test_what_cannot_be_believed_is_quarantined_and_the_book_with_it(frame: bytes):
    book, shelf = binance()
    assert not shelf.take(frame, START_MS + 1)
    assert (state(book), book.reading(START_MS).bids) == (BookState.GAPPED, ())
    assert shelf.refused == 1
    assert shelf.quarantine[0].reason
    assert shelf.quarantine[0].symbol == "BTCUSDT"


@pytest.mark.parametrize("frame", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"7", diff(102, 102)[:-20], b'"x"'])
def test_a_frame_that_is_no_frame_is_quarantined_and_the_numbers_show_what_is_missing(frame: bytes):
    book, shelf = binance()
    assert not shelf.take(frame, START_MS)
    assert state(book) is BookState.LIVE
    shelf.take(diff(103, 103), START_MS)
    assert state(book) is BookState.GAPPED


def test_frames_about_other_things_and_other_books_disturb_nothing():
    book, shelf = binance()
    assert shelf.take(b'{"e":"trade","s":"BTCUSDT","p":"1","q":"1"}', START_MS)
    assert shelf.take(b'{"stream":"btcusdt@bookTicker","data":{"b":"1"}}', START_MS)
    assert shelf.take(b'{"result":null,"id":1}', START_MS)
    assert not shelf.take(diff(1, 2, s="ETHUSDT"), START_MS)
    assert state(book) is BookState.LIVE
    assert "ETHUSDT is not a book" in shelf.quarantine[0].reason


def test_a_wrapped_event_is_read_like_a_bare_one():
    book, shelf = binance()
    shelf.take(b'{"stream":"btcusdt@depth@100ms","data":' + diff(102, 103, bids=[["100.00", "9"]]) + b"}", START_MS)
    assert book.reading(START_MS).bids[0] == (Decimal(100), Decimal(9))
