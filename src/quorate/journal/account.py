"""The journal as one desk sees it: events of its own account go in, under its lease."""

from __future__ import annotations

from collections.abc import Sequence

from quorate.desk.ports import JournalPosition
from quorate.domain.events import Event
from quorate.journal.append import Journal, Pending
from quorate.journal.entry import Draft
from quorate.journal.lease import Lease


class AccountJournal:
    """Implements the desk's port `Journal` for one account."""

    def __init__(self, journal: Journal, lease: Lease) -> None:
        self._journal = journal
        self._writer = lease.writer

    def append(self, events: Sequence[Event], *, at_ms: int) -> Pending:
        """Queue one batch at feed time `at_ms`; await the result to know that it is durable.

        Never blocks: a desk that sends ahead awaits `room` between batches. Errors: those of `Journal.append`.
        """
        return self._journal.append([Draft.of(event, at_ms) for event in events], writer=self._writer)

    async def room(self) -> None:
        """Wait until there is room for more batches."""
        await self._journal.room()

    async def flush(self) -> JournalPosition:
        """Wait until everything queued is durable; raises the failure of a batch that nobody has awaited yet."""
        return await self._journal.flush()
