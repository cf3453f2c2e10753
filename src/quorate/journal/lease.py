"""One writer per account: a lock that dies with its process, and a token that outlives it.

The advisory lock on a connection of its own tells that the holder is alive: the server lets it go when the process
dies. The fencing token, raised with every take-over and checked in every append, tells that the holder still is the
writer: a desk that was cut off and comes back finds itself fenced out.
"""

from __future__ import annotations

import asyncio
import os
import socket
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import msgspec

from quorate.journal.append import Connect
from quorate.journal.entry import Writer
from quorate.journal.errors import LeaseHeld, LeaseLost

DEAD_HOLDER_PATIENCE_S = 5.0
"""How long to wait for the server to notice that a holder on this machine, known to be dead, is gone."""
RETRY_S = 0.05
_TAKE = """
insert into leases (account, owner, token, holder) values ($1, $2, 1, $3)
on conflict (account) do update
  set token = leases.token + 1, owner = excluded.owner, holder = excluded.holder, taken_at = clock_timestamp()
returning token
"""
_LOCK = "select pg_try_advisory_lock(hashtextextended('quorate writer ' || $1, 0))"


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lease."""

    host: str
    pid: int


def this_process() -> Holder:
    """The holder that this process is."""
    return Holder(socket.gethostname(), os.getpid())


@dataclass(slots=True)
class Lease:
    """The right to write an account, held until it is released or the connection behind it is lost."""

    writer: Writer
    _connection: asyncpg.Connection
    _lost: asyncio.Event

    @property
    def lost(self) -> bool:
        """Whether the connection behind the lease is gone."""
        return self._lost.is_set()

    async def until_lost(self) -> LeaseLost:
        """Wait until the lease is lost, and give the error to stop with."""
        await self._lost.wait()
        return LeaseLost(
            f"The lease on account {self.writer.account} is lost: the database connection ended.",
            hint="Nothing more is written; the desk takes the lease again when it is started again.",
        )

    async def release(self) -> None:
        """Give the account back."""
        if not self._connection.is_closed():
            await self._connection.close(timeout=RETRY_S * 100)
        self._lost.set()


async def take_lease(connect: Connect, *, account: str, owner: UUID, holder: Holder) -> Lease:
    """Become the writer of `account`. LeaseHeld, at once, when a living desk has it; it says who and since when."""
    connection = await connect()
    try:
        await _lock(connection, account, holder)
        async with connection.transaction():
            # Behind the same lock as every append: none that was checked against the old token is still under way.
            await connection.execute("select from journal_head for update")
            token = await connection.fetchval(_TAKE, account, owner, msgspec.json.encode(holder).decode())
    except BaseException:
        connection.terminate()
        raise
    lost = asyncio.Event()

    def ended(_: object) -> None:
        lost.set()

    connection.add_termination_listener(ended)
    return Lease(Writer(account, owner, int(token)), connection, lost)


async def _lock(connection: asyncpg.Connection, account: str, holder: Holder) -> None:
    clock = asyncio.get_running_loop().time
    deadline = clock() + DEAD_HOLDER_PATIENCE_S
    while not await connection.fetchval(_LOCK, account):
        row = await connection.fetchrow("select holder, taken_at from leases where account = $1", account)
        other = None if row is None else msgspec.json.decode(row["holder"], type=Holder)
        if clock() >= deadline or not _known_dead(other, holder):
            who = "another process" if other is None else f"process {other.pid} on {other.host}"
            since = "" if row is None else f" since {row['taken_at']:%Y-%m-%d %H:%M:%S} UTC"
            raise LeaseHeld(
                f"Another desk writes account {account}: {who}{since}.", hint="End it, or choose another --account."
            )
        await asyncio.sleep(RETRY_S)


def _known_dead(other: Holder | None, holder: Holder) -> bool:
    """Whether `other` was on our machine and is no more: then its lock is about to be let go."""
    if other is None or other.host != holder.host or other.pid == holder.pid:
        return False
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
