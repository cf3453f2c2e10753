"""Cutting and joining columns of bars, as every feed's history needs it."""

from __future__ import annotations

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.kernel.bars import Bars
from quorate.kernel.resample import resample


def gathered(base: Bars, timeframe: str) -> Bars:
    """`base` as bars of a longer timeframe, without a first one whose beginning is missing."""
    if timeframe == base.timeframe or not len(base):
        return base if timeframe == base.timeframe else Bars.empty(base.pair, timeframe)
    bars = resample(base, timeframe)
    return bars.between(1, len(bars)) if base.open_ms[0] % TIMEFRAME_MS[timeframe] else bars


def closed_before(bars: Bars, before_ms: int, count: int) -> Bars:
    """The last `count` bars that close at or before `before_ms`."""
    stop = int(np.searchsorted(bars.close_ms, before_ms, side="right"))
    return bars.between(0, stop).tail(count)


def opening_from(bars: Bars, open_ms: int) -> Bars:
    """The bars that open at or after `open_ms`."""
    return bars.between(int(np.searchsorted(bars.open_ms, open_ms, side="left")), len(bars))


def joined(older: Bars, newer: Bars) -> Bars:
    """`older` followed by those of `newer` that open after its last bar."""
    if not len(older) or not len(newer):
        return newer if not len(older) else older
    newer = opening_from(newer, int(older.open_ms[-1]) + 1)
    return Bars(
        older.pair,
        older.timeframe,
        np.concatenate((older.open_ms, newer.open_ms)),
        np.concatenate((older.open, newer.open)),
        np.concatenate((older.high, newer.high)),
        np.concatenate((older.low, newer.low)),
        np.concatenate((older.close, newer.close)),
        np.concatenate((older.volume, newer.volume)),
    )
