"""A server on a loopback port that answers whatever a test wants a stranger to answer, and counts who asked."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiohttp import web


@dataclass
class Reply:
    """One answer. `hang` never ends it; `drip` sends it byte by byte for ever; `cut` breaks the connection off."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    drip: bool = False
    cut: bool = False


@dataclass(frozen=True)
class Asked:
    """What was asked."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]


class Stranger:
    """Answers by path; a list of replies is used up one by one, its last one stays."""

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.asked: list[Asked] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    def answers(self, path: str, *replies: Reply | bytes | str) -> None:
        made = [reply if isinstance(reply, Reply) else Reply(_bytes(reply)) for reply in replies]
        self.replies[path] = made

    def times(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("GET", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.path, dict(request.query), dict(request.headers)))
        waiting = self.replies.get(request.path)
        if not waiting:
            return web.Response(status=404)
        reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if reply.cut:
            assert request.transport is not None
            request.transport.close()
        if reply.hang:
            await asyncio.Event().wait()
        if reply.drip:
            response = web.StreamResponse(headers=reply.headers)
            await response.prepare(request)
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.005)
        return web.Response(body=reply.body, status=reply.status, headers=dict(reply.headers))


def packed(body: bytes) -> Reply:
    """An answer packed with gzip."""
    return Reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})


def _bytes(text: bytes | str) -> bytes:
    return text.encode() if isinstance(text, str) else text
