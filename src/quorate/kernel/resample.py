"""Higher timeframes from base candles, with one result however the candles arrive: one by one, or in columns."""

from dataclasses import dataclass

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.kernel.bars import Bars, FloatArray, IntArray


def higher_timeframes(base: str) -> tuple[str, ...]:
    """Every timeframe longer than `base`, shortest first. Each is a whole multiple of it."""
    return tuple(name for name, length in TIMEFRAME_MS.items() if length > TIMEFRAME_MS[base])


@dataclass(slots=True)
class Bucket:
    """A bar of a higher timeframe that is still filling. Volumes are added in the order of time, one at a time."""

    open_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def resample(bars: Bars, timeframe: str) -> Bars:
    """`bars` gathered into `timeframe`: first open, highest high, lowest low, last close, summed volume.

    A bucket with missing bars still counts; one without any is a gap. The last bucket may not be complete: whoever asks
    knows the time. The sums are bit for bit those of adding one bar after the other, as `Windows` does.
    """
    if len(bars) == 0:
        return Bars.empty(bars.pair, timeframe)
    length = TIMEFRAME_MS[timeframe]
    assert length >= TIMEFRAME_MS[bars.timeframe], "bars cannot be split into a shorter timeframe"
    starts = bars.open_ms - bars.open_ms % length
    first = np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))
    last = np.append(first[1:], len(bars)) - 1
    return Bars(
        bars.pair,
        timeframe,
        starts[first],
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        _sums_in_order(bars.volume, first, last),
    )


def _sums_in_order(values: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    """Sum of each run `first..last`, added left to right; NumPy's own reduction adds in pairs and rounds otherwise."""
    counts = last - first + 1
    sums = np.zeros(len(first), np.float64)
    for place in range(int(counts.max())):
        reached = counts > place
        sums[reached] += values[first[reached] + place]
    return sums
