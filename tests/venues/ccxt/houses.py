"""A venue adapter and the exchange it trades on, as the conformance spec needs them: the same words for every venue."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any

from quorate.clock import SystemClock
from quorate.desk.ports import Clock
from quorate.domain.market import Market
from quorate.domain.orders import OrderKind
from quorate.domain.venue import OrderRequest, VenueOrder
from quorate.domain.votes import Action
from quorate.exchange import Engine, Kind, NewOrder, Order, Side, Trading
from quorate.exchange.binance.doors import RestDoor
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.keys import ApiKey as BinanceKey
from quorate.exchange.binance.limits import RateLimits as BinanceLimits
from quorate.exchange.binance.markets import spec_of
from quorate.exchange.binance.sessions import Hub as BinanceHub
from quorate.exchange.binance.sessions import MarketSession
from quorate.exchange.binance.ws_api import ApiSession
from quorate.exchange.binanceusdm import RULES, futures
from quorate.exchange.binanceusdm import spec_of as contract_of
from quorate.exchange.kraken import keys as kraken_keys
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.hub import Hub as KrakenHub
from quorate.exchange.kraken.pairs import KrakenPair
from quorate.exchange.kraken.rates import RateLimits as KrakenLimits
from quorate.exchange.kraken.session import Session
from quorate.venues.ccxt.connect import RealVenue, connect
from quorate.venues.ccxt.settings import VenueSettings
from quorate.venues.ccxt.transport import DirectTransport
from tests.exchange.doors import binance_answer, binance_urls, kraken_answer, kraken_urls, perpetual_urls
from tests.venues.ccxt.lines import Line, Served, Sockets, Told

COINS, CASH = Decimal(10), Decimal(1_000_000)
STRANGER = "stranger"
"""Another account, whose orders are on the other side."""
BINANCE_MARKETS = [
    Market(pair=f"{base}/USDT", tick=Decimal("0.01"), lot=Decimal("0.00001"), min_notional=Decimal(5), spread_ppm=100)
    for base in ("BTC", "ETH")
]
"""What both faces of Binance list, spot or as contracts."""
BINANCE_KEY = BinanceKey(key="demo", secret="demo", account="ann")
BINANCE_BUSY: Told = (429, {"retry-after": "30"}, json.dumps({"code": -1003, "msg": "Too many requests."}))
BINANCE_OUT_OF_TIME: Told = (
    400, {}, json.dumps({"code": -1021, "msg": "Timestamp for this request is outside."}),
)  # fmt: skip


@dataclass
class Shifted:
    """This machine's clock, set wrong by `ahead_ms`."""

    ahead_ms: int = 0
    clock: Clock = field(default_factory=SystemClock)

    def now_ms(self) -> int:
        return self.clock.now_ms() + self.ahead_ms


@dataclass
class House:
    """One venue on one exchange. `pair` is ours, `symbol` the engine's; `words` are what faults and counts look for."""

    venue: RealVenue
    engine: Engine
    line: Line
    sockets: Sockets
    clock: Shifted
    exchange_clock: Shifted
    settings: VenueSettings
    pair: str
    symbol: str
    words: Mapping[str, str]
    connect: Callable[[VenueSettings], Any]
    quote_asset: str
    key_may_withdraw: Callable[[], None]
    lot: Decimal
    coarser_changes: set[str]
    """What of a listing shows that the price step was made ten times as large."""
    busy: Told
    """The venue wants to be left alone."""
    out_of_time: Told
    """The venue finds that the request is not signed in time."""
    money_step: Decimal
    """What the venue rounds a trade's value to; nearer than that nobody can tell."""
    served: Served | None
    """Where there are real sockets."""
    perpetual: bool = False
    """What is traded is a contract: the account has ten coins' worth of it, and no coins."""
    base: str = "BTC"
    counted: int = 0

    def now_ms(self) -> int:
        return self.exchange_clock.now_ms()

    def tag(self) -> str:
        """A new order's tag, from a client order id of the house's form."""
        self.counted += 1
        return self.venue.tag(f"q{self.counted:026d}".replace("0", "a"))

    def quote(self, bid: str, ask: str, quantity: str = "5") -> None:
        """What the outside market bids and asks."""
        spec = self.engine.listing(self.symbol).spec
        level = [(spec.ticks(Decimal(price)), spec.lots(Decimal(quantity))) for price in (bid, ask)]
        self.engine.quote(self.symbol, level[:1], level[1:], at_ms=self.now_ms())  # type: ignore[arg-type]

    def trade(self, side: Side, price: str, quantity: str) -> None:
        """Somebody takes at a price, at which nobody else rests."""
        self.quote(f"{Decimal(price) - 1}", f"{Decimal(price) + 1}")
        self.print(side, price, quantity)

    def print(self, side: Side, price: str, quantity: str) -> None:
        """A trade, against whatever rests there."""
        spec = self.engine.listing(self.symbol).spec
        ticks, lots = spec.ticks(Decimal(price)), spec.lots(Decimal(quantity))
        assert ticks is not None
        assert lots is not None
        self.engine.print_trade(self.symbol, side, ticks, lots, at_ms=self.now_ms())

    def by_hand(self, side: Side, price: str, quantity: str) -> Order:
        """The user places an order without the desk."""
        spec = self.engine.listing(self.symbol).spec
        asked = NewOrder(
            account="ann", symbol=self.symbol, side=side, kind=Kind.LIMIT, ticks=spec.ticks(Decimal(price)) or 0,
            lots=spec.lots(Decimal(quantity)) or 0,
        )  # fmt: skip
        return self.engine.submit(asked, at_ms=self.now_ms())

    def halt(self, trading: Trading) -> None:
        """The exchange closes the market in some way."""
        self.engine.set_trading(self.symbol, trading, at_ms=self.now_ms())

    def coarser(self) -> None:
        """The exchange makes its price step ten times as large."""
        filters = self.engine.listing(self.symbol).spec.filters
        self.engine.change_filters(
            self.symbol, replace(filters, price_step=filters.price_step * 10), at_ms=self.now_ms()
        )

    @asynccontextmanager
    async def unreachable(self) -> AsyncGenerator[None]:
        """Nobody listens at the exchange's address."""
        self.line.down = True
        if self.served is not None:
            await self.served.close()
        yield
        if self.served is not None:
            await self.served.open()
        self.line.down = False

    def orders(self) -> list[Order]:
        """Every order that the account ever had there."""
        return list(self.engine.accounts["ann"].orders.values())

    def request(
        self, kind: OrderKind, action: Action, quantity: str, price: str | None = None, **more: Any
    ) -> OrderRequest:
        return OrderRequest(
            tag=more.get("tag") or self.tag(),
            pair=more.get("pair") or self.pair,
            action=action,
            kind=kind,
            quantity=Decimal(quantity),
            price=None if price is None else Decimal(price),
            reduce_only=bool(more.get("reduce_only")),
        )

    async def rest(self, price: str = "95.5", quantity: str = "1.25", action: Action = Action.BUY) -> VenueOrder:
        """A limit order that rests in the book."""
        return await self.venue.place(self.request(OrderKind.LIMIT, action, quantity, price))

    async def again(self, **changed: Any) -> RealVenue:
        """Another venue object for the same account: as after a restart, or with other settings."""
        return await self.connect(replace(self.settings, **changed))


@asynccontextmanager
async def kraken(*, sockets: bool) -> AsyncGenerator[House]:
    """Kraken's loopback exchange, over real sockets or in this process."""
    exchange_clock = Shifted()
    pairs = [KrakenPair(base=base, quote="USD", price_decimals=2, lot_decimals=8) for base in ("BTC", "ETH")]
    key = kraken_keys.ApiKey(key="demo", secret="ZGVtbw==", account="ann")  # leak-ok: the demo account's
    exchange = KrakenExchange(
        pairs, [key], clock=exchange_clock.now_ms, limits=KrakenLimits(calls_max=10_000, orders_max=10_000)
    )
    hub = KrakenHub(exchange)

    def begin(_address: str, tell: Callable[[str], None]) -> Any:
        return Session(exchange, hub, lambda message: tell(message.decode()), connection=1)

    def may_withdraw() -> None:
        exchange.keys.add(replace(key, permissions=kraken_keys.TRADING | {kraken_keys.Permission.WITHDRAW}))

    words = {
        "place": "AddOrder",
        "cancel": "CancelOrder",
        "open": "OpenOrders",
        "no money": "EOrder:Insufficient funds",
    }
    async with _house(
        Line(partial(kraken_answer, exchange)), Sockets(begin), exchange.engine, exchange_clock, sockets=sockets,
        settings=VenueSettings(
            exchange="kraken", key="demo", secret=key.secret, pairs=("BTC/USD",), kraken_tier="pro"
        ),
        urls=kraken_urls,
        pair="BTC/USD", symbol="BTC/USD", quote_asset="USD", words=words,
        may_withdraw=may_withdraw, lot=Decimal("1e-8"),
        coarser_changes={"tick"}, money_step=Decimal("1e-5"),
        busy=(200, {}, json.dumps({"error": ["EAPI:Rate limit exceeded"]})),
        out_of_time=(200, {}, json.dumps({"error": ["EAPI:Invalid nonce"]})),
    ) as house:  # fmt: skip
        yield house


@asynccontextmanager
async def _house(
    line: Line, streams: Sockets, engine: Engine, exchange_clock: Shifted, *, sockets: bool, settings: VenueSettings,
    urls: Callable[[str, str], Mapping[str, Any]], pair: str, symbol: str, quote_asset: str, words: Mapping[str, str],
    may_withdraw: Callable[[], None], lot: Decimal, coarser_changes: set[str], busy: Told, out_of_time: Told,
    money_step: Decimal, perpetual: bool = False,
) -> AsyncGenerator[House]:  # fmt: skip
    clock = Shifted()
    for name in ("ann", STRANGER):
        if perpetual:
            spec = engine.listing(symbol).spec
            held = {symbol: (spec.lots(COINS) or 0, spec.ticks(Decimal(100)) or 0)}
            engine.open_account(name, {quote_asset: CASH}, positions=held)
        else:
            engine.open_account(name, {"BTC": COINS, quote_asset: CASH})
    async with contextlib.AsyncExitStack() as stack:
        base, ws = "http://exchange", "ws://exchange"
        served = Served(line) if sockets else None
        if served is not None:
            await served.open()
            stack.push_async_callback(served.close)
            base, ws = served.base, await stack.enter_async_context(streams.served())
        known = replace(settings, urls={"api": urls(base, ws)})

        async def made(chosen: VenueSettings) -> RealVenue:
            transport = None if sockets else DirectTransport(line)
            more: dict[str, Any] = {} if sockets else {"dialling": streams.dial}
            venue = await connect(chosen, clock=clock, chance=lambda: 0.0, transport=transport, **more)
            stack.push_async_callback(venue.close)
            return venue

        house = House(
            venue=await made(known), engine=engine, line=line, sockets=streams, clock=clock,
            exchange_clock=exchange_clock, settings=known, pair=pair, symbol=symbol, words=words, connect=made,
            quote_asset=quote_asset, key_may_withdraw=may_withdraw, lot=lot, coarser_changes=coarser_changes,
            busy=busy, out_of_time=out_of_time, money_step=money_step, served=served, perpetual=perpetual,
        )  # fmt: skip
        house.quote("99.5", "100.5")
        house.print(Side.BUY, "100", "0.1")
        yield house


@asynccontextmanager
async def binance(*, sockets: bool) -> AsyncGenerator[House]:
    """Binance's loopback exchange, over real sockets or in this process."""
    exchange_clock = Shifted()
    exchange = BinanceExchange(
        [spec_of(market) for market in BINANCE_MARKETS],
        [BINANCE_KEY],
        clock=exchange_clock.now_ms,
        limits=BinanceLimits(weight_per_minute=1_000_000, orders_per_10s=10_000),
    )
    hub = BinanceHub(exchange)

    def begin(_address: str, tell: Callable[[str], None]) -> Any:
        return ApiSession(exchange, hub, lambda message: tell(message.decode()), address="127.0.0.1")

    words = {
        "place": "POST /api/v3/order", "cancel": "DELETE /api/v3/order", "open": "GET /api/v3/openOrders",
        "no money": "-2010",
    }  # fmt: skip
    async with _house(
        Line(partial(binance_answer, RestDoor(exchange))), Sockets(begin), exchange.engine, exchange_clock,
        sockets=sockets,
        settings=VenueSettings(exchange="binance", key="demo", secret="demo", pairs=("BTC/USDT",)),
        urls=binance_urls,
        pair="BTC/USDT", symbol="BTCUSDT", quote_asset="USDT", words=words,
        may_withdraw=lambda: exchange.keys.add(replace(BINANCE_KEY, can_withdraw=True)),
        lot=Decimal("0.00001"), coarser_changes={"tick"}, money_step=Decimal("1e-8"),
        busy=BINANCE_BUSY, out_of_time=BINANCE_OUT_OF_TIME,
    ) as house:  # fmt: skip
        yield house


@asynccontextmanager
async def binanceusdm(*, sockets: bool) -> AsyncGenerator[House]:
    """The loopback exchange of Binance's futures, over real sockets or in this process."""
    exchange_clock = Shifted()
    made = futures(
        [contract_of(market) for market in BINANCE_MARKETS],
        [BINANCE_KEY],
        clock=exchange_clock.now_ms,
        limits=BinanceLimits(weight_per_minute=1_000_000, orders_per_10s=10_000, longer="1M"),
        rules=replace(RULES, leverage=5),
    )
    exchange = made.exchange
    hub = BinanceHub(exchange, made.face)

    def begin(address: str, tell: Callable[[str], None]) -> Any:
        session = MarketSession(hub, lambda message: tell(message.decode()), combined=False)
        session.open([address.partition("listenKey=")[2]])
        return session

    words = {
        "place": "POST /fapi/v1/order", "cancel": "DELETE /fapi/v1/order", "open": "GET /fapi/v1/openOrders",
        "no money": "-2019",
    }  # fmt: skip
    async with _house(
        Line(partial(binance_answer, RestDoor(exchange, made.face))), Sockets(begin), exchange.engine, exchange_clock,
        sockets=sockets,
        settings=VenueSettings(exchange="binanceusdm", key="demo", secret="demo", pairs=("BTC/USDT:USDT",)),
        urls=perpetual_urls,
        pair="BTC/USDT:USDT", symbol="BTCUSDT", quote_asset="USDT", words=words,
        may_withdraw=lambda: exchange.keys.add(replace(BINANCE_KEY, can_withdraw=True)),
        lot=Decimal("0.00001"), coarser_changes={"tick"}, money_step=Decimal("1e-8"),
        busy=BINANCE_BUSY, out_of_time=BINANCE_OUT_OF_TIME,
        perpetual=True,
    ) as house:  # fmt: skip
        yield house
