"""Serves the made-up desk (made_up.py) with the built page, for working on the page and for its browser tests.

    python tests/browser/fixture_desk.py 8420

Faults are put on by the tests themselves, in the browser: this server is always well.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from made_up import BAR_MS, BOOKS, PAIRS, STEPS, STRATEGIES, MadeUpMarket, instant, made_signal
from made_up_books import (
    POINTS,
    detail,
    equity_curve,
    equity_point,
    health,
    jobs,
    performance,
    portfolios,
    risk,
)
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from quorate.api.schemas.signals import Signal, SignalPage
from quorate.api.schemas.status import Desk

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
SIGNALS = 90
EVERY_MS = 41 * 60_000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class MadeUpDesk:
    """Everything the page asks, answered from one seed. `empty` is the desk in its first minute."""

    def __init__(self, *, empty: bool, replay: bool) -> None:
        now = self.now()
        self.market = MadeUpMarket(now_ms=now)
        if replay:
            self.market.kind = "replay"
            self.market.label = "replay of binance 5m, 2025-01-01 to 2025-09-30"
        self.empty = empty
        self.signals: list[Signal] = []
        if not empty:
            self.signals = [
                made_signal(self.market, number=number, at_ms=(now - number * EVERY_MS - 95_000) // 1000 * 1000)
                for number in range(SIGNALS)
            ]
        self.seq = 100_000
        self.listeners: set[asyncio.Queue[bytes]] = set()

    @staticmethod
    def now() -> int:
        return int(time.time() * 1000)

    def publish(self) -> Signal:
        """One more signal, now."""
        self.seq += 1
        signal = made_signal(self.market, number=self.seq, at_ms=self.now())
        self.signals.insert(0, signal)
        self.tell("signal", signal.model_dump_json())
        return signal

    def tell(self, kind: str, data: str) -> None:
        for queue in self.listeners:
            queue.put_nowait(f"event: {kind}\nid: 1-{self.seq}\ndata: {data}\n\n".encode())


def answer(body: BaseModel, status: int = 200) -> Response:
    return Response(body.model_dump_json(), status, media_type="application/json")


def made(desk: MadeUpDesk) -> Starlette:
    """The application."""
    market = desk.market

    async def me(_: Request) -> Response:
        return answer(
            Desk(
                mode="paper", feed=market.feed(desk.now()), account="simulated-7", version="0.1.0",
                portfolios=list(BOOKS), pairs=PAIRS, timeframes=list(STEPS), strategies=list(STRATEGIES),
                panel=["breakout", "momentum", "trend"],
            )
        )  # fmt: skip

    async def list_signals(request: Request) -> Response:
        query = request.query_params
        found = [
            signal
            for signal in desk.signals
            if query.get("tier") in {None, signal.tier}
            and query.get("pair") in {None, signal.pair}
            and query.get("strategy") in {None, signal.strategy}
        ]
        start, limit = int((query.get("cursor") or "1-0").partition("-")[2]), int(query.get("limit", "200"))
        more = len(found) > start + limit
        return answer(SignalPage(signals=found[start : start + limit], next=f"1-{start + limit}" if more else None))

    async def one_signal(request: Request) -> Response:
        found = next((s for s in desk.signals if s.id == request.path_params["id"]), None)
        if found is None:
            text = {"type": "urn:quorate:problem:not_found", "title": "Not found", "status": 404, "code": "not_found"}
            return JSONResponse(
                text | {"detail": "There is no such signal.", "request_id": "q-1"}, 404,
                media_type="application/problem+json",
            )  # fmt: skip
        return answer(detail(market, found, desk.now()))

    async def candles(request: Request) -> Response:
        query = request.query_params
        frame, limit = query.get("timeframe", "5m"), int(query.get("limit", "500"))
        return answer(market.candles(query["pair"], frame, limit))

    async def indicators(request: Request) -> Response:
        query = request.query_params
        frame, limit = query.get("timeframe", "5m"), int(query.get("limit", "500"))
        return answer(market.indicators(query["pair"], frame, limit, query["names"].split(",")))

    async def prices(request: Request) -> Response:
        return answer(market.prices(request.query_params.getlist("pairs"), desk.now()))

    async def publish(_: Request) -> Response:
        return answer(desk.publish())

    def stream(kind: str) -> StreamingResponse:
        queue: asyncio.Queue[bytes] = asyncio.Queue(1000)

        async def events() -> AsyncIterator[bytes]:
            hello = {"epoch": 1, "first": "1-1", "last": f"1-{desk.seq}", "resumed": False}
            yield f"retry: 1000\nevent: hello\nid: 1-{desk.seq}\ndata: {json.dumps(hello)}\n\n".encode()
            desk.listeners.add(queue)
            try:
                while True:
                    text = await queue.get()
                    if text.startswith(f"event: {kind}".encode()):
                        yield text
            finally:
                desk.listeners.discard(queue)

        return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def signal_stream(_: Request) -> Response:
        return stream("signal")

    async def pnl_stream(_: Request) -> Response:
        return stream("equity")

    async def page(request: Request) -> Response:
        wanted = (DIST / request.url.path.lstrip("/")).resolve()
        found = wanted.is_file() and wanted.is_relative_to(DIST)
        response = FileResponse(wanted if found else DIST / "index.html")
        response.headers["Content-Security-Policy"] = POLICY
        return response

    async def beat() -> None:
        while True:
            await asyncio.sleep(5)
            now = desk.now()
            for place, book in enumerate(BOOKS):
                desk.seq += 1
                jitter = 1 + 0.0004 * ((desk.seq % 7) - 3)
                point = equity_point(book, index=POINTS + place, at_ms=now // 5000 * 5000, seq=desk.seq, jitter=jitter)
                desk.tell("equity", point.model_dump_json())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        pulse = asyncio.create_task(beat()) if not desk.empty else None
        yield
        if pulse:
            pulse.cancel()

    def simple(path: str, make: object) -> Route:
        async def endpoint(_: Request) -> Response:
            return answer(make())  # type: ignore[operator]

        return Route(path, endpoint)

    async def no_store(request: Request, call_next: object) -> Response:
        response: Response = await call_next(request)  # type: ignore[operator]
        response.headers.setdefault("X-Request-Id", "q-made-up")
        return response

    empty_curve = equity_curve(desk.now()).model_copy(update={"points": []})
    return Starlette(
        lifespan=lifespan,
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=no_store)] if desk.empty else [],
        routes=[
            Route("/api/me", me),
            Route("/v1/signals", list_signals),
            Route("/v1/signals/stream", signal_stream),
            Route("/v1/signals/{id}", one_signal),
            simple("/v1/pnl", lambda: empty_curve if desk.empty else equity_curve(desk.now())),
            Route("/v1/pnl/stream", pnl_stream),
            simple("/v1/performance", lambda: performance(desk.now())),
            simple(
                "/v1/portfolios",
                lambda: portfolios(market, desk.signals, desk.now(), holding=not desk.empty),
            ),
            simple("/api/risk", lambda: risk(desk.now())),
            simple("/api/jobs", lambda: jobs(desk.now())),
            simple("/v1/status/health", lambda: health(market, desk.now())),
            Route("/api/prices", prices),
            Route("/api/candles", candles),
            Route("/api/candles/indicators", indicators),
            Route("/made-up/publish", publish, methods=["POST"]),
            Route("/{path:path}", page),
        ],
    )


if __name__ == "__main__":
    words = sys.argv[2:]
    served = MadeUpDesk(empty="empty" in words, replay="replay" in words)
    print(f"made-up desk on http://127.0.0.1:{sys.argv[1]} since {instant(served.now())}, bars of {BAR_MS} ms", flush=True)
    uvicorn.run(made(served), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1)
