"""Figures of merit of a book or an analyst, each with its definition and its basis.

Crypto trades every day: a year has 365 days. Returns are simple (0.01 is one percent); NaN means "cannot be told".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.random import Generator

from quorate.kernel.bars import FloatArray, IntArray

DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS
BOOTSTRAP_DRAWS = 2_000
BLOCK_VALUES_MAX = 500_000
"""Resampled values held in memory at once."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A measured value with the bounds of its confidence interval."""

    value: float
    low: float
    high: float


def simple_returns(equity: FloatArray) -> FloatArray:
    """Change from one equity point to the next as a share of the earlier one; equity must stay positive."""
    return np.diff(equity) / equity[:-1]


def sharpe(returns: FloatArray, *, periods_a_year: float) -> float:
    """Annualised Sharpe ratio: mean over standard deviation (n - 1) of returns, times the root of the periods a year.

    The riskless rate is taken as 0. NaN with fewer than two returns or without any variation. W. F. Sharpe, 1994.
    """
    if len(returns) < 2:
        return float("nan")
    spread = float(returns.std(ddof=1))
    return float(returns.mean()) / spread * float(np.sqrt(periods_a_year)) if spread > 0 else float("nan")


def sortino(returns: FloatArray, *, periods_a_year: float) -> float:
    """Annualised Sortino ratio: mean over the root mean square of the losses (gains count as 0), against a target of 0.

    NaN with fewer than two returns or without any loss. F. Sortino and L. Price, 1994.
    """
    if len(returns) < 2:
        return float("nan")
    downside = float(np.sqrt(np.mean(np.minimum(returns, 0.0) ** 2)))
    return float(returns.mean()) / downside * float(np.sqrt(periods_a_year)) if downside > 0 else float("nan")


def max_drawdown(equity: FloatArray) -> float:
    """Deepest fall from a peak so far, as a share of that peak, 0 to 1; 0 for an empty series."""
    if len(equity) == 0:
        return 0.0
    return float(np.max(1.0 - equity / np.maximum.accumulate(equity)))


def profit_factor(results: FloatArray) -> float:
    """Sum of the wins over the sum of the losses, both positive; infinite without losses, NaN without results."""
    wins, losses = float(results[results > 0].sum()), float(-results[results < 0].sum())
    if losses == 0:
        return float("inf") if wins > 0 else float("nan")
    return wins / losses


def win_rate(results: FloatArray) -> float:
    """Share of results above 0, 0 to 1; NaN without results."""
    return float(np.mean(results > 0)) if len(results) else float("nan")


def expectancy(results: FloatArray) -> float:
    """Mean result, in the unit of the results (R or quote); NaN without results."""
    return float(results.mean()) if len(results) else float("nan")


def sqn(results_r: FloatArray) -> float:
    """System Quality Number: mean over standard deviation (n - 1) of results in R, times the root of their number.

    The number is capped at 100 as its author does. NaN with fewer than two results or without variation. V. Tharp.
    """
    if len(results_r) < 2:
        return float("nan")
    spread = float(results_r.std(ddof=1))
    return float(results_r.mean()) / spread * float(np.sqrt(min(len(results_r), 100))) if spread > 0 else float("nan")


def stationary_indices(length: int, draws: int, *, mean_block: float, generator: Generator) -> IntArray:
    """Row indices (draws × length) of the stationary bootstrap: blocks of geometric length with the given mean.

    Keeps what is near in time together, so that series with memory get honest intervals. D. Politis, J. Romano, 1994.
    """
    begins = generator.random((draws, length)) < 1.0 / mean_block
    begins[:, 0] = True
    starts = generator.integers(0, length, (draws, length))
    places = np.broadcast_to(np.arange(length), (draws, length))
    block = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    return cast("IntArray", (np.take_along_axis(starts, block, axis=1) + places - block) % length)


def default_block(length: int) -> float:
    """Mean block length where nothing better is known: the cube root of the length, at least 1."""
    return max(1.0, length ** (1.0 / 3.0))


def _resamplings(length: int, generator: Generator) -> Iterator[IntArray]:
    """All `BOOTSTRAP_DRAWS` rows of indices, in blocks that keep memory small however long the series is."""
    at_once = max(1, BLOCK_VALUES_MAX // length)
    block = default_block(length)
    for first in range(0, BOOTSTRAP_DRAWS, at_once):
        draws = min(at_once, BOOTSTRAP_DRAWS - first)
        yield stationary_indices(length, draws, mean_block=block, generator=generator)


def mean_interval(values: FloatArray, *, generator: Generator, level: float = 0.95) -> Interval:
    """Mean of `values` with its bootstrap interval (percentiles of the stationary bootstrap); NaN without values."""
    if len(values) == 0:
        return Interval(float("nan"), float("nan"), float("nan"))
    means = [values[rows].mean(axis=1) for rows in _resamplings(len(values), generator)]
    return _interval(float(values.mean()), np.concatenate(means), level)


def sharpe_difference(
    first: FloatArray, second: FloatArray, *, periods_a_year: float, generator: Generator, level: float = 0.95
) -> Interval:
    """Sharpe of `first` minus Sharpe of `second` (returns of the same periods) with its interval.

    Both series are resampled with the same rows, so that what they share cancels, as in O. Ledoit and M. Wolf, 2008
    (percentile interval, not studentised). NaN where either has no Sharpe ratio.
    """
    assert len(first) == len(second), "both series cover the same periods"
    value = sharpe(first, periods_a_year=periods_a_year) - sharpe(second, periods_a_year=periods_a_year)
    if np.isnan(value):
        return Interval(value, value, value)
    draws = [_ratios(first[rows]) - _ratios(second[rows]) for rows in _resamplings(len(first), generator)]
    return _interval(value, np.concatenate(draws) * float(np.sqrt(periods_a_year)), level)


def _ratios(draws: FloatArray) -> FloatArray:
    """Mean over deviation of every row; a draw without variation says nothing and counts as 0."""
    spreads = draws.std(axis=1, ddof=1)
    return draws.mean(axis=1) / np.where(spreads > 0, spreads, np.inf)


def _interval(value: float, draws: FloatArray, level: float) -> Interval:
    low, high = np.quantile(draws, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Interval(value, float(low), float(high))
