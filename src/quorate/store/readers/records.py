"""What records of analysts are made of: when they began, votes, askings of models, and shadow trades run to their end.

Everything is added up in the database, a row for each analyst and record; shadow trades come as columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class Begun:
    """A record: when it first began, and whether it is the analyst's present one."""

    analyst: str
    record: str
    knowledge_cutoff: str | None
    since: datetime | None
    newest: bool


@dataclass(frozen=True, slots=True)
class Voted:
    """An analyst's votes under one record: those with a side, cycles in which it had none, days on which it spoke."""

    analyst: str
    record: str
    votes: int
    abstentions: int
    days: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Askings of a model under one record that ended with the same code."""

    analyst: str
    record: str
    code: str
    count: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal
    repeats: int
    flips: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking every model of the panel took while this record of the council or the majority lasted."""

    analyst: str
    record: str
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Running:
    """Open shadow trades of one record."""

    analyst: str
    record: str
    counting: int
    contaminated: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Ended shadow trades of one record as columns, in their order; `r` is None where the entry was never reached."""

    analyst: str
    record: str
    ids: Sequence[str]
    days: Sequence[int]
    """Number of the UTC day they were opened on."""
    confidence: Sequence[str]
    r: Sequence[float | None]
    hold_r: Sequence[float | None]
    risk_share: Sequence[float]
    contaminated: Sequence[bool]


# The first row of a record says since when, the last of an analyst which one is the present.
_BEGUN = """
with begun as (
  select analyst, record, knowledge_cutoff, at, epoch, seq,
    row_number() over (partition by analyst, record order by epoch desc, seq desc) as newest_of_record,
    row_number() over (partition by analyst order by epoch desc, seq desc) as newest_of_analyst,
    min(at) over (partition by analyst, record) as since
  from records where account = $1
)
select analyst, record, knowledge_cutoff, since, newest_of_analyst = 1 from begun where newest_of_record = 1
order by analyst, record
"""
# How long each record lasted, as places in the journal.
_PERIODS = """
with periods as (
  select analyst, record, epoch, seq,
    lead(epoch) over w as next_epoch, lead(seq) over w as next_seq
  from records where account = $1 window w as (partition by analyst order by epoch, seq)
)
"""
_WITHIN = """
(x.epoch, x.seq) > (p.epoch, p.seq) and (p.next_epoch is null or (x.epoch, x.seq) < (p.next_epoch, p.next_seq))
"""
_VOTED = f"""
{_PERIODS}, daily as (
  select p.analyst, p.record, (x.at at time zone 'UTC')::date as day, sum(x.voted) as votes,
    count(*) filter (where x.voted = 0 and x.abstained > 0) as abstentions
  from council_votes x join periods p on p.analyst = x.analyst and {_WITHIN}
  where x.account = $1 group by 1, 2, 3
)
select analyst, record, sum(votes)::bigint, sum(abstentions)::bigint, count(*) filter (where votes + abstentions > 0)
from daily group by 1, 2
"""  # noqa: S608  our own words
_SPENT = f"""
{_PERIODS}
select p.analyst, p.record, sum(x.input_tokens)::bigint, sum(x.output_tokens)::bigint, sum(x.cost_usd)
from council_asks x join periods p on {_WITHIN}
where x.account = $1 and p.analyst = any ($2::text[]) group by 1, 2
"""  # noqa: S608  our own words


async def begun(pool: Pool, account: str) -> list[Begun]:
    """Every record that ever began, by analyst."""
    return [Begun(*row) for row in await pool.fetch(_BEGUN, account)]


async def voted(pool: Pool, account: str) -> list[Voted]:
    """Votes on the panel, added up for each record in whose time they fell."""
    return [Voted(*row) for row in await pool.fetch(_VOTED, account)]


async def asked(pool: Pool, account: str) -> list[Asked]:
    """Askings of models, by analyst, record and how they ended."""
    rows = await pool.fetch(
        """
        select analyst, record, code, count(*), sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_usd),
          sum(repeats)::bigint, sum(flips)::bigint
        from council_asks where account = $1 group by 1, 2, 3 order by 1, 2, 3
        """,
        account,
    )
    return [Asked(*row) for row in rows]


async def spent(pool: Pool, account: str, joint: Sequence[str]) -> list[Spent]:
    """What every model cost while each record of these joint analysts lasted."""
    return [Spent(*row) for row in await pool.fetch(_SPENT, account, list(joint))]


async def running(pool: Pool, account: str) -> list[Running]:
    """Open shadow trades, without mirror images, by analyst and record."""
    rows = await pool.fetch(
        """
        select analyst, coalesce(body ->> 'record', 'rules'),
          count(*) filter (where (body ->> 'contaminated')::boolean is not true),
          count(*) filter (where (body ->> 'contaminated')::boolean)
        from shadows where account = $1 and coalesce(body ->> 'opposite_of', '') = '' group by 1, 2 order by 1, 2
        """,
        account,
    )
    return [Running(*row) for row in rows]


async def closed(pool: Pool, account: str) -> list[Closed]:
    """Every ended shadow trade, without mirror images, by analyst and record, in the order of the journal."""
    rows = await pool.fetch(
        """
        select analyst, record, array_agg(id order by epoch, seq),
          array_agg((opened_at at time zone 'UTC')::date - date '1970-01-01' order by epoch, seq),
          array_agg(confidence::text order by epoch, seq), array_agg(r::float8 order by epoch, seq),
          array_agg(hold_r::float8 order by epoch, seq), array_agg(risk_share::float8 order by epoch, seq),
          array_agg(contaminated order by epoch, seq)
        from shadow_results where account = $1 and opposite_of = '' group by 1, 2 order by 1, 2
        """,
        account,
    )
    return [Closed(*row) for row in rows]


async def mirrored(pool: Pool, account: str) -> dict[str, float]:
    """Id of a shadow trade -> result in R of its mirror image, where that has ended with one."""
    row = await pool.fetchrow(
        """
        select array_agg(opposite_of), array_agg(r::float8) from shadow_results
        where account = $1 and opposite_of <> '' and r is not null
        """,
        account,
    )
    return {} if row is None or row[0] is None else dict(zip(row[0], row[1], strict=True))


async def newest_close(pool: Pool, account: str) -> datetime | None:
    """When the shadow trade closed that closed last."""
    return await pool.fetchval("select max(closed_at) from shadow_results where account = $1", account)


async def head(pool: Pool) -> str:
    """Where the journal ends: as long as it stands still, so does everything read from it."""
    return str(await pool.fetchval("select epoch || '-' || seq from journal_head"))
