"""The past of a market as the public is told it: candles of every interval, and the last 24 hours."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from quorate.exchange.engine.orders import Trade

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
MONDAY_MS = 4 * DAY_MS
"""1970-01-05: weeks begin on Mondays."""
CANDLES_MAX = 2_000
"""Candles that are kept of each kept interval."""
KEPT = (MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, DAY_MS)
"""Intervals whose candles are kept; the others are put together from these when they are asked for."""
INTERVALS = {
    "1s": 1_000,
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS,
    "1h": HOUR_MS,
    "2h": 2 * HOUR_MS,
    "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS,
    "8h": 8 * HOUR_MS,
    "12h": 12 * HOUR_MS,
    "1d": DAY_MS,
    "3d": 3 * DAY_MS,
    "1w": WEEK_MS,
    "1M": 0,
}
"""Length in milliseconds; a month has none."""


@dataclass(slots=True)
class Candle:
    """Open time in UTC ms, prices and quantities in hundred-millionths, ids of its trades; -1 where there were none."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    value: int = 0
    trades: int = 0
    taker_lots: int = 0
    taker_value: int = 0
    first_id: int = -1
    last_id: int = -1

    def take(self, later: Candle) -> None:
        """Append the candle that comes after this one."""
        self.high, self.low, self.close = max(self.high, later.high), min(self.low, later.low), later.close
        self.lots += later.lots
        self.value += later.value
        self.trades += later.trades
        self.taker_lots += later.taker_lots
        self.taker_value += later.taker_value
        self.first_id = later.first_id if self.first_id < 0 else self.first_id
        self.last_id = max(self.last_id, later.last_id)

    def copy(self, open_ms: int) -> Candle:
        """The same figures at another open time."""
        return Candle(
            open_ms,
            self.open,
            self.high,
            self.low,
            self.close,
            self.lots,
            self.value,
            self.trades,
            self.taker_lots,
            self.taker_value,
            self.first_id,
            self.last_id,
        )


def candle_of(trade: Trade, open_ms: int) -> Candle:
    """A candle that holds one trade."""
    ticks, buys = trade.ticks, not trade.buyer_is_maker
    return Candle(
        open_ms,
        ticks,
        ticks,
        ticks,
        ticks,
        trade.lots,
        trade.atoms,
        1,
        trade.lots if buys else 0,
        trade.atoms if buys else 0,
        trade.id,
        trade.id,
    )


def opens_at(interval: str, at_ms: int) -> int:
    """When the candle opened that this instant lies in."""
    if interval == "1M":
        moment = datetime.fromtimestamp(at_ms / 1_000, UTC)
        return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()) * 1_000
    if interval == "1w":
        return (at_ms - MONDAY_MS) // WEEK_MS * WEEK_MS + MONDAY_MS
    length_ms = INTERVALS[interval]
    return at_ms // length_ms * length_ms


def closes_at(interval: str, open_ms: int) -> int:
    """The last millisecond of a candle, as Binance tells it."""
    if interval == "1M":
        moment = datetime.fromtimestamp(open_ms / 1_000, UTC) + timedelta(days=32)
        return int(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp()) * 1_000 - 1
    return open_ms + INTERVALS[interval] - 1


class History:
    """The past of one market."""

    def __init__(self) -> None:
        self._kept: dict[int, deque[Candle]] = {length: deque(maxlen=CANDLES_MAX) for length in KEPT}
        self._trades: deque[Trade] = deque(maxlen=CANDLES_MAX)

    def seed(self, length_ms: int, candles: Iterable[Candle]) -> None:
        """Candles from before the exchange was opened, oldest first."""
        self._kept[length_ms].extend(candles)

    def traded(self, trade: Trade) -> None:
        """Enter a trade."""
        self._trades.append(trade)
        for length_ms, candles in self._kept.items():
            open_ms = trade.at_ms // length_ms * length_ms
            if candles and candles[-1].open_ms == open_ms:
                candles[-1].take(candle_of(trade, open_ms))
            else:
                _fill(candles, open_ms, length_ms)
                candles.append(candle_of(trade, open_ms))

    def candles(self, interval: str, *, now_ms: int) -> list[Candle]:
        """Candles of an interval up to the forming one, oldest first; one without a trade repeats the last price."""
        if interval == "1s":
            return self._seconds(now_ms)
        length_ms = INTERVALS[interval] or DAY_MS
        base_ms = max(kept for kept in KEPT if length_ms % kept == 0)
        kept = self._kept[base_ms]
        _fill(kept, now_ms // base_ms * base_ms + base_ms, base_ms)
        if base_ms == INTERVALS[interval]:
            return list(kept)
        return _gather(kept, interval)

    def newest(self, interval: str, *, now_ms: int) -> Candle | None:
        """The forming candle of an interval; None before anything is known."""
        candles = self.candles(interval, now_ms=now_ms)
        return candles[-1] if candles else None

    def day(self, now_ms: int) -> Candle | None:
        """The last 24 hours as one candle, as finely as they are known; None before anything is known."""
        since_ms = now_ms - DAY_MS
        for length_ms, kept in self._kept.items():
            if kept and (kept[0].open_ms <= since_ms or length_ms == HOUR_MS):
                recent = [candle for candle in kept if candle.open_ms > since_ms - length_ms]
                if recent:
                    return _sum(recent)
        return _sum(list(self._kept[MINUTE_MS])) if self._kept[MINUTE_MS] else None

    def _seconds(self, now_ms: int) -> list[Candle]:
        seconds: deque[Candle] = deque(maxlen=CANDLES_MAX)
        for trade in self._trades:
            open_ms = trade.at_ms // 1_000 * 1_000
            if seconds and seconds[-1].open_ms == open_ms:
                seconds[-1].take(candle_of(trade, open_ms))
            else:
                _fill(seconds, open_ms, 1_000)
                seconds.append(candle_of(trade, open_ms))
        _fill(seconds, now_ms // 1_000 * 1_000 + 1_000, 1_000)
        return list(seconds)


def _sum(candles: list[Candle]) -> Candle:
    whole = candles[0].copy(candles[0].open_ms)
    for candle in candles[1:]:
        whole.take(candle)
    return whole


def _gather(candles: Iterable[Candle], interval: str) -> list[Candle]:
    gathered: list[Candle] = []
    for candle in candles:
        open_ms = opens_at(interval, candle.open_ms)
        if gathered and gathered[-1].open_ms == open_ms:
            gathered[-1].take(candle)
        else:
            gathered.append(candle.copy(open_ms))
    return gathered


def _fill(candles: deque[Candle], until_ms: int, length_ms: int) -> None:
    """Append flat candles after the last one, up to, not including, the one that opens at `until_ms`."""
    if not candles:
        return
    close = candles[-1].close
    first_ms = max(candles[-1].open_ms + length_ms, until_ms - length_ms * CANDLES_MAX)
    candles.extend(Candle(at_ms, close, close, close, close) for at_ms in range(first_ms, until_ms, length_ms))
