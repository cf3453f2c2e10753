"""Checkpoints: an account's folded state at a place in the journal, so that a start need not read the whole story.

A checkpoint is only a short cut. One that is damaged, or that claims a place the journal does not reach (a restored
backup), is passed over, and the state is folded from further back.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from quorate.desk.ports import JournalPosition

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.journal.entry import Writer

KEPT = 3
"""How many checkpoints of an account are kept."""
_SAVE = """
with saved as (
  insert into checkpoints (account, owner, epoch, seq, digest, body) values ($1, $2, $3, $4, $5, $6)
  on conflict (account, epoch, seq) do update set digest = excluded.digest, body = excluded.body
)
delete from checkpoints where account = $1 and (epoch, seq) in (
  select epoch, seq from checkpoints where account = $1 and (epoch, seq) < ($3, $4)
  order by epoch desc, seq desc offset $7
)
"""
_LOAD = """
select c.epoch, c.seq, c.digest, c.body from checkpoints c
join journal j on j.epoch = c.epoch and j.seq = c.seq and j.account = c.account
where c.account = $1 order by c.epoch desc, c.seq desc
"""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folded state, opaque to the journal, and the last entry that is in it."""

    position: JournalPosition
    body: bytes


async def save_checkpoint(pool: Pool, *, writer: Writer, checkpoint: Checkpoint) -> None:
    """Keep `checkpoint`; the oldest beyond KEPT are dropped. Its position must be durable."""
    at, body = checkpoint.position, checkpoint.body
    digest = sha256(body).digest()
    await pool.execute(_SAVE, writer.account, writer.owner, at.epoch, at.seq, digest, body, KEPT - 1)


async def load_checkpoint(pool: Pool, *, account: str) -> Checkpoint | None:
    """The newest whole checkpoint of `account` whose place the journal knows; None when there is none."""
    for row in await pool.fetch(_LOAD, account):
        if sha256(row["body"]).digest() == row["digest"]:
            return Checkpoint(JournalPosition(row["epoch"], row["seq"]), row["body"])
    return None
