"""The doors: an ASGI application with Kraken's REST paths and its WebSocket v2 at /v2."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from itertools import count

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from quorate.exchange.kraken import rest
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.hub import Hub
from quorate.exchange.kraken.rest import RestRequest
from quorate.exchange.kraken.session import Session

HEARTBEAT_S = 1.0
TURN_S = 0.1
"""How often time is let pass when nobody asks for anything: dead-man switches and expiries are this punctual."""
QUEUE_MAX = 10_000
"""Messages that may wait for a slow client before its connection is closed."""
TOO_SLOW = 1008
Sleep = Callable[[float], Awaitable[None]]


class KrakenApp:
    """The exchange as an ASGI application. `run` lets its time pass and must run beside the server."""

    def __init__(self, exchange: KrakenExchange, *, sleep: Sleep = asyncio.sleep) -> None:
        self.exchange = exchange
        self.hub = Hub(exchange)
        self._sleep = sleep
        self._connections = count(1)
        self._app = Starlette(
            routes=[
                Route("/0/public/{method}", self._answer, methods=["GET", "POST"]),
                Route("/0/private/{method}", self._answer, methods=["POST"]),
                WebSocketRoute("/v2", self._connect),
            ]
        )

    async def run(self) -> None:
        """Let time pass, so that orders expire and dead-man switches run out when nobody asks; until cancelled."""
        while True:
            self.exchange.turn(self.exchange.clock())
            await self._sleep(TURN_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] in {"http", "websocket"}:
            await self._app(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        told = RestRequest(
            path=request.url.path,
            query=request.url.query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
        )
        return Response(rest.answer(self.exchange, told), media_type="application/json")

    async def _connect(self, socket: WebSocket) -> None:
        await socket.accept()
        await Connection(socket, sleep=self._sleep).run(self._session, now_ms=self.exchange.now_ms)

    def _session(self, tell: Callable[[bytes], None]) -> Session:
        return Session(self.exchange, self.hub, tell, connection=next(self._connections))


class Connection:
    """Carries one session over one socket: what it says goes out in order, a slow client is let go."""

    def __init__(self, socket: WebSocket, *, sleep: Sleep) -> None:
        self._socket = socket
        self._sleep = sleep
        self._outbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._spoke = False

    async def run(self, begin: Callable[[Callable[[bytes], None]], Session], *, now_ms: Callable[[], int]) -> None:
        """Serve until either side ends the connection."""
        session = begin(self._tell)
        tasks = [
            asyncio.create_task(self._send(), name="kraken sends"),
            asyncio.create_task(self._receive(session), name="kraken receives"),
            asyncio.create_task(self._beat(session, now_ms), name="kraken's heart"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            session.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # already closed by the other side
                await self._socket.close(TOO_SLOW if self._outbox.qsize() > QUEUE_MAX else 1000)

    def _tell(self, message: bytes) -> None:
        self._spoke = True
        if self._outbox.qsize() <= QUEUE_MAX:
            self._outbox.put_nowait(message if self._outbox.qsize() < QUEUE_MAX else None)

    async def _send(self) -> None:
        while (message := await self._outbox.get()) is not None:
            try:
                await self._socket.send_text(message.decode())
            except (WebSocketDisconnect, RuntimeError):
                return

    async def _receive(self, session: Session) -> None:
        try:
            while True:
                message = await self._socket.receive()
                if message["type"] == "websocket.disconnect":
                    return
                session.take(message.get("text") or message.get("bytes") or "")
        except WebSocketDisconnect:
            return

    async def _beat(self, session: Session, now_ms: Callable[[], int]) -> None:
        while True:
            await self._sleep(HEARTBEAT_S)
            if not self._spoke:
                session.beat(now_ms())
            self._spoke = False
