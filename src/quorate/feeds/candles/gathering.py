"""Longer candles from shorter ones, and candles from trades: exact, and only where every piece is there.

Prices are exact in themselves. Volumes are added as the decimals they stand for, so that 1m gathered to 5m and then to
1h gives what 1m gathered to 1h gives, bit for bit; where they have too many places, as doubles, to one rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from quorate.domain.errors import BadInput
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.timeframes import length_of
from quorate.kernel.bars import EXACT_INTEGER_MAX, FloatArray, IntArray

DECIMALS_MAX = 10
"""Volumes with more decimals than this are added as the doubles they are."""


class Holes(StrEnum):
    """What a missing candle means."""

    UNKNOWN = "unknown"
    """Nobody knows what it was: a longer candle that needs it is not made."""
    QUIET = "quiet"
    """Nothing was traded, as in files that leave such candles out (Kraken's): the longer one is made from the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Longer candles, and how many were not made since a piece of them is missing."""

    rows: Rows
    incomplete: int


def gather(candles: Rows, *, source: str, target: str, holes: Holes) -> Gathered:
    """Candles of timeframe `source`, in order, as candles of `target`.

    The first and the last one are made only where `candles` reach over the whole of them. Errors: BadInput where the
    one is not a whole number of the other.
    """
    short_ms, long_ms = length_of(source), length_of(target)
    if long_ms <= short_ms or long_ms % short_ms:
        raise BadInput(f"{target} candles cannot be made from {source}.", hint="Name a shorter one that divides it.")
    if not len(candles):
        return Gathered(candles, 0)
    counts = np.diff(np.append(_beginnings(candles, long_ms), len(candles)))
    rows = _gathered(_with_a_say(candles, long_ms), long_ms)
    if holes is Holes.QUIET:
        whole = (rows.stamps >= candles.stamps[0]) & (rows.stamps + long_ms <= candles.stamps[-1] + short_ms)
    else:
        whole = counts == long_ms // short_ms
    return Gathered(rows.at(whole), int((~whole).sum()))


def gather_trades(trades: Rows, *, timeframe: str) -> Rows:
    """Trades (price, amount), in order of time, as candles; an interval without a trade is a gap."""
    price, amount = trades.values
    ticks = Rows(trades.stamps, np.stack((price, price, price, price, amount)))
    return _gathered(ticks, length_of(timeframe)) if len(trades) else ticks


def _beginnings(rows: Rows, length_ms: int) -> IntArray:
    """Position of the first row of each interval."""
    starts = rows.stamps - rows.stamps % length_ms
    return np.flatnonzero(np.diff(starts, prepend=starts[0] - 1))


def _with_a_say(rows: Rows, length_ms: int) -> Rows:
    """The rows that say something about the prices of their interval.

    A candle without a trade repeats an old price. Where others of its interval traded, exchanges' own longer candles
    do not have that price in them: Binance's 1h opens with the first trade, not with the price carried over.
    """
    traded = rows.values[-1] > 0
    if bool(traded.all()) or not bool(traded.any()):  # a mark price has no volume anywhere
        return rows
    first = _beginnings(rows, length_ms)
    any_traded = np.logical_or.reduceat(traded, first)
    return rows.at(traded | ~np.repeat(any_traded, np.diff(np.append(first, len(rows)))))


def _gathered(rows: Rows, length_ms: int) -> Rows:
    """First open, highest high, lowest low, last close and summed volume of each interval."""
    open_, high, low, close, volume = rows.values
    first = _beginnings(rows, length_ms)
    last = np.append(first[1:], len(rows)) - 1
    columns = (
        open_[first],
        np.maximum.reduceat(high, first),
        np.minimum.reduceat(low, first),
        close[last],
        _sums(volume, first, last),
    )
    return Rows(rows.stamps[first] - rows.stamps[first] % length_ms, np.stack(columns))


def _sums(volume: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    """Sum of each run `first..last`, rounded once: of the decimals the volumes stand for where they have few places."""
    for places in range(DECIMALS_MAX + 1):
        power = 10.0**places
        whole = np.rint(volume * power)
        sums = np.add.reduceat(whole, first)
        if not bool(np.all(sums <= EXACT_INTEGER_MAX)):
            break
        # A decimal of few places is the correctly rounded quotient of two exact doubles: equality is the right test.
        if bool(np.all(whole / power == volume)):
            return sums / power
    runs = zip(first.tolist(), last.tolist(), strict=True)
    return np.array([math.fsum(volume[start : stop + 1].tolist()) for start, stop in runs], np.float64)
