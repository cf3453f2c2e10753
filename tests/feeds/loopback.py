"""Small exchanges on a loopback port that speak the public market data protocols of Binance spot and Kraken.

They serve what a test put into `rows`, in the shapes the real ones use, and misbehave on demand.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSMsgType, web

Row = tuple[int, float, float, float, float, float]
COINS = {"BTC": ("0.01", "0.00001"), "ETH": ("0.01", "0.0001"), "DOGE": ("0.00001", "1")}


class LoopbackExchange(ABC):
    """What both protocols share: candles, sockets and faults."""

    exchange = ""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.length_ms = 300_000
        self.rows: dict[str, list[Row]] = {coin: [] for coin in COINS}
        self.sockets: dict[web.WebSocketResponse, set[str]] = {}
        self.requests: list[str] = []
        self.throttled = 0
        self.down = False
        self.hold: asyncio.Event | None = None
        self.slow: set[str] = set()
        self.nonsense: Any = None
        self.subscribed = asyncio.Event()
        self.url = ""

    async def before(self, request: web.Request) -> web.Response | None:
        """Faults that come before any answer."""
        self.requests.append(request.path)
        if self.down:
            assert request.transport is not None
            request.transport.close()
            return web.Response(status=503)
        if self.throttled:
            self.throttled -= 1
            return web.json_response(
                {"code": -1003, "msg": "Too many requests."}, status=429, headers={"Retry-After": "2"}
            )
        coin = (request.query.get("symbol") or request.query.get("pair") or "").removesuffix("USDT")
        if self.hold is not None and (not self.slow or coin in self.slow):
            await self.hold.wait()
        return None

    def window(self, coin: str, since_ms: int, limit: int) -> list[Row]:
        return [row for row in self.rows[coin] if row[0] >= since_ms][:limit]

    async def say(self, message: object) -> None:
        for socket in list(self.sockets):
            await socket.send_str(json.dumps(message))

    async def hang_up(self) -> None:
        self.subscribed.clear()
        for socket in list(self.sockets):
            await socket.close()

    async def socket(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets[socket] = set()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self.heard(socket, json.loads(message.data))
        finally:
            self.sockets.pop(socket, None)
        return socket

    @abstractmethod
    async def heard(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        """A client said something on its socket."""

    @abstractmethod
    def urls(self) -> dict[str, Any]:
        """What to lay over ccxt's own addresses."""

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """Every path the exchange answers to."""


class LoopbackBinance(LoopbackExchange):
    exchange = "binance"

    def urls(self) -> dict[str, Any]:
        api = {"public": f"{self.url}/api/v3", "private": f"{self.url}/api/v3", "sapi": f"{self.url}/sapi/v1"}
        return {"api": {**api, "ws": {"spot": self.url.replace("http", "ws") + "/ws"}}}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v3/time", self.time),
            web.get("/api/v3/exchangeInfo", self.info),
            web.get("/api/v3/ticker/24hr", self.tickers),
            web.get("/api/v3/klines", self.klines),
            web.get("/ws{tail:.*}", self.socket),
        ]

    async def time(self, request: web.Request) -> web.Response:
        return await self.before(request) or web.json_response({"serverTime": self.now_ms()})

    async def info(self, request: web.Request) -> web.Response:
        symbols = [
            {
                "symbol": f"{coin}USDT",
                "status": "TRADING",
                "baseAsset": coin,
                "quoteAsset": "USDT",
                "baseAssetPrecision": 8,
                "quoteAssetPrecision": 8,
                "isSpotTradingAllowed": True,
                "isMarginTradingAllowed": False,
                "permissions": ["SPOT"],
                "orderTypes": ["LIMIT", "MARKET"],
                "filters": [
                    {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000", "tickSize": tick},
                    {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000", "stepSize": lot},
                    {"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True},
                ],
            }
            for coin, (tick, lot) in COINS.items()
        ]
        return await self.before(request) or web.json_response({"timezone": "UTC", "symbols": symbols})

    async def tickers(self, request: web.Request) -> web.Response:
        answer = [
            {
                "symbol": f"{coin}USDT",
                "lastPrice": "100.00",
                "bidPrice": "99.99",
                "askPrice": "100.01",
                "volume": "1000",
                "quoteVolume": str(100_000 * (place + 1)),
                "openPrice": "99",
                "highPrice": "101",
                "lowPrice": "98",
                "weightedAvgPrice": "100",
                "closeTime": self.now_ms(),
                "openTime": self.now_ms() - 86_400_000,
                "count": 5,
            }
            for place, coin in enumerate(COINS)
        ]
        return await self.before(request) or web.json_response(answer)

    async def klines(self, request: web.Request) -> web.Response:
        early = await self.before(request)
        if early is not None:
            return early
        if self.nonsense is not None:
            return web.json_response(self.nonsense)
        query = request.query
        coin = query["symbol"].removesuffix("USDT")
        rows = self.window(coin, int(query.get("startTime", 0)), int(query.get("limit", 500)))
        return web.json_response(
            [[at, *map(str, prices), at + self.length_ms - 1, "0", 1, "0", "0", "0"] for at, *prices in rows]
        )

    async def heard(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message.get("method") == "SUBSCRIBE":
            self.sockets[socket].update(message["params"])
            await socket.send_str(json.dumps({"result": None, "id": message["id"]}))
            if any("@kline" in stream for stream in message["params"]):
                self.subscribed.set()

    async def candle(self, coin: str, row: Row) -> None:
        """Tell subscribers about a candle, forming or closed."""
        at, open_, high, low, close, volume = row
        kline = {
            "t": at,
            "T": at + self.length_ms - 1,
            "s": f"{coin}USDT",
            "i": "5m",
            "o": str(open_),
            "h": str(high),
            "l": str(low),
            "c": str(close),
            "v": str(volume),
            "x": False,
        }
        await self.say({"e": "kline", "E": self.now_ms(), "s": f"{coin}USDT", "k": kline})

    async def ticker(self, coin: str, last: float) -> None:
        told = {"e": "24hrTicker", "E": self.now_ms(), "s": f"{coin}USDT", "c": str(last), "b": str(last - 1)}
        await self.say({**told, "a": str(last + 1), "C": self.now_ms(), "v": "1", "q": "1"})


class LoopbackKraken(LoopbackExchange):
    exchange = "kraken"

    def urls(self) -> dict[str, Any]:
        ws = self.url.replace("http", "ws") + "/v2"
        sockets = {"public": ws, "private": ws, "publicV2": ws, "privateV2": ws}
        return {"api": {"public": self.url, "private": self.url, "ws": sockets}}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/0/public/Time", self.time),
            web.get("/0/public/Assets", self.assets),
            web.get("/0/public/AssetPairs", self.pairs),
            web.get("/0/public/Ticker", self.tickers),
            web.get("/0/public/OHLC", self.ohlc),
            web.get("/v2", self.socket),
        ]

    def answer(self, result: object) -> web.Response:
        return web.json_response({"error": [], "result": result})

    async def time(self, request: web.Request) -> web.Response:
        return await self.before(request) or self.answer({"unixtime": self.now_ms() // 1000, "rfc1123": ""})

    async def assets(self, request: web.Request) -> web.Response:
        coins = {coin: {"aclass": "currency", "altname": coin, "decimals": 8} for coin in (*COINS, "USDT")}
        return await self.before(request) or self.answer(coins)

    async def pairs(self, request: web.Request) -> web.Response:
        pairs = {
            f"{coin}USDT": {
                "altname": f"{coin}USDT",
                "wsname": f"{coin}/USDT",
                "aclass_base": "currency",
                "base": coin,
                "aclass_quote": "currency",
                "quote": "USDT",
                "pair_decimals": len(tick) - 2,
                "lot_decimals": 8,
                "cost_decimals": 5,
                "lot_multiplier": 1,
                "fees": [[0, 0.4]],
                "fees_maker": [[0, 0.25]],
                "fee_volume_currency": "ZUSD",
                "ordermin": lot if lot != "1" else "10",
                "costmin": "0.5",
                "tick_size": tick,
                "status": "online",
            }
            for coin, (tick, lot) in COINS.items()
        }
        return await self.before(request) or self.answer(pairs)

    async def tickers(self, request: web.Request) -> web.Response:
        one = {
            "a": ["100.01", "1", "1"],
            "b": ["99.99", "1", "1"],
            "c": ["100.00", "0.1"],
            "v": ["10", "1000"],
            "p": ["100", "100"],
            "t": [1, 5],
            "l": ["98", "98"],
            "h": ["101", "101"],
            "o": "99",
        }
        return await self.before(request) or self.answer({f"{coin}USDT": one for coin in COINS})

    async def ohlc(self, request: web.Request) -> web.Response:
        early = await self.before(request)
        if early is not None:
            return early
        coin = request.query["pair"].removesuffix("USDT")
        since_ms = int(request.query.get("since", 0)) * 1000
        rows = [row for row in self.rows[coin] if row[0] > since_ms][:720]
        told = [[at // 1000, str(o), str(h), str(low), str(c), "100", str(v), 3] for at, o, h, low, c, v in rows]
        return self.answer({f"{coin}USDT": told, "last": since_ms // 1000})

    async def heard(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message.get("method") == "ping":
            await socket.send_str(json.dumps({"method": "pong"}))
        if message.get("method") == "subscribe":
            channel = message["params"]["channel"]
            for symbol in message["params"]["symbol"]:
                result = {"channel": channel, "symbol": symbol, "interval": message["params"].get("interval")}
                reply = {"method": "subscribe", "result": result, "success": True, "req_id": message["req_id"]}
                self.sockets[socket].add(f"{channel} {symbol}")
                await socket.send_str(json.dumps(reply))
            if channel == "ohlc":
                self.subscribed.set()

    async def candle(self, coin: str, row: Row) -> None:
        at, open_, high, low, close, volume = row
        begin = f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000000000Z"
        told = {"symbol": f"{coin}/USDT", "open": open_, "high": high, "low": low, "close": close, "volume": volume}
        data = {**told, "trades": 1, "vwap": close, "interval_begin": begin, "interval": 5, "timestamp": begin}
        await self.say({"channel": "ohlc", "type": "update", "timestamp": begin, "data": [data]})


@asynccontextmanager
async def served(exchange: LoopbackExchange) -> AsyncGenerator[LoopbackExchange]:
    """Run a loopback exchange on a free port for as long as the block lasts."""
    app = web.Application()
    app.add_routes(exchange.routes())
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert runner.addresses
    exchange.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield exchange
    finally:
        if exchange.hold is not None:
            exchange.hold.set()
        await exchange.hang_up()
        await runner.cleanup()
