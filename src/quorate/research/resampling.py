"""How sure a backtest's figures are: bootstrap intervals, and what the same results come to in another order.

Days and trades that lie near in time share their market, so blocks of them are drawn, not single ones: the stationary
bootstrap of D. Politis and J. Romano (1994), with the mean block length that D. Politis and H. White (2004) derive
from the data, as corrected by A. Patton, D. Politis and H. White (2009). Everything follows from fixed seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, log10, sqrt
from typing import Literal

import numpy as np

from quorate.kernel.bars import FloatArray, IntArray
from quorate.kernel.statistics import BLOCK_VALUES_MAX, BOOTSTRAP_DRAWS, stationary_indices
from quorate.research.findings import Bounds, MonteCarlo
from quorate.research.result import Backtest, Curve
from quorate.research.spans import DAY_MS, Span

SEED = 19_940_101
LEVEL = 0.95
VALUES_MIN = 30
"""Days or trades below which no interval is told."""
DAYS_A_YEAR = 365.0
LAGS_IN_A_ROW_MIN = 5
THRESHOLD = 2.0
"""Autocorrelations beyond this many standard errors count (Politis and White's c)."""
SHUFFLED_TRADES_MAX = 1_000
"""With more trades whole days are shuffled."""
RUIN_SHARE = 0.5
PERCENTS = (5, 25, 50, 75, 95)
Measure = Callable[[FloatArray], FloatArray]
"""From draws (one a row) to one value of each."""


def automatic_block(values: FloatArray) -> float:
    """Mean block length of the stationary bootstrap for a series, at least 1 (see the module)."""
    count = len(values)
    if count < VALUES_MIN or float(values.std()) == 0.0:
        return 1.0
    quiet = max(LAGS_IN_A_ROW_MIN, ceil(sqrt(log10(count))))
    lags_max = ceil(sqrt(count)) + quiet
    off = values - values.mean()
    covariance = np.array([float(off[lag:] @ off[: count - lag]) / count for lag in range(lags_max + 1)])
    small = np.abs(covariance[1:] / covariance[0]) < THRESHOLD * sqrt(log10(count) / count)
    reach = _first_quiet(small, quiet)
    width = min(2 * max(reach, 1), lags_max)
    lags = np.arange(-width, width + 1)
    share = np.abs(lags) / width
    window = np.where(share <= 0.5, 1.0, np.maximum(2.0 * (1.0 - share), 0.0))
    weighted = window * covariance[np.abs(lags)]
    slope, spectrum = float((weighted * np.abs(lags)).sum()), float(weighted.sum())
    if spectrum == 0.0:
        return 1.0
    block = (slope**2 / spectrum**2) ** (1.0 / 3.0) * count ** (1.0 / 3.0)
    return float(min(max(block, 1.0), ceil(min(3.0 * sqrt(count), count / 3.0))))


def _first_quiet(small: np.ndarray[tuple[int], np.dtype[np.bool_]], run: int) -> int:
    """The lag after which so many in a row are small; the last one that is not, where there is no such run."""
    for lag in range(len(small) - run + 1):
        if small[lag : lag + run].all():
            return lag
    loud = np.flatnonzero(~small)
    return int(loud[-1]) + 1 if len(loud) else 0


def interval(values: FloatArray, measure: Measure, *, seed: int = SEED) -> tuple[float, float]:
    """Bounds of a measure of a series at `LEVEL`, from percentiles of its draws; NaN with too few values."""
    if len(values) < VALUES_MIN:
        return float("nan"), float("nan")
    drawn = np.concatenate([measure(values[rows]) for rows in _draws(len(values), automatic_block(values), seed)])
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0])
    return float(low), float(high)


def _draws(count: int, block: float, seed: int) -> Iterator[IntArray]:
    generator = np.random.default_rng([seed, count])
    at_once = max(1, BLOCK_VALUES_MAX // count)
    for first in range(0, BOOTSTRAP_DRAWS, at_once):
        draws = min(at_once, BOOTSTRAP_DRAWS - first)
        yield stationary_indices(count, draws, mean_block=block, generator=generator)


def daily_worth(curve: Curve) -> FloatArray:
    """What a curve began with, and its worth at the end of every UTC day, the last one cut at its own end."""
    days = Span(int(curve.at_ms[0]), int(curve.at_ms[-1])).days()
    places = np.searchsorted(curve.at_ms, days, side="right") - 1
    return np.concatenate((curve.equity[:1], curve.equity[places]))


def daily_returns(curve: Curve) -> FloatArray:
    """Simple returns of its days; none once everything is lost."""
    worth = daily_worth(curve)
    return np.diff(worth) / worth[:-1] if bool((worth > 0).all()) else np.empty(0)


def intervals(backtest: Backtest, curve: Curve) -> tuple[Bounds, ...]:
    """Intervals of mean R, Sharpe ratio, total return and deepest fall, by the names of their figures."""
    r, returns = np.array([float(trade.r) for trade in backtest.trades]), daily_returns(curve)
    days = f"{BOOTSTRAP_DRAWS:,} draws of {len(returns)} days in blocks of {automatic_block(returns):.1f} on average"
    trades = f"{BOOTSTRAP_DRAWS:,} draws of {len(r):,} trades in blocks of {automatic_block(r):.1f} on average"
    measures: tuple[tuple[str, FloatArray, Measure, str], ...] = (
        ("expectancy_r", r, lambda draws: draws.mean(axis=1), trades),
        ("sharpe", returns, _sharpes, days),
        ("total_return", returns, lambda draws: np.prod(1.0 + draws, axis=1) - 1.0, days),
        ("max_drawdown", returns, _deepest_of_returns, days),
    )
    found: list[Bounds] = []
    for name, values, measure, told in measures:
        low, high = interval(values, measure)
        method = f"Stationary bootstrap: {told}." if len(values) >= VALUES_MIN else "Too few values to draw from."
        found.append(Bounds(name=name, low=low, high=high, level=LEVEL, method=method))
    return tuple(found)


def _sharpes(draws: FloatArray) -> FloatArray:
    spread = draws.std(axis=1, ddof=1)
    return np.divide(draws.mean(axis=1), spread, out=np.full(len(draws), np.nan), where=spread > 0) * sqrt(DAYS_A_YEAR)


def _deepest_of_returns(draws: FloatArray) -> FloatArray:
    return _deepest(np.multiply.accumulate(1.0 + draws, axis=1))


def _deepest(equity: FloatArray) -> FloatArray:
    """Deepest fall of every row, whose equity began with 1."""
    peak = np.maximum(np.maximum.accumulate(equity, axis=1), 1.0)
    return np.max(1.0 - equity / peak, axis=1)


def other_orders(backtest: Backtest, *, runs: int = BOOTSTRAP_DRAWS, seed: int = SEED) -> MonteCarlo | None:
    """The same results in another order: how deep it might have fallen on the way. None with too few trades.

    Each result is a share of what all equity was before it, and compounds; so the end is the same in every order, and
    only the way there is chance.
    """
    shares, step = _shares(backtest)
    if len(shares) < 2 or len(backtest.trades) < VALUES_MIN:
        return None
    start = float(backtest.start_equity)
    generator = np.random.default_rng([seed, len(shares)])
    rows = np.argsort(generator.random((runs, len(shares))), axis=1)
    equity = np.multiply.accumulate(np.maximum(1.0 + shares[rows], 0.0), axis=1)
    fall = _deepest(equity)
    worst = float(_deepest(np.multiply.accumulate(np.maximum(1.0 + shares, 0.0))[None, :])[0])
    ruined = float((equity.min(axis=1) < RUIN_SHARE).mean())
    told = "trades" if step == "trade" else "days"
    return MonteCarlo(
        method=f"The same {len(shares):,} {told} in {runs:,} other orders.",
        runs=runs,
        start_equity=start,
        bands={str(p): tuple((start * np.percentile(equity, p, axis=0)).tolist()) for p in PERCENTS},
        step=step,
        max_drawdown={str(p): float(np.percentile(fall, p)) for p in PERCENTS},
        sentence=(
            f"Its deepest fall was {worst:.1%}; in another order it is {float(np.median(fall)):.1%} at the median and"
            f" over {float(np.percentile(fall, 95)):.1%} in one of twenty. In {ruined:.1%} of the orders equity falls"
            f" under {RUIN_SHARE:.0%} of the start."
        ),
    )


def _shares(backtest: Backtest) -> tuple[FloatArray, Literal["trade", "day"]]:
    """Results as shares of all equity before them, of each trade or, where there are many, of each day."""
    pnl = np.array([float(trade.pnl) for trade in backtest.trades])
    step: Literal["trade", "day"] = "trade"
    if len(pnl) > SHUFFLED_TRADES_MAX:
        days = np.array([trade.closed_ms for trade in backtest.trades], np.int64) // DAY_MS
        pnl = np.bincount(days - days.min(), weights=pnl) if len(days) else pnl
        step = "day"
    before = float(backtest.start_equity) + np.concatenate(([0.0], np.cumsum(pnl)[:-1])) if len(pnl) else pnl
    return np.divide(pnl, before, out=np.full(len(pnl), -1.0), where=before > 0), step
