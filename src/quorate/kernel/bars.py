"""Columns of closed candles: what every indicator, strategy and regime is computed from.

A candle carries integer ticks; a column carries floats. The float of a price is always the double nearest to the exact
decimal price, so that the same candle gives the same column wherever it came from: a file, a step, a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from quorate.domain.candle import TIMEFRAME_MS, Candle

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

EXACT_POWER_MAX = 22
"""Largest power of ten that a double holds exactly."""
EXACT_INTEGER_MAX = 2**53
"""Integers up to here are exact as doubles."""


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Closed bars of one pair and timeframe, oldest first. All columns have the same length and are not to be written.

    `open_ms` is UTC milliseconds (int64), prices are in quote units, volume in base units (float64).
    """

    pair: str
    timeframe: str
    open_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    memo: dict[tuple[object, ...], object] = field(
        init=False, repr=False, default_factory=dict[tuple[object, ...], object]
    )
    """What has been computed from these bars already (see `quorate.kernel.readings`)."""

    @classmethod
    def empty(cls, pair: str, timeframe: str) -> "Bars":
        """No bars at all."""
        none = np.empty(0, np.float64)
        return cls(pair, timeframe, np.empty(0, np.int64), none, none, none, none, none)

    @classmethod
    def of(cls, pair: str, timeframe: str, candles: Sequence[Candle], tick: Decimal) -> "Bars":
        """The columns of `candles`, which are in order and whose prices count in `tick`."""
        prices = np.array([(c.open, c.high, c.low, c.close) for c in candles], np.int64).reshape(-1, 4).T
        open_, high, low, close = (to_floats(row, tick) for row in prices)
        open_ms = np.array([candle.open_ms for candle in candles], np.int64)
        volume = np.array([candle.volume for candle in candles], np.float64)
        return cls(pair, timeframe, open_ms, open_, high, low, close, volume)

    def __len__(self) -> int:
        return len(self.open_ms)

    @property
    def close_ms(self) -> IntArray:
        """The instant at which each bar closed, UTC milliseconds."""
        return self.open_ms + TIMEFRAME_MS[self.timeframe]

    def between(self, start: int, stop: int) -> "Bars":
        """The bars at positions `start` up to, not including, `stop`, as views."""
        part = slice(start, stop)
        return Bars(
            self.pair,
            self.timeframe,
            self.open_ms[part],
            self.open[part],
            self.high[part],
            self.low[part],
            self.close[part],
            self.volume[part],
        )

    def tail(self, count: int) -> "Bars":
        """The last `count` bars, or all where there are fewer."""
        return self if count >= len(self) else self.between(len(self) - count, len(self))

    def on_ticks(self, tick: Decimal) -> "Bars":
        """The same bars with every price moved to the nearest multiple of `tick`, in its one true float."""
        return replace(
            self,
            open=to_floats(to_ticks(self.open, tick), tick),
            high=to_floats(to_ticks(self.high, tick), tick),
            low=to_floats(to_ticks(self.low, tick), tick),
            close=to_floats(to_ticks(self.close, tick), tick),
        )


def tick_scale(tick: Decimal) -> tuple[int, int]:
    """Integers (n, d) with tick = n / d exactly, d a power of ten: a price is ticks * n / d."""
    sign, digits, exponent = tick.as_tuple()
    assert isinstance(exponent, int), "a tick is a finite number"
    assert sign == 0, "a tick is positive"
    mantissa = int("".join(map(str, digits)))
    assert mantissa > 0, "a tick is positive"
    while exponent < 0 and mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return (mantissa * 10**exponent, 1) if exponent >= 0 else (mantissa, 10**-exponent)


def to_floats(ticks: IntArray, tick: Decimal) -> FloatArray:
    """Prices of `ticks` (int64) as doubles, each correctly rounded: equal to `float(Decimal(ticks) * tick)`."""
    numerator, denominator = tick_scale(tick)
    largest = int(np.abs(ticks).max(initial=0)) * numerator
    if largest <= EXACT_INTEGER_MAX and denominator <= 10**EXACT_POWER_MAX:
        # Both operands are exact, so IEEE division rounds the true quotient once.
        return (ticks * numerator).astype(np.float64) / float(denominator)
    return np.array([int(count) * numerator / denominator for count in ticks], np.float64)


def to_ticks(prices: FloatArray, tick: Decimal) -> IntArray:
    """The nearest tick of every price (int64); a tie goes to the even tick as far as doubles can tell.

    Undoes `to_floats` exactly for prices of fewer than 2**50 of the tick's last decimal place.
    """
    numerator, denominator = tick_scale(tick)
    return np.rint(prices * float(denominator) / float(numerator)).astype(np.int64)
