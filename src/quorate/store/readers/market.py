"""Candles and quotes as the feed role left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool


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


async def candles(
    pool: Pool, feed: str, *, pair: str, timeframe: str, before_ms: int | None, count: int
) -> list[CandleRow]:
    """The newest `count` candles that opened before `before_ms` (None: any), oldest first."""
    rows = await pool.fetch(
        """
        select open_ms, open, high, low, close, volume from candles
        where feed = $1 and pair = $2 and timeframe = $3 and open_ms < $4 order by open_ms desc limit $5
        """,
        feed,
        pair,
        timeframe,
        2**62 if before_ms is None else before_ms,
        count,
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


async def day_changes(pool: Pool, feed: str, *, timeframe: str, at_ms: int, step_ms: int) -> dict[str, DayChange]:
    """What every pair did in the 24 h until `at_ms`, from its candles of `timeframe`, each `step_ms` long."""
    rows = await pool.fetch(
        """
        select c.pair, sum(c.volume), (
          select b.close from candles b
          where b.feed = $1 and b.pair = c.pair and b.timeframe = $2 and b.open_ms = $3::bigint - 86400000 - $4::bigint
        )
        from candles c
        where c.feed = $1 and c.timeframe = $2 and c.open_ms >= $3::bigint - 86400000 and c.open_ms < $3::bigint
        group by c.pair
        """,
        feed,
        timeframe,
        at_ms,
        step_ms,
    )
    return {row[0]: DayChange(row[0], row[2], row[1]) for row in rows}
