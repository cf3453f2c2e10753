"""The line between a venue adapter and an exchange in this process: carries requests, counts them, fails on demand.

The same line stands behind real sockets and behind none, so that each fault happens in both ways.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Told = tuple[int, Mapping[str, str], str]
Answer = Callable[[str, str, Mapping[str, str], str | None], Told]
"""An exchange: method, address, headers and body in; status, headers and text out."""


class Fault(Enum):
    LOSE_ANSWER = "the request is carried out, its answer is lost"
    LOSE_REQUEST = "the request is lost on its way"
    NEVER_ANSWER = "the request is carried out, and nothing comes back"
    REFUSE = "no connection can be made"
    FAIL_AFTER = "the request is carried out, and answered 502 by what stands before the exchange"
    NONSENSE = "the request is carried out, and answered 200 with half an answer"


class Line:
    """Hands requests to an exchange. Faults wait for the first request whose address holds their word."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._faults: list[tuple[str, Fault | Told]] = []
        self.sent: list[tuple[str, str, str]] = []
        """Method, path and all words of each request that arrived."""
        self.down = False

    def next(self, word: str, fault: Fault | Told) -> None:
        """The first request that holds `word` fails like this; an answer given here stands for the exchange's."""
        self._faults.append((word, fault))

    def count(self, word: str) -> int:
        """How many requests with this word arrived."""
        return sum(word in f"{method} {path}" for method, path, _ in self.sent)

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Told:
        if self.down:
            raise ConnectionRefusedError("down")
        parts = urlsplit(url)
        fault = self._due(f"{method} {parts.path}")
        if fault is Fault.REFUSE:
            raise ConnectionRefusedError("refused")
        if fault is Fault.LOSE_REQUEST:
            raise ConnectionResetError("lost")
        if isinstance(fault, tuple):
            return fault
        self.sent.append((method, parts.path, f"{parts.query}&{body or ''}"))
        told = self._answer(method, url, headers, body)
        if fault is Fault.LOSE_ANSWER:
            raise ConnectionResetError("lost")
        if fault is Fault.NEVER_ANSWER:
            await asyncio.Future()
        if fault is Fault.FAIL_AFTER:
            return 502, {"content-type": "text/html"}, "<html>Bad Gateway</html>"
        return (told[0], told[1], told[2][: len(told[2]) // 2]) if fault is Fault.NONSENSE else told

    def _due(self, words: str) -> Fault | Told | None:
        for index, (word, fault) in enumerate(self._faults):
            if word in words:
                del self._faults[index]
                return fault
        return None


class Served:
    """A line served over HTTP on a free port of this machine, which can be closed and opened again."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._server: asyncio.Server | None = None
        self._port = 0
        self._speaking: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._speak, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        for task, writer in list(self._speaking.items()):
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*self._speaking, return_exceptions=True)

    async def _speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._speaking[task] = writer
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            del self._speaking[task]
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (row.partition(":") for row in rest)}
        body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
        method, target, _ = first.split(" ")
        try:
            status, told, text = await self._line(method, f"http://{headers['host']}{target}", headers, body or None)
        except ConnectionError:
            return False
        raw = text.encode()
        rows = [f"{name}: {value}" for name, value in {**told, "content-length": str(len(raw))}.items()]
        writer.write(f"HTTP/1.1 {status} Told\r\n".encode() + "\r\n".join(rows).encode() + b"\r\n\r\n" + raw)
        await writer.drain()
        return True


class Hears(Protocol):
    """What an exchange's side of a socket is to a test: takes texts, and ends."""

    def take(self, message: str) -> None: ...
    def close(self) -> None: ...


Begin = Callable[[str, Callable[[str], None]], Hears]
"""A new connection: its address, and where its messages go."""


class DirectSocket:
    """A private stream without a socket. It can be cut, fall silent, and say what no exchange would."""

    def __init__(self, begin: Begin, address: str, heard: asyncio.Event) -> None:
        self._heard = heard
        self.inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self.muted = False
        self._session = begin(address, self.tell)

    def tell(self, message: str) -> None:
        if not self.muted:
            self.inbox.put_nowait(message)

    async def send(self, message: str) -> None:
        self._session.take(message)
        self._heard.set()

    async def receive(self) -> str:
        message = await self.inbox.get()
        if message is None:
            raise ConnectionResetError("cut")
        return message

    def cut(self) -> None:
        self.inbox.put_nowait(None)

    async def close(self) -> None:
        self._session.close()


class Sockets:
    """Every private stream of a test, over the network or not."""

    def __init__(self, begin: Begin) -> None:
        self._begin = begin
        self.open: list[DirectSocket] = []
        self.dialled = 0
        self._connections: list[ServerConnection] = []
        self.heard = asyncio.Event()
        """Whether anything was said to the exchange."""
        self._tasks: set[Awaitable[None]] = set()

    async def dial(self, address: str) -> DirectSocket:
        self.dialled += 1
        socket = DirectSocket(self._begin, address, self.heard)
        self.open.append(socket)
        return socket

    def say(self, message: str) -> None:
        """The exchange says this on every stream."""
        for socket in self.open:
            socket.tell(message)
        for connection in self._connections:
            self._tasks.add(asyncio.ensure_future(connection.send(message)))

    async def cut(self) -> None:
        """Every stream breaks."""
        for socket in self.open:
            socket.cut()
        self.open.clear()
        for connection in self._connections:
            connection.transport.abort()
        self._connections.clear()

    @asynccontextmanager
    async def served(self) -> AsyncGenerator[str]:
        """The same, over WebSockets on a free port of this machine."""

        async def speak(connection: ServerConnection) -> None:
            self.dialled += 1
            self._connections.append(connection)
            outbox: asyncio.Queue[str] = asyncio.Queue()
            path = connection.request.path if connection.request else ""
            session = self._begin(path, outbox.put_nowait)

            async def send() -> None:
                while True:
                    await connection.send(await outbox.get())

            sending = asyncio.create_task(send())
            try:
                with contextlib.suppress(ConnectionClosed):
                    async for message in connection:
                        session.take(message if isinstance(message, str) else message.decode())
            finally:
                session.close()
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

        async with serve(speak, "127.0.0.1", 0) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
            for connection in self._connections:
                connection.transport.abort()
