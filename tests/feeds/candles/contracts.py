"""A small exchange on a loopback port that speaks Binance's public protocols for coins and for contracts on them."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.feeds.loopback import COINS, LoopbackBinance, Row

PAGE_MAX = 1_000
"""Binance gives no more candles at once."""


class LoopbackContracts(LoopbackBinance):
    """Binance spot as elsewhere, and USD-M contracts: their candles, mark prices and funding rates."""

    def __init__(self, now_ms) -> None:
        super().__init__(now_ms)
        self.marks: dict[str, list[Row]] = {coin: [] for coin in COINS}
        self.funding: dict[str, list[tuple[int, str]]] = {coin: [] for coin in COINS}
        self.asked: list[tuple[str, str, int]] = []
        self.fails_at_ms: int | None = None
        self.throttles_at: int | None = None
        """Which question about candles is answered by a 429."""
        self.stalls_after: int | None = None
        """After so many questions about candles none is answered until `release` is set."""
        self.release = asyncio.Event()
        self.stalled = asyncio.Event()

    def urls(self):
        known = super().urls()
        return {"api": {**known["api"], "fapiPublic": f"{self.url}/fapi/v1"}}

    def routes(self) -> list[web.RouteDef]:
        return [
            *super().routes(),
            web.get("/fapi/v1/time", self.time),
            web.get("/fapi/v1/exchangeInfo", self.contracts),
            web.get("/fapi/v1/klines", self.klines),
            web.get("/fapi/v1/markPriceKlines", self.mark_klines),
            web.get("/fapi/v1/fundingRate", self.funding_rates),
        ]

    async def contracts(self, request: web.Request) -> web.Response:
        symbols = [
            {
                "symbol": f"{coin}USDT",
                "pair": f"{coin}USDT",
                "contractType": "PERPETUAL",
                "deliveryDate": 4_133_404_800_000,
                "onboardDate": 1_569_398_400_000,
                "status": "TRADING",
                "baseAsset": coin,
                "quoteAsset": "USDT",
                "marginAsset": "USDT",
                "pricePrecision": 2,
                "quantityPrecision": 3,
                "filters": [
                    {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000", "tickSize": tick},
                    {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": "9000", "stepSize": lot},
                ],
            }
            for coin, (tick, lot) in COINS.items()
        ]
        return await self.before(request) or web.json_response({"timezone": "UTC", "symbols": symbols})

    async def klines(self, request: web.Request) -> web.Response:
        query = request.query
        self.asked.append((query["symbol"], query["interval"], int(query.get("startTime", 0))))
        if len(self.asked) == self.throttles_at:
            self.throttled = 1
        if self.stalls_after is not None and len(self.asked) > self.stalls_after:
            self.stalled.set()
            await self.release.wait()
        if self.fails_at_ms is not None and int(query.get("startTime", 0)) >= self.fails_at_ms:
            return web.json_response({"code": -1, "msg": "down"}, status=503)
        return await super().klines(request)

    async def mark_klines(self, request: web.Request) -> web.Response:
        rows, self.rows = self.rows, self.marks
        try:
            return await super().klines(request)
        finally:
            self.rows = rows

    async def funding_rates(self, request: web.Request) -> web.Response:
        early = await self.before(request)
        if early is not None:
            return early
        query = request.query
        coin = query["symbol"].removesuffix("USDT")
        told = [(at, rate) for at, rate in self.funding[coin] if at >= int(query.get("startTime", 0))]
        limit = int(query.get("limit", 100))
        return web.json_response(
            [{"symbol": query["symbol"], "fundingTime": at, "fundingRate": rate} for at, rate in told[:limit]]
        )

    def window(self, coin: str, since_ms: int, limit: int) -> list[Row]:
        return super().window(coin, since_ms, min(limit, PAGE_MAX))
