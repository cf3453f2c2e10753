"""A journal that came out of a backup begins a new epoch: nothing of the life that was lost is mistaken for this one.

What was written after the backup was made is gone from the journal, and not from the world: readers know entries under
numbers that would be given a second time, a desk that wrote them may still be up, and at a venue their orders live on.
So the numbers go on in a higher epoch, every fencing token is raised beyond all that the lost life can have given, and
accounts that trade live open nothing until a person has looked. All of it is one transaction.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from quorate.desk.ports import JournalPosition
from quorate.domain.errors import BadInput
from quorate.domain.events import Event, JournalRestored, TradingStateChanged
from quorate.domain.signals import Mode
from quorate.journal.chain import Head
from quorate.journal.entry import Draft, Writer, milliseconds
from quorate.journal.group import Batch, Group, lock_head
from quorate.risk.book import WHOLE_ACCOUNT, TradingState

TOKENS_OF_EPOCH = 1 << 32
"""Tokens of an epoch begin here, times its number: a lost life has not taken over an account so often."""
_ACCOUNTS = """
select l.account, l.owner, l.token, a.mode, t.state,
  (select j.at from journal j where j.account = l.account order by j.epoch desc, j.seq desc limit 1) as at
from leases l
  left join accounts a on a.account = l.account
  left join trading_states t on t.account = l.account and t.scope = ''
order by l.account
"""
_RAISE = "update leases set token = $2 where account = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What a restored journal goes on with."""

    last: JournalPosition
    """The last entry that the backup held."""
    epoch: int
    accounts: tuple[str, ...]
    stopped: tuple[str, ...]
    """Accounts that trade live and now open nothing until a person lets them."""


@dataclass(frozen=True, slots=True)
class _Account:
    writer: Writer
    live: bool
    state: str
    at_ms: int


async def begin_epoch(connection: asyncpg.Connection, *, by: str, reason: str) -> Restoration:
    """Begin a new epoch, told in every account with its reason. BadInput for a journal that nobody has written yet."""
    async with connection.transaction():
        head, _ = await lock_head(connection, ())
        accounts = [_account(row, head.epoch + 1) for row in await connection.fetch(_ACCOUNTS) if row["at"] is not None]
        if not accounts:
            raise BadInput("This journal is empty: there is nothing that was restored.", hint="Check the database.")
        last = JournalPosition(head.epoch, head.seq)
        for account in accounts:
            await connection.execute(_RAISE, account.writer.account, account.writer.token)
        begun = Head(head.epoch + 1, head.seq, head.hash)
        await Group(begun, [_batch(account, last, by=by, reason=reason) for account in accounts]).write(connection)
    return Restoration(
        last=last,
        epoch=begun.epoch,
        accounts=tuple(account.writer.account for account in accounts),
        stopped=tuple(account.writer.account for account in accounts if account.live),
    )


def _account(row: asyncpg.Record, epoch: int) -> _Account:
    token = max(int(row["token"]), epoch * TOKENS_OF_EPOCH) + 1
    writer = Writer(str(row["account"]), UUID(str(row["owner"])), token)
    state = str(row["state"] or TradingState.ACTIVE)
    return _Account(writer, row["mode"] == Mode.LIVE, state, milliseconds(row["at"]))


def _batch(account: _Account, last: JournalPosition, *, by: str, reason: str) -> Batch:
    """What an account is told, at the feed time at which its story ends."""
    events: list[Event] = [JournalRestored(last.epoch + 1, str(last), by, reason, account.at_ms)]
    if account.live and account.state == TradingState.ACTIVE:
        why = f"The journal came out of a backup: {reason}"
        events.append(TradingStateChanged(WHOLE_ACCOUNT, TradingState.REDUCING, by, why, account.at_ms))
    drafts = tuple(Draft.of(event, account.at_ms) for event in events)
    return Batch(drafts, account.writer, asyncio.get_running_loop().create_future())
