"""Checks the whole journal against its chain, and writes it out so that others can."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import msgspec

from quorate.journal.chain import ChainCheck, Fault, Head, Link
from quorate.journal.entry import milliseconds
from quorate.journal.group import read_head

ROWS_AT_ONCE = 2_000
_ALL = """
select epoch, seq, account, kind, body::text as body, digest, hash from journal order by epoch, seq
"""
_EXPORT = """
select epoch, seq, account, owner::text as owner, kind, subject, at, body::text as body, digest, hash from journal
where $1::text is null or account = $1 order by epoch, seq
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found."""

    entries: int
    """Entries that are right, up to the fault if there is one."""
    of_account: int
    """How many of them belong to the account that was asked for; all of them when none was."""
    head: Head
    fault: Fault | None


async def verify_chain(connection: asyncpg.Connection, *, account: str | None = None) -> Verdict:
    """Compute every hash again, from the first entry to the head, in one consistent view. Memory stays flat.

    The chain is one for all accounts: it is always checked whole; `account` only says whose entries to count.
    """
    check = ChainCheck()
    counted = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        head = await read_head(connection)
        cursor = await connection.cursor(_ALL)
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            before = check.entries
            alright = check.add(_link(row) for row in rows)
            counted += sum(account in {None, row["account"]} for row in rows[: check.entries - before])
            if not alright:
                break
    return Verdict(check.entries, counted, head, check.finish(head))


async def export_lines(connection: asyncpg.Connection, *, account: str | None = None) -> AsyncIterator[str]:
    """Every entry as one line of JSON, in order, with body, digest and hash (hex): what the chain's formula needs."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(_EXPORT, account, prefetch=ROWS_AT_ONCE):
            yield _LINE.encode(
                {
                    "id": f"{row['epoch']}-{row['seq']}",
                    "account": row["account"],
                    "owner": row["owner"],
                    "kind": row["kind"],
                    "subject": row["subject"],
                    "at_ms": milliseconds(row["at"]),
                    "digest": row["digest"].hex(),
                    "hash": row["hash"].hex(),
                    "body": msgspec.Raw(row["body"].encode()),
                }
            ).decode()


_LINE = msgspec.json.Encoder()


def _link(row: asyncpg.Record) -> Link:
    return Link(
        epoch=row["epoch"],
        seq=row["seq"],
        account=row["account"],
        kind=row["kind"],
        body=row["body"].encode(),
        digest=row["digest"],
        hash=row["hash"],
    )
