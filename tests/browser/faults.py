"""Puts faults and events on a page's own network, so that the same tests run against any desk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from playwright.async_api import Page, Route

from tests.browser.made_up import MadeUpMarket
from tests.browser.made_up_signals import made_signal

SIGNALS_STREAM = "**/v1/signals/stream*"
DATA = ("**/api/**", "**/v1/**")
PROBLEM = {
    "type": "urn:quorate:problem:database_unreachable",
    "title": "Database unreachable",
    "status": 503,
    "detail": "Postgres does not answer; the desk tries again every second.",
    "code": "database_unreachable",
    "request_id": "q-1",
}


async def fail_with_problem(page: Page, *patterns: str) -> None:
    """Answer every matching request with a problem."""

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(PROBLEM))

    for pattern in patterns:
        await page.route(pattern, refuse)


async def cut(page: Page, *patterns: str) -> None:
    """Break the connection of every matching request."""

    async def abort(route: Route) -> None:
        await route.abort()

    for pattern in patterns:
        await page.route(pattern, abort)


def event(kind: str, data: object, *, seq: int) -> str:
    return f"event: {kind}\nid: 1-{seq}\ndata: {json.dumps(data)}\n\n"


def hello(*, seq: int, resumed: bool) -> str:
    return event("hello", {"epoch": 1, "first": "1-1", "last": f"1-{seq}", "resumed": resumed}, seq=seq)


async def stream_says(page: Page, connections: Sequence[str], *, after_first: asyncio.Event | None = None) -> list[str]:
    """Answer the stream's connections one after another; what is asked for is kept. After the last one: refusal.

    Connections after the first are answered once `after_first` is set.
    """
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1 and after_first is not None:
            await after_first.wait()
        if len(asked) > len(connections):
            await route.fulfill(status=503, body="")
            return
        body = "retry: 200\n" + connections[len(asked) - 1]
        await route.fulfill(status=200, content_type="text/event-stream", body=body)

    await page.route(SIGNALS_STREAM, answer)
    return asked


def a_signal(number: int, *, at_ms: int) -> dict[str, Any]:
    """A signal that no desk under test has published."""
    return made_signal(MadeUpMarket(now_ms=at_ms), number=number, at_ms=at_ms).model_dump(mode="json")


async def change_answer(page: Page, pattern: str, **changes: object) -> None:
    """Let the desk answer, with some fields of its answer changed."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        body = await response.json()
        for name, value in changes.items():
            body[name] = {**body[name], **value} if isinstance(value, dict) and name in body else value
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    await page.route(pattern, answer)


async def hold_news(page: Page) -> None:
    """Let nothing be added to the page while it is looked at: no new signal, position or tripped breaker.

    Prices go on: figures may change, but must not move anything.
    """
    kept: dict[str, str] = {}

    async def answer(route: Route) -> None:
        url = route.request.url
        if url not in kept:
            kept[url] = await (await route.fetch()).text()
        await route.fulfill(status=200, content_type="application/json", body=kept[url])

    for pattern in ("**/v1/signals?*", "**/v1/portfolios", "**/api/risk"):
        await page.route(pattern, answer)
    await stream_says(page, [hello(seq=1, resumed=True)], after_first=asyncio.Event())
