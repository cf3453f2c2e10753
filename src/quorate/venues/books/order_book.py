"""The two sides of a book and what one asks of them, whatever protocol keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.money import ZERO
from quorate.domain.orders import Action
from quorate.venues.books.ladder import Ladder, Level
from quorate.venues.books.scale import Scale
from quorate.venues.books.status import BookStatus

LEVELS_MAX = 10_000
"""Levels kept per side where a stream does not bound them; those furthest from the market go first."""
SLACK = 500
"""How far a side may grow over its bound before it is cut: cutting costs more than a few levels too many."""
READING_DEPTH = 20
BPS = 10_000

PricedLevel = tuple[Decimal, Decimal]
"""Price and quantity."""


@dataclass(frozen=True, slots=True)
class Taking:
    """What a taker would get just now: `filled` of the quantity asked for, at `average`, the last of it at `worst`."""

    filled: Decimal
    average: Decimal | None
    worst: Decimal | None


@dataclass(frozen=True, slots=True)
class BookReading:
    """A book as of one instant: what controls, quotes and people look at."""

    pair: str
    status: BookStatus
    bids: tuple[PricedLevel, ...]
    """Best first."""
    asks: tuple[PricedLevel, ...]
    content_ms: int
    at_ms: int

    @property
    def age_ms(self) -> int:
        """How old the newest content is."""
        return max(self.at_ms - self.content_ms, 0)

    @property
    def bid(self) -> Decimal | None:
        """The best bid; None where nobody bids."""
        return self.bids[0][0] if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        """The best ask; None where nobody offers."""
        return self.asks[0][0] if self.asks else None

    @property
    def middle(self) -> Decimal | None:
        """Half-way between bid and ask; None unless there are both."""
        return None if self.bid is None or self.ask is None else (self.bid + self.ask) / 2


class OrderBook:
    """Bids and asks of one pair in units, with the scales to tell what the units mean."""

    def __init__(self, pair: str, *, price: Scale, quantity: Scale, depth: int | None = None) -> None:
        self.pair = pair
        self.price = price
        self.quantity = quantity
        self.bids = Ladder(1)
        self.asks = Ladder(-1)
        self.depth = depth
        """Levels per side that the stream keeps up to date; None where it does not bound them."""

    def clear(self) -> None:
        """Forget every level."""
        self.replace((), ())

    def replace(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Hold exactly these levels."""
        self.bids.replace(bids)
        self.asks.replace(asks)
        self._bound()

    def apply(self, bids: Sequence[Level], asks: Sequence[Level]) -> None:
        """Set these levels to their new quantities."""
        if bids:
            self.bids.apply(bids)
        if asks:
            self.asks.apply(asks)
        self._bound()

    def crossing(self) -> str | None:
        """Why the book cannot be, where its best bid is not below its best ask."""
        bid, ask = self.bids.best, self.asks.best
        if bid is None or ask is None or bid < ask:
            return None
        return f"the best bid {self.price.decimal(bid)} is not below the best ask {self.price.decimal(ask)}"

    def levels(self, told: Sequence[tuple[str, str]]) -> list[Level]:
        """Levels as told, in units. Errors: MalformedFrame, before anything was changed."""
        price, quantity = self.price.units, self.quantity.units
        return [(price(at), quantity(size)) for at, size in told]

    def taking(self, action: Action, quantity: Decimal) -> Taking:
        """What taking `quantity` at market would pay (or get), level by level; nothing is changed."""
        side = self.asks if action is Action.BUY else self.bids
        left, spent, worst = quantity, ZERO, None
        for price_units, quantity_units in side.top(len(side)):
            if left <= 0:
                break
            price, there = self.price.decimal(price_units), self.quantity.decimal(quantity_units)
            taken = min(left, there)
            left, spent, worst = left - taken, spent + taken * price, price
        filled = quantity - left
        return Taking(filled, spent / filled if filled > 0 else None, worst)

    def within(self, action: Action, bps: int) -> Decimal | None:
        """Notional that a taker finds within so many bps of the middle; None unless there are both sides."""
        bid, ask = self.bids.best, self.asks.best
        if bid is None or ask is None:
            return None
        buys = action is Action.BUY
        side, reach = (self.asks, BPS + bps) if buys else (self.bids, BPS - bps)
        last = (bid + ask) * reach
        """The last price that counts, in units, times twice BPS: whole numbers, so that none is off by a rounding."""
        units = 0
        for price, quantity in side.top(len(side)):
            at = 2 * BPS * price
            if at > last if buys else at < last:
                break
            units += price * quantity
        return Decimal(units).scaleb(-self.price.decimals - self.quantity.decimals)

    def reading(self, status: BookStatus, *, content_ms: int, at_ms: int, depth: int = READING_DEPTH) -> BookReading:
        """The best `depth` levels per side, with the status they stand under."""
        return BookReading(
            pair=self.pair,
            status=status,
            bids=self._priced(self.bids.top(depth)),
            asks=self._priced(self.asks.top(depth)),
            content_ms=content_ms,
            at_ms=at_ms,
        )

    def _priced(self, levels: Sequence[Level]) -> tuple[PricedLevel, ...]:
        return tuple((self.price.decimal(price), self.quantity.decimal(quantity)) for price, quantity in levels)

    def _bound(self) -> None:
        keep, slack = (LEVELS_MAX, SLACK) if self.depth is None else (self.depth, 0)
        for side in (self.bids, self.asks):
            if len(side) > keep + slack:
                side.cut(keep)
