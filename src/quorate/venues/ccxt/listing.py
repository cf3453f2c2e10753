"""What a venue says of its markets: steps, least orders, and whether they trade; and what has changed since.

Nothing is estimated: what is not told is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from quorate.domain.market import Market

PPM = 1_000_000


class Trading(StrEnum):
    """What a market takes now."""

    OPEN = "open"
    CANCEL_ONLY = "cancel_only"
    POST_ONLY = "post_only"
    REDUCE_ONLY = "reduce_only"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A market as its venue describes it."""

    pair: str
    symbol: str
    """The venue's own name for it."""
    tick: Decimal
    lot: Decimal
    min_quantity: Decimal
    min_notional: Decimal
    trading: Trading
    ends_ms: int | None = None
    """When the venue will stop trading it, where it has said so; UTC milliseconds."""
    kinds: frozenset[str] = frozenset()
    """Types of orders it takes, in the venue's words; empty where all markets take the same."""
    self_trades: frozenset[str] = frozenset()
    """Ways to keep an account from trading with itself, in the venue's words."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask of a market."""

    bid: Decimal
    ask: Decimal

    @property
    def spread_ppm(self) -> int:
        """The full spread in parts per million of the price, rounded up."""
        middle = (self.bid + self.ask) / 2
        return int(((self.ask - self.bid) / middle * PPM).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class ListingChange:
    """What is not as it was: a market's step, its least order, its state, its end, or that it is gone or new."""

    pair: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.pair}: {self.what} was {self.before or 'none'}, is {self.after or 'none'}"


def market_of(listing: Listing, quote: Quote) -> Market:
    """The desk's view of a listed market: steps as told, the spread as quoted now.

    Where the venue sets a least quantity, it counts at the present ask.
    """
    return Market(
        pair=listing.pair,
        tick=listing.tick,
        lot=listing.lot,
        min_notional=max(listing.min_notional, listing.min_quantity * quote.ask),
        spread_ppm=quote.spread_ppm,
    )


COMPARED = ("symbol", "tick", "lot", "min_quantity", "min_notional", "trading", "ends_ms")


def changes(before: Iterable[Listing], after: Iterable[Listing]) -> tuple[ListingChange, ...]:
    """Every difference between two answers of a venue, sorted by pair."""
    old: Mapping[str, Listing] = {each.pair: each for each in before}
    new: Mapping[str, Listing] = {each.pair: each for each in after}
    found: list[ListingChange] = []
    for pair in sorted(old.keys() | new.keys()):
        one, other = old.get(pair), new.get(pair)
        if one is None or other is None:
            found.append(ListingChange(pair, "listed", _told(one is not None), _told(other is not None)))
            continue
        found += [
            ListingChange(pair, name, _told(getattr(one, name)), _told(getattr(other, name)))
            for name in COMPARED
            if getattr(one, name) != getattr(other, name)
        ]
    return tuple(found)


def _told(value: object) -> str:
    return "" if value is None else "yes" if value is True else "no" if value is False else str(value)
