"""The loopback exchange as Binance's USDⓈ-M futures: perpetual contracts in USDT, one-way mode, cross margin.

    house = futures([spec_of(market)], [ApiKey(key="demo", secret="demo", account="demo")], clock=now_ms)
    house.exchange.engine.open_account("demo", {"USDT": Decimal(100_000)})
    app = BinanceApp(house.exchange, house.face)        # an ASGI application; `app.run()` keeps its streams speaking

The doors, keys, limits and sessions are spot's (`quorate.exchange.binance`), given this face; the matching is the same.
"""

from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.face import Futures, futures
from quorate.exchange.binanceusdm.markets import BRACKETS, DEFAULT_FEES, RULES, spec_of

__all__ = ["BRACKETS", "DEFAULT_FEES", "RULES", "Contracts", "Futures", "futures", "spec_of"]
