"""Orders that wait for a price: which of them the last trade has set off."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from quorate.exchange.engine.specs import PPM
from quorate.exchange.engine.words import STOP_KINDS, Side

if TYPE_CHECKING:
    from quorate.exchange.engine.orders import Order


def fires_upwards(order: Order) -> bool:
    """Whether the order waits for a price at or above its trigger; else at or below it."""
    return (order.asked.kind in STOP_KINDS) is (order.side is Side.BUY)


def reached(order: Order, last_ticks: int) -> bool:
    """Whether the last price has reached the trigger."""
    if not order.stop_ticks:
        return False
    return last_ticks >= order.stop_ticks if fires_upwards(order) else last_ticks <= order.stop_ticks


class Triggers:
    """The waiting orders of one market. Those nearest to the price fire first, older ones first at the same price."""

    __slots__ = ("_falling", "_rising", "_trailing")

    def __init__(self) -> None:
        self._rising: list[tuple[int, int, Order]] = []
        self._falling: list[tuple[int, int, Order]] = []
        self._trailing: dict[int, Order] = {}

    def add(self, order: Order) -> None:
        """Let an order wait."""
        if is_trailing(order):
            self._trailing[order.id] = order
        elif fires_upwards(order):
            heappush(self._rising, (order.stop_ticks, order.id, order))
        else:
            heappush(self._falling, (-order.stop_ticks, order.id, order))

    def next_due(self, last_ticks: int, *, low: int, high: int) -> Order | None:
        """Take out the next order that these prices set off, if there is one.

        `low` and `high` are the extremes of the trades since this was last asked in vain.
        """
        if not self._rising and not self._falling and not self._trailing:
            return None
        if self._trailing:
            due = self._next_trailing(last_ticks)
            if due is not None:
                return due
        return _pop(self._rising, high) or _pop(self._falling, -low)

    def _next_trailing(self, last_ticks: int) -> Order | None:
        for order in list(self._trailing.values()):
            if not order.waiting:
                del self._trailing[order.id]
            elif follow(order, last_ticks):
                del self._trailing[order.id]
                return order
        return None


def _pop(heap: list[tuple[int, int, Order]], key: int) -> Order | None:
    while heap:
        trigger, _, order = heap[0]
        valid = order.waiting and abs(trigger) == order.stop_ticks  # it may have ended, or been given another trigger
        if valid and trigger > key:
            return None
        heappop(heap)
        if valid:
            return order
    return None


def is_trailing(order: Order) -> bool:
    """Whether the trigger moves with the price."""
    return bool(order.asked.trail_ppm or order.asked.trail_ticks)


def follow(order: Order, last_ticks: int) -> bool:
    """Move a trailing trigger with the last price; True when it fires.

    A stop-loss to sell, and a take-profit to sell, both follow the highest price and fire when it has fallen by the
    distance; orders to buy follow the lowest. A take-profit begins to trail where its activation price is reached from
    the other side than a stop-loss does.
    """
    if not order.best_ticks:
        if not _activated(order, last_ticks):
            return False
        order.best_ticks = last_ticks
    up = order.side is Side.SELL
    order.best_ticks = max(order.best_ticks, last_ticks) if up else min(order.best_ticks, last_ticks)
    distance = order.asked.trail_ticks or order.best_ticks * order.asked.trail_ppm // PPM
    order.stop_ticks = order.best_ticks - distance if up else order.best_ticks + distance
    return last_ticks <= order.stop_ticks if up else last_ticks >= order.stop_ticks


def _activated(order: Order, last_ticks: int) -> bool:
    wanted = order.asked.stop_ticks
    if not wanted:
        return True
    return last_ticks >= wanted if fires_upwards(order) else last_ticks <= wanted
