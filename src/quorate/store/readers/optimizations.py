"""Versions of the optimizer's configuration: what holds now, and what held before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg.pool import Pool

HISTORY_MAX = 50


@dataclass(frozen=True, slots=True)
class OptimizationRow:
    """One version; `body` is the whole configuration as JSON, `by` who set it."""

    version: int
    at: datetime
    by: str
    epoch: int
    seq: int
    body: str


async def newest(pool: Pool, account: str) -> OptimizationRow | None:
    """The version in force; None while everything is as the settings say."""
    found = await history(pool, account, limit=1)
    return found[0] if found else None


async def history(pool: Pool, account: str, limit: int = HISTORY_MAX) -> list[OptimizationRow]:
    """The newest versions, newest first, the present one included."""
    rows = await pool.fetch(
        "select version, at, changed_by, epoch, seq, body::text from optimizations where account = $1 "
        "order by epoch desc, seq desc limit $2",
        account,
        min(limit, HISTORY_MAX),
    )
    return [OptimizationRow(*row) for row in rows]


async def newest_account(pool: Pool) -> str | None:
    """The account whose configuration changed last; None where none ever did."""
    return await pool.fetchval("select account from optimizations order by epoch desc, seq desc limit 1")
