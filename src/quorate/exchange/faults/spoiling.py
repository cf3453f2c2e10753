"""Messages and answers that tell something wrong: a checksum, a price, a book that is crossed.

Works on the JSON of Binance and of Kraken alike: prices are found by the names that both give them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import cast

PRICES = frozenset(
    (
        *("p", "c", "o", "h", "l", "b", "a", "w"),
        *("price", "lastPrice", "bidPrice", "askPrice", "openPrice", "highPrice", "lowPrice"),
        *("weightedAvgPrice", "prevClosePrice", "last", "bid", "ask", "open", "high", "low", "close", "vwap"),
    )
)
BINANCE_BOOK = ("b", "a")
BOOKS = (("bids", "asks"), BINANCE_BOOK)
CROSSED_BY = Decimal("1.01")


def wrong_checksum(text: str) -> str:
    """The same message with checksums that belong to nothing."""

    def spoil(name: str, value: object) -> object:
        return value ^ 0x5A5A5A5A if name == "checksum" and isinstance(value, int) else value

    return _changed(text, lambda node: {name: spoil(name, value) for name, value in node.items()})


def wrong_prices(text: str, factor: str) -> str:
    """The same message with every price multiplied; levels of books, and candles in rows, too.

    Factors that are no number ("nan") stand in place of the price.
    """
    scaled = Decimal(factor)

    def spoil(name: str, value: object) -> object:
        if name in PRICES and isinstance(value, str | int | float) and not isinstance(value, bool):
            return _times(value, scaled)
        if name in ("bids", "asks", "b", "a") and isinstance(value, list):
            return [_level(level, scaled) for level in cast("list[object]", value)]
        return value

    return _changed(text, lambda node: {name: spoil(name, value) for name, value in node.items()}, scaled)


def crossed(text: str) -> str:
    """The same message with its best bid above its best ask."""

    def cross(node: dict[str, object]) -> dict[str, object]:
        told = dict(node)
        for bid_name, ask_name in BOOKS:
            bids, asks = told.get(bid_name), told.get(ask_name)
            if isinstance(bids, list) and isinstance(asks, list):
                told[bid_name] = [_level(level, CROSSED_BY) for level in cast("list[object]", bids)]
                told[ask_name] = [_level(level, 1 / CROSSED_BY) for level in cast("list[object]", asks)]
        for bid_name, ask_name in (BINANCE_BOOK, ("bid", "ask"), ("bidPrice", "askPrice")):
            bid, ask = told.get(bid_name), told.get(ask_name)
            if isinstance(bid, str | float) and isinstance(ask, str | float):
                told[bid_name], told[ask_name] = ask, bid
        return told

    return _changed(text, cross)


def _changed(
    text: str, change: Callable[[dict[str, object]], dict[str, object]], row_factor: Decimal | None = None
) -> str:
    try:
        read: object = json.loads(text)
    except ValueError:
        return text
    return json.dumps(_walk(read, change, row_factor), separators=(",", ":"))


def _walk(node: object, change: Callable[[dict[str, object]], dict[str, object]], row_factor: Decimal | None) -> object:
    if isinstance(node, dict):
        changed = change(cast("dict[str, object]", node))
        return {
            name: value if name in ("bids", "asks") else _walk(value, change, row_factor)
            for name, value in changed.items()
        }
    if isinstance(node, list):
        items = cast("list[object]", node)
        if row_factor is not None and len(items) > 6 and isinstance(items[0], int):  # a candle: time, then prices
            return [items[0], *(_times(item, row_factor) for item in items[1:5]), *items[5:]]
        return [_walk(item, change, row_factor) for item in items]
    return node


def _level(level: object, factor: Decimal) -> object:
    if isinstance(level, dict):
        named = cast("dict[str, object]", level)
        return {**named, "price": _times(named.get("price"), factor)}
    items = cast("list[object]", level) if isinstance(level, list) else []
    return [_times(items[0], factor), *items[1:]] if items else cast("object", level)


def _times(value: object, factor: Decimal) -> object:
    """A price times the factor, in the form in which it came and no finer."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return value
    try:
        price = Decimal(str(value))
    except ArithmeticError:
        return value
    if not factor.is_finite():
        return str(factor)
    exponent = price.as_tuple().exponent
    step = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)
    product = (price * factor).quantize(step)
    return str(product) if isinstance(value, str) else float(product)
