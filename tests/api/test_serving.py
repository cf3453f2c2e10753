"""The socket that the API listens on."""

import asyncio
import socket

import pytest

from quorate.api.serving import listen
from quorate.api.settings import ApiSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_small_answers_are_sent_at_once(host: str) -> None:
    """Head and body of an answer leave one by one: held back for an acknowledgement, each answer took 40 ms longer."""
    listening = listen(ApiSettings(host=host, port=0))
    came: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def took(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = writer.get_extra_info("socket")
        came.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async with await asyncio.start_server(took, sock=listening):
        _, writer = await asyncio.open_connection(host, listening.getsockname()[1])
        assert await came == 1
        writer.close()
