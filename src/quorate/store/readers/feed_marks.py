"""Which feed it was whose candles somebody has seen, by the marks that are left of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.domain.candle import TIMEFRAME_MS

if TYPE_CHECKING:
    from decimal import Decimal

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class Mark:
    """A close that somebody has seen."""

    pair: str
    at_ms: int
    price: Decimal


async def feed_with(pool: Pool, *, kind: str, marks: Collection[Mark]) -> str | None:
    """Key of a feed of that kind whose candles closed at all of these marks; None where there is none."""
    rows = await pool.fetch("select feed, timeframe, markets from feeds where kind = $1 order by feed", kind)
    for row in rows:
        listed = {str(market["pair"]) for market in json.loads(row["markets"])}
        if {mark.pair for mark in marks} <= listed and await _closed(pool, row["feed"], row["timeframe"], marks):
            feed: str = row["feed"]
            return feed
    return None


async def _closed(pool: Pool, feed: str, timeframe: str, marks: Collection[Mark]) -> bool:
    found = await pool.fetchval(
        "select count(*) from candles join unnest($3::text[], $4::bigint[], $5::numeric[]) as m (pair, open_ms, close) "
        "using (pair, open_ms, close) where feed = $1 and timeframe = $2",
        feed,
        timeframe,
        [mark.pair for mark in marks],
        [mark.at_ms - TIMEFRAME_MS[timeframe] for mark in marks],
        [mark.price for mark in marks],
    )
    return found == len(marks)


async def last_step_ms(pool: Pool, feed: str) -> int | None:
    """Instant of the newest step in a feed's log; None for an empty one."""
    return await pool.fetchval("select max(at_ms) from feed_steps where feed = $1", feed)
