"""A group: the batches that are committed together, their places in the chain, and the transaction that writes them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import asyncpg

from quorate.desk.ports import JournalPosition
from quorate.journal.chain import Head, link
from quorate.journal.entry import Draft, Place, Writer, instant
from quorate.journal.projections import Projections

COLUMNS = ("epoch", "seq", "account", "owner", "kind", "subject", "at", "body", "digest", "hash")


@dataclass(slots=True)
class Batch:
    """What one call appended: written whole or not at all."""

    drafts: tuple[Draft, ...]
    writer: Writer
    future: asyncio.Future[JournalPosition]

    def fingerprint(self) -> tuple[str, bytes]:
        """The same for the same entries of the same account, and only for them."""
        content = b"".join(draft.kind.encode() + draft.digest for draft in self.drafts)
        return self.writer.account, sha256(content).digest()


@dataclass(slots=True)
class Group:
    """Batches with their places in the chain, after `head`."""

    head: Head
    batches: Sequence[Batch]
    positions: list[JournalPosition] = field(default_factory=list[JournalPosition])
    """Position of the last entry of each batch."""
    rows: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    end: Head = field(init=False)

    def __post_init__(self) -> None:
        epoch, seq, chain = self.head.epoch, self.head.seq, self.head.hash
        for batch in self.batches:
            account, owner = batch.writer.account, batch.writer.owner
            for draft in batch.drafts:
                seq += 1
                chain = link(chain, epoch, seq, account, draft.kind, draft.digest)
                at = instant(draft.at_ms)
                body = draft.body.decode()
                self.rows.append((epoch, seq, account, owner, draft.kind, draft.subject, at, body, draft.digest, chain))
            self.positions.append(JournalPosition(epoch, seq))
        self.end = Head(epoch, seq, chain)

    def projections(self) -> Projections:
        """What the entries mean for the tables. JournalRefused when they contradict each other."""
        collected = Projections()
        seq = self.head.seq
        for batch in self.batches:
            for draft in batch.drafts:
                seq += 1
                collected.add(draft, Place(batch.writer.account, batch.writer.owner, self.head.epoch, seq))
        return collected

    async def write(self, connection: asyncpg.Connection) -> None:
        """Write entries, projections and the new head, inside the transaction that locked the head."""
        projections = self.projections()
        await connection.copy_records_to_table("journal", records=self.rows, columns=COLUMNS)
        await projections.write(connection)
        await connection.execute("select journal_close($1, $2, $3)", self.end.epoch, self.end.seq, self.end.hash)


async def read_head(connection: asyncpg.Connection) -> Head:
    """Where the chain ends, as committed."""
    row = await connection.fetchrow("select epoch, seq, hash from journal_head")
    assert row is not None, "the journal has a head"
    return Head(row["epoch"], row["seq"], row["hash"])


async def lock_head(connection: asyncpg.Connection, writers: Sequence[Writer]) -> tuple[Head, frozenset[Writer]]:
    """Lock the end of the chain for this transaction; also says which writers another desk has taken over from."""
    accounts = [writer.account for writer in writers]
    row = await connection.fetchrow("select epoch, seq, hash, tokens from journal_open($1)", accounts)
    assert row is not None, "the journal has a head"
    fenced = frozenset(w for w, token in zip(writers, row["tokens"], strict=True) if token != w.token)
    return Head(row["epoch"], row["seq"], row["hash"]), fenced


async def holds(connection: asyncpg.Connection, group: Group) -> bool:
    """Whether the journal holds `group`: asked after its commit was cut off."""
    query = "select hash from journal where epoch = $1 and seq = $2"
    return bool(await connection.fetchval(query, group.end.epoch, group.end.seq) == group.end.hash)
