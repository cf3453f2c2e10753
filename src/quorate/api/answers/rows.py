"""Single rows as the API's shapes, and the text of instants and amounts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quorate.api.schemas.results import EquityPoint
from quorate.api.schemas.trading import Order, Shadow
from quorate.domain.money import plain

if TYPE_CHECKING:
    from quorate.store.readers.equity import EquityRow
    from quorate.store.readers.orders import OrderRow
    from quorate.store.readers.shadows import ShadowRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at: datetime) -> str:
    """ISO 8601 in UTC; milliseconds only where there are some, as the journal publishes it."""
    at = at.astimezone(UTC)
    text = at.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{at.microsecond // 1000:03d}Z" if at.microsecond // 1000 else f"{text}Z"


def instant_or_none(at: datetime | None) -> str | None:
    """`instant`, with None for None."""
    return None if at is None else instant(at)


def instant_of_ms(at_ms: int | None) -> str | None:
    """`instant` of UTC milliseconds, with None for None."""
    return None if at_ms is None else instant(moment(at_ms))


def moment(at_ms: int) -> datetime:
    """UTC milliseconds as a datetime, exact."""
    return EPOCH + timedelta(milliseconds=at_ms)


def milliseconds(at: datetime) -> int:
    """A datetime as UTC milliseconds."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def plain_or_none(value: Decimal | None) -> str | None:
    """The amount as plain text, with None for None."""
    return None if value is None else plain(value)


def equity_point_of(row: EquityRow) -> EquityPoint:
    """A point of an equity curve."""
    return EquityPoint(
        id=row.id,
        timestamp=instant(row.at),
        portfolio=row.portfolio,
        equity=plain(row.equity),
        cash=plain(row.cash),
        unrealized=plain(row.unrealized),
        drawdown_pct=float(row.drawdown_pct),
    )


def order_of(row: OrderRow) -> Order:
    """An order."""
    # The table's words are the domain's own; the shape checks them once more.
    words: dict[str, Any] = {
        "action": row.action,
        "kind": row.kind,
        "purpose": row.purpose,
        "state": row.state,
    }
    return Order(
        client_id=row.client_id,
        signal_id=row.signal_id,
        portfolio=row.portfolio,
        pair=row.pair,
        price=plain(row.price),
        quantity=plain(row.quantity),
        filled=plain(row.filled),
        reason=row.reason or None,
        at=instant(row.intended_at),
        changed_at=instant(row.changed_at),
        venue_id=row.venue_id or None,
        sent_at=instant_or_none(row.sent_at),
        cancel_requested_at=instant_or_none(row.cancel_at),
        **words,
    )


def shadow_of(row: ShadowRow) -> Shadow:
    """A shadow trade, running or closed."""
    words: dict[str, Any] = {"side": row.side, "state": "open" if row.closed_at is None else "closed"}
    return Shadow(
        id=row.id,
        analyst=row.analyst,
        pair=row.pair,
        confidence=plain(row.confidence),
        opened_at=instant(row.opened_at),
        closed_at=instant_or_none(row.closed_at),
        r=plain_or_none(row.r),
        reason=row.reason,
        record=row.record,
        contaminated=row.contaminated,
        hold_r=plain_or_none(row.hold_r),
        **words,
    )
