"""Candles and quotes as the feed role left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.domain.candle import TIMEFRAME_MS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool

OPEN_MS_MAX = 2**61
"""Later than any candle opens."""
DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which candles: the newest `count` that opened before `before_ms` (None: any)."""

    feed: str
    pair: str
    timeframe: str
    before_ms: int | None
    count: int


@dataclass(frozen=True, slots=True)
class CandleRow:
    """One closed candle."""

    open_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: float


@dataclass(frozen=True, slots=True)
class QuoteRow:
    """The newest quote of a pair."""

    pair: str
    last: Decimal
    bid: Decimal | None
    ask: Decimal | None
    at: datetime


@dataclass(frozen=True, slots=True)
class DayChange:
    """A pair over the last 24 h of its candles: the close before them, and the base volume within."""

    pair: str
    close_before: Decimal | None
    volume: float


async def candles(pool: Pool, wanted: Wanted) -> list[CandleRow]:
    """Stored candles, oldest first."""
    rows = await pool.fetch(
        """
        select open_ms, open, high, low, close, volume from candles
        where feed = $1 and pair = $2 and timeframe = $3 and open_ms < $4 order by open_ms desc limit $5
        """,
        wanted.feed,
        wanted.pair,
        wanted.timeframe,
        OPEN_MS_MAX if wanted.before_ms is None else wanted.before_ms,
        wanted.count,
    )
    return [CandleRow(*row) for row in reversed(rows)]


async def gathered(pool: Pool, wanted: Wanted, *, base: str) -> list[CandleRow]:
    """As `candles`, for a timeframe above the feed's own: what is stored, then closed buckets of `base` candles.

    A feed stores its own candles as they close, and of longer ones only the history from before its first step.
    """
    length_ms, base_ms = TIMEFRAME_MS[wanted.timeframe], TIMEFRAME_MS[base]
    rows = await pool.fetch(
        """
        with ends as (
          select coalesce((
            select max(open_ms) + $6::bigint from candles where feed = $1 and pair = $2 and timeframe = $3
          ), 0) as stored, least($4::bigint, coalesce((
            select max(open_ms) + $7::bigint from candles where feed = $1 and pair = $2 and timeframe = $8
          ), 0)) as made
        ), made as (
          select open_ms - open_ms % $6::bigint as open_ms, (array_agg(open order by open_ms))[1] as open,
            max(high) as high, min(low) as low, (array_agg(close order by open_ms desc))[1] as close,
            sum(volume order by open_ms) as volume
          from candles, ends
          where feed = $1 and pair = $2 and timeframe = $8 and open_ms < ends.made
            and open_ms >= greatest(ends.stored, (ends.made / $6::bigint - $5::bigint) * $6::bigint)
          group by 1
        )
        select open_ms, open, high, low, close, volume from made, ends where open_ms + $6::bigint <= ends.made
        union all (
          select open_ms, open, high, low, close, volume from candles
          where feed = $1 and pair = $2 and timeframe = $3 and open_ms < $4::bigint
          order by open_ms desc limit $5::bigint
        )
        order by open_ms desc limit $5::bigint
        """,
        wanted.feed,
        wanted.pair,
        wanted.timeframe,
        OPEN_MS_MAX if wanted.before_ms is None else wanted.before_ms,
        wanted.count,
        length_ms,
        base_ms,
        base,
    )
    return [CandleRow(*row) for row in reversed(rows)]


async def quotes(pool: Pool, feed: str, pairs: Sequence[str] | None) -> list[QuoteRow]:
    """The newest quotes of `pairs` (None: all), by pair."""
    rows = await pool.fetch(
        """
        select pair, last, bid, ask, at from quotes
        where feed = $1 and ($2::text[] is null or pair = any ($2::text[])) order by pair
        """,
        feed,
        None if pairs is None else list(pairs),
    )
    return [QuoteRow(*row) for row in rows]


async def day_changes(pool: Pool, feed: str, *, base: str, at_ms: int) -> dict[str, DayChange]:
    """What every quoted pair did in the 24 h until `at_ms`, by the candles of the feed's own timeframe."""
    length_ms = TIMEFRAME_MS[base]
    at_ms -= at_ms % length_ms
    rows = await pool.fetch(
        """
        select q.pair, before.close, day.volume
        from quotes q
        left join candles before on before.feed = $1 and before.pair = q.pair and before.timeframe = $2
          and before.open_ms = $3::bigint - $4::bigint
        cross join lateral (
          select sum(volume) as volume from candles c
          where c.feed = $1 and c.pair = q.pair and c.timeframe = $2
            and c.open_ms >= $3::bigint and c.open_ms < $5::bigint
        ) day
        where q.feed = $1 and day.volume is not null
        """,
        feed,
        base,
        at_ms - DAY_MS,
        length_ms,
        at_ms,
    )
    return {row[0]: DayChange(*row) for row in rows}
