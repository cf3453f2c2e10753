"""Whose stories a journal holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncpg.pool import Pool


async def accounts_opened(pool: Pool) -> list[str]:
    """Every account that was opened in this journal, the one opened last first."""
    rows = await pool.fetch(
        "select account from journal where kind = 'AccountOpened' group by account "
        "order by max(epoch) desc, max(seq) desc"
    )
    return [row["account"] for row in rows]
