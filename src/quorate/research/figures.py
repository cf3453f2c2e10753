"""The figures by which points of a sweep are compared, and the objective that chooses among them.

Returns are those of UTC days, the first from the starting equity; a year has 365 days. A figure is NaN where it cannot
be told. With several pairs each trades its own equity, and days add up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isnan, nan
from typing import Literal, TypeAlias

import numpy as np

from quorate.kernel.bars import FloatArray
from quorate.kernel.statistics import max_drawdown, profit_factor, sharpe

Objective: TypeAlias = Literal["expectancy", "sharpe", "calmar", "net_return"]
OBJECTIVES: tuple[Objective, ...] = ("expectancy", "sharpe", "calmar", "net_return")
LABELS: dict[Objective, str] = {
    "expectancy": "expectancy (mean R of a trade)",
    "sharpe": "Sharpe ratio (daily, annualised)",
    "calmar": "Calmar ratio (annualised return over the deepest fall of daily equity)",
    "net_return": "net return",
}
DAYS_A_YEAR = 365.0
BLOCKS = 16
"""Parts into which days are cut for the cross-validation of luck (`luck.overfitting`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one point came to."""

    trades: int
    """Those that ended."""
    win_rate: float
    expectancy: float
    """Mean R of a trade, net of every cost."""
    profit_factor: float
    net_return: float
    """0.01 is one percent."""
    sharpe: float
    daily_drawdown: float
    """Deepest fall of daily equity from a peak so far, as a share of it; at every close it may be deeper."""
    calmar: float
    """Annualised return over that fall."""

    def objective(self, objective: Objective, min_trades: int) -> float:
        """The figure that counts; NaN with fewer trades than `min_trades`."""
        if self.trades < min_trades:
            return nan
        match objective:
            case "expectancy":
                return self.expectancy
            case "sharpe":
                return self.sharpe
            case "calmar":
                return self.calmar
            case "net_return":
                return self.net_return


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a test of luck has to know of a point's daily returns."""

    days: int
    daily_sharpe: float
    """Mean over standard deviation (n - 1), not annualised."""
    skewness: float
    kurtosis: float
    """3 for the normal distribution."""
    blocks: tuple[tuple[int, float, float], ...]
    """Of each of `BLOCKS` parts in the order of time: number of days, sum of returns, sum of their squares."""


def figures_of(r: FloatArray, pnl: FloatArray, worth: FloatArray, start: float) -> Figures:
    """Figures of closed trades and of the worth at the end of each day, which began with `start`."""
    equity = np.concatenate(([start], worth))
    fall = max_drawdown(equity)
    returns = daily_returns(worth, start)
    years = len(worth) / DAYS_A_YEAR
    net = float(equity[-1]) / start - 1.0
    return Figures(
        trades=len(pnl),
        win_rate=float((pnl > 0).mean()) if len(pnl) else nan,
        expectancy=float(r.mean()) if len(r) else nan,
        profit_factor=profit_factor(pnl),
        net_return=net,
        sharpe=nan if returns is None else sharpe(returns, periods_a_year=DAYS_A_YEAR),
        daily_drawdown=fall,
        calmar=((1.0 + net) ** (1.0 / years) - 1.0) / fall if fall > 0 and net > -1.0 and years > 0 else nan,
    )


def daily_returns(worth: FloatArray, start: float) -> FloatArray | None:
    """Simple returns of the days; None once everything is lost: there is nothing to have a return on."""
    before = np.concatenate(([start], worth[:-1]))
    return worth / before - 1.0 if (before > 0).all() else None


def shape_of(worth: FloatArray, start: float) -> Shape | None:
    """Shape of the daily returns; None where they do not vary or everything was lost."""
    returns = daily_returns(worth, start)
    if returns is None or len(returns) < 2:
        return None
    off = returns - returns.mean()
    variance = float((off**2).mean())
    if variance <= 0.0:
        return None
    return Shape(
        days=len(returns),
        daily_sharpe=float(returns.mean()) / float(returns.std(ddof=1)),
        skewness=float((off**3).mean()) / variance**1.5,
        kurtosis=float((off**4).mean()) / variance**2,
        blocks=_blocks(returns),
    )


def _blocks(returns: FloatArray) -> tuple[tuple[int, float, float], ...]:
    """Number, sum and sum of squares of the days of each block; the first ones have one day more where it must be."""
    size, more = divmod(len(returns), BLOCKS)
    edges = [place * size + min(place, more) for place in range(BLOCKS + 1)]
    squares = returns**2
    return tuple(
        (stop - start, float(returns[start:stop].sum()), float(squares[start:stop].sum()))
        for start, stop in pairwise(edges)
    )


def ranking(values: Sequence[float], texts: Sequence[str]) -> list[int]:
    """Places from the best value to the worst; NaN last, equals by their text, so that no order of arrival shows."""

    def key(at: int) -> tuple[bool, float, str]:
        # NaN is neither less nor more than NaN, and would leave such points in the order they came in.
        told = not isnan(values[at])
        return not told, -values[at] if told else 0.0, texts[at]

    return sorted(range(len(values)), key=key)
