"""Whatever comes over the wire, a shelf of books never raises, and a book it calls live is never crossed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.venues.books.binance import BinanceBook, Numbering
from quorate.venues.books.kraken import KrakenBook
from quorate.venues.books.shelf import BookShelf, binance_shelf, kraken_shelf, kraken_v1_shelf
from quorate.venues.books.status import BookState
from tests.venues.books.streams import START_MS, binance, kraken

numbers = st.sampled_from(
    ["1", "100.0", "99.9", "0", "-1", "1e3", "NaN", "", "1e999", "9" * 60, 7, 1.5, None, True, [], {}]
)
levels = st.lists(st.tuples(numbers, numbers) | st.lists(numbers, max_size=4), max_size=4)
named = levels | st.lists(st.fixed_dictionaries({}, optional={"price": numbers, "qty": numbers}), max_size=4)
ids = st.integers(95, 110) | st.sampled_from([-1, 0, 2**70, "7", None])
diffs = st.fixed_dictionaries(
    {"e": st.just("depthUpdate"), "s": st.sampled_from(["BTCUSDT", "X", 7])},
    optional={"E": ids, "U": ids, "u": ids, "pu": ids, "b": levels, "a": levels},
)
books = st.fixed_dictionaries(
    {"channel": st.just("book"), "type": st.sampled_from(["update", "snapshot", "x"])},
    optional={
        "data": st.lists(
            st.fixed_dictionaries(
                {"symbol": st.sampled_from(["BTC/USD", "X"])},
                optional={"bids": named, "asks": named, "checksum": ids, "timestamp": numbers},
            ),
            max_size=2,
        )
    },
)
older = st.tuples(
    st.just(1),
    st.fixed_dictionaries({}, optional={"a": levels, "b": levels, "as": levels, "bs": levels, "c": numbers}),
    st.just("book-10"),
    st.sampled_from(["BTC/USD", 7]),
)


def shelves() -> list[tuple[BinanceBook | KrakenBook, BookShelf[Any]]]:
    old = KrakenBook("BTC/USD", "BTC/USD", price_decimals=1, quantity_decimals=8, depth=10, at_ms=START_MS)
    return [binance(), binance(Numbering.FUTURES), kraken(), (old, kraken_v1_shelf([old]))]


@given(
    st.lists(st.binary(max_size=40) | (diffs | books | older).map(lambda told: json.dumps(told).encode()), max_size=8)
)
def test_nothing_that_comes_raises_and_no_live_book_is_crossed(frames: list[bytes]):
    for book, shelf in shelves():
        for frame in frames:
            shelf.take(frame, START_MS)
            if book.integrity.state is BookState.LIVE:
                assert book.book.crossing() is None
        assert shelf.refused >= len(shelf.quarantine) or shelf.refused > 100


@pytest.mark.parametrize("make", [binance_shelf, kraken_shelf, kraken_v1_shelf])
def test_what_is_kept_in_quarantine_is_bounded(make: Any):
    shelf = make([])
    for _ in range(300):
        shelf.take(b"{" * 10_000, START_MS)
    assert (shelf.refused, len(shelf.quarantine), len(shelf.quarantine[0].excerpt)) == (300, 100, 400)
