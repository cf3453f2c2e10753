"""The venues that a whole live house can be tried at: each an exchange on this machine, at its own protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from quorate.clock import SystemClock
from quorate.domain.market import Market, MarketKind
from quorate.exchange import Engine
from quorate.exchange.binance import ApiKey as BinanceKey
from quorate.exchange.binance import BinanceApp, BinanceExchange, RateLimits, spec_of
from quorate.exchange.binanceusdm import futures
from quorate.exchange.binanceusdm import spec_of as contract_of
from quorate.exchange.kraken import ApiKey as KrakenKey
from quorate.exchange.kraken import KrakenApp, KrakenExchange, KrakenPair
from quorate.exchange.kraken import RateLimits as KrakenLimits
from quorate.venues.ccxt.kraken import tag_of
from tests.exchange.doors import binance_urls, kraken_urls, perpetual_urls
from tests.simulation.world import CONTRACTS, IN_DOLLARS, MARKETS

ACCOUNT, SECRET = "demo", "ZGVtbw=="
LIMITS = RateLimits(weight_per_minute=1_000_000, orders_per_10s=10_000)
Served = tuple[Any, Engine]
"""An ASGI application whose `run` lets time pass, and the engine behind it."""


@dataclass(frozen=True)
class LiveVenue:
    """One kind of exchange."""

    name: Literal["binance", "binanceusdm", "kraken"]
    markets: Mapping[str, Market]
    """By the engine's symbol."""
    money: Mapping[str, Decimal]
    """More than the desk is told of: what is there before it is its baseline."""
    serve: Callable[[Sequence[Market]], Served]
    urls: Callable[[str, str], Mapping[str, Any]]
    """Where ccxt finds it, by its addresses for HTTP and WebSockets."""
    prices: str
    """Path of the last prices."""
    read_prices: Callable[[Any], Mapping[str, Decimal]]
    """symbol without separators -> last price, from the answer."""
    market: MarketKind = MarketKind.SPOT
    tag: Callable[[str], str] = str
    """The form in which it has an order's id of ours."""

    @property
    def pairs(self) -> tuple[str, ...]:
        """What the house trades."""
        return tuple(sorted(market.pair for market in self.markets.values()))


def _binance(markets: Sequence[Market]) -> Served:
    keys = [BinanceKey(key="demo", secret=SECRET, account=ACCOUNT)]
    exchange = BinanceExchange([spec_of(market) for market in markets], keys, clock=SystemClock().now_ms, limits=LIMITS)
    return BinanceApp(exchange), exchange.engine


def _futures(markets: Sequence[Market]) -> Served:
    keys = [BinanceKey(key="demo", secret=SECRET, account=ACCOUNT)]
    made = futures([contract_of(market) for market in markets], keys, clock=SystemClock().now_ms, limits=LIMITS)
    return BinanceApp(made.exchange, made.face), made.exchange.engine


def _kraken(markets: Sequence[Market]) -> Served:
    pairs = [
        KrakenPair(base=each.base, quote=each.quote, price_decimals=2, cost_min=each.min_notional) for each in markets
    ]
    keys = [KrakenKey(key="demo", secret=SECRET, account=ACCOUNT)]
    limits = KrakenLimits(calls_max=10_000, orders_max=10_000)
    exchange = KrakenExchange(pairs, keys, clock=SystemClock().now_ms, limits=limits)
    return KrakenApp(exchange), exchange.engine


def _listed_prices(told: Any) -> Mapping[str, Decimal]:
    return {row["symbol"]: Decimal(row["price"]) for row in told}


def _kraken_prices(told: Any) -> Mapping[str, Decimal]:
    names = {"XXBTZUSD": "BTCUSD", "XETHZUSD": "ETHUSD"}
    return {names[name]: Decimal(row["c"][0]) for name, row in told["result"].items()}


BINANCE = LiveVenue(
    name="binance",
    markets=MARKETS,
    money={"USDT": Decimal(10_000), "BTC": Decimal("0.5")},
    serve=_binance,
    urls=binance_urls,
    prices="/api/v3/ticker/price",
    read_prices=_listed_prices,
)
PERPETUALS = LiveVenue(
    name="binanceusdm",
    markets=CONTRACTS,
    money={"USDT": Decimal(10_000)},
    serve=_futures,
    urls=perpetual_urls,
    prices="/fapi/v1/ticker/price",
    read_prices=_listed_prices,
    market=MarketKind.PERP,
)
KRAKEN = LiveVenue(
    name="kraken",
    markets=IN_DOLLARS,
    money={"USD": Decimal(10_000), "BTC": Decimal("0.5")},
    serve=_kraken,
    urls=kraken_urls,
    prices="/0/public/Ticker?pair=XBTUSD,ETHUSD",
    read_prices=_kraken_prices,
    tag=tag_of,
)
VENUES = {venue.name: venue for venue in (BINANCE, PERPETUALS, KRAKEN)}


def place_of(venue: LiveVenue, address: str) -> str:
    """A venue and where it listens, as one word for a command line."""
    return f"{venue.name}@{address}"


def found_at(place: str) -> tuple[LiveVenue, str]:
    """The venue and its address, from such a word."""
    name, _, address = place.partition("@")
    return VENUES[name], address
