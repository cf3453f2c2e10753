"""The latest price of a pair between two closes: for eyes on the page, never for decisions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.market import Market
from quorate.domain.money import PPM


@dataclass(frozen=True, slots=True)
class Quote:
    """Last price and best bid and ask in quote units at `at_ms` (UTC); None where a source does not tell them."""

    pair: str
    last: Decimal
    bid: Decimal | None
    ask: Decimal | None
    at_ms: int


def quote_around(market: Market, last: int, at_ms: int) -> Quote:
    """A quote with the market's modelled spread around a last price in ticks; bid and ask are at least a tick apart."""
    price = market.price(last)
    half = price * market.spread_ppm / (2 * PPM)
    bid = market.ticks_floor(price - half)
    ask = max(market.ticks_ceil(price + half), bid + 1)
    return Quote(market.pair, price, market.price(max(1, bid)), market.price(ask), at_ms)
