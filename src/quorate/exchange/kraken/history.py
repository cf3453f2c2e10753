"""What the public is told of the past of a pair: candles, the last 24 hours, and how the spread went."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from quorate.exchange import Trade

MINUTE_MS = 60_000
DAY_MS = 86_400_000
HOUR = 60
INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
"""Minutes."""
CANDLES_MAX = 720
"""Candles that one answer holds, the forming one among them."""
SPREADS_MAX = 200


@dataclass(slots=True)
class Candle:
    """Open time in UTC ms, prices in ticks, quantity in lots; `value` is the sum of price times quantity."""

    open_ms: int
    open: int
    high: int
    low: int
    close: int
    lots: int = 0
    value: int = 0
    trades: int = 0

    @property
    def mean(self) -> int:
        """Mean price by quantity, in ticks; 0 where nothing was traded."""
        return self.value // self.lots if self.lots else 0


@dataclass(frozen=True, slots=True)
class Day:
    """Figures over a stretch of time, in ticks and lots."""

    open: int
    high: int
    low: int
    lots: int
    mean: int
    trades: int


class History:
    """The past of one pair as far as it is told."""

    def __init__(self) -> None:
        self._candles: dict[int, deque[Candle]] = {
            minutes: deque(maxlen=CANDLES_MAX if minutes > 1 else DAY_MS // MINUTE_MS + 1) for minutes in INTERVALS
        }
        self.spreads: deque[tuple[int, int, int]] = deque(maxlen=SPREADS_MAX)
        """(UTC ms, bid, ask) in ticks, whenever one of them changed."""

    def seed(self, minutes: int, candles: Iterable[Candle]) -> None:
        """Candles from before the exchange was opened, oldest first: what a feed knows of the past."""
        self._candles[minutes].extend(candles)

    def traded(self, trade: Trade) -> None:
        """Enter a trade in the candles of every interval."""
        for minutes, candles in self._candles.items():
            length_ms = minutes * MINUTE_MS
            opened_ms = trade.at_ms - trade.at_ms % length_ms
            if not candles or candles[-1].open_ms != opened_ms:
                self._fill(candles, opened_ms, length_ms)
                candles.append(Candle(opened_ms, trade.ticks, trade.ticks, trade.ticks, trade.ticks))
            candle = candles[-1]
            candle.high, candle.low = max(candle.high, trade.ticks), min(candle.low, trade.ticks)
            candle.close = trade.ticks
            candle.lots += trade.lots
            candle.value += trade.ticks * trade.lots
            candle.trades += 1

    def quoted(self, bid: int, ask: int, at_ms: int) -> None:
        """Enter the best prices, where they changed."""
        if not self.spreads or self.spreads[-1][1:] != (bid, ask):
            self.spreads.append((at_ms, bid, ask))

    def candles(self, minutes: int, now_ms: int) -> list[Candle]:
        """Up to CANDLES_MAX candles, oldest first, without gaps: an interval without a trade repeats the last price."""
        known = self._candles[minutes]
        if not known:
            return []
        length_ms = minutes * MINUTE_MS
        self._fill(known, now_ms - now_ms % length_ms + length_ms, length_ms)
        return list(known)[-CANDLES_MAX:]

    def newest(self, minutes: int) -> Candle | None:
        """The forming candle, or the last one; None before the first trade."""
        return self._candles[minutes][-1] if self._candles[minutes] else None

    def since(self, start_ms: int) -> Day:
        """Figures of the trades since an instant, at most a day back, by the finest candles that reach back so far."""
        known = [(minutes, self._candles[minutes]) for minutes in INTERVALS if minutes <= HOUR]
        reaching = [(minutes, candles) for minutes, candles in known if candles and candles[0].open_ms <= start_ms]
        oldest = min(known, key=lambda entry: entry[1][0].open_ms if entry[1] else start_ms + DAY_MS)
        minutes, candles = reaching[0] if reaching else oldest
        first_ms = start_ms - start_ms % (minutes * MINUTE_MS)
        recent = [candle for candle in candles if candle.trades and candle.open_ms >= first_ms]
        if not recent:
            last = candles[-1].close if candles else 0
            return Day(last, last, last, 0, last, 0)
        lots = sum(candle.lots for candle in recent)
        value = sum(candle.value for candle in recent)
        return Day(
            open=recent[0].open,
            high=max(candle.high for candle in recent),
            low=min(candle.low for candle in recent),
            lots=lots,
            mean=value // lots if lots else recent[-1].close,
            trades=sum(candle.trades for candle in recent),
        )

    @staticmethod
    def _fill(candles: deque[Candle], until_ms: int, length_ms: int) -> None:
        """Append flat candles after the last one, up to, not including, the one that opens at `until_ms`."""
        if not candles:
            return
        close, kept = candles[-1].close, candles.maxlen or CANDLES_MAX
        first_ms = max(candles[-1].open_ms + length_ms, until_ms - length_ms * kept)
        candles.extend(Candle(at_ms, close, close, close, close) for at_ms in range(first_ms, until_ms, length_ms))
