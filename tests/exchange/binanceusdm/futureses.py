"""A small exchange of Binance's futures for tests: two contracts quoted around round prices, two accounts."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from quorate.clock import SystemClock
from quorate.domain.market import Market
from quorate.exchange import Side
from quorate.exchange.binance import ApiKey, BinanceApp, Hub, RateLimits, Request, RestDoor
from quorate.exchange.binance.figures import count_of
from quorate.exchange.binanceusdm import Futures, futures, spec_of
from quorate.exchange.faults import Faults, FaultyApp
from tests.exchange.serving import at_work

BTC = Market("BTC/USDT", tick=Decimal("0.1"), lot=Decimal("0.001"), min_notional=Decimal(100), spread_ppm=20)
ETH = Market("ETH/USDT", tick=Decimal("0.01"), lot=Decimal("0.001"), min_notional=Decimal(20), spread_ppm=20)
PRICES = {"BTCUSDT": 60_000, "ETHUSDT": 3_000}
NOW_MS = 1_760_000_000_000
KEYS = [ApiKey(key="demo", secret="demo", account="demo"), ApiKey(key="eve", secret="eve", account="eve")]
ORDER, ALGO = "/fapi/v1/order", "/fapi/v1/algoOrder"


def small_futures(clock: Callable[[], int], *, cash: int = 10_000, limits: RateLimits | None = None) -> Futures:
    """The exchange, quoted, marked, and with one trade in each contract."""
    more: dict[str, Any] = {} if limits is None else {"limits": limits}
    house = futures([spec_of(BTC), spec_of(ETH)], KEYS, clock=clock, **more)
    for key in KEYS:
        house.exchange.engine.open_account(key.account, {"USDT": Decimal(cash)})
    for symbol, price in PRICES.items():
        move(house, symbol, Decimal(price))
    return house


def move(house: Futures, symbol: str, price: Decimal, *, size: str = "5") -> None:
    """Let the outside market stand one unit around a price, trade there, and mark it."""
    engine, at_ms, lots = house.exchange.engine, house.exchange.clock(), count_of(Decimal(size))
    bids = [(count_of(price - step), lots) for step in range(1, 6)]
    asks = [(count_of(price + step), lots) for step in range(1, 6)]
    engine.quote(symbol, bids, asks, at_ms=at_ms)
    engine.print_trade(symbol, Side.BUY, count_of(price), count_of(Decimal("0.5")), at_ms=at_ms)
    engine.mark(symbol, count_of(price), at_ms=at_ms)


@dataclass
class Counter:
    """REST without sockets, with a clock that a test moves."""

    at_ms: int = NOW_MS
    cash: int = 10_000

    def __post_init__(self) -> None:
        self.house = small_futures(lambda: self.at_ms, cash=self.cash)
        self.exchange = self.house.exchange
        self.engine = self.exchange.engine
        self.door = RestDoor(self.exchange, self.house.face)
        self.hub = Hub(self.exchange, self.house.face)

    def ask(self, method: str, path: str, **params: object) -> Any:
        """A request without a signature: its body."""
        return self._told(Request(method=method, path=path, query=urlencode(params)))[1]

    def signed(self, method: str, path: str, *, key: str = "demo", **params: object) -> tuple[int, Any]:
        """A signed request: status and body."""
        query = urlencode({"timestamp": self.at_ms, **params})
        signature = hmac.new(key.encode(), query.encode(), hashlib.sha256).hexdigest()
        headers = {"x-mbx-apikey": key}
        return self._told(Request(method=method, path=path, query=f"{query}&signature={signature}", headers=headers))

    def done(self, method: str, path: str, **params: Any) -> Any:
        """The body of a signed request that must succeed."""
        status, body = self.signed(method, path, **params)
        assert status == 200, body
        return body

    def refused(self, method: str, path: str, **params: Any) -> int:
        """The code with which a signed request is refused."""
        status, body = self.signed(method, path, **params)
        assert status >= 400, body
        return body["code"]

    def order(self, side: str, quantity: str, price: str | None = None, **more: object) -> Any:
        """Place an order on BTCUSDT that must be taken, and tell what it came to."""
        words = {"symbol": "BTCUSDT", "side": side, "quantity": quantity, "newOrderRespType": "RESULT"}
        kind = {"type": "MARKET"} if price is None else {"type": "LIMIT", "timeInForce": "GTC", "price": price}
        return self.done("POST", ORDER, **{**words, **kind, **more})

    def stop(self, side: str, quantity: str, trigger: str, **more: object) -> Any:
        """Place a stop on BTCUSDT that must be taken."""
        words = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": side, "type": "STOP_MARKET"}
        words |= {"quantity": quantity} if quantity else {}
        return self.done("POST", ALGO, **{**words, "triggerPrice": trigger, **more})

    def move(self, price: str, symbol: str = "BTCUSDT", *, size: str = "5") -> None:
        """Move the outside market."""
        move(self.house, symbol, Decimal(price), size=size)

    def _told(self, request: Request) -> tuple[int, Any]:
        answer = self.door.answer(request)
        return answer.status, json.loads(answer.body)


@asynccontextmanager
async def running(faults: Faults | None = None, **more: Any) -> AsyncGenerator[tuple[Futures, str]]:
    """The exchange on the wall clock, served on loopback: itself and its address."""
    clock = SystemClock().now_ms
    house = small_futures(clock, **more)
    app = BinanceApp(house.exchange, house.face)
    outer = app if faults is None else FaultyApp(app, faults, venue="binanceusdm", clock=clock)
    async with at_work(app, outer) as address:
        yield house, address
