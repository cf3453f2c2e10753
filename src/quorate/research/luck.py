"""How much of the best of many tries is luck.

Two answers that see different things. The deflated Sharpe ratio asks whether the best one is better than the best of as
many tries without any skill would be. Cross-validation asks whether choosing the best in one half of the time picks
something that is any good in the other half.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import e, isnan, nan, sqrt
from statistics import NormalDist

import numpy as np

from quorate.kernel.bars import FloatArray
from quorate.research import luck_kernel
from quorate.research.figures import Shape
from quorate.research.jit import compiled

EULER_MASCHERONI = 0.5772156649015329
NORMAL = NormalDist()
DAYS_MIN = 30
"""Days of returns below which nothing is said: four moments of fewer numbers mean nothing."""
POINTS_MIN = 10
"""Points below which no overfitting is measured."""
BLOCK_DAYS_MIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Deflated:
    """The deflated Sharpe ratio of a choice (D. H. Bailey and M. Lopez de Prado, J. Portfolio Management, 2014)."""

    sharpe: float
    """Of the chosen, per day."""
    expected_best: float
    """Sharpe ratio per day that the best of as many tries without skill is expected to have."""
    tries: int
    """Counted as independent of one another, though neighbours are not: on the careful side."""
    probability: float
    """That the true ratio is over `expected_best`: the deflated Sharpe ratio itself."""

    @property
    def luck(self) -> float:
        """Probability that it is no better than the luckiest of as many tries without skill."""
        return 1.0 - self.probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Overfitting:
    """Combinatorially symmetric cross-validation (D. H. Bailey, J. M. Borwein, M. Lopez de Prado, Q. J. Zhu, 2015).

    The days are cut into blocks; for every way to take half of them, the point with the best Sharpe ratio there is
    looked up in the other half.
    """

    probability: float
    """Share of the splits in which the best of one half is not over the median in the other: PBO."""
    loss: float
    """Share of the splits in which it loses money in the other half."""
    splits: int
    points: int
    blocks: int


def deflated_sharpe(chosen: Shape, others: Sequence[float], tries: int) -> Deflated | None:
    """The deflated Sharpe ratio of the chosen one.

    `others` are the daily Sharpe ratios of all that were tried and can be told; `tries` counts those too that cannot.
    None with fewer than `DAYS_MIN` days.
    """
    if chosen.days < DAYS_MIN:
        return None
    # In order: the same points tell the same to the last bit, whichever of them was done first.
    known = np.sort(np.array([one for one in others if not isnan(one)]))
    spread = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    bar = spread * best_of_normals(max(tries, 1))
    return Deflated(
        sharpe=chosen.daily_sharpe, expected_best=bar, tries=tries, probability=probabilistic_sharpe(chosen, bar)
    )


def best_of_normals(tries: int) -> float:
    """Expected largest of so many standard normal numbers, as the paper approximates it; 0 for one."""
    if tries < 2:
        return 0.0
    first, second = NORMAL.inv_cdf(1.0 - 1.0 / tries), NORMAL.inv_cdf(1.0 - 1.0 / (tries * e))
    return (1.0 - EULER_MASCHERONI) * first + EULER_MASCHERONI * second


def probabilistic_sharpe(shape: Shape, benchmark: float) -> float:
    """Probability that the true Sharpe ratio per day is over `benchmark`, skewness and fat tails counted in."""
    ratio = shape.daily_sharpe
    variance = 1.0 - shape.skewness * ratio + (shape.kurtosis - 1.0) / 4.0 * ratio**2
    if variance <= 0.0:
        return nan
    return NORMAL.cdf((ratio - benchmark) * sqrt(shape.days - 1) / sqrt(variance))


def overfitting(shapes: Sequence[Shape]) -> Overfitting | None:
    """Probability of backtest overfitting among points that were run over the same days.

    None with fewer than `POINTS_MIN` points or `BLOCK_DAYS_MIN` days in a block.
    """
    if len(shapes) < POINTS_MIN:
        return None
    days, totals, squares = np.array([shape.blocks for shape in shapes], np.float64).transpose(2, 1, 0)
    if days.min() < BLOCK_DAYS_MIN:
        return None
    count = len(days)
    chosen = np.array(list(combinations(range(count), count // 2)), np.int64)
    ranks, results = np.empty(len(chosen)), np.empty(len(chosen))
    inside, outside = np.empty((2, len(shapes))), np.empty(len(shapes))
    compiled(luck_kernel.cross_validate)(
        chosen, _with_sum(days)[:, 0].copy(), _with_sum(totals), _with_sum(squares), inside, outside, ranks, results
    )
    return Overfitting(
        probability=float((ranks / (len(shapes) + 1) <= 0.5).mean()),
        loss=float((results <= 0.0).mean()),
        splits=len(chosen),
        points=len(shapes),
        blocks=count,
    )


def _with_sum(rows: FloatArray) -> FloatArray:
    """The rows, and their sum as one more."""
    return np.concatenate((rows, rows.sum(axis=0, keepdims=True)))
