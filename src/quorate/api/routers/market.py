"""Market data as the desk sees it."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers import quotes
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, NOT_FOUND, documented
from quorate.api.resources import Given
from quorate.api.schemas.market import Candles, IndicatorColumns, Prices
from quorate.api.schemas.queries import CandlesQuery, IndicatorsQuery, PricesQuery

router = APIRouter(prefix="/api", tags=["market"])
PROBLEMS = documented(INVALID_PARAMETERS, NOT_FOUND, DATABASE_UNREACHABLE)


@router.get("/prices", summary="Newest quotes", responses=PROBLEMS)
async def prices(query: Annotated[PricesQuery, Query()], given: Given) -> Prices:
    """The newest quote of every pair, with its age, and the state of the feed it comes from."""
    return await quotes.prices_of(given, await account_for(given, query.account), query.pairs)


@router.get("/candles", summary="Closed candles", responses=PROBLEMS)
async def candles(query: Annotated[CandlesQuery, Query()], given: Given) -> Candles:
    """Closed candles, oldest first, ending before `before` or at the newest one."""
    return await quotes.candles_of(given, await account_for(given, query.account), query)


@router.get("/candles/indicators", summary="Indicators on closed candles", responses=PROBLEMS)
async def indicators(query: Annotated[IndicatorsQuery, Query()], given: Given) -> IndicatorColumns:
    """Indicators on the same candles as /api/candles with the same parameters, aligned with their open times.

    Names: `ema_N`, `sma_N`, `rsi_N`, `atr_N` (N from 2 to 400), `bollinger` (20, 2), `macd` (12, 26, 9), `adx_N`.
    """
    return await quotes.indicators_of(given, await account_for(given, query.account), query)
