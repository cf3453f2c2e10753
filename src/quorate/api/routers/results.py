"""Equity over time, performance of every book, and analysts' records."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.performance import expectancy_of, performance_of
from quorate.api.answers.rows import equity_point_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery, PnlQuery
from quorate.api.schemas.results import AnalystRecord, AnalystRecords, EquityCurve, PerformanceReport
from quorate.store.readers import equity, shadows

router = APIRouter(tags=["results"])
PROBLEMS = documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE)


@router.get("/v1/pnl", summary="Equity over time", responses=PROBLEMS)
async def list_pnl(query: Annotated[PnlQuery, Query()], given: Given) -> EquityCurve:
    """Equity points, oldest first. Where there are more than `n`, every k-th is kept, and always the last."""
    account = await account_for(given, query.account)
    rows = await equity.points(given.pool, account, portfolio=query.portfolio, since=query.since, points_max=query.n)
    return EquityCurve(points=[equity_point_of(row) for row in rows])


@router.get("/v1/performance", summary="Statistics of every book", responses=PROBLEMS)
async def performance(query: Annotated[AccountQuery, Query()], given: Given) -> PerformanceReport:
    """Return, win rate, profit factor, Sharpe, Sortino, drawdown, fees, and whether the two postures truly differ."""
    account = await account_for(given, query.account)
    return await performance_of(given.pool, account)


@router.get("/v1/models", summary="Records of the analysts", responses=PROBLEMS)
async def models(query: Annotated[AccountQuery, Query()], given: Given) -> AnalystRecords:
    """Every analyst's shadow trades: each vote run to its end on paper with the same exits and costs."""
    account = await account_for(given, query.account)
    rows = await shadows.records(given.pool, account)
    return AnalystRecords(
        models=[
            AnalystRecord(
                analyst=row.analyst,
                closed=row.closed,
                open=row.open,
                win_rate=row.wins / row.closed if row.closed else None,
                average_r=row.mean_r,
                expectancy_r=expectancy_of(row.mean_r, row.closed),
            )
            for row in rows
        ]
    )
