"""The loopback exchange as Kraken spot: REST, WebSocket v2, its names, signatures, error strings, limits and checksums.

    exchange = KrakenExchange(pairs, keys, clock=clock.now_ms)
    exchange.engine.open_account("demo", {"USD": Decimal(100_000)})
    app = KrakenApp(exchange)                      # an ASGI application: /0/public/…, /0/private/…, and the socket /v2
    rest.answer(exchange, RestRequest(...))        # the same without a socket: bytes in, bytes out
    Session(exchange, Hub(exchange), tell, connection=1).take(frame)

Markets of the engine are called as in WebSocket v2 ("BTC/USD"), its assets plainly ("BTC", "USD"); X and Z names exist
only in what is said to clients.
"""

from quorate.exchange.kraken.exchange import KrakenExchange, kraken_rules
from quorate.exchange.kraken.keys import ApiKey, Permission
from quorate.exchange.kraken.pairs import KrakenPair
from quorate.exchange.kraken.rates import RateLimits
from quorate.exchange.kraken.serving import KrakenApp

__all__ = ["ApiKey", "KrakenApp", "KrakenExchange", "KrakenPair", "Permission", "RateLimits", "kraken_rules"]
