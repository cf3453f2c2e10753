"""Puts the HTTP face together: one router for each noun, the live streams beside them, one guard around both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from contextlib import asynccontextmanager
from functools import partial
from types import CoroutineType
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from quorate.api import contract, problems
from quorate.api.accounts import current_account
from quorate.api.answers.backtests import Following
from quorate.api.boundary.guard import Guard
from quorate.api.page import Page
from quorate.api.routers import (
    agents,
    backtests,
    context,
    control,
    council,
    jobs,
    market,
    optimizer,
    orders,
    portfolios,
    records,
    results,
    risk,
    signals,
    status,
    trades,
    venue,
)
from quorate.api.schemas.queries import PnlStreamQuery, StreamQuery
from quorate.api.stream.hub import Hub
from quorate.api.stream.session import StreamApp

if TYPE_CHECKING:
    from starlette.types import Receive, Send

    from quorate.api.resources import Resources

ROUTERS = (
    signals.router,
    results.router,
    backtests.router,
    records.router,
    council.router,
    agents.router,
    portfolios.router,
    jobs.router,
    optimizer.router,
    market.router,
    context.router,
    risk.router,
    control.router,
    orders.router,
    venue.router,
    trades.router,
    status.router,
)
TITLE = "Quorate"


class DeskApi(FastAPI):
    """FastAPI with the guard in front of it: streams branch off before any of the framework's own layers."""

    guard: Guard | None = None

    def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> CoroutineType[Any, Any, None]:
        """Serve one ASGI connection. Not a coroutine of its own: a stream would carry its frame for minutes."""
        if scope["type"] == "http" and self.guard is not None:
            return self.guard(scope, receive, send)
        return super().__call__(scope, receive, send)


def bare_app(version: str) -> DeskApi:
    """The routes and their contract, without anything to serve them from: what the OpenAPI document is made of."""
    app = DeskApi(title=TITLE, version=version, docs_url=None, redoc_url=None, redirect_slashes=False)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.openapi = lambda: contract.openapi_of(app)
    return app


def create_app(resources: Resources) -> FastAPI:
    """The whole HTTP face as an ASGI application. Its lifespan runs the hub that feeds the live streams."""
    account = partial(current_account, resources)
    hub = Hub(resources.bus, resources.settings.stream, resources.telemetry, resources.chance, account)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        reading = asyncio.create_task(hub.run(), name="stream hub")
        try:
            yield
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    app = bare_app(resources.version)
    app.router.lifespan_context = lifespan
    app.router.default = Page(resources.settings.page_dir)
    app.state.resources = resources
    app.state.hub = hub
    app.state.following = Following()
    streams = {
        "/v1/signals/stream": StreamApp(resources, hub, "signals", StreamQuery),
        "/v1/pnl/stream": StreamApp(resources, hub, "pnl", PnlStreamQuery),
    }
    app.guard = Guard(super(DeskApi, app).__call__, resources, streams, resources.monotonic)
    return app
