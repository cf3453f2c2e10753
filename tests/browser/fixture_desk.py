"""Serves the made-up desk (made_up.py) with the built page, for working on the page and for its browser tests.

    python -m tests.browser.fixture_desk 8420 [empty] [replay] [live | troubled]

Faults are put on by the tests themselves, in the browser: this server is always well.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from quorate.api.schemas.common import Problem
from quorate.api.schemas.council import Council
from quorate.api.schemas.jobs import RevertReply, RevertWanted
from quorate.api.schemas.queries import CandlesQuery, CouncilQuery, IndicatorsQuery, LessonsQuery, ModelsQuery
from quorate.api.schemas.records import AnalystRecords
from quorate.api.schemas.results import EquityCurve
from quorate.api.schemas.risk import Risk
from quorate.api.schemas.signals import Signal, SignalPage
from quorate.api.schemas.status import Desk, Health, Hello
from quorate.api.schemas.trading import Lessons
from tests.browser.backtest_routes import backtest_routes
from tests.browser.made_up import BOOKS, PAIRS, STRATEGIES, MadeUpMarket
from tests.browser.made_up_agents import MadeUpOptimizer, agents, context, lessons, no_context
from tests.browser.made_up_backtests import MadeUpBacktests
from tests.browser.made_up_books import (
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
from tests.browser.made_up_council import answer as answer_of
from tests.browser.made_up_council import council, prompt
from tests.browser.made_up_records import records
from tests.browser.made_up_signals import made_signal
from tests.browser.made_up_venue import How, venue_routes

DIST = Path(__file__).resolve().parents[2] / "web" / "dist"
SIGNALS = 90
EVERY_MS = 41 * 60_000
BEAT_S = 5
QUEUE_MAX = 1000
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class MadeUpDesk:
    """Everything the page asks, answered from one seed. `empty` is the desk in its first minute.

    `how` is how its venue is: a desk at a real one trades the prices of an exchange.
    """

    def __init__(self, *, empty: bool, replay: bool, how: How) -> None:
        now = self.now()
        self.born_ms = now
        self.market = MadeUpMarket(now_ms=now)
        if replay:
            self.market.kind = "replay"
            self.market.label = "replay of binance 5m, 2025-01-01 to 2025-09-30"
        self.live = how in {"live", "troubled"}
        if self.live:
            self.market.kind = "exchange"
            self.market.label = "kraken, 80 coins"
        self.how: How = "empty" if empty else how
        self.empty = empty
        self.optimizer = MadeUpOptimizer(now_ms=now)
        if not empty:
            self.optimizer.begin()
        self.backtests = MadeUpBacktests(now_ms=now, empty=empty, candles=not empty)
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


def simple(path: str, make: Callable[[], BaseModel]) -> Route:
    """A route whose answer depends on nothing in the request."""

    async def endpoint(_: Request) -> Response:
        return answer(make())

    return Route(path, endpoint)


def desk_facts(desk: MadeUpDesk) -> Desk:
    return Desk(
        mode="live" if desk.live else "paper",
        feed=desk.market.feed(desk.now()),
        account="simulated-7",
        version="0.1.0",
        portfolios=list(BOOKS),
        pairs=PAIRS,
        timeframe="5m",
        timeframes=["5m", "15m", "1h", "4h", "1d"],
        strategies=list(STRATEGIES),
        panel=["breakout", "momentum", "trend"],
    )


def health_of(desk: MadeUpDesk) -> Health:
    mode = "live" if desk.live else "paper"
    return health(desk.market, desk.now(), panel=not desk.empty).model_copy(update={"mode": mode})


def risk_of(desk: MadeUpDesk) -> Risk:
    stopped = {
        "trading_state": "REDUCING",
        "trading_reason": "the venue's account differs: BTC 0.0208 for 0.0308",
    }
    return risk(desk.now()).model_copy(update=stopped if desk.how == "troubled" else {})


def signal_routes(desk: MadeUpDesk) -> list[Route]:
    async def page(request: Request) -> Response:
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

    async def one(request: Request) -> Response:
        found = next((signal for signal in desk.signals if signal.id == request.path_params["id"]), None)
        if found is not None:
            return answer(detail(desk.market, found, desk.now()))
        return not_found("There is no such signal.")

    return [
        Route("/v1/signals", page),
        Route("/v1/signals/stream", streaming(desk, "signal")),
        Route("/v1/signals/{id}", one),
    ]


def market_routes(desk: MadeUpDesk) -> list[Route]:
    market = desk.market

    async def candles(request: Request) -> Response:
        query = CandlesQuery.model_validate(dict(request.query_params))
        return answer(market.candles(query.pair, query.timeframe, query.limit))

    async def indicators(request: Request) -> Response:
        query = IndicatorsQuery.model_validate(dict(request.query_params))
        return answer(market.indicators(query.pair, query.timeframe, query.limit, query.names.split(",")))

    return [
        simple("/api/prices", lambda: market.prices(desk.now())),
        Route("/api/candles", candles),
        Route("/api/candles/indicators", indicators),
    ]


def not_found(detail: str) -> Response:
    problem = Problem(
        type="urn:quorate:problem:not_found",
        title="Not found",
        status=404,
        detail=detail,
        code="not_found",
        request_id="q-1",
    )
    return Response(problem.model_dump_json(), 404, media_type="application/problem+json")


def council_routes(desk: MadeUpDesk) -> list[Route]:
    async def cycles(request: Request) -> Response:
        query = CouncilQuery.model_validate(dict(request.query_params))
        if desk.empty:
            return answer(Council(cycles=[], agreement=[], next=None))
        return answer(council(desk.market, desk.signals, desk.born_ms, limit=query.limit, before=query.before))

    async def models(request: Request) -> Response:
        query = ModelsQuery.model_validate(dict(request.query_params))
        none = AnalystRecords(models=[], as_of=None)
        return answer(none if desk.empty else records(desk.now(), all_records=query.all_records))

    async def learned(request: Request) -> Response:
        query = LessonsQuery.model_validate(dict(request.query_params))
        none = Lessons(lessons=[], next=None)
        return answer(none if desk.empty else lessons(desk.born_ms, limit=query.limit, before=query.before))

    async def asked(request: Request) -> Response:
        found = prompt(desk.market, request.path_params["digest"])
        return not_found("No prompt with this digest is on record.") if found is None else answer(found)

    async def said(request: Request) -> Response:
        found = answer_of(request.path_params["record"])
        return not_found("No answer lies under this hash.") if found is None else answer(found)

    async def go_back(request: Request) -> Response:
        wanted = RevertWanted.model_validate_json(await request.body())
        standing = desk.optimizer.versions[0].reverts_to if desk.optimizer.versions else 0
        changed = standing != wanted.version
        number = desk.optimizer.go_back(wanted.version, request.headers["Idempotency-Key"], changed=changed)
        reply = RevertReply(success=True, version=number, revertsTo=wanted.version, changed=changed, elapsedMs=12)
        return answer(reply)

    return [
        Route("/v1/council", cycles),
        Route("/v1/models", models),
        Route("/v1/lessons", learned),
        Route("/v1/prompts/{digest}", asked),
        Route("/v1/answers/{record}", said),
        simple("/v1/agents", lambda: agents(desk.signals, desk.born_ms)),
        simple("/api/optimize", desk.optimizer.config),
        Route("/api/optimize/revert", go_back, methods=["POST"]),
        simple("/api/context", lambda: no_context() if desk.empty else context(desk.now())),
    ]


def streaming(desk: MadeUpDesk, kind: str) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that says hello and then every event of `kind`."""

    async def endpoint(_: Request) -> Response:
        queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_MAX)

        async def events() -> AsyncIterator[bytes]:
            hello = Hello(epoch=1, first="1-1", last=f"1-{desk.seq}", resumed=False)
            yield f"retry: 1000\nevent: hello\nid: 1-{desk.seq}\ndata: {hello.model_dump_json()}\n\n".encode()
            desk.listeners.add(queue)
            try:
                while True:
                    text = await queue.get()
                    if text.startswith(f"event: {kind}".encode()):
                        yield text
            finally:
                desk.listeners.discard(queue)

        return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return endpoint


async def page(request: Request) -> Response:
    """The built page, under the desk's own content security policy."""
    wanted = (DIST / request.url.path.lstrip("/")).resolve()
    found = wanted.is_file() and wanted.is_relative_to(DIST)
    response = FileResponse(wanted if found else DIST / "index.html")
    response.headers["Content-Security-Policy"] = POLICY
    return response


async def beat(desk: MadeUpDesk) -> None:
    """Mark every book every few seconds."""
    while True:
        await asyncio.sleep(BEAT_S)
        for book in BOOKS:
            desk.seq += 1
            jitter = 1 + 0.0004 * ((desk.seq % 7) - 3)
            at = desk.now() // 5000 * 5000
            point = equity_point(book, index=POINTS, at_ms=at, seq=desk.seq, jitter=jitter)
            desk.tell("equity", point.model_dump_json())


def made(desk: MadeUpDesk) -> Starlette:
    """The application."""

    async def publish(_: Request) -> Response:
        return answer(desk.publish())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        pulse = None if desk.empty else asyncio.create_task(beat(desk))
        yield
        if pulse:
            pulse.cancel()

    return Starlette(
        lifespan=lifespan,
        routes=[
            simple("/api/me", lambda: desk_facts(desk)),
            *signal_routes(desk),
            simple("/v1/pnl", lambda: EquityCurve(points=[]) if desk.empty else equity_curve(desk.now())),
            Route("/v1/pnl/stream", streaming(desk, "equity")),
            simple("/v1/performance", lambda: performance(desk.now())),
            simple("/v1/portfolios", lambda: portfolios(desk.market, desk.signals, desk.now(), holding=not desk.empty)),
            simple("/api/risk", lambda: risk_of(desk)),
            simple("/api/jobs", lambda: jobs(desk.now())),
            simple("/v1/status/health", lambda: health_of(desk)),
            *venue_routes(desk.how, desk.born_ms, desk.now),
            *council_routes(desk),
            *backtest_routes(desk.backtests, desk.now, not_found),
            *market_routes(desk),
            Route("/made-up/publish", publish, methods=["POST"]),
            Route("/{path:path}", page),
        ],
    )


if __name__ == "__main__":
    words = sys.argv[2:]
    at_venue: How = "troubled" if "troubled" in words else "live" if "live" in words else "paper"
    served = MadeUpDesk(empty="empty" in words, replay="replay" in words, how=at_venue)
    uvicorn.run(made(served), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1)
