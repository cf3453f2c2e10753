"""What a real venue says of our orders, taken into the ledger: the only way in which an outcome is ever learnt.

The same word may come twice, late, or in the wrong order; whatever the order, the sums are the same. An end is believed
only once every execution it speaks of is booked: until then whoever listens has to ask for them.
"""

from dataclasses import replace
from decimal import Decimal

from quorate.desk.breaks import CLOSED_BY_OTHERS, OPEN_THOUGH_VOID, OVERCLOSED, OVERFILLED, VANISHED
from quorate.desk.evolve_orders import execution_key, external_key, flows_of
from quorate.desk.turn import Turn
from quorate.desk.venue_ledger import book_entry, book_exit, book_others_exit, fill_of
from quorate.domain import events as ev
from quorate.domain.orders import ExternalOrder, Order, OrderKind, OrderState
from quorate.domain.portfolio import Position
from quorate.domain.venue import VenueFill, VenueOrder, VenueStatus
from quorate.risk.book import WHOLE_ACCOUNT, TradingState

BY_VENUE = "reconciliation"
NAMELESS_MS = 300_000
"""How long an order that was held for void may still turn out to be the one that was executed."""
AMOUNTS_DIFFER = "the venue calls it filled with less than was asked"


def hear_order(turn: Turn, client_id: str, told: VenueOrder) -> bool:
    """Take the venue's word on one of our orders. True: it speaks of executions that were not heard of yet."""
    order = turn.state.orders.get(client_id) or turn.state.ended.get(client_id)
    if order is None:
        return False
    if told.filled > order.filled:
        if order.state in {OrderState.SUBMITTED, OrderState.UNKNOWN} and not order.venue_id:
            # From here on executions that carry the venue's id alone are known to be its.
            turn.emit(ev.OrderAccepted(client_id, turn.at_ms, told.venue_id))
        return True
    if client_id not in turn.state.orders:
        _doubt_void(turn, order, told)
        return False
    if not told.status.final:
        if order.state in {OrderState.SUBMITTED, OrderState.UNKNOWN}:
            turn.emit(ev.OrderAccepted(client_id, turn.at_ms, told.venue_id))
        return False
    if told.status is VenueStatus.REJECTED and order.state in {OrderState.SUBMITTED, OrderState.UNKNOWN}:
        turn.emit(ev.OrderRejected(client_id, told.reason or "refused by the venue", turn.at_ms))
        return False
    reason = AMOUNTS_DIFFER if told.status is VenueStatus.FILLED else told.reason or "cancelled at the venue"
    turn.emit(ev.OrderCancelled(client_id, reason, turn.at_ms))
    return False


def _doubt_void(turn: Turn, order: Order, told: VenueOrder) -> None:
    """An order that was held for void is open at the venue after all: nothing is opened until a person has looked."""
    if order.state is OrderState.VOID and not told.status.final:
        _break(turn, told.pair, order.intent.quantity, told.quantity, f"{told.tag} {OPEN_THOUGH_VOID}")


def hear_fill(turn: Turn, client_id: str, told: VenueFill) -> None:
    """Book an execution of one of our orders, once."""
    state = turn.state
    order = state.orders.get(client_id) or state.ended.get(client_id)
    if order is None or execution_key(told) in state.executions:
        return
    intent, fill = order.intent, fill_of(state, client_id, told)
    if order.filled + fill.quantity > intent.quantity:
        _break(turn, told.pair, intent.quantity, order.filled + fill.quantity, OVERFILLED)
    if not intent.reduces:
        book_entry(turn, order, fill)
        return
    position = state.position(intent.portfolio, intent.pair)
    if position is None or fill.quantity > position.quantity:
        open_there = Decimal(0) if position is None else position.quantity
        _break(turn, told.pair, open_there, fill.quantity, OVERCLOSED)
    if position is not None:
        book_exit(turn, order, position, fill)
        return
    cash = state.portfolios[intent.portfolio].cash - fill.fee
    turn.emit(ev.OrderFilled(fill, intent.portfolio, order.filled + fill.quantity >= intent.quantity, -fill.fee, cash))


def lose_sight(turn: Turn, client_id: str, reason: str) -> None:
    """An answer was lost, and nothing else has told of the order: it is in doubt until the venue tells (F2)."""
    order = turn.state.orders.get(client_id)
    if order is not None and order.state is OrderState.SUBMITTED:
        turn.emit(ev.OrderUnknown(client_id, reason, turn.at_ms))


def hear_refusal(turn: Turn, client_id: str, reason: str) -> None:
    """The venue looked at an order and refused it, in its own words."""
    order = turn.state.orders.get(client_id)
    if order is not None and order.state in {OrderState.SUBMITTED, OrderState.UNKNOWN}:
        turn.emit(ev.OrderRejected(client_id, reason, turn.at_ms))


def hear_absence(turn: Turn, client_id: str, evidence: str) -> None:
    """There is no such order: it never left, or no list of the venue's knows it although it had time to (F3).

    One that the venue had accepted does not vanish: that is a break, and the order is over.
    """
    order = turn.state.orders.get(client_id)
    if order is None:
        return
    if order.state in {OrderState.SUBMITTED, OrderState.UNKNOWN} and not order.venue_id and not order.filled:
        turn.emit(ev.OrderVoided(client_id, evidence, turn.at_ms))
        return
    _break(turn, order.intent.pair, order.open_quantity, Decimal(0), f"order {client_id} {VANISHED}")
    turn.emit(ev.OrderCancelled(client_id, evidence, turn.at_ms))


def lose_sight_of_sent(turn: Turn) -> None:
    """A desk that comes back does not know what became of orders it was about to send: each is in doubt (F1)."""
    for client_id, order in sorted(turn.state.orders.items()):
        if order.state is OrderState.SUBMITTED:
            turn.emit(ev.OrderUnknown(client_id, "the desk ended before its outcome was known", turn.at_ms))


def see_external(turn: Turn, told: VenueOrder) -> None:
    """Somebody else's order on the account: counted in risk, never touched (F12)."""
    left = Decimal(0) if told.status.final else told.quantity - told.filled
    order = ExternalOrder(
        venue_id=told.venue_id,
        pair=told.pair,
        action=told.action,
        open_quantity=left,
        price=told.price,
        at_ms=turn.at_ms,
    )
    known = turn.state.external.get(external_key(told))
    if (known is None and not left) or (known is not None and known.open_quantity == left):
        return
    turn.emit(ev.ExternalOrderChanged(order))


def external_gone(turn: Turn, key: str) -> None:
    """Somebody else's order is no longer open."""
    known = turn.state.external.get(key)
    if known is not None:
        turn.emit(ev.ExternalOrderChanged(replace(known, open_quantity=Decimal(0), at_ms=turn.at_ms)))


def nameless(turn: Turn, pair: str) -> tuple[str, ...]:
    """Orders on a pair to which executions may belong that are told with the venue's id alone, by client id.

    Theirs is not known: those in doubt, and those that were held for void a short while ago.
    """
    lately_ms = turn.at_ms - NAMELESS_MS
    orders = (*turn.state.orders.items(), *turn.state.ended.items())
    return tuple(
        client_id
        for client_id, order in orders
        if order.intent.pair == pair
        and not order.venue_id
        and (order.ended_ms is None or (order.state is OrderState.VOID and order.ended_ms > lately_ms))
    )


def fireable(turn: Turn, pair: str) -> tuple[str, ...]:
    """Stops of ours on a pair that may have fired into an order of another id, by client id: open ones on perpetuals.

    Conditional orders live apart there, and the word that links the two can be lost.
    """
    return tuple(
        client_id
        for client_id, order in turn.state.orders.items()
        if order.intent.pair == pair and order.intent.kind is OrderKind.STOP and not _on_spot(turn)
    )


def see_external_fill(turn: Turn, told: VenueFill) -> None:
    """An execution that no order of ours explains moves the balances we reckon with.

    On perpetuals it also makes a position smaller that it goes against: the venue knows one for each pair. One that
    happened before the balances were first taken is in them already, however late it is told.
    """
    state = turn.state
    if told.pair not in state.markets or execution_key(told) in state.executions or told.at_ms <= state.venue_ms:
        return
    flows = flows_of(state, fill_of(state, "", told))
    seen = ev.ExternalFilled(told.trade_id, told.pair, told.action, told.price, told.quantity, flows, turn.at_ms)
    position = _against(turn, told)
    if position is None:
        turn.emit(seen)
        return
    book_others_exit(turn, position, told, seen)
    left = max(position.quantity - told.quantity, Decimal(0))
    sign = position.side.sign
    _break(turn, told.pair, position.quantity * sign, left * sign, CLOSED_BY_OTHERS)


def _against(turn: Turn, told: VenueFill) -> Position | None:
    """The position on perpetuals that an execution has made smaller; None on spot, where coins are told by balances."""
    if _on_spot(turn):
        return None
    held = turn.state.positions.get(told.pair, {})
    return next((held[name] for name in sorted(held) if held[name].side.sign == -told.action.sign), None)


def _on_spot(turn: Turn) -> bool:
    return turn.charter.real_venue is None or turn.charter.real_venue.spot


def _break(turn: Turn, subject: str, expected: Decimal, found: Decimal, reason: str) -> None:
    turn.emit(ev.BreakFound(subject, expected, found, reason, turn.at_ms))
    stop_openings(turn, f"{subject}: {reason}")


def stop_openings(turn: Turn, reason: str) -> None:
    """Nothing new is opened until a person has looked; exits go on."""
    if turn.state.trading.get(WHOLE_ACCOUNT, TradingState.ACTIVE) == TradingState.ACTIVE:
        turn.emit(ev.TradingStateChanged(WHOLE_ACCOUNT, TradingState.REDUCING, BY_VENUE, reason, turn.at_ms))
