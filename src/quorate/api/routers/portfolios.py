"""The books: what each trades, holds and is worth."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.books import books_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery
from quorate.api.schemas.trading import Portfolios

router = APIRouter(tags=["results"])


@router.get(
    "/v1/portfolios",
    summary="Every book with its positions and open orders",
    responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE),
)
async def portfolios(query: Annotated[AccountQuery, Query()], given: Given) -> Portfolios:
    """Positions are marked at the newest price of the feed; amounts are in the quote currency."""
    return await books_of(given, await account_for(given, query.account))
