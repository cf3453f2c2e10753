"""A feed together with its log: whoever takes its steps has them written down on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from loguru import logger

from quorate.desk.ports import Feed
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.snapshot import Step
from quorate.feeds.store import LOST, CandleLog
from quorate.store.readers.roles import RoleState

if TYPE_CHECKING:
    from quorate.desk.ports import Clock
    from quorate.domain.market import Market
    from quorate.feeds.quote import Quote
    from quorate.kernel.bars import Bars

QUOTES_S = 1.0
"""How often quotes are written."""
STALE_AFTER_MS = 10_000
"""A live feed is stale when its newest step is older than one bar and this: the close, its grace, and some patience."""


class Source(Feed, Protocol):
    """A feed as this package makes them: it also knows its own present and the prices there."""

    @property
    def key(self) -> str:
        """What its candles are kept under: the same for the same market data, whoever reads it."""
        ...

    @property
    def start_ms(self) -> int:
        """Where the feed begins by itself: its first step is later than this. Known once it is open."""
        ...

    @property
    def end_ms(self) -> int | None:
        """Instant of the last step there will be; None for a feed without an end."""
        ...

    def now_ms(self) -> int:
        """Feed time of now, UTC milliseconds."""
        ...

    def quotes(self, at_ms: int) -> list[Quote]:
        """The newest quotes at an instant, sorted by pair."""
        ...


class LoggedFeed:
    """Hands on the steps of `source` and writes them, its quotes and its history into `log` beside the way.

    At the pace of a clock the log never holds a step up; at full speed a log that falls far behind does.
    """

    def __init__(self, source: Source, log: CandleLog, *, clock: Clock) -> None:
        self._source = source
        self._log = log
        self._clock = clock
        self._state = "starting"
        self._at_ms: int | None = None
        self._refused = 0
        self._last_refused = ""

    @property
    def key(self) -> str:
        """As the source's."""
        return self._source.key

    @property
    def kind(self) -> str:
        """As the source's."""
        return self._source.kind

    @property
    def label(self) -> str:
        """As the source's."""
        return self._source.label

    @property
    def timeframe(self) -> str:
        """As the source's."""
        return self._source.timeframe

    @property
    def paced(self) -> bool:
        """As the source's."""
        return self._source.paced

    @property
    def markets(self) -> Sequence[Market]:
        """As the source's."""
        return self._source.markets

    @property
    def start_ms(self) -> int:
        """As the source's."""
        return self._source.start_ms

    @property
    def end_ms(self) -> int | None:
        """As the source's."""
        return self._source.end_ms

    async def open(self) -> None:
        """Tell other processes what the source is, which must be open already."""
        await self._log.announce(self)

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """As the source's."""
        return await self._source.history(pair, timeframe, before_ms=before_ms, count=count)

    def now_ms(self) -> int:
        """As the source's."""
        return self._source.now_ms()

    def quotes(self, at_ms: int) -> list[Quote]:
        """As the source's."""
        return self._source.quotes(at_ms)

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """The source's steps; each is queued for the log before it is handed on."""
        writer = asyncio.create_task(self._log.run(), name=f"candle log of {self._log.feed}")
        side_work = [writer, asyncio.create_task(self._write_quotes(), name=f"quotes of {self._log.feed}")]
        backfill: asyncio.Task[None] | None = None
        if after_ms is not None:
            self._state, self._at_ms = "up", after_ms
        try:
            async for step in self._source.steps(after_ms):
                if backfill is None:
                    begin_ms = step.at_ms - TIMEFRAME_MS[self.timeframe]
                    backfill = asyncio.create_task(self._backfill(begin_ms), name=f"history of {self._log.feed}")
                    side_work.append(backfill)
                if writer.done():
                    writer.result()
                await self._log.add(step)
                self._state, self._at_ms = "up", step.at_ms
                self._count_refused(step)
                yield step
            self._state = "ended"
            self._log.offer_quotes(self._source.quotes(self._source.now_ms()))
            await self._log.flush()
            if backfill is not None:
                await backfill
        finally:
            for task in side_work:
                task.cancel()
            await asyncio.gather(*side_work, return_exceptions=True)

    async def close(self) -> None:
        """Close the source."""
        await self._source.close()

    def says(self) -> RoleState:
        """The feed role's sign of life, without whose it is and since when."""
        stale_after_ms = TIMEFRAME_MS[self.timeframe] + STALE_AFTER_MS if self.kind == "exchange" else None
        late = (
            stale_after_ms is not None
            and self._at_ms is not None
            and self._clock.now_ms() - self._at_ms > stale_after_ms
        )
        return RoleState(
            feed=self._log.feed,
            kind=self.kind,
            label=self.label,
            state="stale" if self._state == "up" and late else self._state,
            at_ms=self._at_ms,
            stale_after_ms=stale_after_ms,
            detail="; ".join(self._troubles()),
        )

    def _count_refused(self, step: Step) -> None:
        if step.quarantined:
            candle, reason = step.quarantined[-1]
            at = datetime.fromtimestamp(candle.open_ms / 1000, UTC)
            self._refused += len(step.quarantined)
            self._last_refused = f"{candle.pair} {at:%Y-%m-%d %H:%M}, {reason}"

    def _troubles(self) -> Iterator[str]:
        if self._log.trouble:
            yield f"not written down: {self._log.trouble}"
        if self._refused:
            count = "1 candle" if self._refused == 1 else f"{self._refused:,} candles"
            yield f"{count} refused since the start, the last one {self._last_refused}"

    async def _write_quotes(self) -> None:
        while True:
            if self._at_ms is not None:
                self._log.offer_quotes(self._source.quotes(self._source.now_ms()))
            await asyncio.sleep(QUOTES_S)

    async def _backfill(self, begin_ms: int) -> None:
        """Keep some of the past for charts and workers; without it the desk works all the same."""
        try:
            await self._log.backfill(self, begin_ms)
        except LOST as error:
            logger.warning("history of {} was not kept: {}", self._log.feed, error)
