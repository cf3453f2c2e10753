"""The keys in Redis that older clients read: made whole from the tables, so that writing them again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from quorate.domain.market import symbol_of
from quorate.domain.money import plain
from quorate.journal.entry import Entry, milliseconds
from quorate.journal.published import lesson_fields, optimization_fields, timestamp

if TYPE_CHECKING:
    from asyncpg import Record
    from asyncpg.pool import Pool

    from quorate.store.redis_commands import RedisClient

BOOKS_KEY = "dual_portfolio_data"
SIGNALS_KEY = "ai_signal_log"
COOLDOWN_KEY = "signal:{symbol}"
OPTIMIZER_KEY = "optimization_config"
LESSONS_KEY = "lessons"
SIGNALS_KEPT = 200
LESSONS_KEPT = 100
_BOOK_KINDS = {"AccountOpened", "EquityMarked", "PositionChanged", "TradeClosed"}
_SIGNAL_KINDS = {"SignalPublished"}
_COOLDOWN_KINDS = {"CooldownSet"}
_OPTIMIZER_KINDS = {"OptimizationChanged"}
_LESSON_KINDS = {"LessonLearned"}
_ALL_KINDS = _BOOK_KINDS | _SIGNAL_KINDS | _COOLDOWN_KINDS | _OPTIMIZER_KINDS | _LESSON_KINDS
_encode = msgspec.json.Encoder(order="sorted").encode


class RelayKeys:
    """The keys of one Redis, for the given accounts (None: all)."""

    def __init__(self, client: RedisClient, pool: Pool, accounts: Sequence[str] | None) -> None:
        self._client = client
        self._pool = pool
        self._accounts = None if accounts is None else list(accounts)
        self._stale: set[str] = set()
        self.all_stale()

    def all_stale(self) -> None:
        """Write every key again at the next `refresh`."""
        self._stale = set(_ALL_KINDS)

    def note(self, entries: Iterable[Entry]) -> None:
        """Remember which keys these entries change."""
        self._stale |= {entry.kind for entry in entries}

    async def refresh(self) -> None:
        """Write and announce what changed since the last time."""
        stale, self._stale = self._stale, set()
        try:
            if stale & _BOOK_KINDS:
                await self._books()
            if stale & _SIGNAL_KINDS:
                await self._signals()
            if stale & _COOLDOWN_KINDS:
                await self._cooldowns()
            if stale & _OPTIMIZER_KINDS:
                await self._optimizer()
            if stale & _LESSON_KINDS:
                await self._lessons()
        except BaseException:
            self._stale |= stale
            raise

    async def _books(self) -> None:
        query = (
            "select account, name, equity, cash, unrealized, drawdown_pct, at, epoch, seq from portfolios "
            "where $1::text[] is null or account = any($1) order by account, name"
        )
        books = await self._pool.fetch(query, self._accounts)
        if not books:
            return
        positions = await self._pool.fetch(
            "select account, portfolio, body::text as body from positions "
            "where $1::text[] is null or account = any($1) order by account, portfolio, pair",
            self._accounts,
        )
        newest = max(books, key=lambda book: (book["epoch"], book["seq"]))
        data = _encode(
            {
                "id": f"{newest['epoch']}-{newest['seq']}",
                "timestamp": timestamp(milliseconds(newest["at"])),
                "portfolios": [
                    {
                        "account": book["account"],
                        "name": book["name"],
                        "equity": plain(book["equity"]),
                        "cash": plain(book["cash"]),
                        "unrealized": plain(book["unrealized"]),
                        "drawdown_pct": float(book["drawdown_pct"]),
                        "timestamp": timestamp(milliseconds(book["at"])),
                        "positions": [
                            msgspec.Raw(position["body"].encode())
                            for position in positions
                            if (position["account"], position["portfolio"]) == (book["account"], book["name"])
                        ],
                    }
                    for book in books
                ],
            }
        )
        await self._set(BOOKS_KEY, data)

    async def _signals(self) -> None:
        query = (
            "select body::text as body from signals where $1::text[] is null or account = any($1) "
            "order by epoch desc, seq desc limit $2"
        )
        rows = await self._pool.fetch(query, self._accounts, SIGNALS_KEPT)
        if not rows:
            return
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.delete(SIGNALS_KEY)
            pipe.rpush(SIGNALS_KEY, *(row["body"] for row in rows))
            pipe.publish(SIGNALS_KEY, rows[0]["body"])
            await pipe.execute()

    async def _cooldowns(self) -> None:
        """A key for each pair that cools down, for as long as it has left on the feed's clock."""
        rows = await self._pool.fetch(
            "select s.account, s.pair, s.until, s.why, s.at, greatest(s.at, max(p.at)) as now from silences s "
            "left join portfolios p on p.account = s.account "
            "where s.strategy = '' and ($1::text[] is null or s.account = any($1)) "
            "group by s.account, s.pair, s.strategy",
            self._accounts,
        )
        for row in rows:
            left_ms = milliseconds(row["until"]) - milliseconds(row["now"])
            key = COOLDOWN_KEY.format(symbol=symbol_of(row["pair"]))
            data = _encode(
                {
                    "account": row["account"],
                    "pair": row["pair"],
                    "since": timestamp(milliseconds(row["at"])),
                    "until": timestamp(milliseconds(row["until"])),
                    "why": row["why"],
                }
            )
            if left_ms > 0:
                await self._set(key, data, left_ms=left_ms)
            else:
                await self._client.delete(key)

    async def _optimizer(self) -> None:
        """The newest version of the optimizer's configuration, complete."""
        row = await self._pool.fetchrow(
            "select account, at, epoch, seq, body::text as body from optimizations "
            "where $1::text[] is null or account = any($1) order by epoch desc, seq desc limit 1",
            self._accounts,
        )
        if row is not None:
            await self._set(OPTIMIZER_KEY, _encode({**_place(row), **optimization_fields(row["body"])}))

    async def _lessons(self) -> None:
        """The newest lessons, newest first."""
        rows = await self._pool.fetch(
            "select account, at, epoch, seq, body::text as body from lessons "
            "where $1::text[] is null or account = any($1) order by epoch desc, seq desc limit $2",
            self._accounts,
            LESSONS_KEPT,
        )
        lessons = [_encode({**_place(row), **lesson_fields(row["body"])}) for row in rows]
        if not lessons or await self._client.lrange(LESSONS_KEY, 0, -1) == lessons:
            return
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.delete(LESSONS_KEY)
            pipe.rpush(LESSONS_KEY, *lessons)
            pipe.publish(LESSONS_KEY, lessons[0])
            await pipe.execute()

    async def _set(self, key: str, data: bytes, *, left_ms: int | None = None) -> None:
        if await self._client.get(key) == data:
            return
        async with self._client.pipeline(transaction=True) as pipe:
            pipe.set(key, data, px=left_ms)
            pipe.publish(key, data)
            await pipe.execute()


def _place(row: Record) -> dict[str, Any]:
    """What every value made of one entry begins with."""
    return {
        "id": f"{row['epoch']}-{row['seq']}",
        "timestamp": timestamp(milliseconds(row["at"])),
        "account": row["account"],
    }
