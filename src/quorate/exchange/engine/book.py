"""One side of an order book: price levels, each a queue in the order of arrival."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.exchange.engine.orders import Order


GONE_MAX = 32
"""Orders that may have left a level, beyond an eighth of those there, before its table is made anew."""


class Level:
    """All orders at one price: oldest first, found and removed by id in constant time.

    A plain table looks for its first entry past all that were removed before it: so it is made anew now and then, which
    costs each order a few steps, and far less than a table that is ordered by links.
    """

    __slots__ = ("gone", "lots", "orders", "ticks")

    def __init__(self, ticks: int) -> None:
        self.ticks = ticks
        self.lots = 0
        self.orders: dict[int, Order] = {}
        self.gone = 0

    def first(self) -> Order:
        """The order that trades next."""
        return next(iter(self.orders.values()))

    def remove(self, order: Order) -> None:
        """Take an order out of the queue; its lots are the caller's matter."""
        del self.orders[order.id]
        self.gone += 1
        if self.gone > GONE_MAX + (len(self.orders) >> 3):
            self.orders = dict(self.orders)
            self.gone = 0


class BookSide:
    """Bids or asks. Keys are prices that grow towards the best one, so that the best is always the last of the list."""

    __slots__ = ("_keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        assert sign in (1, -1), "1 for bids, -1 for asks"
        self.sign = sign
        self.levels: dict[int, Level] = {}
        self._keys: list[int] = []

    def best(self) -> Level | None:
        """The level that trades next, or None when this side is empty."""
        return self.levels[self._keys[-1] * self.sign] if self._keys else None

    def best_key(self) -> int | None:
        """Its key: its price, or below zero on the side of asks."""
        return self._keys[-1] if self._keys else None

    def best_ticks(self) -> int | None:
        """Its price."""
        return self._keys[-1] * self.sign if self._keys else None

    def reached_by(self, ticks: int) -> bool:
        """Whether an order of the other side with this limit would trade."""
        return bool(self._keys) and self._keys[-1] >= ticks * self.sign

    def add(self, order: Order, lots: int) -> Level:
        """Put an order at the end of the queue at its price."""
        ticks = order.ticks
        level = self.levels.get(ticks)
        if level is None:
            level = self.levels[ticks] = Level(ticks)
            key = ticks * self.sign
            if not self._keys or key > self._keys[-1]:
                self._keys.append(key)
            else:
                insort(self._keys, key)
        level.orders[order.id] = order
        level.lots += lots
        return level

    def take(self, order: Order, lots: int) -> Level:
        """Remove an order of which `lots` were still standing; an empty level goes with it."""
        level = self.levels[order.ticks]
        level.remove(order)
        level.lots -= lots
        if not level.orders:
            self.drop(level)
        return level

    def drop(self, level: Level) -> None:
        """Remove a level that holds no order."""
        del self.levels[level.ticks]
        key = level.ticks * self.sign
        keys = self._keys
        if keys[-1] == key:
            keys.pop()
        else:
            del keys[bisect_left(keys, key)]

    def walk(self) -> Iterator[Level]:
        """Levels, best first. The book must not change meanwhile."""
        sign, levels = self.sign, self.levels
        for key in reversed(self._keys):
            yield levels[key * sign]

    def depth(self, count: int) -> list[tuple[int, int]]:
        """Price and lots of up to `count` levels, best first."""
        sign, levels = self.sign, self.levels
        chosen = self._keys[-count:] if count > 0 else []
        return [(key * sign, levels[key * sign].lots) for key in reversed(chosen)]

    def __len__(self) -> int:
        return len(self._keys)
