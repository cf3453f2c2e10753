"""Equity of the portfolios over feed time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.store.readers.page import Conditions

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class EquityRow:
    """One marked point; `drawdown_pct` in percent."""

    id: str
    at: datetime
    portfolio: str
    equity: Decimal
    cash: Decimal
    unrealized: Decimal
    drawdown_pct: Decimal


@dataclass(frozen=True, slots=True)
class DayEnd:
    """The last mark of a portfolio on one UTC day of feed time."""

    portfolio: str
    day: date
    equity: Decimal


_WANTED = """
with wanted as (
  select epoch, seq, at, portfolio, equity, cash, unrealized, drawdown_pct from equity where account = $1
"""
# Of `total` points of a portfolio, i of them so far: keeping those where i*quota/total steps up keeps `quota` of them,
# evenly, and always the last. Each portfolio has its own quota, so that thinning never drops a whole book.
_THINNED = """
), placed as (
  select *, row_number() over w as i, count(*) over (partition by portfolio) as total,
    greatest($2::bigint / greatest((select count(distinct portfolio) from wanted), 1), 1) as quota
  from wanted window w as (partition by portfolio order by epoch, seq)
)
select epoch || '-' || seq, at, portfolio, equity, cash, unrealized, drawdown_pct from placed
where total <= quota or i * quota / total <> (i - 1) * quota / total
order by epoch, seq
"""


async def points(
    pool: Pool, account: str, *, portfolio: str | None, since: datetime | None, points_max: int
) -> list[EquityRow]:
    """`points_max` points at most, oldest first, thinned evenly; every portfolio keeps its last, whatever the limit."""
    conditions = Conditions(account, points_max)
    if portfolio is not None:
        conditions.add("portfolio = {}", portfolio)
    if since is not None:
        conditions.add("at >= {}", since)
    return [EquityRow(*row) for row in await pool.fetch(conditions.sql(_WANTED, _THINNED), *conditions.values)]


async def day_ends(pool: Pool, account: str) -> list[DayEnd]:
    """The last mark of every UTC day, by portfolio, oldest first."""
    rows = await pool.fetch(
        """
        select distinct on (portfolio, (at at time zone 'UTC')::date) portfolio, (at at time zone 'UTC')::date, equity
        from equity where account = $1
        order by portfolio, (at at time zone 'UTC')::date, epoch desc, seq desc
        """,
        account,
    )
    return [DayEnd(*row) for row in rows]


async def worst_drawdowns(pool: Pool, account: str) -> dict[str, tuple[Decimal, datetime]]:
    """portfolio -> (deepest drawdown in percent, instant of its first mark)."""
    rows = await pool.fetch(
        "select portfolio, max(drawdown_pct), min(at) from equity where account = $1 group by portfolio", account
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def equity_before(pool: Pool, account: str, at: datetime) -> dict[str, Decimal]:
    """portfolio -> the last mark strictly before `at`."""
    rows = await pool.fetch(
        """
        select distinct on (portfolio) portfolio, equity from equity where account = $1 and at < $2
        order by portfolio, epoch desc, seq desc
        """,
        account,
        at,
    )
    return {row[0]: row[1] for row in rows}
