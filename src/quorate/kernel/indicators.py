"""The indicator pack: named, typed, computed by TA-Lib.

Every function takes the columns it needs and returns columns of the same length, NaN where history is too short, and
looks back only. A value that a decision depends on is rounded to 10 significant digits (`round10`, RULES section 1), so
that the last bits, which depend on where a window begins, never decide anything.
"""

from typing import cast

import numpy as np
import talib

from quorate.kernel.bars import Bars, FloatArray

DIGITS = 10
"""Significant digits of a value that a decision depends on."""
_POWER_MAX = 290
_SMALLEST = 1e-280
_POWERS = np.power(10.0, np.arange(_POWER_MAX + 1))


def round10(values: FloatArray) -> FloatArray:
    """Every value rounded to 10 significant digits; NaN and infinities stay, sizes under 1e-280 become 0."""
    # The smallest number is too small to change any other; it gives 0 a logarithm, and every place an upper bound.
    exponents = np.floor(np.log10(np.abs(values) + _SMALLEST))
    # fmax takes the number where the other side is NaN, so that every place is one.
    places = np.fmax(DIGITS - 1 - exponents, -_POWER_MAX).astype(np.intp)
    # Powers of ten up to 1e22 are exact, so one division gives the double nearest to the rounded decimal.
    if places.size and places.min() < 0:
        up, down = _POWERS[np.maximum(places, 0)], _POWERS[np.maximum(-places, 0)]
        return np.rint(values * up / down) * down / up
    up = _POWERS.take(places)
    return np.rint(values * up) / up


def round10_one(value: float) -> float:
    """`round10` of a single number."""
    return float(round10(np.array([value], np.float64))[0])


def rolling_sum(values: FloatArray, period: int) -> FloatArray:
    """Sum of the last `period` values, each made from those values alone: no running error, exactly 0 for zeros."""
    sums = np.full(len(values), np.nan)
    if len(values) < period:
        return sums
    # Sums over 1, 2, 4, 8 ... values, put together to `period` of them; few new arrays, as fresh memory costs most.
    total = sums[period - 1 :]
    run, spare = values, (np.empty(len(values)), np.empty(len(values)))
    length, done = 1, 0
    while True:
        if period & length:
            part = run[done : done + len(total)]
            np.copyto(total, part) if done == 0 else np.add(total, part, out=total)
            done += length
        if 2 * length > period:
            return sums
        run = np.add(run[:-length], run[length:], out=spare[0][: len(run) - length])
        spare = spare[::-1]
        length *= 2


def ema(values: FloatArray, period: int) -> FloatArray:
    """Exponential moving average, in units of `values`; begins with the simple mean of the first `period` values."""
    return talib.EMA(values, period)


def sma(values: FloatArray, period: int) -> FloatArray:
    """Simple moving average over `period` bars, in units of `values`."""
    return talib.SMA(values, period)


def rsi(close: FloatArray, period: int = 14) -> FloatArray:
    """Relative Strength Index, 0 to 100; 0 for a price that never moved. J. W. Wilder, New Concepts, 1978."""
    return talib.RSI(close, period)


def macd(
    close: FloatArray, fast: int = 12, slow: int = 26, signal: int = 9
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """MACD line, signal line and histogram, in price units. G. Appel, 1979."""
    return talib.MACD(close, fast, slow, signal)


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """True range, in price units: the bar's range widened to the close before it. J. W. Wilder, 1978."""
    return talib.TRANGE(high, low, close)


def atr(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """Average true range with Wilder's smoothing, in price units. J. W. Wilder, 1978."""
    return talib.ATR(high, low, close, period)


def adx(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """Average Directional Index, 0 to 100: strength of a trend, whichever way. J. W. Wilder, 1978."""
    return talib.ADX(high, low, close, period)


def plus_di(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """Positive directional indicator, 0 to 100. J. W. Wilder, 1978."""
    return talib.PLUS_DI(high, low, close, period)


def minus_di(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """Negative directional indicator, 0 to 100. J. W. Wilder, 1978."""
    return talib.MINUS_DI(high, low, close, period)


def bollinger(
    close: FloatArray, period: int = 20, deviations: float = 2.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Upper, middle and lower Bollinger band, in price units; population deviation. J. Bollinger, 2001."""
    return talib.BBANDS(close, period, deviations, deviations)


def band_width(upper: FloatArray, middle: FloatArray, lower: FloatArray) -> FloatArray:
    """Width of the Bollinger bands as a share of the middle one."""
    return (upper - lower) / middle


def donchian(high: FloatArray, low: FloatArray, period: int = 20) -> tuple[FloatArray, FloatArray]:
    """Highest high and lowest low of the last `period` bars, this one included, in price units. R. Donchian."""
    return talib.MAX(high, period), talib.MIN(low, period)


def extremes(values: FloatArray, period: int) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest of the last `period` values, this one included, in units of `values`."""
    return talib.MIN(values, period), talib.MAX(values, period)


def stochastic(high: FloatArray, low: FloatArray, close: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slow stochastic %K and %D (14, 3, 3), 0 to 100; 0 where the range is nothing. G. Lane."""
    return talib.STOCH(high, low, close, 14, 3, talib.MA_Type.SMA, 3, talib.MA_Type.SMA)


def choppiness(high: FloatArray, low: FloatArray, close: FloatArray, period: int = 14) -> FloatArray:
    """Choppiness Index, about 0 (straight line) to 100 (no headway); NaN for a range of nothing. E. W. Dreiss."""
    travelled = rolling_sum(true_range(high, low, close), period)
    span = talib.MAX(high, period) - talib.MIN(low, period)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = 100.0 * np.log10(travelled / span) / np.log10(float(period))
    return np.where(span > 0, index, np.nan)


def obv(close: FloatArray, volume: FloatArray) -> FloatArray:
    """On-balance volume since the first bar given, in base units. J. Granville, 1963."""
    return talib.OBV(close, volume)


def mfi(high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, period: int = 14) -> FloatArray:
    """Money Flow Index, 0 to 100. G. Quong and A. Soudack, 1989."""
    return talib.MFI(high, low, close, volume, period)


def roc(close: FloatArray, period: int = 10) -> FloatArray:
    """Rate of change against the close `period` bars before, in percent."""
    return talib.ROC(close, period)


def vwap(high: FloatArray, low: FloatArray, close: FloatArray, volume: FloatArray, period: int = 20) -> FloatArray:
    """Volume-weighted mean of the typical price over the last `period` bars, in price units; NaN without volume."""
    traded = rolling_sum(volume, period)
    value = rolling_sum(talib.TYPPRICE(high, low, close) * volume, period)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(traded > 0, value / traded, np.nan)


def volume_ratio(volume: FloatArray, period: int = 20) -> FloatArray:
    """Volume of the bar over the mean of the `period` bars before it; NaN where those traded nothing."""
    ratio = np.full(len(volume), np.nan)
    before = rolling_sum(volume, period)[:-1]
    before /= period
    np.divide(volume[1:], before, out=ratio[1:], where=before > 0)
    return ratio


def pack(bars: Bars) -> dict[str, FloatArray]:
    """Every indicator of the pack by name, as columns of the length of `bars`, not rounded.

    Periods are in the names. Percentages (`atr_percent`, `band_width_percent`) are in percent of the price.
    """
    high, low, close, volume = bars.high, bars.low, bars.close, bars.volume
    line, signal, histogram = macd(close)
    upper, middle, lower = bollinger(close)
    highest, lowest = donchian(high, low)
    percent_k, percent_d = stochastic(high, low, close)
    average_range = atr(high, low, close)
    return {
        "ema_20": ema(close, 20),
        "ema_50": ema(close, 50),
        "ema_200": ema(close, 200),
        "sma_50": sma(close, 50),
        "rsi_14": rsi(close),
        "macd": line,
        "macd_signal": signal,
        "macd_histogram": histogram,
        "atr_14": average_range,
        "atr_percent": 100.0 * average_range / close,
        "adx_14": adx(high, low, close),
        "plus_di_14": plus_di(high, low, close),
        "minus_di_14": minus_di(high, low, close),
        "bollinger_upper": upper,
        "bollinger_middle": middle,
        "bollinger_lower": lower,
        "band_width_percent": 100.0 * band_width(upper, middle, lower),
        "donchian_high_20": highest,
        "donchian_low_20": lowest,
        "stochastic_k": percent_k,
        "stochastic_d": percent_d,
        "choppiness_14": choppiness(high, low, close),
        "obv": obv(close, volume),
        "mfi_14": mfi(high, low, close, volume),
        "roc_10": roc(close),
        "vwap_20": vwap(high, low, close, volume),
        "volume_ratio_20": volume_ratio(volume),
    }


def last_values(columns: dict[str, FloatArray]) -> dict[str, float | None]:
    """The newest value of every column, rounded to 10 significant digits; None where it is not a finite number."""
    newest = np.array([column[-1] if len(column) else np.nan for column in columns.values()], np.float64)
    rounded = cast("list[float]", round10(newest).tolist())
    return {name: value if np.isfinite(value) else None for name, value in zip(columns, rounded, strict=True)}
