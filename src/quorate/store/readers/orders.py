"""Orders in their present state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from quorate.store.readers.page import Conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from asyncpg.pool import Pool

_COLUMNS = """
select client_id, signal_id, portfolio, pair, action, kind, purpose, price, quantity, filled, state, reason,
  intended_at, changed_at, venue_id, sent_at, cancel_at, epoch, seq
from orders
"""
ORDERS_MAX = 1_000
"""Most orders of one answer."""
Status = Literal["open", "in_doubt", "ended", "denied"]
_STATES: dict[Status, str] = {
    "open": "'INTENDED', 'SUBMITTED', 'ACCEPTED', 'PARTIALLY_FILLED', 'UNKNOWN'",
    "in_doubt": "'UNKNOWN'",
    "ended": "'FILLED', 'CANCELLED', 'REJECTED', 'VOID'",
    "denied": "'DENIED'",
}
"""As literals: only then does Postgres use the partial indexes."""


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
    changed_at: datetime
    """When it came to its present state."""
    venue_id: str
    sent_at: datetime | None
    cancel_at: datetime | None
    """When its end was last asked for."""
    epoch: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which orders: None leaves a condition out. `before` is the place of the last one of the page before."""

    status: Status
    portfolio: str | None = None
    pair: str | None = None
    before: tuple[int, int] | None = None
    limit: int


@dataclass(frozen=True, slots=True)
class Page:
    """Orders, the one that changed last first, and the cursor of the page after, None on the last."""

    orders: list[OrderRow]
    following: str | None


async def of_signal(pool: Pool, account: str, signal_id: str) -> list[OrderRow]:
    """Every order that a signal led to, oldest first."""
    tail = "where account = $1 and signal_id = $2 order by epoch, seq limit $3"
    return _rows(await pool.fetch(_COLUMNS + tail, account, signal_id, ORDERS_MAX))


async def open_orders(pool: Pool, account: str) -> list[OrderRow]:
    """Every order that may still change a position, by portfolio and pair."""
    tail = f"where account = $1 and state in ({_STATES['open']}) order by portfolio, pair, epoch, seq limit $2"
    return _rows(await pool.fetch(_COLUMNS + tail, account, ORDERS_MAX))


async def page(pool: Pool, account: str, wanted: Wanted) -> Page:
    """One page of orders, the one that changed last first."""
    conditions = Conditions(account)
    for words, value in (("portfolio = {}", wanted.portfolio), ("pair = {}", wanted.pair)):
        if value is not None:
            conditions.add(words, value)
    if wanted.before is not None:
        conditions.add("(epoch, seq) < ({}, {})", *wanted.before)
    head = f"{_COLUMNS} where account = $1 and state in ({_STATES[wanted.status]})"
    # One row more than asked for tells whether there is another page. limit is a bounded integer.
    tail = f"order by epoch desc, seq desc limit {int(wanted.limit) + 1}"
    rows = _rows(await pool.fetch(conditions.sql(head, tail), *conditions.values))
    shown = rows[: wanted.limit]
    following = f"{shown[-1].epoch}-{shown[-1].seq}" if len(rows) > len(shown) else None
    return Page(shown, following)


async def of_clients(pool: Pool, account: str, client_ids: Sequence[str]) -> list[OrderRow]:
    """The orders with these client ids."""
    tail = "where account = $1 and client_id = any ($2::text[]) limit $3"
    return _rows(await pool.fetch(_COLUMNS + tail, account, list(client_ids), ORDERS_MAX))


def _rows(records: Iterable[Any]) -> list[OrderRow]:
    return [OrderRow(*record) for record in records]
