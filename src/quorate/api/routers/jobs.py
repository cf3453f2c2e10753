"""Jobs by hand or by an outside scheduler, and their history."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from quorate.api import job_calls
from quorate.api.accounts import account_for
from quorate.api.answers.history import jobs_of
from quorate.api.problems import (
    DATABASE_UNREACHABLE,
    INVALID_PARAMETERS,
    JOB_TIMED_OUT,
    KEY_REUSED,
    SECRET_NEEDED,
    WORKER_ABSENT,
    documented,
)
from quorate.api.resources import Given
from quorate.api.schemas.jobs import JobFailure, JobName, Jobs, JobSkipped, MonitorReply, ScanReply
from quorate.api.schemas.queries import AccountQuery, JobsQuery

router = APIRouter(prefix="/api", tags=["jobs"])
PROBLEMS = {
    **documented(INVALID_PARAMETERS, KEY_REUSED, SECRET_NEEDED, DATABASE_UNREACHABLE, WORKER_ABSENT, JOB_TIMED_OUT),
    409: {"description": "The job did not succeed", "model": JobFailure},
}
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="The same key gives the same run and the same reply, however often it is sent.",
    ),
]


@router.get("/scan", summary="Run the scanner by hand", response_model=ScanReply | JobSkipped, responses=PROBLEMS)
async def scan(
    request: Request, query: Annotated[AccountQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ask the council now, in a slot of its own, and wait for the reply. GET and POST do the same.

    A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
    """
    return await _run("scan", request, query, given, idempotency_key)


@router.get(
    "/monitor-positions",
    summary="Run the monitor by hand",
    response_model=MonitorReply | JobSkipped,
    responses=PROBLEMS,
)
async def monitor(
    request: Request, query: Annotated[AccountQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Look after every open position now, in a slot of its own, and wait for the reply. GET and POST do the same.

    A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
    """
    return await _run("monitor-positions", request, query, given, idempotency_key)


router.post("/scan", summary="Run the scanner by hand", response_model=ScanReply | JobSkipped, responses=PROBLEMS)(scan)
router.post(
    "/monitor-positions",
    summary="Run the monitor by hand",
    response_model=MonitorReply | JobSkipped,
    responses=PROBLEMS,
)(monitor)


@router.get("/jobs", summary="Jobs and their history", responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE))
async def jobs(query: Annotated[JobsQuery, Query()], given: Given) -> Jobs:
    """Every job with its schedule, its next slot and its newest runs."""
    return await jobs_of(given, await account_for(given, query.account), query.limit)


async def _run(job: JobName, request: Request, query: AccountQuery, given: Given, key: str | None) -> Response:
    job_calls.check_secret(given.settings, request.headers)
    skipped = job_calls.skipped(given.settings, job, request.headers)
    if skipped is not None:
        return skipped
    account = await account_for(given, query.account)
    return await job_calls.run(given, job, account=account, key=key)
