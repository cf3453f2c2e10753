"""Following the journal: everything after a place, and then everything that comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from quorate.desk.ports import JournalPosition
from quorate.journal.entry import Entry
from quorate.journal.reading import ENTRIES_AT_ONCE, head_of, read_entries
from quorate.store.database import CANNOT_SERVE

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.journal.notices import Notices

RETRY_S = 0.5


async def tail(
    pool: Pool,
    notices: Notices,
    *,
    after: JournalPosition,
    accounts: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    bodies: Sequence[str] | None = None,
    limit: int = ENTRIES_AT_ONCE,
) -> AsyncIterator[list[Entry]]:
    """Entries later than `after` in order, in lists of at most `limit`, without end; waits when there are no more.

    A database that is gone is asked again until it answers; the place is kept, nothing is skipped or told twice.
    """
    while True:
        seen = notices.count
        try:
            # The head first: every entry up to it is visible to the read that follows.
            head = await head_of(pool)
            entries = await read_entries(pool, after=after, accounts=accounts, kinds=kinds, bodies=bodies, limit=limit)
        except CANNOT_SERVE:
            await asyncio.sleep(RETRY_S)
            continue
        if entries:
            yield entries
            after = entries[-1].position
        if len(entries) < limit:
            if (head.epoch, head.seq) > (after.epoch, after.seq):
                # Nothing of interest up to there: no need to pass over it again.
                after = head
            await notices.wait(seen)
