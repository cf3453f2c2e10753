"""Indicators of given bars, computed once however many strategies and facts ask for them.

Every function returns columns of the length of the bars (see `quorate.kernel.indicators` for meaning, unit and source),
not rounded. A decision reads them through `at` or `round10` (RULES section 1).
"""

from collections.abc import Callable
from typing import TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from quorate.kernel import indicators
from quorate.kernel.bars import Bars, FloatArray
from quorate.kernel.indicators import round10

RowArray: TypeAlias = NDArray[np.intp]
Reading = TypeVar("Reading", FloatArray, tuple[FloatArray, ...])


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


def bollinger(bars: Bars, period: int = 20, deviations: float = 2.0) -> tuple[FloatArray, ...]:
    """Upper, middle and lower Bollinger band, price units."""
    key = ("bollinger", period, deviations)
    return _once(bars, key, lambda: indicators.bollinger(bars.close, period, deviations))


def volume_ratio(bars: Bars, period: int = 20) -> FloatArray:
    """Volume over the mean of the `period` bars before."""
    return _once(bars, ("volume_ratio", period), lambda: indicators.volume_ratio(bars.volume, period))
