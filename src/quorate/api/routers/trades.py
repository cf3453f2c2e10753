"""Closed trades by REST. Stored JSON is put together as it is, nothing is parsed on the way."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from quorate.api.accounts import account_for
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import TradesQuery
from quorate.api.schemas.trading import Trades
from quorate.store.readers import trades
from quorate.store.readers.page import parse_cursor

router = APIRouter(tags=["trading"])


@router.get(
    "/api/trades",
    summary="Closed trades, newest first",
    response_model=Trades,
    responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE),
)
async def list_trades(query: Annotated[TradesQuery, Query()], given: Given) -> Response:
    """Every book's closed trades with their fees, funding and result.

    Pages follow `next`: pass it as `before`. New trades never shift a page.
    """
    account = await account_for(given, query.account)
    wanted = trades.Wanted(
        portfolio=query.portfolio, pair=query.pair, before=parse_cursor(query.before), limit=query.limit
    )
    page = await trades.page(given.pool, account, wanted)
    following = "null" if page.following is None else f'"{page.following}"'
    return Response(f'{{"trades":[{",".join(page.bodies)}],"next":{following}}}', media_type="application/json")
