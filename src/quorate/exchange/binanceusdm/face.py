"""Binance's USDⓈ-M futures put together: the exchange behind them, and their face."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from quorate.exchange.binance.exchange import BinanceExchange, Clock
from quorate.exchange.binance.face import Face
from quorate.exchange.binance.keys import ApiKey
from quorate.exchange.binance.limits import RateLimits
from quorate.exchange.binanceusdm.accounts import ACCOUNTS
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.errors import refused
from quorate.exchange.binanceusdm.markets import RULES
from quorate.exchange.binanceusdm.public import PUBLIC, SHARED, bound, counted
from quorate.exchange.binanceusdm.streams import words_of
from quorate.exchange.binanceusdm.trading import ORDERS, TRADING
from quorate.exchange.binanceusdm.user_events import FuturesReporter
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.specs import MarginRules, MarketSpec, VenueRules

METHODS = {
    "ping": ("GET", "/fapi/v1/ping"),
    "time": ("GET", "/fapi/v1/time"),
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v1/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "order.place": ("POST", "/fapi/v1/order"),
    "order.test": ("POST", "/fapi/v1/order/test"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
    "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
    "account.balance": ("GET", "/fapi/v3/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.status": ("GET", "/fapi/v2/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "account.position": ("GET", "/fapi/v2/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
"""What the WebSocket API offers, by the request over REST that it is."""
LIMITS = RateLimits(weight_per_minute=2_400, orders_per_10s=300, orders_per_day=1_200, longer="1M")


@dataclass(frozen=True, slots=True)
class Futures:
    """The futures of one exchange of Binance's kind."""

    exchange: BinanceExchange
    contracts: Contracts
    face: Face


def futures(
    markets: Iterable[MarketSpec],
    keys: Iterable[ApiKey],
    *,
    clock: Clock,
    limits: RateLimits = LIMITS,
    rules: MarginRules = RULES,
) -> Futures:
    """The futures over these contracts. `clock` gives UTC milliseconds; nothing else tells the time."""
    engine = Engine(markets, rules=VenueRules(default_decimals=8, margin=rules), at_ms=clock())
    exchange = BinanceExchange((), keys, clock=clock, limits=limits, engine=engine)
    contracts = Contracts(engine, at_ms=clock())
    exchange.duties.append(contracts.due)
    return Futures(exchange, contracts, face_of(contracts))


def face_of(contracts: Contracts) -> Face:
    """What the doors of futures answer."""
    own = {**bound(PUBLIC, contracts), **bound(TRADING, contracts), **bound(ACCOUNTS, contracts)}
    return Face(
        routes={**SHARED, **counted(own, *ORDERS)},
        methods=METHODS,
        refused=refused,
        reporter=lambda: FuturesReporter(contracts),
        words=words_of(contracts),
    )
