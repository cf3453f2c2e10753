"""Kraken's ids of orders and trades: letters and digits that stand for the engine's numbers, and back.

Both ways are arithmetic, so that nothing has to be remembered and the same run gives the same ids.
"""

from __future__ import annotations

import re

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BITS = 80
MULTIPLIER = 0x9E37_79B9_7F4A_7C15_F39D
"""Odd, so that multiplying by it modulo 2 ** BITS loses nothing; large, so that neighbours look unlike each other."""
INVERSE = pow(MULTIPLIER | 1, -1, 1 << BITS)
SHAPE = re.compile(r"^[A-Z]([A-Z2-7]{5})-([A-Z2-7]{5})-([A-Z2-7]{6})\Z")
MARKETS_MAX = 10_000


def _text(prefix: str, number: int) -> str:
    mixed = number * (MULTIPLIER | 1) % (1 << BITS)
    letters = "".join(ALPHABET[mixed >> shift & 31] for shift in range(BITS - 5, -1, -5))
    return f"{prefix}{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def _number(prefix: str, text: str) -> int | None:
    found = SHAPE.match(text)
    if found is None or text[0] != prefix:
        return None
    mixed = 0
    for letter in "".join(found.groups()):
        mixed = mixed << 5 | ALPHABET.index(letter)
    return mixed * INVERSE % (1 << BITS)


def order_text(order_id: int) -> str:
    """An order's id as clients know it: "OQCLML-BW3P3-BUCMWZ"."""
    return _text("O", order_id)


def order_number(text: str) -> int | None:
    """The engine's id of an order; None for what is no order id."""
    return _number("O", text)


def trade_text(market: int, trade_id: int) -> str:
    """A trade's id from the number of its market and the trade's own."""
    return _text("T", trade_id * MARKETS_MAX + market)


def trade_number(text: str) -> tuple[int, int] | None:
    """Market and trade that an id stands for; None for what is no trade id."""
    number = _number("T", text)
    return None if number is None else (number % MARKETS_MAX, number // MARKETS_MAX)


def amend_text(order_id: int, at_ms: int) -> str:
    """The id of one amendment of an order."""
    return _text("T", (at_ms << 24) + order_id)


def looks_like_order(text: str) -> bool:
    """Whether a text has the shape of an order id."""
    return order_number(text) is not None
