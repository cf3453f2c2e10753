"""Runs the application on uvicorn, in this process, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from quorate.api.boundary.rules import check_bind
from quorate.api.stream.session import TRANSPORT
from quorate.domain.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from fastapi import FastAPI

    from quorate.api.settings import ApiSettings

BACKLOG = 2_048
SHUTDOWN_S = 5
"""How long open requests may take to end once we stop; streams get their `bye` within it."""
KEEP_ALIVE_S = 75


class PortInUse(Unavailable):
    """Somebody else listens on the API's port."""

    code = "port_in_use"


class BindRefused(BadInput):
    """The API was told to listen where it may not, or cannot."""

    code = "bind_refused"


class DeskProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, with the connection's transport in the scope: a stalled stream has to be dropped for good."""

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        # The scope is an open mapping by the ASGI standard; uvicorn's type lists only its own keys.
        self.scope[TRANSPORT] = self.transport  # type: ignore[typeddict-unknown-key]


def listen(settings: ApiSettings) -> socket.socket:
    """A listening socket on the settings' host and port (0: any free one).

    Errors: BindRefused (no token for a bind beyond loopback, no such address, not allowed), PortInUse.
    """
    refused = check_bind(settings)
    if refused is not None:
        raise BindRefused(refused, hint="Set api.token too, or listen on 127.0.0.1.")
    host, port = settings.host, settings.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # Named in full: asyncio sends small answers at once only on a socket that says that it is TCP.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise BindRefused(f"There is no address {host} to listen on.", hint="Mend api.host.") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"Port {port} on {host} is in use.", hint="End the other program, or choose another with --port."
            ) from error
        words = (error.strerror or str(error)).lower()
        raise BindRefused(
            f"The API cannot listen on {host}:{port}: {words}.", hint="Mend api.host or --port."
        ) from error
    return listening


async def serve(app: FastAPI, listening: socket.socket) -> None:
    """Serve `app` on `listening` until cancelled; then end open streams and requests in good order.

    Signals are left to whoever runs the event loop. Raises what the application raised while it started.
    """
    config = uvicorn.Config(
        app,
        http=DeskProtocol,
        interface="asgi3",
        ws="none",
        loop="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
        backlog=BACKLOG,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="api")
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        app.state.hub.close()
        server.should_exit = True
        with suppress(asyncio.CancelledError):
            await serving
        raise


@asynccontextmanager
async def served(app: FastAPI, settings: ApiSettings) -> AsyncGenerator[int]:
    """Serve `app` for as long as the block lasts; gives the port it listens on."""
    listening = listen(settings)
    port = int(listening.getsockname()[1])
    serving = asyncio.create_task(serve(app, listening))
    try:
        yield port
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        listening.close()


class _Server(uvicorn.Server):
    """uvicorn as a part of our process: signals are not its business, and it does not end the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve; an application that cannot start is an error of ours, not the end of the process."""
        try:
            await super().startup(sockets=sockets)
        except SystemExit as error:
            raise Unavailable("The API did not start.", hint="The log says why.") from error
