"""Jobs by hand or by an outside scheduler, and their history."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from quorate.api import job_calls
from quorate.api.accounts import account_for
from quorate.api.answers.history import jobs_of
from quorate.api.job_calls import IdempotencyKey
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.jobs import EvaluateReply, Jobs, JobSkipped, MonitorReply, ScanReply
from quorate.api.schemas.queries import AccountQuery, JobsQuery

router = APIRouter(prefix="/api", tags=["jobs"])


@router.get(
    "/scan", summary="Run the scanner by hand", response_model=ScanReply | JobSkipped, responses=job_calls.PROBLEMS
)
async def scan(
    request: Request, query: Annotated[AccountQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ask the council now, in a slot of its own, and wait for the reply. GET and POST do the same.

    A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
    """
    return await job_calls.call(request, given, "scan", named=query.account, key=idempotency_key)


@router.get(
    "/monitor-positions",
    summary="Run the monitor by hand",
    response_model=MonitorReply | JobSkipped,
    responses=job_calls.PROBLEMS,
)
async def monitor(
    request: Request, query: Annotated[AccountQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Look after every open position now, in a slot of its own, and wait for the reply. GET and POST do the same.

    A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
    """
    return await job_calls.call(request, given, "monitor-positions", named=query.account, key=idempotency_key)


@router.get(
    "/evaluate-positions",
    summary="Run the evaluator by hand",
    response_model=EvaluateReply | JobSkipped,
    responses=job_calls.PROBLEMS,
)
async def evaluate(
    request: Request, query: Annotated[AccountQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Have every open trade looked at now: held, its stop tightened, or closed. GET and POST do the same.

    A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
    """
    return await job_calls.call(request, given, "evaluate-positions", named=query.account, key=idempotency_key)


for _path, _summary, _model, _endpoint in (
    ("/scan", "Run the scanner by hand", ScanReply | JobSkipped, scan),
    ("/monitor-positions", "Run the monitor by hand", MonitorReply | JobSkipped, monitor),
    ("/evaluate-positions", "Run the evaluator by hand", EvaluateReply | JobSkipped, evaluate),
):
    router.post(_path, summary=_summary, response_model=_model, responses=job_calls.PROBLEMS)(_endpoint)


@router.get("/jobs", summary="Jobs and their history", responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE))
async def jobs(query: Annotated[JobsQuery, Query()], given: Given) -> Jobs:
    """Every job with its schedule, its next slot and its newest runs."""
    return await jobs_of(given, await account_for(given, query.account), query.limit)
