"""The optimizer: what it has set, a run by hand, and going back to an earlier version."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from quorate.api import job_calls
from quorate.api.accounts import account_for
from quorate.api.answers.optimizer import config_of
from quorate.api.job_calls import IdempotencyKey
from quorate.api.resources import Given
from quorate.api.schemas.jobs import JobSkipped, OptimizeReply, RevertReply, RevertWanted
from quorate.api.schemas.optimizer import OptimizerConfig
from quorate.api.schemas.queries import AccountQuery, OptimizeQuery

router = APIRouter(prefix="/api/optimize", tags=["jobs"])


@router.get(
    "",
    summary="What the optimizer has set",
    response_model=OptimizerConfig | OptimizeReply | JobSkipped,
    responses=job_calls.PROBLEMS,
)
async def optimizer(
    request: Request, query: Annotated[OptimizeQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Weights, base risk and blocked regimes with the reasons for each, and every version that can be gone back to.

    With `?run=true`, or from an outside scheduler (`x-vercel-cron: 1`, which obeys CRONS_ENABLED), it runs the
    optimizer as POST does; then, with CRON_SECRET set, the call needs it as bearer token.
    """
    if query.run or job_calls.from_scheduler(request.headers):
        return await job_calls.call(request, given, "optimize", named=query.account, key=idempotency_key)
    found = await config_of(given, await account_for(given, query.account), query.limit)
    return Response(found.model_dump_json(), media_type="application/json")


@router.post(
    "",
    summary="Run the optimizer by hand",
    response_model=OptimizeReply | JobSkipped,
    responses=job_calls.PROBLEMS,
)
async def optimize(
    request: Request, query: Annotated[AccountQuery, Query()], given: Given, idempotency_key: IdempotencyKey = None
) -> Response:
    """Weigh analysts, portfolios and regimes now, in a slot of its own, and wait for the reply.

    A call with `x-vercel-cron: 1` obeys CRONS_ENABLED; with CRON_SECRET set every call needs it as bearer token.
    """
    return await job_calls.call(request, given, "optimize", named=query.account, key=idempotency_key)


@router.post(
    "/revert",
    summary="Go back to an earlier version",
    response_model=RevertReply,
    responses=job_calls.PROBLEMS,
)
async def revert(
    request: Request,
    wanted: RevertWanted,
    query: Annotated[AccountQuery, Query()],
    given: Given,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Set the values of an earlier version again, as a new version: nothing is taken out of the history.

    With CRON_SECRET set the call needs it, or the API's own token, as bearer token.
    """
    return await job_calls.revert(request, given, wanted.version, named=query.account, key=idempotency_key)
