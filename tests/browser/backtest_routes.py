"""Routes of the made-up desk about backtests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from quorate.api.schemas.backtests import BacktestWanted
from quorate.api.schemas.queries import BacktestPnlQuery, BacktestTradesQuery
from tests.browser.made_up_backtests import MadeUpBacktests, curve, report, trades

Endpoint = Callable[[Request], Awaitable[Response]]


def answer(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), media_type="application/json")


def backtest_routes(
    kept: MadeUpBacktests, now_ms: Callable[[], int], missing: Callable[[str], Response]
) -> list[Route]:
    def known(endpoint: Endpoint) -> Endpoint:
        async def checked(request: Request) -> Response:
            if request.path_params["id"] not in kept.kept:
                return missing("There is no such backtest.")
            return await endpoint(request)

        return checked

    async def every(request: Request) -> Response:
        if request.method == "POST":
            wanted = BacktestWanted.model_validate_json(await request.body())
            return answer(kept.start(wanted, request.headers["Idempotency-Key"], now_ms()))
        return answer(kept.page(now_ms()))

    async def offer(_: Request) -> Response:
        return answer(kept.offer())

    async def one(request: Request) -> Response:
        backtest = request.path_params["id"]
        if request.method == "DELETE":
            return answer(kept.end(backtest, request.query_params.get("act", "remove"), now_ms()))
        return answer(kept.detail(backtest, now_ms()))

    async def events(request: Request) -> Response:
        told = kept.events(request.path_params["id"])
        return StreamingResponse(told, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def full(_: Request) -> Response:
        body, headers = report()
        return Response(body, headers=headers, media_type="text/html")

    async def pnl(request: Request) -> Response:
        query = BacktestPnlQuery.model_validate(dict(request.query_params))
        return answer(curve(query, query.id or ""))

    async def closed(request: Request) -> Response:
        query = BacktestTradesQuery.model_validate(dict(request.query_params))
        return answer(trades(query, query.id or ""))

    return [
        Route("/v1/backtests", every, methods=["GET", "POST"]),
        Route("/v1/backtests/offer", offer),
        Route("/v1/backtests/{id}", known(one), methods=["GET", "DELETE"]),
        Route("/v1/backtests/{id}/events", known(events)),
        Route("/v1/backtests/{id}/report", known(full)),
        Route("/v1/backtest/pnl", pnl),
        Route("/v1/backtest/trades", closed),
    ]
