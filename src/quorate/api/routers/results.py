"""Equity over time, and performance of every book."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.books import check_portfolio
from quorate.api.answers.performance import performance_of
from quorate.api.answers.rows import equity_point_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, NOT_FOUND, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery, PnlQuery
from quorate.api.schemas.results import EquityCurve, PerformanceReport
from quorate.store.readers import equity

router = APIRouter(tags=["results"])
PROBLEMS = documented(INVALID_PARAMETERS, NOT_FOUND, DATABASE_UNREACHABLE)


@router.get("/v1/pnl", summary="Equity over time", responses=PROBLEMS)
async def list_pnl(query: Annotated[PnlQuery, Query()], given: Given) -> EquityCurve:
    """Equity points, oldest first. Where there are more than `n`, every k-th is kept, and always the last."""
    account = await account_for(given, query.account)
    if query.portfolio is not None:
        await check_portfolio(given, account, query.portfolio)
    rows = await equity.points(given.pool, account, portfolio=query.portfolio, since=query.since, points_max=query.n)
    return EquityCurve(points=[equity_point_of(row) for row in rows])


@router.get("/v1/performance", summary="Statistics of every book", responses=PROBLEMS)
async def performance(query: Annotated[AccountQuery, Query()], given: Given) -> PerformanceReport:
    """Return, win rate, profit factor, Sharpe, Sortino, drawdown, fees, and whether the two postures truly differ."""
    account = await account_for(given, query.account)
    return await performance_of(given.pool, account)
