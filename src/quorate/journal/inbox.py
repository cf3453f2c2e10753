"""Commands to a desk from other processes: rows that wait until the desk of their account has answered them.

A command is carried out once, however often it is asked: its id names its slot in the journal, and a desk that died
between carrying it out and answering finds the slot there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from quorate.desk.commands import JOB_OF
from quorate.desk.ports import Command

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.store.database import Database

CHANNEL = "inbox"
POLL_S = 2.0
"""How often the table is looked at when no notice comes."""
STALE_S = 300
"""A command that waited longer than a job may last is not carried out any more: nobody waits for it."""


class CommandInbox:
    """The inbox of one account, read by the desk that holds its lease."""

    def __init__(self, database: Database, pool: Pool, *, account: str) -> None:
        self._database = database
        self._pool = pool
        self._account = account
        self._notice = asyncio.Event()

    async def commands(self) -> AsyncIterator[Command]:
        """Commands as they come, oldest first; those a dead desk had taken come again."""
        connection = await self._database.connect(name="inbox")
        try:
            await connection.add_listener(CHANNEL, self._on_notice)
            await self._give_up_stale()
            for command in await self._waiting("'waiting', 'taken'"):
                yield command
            while True:
                self._notice.clear()
                for command in await self._waiting("'waiting'"):
                    yield command
                try:
                    async with asyncio.timeout(POLL_S):
                        await self._notice.wait()
                except TimeoutError:
                    continue
        finally:
            await connection.close()

    async def done_before(self, command: Command) -> str | None:
        """The report of the command's slot, if the journal already holds it."""
        job = JOB_OF.get(command.kind)
        if job is None:
            return None
        found = await self._pool.fetchval(
            "select report::text from slots where account = $1 and job = $2 and slot = $3",
            self._account,
            job,
            f"manual-{command.id}",
        )
        return cast("str | None", found)

    async def answer(self, command: Command, reply: Mapping[str, object], *, failed: bool) -> None:
        """Write the reply down and wake whoever waits for it."""
        await self._pool.execute(
            """
            with answered as (
              update inbox set status = $2, reply = $3, answered_at = clock_timestamp() where id = $1 returning id
            )
            select pg_notify('inbox_replies', id::text) from answered
            """,
            command.id,
            "failed" if failed else "done",
            json.dumps(reply, separators=(",", ":")),
        )

    async def _waiting(self, states: str) -> list[Command]:
        rows = await self._pool.fetch(
            f"""
            with taken as (
              update inbox set status = 'taken' where account = $1 and status in ({states})
              returning id, kind, body, created_at
            )
            select id::text, kind, body::text from taken order by created_at, id
            """,  # noqa: S608  the states are our own words
            self._account,
        )
        return [Command(row["id"], row["kind"], json.loads(row["body"])) for row in rows]

    async def _give_up_stale(self) -> None:
        reply = {"success": False, "error": "No desk was there in time to carry this out.", "code": "worker_absent"}
        await self._pool.execute(
            "update inbox set status = 'failed', reply = $3, answered_at = clock_timestamp() "
            "where account = $1 and status in ('waiting', 'taken') and created_at < clock_timestamp() - $2::interval",
            self._account,
            timedelta(seconds=STALE_S),
            json.dumps(reply),
        )

    def _on_notice(self, *_: object) -> None:
        self._notice.set()
