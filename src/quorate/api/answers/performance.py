"""Statistics of every book, by the kernel's definitions, and whether the two postures differ by more than luck."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from quorate.api.answers.rows import instant
from quorate.api.schemas.results import Interval, Performance, PerformanceReport
from quorate.domain.money import ZERO, plain
from quorate.kernel import statistics
from quorate.store.readers import accounts, equity, trades

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from asyncpg.pool import Pool

POSTURES = ("aggressive", "conservative")
"""The dual portfolios whose Sharpe ratios are compared."""
DAYS_A_YEAR = 365
RATIO_DAYS_MIN = 7
"""Days with a mark below which no Sharpe or Sortino ratio is told: it would be noise."""
DAYS_MIN = 30
"""Days both books need before their Sharpe ratios are compared at all."""
SHRINK_TRADES = 30
"""Expectancy is shrunk to nothing by n / (n + 30), as the optimizer does."""
BOOTSTRAP_SEED = 20_250_101
"""The same data gives the same interval, whoever asks."""


@dataclass(frozen=True, slots=True)
class _Book:
    """Everything that is known of one book."""

    row: accounts.PortfolioRow
    ends: Sequence[equity.DayEnd]
    trades: Sequence[trades.TradeResult]
    fees: Decimal
    drawdown_pct: Decimal
    since: datetime | None


async def performance_of(pool: Pool, account: str) -> PerformanceReport:
    """Statistics of every book of the account, by name."""
    rows = await accounts.portfolios(pool, account)
    fees = await trades.fees(pool, account)
    worst = await equity.worst_drawdowns(pool, account)
    ends: defaultdict[str, list[equity.DayEnd]] = defaultdict(list)
    for end in await equity.day_ends(pool, account):
        ends[end.portfolio].append(end)
    closed: defaultdict[str, list[trades.TradeResult]] = defaultdict(list)
    for trade in await trades.results(pool, account):
        closed[trade.portfolio].append(trade)
    books = {
        row.name: _Book(
            row,
            ends[row.name],
            closed[row.name],
            fees.get(row.name, ZERO),
            worst[row.name][0] if row.name in worst else ZERO,
            worst[row.name][1] if row.name in worst else None,
        )
        for row in rows
    }
    return await asyncio.to_thread(_report, books)


def expectancy_of(mean_r: float | None, closed: int) -> float | None:
    """The mean result in R, shrunk towards nothing while there are few trades."""
    return None if mean_r is None else mean_r * closed / (closed + SHRINK_TRADES)


def _report(books: Mapping[str, _Book]) -> PerformanceReport:
    return PerformanceReport(
        portfolios=[_performance(book) for book in books.values()], sharpe_difference=_difference(books)
    )


def _performance(book: _Book) -> Performance:
    results = np.array([float(trade.pnl) for trade in book.trades], np.float64)
    results_r = np.array([float(trade.r) for trade in book.trades], np.float64)
    returns = np.array(list(_returns(book).values()), np.float64)
    if len(returns) < RATIO_DAYS_MIN:
        returns = returns[:0]
    average_r = _told(statistics.expectancy(results_r))
    return Performance(
        portfolio=book.row.name,
        equity=plain(book.row.equity),
        return_pct=float((book.row.equity / book.row.start_equity - 1) * 100),
        trades=len(book.trades),
        win_rate=_told(statistics.win_rate(results)),
        profit_factor=_told(statistics.profit_factor(results)),
        expectancy_r=expectancy_of(average_r, len(book.trades)),
        average_r=average_r,
        sharpe=_told(statistics.sharpe(returns, periods_a_year=DAYS_A_YEAR)),
        sortino=_told(statistics.sortino(returns, periods_a_year=DAYS_A_YEAR)),
        max_drawdown_pct=float(book.drawdown_pct),
        fees=plain(book.fees),
        since=None if book.since is None else instant(book.since),
    )


def _returns(book: _Book) -> dict[date, float]:
    """Simple return of each day with a mark, against the day before it, the first against the start equity."""
    points = [float(book.row.start_equity), *(float(end.equity) for end in book.ends)]
    changes = statistics.simple_returns(np.array(points, np.float64))
    return {end.day: float(change) for end, change in zip(book.ends, changes, strict=True)}


def _difference(books: Mapping[str, _Book]) -> Interval:
    if not all(name in books for name in POSTURES):
        return Interval(estimate=None, low=None, high=None, note="This account does not have both postures.")
    first, second = (_returns(books[name]) for name in POSTURES)
    days = sorted(first.keys() & second.keys())
    if len(days) < DAYS_MIN:
        note = f"{len(days)} days are too few to tell; {DAYS_MIN} are needed."
        return Interval(estimate=None, low=None, high=None, note=note)
    found = statistics.sharpe_difference(
        np.array([first[day] for day in days], np.float64),
        np.array([second[day] for day in days], np.float64),
        periods_a_year=DAYS_A_YEAR,
        generator=np.random.default_rng(BOOTSTRAP_SEED),
    )
    value, low, high = _told(found.value), _told(found.low), _told(found.high)
    if value is None or low is None or high is None:
        return Interval(estimate=None, low=None, high=None, note="One of the books has not moved.")
    if low <= 0 <= high:
        note = f"Over {len(days)} days the difference may as well be luck: the 95 % interval holds 0."
    else:
        note = f"Over {len(days)} days {POSTURES[0] if value > 0 else POSTURES[1]} was better than luck explains."
    return Interval(estimate=value, low=low, high=high, note=note)


def _told(value: float) -> float | None:
    """The value, or None where it cannot be told."""
    return value if math.isfinite(value) else None
