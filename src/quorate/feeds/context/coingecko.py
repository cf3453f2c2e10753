"""CoinGecko: prices, market caps, price history, and Bitcoin's share of the whole market.

Shapes are those of its API version 3, checked against recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from quorate.feeds.context.answers import decoded, rows_of
from quorate.feeds.context.faults import malformed
from quorate.feeds.context.numbers import sound, stamp_ms
from quorate.feeds.context.settings import CoinGeckoSettings
from quorate.feeds.context.web import Web

PER_PAGE_MAX = 250
IDS_MAX = 250
POINTS_MAX = 20_000
DAYS_MAX = 365
HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The whole market at one instant."""

    btc_percent: Decimal
    """Bitcoin's share of it, in percent."""
    cap_usd: Decimal | None
    cap_change_24h_percent: Decimal | None
    stamp_ms: int | None
    """When CoinGecko measured it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoinMarket:
    """One coin: price and market cap in USD."""

    id: str
    coin: str
    """As pairs spell it: BTC."""
    price: Decimal | None
    cap: Decimal | None
    cap_change_24h_percent: Decimal | None
    price_change_24h_percent: Decimal | None
    volume_24h: Decimal | None
    stamp_ms: int | None


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One point of a coin's price history, in USD."""

    at_ms: int
    price: Decimal
    cap: Decimal | None


class _Global(msgspec.Struct):
    market_cap_percentage: dict[str, Decimal]
    total_market_cap: dict[str, Decimal] = {}
    market_cap_change_percentage_24h_usd: Decimal | None = None
    updated_at: int | None = None


class _GlobalAnswer(msgspec.Struct):
    data: _Global


class _Coin(msgspec.Struct):
    id: str
    symbol: str
    current_price: Decimal | None = None
    market_cap: Decimal | None = None
    market_cap_change_percentage_24h: Decimal | None = None
    price_change_percentage_24h: Decimal | None = None
    total_volume: Decimal | None = None
    last_updated: datetime | None = None


class _Chart(msgspec.Struct):
    prices: list[tuple[int, Decimal | None]]
    market_caps: list[tuple[int, Decimal | None]] = []


class CoinGecko:
    """Asks CoinGecko. Every question raises SourceFault."""

    def __init__(self, web: Web, settings: CoinGeckoSettings) -> None:
        self._web = web
        self._settings = settings
        self._headers: dict[str, str] = {}
        if settings.key:
            tier = "pro" if "pro-api" in settings.url else "demo"
            self._headers = {f"x-cg-{tier}-api-key": settings.key}

    async def world(self) -> World:
        """The whole market, now."""
        return parse_world(await self._get("/global"))

    async def coins(self) -> tuple[CoinMarket, ...]:
        """The largest coins, largest first."""
        per_page = str(min(self._settings.coins_max, PER_PAGE_MAX))
        asked = {"vs_currency": "usd", "order": "market_cap_desc", "per_page": per_page, "page": "1"}
        return parse_coins(await self._get("/coins/markets", asked))

    async def prices(self, ids: Sequence[str]) -> Mapping[str, Decimal]:
        """Price in USD of each of these ids that it knows."""
        asked = {"ids": ",".join(ids[:IDS_MAX]), "vs_currencies": "usd"}
        return parse_prices(await self._get("/simple/price", asked))

    async def chart(self, coin_id: str, days: int) -> tuple[ChartPoint, ...]:
        """Price history of so many days up to now: hourly for up to 90 of them, daily beyond."""
        asked = {"vs_currency": "usd", "days": str(min(max(days, 1), DAYS_MAX))}
        safe = "".join(sign for sign in coin_id if sign.isalnum() or sign in "-_.").strip(".")
        return parse_chart(await self._get(f"/coins/{safe}/market_chart", asked))

    async def _get(self, path: str, params: Mapping[str, str] | None = None) -> bytes:
        url = self._settings.url.rstrip("/") + path
        bytes_max = self._settings.limits.body_bytes_max
        answer = await self._web.get(url, params=params, headers=self._headers, bytes_max=bytes_max)
        return answer.body


def parse_world(body: bytes) -> World:
    """GET /global."""
    data = decoded(body, _GlobalAnswer).data
    share = sound(data.market_cap_percentage.get("btc"), least=ZERO, most=HUNDRED)
    if share is None:
        raise malformed("has no share of Bitcoin between 0 and 100 %")
    return World(
        btc_percent=share,
        cap_usd=sound(data.total_market_cap.get("usd"), least=ZERO),
        cap_change_24h_percent=sound(data.market_cap_change_percentage_24h_usd, least=-HUNDRED),
        stamp_ms=None if data.updated_at is None else stamp_ms(data.updated_at),
    )


def parse_coins(body: bytes) -> tuple[CoinMarket, ...]:
    """GET /coins/markets."""
    found = rows_of(decoded(body, list[msgspec.Raw]), _Coin, rows_max=PER_PAGE_MAX)
    if not found:
        raise malformed("names no coin")
    return tuple(
        CoinMarket(
            id=row.id[:100],
            coin=row.symbol.upper()[:20],
            price=sound(row.current_price, least=ZERO),
            cap=sound(row.market_cap, least=ZERO),
            cap_change_24h_percent=sound(row.market_cap_change_percentage_24h, least=-HUNDRED),
            price_change_24h_percent=sound(row.price_change_percentage_24h, least=-HUNDRED),
            volume_24h=sound(row.total_volume, least=ZERO),
            stamp_ms=None if row.last_updated is None else round(row.last_updated.timestamp() * 1000),
        )
        for row in found
        if row.id and row.symbol.isascii() and row.symbol.isprintable()
    )


def parse_prices(body: bytes) -> dict[str, Decimal]:
    """GET /simple/price."""
    answer = decoded(body, dict[str, dict[str, Decimal | None]])
    prices = {coin_id: sound(told.get("usd"), least=ZERO) for coin_id, told in answer.items()}
    return {coin_id: price for coin_id, price in prices.items() if price is not None}


def parse_chart(body: bytes) -> tuple[ChartPoint, ...]:
    """GET /coins/{id}/market_chart and .../range: oldest first, points that make no sense left out."""
    chart = decoded(body, _Chart)
    caps = dict(chart.market_caps)
    points: dict[int, ChartPoint] = {}
    for told_ms, told_price in chart.prices[-POINTS_MAX:]:
        at_ms, price = stamp_ms(told_ms), sound(told_price, least=ZERO)
        if at_ms is not None and price is not None:
            points[at_ms] = ChartPoint(at_ms, price, sound(caps.get(told_ms), least=ZERO))
    if chart.prices and not points:
        raise malformed("has no price that makes sense")
    return tuple(points[at_ms] for at_ms in sorted(points))


def by_coin(coins: Sequence[CoinMarket], chosen: Mapping[str, str]) -> dict[str, CoinMarket]:
    """Coin -> its row: the largest of those with that symbol, or the one whose id was `chosen`.

    Many tokens call themselves BTC; CoinGecko orders by market cap, and so does this.
    """
    found: dict[str, CoinMarket] = {}
    for row in sorted(coins, key=lambda row: row.cap or ZERO, reverse=True):
        wanted = chosen.get(row.coin)
        if wanted == row.id or (wanted is None and row.coin not in found):
            found[row.coin] = row
    return found
