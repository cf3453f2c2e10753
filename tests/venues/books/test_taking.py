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
