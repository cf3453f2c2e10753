"""Orders in their present state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool

_COLUMNS = """
select client_id, signal_id, portfolio, pair, action, kind, purpose, price, quantity, filled, state, reason, intended_at
from orders
"""
ORDERS_MAX = 1_000
"""Most orders of one answer."""


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order."""

    client_id: str
    signal_id: str
    portfolio: str
    pair: str
    action: str
    kind: str
    purpose: str
    price: Decimal
    quantity: Decimal
    filled: Decimal
    state: str
    reason: str
    intended_at: datetime


async def of_signal(pool: Pool, account: str, signal_id: str) -> list[OrderRow]:
    """Every order that a signal led to, oldest first."""
    tail = "where account = $1 and signal_id = $2 order by epoch, seq limit $3"
    return _rows(await pool.fetch(_COLUMNS + tail, account, signal_id, ORDERS_MAX))


async def open_orders(pool: Pool, account: str) -> list[OrderRow]:
    """Every order that may still change a position, by portfolio and pair."""
    tail = """
    where account = $1 and state in ('INTENDED', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'UNKNOWN')
    order by portfolio, pair, epoch, seq limit $2
    """
    return _rows(await pool.fetch(_COLUMNS + tail, account, ORDERS_MAX))


async def of_clients(pool: Pool, account: str, client_ids: Sequence[str]) -> list[OrderRow]:
    """The orders with these client ids."""
    tail = "where account = $1 and client_id = any ($2::text[]) limit $3"
    return _rows(await pool.fetch(_COLUMNS + tail, account, list(client_ids), ORDERS_MAX))


def _rows(records: Iterable[Any]) -> list[OrderRow]:
    return [OrderRow(*record) for record in records]
