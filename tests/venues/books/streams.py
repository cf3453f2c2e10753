"""Small made-up streams that keep to the venues' rules, to be broken on purpose."""

import json
import zlib
from collections.abc import Mapping
from decimal import Decimal

from quorate.venues.books.binance import BinanceBook, DepthSnapshot, Numbering
from quorate.venues.books.kraken import KrakenBook
from quorate.venues.books.shelf import BookShelf, binance_shelf, kraken_shelf

START_MS = 1_700_000_000_000


def diff(
    first: int, last: int, *, bids: object = (), asks: object = (), pu: int | None = None, **more: object
) -> bytes:
    """A depth event of Binance."""
    event = {"e": "depthUpdate", "E": START_MS, "s": "BTCUSDT", "U": first, "u": last, "b": bids, "a": asks, **more}
    return json.dumps(event if pu is None else {**event, "pu": pu}).encode()


def binance(numbering: Numbering = Numbering.SPOT, *, last_id: int = 100) -> tuple[BinanceBook, BookShelf]:
    """A book with its shelf, proved live by a first update that follows the snapshot."""
    book = BinanceBook("BTC/USDT", "BTCUSDT", numbering=numbering, at_ms=START_MS, price_decimals=2)
    shelf = binance_shelf([book])
    snapshot = DepthSnapshot(last_id, [("100.00", "1"), ("99.99", "2")], [("100.01", "1"), ("100.02", "2")])
    book.take_snapshot(snapshot, START_MS)
    assert shelf.take(diff(last_id, last_id + 1, bids=[["99.98", "3"]], pu=last_id - 1), START_MS)
    return book, shelf


def crc(bids: Mapping[str, str], asks: Mapping[str, str]) -> int:
    """Kraken's checksum from the texts, by its documentation: an oracle that shares no code with the book."""

    def sides(side: Mapping[str, str], *, reverse: bool) -> str:
        ten = sorted(side.items(), key=lambda level: Decimal(level[0]), reverse=reverse)[:10]
        return "".join(text.replace(".", "").lstrip("0") for level in ten for text in level)

    return zlib.crc32((sides(asks, reverse=False) + sides(bids, reverse=True)).encode())


def told(kind: str, bids: Mapping[str, str], asks: Mapping[str, str], checksum: int | None, **more: object) -> bytes:
    """A v2 book frame, its numbers written as Kraken does: trailing zeros lost."""

    def levels(side: Mapping[str, str]) -> str:
        return ",".join(f'{{"price":{float(price)!r},"qty":{float(qty):.8f}}}' for price, qty in side.items())

    body = {"symbol": "BTC/USD", "checksum": checksum, "timestamp": "2023-11-14T22:13:20.000000Z", **more}
    rest = json.dumps({key: value for key, value in body.items() if value is not None})[1:]
    data = f'{{"bids":[{levels(bids)}],"asks":[{levels(asks)}],{rest}'
    return f'{{"channel":"book","type":"{kind}","data":[{data}]}}'.encode()


BIDS = {"100.0": "1.00000000", "99.9": "2.50000000"}
ASKS = {"100.1": "0.10000000", "100.2": "7.00000000"}


def kraken(depth: int = 10) -> tuple[KrakenBook, BookShelf]:
    """A live v2 book with its shelf."""
    book = KrakenBook("BTC/USD", "BTC/USD", price_decimals=1, quantity_decimals=8, depth=depth, at_ms=START_MS)
    shelf = kraken_shelf([book])
    assert shelf.take(told("snapshot", BIDS, ASKS, crc(BIDS, ASKS)), START_MS)
    return book, shelf
