"""Shadow trades: every vote run to its end on paper, running or ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
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
    record: str
    contaminated: bool
    hold_r: Decimal | None


async def of_ids(pool: Pool, account: str, ids: Sequence[str]) -> list[ShadowRow]:
    """The shadow trades with these ids, running or closed, by analyst."""
    rows = await pool.fetch(
        """
        select id, analyst, pair, side, (body ->> 'confidence')::numeric, opened_at,
          null::timestamptz, null::numeric, null::text,
          coalesce(body ->> 'record', 'rules'), coalesce((body ->> 'contaminated')::boolean, false), null::numeric
        from shadows where account = $1 and id = any ($2::text[])
        union all
        select id, analyst, pair, side, confidence, opened_at, closed_at, r, reason, record, contaminated, hold_r
        from shadow_results where account = $1 and id = any ($2::text[])
        order by 2, 1
        """,
        account,
        list(ids),
    )
    return [ShadowRow(*row) for row in rows]
