"""The figures of a backtest (SPEC section 14), each with its definition and what it was computed from.

Returns are those of UTC days on equity marked to market, the first from the starting equity and the last cut where the
run ends; crypto trades every day, so a year has 365. Falls are measured at every close. Figures of trades count closed
trades net of every cost. What cannot be told is None, never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import isnan, nan, sqrt

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.kernel.bars import FloatArray
from quorate.kernel.statistics import (
    DAY_MS,
    YEAR_MS,
    expectancy,
    max_drawdown,
    profit_factor,
    sharpe,
    sortino,
    sqn,
    win_rate,
)
from quorate.research.figures import DAYS_A_YEAR, shape_of
from quorate.research.findings import Figure, Group, Unit
from quorate.research.luck import DAYS_MIN, best_of_normals, probabilistic_sharpe
from quorate.research.resampling import daily_worth
from quorate.research.result import Backtest, ClosedTrade, Curve

TOTAL = "total"
"""The curve of everything together."""
SPAN_MS_MIN = 30 * DAY_MS
"""Shorter runs are not told as a year's return: it would say more about the power than about the strategy."""
TAIL = 0.05
"""Share of the days in each tail of the tail ratio."""

SHARPE = "Mean over deviation (n - 1) of daily returns, times the root of 365; riskless rate 0. W. F. Sharpe, 1994."
SORTINO = "Mean of daily returns over the root mean square of losses, times the root of 365. F. Sortino, 1994."
DRAWDOWN = "Deepest fall of equity, marked to market at every close, from its highest so far."
LENGTH = "From the peak before the deepest fall until it was reached again, or until the end."
UNDER = "Longest time under a peak, whether it was reached again or not."
ULCER = "Root mean square of the falls from the highest daily worth so far. P. G. Martin, 1989."
TAILS = "Size of the 95th percentile of daily returns over that of the 5th."
PROBABLE = "Probability that the true Sharpe ratio is over 0, given length, skewness and fat tails (PSR, 2012)."
DEFLATED = "The same over the best of as many tries without skill (Bailey and Lopez de Prado, 2014)."
SQN = "Mean over deviation of R, times the root of the number of trades, 100 at most. V. Tharp."
EXPOSURE = "Share of the time in which a trade was open, candles of entry and exit included."
TURNOVER = "Value bought and sold in a year over the mean equity."


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What every figure is computed from."""

    backtest: Backtest
    curve: Curve
    worth: FloatArray
    """What it began with, then the worth at the end of every UTC day."""
    returns: FloatArray
    """Of those days; none once everything was lost."""
    pnl: FloatArray
    r: FloatArray

    @property
    def span_ms(self) -> int:
        """Length of the curve."""
        return int(self.curve.at_ms[-1] - self.curve.at_ms[0])

    @property
    def years(self) -> float:
        """The same in years of 365 days."""
        return self.span_ms / YEAR_MS

    @property
    def total(self) -> float:
        """End over start, less 1."""
        return float(self.curve.equity[-1] / self.curve.equity[0]) - 1.0


def figures(backtest: Backtest, *, curve: str = TOTAL) -> tuple[Figure, ...]:
    """Every figure of one of its curves and of the trades that made it, in the order they are to be shown.

    `curve` names a portfolio, or the sum of all. Its trades are all trades of the backtest for the sum, else those of
    the portfolio.
    """
    drawn = backtest.curves[curve]
    trades = [trade for trade in backtest.trades if curve in (TOTAL, trade.portfolio)]
    worth = daily_worth(drawn)
    sound = bool((worth > 0).all())
    measured = Measured(
        backtest=backtest,
        curve=drawn,
        worth=worth,
        returns=np.diff(worth) / worth[:-1] if sound else np.empty(0),
        pnl=np.array([float(trade.pnl) for trade in trades], np.float64),
        r=np.array([float(trade.r) for trade in trades], np.float64),
    )
    return (*_of_return(measured), *_of_risk(measured), *_of_trades(measured, trades), *_of_activity(measured, trades))


def cagr(measured: Measured) -> float:
    """Compound annual growth rate: the yearly return that, compounded, gives the whole; NaN under 30 days."""
    if measured.span_ms < SPAN_MS_MIN or measured.total <= -1.0:
        return nan
    return float((1.0 + measured.total) ** (1.0 / measured.years) - 1.0)


def calmar(measured: Measured) -> float:
    """Compound annual growth rate over the deepest fall; NaN without a fall. T. W. Young, 1991."""
    fall = max_drawdown(measured.curve.equity)
    return cagr(measured) / fall if fall > 0 else nan


def ulcer_index(worth: FloatArray) -> float:
    """Root mean square of the falls from the peak so far, as shares. P. G. Martin and B. McCann, 1989."""
    return float(np.sqrt(np.mean((1.0 - worth / np.maximum.accumulate(worth)) ** 2)))


def tail_ratio(returns: FloatArray) -> float:
    """Size of the 95th percentile of returns over that of the 5th; NaN without returns or without a lower tail."""
    if len(returns) == 0:
        return nan
    low, high = np.quantile(returns, [TAIL, 1.0 - TAIL])
    return float(abs(high) / abs(low)) if low != 0 else nan


def deepest_fall_ms(curve: Curve) -> int:
    """Time from the peak before the deepest fall until it was reached again, or until the end; 0 without a fall."""
    peaks = np.maximum.accumulate(curve.equity)
    fall = 1.0 - curve.equity / peaks
    bottom = int(np.argmax(fall))
    if fall[bottom] <= 0:
        return 0
    begun = int(np.flatnonzero(curve.equity[:bottom] == peaks[bottom])[-1])
    back = np.flatnonzero(curve.equity[bottom:] >= peaks[bottom])
    ended = bottom + int(back[0]) if len(back) else len(curve.equity) - 1
    return int(curve.at_ms[ended] - curve.at_ms[begun])


def longest_fall_ms(curve: Curve) -> int:
    """The longest time under a peak, whether it was reached again or not; 0 without a fall."""
    under = curve.equity < np.maximum.accumulate(curve.equity)
    at_peak = np.flatnonzero(~under)
    # From each peak to the next that is at least as high; the last one's time runs to the end.
    marks = np.append(curve.at_ms[at_peak], curve.at_ms[-1])
    apart = np.diff(np.append(at_peak, len(under))) > 1
    return int(np.diff(marks)[apart].max(initial=0))


def exposure(backtest: Backtest, trades: Sequence[ClosedTrade], span_ms: int) -> float:
    """Share of the time in which a closed trade was open, the candles of its entry and exit included; NaN for none."""
    if span_ms <= 0:
        return nan
    length_ms = TIMEFRAME_MS[backtest.timeframe]
    held_ms, reached_ms = 0, 0
    for opened_ms, closed_ms in sorted((trade.opened_ms - length_ms, trade.closed_ms) for trade in trades):
        begun_ms = max(opened_ms, reached_ms)
        held_ms += max(0, closed_ms - begun_ms)
        reached_ms = max(reached_ms, closed_ms)
    return min(held_ms / span_ms, 1.0)


def turnover(trades: Sequence[ClosedTrade], worth: FloatArray, years: float) -> float:
    """Value bought and sold in a year over the mean worth; NaN where no time went by."""
    traded = sum(float((trade.entry + trade.exit) * trade.quantity) for trade in trades)
    return traded / float(worth.mean()) / years if years > 0 and worth.mean() > 0 else nan


def payoff(pnl: FloatArray) -> float:
    """Mean win over mean loss; NaN without either."""
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    return float(wins.mean() / -losses.mean()) if len(wins) and len(losses) else nan


def sharpe_over_luck(measured: Measured, tries: int) -> float:
    """Deflated Sharpe ratio: probability that the true one is over what the best of `tries` without skill would show.

    With one try it is the probabilistic Sharpe ratio against 0. The tries are taken to be independent, and their Sharpe
    ratios to vary as those of series without skill do, by 1 / (days - 1). NaN under 30 days of returns.
    D. H. Bailey and M. Lopez de Prado, The Sharpe Ratio Efficient Frontier, 2012; The Deflated Sharpe Ratio, 2014.
    """
    shape = shape_of(measured.worth[1:], float(measured.worth[0]))
    if shape is None or shape.days < DAYS_MIN:
        return nan
    return probabilistic_sharpe(shape, best_of_normals(tries) / sqrt(shape.days - 1))


def _figure(name: str, label: str, value: float, unit: Unit, definition: str, *, group: Group, basis: str) -> Figure:
    """A figure; what cannot be told has no value. Infinity stays: it says that there is no bound."""
    known = None if isnan(value) else value
    return Figure(name=name, label=label, value=known, unit=unit, definition=definition, basis=basis, group=group)


def _of_return(measured: Measured) -> Sequence[Figure]:
    days = f"{measured.span_ms / DAY_MS:.1f} days, equity at every close"
    told = partial(_figure, group="Return", basis=days)
    return (
        told("total_return", "Total return", measured.total, "share", "Equity at the end over the start, less 1."),
        told(
            "net_profit",
            "Net profit",
            float(measured.curve.equity[-1] - measured.curve.equity[0]),
            "money",
            "Equity at the end less the start, open trades at their mark.",
        ),
        told(
            "cagr",
            "Annual growth (CAGR)",
            cagr(measured),
            "share",
            "The yearly return that, compounded, gives the total return; not told under 30 days.",
        ),
    )


def _of_risk(measured: Measured) -> Sequence[Figure]:
    returns, curve, tries = measured.returns, measured.curve, measured.backtest.variants_tried
    daily = partial(_figure, group="Risk", basis=f"{len(returns)} daily returns, year of 365 days")
    closes = partial(_figure, group="Risk", basis=f"{len(curve.equity):,} points of equity")
    year = DAYS_A_YEAR
    spread = float(returns.std(ddof=1)) * sqrt(year) if len(returns) > 1 else nan
    return (
        daily("sharpe", "Sharpe ratio", sharpe(returns, periods_a_year=year), "ratio", SHARPE),
        daily("sortino", "Sortino ratio", sortino(returns, periods_a_year=year), "ratio", SORTINO),
        closes("calmar", "Calmar ratio", calmar(measured), "ratio", "Annual growth over the deepest fall."),
        daily("volatility", "Volatility", spread, "share", "Deviation of daily returns times the root of 365."),
        closes("max_drawdown", "Deepest fall", max_drawdown(curve.equity), "share", DRAWDOWN),
        closes("max_drawdown_days", "Length of the deepest fall", deepest_fall_ms(curve) / DAY_MS, "days", LENGTH),
        closes("longest_drawdown_days", "Longest time under a peak", longest_fall_ms(curve) / DAY_MS, "days", UNDER),
        daily("ulcer_index", "Ulcer index", ulcer_index(measured.worth), "share", ULCER),
        daily("tail_ratio", "Tail ratio", tail_ratio(returns), "ratio", TAILS),
        daily("probabilistic_sharpe", "Sharpe ratio over 0", sharpe_over_luck(measured, 1), "share", PROBABLE),
        daily(
            "deflated_sharpe",
            "... over luck" if tries == 1 else f"... over the best of {tries:,}",
            sharpe_over_luck(measured, tries),
            "share",
            DEFLATED,
        ),
    )


def _of_trades(measured: Measured, trades: Sequence[ClosedTrade]) -> Sequence[Figure]:
    pnl, r = measured.pnl, measured.r
    told = partial(_figure, group="Trades", basis=f"{len(trades):,} closed trades, net of every cost")
    best, worst = (float(r.max()), float(r.min())) if len(r) else (nan, nan)
    return (
        told("trades", "Trades", len(trades), "count", "Trades that came back to flat."),
        told("win_rate", "Win rate", win_rate(pnl), "share", "Trades that earned something over all trades."),
        told("profit_factor", "Profit factor", profit_factor(pnl), "ratio", "Sum of the wins over that of the losses."),
        told("expectancy", "Expectancy", expectancy(pnl), "money", "Mean profit of a trade."),
        told("expectancy_r", "Expectancy in R", expectancy(r), "r", "Mean profit of a trade over its initial risk."),
        told("sqn", "System quality number", sqn(r), "ratio", SQN),
        told("payoff", "Payoff", payoff(pnl), "ratio", "Mean win over mean loss."),
        told("best_r", "Best trade", best, "r", "Largest profit of a trade over its initial risk."),
        told("worst_r", "Worst trade", worst, "r", "Largest loss of a trade over its initial risk."),
    )


def _of_activity(measured: Measured, trades: Sequence[ClosedTrade]) -> Sequence[Figure]:
    told = partial(_figure, group="Activity", basis=f"{len(trades):,} closed trades")
    backtest, years = measured.backtest, measured.years
    fees = float(sum(trade.fees for trade in trades))
    taking = float(sum(trade.spread_and_slippage for trade in trades))
    funding = float(sum(trade.funding for trade in trades))
    bars = np.array([trade.bars for trade in trades], np.float64)
    length = TIMEFRAME_MS[backtest.timeframe] / DAY_MS
    return (
        told("exposure", "Exposure", exposure(backtest, trades, measured.span_ms), "share", EXPOSURE),
        told("turnover", "Turnover", turnover(trades, measured.worth, years), "ratio", TURNOVER),
        told("holding_days", "Mean time in a trade", expectancy(bars) * length, "days", "Mean length of a trade."),
        told("fees", "Fees", fees, "money", "Fees paid."),
        told("spread_and_slippage", "Spread and slippage", taking, "money", "What taking the market cost."),
        told("funding", "Funding", funding, "money", "Received (positive) or paid."),
    )
