"""Kraken's two kinds of counters: calls of a key, which cool down with time, and orders of an account in a pair."""

from __future__ import annotations

from dataclasses import dataclass

from quorate.exchange.kraken.errors import KrakenRefusal

CANCEL_PENALTIES = ((5_000, 8), (10_000, 6), (15_000, 5), (45_000, 4), (90_000, 2), (300_000, 1))
"""What cancelling an order costs that is younger than so many milliseconds."""
AMEND_PENALTIES = ((5_000, 3), (10_000, 2), (15_000, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimits:
    """The limits of one tier, by default Kraken's highest. Decay is per second."""

    calls_max: float = 20.0
    calls_decay: float = 1.0
    orders_max: float = 180.0
    orders_decay: float = 3.75


class Counter:
    """A number that every use raises and that time lowers."""

    __slots__ = ("_at_ms", "_decay", "_high", "_value")

    def __init__(self, high: float, decay: float) -> None:
        self._high = high
        self._decay = decay
        self._value = 0.0
        self._at_ms = 0

    def value(self, at_ms: int) -> float:
        """The counter at an instant."""
        return max(0.0, self._value - (at_ms - self._at_ms) / 1000 * self._decay)

    def admits(self, cost: float, at_ms: int) -> bool:
        """Count `cost`, unless that would go over the limit."""
        value = self.value(at_ms)
        if value + cost > self._high:
            return False
        self._value, self._at_ms = value + cost, at_ms
        return True

    def add(self, cost: float, at_ms: int) -> None:
        """Count `cost` whatever the limit: a cancel is never refused for its price."""
        self._value, self._at_ms = self.value(at_ms) + cost, at_ms


class Rates:
    """The counters of all keys and accounts."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._calls: dict[str, Counter] = {}
        self._orders: dict[tuple[str, str], Counter] = {}

    def call(self, key: str, cost: float, at_ms: int) -> None:
        """Count a call of a key. Errors: EAPI:Rate limit exceeded."""
        if not cost:
            return
        counter = self._calls.get(key)
        if counter is None:
            counter = self._calls[key] = Counter(self._limits.calls_max, self._limits.calls_decay)
        if not counter.admits(cost, at_ms):
            raise KrakenRefusal("EAPI:Rate limit exceeded")

    def order(self, account: str, symbol: str, at_ms: int, *, count: int = 1) -> None:
        """Count new orders. Errors: EOrder:Rate limit exceeded."""
        if not self._counter(account, symbol).admits(count, at_ms):
            raise KrakenRefusal("EOrder:Rate limit exceeded")

    def amend(self, account: str, symbol: str, *, age_ms: int, at_ms: int) -> None:
        """Count an amendment of an order of that age. Errors: EOrder:Rate limit exceeded."""
        if not self._counter(account, symbol).admits(1 + _penalty(AMEND_PENALTIES, age_ms), at_ms):
            raise KrakenRefusal("EOrder:Rate limit exceeded")

    def cancel(self, account: str, symbol: str, *, age_ms: int, at_ms: int) -> None:
        """Count the cancellation of an order of that age; it is never refused."""
        self._counter(account, symbol).add(_penalty(CANCEL_PENALTIES, age_ms), at_ms)

    def orders_counted(self, account: str, symbol: str, at_ms: int) -> float:
        """The order counter, as executions of the socket tell it."""
        return self._counter(account, symbol).value(at_ms)

    def _counter(self, account: str, symbol: str) -> Counter:
        counter = self._orders.get((account, symbol))
        if counter is None:
            counter = self._orders[account, symbol] = Counter(self._limits.orders_max, self._limits.orders_decay)
        return counter


def _penalty(table: tuple[tuple[int, int], ...], age_ms: int) -> int:
    return next((cost for younger_ms, cost in table if age_ms < younger_ms), 0)
