"""What a market order would pay, told from the book before it is sent."""

from decimal import Decimal

from quorate.domain.votes import Action
from tests.venues.books.streams import START_MS, kraken


def test_a_taker_walks_the_levels_from_the_best():
    book, _ = kraken()
    taking = book.book.taking(Action.BUY, Decimal("0.3"))
    assert (taking.filled, taking.worst) == (Decimal("0.3"), Decimal("100.2"))
    assert taking.average == (Decimal("0.1") * Decimal("100.1") + Decimal("0.2") * Decimal("100.2")) / Decimal("0.3")


def test_a_book_that_is_too_thin_says_how_much_it_has():
    book, _ = kraken()
    taking = book.book.taking(Action.SELL, Decimal(10))
    assert (taking.filled, taking.worst) == (Decimal("3.5"), Decimal("99.9"))


def test_an_empty_book_gives_nothing():
    book, _ = kraken()
    book.begin("made empty", START_MS)
    assert book.book.taking(Action.BUY, Decimal(1)).average is None


def test_what_can_be_taken_near_the_middle_is_counted_to_the_last_tick():
    book, shelf = kraken()  # the middle is 100.05
    assert book.within(Action.BUY, 4) == 0
    assert book.within(Action.BUY, 5) == Decimal("0.1") * Decimal("100.1"), "100.1 is 4.998 bps away"
    assert book.within(Action.BUY, 15) == Decimal("0.1") * Decimal("100.1") + 7 * Decimal("100.2")
    assert book.within(Action.SELL, 14) == Decimal(100)
    assert book.within(Action.SELL, 15) == Decimal(100) + Decimal("2.5") * Decimal("99.9")
    assert shelf.depth("BTC/USD", Action.SELL, within_bps=14, now_ms=START_MS) == Decimal(100)


def test_a_book_that_is_not_live_or_not_there_tells_no_depth():
    book, shelf = kraken()
    assert shelf.depth("BTC/USD", Action.SELL, within_bps=14, now_ms=START_MS + 5_001) is None
    assert shelf.depth("ETH/USD", Action.SELL, within_bps=14, now_ms=START_MS) is None
    book.begin("made empty", START_MS)
    assert book.within(Action.SELL, 14) is None
