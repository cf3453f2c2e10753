"""The loopback exchange as Binance spot: REST v3, market streams, the WebSocket API, its filters, codes and limits.

    exchange = BinanceExchange([spec_of(market)], [ApiKey(key="demo", secret="demo", account="demo")], clock=now_ms)
    exchange.engine.open_account("demo", {"USDT": Decimal(100_000)})
    app = BinanceApp(exchange)                          # an ASGI application; `app.run()` keeps its streams speaking

In process, without sockets: `RestDoor(exchange).answer(Request(...))`, and `MarketSession` and `ApiSession` on a `Hub`,
whose `streams.tick(at_ms)` a simulator calls when its clock says so.
"""

from quorate.exchange.binance.doors import Request, Response, RestDoor
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.history import Candle, History
from quorate.exchange.binance.keys import ApiKey
from quorate.exchange.binance.limits import RateLimits
from quorate.exchange.binance.markets import spec_of
from quorate.exchange.binance.serving import BinanceApp
from quorate.exchange.binance.sessions import Hub, MarketSession
from quorate.exchange.binance.ws_api import ApiSession

__all__ = [
    "ApiKey",
    "ApiSession",
    "BinanceApp",
    "BinanceExchange",
    "Candle",
    "History",
    "Hub",
    "MarketSession",
    "RateLimits",
    "Request",
    "Response",
    "RestDoor",
    "spec_of",
]
