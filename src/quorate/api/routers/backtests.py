"""Backtests: what may be started, starting, following, stopping, and what came of them."""

from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from quorate.api.answers import backtests as answers
from quorate.api.backtests import REPORT_FILE, BadWish
from quorate.api.boundary.guard import BEGUN, CLIENT
from quorate.api.job_calls import IdempotencyKey
from quorate.api.problems import (
    INVALID_BODY,
    INVALID_PARAMETERS,
    KEY_REUSED,
    NO_BACKTESTS_HERE,
    NOT_FOUND,
    RECORD_DAMAGED,
    STREAMS_FULL,
    TOO_MANY_RUNNING,
    ProblemRaised,
    documented,
)
from quorate.api.resources import Given
from quorate.api.schemas.backtests import (
    BacktestCurve,
    BacktestDetail,
    BacktestFacts,
    BacktestOffer,
    BacktestPage,
    BacktestRemoval,
    BacktestTrades,
    BacktestWanted,
)
from quorate.api.schemas.queries import (
    AccountQuery,
    BacktestPnlQuery,
    BacktestRemovalQuery,
    BacktestReportQuery,
    BacktestsQuery,
    BacktestTradesQuery,
)
from quorate.api.stream.hub import Hub

router = APIRouter(prefix="/v1", tags=["backtests"])
BACKTEST = Path(pattern=r"^[0-9a-f]{32}$", description="The backtest's id.")
PROBLEMS = documented(INVALID_PARAMETERS, NOT_FOUND, RECORD_DAMAGED)


@router.get(
    "/backtests/offer",
    summary="What may be backtested",
    responses=documented(INVALID_PARAMETERS, NO_BACKTESTS_HERE),
)
def offer(query: Annotated[AccountQuery, Query()], given: Given) -> BacktestOffer:
    """Strategies with their parameters, recorded candles with their ranges, and the costs of the settings."""
    del query
    return given.backtests.offer()


@router.post(
    "/backtests",
    summary="Start a backtest",
    responses=documented(INVALID_PARAMETERS, INVALID_BODY, KEY_REUSED, TOO_MANY_RUNNING, NO_BACKTESTS_HERE),
)
async def start(
    wanted: BacktestWanted,
    query: Annotated[AccountQuery, Query()],
    given: Given,
    idempotency_key: IdempotencyKey = None,
) -> BacktestFacts:
    """Run strategies over recorded candles, in a process of its own; the reply comes as soon as it has begun.

    The same `Idempotency-Key` gives the same backtest; with another body it is refused.
    """
    del query
    try:
        return await given.backtests.start(wanted, idempotency_key)
    except BadWish as wish:
        detail = f"The request has parameters that make no sense: {wish.field}."
        raise ProblemRaised(INVALID_PARAMETERS, detail, errors=[(wish.field, str(wish))]) from wish


@router.get("/backtests", summary="Backtests, newest first", responses=documented(INVALID_PARAMETERS))
async def list_backtests(query: Annotated[BacktestsQuery, Query()], given: Given) -> BacktestPage:
    """Every backtest that is kept, with its state and its result in one line.

    Pages follow `next`: pass it as `before`. New backtests never shift a page.
    """
    return await answers.page_of(given, query.limit, query.before)


@router.get(
    "/backtests/{backtest_id}",
    summary="One backtest and its result",
    response_model=BacktestDetail,
    responses=PROBLEMS,
)
async def one_backtest(
    backtest_id: Annotated[str, BACKTEST], query: Annotated[AccountQuery, Query()], given: Given
) -> Response:
    """What was wanted, how far it is, and once it is done everything that was found out about it."""
    del query
    return Response(await answers.detail_of(given, backtest_id), media_type="application/json")


@router.delete(
    "/backtests/{backtest_id}",
    summary="Stop or remove a backtest",
    responses=documented(INVALID_PARAMETERS, NOT_FOUND, TOO_MANY_RUNNING, NO_BACKTESTS_HERE),
)
async def remove(
    backtest_id: Annotated[str, BACKTEST], query: Annotated[BacktestRemovalQuery, Query()], given: Given
) -> BacktestRemoval:
    """End a run and keep what is known of it (`act=stop`), or forget it altogether. Doing it twice is doing it once."""
    await answers.found(given, backtest_id)
    if query.act == "stop":
        stopped = await given.backtests.stop(backtest_id)
        return BacktestRemoval(id=backtest_id, done="stopped" if stopped else "nothing")
    await given.backtests.remove(backtest_id)
    return BacktestRemoval(id=backtest_id, done="removed")


@router.get(
    "/backtests/{backtest_id}/events",
    summary="Follow a backtest",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The stream",
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string", "x-events": {answers.EVENT: "#/components/schemas/BacktestFacts"}}
                }
            },
        },
        **documented(INVALID_PARAMETERS, NOT_FOUND, STREAMS_FULL),
    },
)
async def follow(
    request: Request, backtest_id: Annotated[str, BACKTEST], query: Annotated[AccountQuery, Query()], given: Given
) -> Response:
    """Server-sent events: `hello`, then `backtest` with the whole state whenever it changes, then `bye`.

    Each event says everything, so that coming back after a gap misses nothing. After `bye` with the reason `ended`
    there is nothing more to follow.
    """
    del query
    facts = await answers.found(given, backtest_id)
    settings = given.settings.stream
    client = str(request.scope[CLIENT])
    following = cast("answers.Following", request.app.state.following)
    following.enter(client, most=settings.subscribers_per_client_max, retry_after_s=settings.retry_after_s)
    events = answers.events_of(given, cast("Hub", request.app.state.hub), facts)
    return _Followed(events, partial(following.leave, client))


class _Followed(StreamingResponse):
    """A stream that says when it is over, however it came to its end: also when it never began."""

    def __init__(self, events: AsyncGenerator[bytes], over: Callable[[], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[BEGUN] = True
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._over()


@router.get(
    "/backtests/{backtest_id}/report",
    summary="The full report",
    response_class=Response,
    responses={
        200: {
            "description": "One HTML file that needs nothing else",
            "content": {"text/html": {"schema": {"type": "string"}}},
        },
        **PROBLEMS,
    },
)
async def report(
    backtest_id: Annotated[str, BACKTEST], query: Annotated[BacktestReportQuery, Query()], given: Given
) -> Response:
    """The report as one HTML file. It is shown apart from the desk: its script reaches nothing outside itself."""
    body = await answers.file_of(given, backtest_id, REPORT_FILE)
    headers = answers.report_headers(f"backtest-{backtest_id[:8]}.html", download=query.download)
    return Response(body, headers=dict(headers), media_type="text/html")


@router.get("/backtest/pnl", summary="Equity of a backtest over time", responses=PROBLEMS)
async def pnl(query: Annotated[BacktestPnlQuery, Query()], given: Given) -> BacktestCurve:
    """A curve of a backtest, oldest first; of the newest that is done where none is named."""
    return await answers.curve_of(given, query.id, query.curve, query.n)


@router.get(
    "/backtest/trades", summary="Closed trades of a backtest", response_model=BacktestTrades, responses=PROBLEMS
)
async def trades(query: Annotated[BacktestTradesQuery, Query()], given: Given) -> Response:
    """Trades of a backtest, newest first; of the newest that is done where none is named. Pages follow `next`."""
    return Response(await answers.trades_of(given, query), media_type="application/json")
