"""Drives the exchanges by a feed: its quotes as they come, or its recorded candles as paths in time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.snapshot import Step
from quorate.exchange.outside_market import OutsideMarket, path
from quorate.feeds.logged import Source

QUOTES_S = 1.0
"""How often a live feed is asked for its quotes."""
POINT_S = 1.0
"""How often the price moves along a recorded candle."""
POINTS_MAX = 300
DAY_MS = 86_400_000
Sleep = Callable[[float], Awaitable[None]]


def shift_of(feed: Source, now_ms: int) -> int:
    """How far a recording is moved towards the present: whole days, so that its candles stay on the clock.

    0 for feeds that are in the present already.
    """
    return (now_ms - feed.start_ms) // DAY_MS * DAY_MS if feed.kind == "replay" else 0


class Drive:
    """Moves the outside markets. While `frozen` is set the price stands still and nothing is traded outside."""

    def __init__(
        self,
        feed: Source,
        markets: Sequence[OutsideMarket],
        *,
        clock: Callable[[], int],
        sleep: Sleep = asyncio.sleep,
        speed: float = 1.0,
    ) -> None:
        self.frozen = False
        self._feed = feed
        self._clock = clock
        self._sleep = sleep
        self._speed = speed
        self._shift_ms = shift_of(feed, clock())
        self._markets: dict[str, list[OutsideMarket]] = {}
        for market in markets:
            self._markets.setdefault(market.pair, []).append(market)

    async def run(self) -> None:
        """Drive until the feed ends, or until cancelled."""
        if self._feed.kind == "replay":
            await self._replay()
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(), name="quotes of the exchange")
                group.create_task(self._drain(), name="steps of the feed")

    def begin(self) -> None:
        """Set the books up at the feed's present prices, before anybody comes in."""
        at_ms = self._clock()
        self._take_quotes(at_ms - self._shift_ms, at_ms)

    async def _follow(self) -> None:
        while True:
            if not self.frozen:
                self._take_quotes(self._feed.now_ms(), self._clock())
            await self._sleep(QUOTES_S)

    def _take_quotes(self, feed_ms: int, at_ms: int) -> None:
        for quote in self._feed.quotes(feed_ms):
            for market in self._markets.get(quote.pair, ()):
                market.move(quote.last, bid=quote.bid, ask=quote.ask, volume=None, at_ms=at_ms)

    async def _drain(self) -> None:
        """A feed goes on only while its steps are taken; here its quotes are what counts."""
        async for _ in self._feed.steps(self._feed.now_ms()):
            pass

    async def _replay(self) -> None:
        async for step in self._feed.steps(self._clock() - self._shift_ms):
            await self._play(step)

    async def _play(self, step: Step) -> None:
        """Move every price along its candle, for as long as the candle lasts at this speed."""
        if not step.candles:
            return
        lasts_s = TIMEFRAME_MS[step.candles[0].timeframe] / 1_000 / self._speed
        count = max(3, min(POINTS_MAX, int(lasts_s / POINT_S)))
        paths = [(self._markets.get(candle.pair, ()), list(path(candle, count))) for candle in step.candles]
        pause_s = lasts_s / max(len(points) for _, points in paths)
        for place in range(max(len(points) for _, points in paths)):
            for markets, points in paths:
                for market in markets:
                    if not self.frozen:
                        market.play(points[min(place, len(points) - 1)], at_ms=self._clock())
            await self._sleep(pause_s)
