"""Slots of jobs: which were run, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot; `report` is the job's reply as JSON."""

    job: str
    slot: str
    instant: datetime
    outcome: str
    report: str | None
    error: str | None


async def newest(pool: Pool, account: str, job: str, count: int) -> list[SlotRow]:
    """The newest runs of a job, newest first."""
    rows = await pool.fetch(
        """
        select job, slot, instant, outcome, report, error from slots
        where account = $1 and job = $2 order by epoch desc, seq desc limit $3
        """,
        account,
        job,
        count,
    )
    return [SlotRow(*row) for row in rows]
