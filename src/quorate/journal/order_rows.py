"""The orders table: most events change an order in part, and only its client id tells which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import asyncpg

from quorate.domain.orders import OPEN_STATES, Intent, OrderState
from quorate.journal.entry import Place, instant
from quorate.journal.tables import ORDERS

_ENDED = ", ".join(f"'{state}'" for state in OrderState if state not in OPEN_STATES)
# An execution that is told late changes what an order filled, not that it has ended.
_CHANGE = f"""
update orders o
set state = case when o.state in ({_ENDED}) then o.state else coalesce(c.state, o.state) end,
    reason = case when c.reason = '' then o.reason else c.reason end,
    changed_at = case when o.state in ({_ENDED}) then o.changed_at else coalesce(c.changed_at, o.changed_at) end,
    filled = o.filled + c.filled, epoch = c.epoch, seq = c.seq,
    venue_id = case when c.venue_id = '' then o.venue_id else c.venue_id end,
    sent_at = coalesce(c.sent_at, o.sent_at), cancel_at = coalesce(c.cancel_at, o.cancel_at)
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::timestamptz[], $7::int[], $8::bigint[],
  $9::text[], $10::timestamptz[], $11::timestamptz[])
  as c(account, client_id, state, reason, filled, changed_at, epoch, seq, venue_id, sent_at, cancel_at)
where o.account = c.account and o.client_id = c.client_id
"""  # noqa: S608  our words


@dataclass(slots=True)
class _Change:
    """What a group of entries does to one order; None leaves things as they are."""

    epoch: int
    seq: int
    state: OrderState | None = None
    at_ms: int | None = None
    """When it came to this state."""
    reason: str = ""
    filled: Decimal = Decimal(0)
    venue_id: str = ""
    sent_ms: int | None = None
    cancel_ms: int | None = None


class OrderRows:
    """What a group of entries does to orders: new ones, and changes of older ones."""

    def __init__(self) -> None:
        self._new: dict[tuple[str, str], tuple[Place, Intent]] = {}
        self._changes: dict[tuple[str, str], _Change] = {}

    def intend(self, place: Place, intent: Intent) -> None:
        """An order begins."""
        key = (place.account, intent.client_id)
        self._new[key] = (place, intent)
        self._changes[key] = _Change(place.epoch, place.seq, OrderState.INTENDED, intent.at_ms)

    def change(
        self,
        place: Place,
        client_id: str,
        state: OrderState,
        *,
        at_ms: int,
        reason: str = "",
        filled: Decimal = Decimal(0),
        venue_id: str = "",
        sent_ms: int | None = None,
    ) -> None:
        """An order moves on to `state`, unless it has ended; `filled` is added to what was filled before."""
        change = self._change(place, client_id)
        if change.state is None or change.state in OPEN_STATES:
            change.state, change.at_ms = state, at_ms
        change.reason = reason or change.reason
        change.filled += filled
        change.venue_id = venue_id or change.venue_id
        change.sent_ms = change.sent_ms if sent_ms is None else sent_ms

    def ask_end(self, place: Place, client_id: str, *, at_ms: int) -> None:
        """An order's end is asked for; it stays what it is."""
        self._change(place, client_id).cancel_ms = at_ms

    def _change(self, place: Place, client_id: str) -> _Change:
        change = self._changes.setdefault((place.account, client_id), _Change(place.epoch, place.seq))
        change.epoch, change.seq = place.epoch, place.seq
        return change

    async def write(self, connection: asyncpg.Connection) -> None:
        """Write new orders as they ended up, and the changes of older ones."""
        if self._new:
            await ORDERS.copy(connection, [self._row(key, *born) for key, born in self._new.items()])
        older = [
            (
                *key,
                change.state,
                change.reason,
                change.filled,
                _instant(change.at_ms),
                change.epoch,
                change.seq,
                change.venue_id,
                _instant(change.sent_ms),
                _instant(change.cancel_ms),
            )
            for key, change in self._changes.items()
            if key not in self._new
        ]
        if older:
            await connection.execute(_CHANGE, *zip(*older, strict=True))

    def _row(self, key: tuple[str, str], place: Place, intent: Intent) -> tuple[object, ...]:
        change = self._changes[key]
        return (
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
            _instant(change.at_ms),
            change.venue_id,
            _instant(change.sent_ms),
            _instant(change.cancel_ms),
            change.epoch,
            change.seq,
        )


def _instant(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else instant(at_ms)
