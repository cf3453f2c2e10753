"""Whether anything had left this machine when a request failed: the one thing that decides an order's fate (F2-F4)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from quorate.venues.ccxt.transport import DirectTransport, HttpRequest, SocketTransport, Unanswered, Unsent

Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ORDER = "symbol=BTCUSDT&signature=SECRET"


@asynccontextmanager
async def server(speak: Speak) -> AsyncGenerator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await speak(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture
async def transport() -> AsyncIterator[SocketTransport]:
    made = SocketTransport()
    yield made
    await made.close()


def post(base: str) -> HttpRequest:
    return HttpRequest("POST", f"{base}/api/v3/order?signature=SECRET", {"X-MBX-APIKEY": "KEY"}, ORDER)


async def test_a_whole_answer_is_told_with_its_status_and_headers(transport: SocketTransport) -> None:
    heard: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(ORDER.encode()))
        writer.write(b"HTTP/1.1 429 Slow\r\nRetry-After: 3\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()

    async with server(speak) as base:
        answer = await transport.send(post(base), deadline_s=5)
    assert (answer.status, answer.headers["retry-after"], answer.text) == (429, "3", "{}")
    assert b"x-mbx-apikey: KEY" in heard[0] or b"X-MBX-APIKEY: KEY" in heard[0]


async def test_a_refused_connection_sent_nothing(transport: SocketTransport) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unsent):
        await transport.send(post(f"http://127.0.0.1:{port}"), deadline_s=5)


async def test_a_name_that_cannot_be_resolved_sent_nothing(transport: SocketTransport) -> None:
    with pytest.raises(Unsent):
        await transport.send(post("http://nowhere.invalid"), deadline_s=5)


async def test_f04_a_connection_reset_after_the_request_was_written_proves_nothing(transport: SocketTransport) -> None:
    async def speak(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(ORDER.encode())

    async with server(speak) as base:
        with pytest.raises(Unanswered):
            await transport.send(post(base), deadline_s=5)


async def test_f02_a_time_out_after_the_request_was_written_proves_nothing(transport: SocketTransport) -> None:
    received = 0

    async def speak(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await reader.readuntil(ORDER.encode())
        received += 1
        await reader.read()

    async with server(speak) as base:
        with pytest.raises(Unanswered):
            await transport.send(post(base), deadline_s=0.3)
    assert received == 1, "sent once, never again"


async def test_half_an_answer_is_none(transport: SocketTransport) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(ORDER.encode())
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"orderId"')
        await writer.drain()

    async with server(speak) as base:
        with pytest.raises(Unanswered):
            await transport.send(post(base), deadline_s=5)


async def test_a_redirect_is_not_followed(transport: SocketTransport) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(ORDER.encode())
        writer.write(b"HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    async with server(speak) as base:
        assert (await transport.send(post(base), deadline_s=5)).status == 307


def test_i7_a_request_shows_neither_its_key_nor_its_signature() -> None:
    assert "SECRET" not in repr(post("http://127.0.0.1"))
    assert "KEY" not in repr(post("http://127.0.0.1"))


@pytest.mark.parametrize("error", [ConnectionRefusedError(), socket.gaierror()])
async def test_in_this_process_too_a_refused_connection_sent_nothing(error: OSError) -> None:
    async def refuse(*_: object) -> tuple[int, dict[str, str], str]:
        raise error

    with pytest.raises(Unsent):
        await DirectTransport(refuse).send(post("http://x"), deadline_s=1)


@pytest.mark.parametrize("error", [ConnectionResetError(), BrokenPipeError(), TimeoutError()])
async def test_in_this_process_too_a_lost_answer_proves_nothing(error: OSError) -> None:
    async def lose(*_: object) -> tuple[int, dict[str, str], str]:
        raise error

    with pytest.raises(Unanswered):
        await DirectTransport(lose).send(post("http://x"), deadline_s=1)


async def test_an_exchange_in_this_process_that_never_answers_times_out() -> None:
    async def hang(*_: object) -> tuple[int, dict[str, str], str]:
        return await asyncio.Future()

    with pytest.raises(Unanswered):
        await DirectTransport(hang).send(post("http://x"), deadline_s=0.05)
