"""The last word of a person: stop everything, let it go on, and see what is still open."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from quorate.api import job_calls
from quorate.api.accounts import account_for
from quorate.api.answers.rows import order_of
from quorate.api.job_calls import IdempotencyKey
from quorate.api.problems import (
    DATABASE_UNREACHABLE,
    INVALID_PARAMETERS,
    SECOND_FACTOR_NEEDED,
    ProblemRaised,
    documented,
)
from quorate.api.resources import Given, Resources
from quorate.api.schemas.control import Orders, PanicReply, PanicWanted, TradingReply, TradingWanted, UndoWanted
from quorate.api.schemas.jobs import Control
from quorate.api.schemas.queries import AccountQuery
from quorate.domain.errors import QuorateError
from quorate.store.readers import orders as open_ones

router = APIRouter(prefix="/api", tags=["trading"])
LOOSENS = {**job_calls.PROBLEMS, **documented(SECOND_FACTOR_NEEDED)}
Account = Annotated[AccountQuery, Query()]


@router.post("/panic", summary="Stop everything", response_model=PanicReply, responses=job_calls.PROBLEMS)
async def panic(
    request: Request, wanted: PanicWanted, query: Account, given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Stop openings at once, cancel orders that would open anything, and close every position if asked.

    Works while models, news or Redis are down. Where the desk itself is, `quorate panic --offline` needs nothing of it.
    """
    body = {"flatten": wanted.flatten, "by": "the panic button"}
    return await _run(request, given, "panic", body, named=query.account, key=idempotency_key)


@router.post("/panic/undo", summary="Let a halted desk trade again", response_model=TradingReply, responses=LOOSENS)
async def undo(
    request: Request, wanted: UndoWanted, query: Account, given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Set the account ACTIVE again, with the second factor."""
    await _require(given, wanted.code)
    return await _run(request, given, "resume", {"by": "a person"}, named=query.account, key=idempotency_key)


@router.post("/trading", summary="Set the trading state", response_model=TradingReply, responses=LOOSENS)
async def trading(
    request: Request, wanted: TradingWanted, query: Account, given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Stop or start openings on the account or on one pair. Stopping never waits; starting needs the second factor."""
    if wanted.state == "ACTIVE":
        await _require(given, wanted.code)
    body = {"state": wanted.state, "pair": wanted.pair or "", "by": "a person", "reason": "set by a person"}
    return await _run(request, given, "trading", body, named=query.account, key=idempotency_key)


@router.get("/orders", summary="Open orders", responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE))
async def orders(query: Account, given: Given) -> Orders:
    """Every order that may still change a position, those in doubt among them."""
    rows = await open_ones.open_orders(given.pool, await account_for(given, query.account))
    return Orders(orders=[order_of(row) for row in rows])


async def _run(
    request: Request,
    given: Resources,
    kind: Control,
    body: Mapping[str, object],
    *,
    named: str | None,
    key: str | None,
) -> Response:
    job_calls.check_secret(given.settings, request.headers)
    return await job_calls.run(given, kind, account=await account_for(given, named), key=key, body=body)


async def _require(given: Resources, code: str | None) -> None:
    if code is None:
        raise ProblemRaised(SECOND_FACTOR_NEEDED, "This needs a code of the second factor.")
    try:
        await given.second_factor(code)
    except QuorateError as refused:
        raise ProblemRaised(SECOND_FACTOR_NEEDED, str(refused)) from refused
