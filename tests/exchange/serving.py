"""A real server on loopback around any application of the exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from quorate.exchange.faults.server import ResettableProtocol

START_S = 10.0


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The address of `app`, without the scheme, while it is served."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http=ResettableProtocol, ws="websockets-sansio", log_level="error"
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    running = asyncio.create_task(server._serve())
    try:
        async with asyncio.timeout(START_S):
            while not server.started:
                await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await running
