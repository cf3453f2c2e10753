"""Reading an account's own story back, so that its state can be folded again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from quorate.desk.ports import JournalPosition
from quorate.domain.events import Event
from quorate.journal.entry import Entry
from quorate.journal.reading import ENTRIES_AT_ONCE, START, read_entries

if TYPE_CHECKING:
    from asyncpg.pool import Pool


async def replay(
    pool: Pool, *, account: str, after: JournalPosition | None = None
) -> AsyncIterator[tuple[Entry, Event]]:
    """Every entry of `account` later than `after` (None: from its beginning), with its event, oldest first.

    Ends at the head as it was when the last entries were read: nobody else writes an account whose lease one holds.
    ValueError when an entry cannot be read: then the journal is damaged, see `verify_chain`.
    """
    place: JournalPosition | None = await _before_first(pool, account) if after is None else after
    while place is not None:
        entries = await read_entries(pool, after=place, accounts=[account], limit=ENTRIES_AT_ONCE)
        for entry in entries:
            yield entry, entry.event()
        place = entries[-1].position if len(entries) == ENTRIES_AT_ONCE else None


FIRST_BATCH_ENTRIES_MAX = 1_000
"""The entry that opens an account lies in its first batch; other entries of that batch may lie before it."""


async def _before_first(pool: Pool, account: str) -> JournalPosition:
    """A place before the account's first entry; other accounts' stories before that need not be passed over."""
    row = await pool.fetchrow(
        "select epoch, seq from journal where account = $1 and kind = 'AccountOpened' order by epoch, seq limit 1",
        account,
    )
    if row is None:
        return START
    return JournalPosition(row["epoch"], max(0, row["seq"] - FIRST_BATCH_ENTRIES_MAX))
