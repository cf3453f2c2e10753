"""A real server on loopback around any application of the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from quorate.exchange.faults.asgi import App
from quorate.exchange.serving import LoopbackServer

START_S = 10.0


class Speaking(Protocol):
    """An exchange as it is served, which speaks of its own accord while it runs."""

    async def run(self) -> None: ...


@asynccontextmanager
async def served(app: App) -> AsyncGenerator[str]:
    """The address of `app`, without the scheme, while it is served."""
    server = LoopbackServer(app, host="127.0.0.1", port=0)
    running = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(START_S):
            await server.opened.wait()
        yield f"127.0.0.1:{server.port}"
    finally:
        server.should_exit = server.force_exit = True
        await running


@asynccontextmanager
async def at_work(inner: Speaking, around: App) -> AsyncGenerator[str]:
    """The address of `around` while it is served and the exchange inside it, `inner`, speaks."""
    speaking = asyncio.create_task(inner.run())
    try:
        async with served(around) as address:
            yield address
    finally:
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
