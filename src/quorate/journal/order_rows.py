"""The orders table: most events change an order in part, and only its client id tells which."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import asyncpg

from quorate.domain.orders import Intent, OrderState
from quorate.journal.entry import Place, instant
from quorate.journal.tables import ORDERS

_CHANGE = """
update orders o
set state = c.state, reason = case when c.reason = '' then o.reason else c.reason end,
    filled = o.filled + c.filled, changed_at = c.changed_at, epoch = c.epoch, seq = c.seq
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::timestamptz[], $7::int[], $8::bigint[])
  as c(account, client_id, state, reason, filled, changed_at, epoch, seq)
where o.account = c.account and o.client_id = c.client_id
"""


@dataclass(slots=True)
class _Change:
    """What a group of entries does to one order."""

    state: OrderState
    reason: str
    filled: Decimal
    at_ms: int
    epoch: int
    seq: int


class OrderRows:
    """What a group of entries does to orders: new ones, and changes of older ones."""

    def __init__(self) -> None:
        self._new: dict[tuple[str, str], tuple[Place, Intent]] = {}
        self._changes: dict[tuple[str, str], _Change] = {}

    def intend(self, place: Place, intent: Intent) -> None:
        """An order begins."""
        key = (place.account, intent.client_id)
        self._new[key] = (place, intent)
        self._changes[key] = _Change(OrderState.INTENDED, "", Decimal(0), intent.at_ms, place.epoch, place.seq)

    def change(
        self,
        place: Place,
        client_id: str,
        state: OrderState,
        *,
        at_ms: int,
        reason: str = "",
        filled: Decimal = Decimal(0),
    ) -> None:
        """An order moves on to `state`; `filled` is added to what was filled before."""
        key = (place.account, client_id)
        change = self._changes.get(key)
        if change is None:
            self._changes[key] = _Change(state, reason, filled, at_ms, place.epoch, place.seq)
            return
        change.state, change.at_ms, change.epoch, change.seq = state, at_ms, place.epoch, place.seq
        change.reason = reason or change.reason
        change.filled += filled

    async def write(self, connection: asyncpg.Connection) -> None:
        """Write new orders as they ended up, and the changes of older ones."""
        if self._new:
            rows = [
                (
                    place.account,
                    place.owner,
                    intent.client_id,
                    intent.id,
                    intent.signal_id,
                    intent.portfolio,
                    intent.pair,
                    intent.action,
                    intent.kind,
                    intent.purpose,
                    intent.price,
                    intent.quantity,
                    change.filled,
                    change.state,
                    change.reason,
                    instant(intent.at_ms),
                    instant(change.at_ms),
                    change.epoch,
                    change.seq,
                )
                for key, (place, intent) in self._new.items()
                for change in (self._changes[key],)
            ]
            await ORDERS.copy(connection, rows)
        older = [
            (*key, change.state, change.reason, change.filled, instant(change.at_ms), change.epoch, change.seq)
            for key, change in self._changes.items()
            if key not in self._new
        ]
        if older:
            await connection.execute(_CHANGE, *zip(*older, strict=True))
