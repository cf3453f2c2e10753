"""Lessons of closed trades, as they were written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.store.readers.page import Conditions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class Page:
    """Lessons as JSON, newest first, and the cursor of the page after, None on the last."""

    bodies: list[str]
    following: str | None


async def page(pool: Pool, account: str, *, before: tuple[int, int] | None, limit: int) -> Page:
    """One page of lessons, newest first; a lesson that was put into better words counts as new."""
    conditions = Conditions(account)
    if before is not None:
        conditions.add("(epoch, seq) < ({}, {})", *before)
    head = "select body, epoch, seq from lessons where account = $1"
    # One row more than asked for tells whether there is another page. limit is a bounded integer.
    rows = await pool.fetch(
        conditions.sql(head, f"order by epoch desc, seq desc limit {int(limit) + 1}"), *conditions.values
    )
    shown = rows[:limit]
    following = f"{shown[-1][1]}-{shown[-1][2]}" if len(rows) > len(shown) else None
    return Page([row[0] for row in shown], following)


async def of_trades(pool: Pool, account: str, trades: Sequence[str]) -> list[str]:
    """The lessons of these trades, as JSON, oldest first."""
    rows = await pool.fetch(
        "select body from lessons where account = $1 and trade = any ($2::text[]) order by epoch, seq",
        account,
        list(trades),
    )
    return [row[0] for row in rows]
