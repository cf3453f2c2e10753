"""Indicators of given bars, computed once however many strategies and facts ask for them.

Every function returns columns of the length of the bars (see `quorate.kernel.indicators` for meaning, unit and source),
not rounded. A decision reads them through `at` or `round10` (RULES section 1).
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from quorate.kernel import indicators
from quorate.kernel.bars import Bars, FloatArray
from quorate.kernel.indicators import round10

RowArray: TypeAlias = NDArray[np.intp]
Reading = TypeVar("Reading", FloatArray, tuple[FloatArray, ...], "Breaks")


def _once(bars: Bars, key: tuple[object, ...], compute: Callable[[], Reading]) -> Reading:
    known = bars.memo.get(key)
    if known is None:
        known = bars.memo[key] = compute()
    return cast("Reading", known)


def at(rows: RowArray, *columns: FloatArray) -> FloatArray:
    """The values of each column at `rows`, rounded to 10 significant digits: one row of the result for each column."""
    return round10(np.array([column[rows] for column in columns]))


def ema(bars: Bars, period: int) -> FloatArray:
    """Exponential moving average of the close, price units."""
    return _once(bars, ("ema", period), lambda: indicators.ema(bars.close, period))


def crossing(bars: Bars, fast: int, slow: int) -> int:
    """At the newest bar: +1 where the `fast` EMA is over the `slow` one, −1 under it, 0 equal or not known yet."""
    key = ("crossing", fast, slow)
    known = bars.memo.get(key)
    if known is None:
        over, under = at(np.array([len(bars) - 1]), ema(bars, fast), ema(bars, slow))[:, 0].tolist()
        known = bars.memo[key] = (over > under) - (over < under)
    return cast("int", known)


def rsi(bars: Bars, period: int = 14) -> FloatArray:
    """Relative Strength Index, 0 to 100."""
    return _once(bars, ("rsi", period), lambda: indicators.rsi(bars.close, period))


def macd(bars: Bars) -> tuple[FloatArray, ...]:
    """MACD (12, 26, 9): line, signal, histogram, price units."""
    return _once(bars, ("macd",), lambda: indicators.macd(bars.close))


def atr(bars: Bars, period: int = 14) -> FloatArray:
    """Wilder's average true range, price units."""
    key = ("atr", period)
    return _once(bars, key, lambda: indicators.atr(bars.high, bars.low, bars.close, period))


def adx(bars: Bars, period: int = 14) -> FloatArray:
    """Average Directional Index, 0 to 100."""
    key = ("adx", period)
    return _once(bars, key, lambda: indicators.adx(bars.high, bars.low, bars.close, period))


def directional(bars: Bars, period: int = 14) -> tuple[FloatArray, ...]:
    """Positive and negative directional indicator, 0 to 100."""

    def compute() -> tuple[FloatArray, ...]:
        columns = (bars.high, bars.low, bars.close)
        return indicators.plus_di(*columns, period), indicators.minus_di(*columns, period)

    return _once(bars, ("directional", period), compute)


class Breaks(NamedTuple):
    """Bars at which the close came to lie beyond the range of the bars before, in the order of time."""

    rows: RowArray
    side: NDArray[np.int8]
    """+1 over the highest high, -1 under the lowest low."""
    edge: FloatArray
    """The price that it broke."""

    def since(self, row: int) -> "Breaks":
        """Those from a row on."""
        first = int(np.searchsorted(self.rows, row))
        return Breaks(self.rows[first:], self.side[first:], self.edge[first:])


def breaks(bars: Bars, period: int) -> Breaks:
    """Closes beyond the highest high or lowest low of the `period` bars before, where the close before was not."""

    def compute() -> Breaks:
        top, bottom = np.full((2, len(bars)), np.nan)
        highest, lowest = indicators.donchian(bars.high, bars.low, period)
        top[1:], bottom[1:] = highest[:-1], lowest[:-1]
        close, over, under = bars.close, bars.close > top, bars.close < bottom
        # A bar without enough before it is neither beyond the range nor inside.
        up, down = over[1:] & (close <= top)[:-1], under[1:] & (close >= bottom)[:-1]
        rows = np.flatnonzero(up | down) + 1
        side = np.where(over[rows], 1, -1).astype(np.int8)
        return Breaks(rows, side, np.where(side > 0, top[rows], bottom[rows]))

    return _once(bars, ("breaks", period), compute)


def bollinger(bars: Bars, period: int = 20, deviations: float = 2.0) -> tuple[FloatArray, ...]:
    """Upper, middle and lower Bollinger band, price units."""
    key = ("bollinger", period, deviations)
    return _once(bars, key, lambda: indicators.bollinger(bars.close, period, deviations))


def volume_ratio(bars: Bars, period: int = 20) -> FloatArray:
    """Volume over the mean of the `period` bars before."""
    return _once(bars, ("volume_ratio", period), lambda: indicators.volume_ratio(bars.volume, period))
