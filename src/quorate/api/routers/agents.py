"""The four agents by name."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.agents import agents_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, NOT_FOUND, documented
from quorate.api.resources import Given
from quorate.api.schemas.agents import Agents
from quorate.api.schemas.queries import AgentsQuery

router = APIRouter(tags=["council"])


@router.get(
    "/v1/agents",
    summary="The four agents and what they decided",
    responses=documented(INVALID_PARAMETERS, NOT_FOUND, DATABASE_UNREACHABLE),
)
async def agents(query: Annotated[AgentsQuery, Query()], given: Given) -> Agents:
    """Regime detector, signal analysts, risk manager, position manager: what each is made of, decided, and why.

    Every decision names the journal's entry it was read from.
    """
    return await agents_of(given, await account_for(given, query.account), query.limit)
