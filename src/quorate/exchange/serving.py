"""The server of the exchange: uvicorn inside our process, able to reset a connection as a broken network would."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from quorate.exchange.faults.asgi import RESET, App

LINGER_NONE = struct.pack("ii", 1, 0)
"""Socket option with which closing sends a reset."""

SHUTDOWN_S = 2
"""How long open requests may take to end once the server stops."""


class ResettableProtocol(HttpToolsProtocol):
    """HTTP whose applications find, in the extensions of a scope, how to reset the connection it came on."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        scope["extensions"] = {RESET: self.reset}

    def reset(self) -> None:
        """Cut the connection so that the other side sees it reset, not closed."""
        transport = self.transport
        plug = transport.get_extra_info("socket")
        if plug is not None:
            with suppress(OSError):
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        transport.abort()


class LoopbackServer(uvicorn.Server):
    """Serves an application of the exchange; signals are not its business. `opened` is set once it listens."""

    def __init__(self, app: App, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                cast("Any", app),
                host=host,
                port=port,
                http=ResettableProtocol,
                ws="websockets-sansio",
                lifespan="off",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=SHUTDOWN_S,
            )
        )
        self.opened = asyncio.Event()

    @property
    def port(self) -> int:
        """Where it listens; known once it is opened."""
        return int(self.servers[0].sockets[0].getsockname()[1])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.opened.set()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to whoever runs the process."""
        yield
