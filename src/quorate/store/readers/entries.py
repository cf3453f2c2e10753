"""Entries of the journal by their kind, newest first: what agents decided, and what the council said.

The kind stands in each statement as a literal, not as a parameter: only then does Postgres use the partial indexes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg.pool import Pool

Position = tuple[int, int]
NEWEST: Position = (2**31 - 1, 2**63 - 1)
"""After every entry there will ever be."""
_DECISIONS = (
    "RegimeChanged",
    "MarketRegimeChanged",
    "CouncilAsked",
    "SignalPublished",
    "OrderDenied",
    "BreakerChanged",
    "TradingStateChanged",
    "KillSwitchRearmed",
    "PositionsEvaluated",
    "TradeClosed",
    "VotesCast",
)
_NEWEST = {
    kind: f"select epoch, seq, subject, body from journal where account = $1 and kind = '{kind}' "  # noqa: S608  ours
    "and (epoch, seq) < ($2, $3) order by epoch desc, seq desc limit $4"
    for kind in _DECISIONS
}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry; `body` is the event as JSON."""

    epoch: int
    seq: int
    subject: str
    body: str

    @property
    def id(self) -> str:
        """Its id, `epoch-seq`."""
        return f"{self.epoch}-{self.seq}"


async def newest(pool: Pool, account: str, kind: str, *, limit: int, before: Position | None = None) -> list[EntryRow]:
    """The newest entries of a kind, or those before a place; `kind` must be one that has an index."""
    return [EntryRow(*row) for row in await pool.fetch(_NEWEST[kind], account, *(before or NEWEST), limit)]


async def position_changes(pool: Pool, account: str, *, whys: Sequence[str], limit: int) -> list[EntryRow]:
    """The newest changes of positions that happened for one of these reasons."""
    rows = await pool.fetch(
        """
        select epoch, seq, subject, body from journal where account = $1 and kind = 'PositionChanged'
          and body ->> 'why' = any ($2::text[])
        order by epoch desc, seq desc limit $3
        """,
        account,
        list(whys),
        limit,
    )
    return [EntryRow(*row) for row in rows]


async def asked_at(
    pool: Pool, account: str, slots: Sequence[str], *, first: Position, last: Position
) -> list[EntryRow]:
    """How models were asked at these slots, as far as it was written down between two places, both included."""
    rows = await pool.fetch(
        """
        select epoch, seq, subject, body from journal where account = $1 and kind = 'CouncilAsked'
          and (epoch, seq) >= ($2, $3) and (epoch, seq) <= ($4, $5) and subject = any ($6::text[])
        order by epoch, seq
        """,
        account,
        *first,
        *last,
        list(slots),
    )
    return [EntryRow(*row) for row in rows]


async def ballot_after(pool: Pool, account: str, place: Position) -> EntryRow | None:
    """The first votes of the council that were written down after a place."""
    row = await pool.fetchrow(
        """
        select epoch, seq, subject, body from journal where account = $1 and kind = 'VotesCast'
          and (epoch, seq) > ($2, $3)
        order by epoch, seq limit 1
        """,
        account,
        *place,
    )
    return None if row is None else EntryRow(*row)


async def asked_in(pool: Pool, account: str, slot: str) -> list[EntryRow]:
    """How models were asked at this slot, by the council and by the position manager, in the order of the journal."""
    rows = await pool.fetch(
        """
        select epoch, seq, subject, body from journal where account = $1 and kind = 'CouncilAsked' and subject = $2
        union all
        select epoch, seq, subject, body from journal
        where account = $1 and kind = 'PositionsEvaluated' and subject = $2
        order by epoch, seq
        """,
        account,
        slot,
    )
    return [EntryRow(*row) for row in rows]


async def newest_asker(pool: Pool) -> str | None:
    """The account whose council asked a model last; None where nobody ever did."""
    return await pool.fetchval("select account from council_asks order by at desc limit 1")


async def asked_with(pool: Pool, account: str, prompt: str) -> list[EntryRow]:
    """Cycles of the council, and looks of the position manager, in which models were asked with this prompt."""
    rows = await pool.fetch(
        """
        select j.epoch, j.seq, j.subject, j.body from council_asks a
          join journal j on j.epoch = a.epoch and j.seq = a.seq
        where a.account = $1 and a.prompt = $2 and j.account = $1
        union all
        select * from (
          select epoch, seq, subject, body from journal
          where account = $1 and kind = 'PositionsEvaluated' and body #>> '{asked,prompt}' = $2
          order by epoch desc, seq desc limit 1
        ) evaluated
        limit 10
        """,
        account,
        prompt,
    )
    return [EntryRow(*row) for row in rows]
