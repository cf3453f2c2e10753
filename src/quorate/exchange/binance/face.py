"""A face of the exchange: what its doors answer, and in which words. Spot has one, futures have another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Route
from quorate.exchange.binance.errors import BinanceError, refused
from quorate.exchange.binance.listening import LISTENING
from quorate.exchange.binance.pairing import PAIRING
from quorate.exchange.binance.private import PRIVATE
from quorate.exchange.binance.public import PUBLIC
from quorate.exchange.binance.streams import SPOT_WORDS, StreamWords
from quorate.exchange.binance.user_events import Reporter
from quorate.exchange.engine.events import Event
from quorate.exchange.engine.refusals import OrderRefused

ROUTES: dict[tuple[str, str], Route] = {**PUBLIC, **PRIVATE, **PAIRING, **LISTENING}
METHODS = {
    "ping": ("GET", "/api/v3/ping"),
    "time": ("GET", "/api/v3/time"),
    "exchangeInfo": ("GET", "/api/v3/exchangeInfo"),
    "depth": ("GET", "/api/v3/depth"),
    "trades.recent": ("GET", "/api/v3/trades"),
    "trades.historical": ("GET", "/api/v3/historicalTrades"),
    "trades.aggregate": ("GET", "/api/v3/aggTrades"),
    "klines": ("GET", "/api/v3/klines"),
    "uiKlines": ("GET", "/api/v3/uiKlines"),
    "avgPrice": ("GET", "/api/v3/avgPrice"),
    "ticker": ("GET", "/api/v3/ticker"),
    "ticker.24hr": ("GET", "/api/v3/ticker/24hr"),
    "ticker.price": ("GET", "/api/v3/ticker/price"),
    "ticker.book": ("GET", "/api/v3/ticker/bookTicker"),
    "order.place": ("POST", "/api/v3/order"),
    "order.test": ("POST", "/api/v3/order/test"),
    "order.status": ("GET", "/api/v3/order"),
    "order.cancel": ("DELETE", "/api/v3/order"),
    "order.cancelReplace": ("POST", "/api/v3/order/cancelReplace"),
    "order.amend.keepPriority": ("PUT", "/api/v3/order/amend/keepPriority"),
    "openOrders.status": ("GET", "/api/v3/openOrders"),
    "openOrders.cancelAll": ("DELETE", "/api/v3/openOrders"),
    "allOrders": ("GET", "/api/v3/allOrders"),
    "myTrades": ("GET", "/api/v3/myTrades"),
    "orderList.place": ("POST", "/api/v3/order/oco"),
    "orderList.place.oco": ("POST", "/api/v3/orderList/oco"),
    "orderList.status": ("GET", "/api/v3/orderList"),
    "orderList.cancel": ("DELETE", "/api/v3/orderList"),
    "openOrderLists.status": ("GET", "/api/v3/openOrderList"),
    "allOrderLists": ("GET", "/api/v3/allOrderList"),
    "account.status": ("GET", "/api/v3/account"),
    "account.commission": ("GET", "/api/v3/account/commission"),
    "account.rateLimits.orders": ("GET", "/api/v3/rateLimit/order"),
    "userDataStream.start": ("POST", "/api/v3/userDataStream"),
    "userDataStream.ping": ("PUT", "/api/v3/userDataStream"),
    "userDataStream.stop": ("DELETE", "/api/v3/userDataStream"),
}


class AccountReporter(Protocol):
    """Turns facts of the engine into events for the accounts that they are about."""

    def reports(self, events: Iterable[Event]) -> list[tuple[str, Told]]:
        """(account, event) for each that an account hears of, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """`methods` names those of the WebSocket API by method and path."""

    routes: Mapping[tuple[str, str], Route]
    methods: Mapping[str, tuple[str, str]]
    refused: Callable[[OrderRefused], BinanceError]
    """The answer where the engine refuses."""
    reporter: Callable[[], AccountReporter]
    words: StreamWords


SPOT = Face(
    routes=ROUTES,
    methods=METHODS,
    refused=lambda error: refused(error.reason),
    reporter=Reporter,
    words=SPOT_WORDS,
)
