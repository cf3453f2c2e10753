"""A bus in memory, and what else the API needs, for tests that want to decide what happens."""

import asyncio
import itertools
from bisect import bisect_right

from quorate.journal.bus import Message


class MemoryBus:
    """Implements the API's bus port. `publish` adds a message, `trim` drops old ones, `fail` makes every call raise."""

    def __init__(self) -> None:
        self.streams: dict[str, list[Message]] = {}
        self.failure: Exception | None = None
        self.reads = 0
        self._news = asyncio.Event()
        self._seq = itertools.count(1)

    def publish(
        self, stream: str, data: bytes, *, account: str = "paper", position: tuple[int, int] | None = None
    ) -> str:
        position = position or (1, next(self._seq))
        self.streams.setdefault(stream, []).append(Message(position, account, data))
        self._news.set()
        return f"{position[0]}-{position[1]}"

    def trim(self, stream: str, keep: int) -> None:
        del self.streams[stream][: len(self.streams[stream]) - keep]

    async def first(self, stream: str) -> tuple[int, int] | None:
        self._check()
        messages = self.streams.get(stream)
        return messages[0].position if messages else None

    async def last(self, stream: str) -> tuple[int, int] | None:
        self._check()
        messages = self.streams.get(stream)
        return messages[-1].position if messages else None

    async def read(self, stream: str, *, after: tuple[int, int] | None, limit: int) -> list[Message]:
        self._check()
        self.reads += 1
        messages = self.streams.get(stream, [])
        begin = 0 if after is None else bisect_right(messages, after, key=lambda message: message.position)
        return messages[begin : begin + limit]

    async def wait(self, *, timeout_s: float) -> None:
        self._check()
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure
