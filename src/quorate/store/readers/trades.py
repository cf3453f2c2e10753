"""Closed trades, and what they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from asyncpg.pool import Pool

TRADES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class TradeResult:
    """What one trade earned: `pnl` net of fees in the quote currency, `r` in units of its risk."""

    portfolio: str
    pnl: Decimal
    r: Decimal


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
