"""Health for people and load balancers, metrics for Prometheus, and the facts the page starts from."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from quorate.api.accounts import account_for
from quorate.api.answers.desk import desk_of, health_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import AccountQuery
from quorate.api.schemas.status import Desk, Health, Live

router = APIRouter(tags=["operations"])


@router.get(
    "/v1/status/health",
    summary="Health of every part",
    responses={**documented(INVALID_PARAMETERS), 503: {"description": "Not ready", "model": Health}},
)
async def health(query: Annotated[AccountQuery, Query()], given: Given, response: Response) -> Health:
    """Feed, worker, API, Postgres and Redis in one place. 200 when ready, else 503 with the same shape."""
    found = await health_of(given, query.account)
    response.status_code = 200 if found.ready else 503
    response.headers["Cache-Control"] = "no-store"
    return found


@router.get("/v1/status/live", summary="The process answers", responses=documented())
async def live(given: Given) -> Live:
    """Always 200 while the process can answer at all."""
    return Live(live=True, version=given.version)


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={200: {"description": "Prometheus text", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(given: Given) -> Response:
    """Prometheus text format."""
    body, content_type = await given.telemetry.exposition()
    return Response(body, headers={"content-type": content_type})


@router.get("/api/me", summary="What this desk is", responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE))
async def me(query: Annotated[AccountQuery, Query()], given: Given) -> Desk:
    """Mode, feed, account, books, pairs, timeframes, strategies and panel: what the page starts from."""
    return await desk_of(given, await account_for(given, query.account))
