"""The venue of an account, and what is wrong there."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.venue import venue_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery
from quorate.api.schemas.venue import Venue

router = APIRouter(prefix="/v1", tags=["trading"])


@router.get(
    "/venue",
    summary="Where orders go, and what is wrong there",
    responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE),
)
async def venue(query: Annotated[AccountQuery, Query()], given: Given) -> Venue:
    """Health and balances of the venue, positions without a stop, blocked order books, breaks, strangers' orders.

    On paper it says that nothing is at a real venue.
    """
    return await venue_of(given, await account_for(given, query.account))
