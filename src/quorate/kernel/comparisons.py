"""How sure a mean result is, and what luck would have made of the same trades.

Trades of one day share that day's market: an interval that took them for independent would be far too narrow. Here
whole days are drawn, in blocks. The draws follow from a seed and the number of days alone, so that they are made once.
NaN means "cannot be told".
"""

from functools import lru_cache

import numpy as np

from quorate.kernel.bars import FloatArray, IntArray
from quorate.kernel.statistics import BLOCK_VALUES_MAX, BOOTSTRAP_DRAWS, Interval, default_block, stationary_indices

DAYS_MIN = 5
"""Days with a result below which no interval is told: there is too little to draw from."""
DRAWS_KEPT_MAX = 16
"""Numbers of days whose draws are kept."""
UNKNOWN = float("nan")


def daily_mean(values: FloatArray, days: IntArray, *, seed: int, level: float = 0.95) -> Interval:
    """Mean of `values` with its bootstrap interval over `days` (the day of each value).

    Days are drawn by the stationary bootstrap, in their order, each with all of its values. The bounds are NaN with
    fewer than DAYS_MIN days.
    """
    if len(values) == 0:
        return Interval(UNKNOWN, UNKNOWN, UNKNOWN)
    value = float(values.mean())
    known, place = np.unique(days, return_inverse=True)
    if len(known) < DAYS_MIN:
        return Interval(value, UNKNOWN, UNKNOWN)
    return _bounded(value, _mean_draws(values, place, len(known), seed), level)


def daily_difference(
    first: FloatArray,
    first_days: IntArray,
    second: FloatArray,
    second_days: IntArray,
    *,
    seed: int,
    level: float = 0.95,
) -> Interval:
    """Mean of `first` less mean of `second` with its bootstrap interval over all days on which either has a value.

    Both are drawn with the same days, so that what a day did to both cancels.
    """
    if len(first) == 0 or len(second) == 0:
        return Interval(UNKNOWN, UNKNOWN, UNKNOWN)
    value = float(first.mean()) - float(second.mean())
    known, place = np.unique(np.concatenate((first_days, second_days)), return_inverse=True)
    if len(known) < DAYS_MIN:
        return Interval(value, UNKNOWN, UNKNOWN)
    own = _mean_draws(first, place[: len(first)], len(known), seed)
    return _bounded(value, own - _mean_draws(second, place[len(first) :], len(known), seed), level)


def random_means(first: FloatArray, second: FloatArray, *, traders: int, seed: int) -> FloatArray:
    """Mean result of each of `traders` who tossed a coin between `first[i]` and `second[i]` for every i; sorted."""
    assert len(first) == len(second), "every trade has its mirror image"
    count = len(first)
    if count == 0:
        return np.empty(0, np.float64)
    generator = np.random.default_rng(seed)
    octets = -(-count // 8)
    gained = np.zeros(octets * 8, np.float64)
    gained[:count] = first - second
    # What each of the 256 ways to toss eight coins gains on each eight trades: a trader's tosses are places in here.
    patterns = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)
    table = (gained.reshape(octets, 8) @ patterns.T).ravel()
    offsets = np.arange(octets, dtype=np.int64) * 256
    means = np.empty(traders, np.float64)
    at_once = max(1, BLOCK_VALUES_MAX // octets)
    for begin in range(0, traders, at_once):
        rows = min(at_once, traders - begin)
        tosses = np.frombuffer(generator.bytes(rows * octets), np.uint8).reshape(rows, octets)
        means[begin : begin + rows] = table[tosses + offsets].sum(axis=1)
    means /= count
    means += float(second.mean())
    means.sort()
    return means


def _mean_draws(values: FloatArray, place: IntArray, days: int, seed: int) -> FloatArray:
    """The mean of each draw of days; NaN where a draw has no value."""
    daily = np.empty((days, 2), np.float64)
    daily[:, 0] = np.bincount(place, weights=values, minlength=days)
    daily[:, 1] = np.bincount(place, minlength=days)
    drawn = _draws(days, seed) @ daily
    counts = drawn[:, 1]
    return np.where(counts > 0, drawn[:, 0], UNKNOWN) / np.where(counts > 0, counts, 1.0)


@lru_cache(maxsize=DRAWS_KEPT_MAX)
def _draws(days: int, seed: int) -> FloatArray:
    """How often each day (column) was drawn in each draw (row) of the stationary bootstrap."""
    generator, block = np.random.default_rng(seed), default_block(days)
    counts = np.empty((BOOTSTRAP_DRAWS, days), np.float64)
    at_once = max(1, BLOCK_VALUES_MAX // days)
    for begin in range(0, BOOTSTRAP_DRAWS, at_once):
        rows = min(at_once, BOOTSTRAP_DRAWS - begin)
        drawn = stationary_indices(days, rows, mean_block=block, generator=generator)
        flat = drawn + np.arange(rows, dtype=np.int64)[:, None] * days
        counts[begin : begin + rows] = np.bincount(flat.ravel(), minlength=rows * days).reshape(rows, days)
    counts.flags.writeable = False
    return counts


def _bounded(value: float, draws: FloatArray, level: float) -> Interval:
    told = draws[np.isfinite(draws)]
    if len(told) == 0:
        return Interval(value, UNKNOWN, UNKNOWN)
    low, high = np.quantile(told, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(value, float(low), float(high))
