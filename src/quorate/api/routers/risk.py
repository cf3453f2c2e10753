"""Risk as it stands."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.risk import risk_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery
from quorate.api.schemas.risk import Risk

router = APIRouter(prefix="/api", tags=["trading"])


@router.get(
    "/risk",
    summary="Breakers, limits, trading state",
    responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE),
)
async def risk(query: Annotated[AccountQuery, Query()], given: Given) -> Risk:
    """Every circuit breaker with its reason, value and limit, and how far every book is from its own limits."""
    return await risk_of(given, await account_for(given, query.account))
