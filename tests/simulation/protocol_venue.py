"""The desk's real adapter, with real ccxt, at the loopback exchange's real protocol, on a line where all breaks.

No sockets: requests and messages are handed over in this process, on the virtual clock, and are otherwise to the last
byte what would be sent.
"""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from quorate.domain.market import Market
from quorate.exchange import Engine
from quorate.exchange.binance import MarketSession
from quorate.exchange.binance.doors import RestDoor
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.keys import ApiKey as BinanceKey
from quorate.exchange.binance.limits import RateLimits as BinanceLimits
from quorate.exchange.binance.markets import spec_of
from quorate.exchange.binance.sessions import Hub as BinanceHub
from quorate.exchange.binance.ws_api import ApiSession
from quorate.exchange.binanceusdm import Contracts, futures
from quorate.exchange.binanceusdm import spec_of as contract_of
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.hub import Hub as KrakenHub
from quorate.exchange.kraken.keys import ApiKey as KrakenKey
from quorate.exchange.kraken.pairs import KrakenPair
from quorate.exchange.kraken.rates import RateLimits as KrakenLimits
from quorate.exchange.kraken.session import Session as KrakenSession
from quorate.venues.ccxt import library
from quorate.venues.ccxt.connect import RealVenue, connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.transport import DirectTransport
from tests.exchange.doors import (
    binance_answer,
    binance_urls,
    kraken_answer,
    kraken_urls,
    perpetual_urls,
)
from tests.simulation.faults import Dice
from tests.simulation.invariants import SECRET
from tests.simulation.virtual import VirtualClock

ABOUT_ORDERS = (
    "executionReport",
    "outboundAccountPosition",
    "ORDER_TRADE_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_UPDATE",
    '"executions"',
)
Answer = tuple[int, Mapping[str, str], str]
BASE, SOCKET = "http://exchange", "ws://exchange"
LIMITS = BinanceLimits(weight_per_minute=1_000_000, orders_per_10s=10_000)
LATE_S = 3.0
"""How late a request may arrive and still be taken: the adapter's window is five seconds."""
BAD_GATEWAY: Answer = (502, {"content-type": "text/html"}, "<html>Bad Gateway</html>")


Door = Callable[[str, str, Mapping[str, str], str | None], Answer]
"""An exchange: method, address, headers and body in; status, headers and text out."""


@dataclass(frozen=True)
class Manners:
    """What a protocol says where the line lets it say something, and which of its requests only ask."""

    asks: Callable[[str, str], bool]
    """By method and address."""
    busy: Answer
    refused: Answer


def _binance_asks(method: str, _url: str) -> bool:
    return method == "GET"


def _kraken_asks(_method: str, url: str) -> bool:
    return not url.endswith(("AddOrder", "CancelOrder", "CancelAll", "CancelAllOrdersAfter"))


BINANCE = Manners(
    asks=_binance_asks,
    busy=(429, {"retry-after": "2"}, json.dumps({"code": -1003, "msg": "Too many requests."})),
    refused=(400, {}, json.dumps({"code": -2010, "msg": "The exchange does not like it."})),
)
KRAKEN = Manners(
    asks=_kraken_asks,
    busy=(200, {}, json.dumps({"error": ["EOrder:Rate limit exceeded"]})),
    refused=(200, {}, json.dumps({"error": ["EOrder:Cost minimum not met"]})),
)


@dataclass
class FaultyLine:
    """Carries requests to the exchange, or not."""

    door: Door
    manners: Manners
    dice: Dice
    sent: int = 0
    late: set[asyncio.TimerHandle] = field(default_factory=set[asyncio.TimerHandle])

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Answer:
        self.sent += 1
        await asyncio.sleep(self.dice.between(0.0, 0.15))
        if self.manners.asks(method, url):
            return await self._question(method, url, headers, body)
        if self.dice.fall("not_sent"):
            raise ConnectionRefusedError("no route to the exchange")
        if self.dice.fall("busy"):
            return self.manners.busy
        if "cancel" not in url.lower() and method == "POST" and self.dice.fall("refused"):
            return self.manners.refused
        if self.dice.fall("request_lost"):
            await asyncio.Future[None]()
        if self.dice.fall("request_late"):
            loop = asyncio.get_running_loop()
            self.late.add(loop.call_later(self.dice.between(0.0, LATE_S), self.door, method, url, headers, body))
            await asyncio.Future[None]()
        told = self.door(method, url, headers, body)
        if self.dice.fall("answer_lost"):
            return await self._lost()
        await asyncio.sleep(self.dice.between(0.0, 0.15))
        return told

    async def _lost(self) -> Answer:
        """The answer does not come: silence, a reset, or what stands before the exchange speaks in its place."""
        way = self.dice.random.randrange(3)
        if way == 0:
            await asyncio.Future[None]()
        if way == 1:
            raise ConnectionResetError("reset by peer")
        return BAD_GATEWAY

    async def _question(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Answer:
        if self.dice.fall("question_lost"):
            return await self._lost()
        return self.door(method, url, headers, body)


class FaultySocket:
    """One private stream: messages come late, twice, or not at all because it breaks."""

    def __init__(self, begin: Callable[[Callable[[str], None]], Any], dice: Dice) -> None:
        self._dice = dice
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._session = begin(self._tell)

    def _tell(self, message: str) -> None:
        if self._dice.fall("stream_lost"):
            self._inbox.put_nowait(None)
            return
        # What answers a request of ours comes at once: a stream that never opens says nothing late.
        about_orders = any(name in message for name in ABOUT_ORDERS)
        for _ in range(2 if about_orders and self._dice.fall("report_twice") else 1):
            late = about_orders and self._dice.fall("report_late")
            delay = self._dice.between(0.5, 6.0) if late else self._dice.between(0.0, 0.05)
            asyncio.get_running_loop().call_later(delay, self._inbox.put_nowait, message)

    async def send(self, message: str) -> None:
        self._session.take(message)

    async def receive(self) -> str:
        message = await self._inbox.get()
        if message is None:
            raise ConnectionResetError("cut")
        return message

    async def close(self) -> None:
        self._session.close()


Begin = Callable[[str, Callable[[str], None]], Any]
"""Begins a session at an address, with whom to tell; gives what takes messages."""


@dataclass
class VenueAtHand:
    """A venue's protocol around an engine, and everything that is needed to trade there."""

    name: str
    engine: Engine
    line: FaultyLine
    begin: Begin
    urls: Mapping[str, Any]
    dice: Dice
    pairs: tuple[str, ...]
    contracts: Contracts | None = None
    """Where perpetuals are traded."""

    async def venue(self) -> RealVenue:
        """A new adapter, as after every start of a desk."""
        # A thread could not be waited for on a virtual clock.
        importlib.import_module(library.LIBRARY)
        settings = VenueSettings(
            exchange=self.name, key="demo", secret=SECRET, pairs=self.pairs, urls={"api": self.urls}, kraken_tier="pro"
        )
        return await connect(
            settings,
            clock=VirtualClock(),
            chance=self.dice.random.random,
            transport=DirectTransport(self.line),
            dialling=self._dial,
        )

    async def _dial(self, address: str) -> FaultySocket:
        await asyncio.sleep(self.dice.between(0.0, 0.5))
        return FaultySocket(partial(self.begin, address), self.dice)

    def settle_funding(self, at_ms: int) -> None:
        """Every contract settles funding, at a rate that either side may have to pay."""
        contracts = self.contracts
        if contracts is None:
            return
        for symbol in contracts.engine.listings:
            contracts.set_rate(symbol, self.dice.random.randrange(-300_000, 300_000))
            contracts.settle(symbol, at_ms=at_ms)


def binance(markets: Collection[Market], dice: Dice, account: str) -> VenueAtHand:
    """Binance's coins."""
    exchange = BinanceExchange(
        [spec_of(market) for market in markets], [_key(account)], clock=VirtualClock().now_ms, limits=LIMITS
    )
    hub = BinanceHub(exchange)

    def begin(_address: str, tell: Callable[[str], None]) -> ApiSession:
        return ApiSession(exchange, hub, lambda message: tell(message.decode()), address="127.0.0.1")

    urls = binance_urls(BASE, SOCKET)
    line = FaultyLine(partial(binance_answer, RestDoor(exchange)), BINANCE, dice)
    return VenueAtHand("binance", exchange.engine, line, begin, urls, dice, _pairs(markets))


def binanceusdm(markets: Collection[Market], dice: Dice, account: str) -> VenueAtHand:
    """Binance's perpetuals."""
    made = futures(
        [contract_of(market) for market in markets], [_key(account)], clock=VirtualClock().now_ms, limits=LIMITS
    )
    exchange, hub = made.exchange, BinanceHub(made.exchange, made.face)

    def begin(address: str, tell: Callable[[str], None]) -> MarketSession:
        session = MarketSession(hub, lambda message: tell(message.decode()), combined=False)
        session.open([address.partition("listenKey=")[2]])
        return session

    urls = perpetual_urls(BASE, SOCKET)
    line = FaultyLine(partial(binance_answer, RestDoor(exchange, made.face)), BINANCE, dice)
    return VenueAtHand("binanceusdm", exchange.engine, line, begin, urls, dice, _pairs(markets), made.contracts)


def kraken(markets: Collection[Market], dice: Dice, account: str) -> VenueAtHand:
    """Kraken's coins."""
    exchange = KrakenExchange(
        [
            KrakenPair(
                base=market.base, quote=market.quote, price_decimals=2, lot_decimals=8, cost_min=market.min_notional
            )
            for market in markets
        ],
        [KrakenKey(key="demo", secret=SECRET, account=account)],
        clock=VirtualClock().now_ms,
        limits=KrakenLimits(calls_max=10_000, orders_max=10_000),
    )
    hub = KrakenHub(exchange)

    def begin(_address: str, tell: Callable[[str], None]) -> KrakenSession:
        return KrakenSession(exchange, hub, lambda message: tell(message.decode()), connection=1)

    line = FaultyLine(partial(kraken_answer, exchange), KRAKEN, dice)
    urls = kraken_urls(BASE, SOCKET)
    return VenueAtHand("kraken", exchange.engine, line, begin, urls, dice, _pairs(markets))


def _key(account: str) -> BinanceKey:
    return BinanceKey(key="demo", secret=SECRET, account=account)


def _pairs(markets: Collection[Market]) -> tuple[str, ...]:
    return tuple(market.pair for market in markets)
