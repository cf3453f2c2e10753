"""Signals by REST. The list is the hot path: stored JSON is put together as it is, nothing is parsed on the way."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from quorate.api.accounts import account_for
from quorate.api.answers.detail import detail_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, NOT_FOUND, ProblemRaised, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery, SignalsQuery
from quorate.api.schemas.signals import SignalDetail, SignalPage
from quorate.store.readers import signals
from quorate.store.readers.page import parse_cursor

router = APIRouter(tags=["signals"])
SIGNAL_ID = Path(pattern=r"^[A-Za-z0-9-]{1,64}$", description="The signal's id.")


@router.get(
    "/v1/signals",
    summary="Signals, newest first",
    response_model=SignalPage,
    responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE),
)
async def list_signals(query: Annotated[SignalsQuery, Query()], given: Given) -> Response:
    """Published signals with their votes, exit plan and what every portfolio made of them.

    Pages follow `next`: pass it as `cursor`. New signals never shift a page.
    """
    account = await account_for(given, query.account)
    wanted = signals.Wanted(
        mode=query.mode,
        pair=query.pair,
        strategy=query.strategy,
        tier=query.tier,
        since=query.since,
        before=parse_cursor(query.cursor),
        limit=query.limit,
    )
    page = await signals.page(given.pool, account, wanted)
    following = "null" if page.following is None else f'"{page.following}"'
    body = f'{{"signals":[{",".join(page.bodies)}],"next":{following}}}'
    return Response(body, media_type="application/json")


@router.get(
    "/v1/signals/{signal_id}",
    summary="One signal and what came of it",
    response_model=SignalDetail,
    responses=documented(INVALID_PARAMETERS, NOT_FOUND, DATABASE_UNREACHABLE),
)
async def one_signal(
    signal_id: Annotated[str, SIGNAL_ID], query: Annotated[AccountQuery, Query()], given: Given
) -> Response:
    """The signal, the orders and trades every portfolio made of it with their lessons, and its own shadow trades."""
    account = await account_for(given, query.account)
    found = await signals.one(given.pool, account, signal_id)
    if found is None:
        raise ProblemRaised(NOT_FOUND, f"There is no signal {signal_id} in account {account}.")
    body = await detail_of(given.pool, account, signal_id, found)
    return Response(body, media_type="application/json")
