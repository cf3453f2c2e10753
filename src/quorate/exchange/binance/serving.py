"""The doors over sockets: an ASGI application for REST, market streams and the WebSocket API."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from quorate.exchange.binance.doors import Request, RestDoor
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.face import SPOT, Face
from quorate.exchange.binance.sessions import Hub, MarketSession
from quorate.exchange.binance.streams import FAST_MS
from quorate.exchange.binance.ws_api import ApiSession

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_MAX = 1_000_000
QUEUE_MAX = 10_000
"""Messages that wait for a client who does not read; one more ends the connection."""
PLACES = re.compile(r"^/(?:futures/)?(?:(?:public|market|private)/)?")
"""What stands before the streams of futures: Binance has three places for them; and ours, where all share a port."""
POLICY, TOO_SLOW = 1008, 1013


class Session(Protocol):
    """A connection, whatever it is for."""

    def take(self, raw: str | bytes) -> None:
        """Take what the client has sent."""
        ...

    def close(self) -> None:
        """The client has gone."""
        ...


class BinanceApp:
    """The exchange as an ASGI application. `run` keeps the streams speaking and must run beside the server."""

    def __init__(
        self,
        exchange: BinanceExchange,
        face: Face = SPOT,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.exchange = exchange
        self.hub = Hub(exchange, face)
        self._rest = RestDoor(exchange, face)
        self._sleep = sleep

    async def run(self) -> None:
        """Let streams speak when their time has come, until cancelled."""
        while True:
            self.hub.tick(self.exchange.now_ms())
            await self._sleep(FAST_MS / 1_000)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        request = Request(
            method=scope["method"],
            path=scope["path"],
            query=scope.get("query_string", b"").decode("latin-1"),
            body=body.decode("utf-8", errors="replace"),
            headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
            address=_address(scope),
        )
        answer = self._rest.answer(request)
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        headers.append((b"content-type", b"application/json;charset=UTF-8"))
        headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = _Line(send)
        session = self._session(scope, line)
        await receive()  # the connection is asked for
        if session is None:
            await send({"type": "websocket.close", "code": POLICY})
            return
        await send({"type": "websocket.accept"})
        writing = asyncio.ensure_future(line.write())
        try:
            while not writing.done() and (message := await _next(receive, writing)) is not None:
                text, raw = message.get("text"), message.get("bytes")
                session.take(text if text is not None else raw or b"")
        finally:
            session.close()
            writing.cancel()
            with suppress(asyncio.CancelledError, OSError):  # the client has gone
                await writing

    def _session(self, scope: Scope, line: _Line) -> Session | None:
        path = PLACES.sub("/", scope["path"])
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if path.startswith(("/ws-api/", "/ws-fapi/")):
            return ApiSession(self.exchange, self.hub, line.put, address=_address(scope))
        combined = path.rstrip("/") == "/stream"
        if not combined and path.rstrip("/") != "/ws" and not path.startswith("/ws/"):
            return None
        session = MarketSession(self.hub, line.put, combined=combined)
        named = "/".join(query.get("streams", [])) if combined else unquote(path.removeprefix("/ws").strip("/"))
        session.open([name for name in named.split("/") if name] + query.get("listenKey", []))
        return session


class _Line:
    """Messages on their way to a client, in order."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: deque[bytes] = deque()
        self._some = asyncio.Event()

    def put(self, told: bytes) -> None:
        """Send this when its turn comes."""
        self._waiting.append(told)
        self._some.set()

    async def write(self) -> None:
        """Send until cancelled, or until the client has fallen too far behind."""
        while True:
            await self._some.wait()
            while self._waiting:
                if len(self._waiting) > QUEUE_MAX:
                    await self._send({"type": "websocket.close", "code": TOO_SLOW})
                    return
                await self._send({"type": "websocket.send", "text": self._waiting.popleft().decode()})
            self._some.clear()


async def _next(receive: Receive, writing: asyncio.Future[None]) -> Message | None:
    """The client's next message; None when it has gone or can no longer be written to."""
    reading = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not reading.done():
            reading.cancel()
    if not reading.done() or reading.cancelled():
        return None
    message = reading.result()
    return message if message["type"] == "websocket.receive" else None


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= BODY_MAX:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else "127.0.0.1"
