"""A feed's candles and quotes in Postgres: written in batches, a step whole or not at all, never in the step's way."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, cast

import asyncpg
from loguru import logger

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.domain.money import plain
from quorate.domain.snapshot import Step
from quorate.feeds.quote import Quote
from quorate.kernel.bars import Bars, tick_scale, to_ticks

if TYPE_CHECKING:
    from quorate.desk.ports import Feed
    from quorate.store.database import Database

CHANNEL = "feed_steps"
"""NOTIFY channel; the payload is the feed's key."""
WAITING_STEPS_MAX = 2_000
"""Steps that may wait to be written; beyond this `add` waits, which only a feed at full speed can reach."""
BATCH_CANDLES_MAX = 20_000
RETRY_S_FIRST, RETRY_S_MAX = 0.2, 5.0
HISTORY_BARS = 1_000
"""Bars of each timeframe from before a feed's first step that are kept for charts and for a worker's warm-up."""
LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection that the server killed while idle raises when it is used
    QuorateError,
)
"""What says that the database, or the way to it, is gone for now."""


class CandleLog:
    """Writes one feed's steps and quotes. `run` is the writer; `add` and `offer_quotes` are for whoever has news.

    A database that is gone is waited for: nothing that was added is lost while this process lives.
    """

    def __init__(self, database: Database, *, feed: str, markets: Sequence[Market], linger_s: float = 0.0) -> None:
        """`linger_s`: how long news waits before it is written, so that a desk in this process may go first."""
        self.feed = feed
        self._linger_s = linger_s
        self._database = database
        self._scales = {market.pair: _PriceText(market.tick) for market in markets}
        self._steps: asyncio.Queue[Step] = asyncio.Queue(WAITING_STEPS_MAX)
        self._quotes: dict[str, Quote] = {}
        self._news = asyncio.Event()
        self._batch: list[Step] = []
        self._added = 0
        self._written = 0
        self._progress = asyncio.Condition()
        self.trouble: str | None = None
        """Why nothing can be written just now; None when all is well."""

    async def add(self, step: Step) -> None:
        """Take a step to be written; waits only when WAITING_STEPS_MAX others wait already."""
        await self._steps.put(step)
        self._added += 1
        self._news.set()

    def offer_quotes(self, quotes: Iterable[Quote]) -> None:
        """Take quotes to be written; a later one of the same pair takes the place of one that still waits."""
        self._quotes.update((quote.pair, quote) for quote in quotes)
        self._news.set()

    async def flush(self) -> None:
        """Wait until everything added so far is written."""
        goal = self._added
        async with self._progress:
            await self._progress.wait_for(lambda: self._written >= goal)

    async def run(self) -> None:
        """Write what comes until cancelled. What was not written then is written first when it runs again."""
        connection: asyncpg.Connection | None = None
        delay_s = RETRY_S_FIRST
        self._news.set()
        try:
            while True:
                await self._news.wait()
                await asyncio.sleep(self._linger_s)
                self._news.clear()
                while self._batch or self._quotes or not self._steps.empty():
                    self._batch = self._batch or self._next_batch()
                    try:
                        connection = connection or await self._connect()
                        await self._write(connection, self._batch)
                    except LOST as error:
                        connection = await self._give_up(connection, error)
                        await asyncio.sleep(delay_s)
                        delay_s = min(delay_s * 2, RETRY_S_MAX)
                        continue
                    self.trouble, delay_s = None, RETRY_S_FIRST
                    self._written += len(self._batch)
                    self._batch = []
                    async with self._progress:
                        self._progress.notify_all()
        finally:
            if connection is not None:
                connection.terminate()

    async def backfill(self, feed: Feed, before_ms: int) -> int:
        """Keep HISTORY_BARS of every timeframe from before the first step; the number of bars that were written.

        Only bars that close at or before `before_ms`, and only where fewer are there. Errors: those of the database.
        """
        connection = await self._connect()
        written = 0
        try:
            for market in feed.markets:
                for timeframe, length_ms in TIMEFRAME_MS.items():
                    if length_ms < TIMEFRAME_MS[feed.timeframe]:
                        continue
                    have = await connection.fetchval(
                        "select count(*) from candles "
                        "where feed = $1 and pair = $2 and timeframe = $3 and open_ms <= $4",
                        self.feed,
                        market.pair,
                        timeframe,
                        before_ms - length_ms,
                    )
                    if have >= HISTORY_BARS:
                        continue
                    bars = await feed.history(market.pair, timeframe, before_ms=before_ms, count=HISTORY_BARS)
                    async with connection.transaction():
                        await self._copy(connection, self._lines(_candles(bars, market.tick)))
                    written += len(bars)
        finally:
            await connection.close()
        return written

    async def announce(self, feed: Feed) -> None:
        """Say what this feed is, for workers in other processes. Errors: those of the database."""
        connection = await self._connect()
        try:
            await connection.execute(
                "insert into feeds (feed, kind, label, timeframe, paced, markets) values ($1, $2, $3, $4, $5, $6) "
                "on conflict (feed) do update set kind = $2, label = $3, timeframe = $4, paced = $5, markets = $6",
                self.feed,
                feed.kind,
                feed.label,
                feed.timeframe,
                feed.paced,
                json.dumps([_market_json(market) for market in feed.markets]),
            )
        finally:
            await connection.close()

    async def last_step_ms(self) -> int | None:
        """Instant of the newest step in the log; None for an empty one. Errors: those of the database."""
        connection = await self._connect()
        try:
            return await connection.fetchval("select max(at_ms) from feed_steps where feed = $1", self.feed)
        finally:
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        connection = await self._database.connect(name=f"candles of {self.feed}")
        try:
            await connection.execute("create temp table candles_new (like candles) on commit delete rows")
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _give_up(self, connection: asyncpg.Connection | None, error: Exception) -> None:
        if self.trouble is None:
            logger.warning("candles of {} wait for the database: {}", self.feed, error)
        self.trouble = str(error) or type(error).__name__
        if connection is not None:
            with contextlib.suppress(*LOST):
                connection.terminate()

    def _next_batch(self) -> list[Step]:
        batch: list[Step] = []
        candles = 0
        while candles < BATCH_CANDLES_MAX and not self._steps.empty():
            step = self._steps.get_nowait()
            batch.append(step)
            candles += len(step.candles)
        return batch

    async def _write(self, connection: asyncpg.Connection, batch: Sequence[Step]) -> None:
        quotes, self._quotes = self._quotes, {}
        try:
            async with connection.transaction():
                if batch:
                    await self._copy(connection, self._lines(c for step in batch for c in step.candles))
                    await self._mark(connection, batch)
                if quotes:
                    await self._upsert(connection, list(quotes.values()))
        except BaseException:
            self._quotes = {**quotes, **self._quotes}
            raise

    async def _copy(self, connection: asyncpg.Connection, lines: bytes) -> None:
        await connection.copy_to_table("candles_new", source=BytesIO(lines), format="text")
        await connection.execute("insert into candles select * from candles_new on conflict do nothing")
        await connection.execute("truncate candles_new")

    def _lines(self, candles: Iterable[Candle]) -> bytes:
        """Candles as COPY text: prices are spelled exactly from their ticks, without a float or a Decimal between."""
        feed = _escaped(self.feed)
        rows: list[str] = []
        for c in candles:
            text = self._scales[c.pair].text
            rows.append(
                f"{feed}\t{c.pair}\t{c.timeframe}\t{c.open_ms}\t{text(c.open)}\t{text(c.high)}\t{text(c.low)}"
                f"\t{text(c.close)}\t{c.volume!r}\n"
            )
        return "".join(rows).encode()

    async def _mark(self, connection: asyncpg.Connection, batch: Sequence[Step]) -> None:
        await connection.execute(
            "insert into feed_steps select $1, * from unnest($2::bigint[], $3::boolean[], $4::json[]) "
            "on conflict do nothing",
            self.feed,
            [step.at_ms for step in batch],
            [step.fresh for step in batch],
            [json.dumps([_refused_json(c, reason) for c, reason in step.quarantined]) for step in batch],
        )
        await connection.execute("select pg_notify($1, $2)", CHANNEL, self.feed)

    async def _upsert(self, connection: asyncpg.Connection, quotes: Sequence[Quote]) -> None:
        await connection.execute(
            "insert into quotes select $1, * from unnest($2::text[], $3::numeric[], $4::numeric[], $5::numeric[], "
            "$6::timestamptz[]) on conflict (feed, pair) do update set last = excluded.last, bid = excluded.bid, "
            "ask = excluded.ask, at = excluded.at",
            self.feed,
            [quote.pair for quote in quotes],
            [quote.last for quote in quotes],
            [quote.bid for quote in quotes],
            [quote.ask for quote in quotes],
            [datetime.fromtimestamp(quote.at_ms / 1000, UTC) for quote in quotes],
        )


class _PriceText:
    """Spells prices of one market from their ticks, exactly."""

    def __init__(self, tick: Decimal) -> None:
        self._numerator, self._denominator = tick_scale(tick)
        self._places = len(str(self._denominator)) - 1

    def text(self, ticks: int) -> str:
        if not self._places:
            return str(ticks * self._numerator)
        whole, part = divmod(ticks * self._numerator, self._denominator)
        return f"{whole}.{part:0{self._places}d}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _candles(bars: Bars, tick: Decimal) -> Iterable[Candle]:
    columns = [to_ticks(column, tick).tolist() for column in (bars.open, bars.high, bars.low, bars.close)]
    rows = zip(bars.open_ms.tolist(), *columns, bars.volume.tolist(), strict=True)
    for open_ms, open_, high, low, close, volume in rows:
        yield Candle(bars.pair, bars.timeframe, open_ms, open_, high, low, close, volume)


def _refused_json(candle: Candle, reason: str) -> list[object]:
    c = candle
    return [c.pair, c.timeframe, c.open_ms, c.open, c.high, c.low, c.close, repr(c.volume), reason]


def refused_of(text: str) -> tuple[tuple[Candle, str], ...]:
    """Quarantined candles as `feed_steps` holds them."""
    rows = cast("list[tuple[str, str, int, int, int, int, int, str, str]]", json.loads(text))
    return tuple((Candle(*row[:7], float(row[7])), row[8]) for row in rows)


def _market_json(market: Market) -> dict[str, object]:
    return {
        "pair": market.pair,
        "tick": plain(market.tick),
        "lot": plain(market.lot),
        "min_notional": plain(market.min_notional),
        "spread_ppm": market.spread_ppm,
        "estimated": list(market.estimated),
    }
