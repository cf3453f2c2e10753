"""Accounts, their books, and the markets they know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account: `feed` names the market data it trades on."""

    account: str
    mode: str
    feed: str
    label: str


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One book at its last mark."""

    name: str
    start_equity: Decimal
    equity: Decimal
    cash: Decimal
    unrealized: Decimal
    drawdown_pct: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class PositionRow:
    """An open position; `body` is the whole position as JSON."""

    portfolio: str
    pair: str
    body: str


async def find(pool: Pool, account: str) -> AccountRow | None:
    """The account, or None when it was never opened."""
    row = await pool.fetchrow("select account, mode, feed, label from accounts where account = $1", account)
    return None if row is None else AccountRow(*row)


async def portfolios(pool: Pool, account: str) -> list[PortfolioRow]:
    """Every book of the account, by name."""
    rows = await pool.fetch(
        """
        select name, start_equity, equity, cash, unrealized, drawdown_pct, at from portfolios
        where account = $1 order by name
        """,
        account,
    )
    return [PortfolioRow(*row) for row in rows]


async def positions(pool: Pool, account: str) -> list[PositionRow]:
    """Every open position, by book and pair."""
    rows = await pool.fetch(
        "select portfolio, pair, body from positions where account = $1 order by portfolio, pair", account
    )
    return [PositionRow(*row) for row in rows]


async def markets(pool: Pool, account: str) -> dict[str, str]:
    """pair -> the market as JSON, by pair."""
    rows = await pool.fetch("select pair, body from markets where account = $1 order by pair", account)
    return {row[0]: row[1] for row in rows}
