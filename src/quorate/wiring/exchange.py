"""Opens the loopback exchange: a feed behind it, its faces in front of it, faults in between."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial

import numpy as np
from loguru import logger

from quorate.clock import SystemClock
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.exchange.binance import ApiKey as BinanceKey
from quorate.exchange.binance import BinanceApp, BinanceExchange, spec_of
from quorate.exchange.binance.history import Candle as BinanceCandle
from quorate.exchange.binanceusdm import Futures, futures
from quorate.exchange.binanceusdm import spec_of as contract_of
from quorate.exchange.binanceusdm.markets import ASSET
from quorate.exchange.control import Control, Controlled, control_app
from quorate.exchange.driving import Drive, shift_of
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.specs import Fees, MarketSpec
from quorate.exchange.faults import Fault, Faults, FaultyApp
from quorate.exchange.faults.asgi import App, Receive, Scope, Send
from quorate.exchange.kraken import ApiKey as KrakenKey
from quorate.exchange.kraken import KrakenApp, KrakenExchange, KrakenPair
from quorate.exchange.kraken.history import Candle as KrakenCandle
from quorate.exchange.outside_market import OutsideMarket
from quorate.exchange.serving import LoopbackServer
from quorate.feeds.logged import Source
from quorate.kernel.bars import Bars
from quorate.settings import Settings
from quorate.wiring.feeds import find_feed

MINUTE_MS = 60_000
BARS = 1_000
"""Bars of the past that clients can ask for, of each timeframe."""
SEEDED = ("1m", "5m", "15m", "1h", "4h", "1d")
FUTURES_PATHS = ("/fapi/", "/futures/", "/public/", "/market/", "/private/", "/ws-fapi/")
"""Where the requests and streams of futures are."""
SPEED_MAX = 60.0
"""Feed seconds per second of a recording that is to be played as fast as possible: clients have to keep up."""
MONEY = {
    **dict.fromkeys(("USDT", "USD", "USDC", "EUR"), Decimal(100_000)),
    "BTC": Decimal(1),
    "ETH": Decimal(10),
    "BNB": Decimal(10),
}
FACES = ("binance", "kraken", "binanceusdm")
"""Binance spot, Kraken spot, Binance's futures settled in dollars."""
Told = Callable[["ExchangeFacts"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who trades on the exchange. `secret` as Binance takes it; Kraken's is its base64."""

    key: str
    secret: str

    @property
    def kraken_secret(self) -> str:
        """The secret as Kraken writes it."""
        return base64.b64encode(self.secret.encode()).decode()


DEMO_NAME = "demo"
DEMO = User(key=DEMO_NAME, secret=DEMO_NAME)
"""Play money; told at every start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeOptions:
    """What the exchange is to be: see `run_exchange`."""

    host: str = "127.0.0.1"
    port: int = 8421
    users: Sequence[User] = (DEMO,)
    balances: Mapping[str, Decimal] = field(default_factory=lambda: dict(MONEY))
    fees: Fees | None = None
    faults: Sequence[Fault] = ()
    fault_seed: int = 7
    faces: Sequence[str] = FACES
    """Which of FACES are open; the others answer nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeFacts:
    """What is told once the exchange is open."""

    url: str
    feed: str
    pairs: Sequence[str]
    users: Sequence[User]


@dataclass(frozen=True, slots=True)
class OpenExchange:
    """The exchange before it is served; `app` is all of it."""

    binance: BinanceExchange
    kraken: KrakenExchange
    contracts: Futures
    faults: Faults
    drive: Drive
    app: App
    living: Callable[[], AbstractAsyncContextManager[None]]
    """While this is open the exchange's time passes."""


async def run_exchange(settings: Settings, options: ExchangeOptions, *, told: Told) -> None:
    """Serve the exchange until cancelled. Errors: those of the feed; BadInput where no market can be listed."""
    async with exchange_on_feed(settings, options) as (house, feed):
        server = LoopbackServer(house.app, host=options.host, port=options.port)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(), name="server of the exchange")
            driving = group.create_task(house.drive.run(), name="drive of the exchange")
            try:
                await server.opened.wait()
                pairs = [market.pair for market in feed.markets]
                url = f"http://{options.host}:{server.port}"
                told(ExchangeFacts(url=url, feed=feed.label, pairs=pairs, users=options.users))
                await serving
            finally:
                server.should_exit = True
                driving.cancel()


@asynccontextmanager
async def exchange_on_feed(settings: Settings, options: ExchangeOptions) -> AsyncGenerator[tuple[OpenExchange, Source]]:
    """The exchange with its books set up and its past known, while its time passes; nothing is served or driven yet."""
    clock = SystemClock()
    speed = settings.feed.pace or SPEED_MAX
    if settings.feed.kind == "replay":
        settings = settings.model_copy(update={"feed": settings.feed.model_copy(update={"speed": "max"})})
    found = await find_feed(settings, clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(found.source.close)
        house = _open(found.source, options, clock, speed)
        await _remember(house, found.source, clock.now_ms())
        house.drive.begin()
        await stack.enter_async_context(house.living())
        yield house, found.source


def _open(feed: Source, options: ExchangeOptions, clock: SystemClock, speed: float) -> OpenExchange:
    chance = np.random.default_rng(options.fault_seed).random
    faults = Faults(chance=chance)
    for fault in options.faults:
        faults.arm(fault)
    clocks = {name: partial(_skewed, clock, faults, name) for name in FACES}
    binance, kraken, contracts = (
        _binance(feed.markets, options, clocks["binance"]),
        _kraken(feed.markets, options, clocks["kraken"]),
        _contracts(feed.markets, options, clocks["binanceusdm"]),
    )
    outside = {
        "binance": _outside(feed.markets, binance.engine, chance),
        "kraken": _outside_kraken(feed.markets, kraken, chance),
        "binanceusdm": _outside(feed.markets, contracts.exchange.engine, chance),
    }
    drive = Drive(feed, [each for face in options.faces for each in outside[face]], clock=clock.now_ms, speed=speed)
    controlled = {
        "binance": Controlled(binance.engine, clocks["binance"], partial(_admit_binance, binance)),
        "kraken": Controlled(kraken.engine, clocks["kraken"], partial(_admit_kraken, kraken)),
        "binanceusdm": Controlled(
            contracts.exchange.engine,
            clocks["binanceusdm"],
            partial(_admit_binance, contracts.exchange),
            partial(_fund, contracts),
        ),
    }
    control = Control(faults, {face: controlled[face] for face in options.faces}, drive)
    doors = {
        "binance": BinanceApp(binance),
        "kraken": KrakenApp(kraken),
        "binanceusdm": BinanceApp(contracts.exchange, contracts.face),
    }
    faulty = {face: FaultyApp(doors[face], faults, venue=face, clock=clock.now_ms) for face in options.faces}
    living = partial(_living, [(face, doors[face]) for face in options.faces])
    return OpenExchange(binance, kraken, contracts, faults, drive, _Doors(faulty, control_app(control)), living)


@asynccontextmanager
async def _living(doors: Sequence[tuple[str, BinanceApp | KrakenApp]]) -> AsyncGenerator[None]:
    """While this is open streams speak, and what is due at a time comes about."""
    async with asyncio.TaskGroup() as group:
        turning = [group.create_task(door.run(), name=f"time of {face}") for face, door in doors]
        try:
            yield
        finally:
            for task in turning:
                task.cancel()


class _Doors:
    """One address for all of it, told apart by path; what is not open is not there."""

    def __init__(self, faces: Mapping[str, App], control: App) -> None:
        self._faces = faces
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        if path.startswith("/control"):
            await self._control(scope, receive, send)
            return
        face = _face_of(path, self._faces)
        if face is not None:
            await face(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})


def _face_of(path: str, faces: Mapping[str, App]) -> App | None:
    """Kraken under /0 and /v2, futures under their own paths, all else is Binance; sapi is whose Binance is open."""
    if path.startswith("/0/") or path.rstrip("/") == "/v2":
        return faces.get("kraken")
    if path.startswith(FUTURES_PATHS):
        return faces.get("binanceusdm")
    if path.startswith("/sapi/"):
        return faces.get("binance") or faces.get("binanceusdm")
    return faces.get("binance")


def _skewed(clock: SystemClock, faults: Faults, venue: str) -> int:
    """An exchange's clock: the machine's, as wrong as a fault makes it."""
    at_ms = clock.now_ms()
    return at_ms + faults.skew_ms(venue, at_ms)


def _binance(markets: Sequence[Market], options: ExchangeOptions, clock: Callable[[], int]) -> BinanceExchange:
    specs = [spec_of(market) if options.fees is None else spec_of(market, fees=options.fees) for market in markets]
    keys = [BinanceKey(key=user.key, secret=user.secret, account=user.key) for user in options.users]
    exchange = BinanceExchange(specs, keys, clock=clock)
    _open_accounts(exchange.engine, options)
    return exchange


def _contracts(markets: Sequence[Market], options: ExchangeOptions, clock: Callable[[], int]) -> Futures:
    """Perpetual contracts on what the feed quotes in USDT; the accounts have their USDT."""
    listed = [market for market in markets if market.quote == ASSET]
    specs = [
        contract_of(market) if options.fees is None else contract_of(market, fees=options.fees) for market in listed
    ]
    keys = [BinanceKey(key=user.key, secret=user.secret, account=user.key) for user in options.users]
    made = futures(specs, keys, clock=clock)
    for user in options.users:
        made.exchange.engine.open_account(user.key, {ASSET: options.balances.get(ASSET, Decimal(0))})
    return made


def _fund(made: Futures, symbol: str, rate_ppb: int, settle: bool) -> None:
    """Set the funding rate of a contract, and settle it where that is asked."""
    made.contracts.set_rate(symbol, rate_ppb)
    if settle:
        made.contracts.settle(symbol, at_ms=made.exchange.clock())


def _kraken(markets: Sequence[Market], options: ExchangeOptions, clock: Callable[[], int]) -> KrakenExchange:
    pairs = [_kraken_pair(market, quote, options.fees) for market in markets for quote in _kraken_quotes(market)]
    keys = [KrakenKey(key=user.key, secret=user.kraken_secret, account=user.key) for user in options.users]
    exchange = KrakenExchange(pairs, keys, clock=clock)
    _open_accounts(exchange.engine, options)
    return exchange


def _kraken_quotes(market: Market) -> tuple[str, ...]:
    """What a pair of the feed is traded against on Kraken: a pair in USDT is listed in USD too, as most are there."""
    return (market.quote, "USD") if market.quote == "USDT" else (market.quote,)


def _kraken_pair(market: Market, quote: str, fees: Fees | None) -> KrakenPair:
    pair = KrakenPair(
        base=market.base,
        quote=quote,
        price_decimals=_decimals(market.tick),
        order_min=market.lot,
        tick_size=market.tick,
    )
    return pair if fees is None else replace(pair, fees=fees)


def _decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _open_accounts(engine: Engine, options: ExchangeOptions) -> None:
    assets = {asset for listing in engine.listings.values() for asset in (listing.spec.base, listing.spec.quote)}
    money = {asset: amount for asset, amount in options.balances.items() if asset in assets or asset == "BNB"}
    for user in options.users:
        engine.open_account(user.key, money)


def _admit_binance(exchange: BinanceExchange, key: str, secret: str, account: str) -> None:
    exchange.keys.add(BinanceKey(key=key, secret=secret, account=account))


def _admit_kraken(exchange: KrakenExchange, key: str, secret: str, account: str) -> None:
    user = User(key=key, secret=secret)
    exchange.keys.add(KrakenKey(key=key, secret=user.kraken_secret, account=account))


def _outside(markets: Sequence[Market], engine: Engine, chance: Callable[[], float]) -> list[OutsideMarket]:
    """Everybody else in those of these markets that are listed."""
    listed = [market for market in markets if market.symbol in engine.listings]
    return [OutsideMarket(engine, market.symbol, market, chance=chance) for market in listed]


def _outside_kraken(
    markets: Sequence[Market], exchange: KrakenExchange, chance: Callable[[], float]
) -> list[OutsideMarket]:
    return [
        OutsideMarket(exchange.engine, f"{market.base}/{quote}", market, chance=chance)
        for market in markets
        for quote in _kraken_quotes(market)
    ]


async def _remember(house: OpenExchange, feed: Source, now_ms: int) -> None:
    """Give both exchanges the feed's past, as far as the feed tells it."""
    shift_ms = shift_of(feed, now_ms)
    for timeframe in SEEDED:
        if TIMEFRAME_MS[timeframe] < TIMEFRAME_MS[feed.timeframe] and feed.kind == "replay":
            continue
        for market in feed.markets:
            try:
                bars = await feed.history(market.pair, timeframe, before_ms=now_ms - shift_ms, count=BARS)
            except QuorateError as error:
                logger.warning(f"No {timeframe} candles of {market.pair} from before: {error}")
                continue
            _remember_binance(house.binance, market, bars, shift_ms)
            if market.symbol in house.contracts.exchange.history:
                _remember_binance(house.contracts.exchange, market, bars, shift_ms)
            _remember_kraken(house.kraken, market, bars, shift_ms)


def _remember_binance(exchange: BinanceExchange, market: Market, bars: Bars, shift_ms: int) -> None:
    spec = exchange.engine.listings[market.symbol].spec
    candles = [
        BinanceCandle(open_ms, *prices, lots, value, 1 if lots else 0, lots // 2, value // 2)
        for open_ms, prices, lots, value in _counted(spec, bars, shift_ms)
    ]
    exchange.history[market.symbol].seed(TIMEFRAME_MS[bars.timeframe], candles)


def _remember_kraken(exchange: KrakenExchange, market: Market, bars: Bars, shift_ms: int) -> None:
    for quote in _kraken_quotes(market):
        symbol = f"{market.base}/{quote}"
        spec = exchange.engine.listings[symbol].spec
        candles = [
            KrakenCandle(open_ms, *prices, lots, prices[3] * lots, 1 if lots else 0)
            for open_ms, prices, lots, _ in _counted(spec, bars, shift_ms)
        ]
        exchange.history[symbol].seed(TIMEFRAME_MS[bars.timeframe] // MINUTE_MS, candles)


def _counted(spec: MarketSpec, bars: Bars, shift_ms: int) -> list[tuple[int, tuple[int, int, int, int], int, int]]:
    """Open time, the four prices in ticks on the market's step, lots, and value at the close, of every bar."""
    tick, lot, step = float(spec.tick), float(spec.lot), spec.filters.price_step
    rows: list[tuple[int, tuple[int, int, int, int], int, int]] = []
    columns = (bars.open_ms, bars.open, bars.high, bars.low, bars.close, bars.volume)
    for open_ms, *prices, volume in zip(*(column.tolist() for column in columns), strict=True):
        opened, high, low, close = (max(step, round(price / tick / step) * step) for price in prices)
        lots = round(volume / lot)
        rows.append((int(open_ms) + shift_ms, (opened, high, low, close), lots, round(volume * prices[3] * 1e8)))
    return rows
