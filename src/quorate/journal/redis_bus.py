"""The bus read from Redis Streams: what a reader on another machine needs, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from quorate.journal.bus import Message, Position
from quorate.journal.published import STREAMS
from quorate.store.redis_address import client_of
from quorate.store.redis_commands import StreamRows

BLOCK_MS_MAX = 4_000
"""Longest single XREAD: a connection that died silently is found out between two."""
WAIT_MARGIN_S = 2.0


class RedisBus:
    """One reader of the streams that the relay fills. `close` it."""

    def __init__(self, url: str) -> None:
        self._client = client_of(url)
        self._blocking = client_of(url, patient=True)
        self._tops: dict[str, str] | None = None

    async def first(self, stream: str) -> Position | None:
        """Place of the oldest message that is still there; None for an empty stream."""
        return _only(await self._client.xrange(stream, count=1))

    async def last(self, stream: str) -> Position | None:
        """Place of the newest message; None for an empty stream."""
        return _only(await self._client.xrevrange(stream, count=1))

    async def read(self, stream: str, *, after: Position | None, limit: int) -> Sequence[Message]:
        """Up to `limit` messages later than `after`, oldest first. Never waits."""
        start = "-" if after is None else f"({after[0]}-{after[1]}"
        found = await self._client.xrange(stream, min=start, count=limit)
        return [Message(_position(id_), fields[b"account"].decode(), fields[b"data"]) for id_, fields in found]

    async def wait(self, *, timeout_s: float) -> None:
        """Return when something was added since the last call, or after `timeout_s`."""
        if self._tops is None:
            self._tops = await self._read_tops()
            return
        block_ms = max(1, min(BLOCK_MS_MAX, int(timeout_s * 1000)))
        async with asyncio.timeout(block_ms / 1000 + WAIT_MARGIN_S):
            found = await self._blocking.xread(self._tops, count=1, block=block_ms)
        tops = await self._read_tops()
        # An emptied Redis starts below what we waited for: then every addition is news.
        if found or any(_number(tops[stream]) < _number(top) for stream, top in self._tops.items()):
            self._tops = tops

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()
        await self._blocking.aclose()

    async def _read_tops(self) -> dict[str, str]:
        async with self._client.pipeline(transaction=False) as pipe:
            for stream in STREAMS:
                pipe.xrevrange(stream, count=1)
            found = await pipe.execute()
        return {stream: rows[0][0].decode() if rows else "0-0" for stream, rows in zip(STREAMS, found, strict=True)}


def _only(found: StreamRows) -> Position | None:
    return _position(found[0][0]) if found else None


def _position(id_: bytes) -> Position:
    epoch, _, seq = id_.partition(b"-")
    return int(epoch), int(seq)


def _number(id_: str) -> Position:
    return _position(id_.encode())
