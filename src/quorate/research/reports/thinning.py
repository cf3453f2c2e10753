"""Many points in few: nothing that could be seen at the size of the drawing is lost."""

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.kernel.bars import Bars, FloatArray, IntArray
from quorate.research.result import Curve

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
ROUND_MS = (
    *(count * MINUTE_MS for count in (1, 2, 5, 10, 15, 30)),
    *(count * HOUR_MS for count in (1, 2, 3, 4, 6, 8, 12)),
    *(count * DAY_MS for count in (1, 2, 3, 7, 14, 28)),
)
"""Lengths that candles are put together to."""


def outline(at_ms: IntArray, values: FloatArray, *, columns: int) -> IntArray:
    """Places of the first, lowest, highest and last point in each of `columns` equal spans of time, ascending.

    A line through these covers the same pixels as a line through all points, where a column is a pixel wide: no peak
    and no fall is smoothed away. M4: U. Jugel and others, 2014. All places where there are few.
    """
    count = len(at_ms)
    if count <= 4 * columns:
        return np.arange(count, dtype=np.int64)
    width = max(1, -(-int(at_ms[-1] - at_ms[0] + 1) // columns))
    column = (at_ms - at_ms[0]) // width
    first = np.flatnonzero(np.concatenate(([True], np.diff(column) > 0)))
    last = np.concatenate((first[1:], [count])) - 1
    # Sorted by column, then by value: the ends of each column's run are its lowest and its highest point.
    order = np.lexsort((values, column))
    return np.unique(np.concatenate((first, last, order[first], order[last]))).astype(np.int64)


def midnights(curve: Curve) -> Curve:
    """The first point, the newest one at every 00:00 UTC, and the last."""
    first, last = int(curve.at_ms[0]), int(curve.at_ms[-1])
    days = np.arange(first // DAY_MS + 1, -(-last // DAY_MS), dtype=np.int64) * DAY_MS
    at_ms = np.unique(np.concatenate(([first], days, [last]))).astype(np.int64)
    return Curve(at_ms, value_at(curve, at_ms))


def value_at(curve: Curve, at_ms: IntArray) -> FloatArray:
    """Equity at instants: the newest point by then, the first where there is none yet."""
    places = np.maximum(np.searchsorted(curve.at_ms, at_ms, side="right") - 1, 0)
    return curve.equity[places]


def fewer_candles(bars: Bars, most: int) -> tuple[Bars, int]:
    """The candles put together to a round length, so that `most` are left at most; and that length in milliseconds.

    Each keeps the first open, the highest high, the lowest low and the last close, as a longer timeframe would.
    """
    length_ms = TIMEFRAME_MS[bars.timeframe]
    longer = iter([each for each in ROUND_MS if each > length_ms and each % length_ms == 0])
    first = _begins(bars, length_ms)
    while len(first) > most:
        length_ms = next(longer, length_ms * 2)
        first = _begins(bars, length_ms)
    last = np.concatenate((first[1:], [len(bars)])) - 1
    fewer = Bars(
        bars.pair,
        bars.timeframe,
        bars.open_ms[first] // length_ms * length_ms,
        bars.open[first],
        np.maximum.reduceat(bars.high, first),
        np.minimum.reduceat(bars.low, first),
        bars.close[last],
        np.add.reduceat(bars.volume, first),
    )
    return fewer, length_ms


def _begins(bars: Bars, length_ms: int) -> IntArray:
    """The places at which candles of this length begin."""
    slots = bars.open_ms // length_ms
    return np.flatnonzero(np.concatenate(([True], np.diff(slots) > 0))).astype(np.int64)
