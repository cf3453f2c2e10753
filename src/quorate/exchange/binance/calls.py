"""One request to the exchange, whichever door it came through, and the table that says who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.keys import ApiKey
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.engine.listing import Listing


class Security(Enum):
    """What a request must carry."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"
    TRADE = "trade"
    """Signed, with a key that may trade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was let in. `account` is empty where it needs none."""

    exchange: BinanceExchange
    parameters: Parameters
    at_ms: int
    account: str = ""
    key: ApiKey | None = None
    """The key it was signed with, where it came by one."""

    def listing(self, name: str = "symbol") -> Listing:
        """The market that is asked about. Errors: -1121."""
        return self.exchange.engine.listing(self.parameters.symbol(name))


Handler = Callable[[Call], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Who answers, what the request must carry and what it weighs. `orders` counts against the limits of orders."""

    handler: Handler
    security: Security = Security.NONE
    weight: Callable[[Parameters], int] | int = 1
    orders: int = 0

    def weight_of(self, parameters: Parameters) -> int:
        """What this request weighs."""
        return self.weight if isinstance(self.weight, int) else self.weight(parameters)
