"""The bus: published streams, read by everybody who shows them. One port, two adapters: the journal itself and Redis.

The ids are the journal's own, `epoch-seq`, in both; a reader may change from one to the other and go on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from quorate.desk.ports import JournalPosition
from quorate.journal.published import CLOSED_TRADES, EQUITY, EVENTS, KINDS_OF_STREAM, SIGNALS, in_stream
from quorate.journal.reading import START, read_entries

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.journal.notices import Notices

Position = tuple[int, int]
"""(epoch, seq): a place in the journal."""


@dataclass(frozen=True, slots=True)
class Message:
    """One published message: its place, its account, its JSON."""

    position: Position
    account: str
    data: bytes


class Bus(Protocol):
    """Published streams. Messages become visible in the order of the journal, in all streams alike."""

    async def first(self, stream: str) -> Position | None:
        """Place of the oldest message that can still be read; None for an empty stream."""
        ...

    async def last(self, stream: str) -> Position | None:
        """Place of the newest message; None for an empty stream."""
        ...

    async def read(self, stream: str, *, after: Position | None, limit: int) -> Sequence[Message]:
        """Up to `limit` messages later than `after` (None: from the oldest), oldest first. Never waits."""
        ...

    async def wait(self, *, timeout_s: float) -> None:
        """Return when something may have been published since the last call, or after `timeout_s`."""
        ...


def _conditions() -> dict[str, str]:
    """For each stream the condition on its entries, word for word that of its index."""
    signals = {
        stream: f"kind = 'SignalPublished' and body #>> '{{signal,mode}}' = '{mode.value}'"
        for mode, stream in SIGNALS.items()
    }
    return {**signals, EQUITY: "kind = 'EquityMarked'", CLOSED_TRADES: "kind = 'TradeClosed'"}


_CONDITIONS = _conditions()


class JournalBus:
    """The bus read straight from the journal: what a desk on one machine uses."""

    def __init__(self, pool: Pool, notices: Notices, *, account: str | None = None) -> None:
        self._pool = pool
        self._notices = notices
        self._account = account
        self._seen = -1

    async def first(self, stream: str) -> Position | None:
        """Place of the oldest message; None for an empty stream."""
        return await self._end(stream, "asc")

    async def last(self, stream: str) -> Position | None:
        """Place of the newest message; None for an empty stream."""
        return await self._end(stream, "desc")

    async def read(self, stream: str, *, after: Position | None, limit: int) -> Sequence[Message]:
        """Up to `limit` messages later than `after`, oldest first. Never waits."""
        entries = await read_entries(
            self._pool,
            after=START if after is None else JournalPosition(*after),
            accounts=None if self._account is None else [self._account],
            kinds=KINDS_OF_STREAM[EVENTS] if stream == EVENTS else None,
            bodies=KINDS_OF_STREAM[stream] if stream != EVENTS else (),
            where=_CONDITIONS.get(stream, ""),
            limit=limit,
        )
        messages: list[Message] = []
        for entry in entries:
            data = in_stream(entry, stream)
            if data is not None:
                messages.append(Message((entry.epoch, entry.seq), entry.account, data))
        return messages

    async def wait(self, *, timeout_s: float) -> None:
        """Return when something was committed since the last call, or after `timeout_s`."""
        self._seen = await self._notices.wait(self._seen, timeout_s=timeout_s)

    async def _end(self, stream: str, order: str) -> Position | None:
        condition = _CONDITIONS.get(stream, "true")
        row = await self._pool.fetchrow(
            f"select epoch, seq from journal where {condition} and ($1::text is null or account = $1) "  # noqa: S608
            f"order by epoch {order}, seq {order} limit 1",
            self._account,
        )
        return None if row is None else (row["epoch"], row["seq"])
