"""A feed that another process runs: its steps, history and quotes as its role leaves them in Postgres."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, cast

import asyncpg
import numpy as np
from loguru import logger

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import Unavailable
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.feeds.bar_ranges import closed_before, gathered, joined, opening_from
from quorate.feeds.quote import Quote
from quorate.feeds.store import CHANNEL, LOST, refused_of
from quorate.kernel.bars import Bars, to_floats, to_ticks
from quorate.store.readers import market as rows_of_market

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.desk.ports import Clock
    from quorate.store.database import Database

POLL_S = 1.0
"""How often the log is looked at when no notice comes: a lost notice costs this long."""
QUOTES_S = 1.0
BATCH_STEPS = 256
FRESH_WITHIN_BARS = 1
"""A step read later than this many bars after its close is history: nothing new is decided on it."""
RETRY_S = 1.0
LIVE = "exchange"


class StoredFeed:
    """Follows the log that the feed role of `feed` writes; the same steps, in the same order, each whole.

    A step's row is committed together with its candles, so whoever sees the row sees them all. A feed of a real market
    is fresh only while it is: steps that this process reads late are marked as not fresh.
    """

    def __init__(self, database: Database, pool: Pool, *, feed: str, clock: Clock) -> None:
        self.feed = feed
        self._database = database
        self._pool = pool
        self._clock = clock
        self._markets: tuple[Market, ...] = ()
        self._facts: tuple[str, str, str, bool] = ("", "", "", True)
        self._start_ms = 0
        self._notice = asyncio.Event()
        self._quotes: list[Quote] = []
        self._quoting: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        """What its candles are kept under."""
        return self.feed

    @property
    def kind(self) -> str:
        """What the feed is in the process that runs it: exchange, replay or simulated."""
        return self._facts[0]

    @property
    def label(self) -> str:
        """What to call it in front of people."""
        return self._facts[1]

    @property
    def timeframe(self) -> str:
        """The base timeframe of the steps."""
        return self._facts[2]

    @property
    def paced(self) -> bool:
        """Whether the process that runs it holds it to a clock."""
        return self._facts[3]

    @property
    def markets(self) -> Sequence[Market]:
        """The markets, sorted by pair."""
        return self._markets

    @property
    def start_ms(self) -> int:
        """Where the log begins: its oldest step is later than this; 0 for an empty one."""
        return self._start_ms

    @property
    def end_ms(self) -> int | None:
        """Nobody can tell from outside when a feed ends."""
        return None

    async def open(self) -> None:
        """Read what the feed is. Errors: Unavailable while no feed role has announced it, and those of the database."""
        row = await self._pool.fetchrow(
            "select kind, label, timeframe, paced, markets from feeds where feed = $1", self.feed
        )
        if row is None:
            raise Unavailable(f"No feed {self.feed} has been written yet.", hint="Start `quorate feed` first.")
        self._facts = (row[0], row[1], row[2], row[3])
        self._markets = tuple(sorted(map(_market_of, json.loads(row[4])), key=attrgetter("pair")))
        first_ms = await self._pool.fetchval("select min(at_ms) from feed_steps where feed = $1", self.feed)
        self._start_ms = 0 if first_ms is None else first_ms - TIMEFRAME_MS[self.timeframe]
        await self._read_quotes()
        self._quoting = asyncio.create_task(self._follow_quotes(), name=f"quotes of {self.feed}")

    async def close(self) -> None:
        """Stop following."""
        if self._quoting is not None:
            self._quoting.cancel()
            await asyncio.gather(self._quoting, return_exceptions=True)

    def now_ms(self) -> int:
        """Feed time of now: of the newest quote, on a real market the wall clock."""
        newest = max((quote.at_ms for quote in self._quotes), default=0)
        return self._clock.now_ms() if self.kind == LIVE else newest

    def quotes(self, at_ms: int) -> list[Quote]:
        """The newest quotes at or before `at_ms`, at most a second or two old."""
        return [quote for quote in self._quotes if quote.at_ms <= at_ms]

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars whose close is at or before `before_ms`: those kept, then gathered base bars."""
        length_ms = TIMEFRAME_MS[timeframe]
        own = closed_before(await self._bars(pair, timeframe, before_ms - length_ms + 1, count), before_ms, count)
        if timeframe == self.timeframe or (len(own) and int(own.close_ms[-1]) + length_ms > before_ms):
            return own
        base_ms = TIMEFRAME_MS[self.timeframe]
        span_ms = before_ms - int(own.close_ms[-1]) if len(own) else count * length_ms
        base = await self._bars(
            pair, self.timeframe, before_ms - base_ms + 1, min(span_ms, count * length_ms) // base_ms
        )
        newer = opening_from(base, int(own.close_ms[-1])) if len(own) else base
        return closed_before(joined(own, gathered(newer, timeframe)), before_ms, count)

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """Every step later than `after_ms` (None: from the oldest in the log), then as they are written."""
        listener: asyncpg.Connection | None = None
        at_ms = -1 if after_ms is None else after_ms
        try:
            while True:
                try:
                    listener = listener or await self._listen()
                    self._notice.clear()
                    found = await self._read_steps(at_ms)
                except LOST as error:
                    logger.warning("steps of {} wait for the database: {}", self.feed, error)
                    if listener is not None:
                        listener.terminate()
                    listener = None
                    await asyncio.sleep(RETRY_S)
                    continue
                for step in found:
                    at_ms = step.at_ms
                    yield step
                if not found:
                    await self._wait()
        finally:
            if listener is not None:
                listener.terminate()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._notice.wait()
        except TimeoutError:
            return

    async def _listen(self) -> asyncpg.Connection:
        connection = await self._database.connect(name=f"steps of {self.feed}")
        await connection.add_listener(CHANNEL, self._on_notice)
        return connection

    def _on_notice(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        if payload == self.feed:
            self._notice.set()

    async def _read_steps(self, after_ms: int) -> list[Step]:
        marks = await self._pool.fetch(
            "select at_ms, fresh, quarantined from feed_steps where feed = $1 and at_ms > $2 order by at_ms limit $3",
            self.feed,
            after_ms,
            BATCH_STEPS,
        )
        if not marks:
            return []
        length_ms = TIMEFRAME_MS[self.timeframe]
        rows = await self._pool.fetch(
            "select pair, open_ms, open, high, low, close, volume from candles where feed = $1 and timeframe = $2 "
            "and open_ms > $3 and open_ms <= $4 order by open_ms",
            self.feed,
            self.timeframe,
            after_ms - length_ms,
            marks[-1][0] - length_ms,
        )
        markets = {market.pair: market for market in self._markets}
        candles = {
            open_ms + length_ms: _sorted_candles(group, markets, self.timeframe)
            for open_ms, group in groupby(rows, key=lambda row: cast("int", row[1]))
        }
        return [
            Step(at_ms, candles.get(at_ms, ()), fresh and self._is_fresh(at_ms), refused_of(quarantined))
            for at_ms, fresh, quarantined in marks
        ]

    def _is_fresh(self, at_ms: int) -> bool:
        late_ms = self._clock.now_ms() - at_ms
        return self.kind != LIVE or late_ms <= FRESH_WITHIN_BARS * TIMEFRAME_MS[self.timeframe]

    async def _bars(self, pair: str, timeframe: str, before_ms: int, count: int) -> Bars:
        wanted = rows_of_market.Wanted(feed=self.feed, pair=pair, timeframe=timeframe, before_ms=before_ms, count=count)
        rows = await rows_of_market.candles(self._pool, wanted)
        tick = next(market.tick for market in self._markets if market.pair == pair)
        names = ("open", "high", "low", "close")
        columns = [np.array([getattr(row, name) for row in rows], np.float64) for name in names]
        open_, high, low, close = (to_floats(to_ticks(column, tick), tick) for column in columns)
        open_ms = np.array([row.open_ms for row in rows], np.int64)
        return Bars(pair, timeframe, open_ms, open_, high, low, close, np.array([r.volume for r in rows], np.float64))

    async def _follow_quotes(self) -> None:
        while True:
            await asyncio.sleep(QUOTES_S)
            try:
                await self._read_quotes()
            except LOST as error:
                logger.debug("quotes of {} could not be read: {}", self.feed, error)

    async def _read_quotes(self) -> None:
        rows = await rows_of_market.quotes(self._pool, self.feed, None)
        self._quotes = [Quote(r.pair, r.last, r.bid, r.ask, round(r.at.timestamp() * 1000)) for r in rows]


def _sorted_candles(rows: object, markets: dict[str, Market], timeframe: str) -> tuple[Candle, ...]:
    # Sorted here, not by the database: its collation may order pairs in another way than Python does.
    found: list[Candle] = []
    for pair, open_ms, open_, high, low, close, volume in cast("Sequence[tuple[str, int, *tuple[Decimal, ...]]]", rows):
        market = markets.get(pair)
        if market is not None:
            o, h, lowest, c = (market.ticks_nearest(price) for price in (open_, high, low, close))
            found.append(Candle(pair, timeframe, open_ms, o, h, lowest, c, float(volume)))
    return tuple(sorted(found, key=attrgetter("pair")))


def _market_of(told: dict[str, object]) -> Market:
    return Market(
        pair=str(told["pair"]),
        tick=Decimal(str(told["tick"])),
        lot=Decimal(str(told["lot"])),
        min_notional=Decimal(str(told["min_notional"])),
        spread_ppm=int(str(told["spread_ppm"])),
        estimated=tuple(map(str, cast("list[object]", told["estimated"]))),
    )
