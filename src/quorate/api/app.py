"""Puts the HTTP face together: one router for each noun, the live streams beside them, one boundary around both."""

from __future__ import annotations

from fastapi import FastAPI

from quorate.api import contract, problems
from quorate.api.routers import jobs, market, portfolios, results, risk, signals, status

ROUTERS = (signals.router, results.router, portfolios.router, jobs.router, market.router, risk.router, status.router)
TITLE = "Quorate"


def bare_app(version: str) -> FastAPI:
    """The routes and their contract, without anything to serve them from: what the OpenAPI document is made of."""
    app = FastAPI(title=TITLE, version=version, docs_url=None, redoc_url=None, redirect_slashes=False)
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.openapi = lambda: contract.openapi_of(app)
    return app
