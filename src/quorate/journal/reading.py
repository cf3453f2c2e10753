"""Reading entries back: by place, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncpg

from quorate.desk.ports import JournalPosition
from quorate.domain.events import EVENT_KINDS
from quorate.journal.entry import Entry, milliseconds

if TYPE_CHECKING:
    from asyncpg.pool import Pool

ENTRIES_AT_ONCE = 1_000
START = JournalPosition(0, 0)
"""Before every entry."""


async def read_entries(
    pool: Pool,
    *,
    after: JournalPosition,
    accounts: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    bodies: Sequence[str] | None = None,
    where: str = "",
    limit: int = ENTRIES_AT_ONCE,
) -> list[Entry]:
    """Up to `limit` entries later than `after`, oldest first.

    `accounts` and `kinds` narrow them down (None: all); `bodies` names the kinds whose body is wanted (None: all of
    them), the others come with an empty one; `where` is a further condition in our own words.
    """
    parameters: list[object] = [after.epoch, after.seq, limit]
    conditions = ["(epoch, seq) > ($1, $2)"]
    if accounts is not None:
        parameters.append(accounts)
        conditions.append(f"account = any(${len(parameters)})")
    if kinds is not None:
        # Written out, not passed: only a literal lets the planner use the index of that kind.
        conditions.append(f"kind in ({_literals(kinds)})")
    if where:
        conditions.append(where)
    body = "body::text"
    if bodies is not None:
        body = f"case when kind in ({_literals(bodies)}) then body::text else '' end" if bodies else "''"
    query = (
        f"select epoch, seq, account, owner, kind, subject, at, {body} as body from journal "  # noqa: S608  our words
        f"where {' and '.join(conditions)} order by epoch, seq limit $3"
    )
    return [_entry(row) for row in await pool.fetch(query, *parameters)]


async def head_of(pool: Pool) -> JournalPosition:
    """The newest committed position."""
    row = await pool.fetchrow("select epoch, seq from journal_head")
    assert row is not None, "the journal has a head"
    return JournalPosition(row["epoch"], row["seq"])


def _literals(kinds: Sequence[str]) -> str:
    assert kinds, "at least one kind"
    assert all(kind in EVENT_KINDS for kind in kinds), "kinds are names of events"
    return ", ".join(f"'{kind}'" for kind in kinds)


def _entry(row: asyncpg.Record) -> Entry:
    return Entry(
        row["epoch"],
        row["seq"],
        row["account"],
        row["owner"],
        row["kind"],
        row["subject"],
        milliseconds(row["at"]),
        row["body"],
    )
