"""Closed trades, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.store.readers.page import Conditions

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool

TRADES_MAX = 1_000
_HEAD = "select body, epoch, seq from trades where account = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which trades: None leaves a condition out. `before` is the place of the last one of the page before."""

    portfolio: str | None = None
    pair: str | None = None
    before: tuple[int, int] | None = None
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """Trades as published JSON, newest first, and the cursor of the page after, None on the last."""

    bodies: list[str]
    following: str | None


@dataclass(frozen=True, slots=True)
class TradeResult:
    """What one trade earned: `pnl` net of fees in the quote currency, `r` in units of its risk."""

    portfolio: str
    pnl: Decimal
    r: Decimal


@dataclass(frozen=True, slots=True)
class SourceResult:
    """When a trade closed, feed time, and what it earned in units of its risk."""

    closed_at: datetime
    r: Decimal


async def page(pool: Pool, account: str, wanted: Wanted) -> Page:
    """One page of closed trades, newest first."""
    conditions = Conditions(account)
    for words, value in (("portfolio = {}", wanted.portfolio), ("pair = {}", wanted.pair)):
        if value is not None:
            conditions.add(words, value)
    if wanted.before is not None:
        conditions.add("(epoch, seq) < ({}, {})", *wanted.before)
    # One row more than asked for tells whether there is another page. limit is a bounded integer.
    rows = await pool.fetch(
        conditions.sql(_HEAD, f"order by epoch desc, seq desc limit {int(wanted.limit) + 1}"), *conditions.values
    )
    shown = rows[: wanted.limit]
    following = f"{shown[-1][1]}-{shown[-1][2]}" if len(rows) > len(shown) else None
    return Page([row[0] for row in shown], following)


async def of_signal(pool: Pool, account: str, signal_id: str) -> list[str]:
    """The trades that portfolios made of a signal, as published JSON, oldest first."""
    rows = await pool.fetch(
        "select body from trades where account = $1 and signal_id = $2 order by epoch, seq limit $3",
        account,
        signal_id,
        TRADES_MAX,
    )
    return [row[0] for row in rows]


async def results(pool: Pool, account: str) -> list[TradeResult]:
    """Result of every closed trade of the account, oldest first."""
    rows = await pool.fetch("select portfolio, pnl, r from trades where account = $1 order by epoch, seq", account)
    return [TradeResult(*row) for row in rows]


async def results_of_source(pool: Pool, account: str, source: str, *, portfolio: str | None) -> list[SourceResult]:
    """Every closed trade of a source in an account, oldest first; of one portfolio where it is named."""
    rows = await pool.fetch(
        "select closed_at, r from trades where account = $1 and source = $2 and ($3::text is null or portfolio = $3) "
        "order by epoch, seq",
        account,
        source,
        portfolio,
    )
    return [SourceResult(*row) for row in rows]


async def newest_results(pool: Pool, account: str) -> list[TradeResult]:
    """Results of the newest trades of the account, newest first."""
    rows = await pool.fetch(
        "select portfolio, pnl, r from trades where account = $1 order by epoch desc, seq desc limit $2",
        account,
        TRADES_MAX,
    )
    return [TradeResult(*row) for row in rows]


async def fees(pool: Pool, account: str) -> dict[str, Decimal]:
    """Fees paid so far by each portfolio, open trades included."""
    rows = await pool.fetch("select portfolio, sum(fee) from ledger where account = $1 group by portfolio", account)
    return {row[0]: row[1] for row in rows}
