"""Asking an exchange for candles, page by page, a few questions at a time, and only as often as it allows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from quorate.domain.errors import QuorateError
from quorate.feeds.backoff import Backoff
from quorate.feeds.candles.timeframes import length_of
from quorate.feeds.exchange_client import ExchangeClient, Row, Throttled
from quorate.feeds.gate import Gate
from quorate.feeds.pace import Sleep

T = TypeVar("T")
PAGE_ROWS = 1_000
QUESTIONS_AT_ONCE = 4
TRIES_MAX = 3
PAGES_MAX = 40
"""Most pages of one pair in one go: more than a month of 5m candles even where a page is short."""


class Questions:
    """REST questions for candles of one exchange, sharing one budget and one memory of having been throttled."""

    def __init__(self, client: ExchangeClient, timeframe: str, *, sleep: Sleep, chance: Callable[[], float]) -> None:
        self._client = client
        self._timeframe = timeframe
        self._sleep = sleep
        self._chance = chance
        self._turns = asyncio.Semaphore(QUESTIONS_AT_ONCE)
        self._throttled: asyncio.Task[None] | None = None

    async def rows(
        self, pair: str, timeframe: str, *, start_ms: int, stop_ms: int, price: str | None = None
    ) -> list[Row]:
        """Candles that open at or after `start_ms` and close at or before `stop_ms`, oldest first.

        `price` is "mark" for those of a mark price. Errors: Unavailable, Throttled, BadInput, after TRIES_MAX tries of
        one page.
        """
        length_ms = length_of(timeframe)
        found: dict[int, Row] = {}
        since_ms = start_ms
        for _ in range(PAGES_MAX):
            if since_ms + length_ms > stop_ms:
                break
            limit = min(PAGE_ROWS, (stop_ms - since_ms) // length_ms + 1)
            page = await self.asked(
                lambda since_ms=since_ms, limit=limit: self._client.candles(
                    pair, timeframe, since_ms=since_ms, limit=limit, price=price
                )
            )
            stamped = [(int(row[0]), row) for row in page if row and isinstance(row[0], int | float)]
            found.update((at, row) for at, row in stamped if since_ms <= at and at + length_ms <= stop_ms)
            newest_ms = max((at for at, _ in stamped), default=-1)
            if newest_ms < since_ms:
                break
            since_ms = newest_ms + length_ms
        return [found[stamp] for stamp in sorted(found)]

    async def fill(
        self, gate: Gate, pairs: Sequence[str], *, start_ms: int, stop_ms: int, now_ms: Callable[[], int]
    ) -> str | None:
        """Offer the gate every candle of `pairs` that opens at or after `start_ms` and closes by `stop_ms`.

        Returns why some pairs are missing, None when every question was answered.
        """

        async def ask(pair: str) -> str | None:
            try:
                rows = await self.rows(pair, self._timeframe, start_ms=start_ms, stop_ms=stop_ms)
            except QuorateError as error:
                return error.message
            for row in rows:
                gate.offer(pair, row, now_ms=now_ms())
            return None

        answers = await asyncio.gather(*(ask(pair) for pair in pairs))
        return next((answer for answer in answers if answer is not None), None)

    async def asked(self, question: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question, asked when it is its turn, up to TRIES_MAX times. Errors: those of the last try."""
        backoff = Backoff(self._chance)
        for left in reversed(range(TRIES_MAX)):
            async with self._turns:
                if self._throttled is not None:
                    await asyncio.shield(self._throttled)
                try:
                    return await question()
                except Throttled as error:
                    self._leave_alone(error.retry_after_s)
                    if not left:
                        raise
                    continue
                except QuorateError:
                    if not left:
                        raise
            await self._sleep(backoff.next_s())
        raise AssertionError("the last try returns or raises")

    def _leave_alone(self, seconds: float) -> None:
        """Ask nothing for so long, whichever pair it is about: the exchange counts them together."""
        if self._throttled is None or self._throttled.done():

            async def wait() -> None:
                await self._sleep(seconds)

            self._throttled = asyncio.create_task(wait(), name=f"{self._client.id} throttles us")
