"""What is wrong at a venue, and what is done about it, in sentences for people."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from quorate.api.answers.rows import moment
from quorate.desk.breaks import CLOSED_BY_OTHERS, OPEN_THOUGH_VOID, UNEXPLAINED, VANISHED
from quorate.desk.tending import FAILED, LIVE
from quorate.domain.money import ZERO, plain
from quorate.domain.orders import OrderKind, OrderState, Purpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.domain.policy import ExecutionPolicy
    from quorate.domain.portfolio import Position
    from quorate.store.readers.orders import OrderRow
    from quorate.store.readers.venue import BreakRow, VenueRow

ON_PAPER = (
    "Orders of this account are filled on paper, inside the desk's own steps. Nothing is at a real venue, "
    "and no money is at stake."
)


def silent(row: VenueRow | None, *, lost_ms: int) -> bool:
    """Whether no desk tells how the venue is: none ever did, or not for longer than a worker may be unheard of."""
    return row is None or row.age_ms > lost_ms


def state_of(row: VenueRow | None, execution: ExecutionPolicy, *, lost_ms: int, now_ms: int) -> tuple[str, str]:
    """The state of a real venue, and what it means. An instant is told, not an age: it is announced when it changes."""
    if row is None:
        return "silent", "No desk is at work on this account: nobody looks after its orders. Start `quorate up --live`."
    said = row.said
    if silent(row, lost_ms=lost_ms):
        since = moment(now_ms - row.age_ms).strftime("%Y-%m-%d %H:%M UTC")
        return "silent", f"The desk has not been heard of since {since}: nobody looks after orders at {said.name}."
    if said.fault:
        return "faulty", f"Something stands between the desk and {said.name}: {_sentence(said.fault)}"
    if not said.stream_up:
        return "polling", (
            f"The private stream is away. {said.name} is asked instead, every {_away(execution)}, and "
            f"every {_span(execution.doubt_ms)} while an order is in doubt."
        )
    return "streaming", f"Fills and orders come by {said.name}'s private stream as they happen."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A position without a stop, and the orders that were sent for it."""

    position: Position | None
    orders: Sequence[OrderRow]
    """Open ones of the same portfolio and pair."""
    failed: OrderRow | None
    """The newest stop of it that came to nothing."""
    unheard: bool
    """Nothing was heard of a stop that had been seen waiting."""


def doing(bare: Bare, execution: ExecutionPolicy, *, absent: bool, keeps_stops: bool, venue: str) -> str:
    """What the desk does about a position without a stop; the order is that of `quorate.desk.tending`."""
    position = bare.position
    if position is None:
        return "The position is closed by now; the alarm ends with the desk's next look."
    if absent:
        return (
            f"Nothing: no desk is at work on this account. Start it, or place a stop at {plain(position.stop)} by hand "
            f"at {venue}."
        )
    exits = [order for order in bare.orders if Purpose(order.purpose).reduces]
    doubtful = next((order for order in exits if order.state in {OrderState.UNKNOWN, OrderState.SUBMITTED}), None)
    if doubtful is not None:
        return _waits(doubtful, execution, venue=venue)
    leaving = next((order for order in exits if order.kind != OrderKind.STOP), None)
    if leaving is not None:
        return (
            f"An order that closes {plain(leaving.quantity - leaving.filled)} of it ({leaving.purpose}) is at {venue}."
        )
    if not keeps_stops:
        return "No stop can rest at this venue: the desk watches the price itself and closes at the market."
    return _stops(bare, position, execution, venue=venue)


def _waits(order: OrderRow, execution: ExecutionPolicy, *, venue: str) -> str:
    what = "Its stop" if order.kind == OrderKind.STOP else f"The order that closes it ({order.purpose})"
    if order.state == OrderState.SUBMITTED:
        return f"{what} is on its way: {venue} has not answered yet."
    return (
        f"{what} was sent and nobody knows what became of it. {venue} is asked every {_span(execution.doubt_ms)}; "
        "nothing else is sent for the position meanwhile."
    )


def _stops(bare: Bare, position: Position, execution: ExecutionPolicy, *, venue: str) -> str:
    stops = [order for order in bare.orders if order.kind == OrderKind.STOP and order.state in LIVE]
    if any(order.cancel_at is not None for order in stops):
        return f"{venue} was asked to cancel its old stop; when it is gone, one of the right size is placed."
    if stops and bare.unheard:
        return (
            f"Its stop was last seen waiting at {venue}, which is asked what has happened since, every "
            f"{_span(execution.doubt_ms)} to {_away(execution)}."
        )
    if stops:
        covered = sum((order.quantity - order.filled for order in stops), ZERO)
        return (
            f"The stop at {venue} covers {plain(covered)} of {plain(position.quantity)}: it is cancelled, and one of "
            "the right size is placed."
        )
    beyond = "below" if position.side.sign > 0 else "above"
    watched = f"Meanwhile the desk watches the price, and closes at the market {beyond} {plain(position.stop)}."
    failed = bare.failed
    if failed is not None and failed.signal_id == position.signal_id and OrderState(failed.state) in FAILED:
        ours = failed.state == OrderState.DENIED
        what = "The desk's own controls refused its stop" if ours else "Its stop came to nothing"
        why = f": {failed.reason}" if failed.reason else ""
        return f"{_sentence(what + why)} It is placed again every {_span(execution.retry_ms)}. {watched}"
    return f"A stop at {plain(position.stop)} is placed with the desk's next look. {watched}"


def todo(row: BreakRow, *, venue: str, stands: bool) -> str:
    """What a person should do about a break."""
    again = " When you know why, let the desk trade again." if stands else ""
    return f"{_look_at(row, venue)}{again}"


def _look_at(row: BreakRow, venue: str) -> str:
    if row.reason == UNEXPLAINED and "/" not in row.subject:
        less = "a withdrawal" if row.found < row.expected else "a deposit"
        return f"Look for {less} of {row.subject} at {venue}, or for a trade that was made there by hand."
    if row.reason == UNEXPLAINED:
        return f"Look for a trade in {row.subject} at {venue} that was made by hand, or for a forced close."
    if row.reason.endswith(VANISHED):
        return f"Look the order up in {venue}'s history: the desk was told that it was accepted, and cannot find it."
    if row.reason.endswith(OPEN_THOUGH_VOID):
        return f"The desk cancels the order. Look at {venue} that it is gone, and what it filled."
    if row.reason == CLOSED_BY_OTHERS:
        return f"Look at {venue} who closed {row.subject}: somebody by hand, or {venue} itself by force."
    return f"Compare the executions of {row.subject} at {venue} with the desk's trades."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _away(execution: ExecutionPolicy) -> str:
    return _span(min(execution.away_ms, execution.reconcile_ms))


def _span(ms: int) -> str:
    """A length of time: "2 s", "2.5 s"."""
    return f"{plain(Decimal(ms) / 1_000)} s"
