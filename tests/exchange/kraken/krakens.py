"""A small exchange of Kraken's kind for tests, in process or behind a loopback socket."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import msgspec

from quorate.clock import ManualClock, SystemClock
from quorate.exchange import NewOrder, Order, Side
from quorate.exchange.faults import Faults, FaultyApp
from quorate.exchange.kraken import ApiKey, KrakenApp, KrakenExchange, KrakenPair, RateLimits
from quorate.exchange.kraken.hub import Hub
from quorate.exchange.kraken.keys import signature
from quorate.exchange.kraken.rest import RestRequest, answer
from quorate.exchange.kraken.session import Session
from tests.exchange.serving import at_work

START_MS = 1_700_000_000_000
NONCES = itertools.count(1)
SECRET = "ZGVtbw=="
KEY = ApiKey(key="demo", secret=SECRET, account="demo")
OTHER = ApiKey(key="other", secret="b3RoZXI=", account="other")
PAIRS = (
    KrakenPair(base="BTC", quote="USD", price_decimals=1),
    KrakenPair(base="ETH", quote="USD", price_decimals=2, order_min=Decimal("0.002")),
    KrakenPair(base="SOL", quote="USD", price_decimals=2, order_min=Decimal("0.02")),
    KrakenPair(base="ETH", quote="BTC", price_decimals=5, cost_min=Decimal("0.00002")),
)
BTC = PAIRS[0]


def made_exchange(clock: Any = None, *, limits: RateLimits | None = None) -> KrakenExchange:
    """Two accounts with money, and a market of BTC around 100 dollars."""
    exchange = KrakenExchange(PAIRS, [KEY, OTHER], clock=(clock or ManualClock(START_MS)).now_ms, limits=limits)
    for account in ("demo", "other"):
        exchange.engine.open_account(account, {"USD": Decimal(10_000), "BTC": Decimal(10)})
    quote(exchange)
    return exchange


def quote(exchange: KrakenExchange, pair: KrakenPair = BTC, middle: str = "100", levels: int = 15) -> None:
    """The outside market bids and asks a quantity of one at each step around `middle`, and has just traded there."""
    spec, at_ms = pair.spec(), exchange.clock()
    ticks, lot = spec.ticks(Decimal(middle)), spec.lots(Decimal(1))
    assert ticks is not None
    assert lot is not None
    bids = [(ticks - step, lot) for step in range(1, levels + 1)]
    asks = [(ticks + step, lot) for step in range(1, levels + 1)]
    exchange.engine.quote(pair.symbol, bids, asks, at_ms=at_ms)
    exchange.engine.print_trade(pair.symbol, Side.BUY, ticks, lot // 100, at_ms=at_ms)


@dataclass
class Client:
    """A client that signs as Kraken asks for, in process."""

    exchange: KrakenExchange
    key: ApiKey = KEY

    def public(self, method: str, **arguments: object) -> dict[str, Any]:
        """The whole answer of a public method."""
        query = urlencode(arguments)
        return self.ask(RestRequest(path=f"/0/public/{method}", query=query, headers={}))

    def private(self, method: str, **arguments: object) -> dict[str, Any]:
        """The whole answer of a private method, asked for by a form."""
        return self.ask(self.signed(method, arguments))

    def signed(self, method: str, arguments: Mapping[str, object], *, as_json: bool = False) -> RestRequest:
        """A signed request."""
        nonce = str(next(NONCES))
        path = f"/0/private/{method}"
        told = {"nonce": nonce, **arguments}
        body = msgspec.json.encode(told) if as_json else urlencode(told).encode()
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        sign = signature(self.key.secret, path, nonce, body)
        return RestRequest(
            path=path, headers={"api-key": self.key.key, "api-sign": sign, "content-type": kind}, body=body
        )

    def ask(self, request: RestRequest) -> dict[str, Any]:
        """What is answered."""
        return msgspec.json.decode(answer(self.exchange, request))

    def order(self, **arguments: object) -> str:
        """Place an order; its id."""
        told = self.private("AddOrder", **{"pair": "XBTUSD", "type": "buy", "ordertype": "limit", **arguments})
        assert told["error"] == [], told
        return told["result"]["txid"][0]


class Heard:
    """A socket session in process that keeps what it is told."""

    def __init__(self, exchange: KrakenExchange, hub: Hub | None = None) -> None:
        self.messages: list[dict[str, Any]] = []
        self.session = Session(exchange, hub or Hub(exchange), self._keep, connection=1)

    def _keep(self, message: bytes) -> None:
        self.messages.append(msgspec.json.decode(message))

    def say(self, method: str, req_id: int | None = None, **params: object) -> list[dict[str, Any]]:
        """Ask for something; what is told in answer, and because of it."""
        before = len(self.messages)
        body = {"method": method, "params": params}
        self.session.take(msgspec.json.encode(body if req_id is None else {**body, "req_id": req_id}))
        return self.messages[before:]

    def channel(self, name: str, kind: str | None = None) -> list[dict[str, Any]]:
        """The messages of one channel."""
        told = [message for message in self.messages if message.get("channel") == name]
        return [message for message in told if kind is None or message["type"] == kind]


def outside_order(exchange: KrakenExchange, **more: Any) -> Order:
    """An order of another client, straight into the engine."""
    return exchange.engine.submit(NewOrder(account="other", symbol=BTC.symbol, **more), at_ms=exchange.clock())


@asynccontextmanager
async def running(faults: Faults | None = None) -> AsyncGenerator[tuple[KrakenExchange, str]]:
    """The exchange on the wall clock, behind a loopback socket, with faults around it: itself and its address."""
    exchange = made_exchange(SystemClock(), limits=RateLimits(calls_max=10_000, orders_max=10_000))
    app = KrakenApp(exchange)
    around = app if faults is None else FaultyApp(app, faults, venue="kraken", clock=exchange.clock)
    async with at_work(app, around) as address:
        yield exchange, address
