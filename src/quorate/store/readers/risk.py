"""Breakers and trading states as the journal left them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg.pool import Pool


@dataclass(frozen=True, slots=True)
class BreakerRow:
    """The latest change of one breaker of one book."""

    portfolio: str
    name: str
    scope: str
    tripped: bool
    reason: str
    value: str
    threshold: str
    at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TradingRow:
    """The trading state of the account (empty scope) or of one pair."""

    scope: str
    state: str
    reason: str


async def breakers(pool: Pool, account: str) -> list[BreakerRow]:
    """Every breaker that ever changed, by book, name and scope."""
    rows = await pool.fetch(
        """
        select portfolio, name, scope, tripped, reason, value, threshold, at, until from breakers
        where account = $1 order by portfolio, name, scope
        """,
        account,
    )
    return [BreakerRow(*row) for row in rows]


async def trading_states(pool: Pool, account: str) -> list[TradingRow]:
    """Every trading state that was ever set, the account's own first."""
    rows = await pool.fetch(
        "select scope, state, reason from trading_states where account = $1 order by scope", account
    )
    return [TradingRow(*row) for row in rows]
