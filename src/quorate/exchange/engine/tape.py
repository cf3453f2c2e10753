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

    __slots__ = ("_minutes", "high_ticks", "last_id", "last_ticks", "low_ticks", "trades")

    def __init__(self) -> None:
        self.trades: deque[Trade] = deque(maxlen=TRADES_MAX)
        self.last_ticks = 0
        self.last_id = 0
        self.low_ticks = 0
        self.high_ticks = 0
        self._minutes: deque[list[int]] = deque(maxlen=MEAN_MINUTES)

    def add(self, trade: Trade) -> None:
        """Print a trade."""
        self.trades.append(trade)
        self.last_id = trade.id
        self.last_ticks = ticks = trade.ticks
        if not self.low_ticks:
            self.low_ticks = self.high_ticks = ticks
        elif ticks < self.low_ticks:
            self.low_ticks = ticks
        elif ticks > self.high_ticks:
            self.high_ticks = ticks
        minute = trade.at_ms // MINUTE_MS
        minutes = self._minutes
        if not minutes or minutes[-1][0] != minute:
            minutes.append([minute, 0, 0])
        bucket = minutes[-1]
        bucket[1] += trade.ticks * trade.lots
        bucket[2] += trade.lots

    def settled(self) -> None:
        """Forget the extremes: every order they could set off has been."""
        self.low_ticks = self.high_ticks = self.last_ticks

    def mean_ticks(self, at_ms: int) -> int:
        """Mean price of the last five minutes weighted by quantity; the last price where nothing was traded in them."""
        oldest = at_ms // MINUTE_MS - MEAN_MINUTES
        recent = [bucket for bucket in self._minutes if bucket[0] > oldest]
        lots = sum(bucket[2] for bucket in recent)
        return sum(bucket[1] for bucket in recent) // lots if lots else self.last_ticks
