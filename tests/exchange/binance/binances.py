"""A small exchange of Binance's kind for tests: two markets with quotes around round prices, and one account."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from quorate.clock import SystemClock
from quorate.domain.market import Market
from quorate.exchange import Side
from quorate.exchange.binance import ApiKey, BinanceApp, BinanceExchange, RateLimits, Request, RestDoor, spec_of
from quorate.exchange.binance.figures import count_of
from tests.exchange.serving import at_work

BTC = Market("BTC/USDT", tick=Decimal("0.01"), lot=Decimal("0.00001"), min_notional=Decimal(5), spread_ppm=20)
ETH = Market("ETH/USDT", tick=Decimal("0.01"), lot=Decimal("0.0001"), min_notional=Decimal(5), spread_ppm=20)
PRICES = {"BTCUSDT": 60_000, "ETHUSDT": 3_000}
MONEY = {"USDT": Decimal(100_000), "BTC": Decimal(2), "ETH": Decimal(50), "BNB": Decimal(100)}
ORDER_PATH = "/api/v3/order"
NOW_MS = 1_760_000_000_000
DEMO = ApiKey(key="demo", secret="demo", account="demo")


def signature_of(text: str) -> str:
    """What signs this text with the demo key."""
    return hmac.new(b"demo", text.encode(), hashlib.sha256).hexdigest()


def signed_query(at_ms: int, **params: object) -> str:
    """A query with timestamp and signature."""
    query = urlencode({"timestamp": at_ms, **params})
    return f"{query}&signature={signature_of(query)}"


def small_exchange(clock: Callable[[], int], *, limits: RateLimits | None = None) -> BinanceExchange:
    """The exchange, quoted and with one trade in each market."""
    exchange = BinanceExchange([spec_of(BTC), spec_of(ETH)], [DEMO], clock=clock, limits=limits)
    exchange.engine.open_account("demo", MONEY)
    for symbol, price in PRICES.items():
        quote(exchange, symbol, Decimal(price))
    return exchange


def quote(exchange: BinanceExchange, symbol: str, price: Decimal, *, size: str = "2") -> None:
    """Let the outside market bid and ask one unit around a price, and trade there."""
    at_ms, lots = exchange.clock(), count_of(Decimal(size))
    bids = [(count_of(price - step), lots) for step in range(1, 6)]
    asks = [(count_of(price + step), lots) for step in range(1, 6)]
    exchange.engine.quote(symbol, bids, asks, at_ms=at_ms)
    exchange.engine.print_trade(symbol, Side.BUY, count_of(price), count_of(Decimal("0.5")), at_ms=at_ms)


@dataclass
class Counter:
    """REST without sockets, with a clock that a test moves."""

    at_ms: int = NOW_MS

    def __post_init__(self) -> None:
        self.exchange = small_exchange(lambda: self.at_ms)
        self.door = RestDoor(self.exchange)

    def ask(self, method: str, path: str, **params: object) -> tuple[int, object]:
        """A request without a signature: status and body."""
        answer = self.door.answer(Request(method=method, path=path, query=urlencode(params)))
        return answer.status, json.loads(answer.body)

    def signed(self, method: str, path: str, **params: object) -> tuple[int, object]:
        """A signed request: status and body."""
        query = urlencode({"timestamp": self.at_ms, **params})
        signature = hmac.new(b"demo", query.encode(), hashlib.sha256).hexdigest()
        answer = self.door.answer(
            Request(method=method, path=path, query=f"{query}&signature={signature}", headers={"x-mbx-apikey": "demo"})
        )
        return answer.status, json.loads(answer.body)


@asynccontextmanager
async def running() -> AsyncGenerator[tuple[BinanceExchange, str]]:
    """The exchange on the wall clock, served on loopback: itself and its address."""
    exchange = small_exchange(SystemClock().now_ms)
    app = BinanceApp(exchange)
    async with at_work(app, app) as address:
        yield exchange, address
