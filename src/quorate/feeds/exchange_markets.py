"""An exchange's own description of a market as the desk's, and its prices on the market's ticks."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.feeds.estimates import MIN_NOTIONAL, QUOTE_UNITS, lot_of, spread_ppm_of
from quorate.feeds.exchange_client import ExchangeClient
from quorate.feeds.universe import Listing

NOTIONAL_STEP = Decimal("0.00000001")
DIGITS_GUESSED = 5
"""Significant digits of a price whose tick the exchange does not tell."""


def describe(client: ExchangeClient, listing: Listing, costs: Costs) -> Market:
    """The desk's view of a listed market; what the exchange does not tell is estimated and named."""
    described = client.market(listing.pair) or {}
    price = Decimal(str(listing.last)) if listing.last else Decimal(1)
    unit = QUOTE_UNITS.get(listing.quote, Decimal(1))
    lot = client.step(described, "amount", listing.last)
    least = _least_notionals(described, price)
    guesses = {"tick": listing.tick is None, "lot": lot is None, "min_notional": not least, "spread": True}
    return Market(
        pair=listing.pair,
        tick=listing.tick or Decimal(1).scaleb(price.adjusted() + 1 - DIGITS_GUESSED),
        lot=lot or lot_of(price, unit),
        min_notional=max(least, default=MIN_NOTIONAL * unit).quantize(NOTIONAL_STEP, ROUND_HALF_EVEN).normalize(),
        spread_ppm=spread_ppm_of(listing.base, costs),
        estimated=tuple(name for name, guessed in guesses.items() if guessed),
    )


def _least_notionals(described: dict[str, Any], price: Decimal) -> list[Decimal]:
    """The least value of an order by each of the exchange's limits that it names."""
    limits: dict[str, dict[str, Any]] = described.get("limits") or {}
    cost = (limits.get("cost") or {}).get("min")
    amount = (limits.get("amount") or {}).get("min")
    return [
        value
        for value in (Decimal(str(cost or 0)), Decimal(str(amount or 0)) * price)
        if value.is_finite() and value > 0
    ]


def price_of(market: Market, value: object) -> Decimal | None:
    """A price as the exchange tells it, on the market's ticks; None for what is no price."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        return None
    return market.price(market.ticks_nearest(Decimal(str(value))))
