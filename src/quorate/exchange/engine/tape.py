"""The public tape of a market: its last price, its newest trades, and the mean price of the last minutes."""

from __future__ import annotations

from collections import deque

from quorate.exchange.engine.orders import Trade

TRADES_MAX = 5_000
"""Newest trades that are kept of each market."""
MEAN_MINUTES = 5
MINUTE_MS = 60_000


class Tape:
    """Trades as everybody sees them."""

    __slots__ = (
        "_lots",
        "_minutes",
        "_stale_ms",
        "_value",
        "high_ticks",
        "last_id",
        "last_ticks",
        "low_ticks",
        "moved",
        "trades",
    )

    def __init__(self) -> None:
        self.trades: deque[Trade] = deque(maxlen=TRADES_MAX)
        self.last_ticks = 0
        self.last_id = 0
        self.low_ticks = 0
        self.high_ticks = 0
        self.moved = False
        """Whether anything was traded since `settled`."""
        self._minutes: deque[list[int]] = deque()
        self._value = 0
        self._lots = 0
        self._stale_ms = 0
        """When the oldest minute is to be forgotten."""

    def add(self, trade: Trade) -> None:
        """Print a trade."""
        self.trades.append(trade)
        self.last_id = trade.id
        self.last_ticks = ticks = trade.ticks
        if not self.moved:
            self.moved = True
            self.low_ticks = self.high_ticks = ticks
        elif ticks < self.low_ticks:
            self.low_ticks = ticks
        elif ticks > self.high_ticks:
            self.high_ticks = ticks
        minutes, minute = self._minutes, trade.at_ms // MINUTE_MS
        if not minutes or minutes[-1][0] != minute:
            minutes.append([minute, 0, 0])
            self._forget(minute)
        value, lots, bucket = ticks * trade.lots, trade.lots, minutes[-1]
        bucket[1] += value
        bucket[2] += lots
        self._value += value
        self._lots += lots

    def look_again(self) -> None:
        """Let the last price set orders off once more: one has come, or has another trigger."""
        if self.last_ticks and not self.moved:
            self.moved = True
            self.low_ticks = self.high_ticks = self.last_ticks

    def settled(self) -> None:
        """Forget the extremes: every order they could set off has been."""
        self.moved = False

    def mean_ticks(self, at_ms: int) -> int:
        """Mean price of the last five minutes weighted by quantity; the last price where nothing was traded in them."""
        if at_ms >= self._stale_ms:
            self._forget(at_ms // MINUTE_MS)
        return self._value // self._lots if self._lots else self.last_ticks

    def _forget(self, minute: int) -> None:
        minutes = self._minutes
        while minutes and minutes[0][0] <= minute - MEAN_MINUTES:
            _, value, lots = minutes.popleft()
            self._value -= value
            self._lots -= lots
        self._stale_ms = (minutes[0][0] + MEAN_MINUTES) * MINUTE_MS if minutes else 0
