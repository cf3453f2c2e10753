"""Carries faults out around an ASGI application: what the network and an exchange's front door do to a client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from quorate.exchange.faults.faults import Faults
from quorate.exchange.faults.knobs import Fate, RequestFacts
from quorate.exchange.faults.messages import Delivery, StreamFaults
from quorate.exchange.faults.spoiling import crossed, wrong_prices

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

RESET = "quorate.reset"
"""Extension of a scope: a function that resets its connection. The house's own server offers it."""
BODY_MAX = 1_000_000
REFUSALS = {
    418: b'{"code":-1003,"msg":"Way too much request weight used; IP banned."}',
    429: b'{"code":-1003,"msg":"Too many requests."}',
}
KRAKEN_REFUSALS = {429: b'{"error":["EAPI:Rate limit exceeded"]}', 418: b'{"error":["EAPI:Rate limit exceeded"]}'}
UNAVAILABLE = b'{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}'
UNKNOWN = (
    b'{"code":-1007,"msg":"Timeout waiting for response from backend server. '
    b'Send status unknown; execution status unknown."}'
)
KRAKEN_UNAVAILABLE = b'{"error":["EService:Unavailable"]}'
KRAKEN_UNKNOWN = b'{"error":["EService:Deadline elapsed"]}'


class ConnectionGone(ConnectionResetError):
    """A connection was cut on purpose. Seen only by who calls the application in process; others see a reset."""


class FaultyApp:
    """An application with faults around it. `sleep` takes seconds; `clock` gives UTC milliseconds."""

    def __init__(
        self,
        app: App,
        faults: Faults,
        *,
        venue: str,
        clock: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._faults = faults
        self._venue = venue
        self._clock = clock
        self._sleep = sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or connection."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._connection(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        query = scope.get("query_string", b"").decode("latin-1")
        facts = RequestFacts(
            venue=self._venue,
            method=scope["method"],
            path=scope["path"],
            text=f"{query}\n{body.decode('utf-8', errors='replace')}",
        )
        fate = self._faults.for_request(facts, at_ms=self._clock())
        if fate.delay_before_ms:
            await self._sleep(fate.delay_before_ms / 1_000)
        if fate.request_lost:
            await _gone(scope, receive)
            return
        if fate.reset_before:
            _cut(scope)
            return
        answer = _Answer()
        if fate.refused_status:
            answer = self._refusal(fate.refused_status, fate.retry_after_s, done=False)
        else:
            for _ in range(fate.runs):
                answer = _Answer()
                await self._app(scope, _replay(body, receive), answer.take)
        await self._deliver(fate, answer, scope, receive, send)

    async def _deliver(self, fate: Fate, answer: _Answer, scope: Scope, receive: Receive, send: Send) -> None:
        if fate.delay_after_ms:
            await self._sleep(fate.delay_after_ms / 1_000)
        if fate.answer_lost:
            await _gone(scope, receive)
            return
        if fate.reset_after:
            _cut(scope)
            return
        if fate.answered_status:
            answer = self._refusal(fate.answered_status, 0, done=True)
        if fate.tick_factor:
            answer.body = wrong_prices(answer.body.decode(), fate.tick_factor).encode()
        if fate.crossed:
            answer.body = crossed(answer.body.decode()).encode()
        await answer.send(send)

    def _refusal(self, status: int, retry_after_s: int, *, done: bool) -> _Answer:
        """An answer other than the application's; where the request was `done` it says that nobody knows."""
        kraken = self._venue == "kraken"
        said = (KRAKEN_REFUSALS if kraken else REFUSALS).get(status)
        if said is None:
            binance_says = UNKNOWN if done else UNAVAILABLE
            kraken_says = KRAKEN_UNKNOWN if done else KRAKEN_UNAVAILABLE
            said = kraken_says if kraken else binance_says
        headers = [(b"content-type", b"application/json")]
        if retry_after_s:
            headers.append((b"retry-after", str(retry_after_s).encode()))
        return _Answer(status=status, headers=headers, body=said)

    async def _connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        fate = self._faults.for_request(
            RequestFacts(venue=self._venue, method="CONNECT", path=path), at_ms=self._clock()
        )
        if fate.refused_status or fate.reset_before or fate.request_lost:
            await receive()
            await send({"type": "websocket.close", "code": 1013})
            return
        wire = _Wire(send, StreamFaults(self._faults, venue=self._venue), self._clock, self._sleep)
        try:
            await self._app(scope, self._hear(receive), wire.take)
        finally:
            await wire.close()

    def _hear(self, receive: Receive) -> Receive:
        """Messages of the client, of which some are lost on their way or arrive twice."""
        again: list[Message] = []

        async def heard() -> Message:
            while True:
                if again:
                    return again.pop()
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                text = message.get("text") or ""
                facts = RequestFacts(venue=self._venue, method=_ws_method(text), path="ws", text=text)
                fate = self._faults.for_request(facts, at_ms=self._clock())
                if fate.delay_before_ms:
                    await self._sleep(fate.delay_before_ms / 1_000)
                if fate.request_lost:
                    continue
                again.extend([message] * (fate.runs - 1))
                return message

        return heard


class _Answer:
    """An answer that is held back until it is decided what becomes of it."""

    def __init__(self, status: int = 500, headers: list[tuple[bytes, bytes]] | None = None, body: bytes = b"") -> None:
        self.status = status
        self.headers = headers or []
        self.body = body

    async def take(self, message: Message) -> None:
        """Keep what the application says."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")

    async def send(self, send: Send) -> None:
        """Say it."""
        headers = [row for row in self.headers if row[0].lower() != b"content-length"]
        headers.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class _Wire:
    """The way of messages to a client, on which some are late, lost, doubled or spoiled."""

    def __init__(
        self,
        send: Send,
        faults: StreamFaults,
        clock: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._send = send
        self._faults = faults
        self._clock = clock
        self._sleep = sleep
        self._late: set[asyncio.Task[None]] = set()

    async def take(self, message: Message) -> None:
        """Pass on what the application says."""
        if message["type"] != "websocket.send":
            await self._send(message)
            return
        text = message.get("text")
        if text is None:
            text = message["bytes"].decode()
        deliveries = self._faults.deliveries(text, at_ms=self._clock())
        if deliveries is None:
            await self._send({"type": "websocket.close", "code": 1001})
            raise ConnectionGone("The connection was cut on purpose.")
        for delivery in deliveries:
            if delivery.delay_ms:
                task = asyncio.ensure_future(self._later(delivery))
                self._late.add(task)
                task.add_done_callback(self._late.discard)
            else:
                await self._send({"type": "websocket.send", "text": delivery.text})

    async def close(self) -> None:
        """Let go of what has not been sent yet."""
        for task in list(self._late):
            task.cancel()
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _later(self, delivery: Delivery) -> None:
        await self._sleep(delivery.delay_ms / 1_000)
        await self._send({"type": "websocket.send", "text": delivery.text})


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request; what goes beyond BODY_MAX is not read."""
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= BODY_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _gone(scope: Scope, receive: Receive) -> None:
    """Say nothing until the client gives up."""
    if RESET not in scope.get("extensions", {}):
        raise ConnectionGone("Nothing came back.")
    while (await receive())["type"] != "http.disconnect":
        pass
    _cut(scope)


def _cut(scope: Scope) -> None:
    reset = scope.get("extensions", {}).get(RESET)
    if reset is None:
        raise ConnectionGone("The connection was reset.")
    reset()


def _ws_method(text: str) -> str:
    try:
        read: object = json.loads(text)
    except ValueError:
        return ""
    return str(cast("dict[str, object]", read).get("method", "")) if isinstance(read, dict) else ""
