"""What a test hears of a venue: its private stream, and what it answers about orders and executions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable

from quorate.desk.ports import Venue
from quorate.domain.venue import Report, StreamUp, VenueFill, VenueOrder
from tests.venues.ccxt.houses import House

PATIENCE_S = 20.0
"""Longest wait for what a stream must bring; a machine that runs tests is busy."""


async def found(house: House, tag: str) -> VenueOrder | None:
    return await house.venue.find(tag=tag, pair=house.pair, since_ms=house.now_ms() - 60_000)


async def sure(house: House, tag: str) -> VenueOrder:
    order = await found(house, tag)
    assert order is not None
    return order


async def fills(house: House) -> tuple[VenueFill, ...]:
    return await house.venue.fills(house.pair, since_ms=house.now_ms() - 60_000)


class Reports:
    """A venue's private stream, listened to aside."""

    def __init__(self, venue: Venue) -> None:
        self.heard: list[Report] = []
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen(venue))

    async def _listen(self, venue: Venue) -> None:
        async for report in venue.reports():
            self.heard.append(report)
            self._news.set()

    def of(self, kind: type) -> list:
        return [report for report in self.heard if isinstance(report, kind)]

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


@contextlib.asynccontextmanager
async def listening(house: House) -> AsyncGenerator[Reports]:
    reports = Reports(house.venue)
    try:
        await reports.until(lambda: reports.of(StreamUp))
        yield reports
    finally:
        await reports.close()
