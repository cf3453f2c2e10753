"""Shadow trades: every vote run to its end on paper, and what that says of the analysts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """One shadow trade; `closed_at`, `r` and `reason` are None while it runs."""

    id: str
    analyst: str
    pair: str
    side: str
    confidence: Decimal
    opened_at: datetime
    closed_at: datetime | None
    r: Decimal | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnalystRow:
    """An analyst's record. Trades whose entry was never reached are left out of `closed`."""

    analyst: str
    open: int
    closed: int
    wins: int
    mean_r: float | None


async def of_decision(pool: Pool, account: str, *, pair: str, at: datetime) -> list[ShadowRow]:
    """The shadow trades that the votes on `pair` at the instant `at` opened, by analyst."""
    rows = await pool.fetch(
        """
        select id, analyst, pair, side, (body ->> 'confidence')::numeric, opened_at,
          null::timestamptz, null::numeric, null::text
        from shadows where account = $1 and pair = $2 and opened_at = $3
        union all
        select id, analyst, pair, side, confidence, opened_at, closed_at, r, reason
        from shadow_results where account = $1 and pair = $2 and opened_at = $3
        order by 2, 1
        """,
        account,
        pair,
        at,
    )
    return [ShadowRow(*row) for row in rows]


async def records(pool: Pool, account: str) -> list[AnalystRow]:
    """Every analyst that ever had a shadow trade, by name."""
    rows = await pool.fetch(
        """
        with open as (select analyst, count(*) as n from shadows where account = $1 group by analyst),
        done as (
          select analyst, count(r) as n, count(*) filter (where r > 0) as wins, avg(r)::float8 as mean
          from shadow_results where account = $1 group by analyst
        )
        select coalesce(o.analyst, d.analyst), coalesce(o.n, 0), coalesce(d.n, 0), coalesce(d.wins, 0), d.mean
        from open o full join done d on d.analyst = o.analyst
        order by 1
        """,
        account,
    )
    return [AnalystRow(*row) for row in rows]
