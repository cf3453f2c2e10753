"""How events about orders change the desk's state: their lives, and what a real venue's account looks like.

On paper an order that has ended is forgotten. At a real venue it is remembered for a while, since executions may be
told late, twice, or out of order; and every execution moves what the venue's balances should be.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from quorate.desk.state import DeskState, SentOrder
from quorate.domain import events as ev
from quorate.domain.money import ZERO
from quorate.domain.orders import OPEN_STATES, Fill, Order, OrderState, advance

ENDED_KEPT_MS = 3 * 86_400_000
"""How long orders that ended at a real venue, and their executions, are remembered."""
ENDED_LOOK = 512
"""Every so many are looked through for those that are too old."""


def intended(state: DeskState, event: ev.OrderIntended) -> None:
    """An order begins its life."""
    state.orders[event.intent.client_id] = Order(event.intent, OrderState.INTENDED)
    state.intents += 1


def _move(
    state: DeskState, client_id: str, to: OrderState, at_ms: int, *, filled: Decimal | None = None, venue_id: str = ""
) -> Order:
    order = state.orders[client_id]
    order = replace(
        order,
        state=advance(order.state, to),
        filled=order.filled if filled is None else filled,
        venue_id=venue_id or order.venue_id,
    )
    if to in OPEN_STATES:
        state.orders[client_id] = order
        return order
    del state.orders[client_id]
    if state.venue:
        state.ended[client_id] = replace(order, ended_ms=at_ms)
        if len(state.ended) % ENDED_LOOK == 0:
            _forget(state, at_ms - ENDED_KEPT_MS)
    return order


def _forget(state: DeskState, before_ms: int) -> None:
    state.ended = {name: order for name, order in state.ended.items() if (order.ended_ms or 0) >= before_ms}
    state.executions = {name: at_ms for name, at_ms in state.executions.items() if at_ms >= before_ms}


def denied(state: DeskState, event: ev.OrderDenied) -> None:
    """A control refused it; nothing has left the house."""
    _move(state, event.client_id, OrderState.DENIED, event.at_ms)


def submitted(state: DeskState, event: ev.OrderSubmitted) -> None:
    """It was handed over."""
    order = _move(state, event.client_id, OrderState.SUBMITTED, event.at_ms)
    if state.venue:
        state.orders[event.client_id] = replace(order, sent_ms=event.at_ms)
    state.sent.append(SentOrder(event.at_ms, order.intent.pair, entry=not order.intent.reduces))
    state.sent_ids[order.intent.id] = event.at_ms
    state.sent_ids[order.intent.client_id] = event.at_ms


def accepted(state: DeskState, event: ev.OrderAccepted) -> None:
    """The venue holds it."""
    _move(state, event.client_id, OrderState.ACCEPTED, event.at_ms, venue_id=event.venue_id)


def cancelled(state: DeskState, event: ev.OrderCancelled) -> None:
    """It ended unfilled, or filled in part."""
    _move(state, event.client_id, OrderState.CANCELLED, event.at_ms)


def rejected(state: DeskState, event: ev.OrderRejected) -> None:
    """The venue refused it."""
    _move(state, event.client_id, OrderState.REJECTED, event.at_ms)


def unknown(state: DeskState, event: ev.OrderUnknown) -> None:
    """Nobody knows what became of it."""
    _move(state, event.client_id, OrderState.UNKNOWN, event.at_ms)


def voided(state: DeskState, event: ev.OrderVoided) -> None:
    """There never was such an order at the venue."""
    _move(state, event.client_id, OrderState.VOID, event.at_ms)


def cancel_requested(state: DeskState, event: ev.CancelRequested) -> None:
    """Its end was asked for; it lives on until the venue says otherwise."""
    state.orders[event.client_id] = replace(state.orders[event.client_id], cancel_ms=event.at_ms)


def filled(state: DeskState, event: ev.OrderFilled) -> None:
    """An execution; one of an order that had ended changes what it filled, not that it has ended."""
    fill = event.fill
    late = state.ended.get(fill.client_id)
    if late is None:
        order = state.orders[fill.client_id]
        to = OrderState.FILLED if event.complete else OrderState.PARTIALLY_FILLED
        _move(state, fill.client_id, to, fill.at_ms, filled=order.filled + fill.quantity, venue_id=fill.venue_id)
    else:
        venue_id = late.venue_id or fill.venue_id
        state.ended[fill.client_id] = replace(late, filled=late.filled + fill.quantity, venue_id=venue_id)
    state.portfolios[event.portfolio].cash = event.cash
    if state.venue:
        state.executions[execution_key(fill)] = fill.at_ms
        for asset, amount in flows_of(state, fill):
            _flow(state, asset, amount)


class _Execution(Protocol):
    @property
    def pair(self) -> str: ...
    @property
    def trade_id(self) -> str: ...
    @property
    def action(self) -> str: ...


def execution_key(execution: _Execution) -> str:
    """What makes an execution the same one: an account that meets itself has both sides of one trade id."""
    return f"{execution.pair}|{execution.trade_id}|{execution.action}"


def flows_of(state: DeskState, fill: Fill) -> tuple[tuple[str, Decimal], ...]:
    """What an execution does to the balances of the account, exactly: coins change hands, or a wallet gains."""
    market = state.markets[fill.pair]
    fee_asset, fee = (fill.fee_asset, fill.fee_paid) if fill.fee_asset else (market.quote, fill.fee)
    if fill.gained is not None:
        return (market.quote, fill.gained), (fee_asset, -fee)
    value = fill.price * fill.quantity * fill.action.sign
    return (market.base, fill.quantity * fill.action.sign), (market.quote, -value), (fee_asset, -fee)


def _flow(state: DeskState, asset: str, amount: Decimal) -> None:
    state.flows[asset] = state.flows.get(asset, ZERO) + amount
    state.roundings[asset] = state.roundings.get(asset, 0) + 1


def dust_left(state: DeskState, event: ev.DustLeft) -> None:
    """What cannot be sold is remembered by its asset."""
    state.dust[event.asset] = state.dust.get(event.asset, ZERO) + event.quantity


def protection_changed(state: DeskState, event: ev.ProtectionChanged) -> None:
    """An alarm began or ended."""
    key = f"{event.portfolio}|{event.pair}"
    if event.protected:
        state.unprotected.pop(key, None)
    else:
        state.unprotected[key] = event.at_ms


def venue_account_opened(state: DeskState, event: ev.VenueAccountOpened) -> None:
    """From here on balances are reckoned with."""
    state.venue, state.venue_ms = event.venue, event.at_ms
    state.baseline = dict(event.balances)
    state.flows, state.roundings = {}, {}


class _AtVenue(Protocol):
    @property
    def pair(self) -> str: ...
    @property
    def venue_id(self) -> str: ...


def external_key(order: _AtVenue) -> str:
    """What makes an order at the venue the same one: venues number the orders of each pair by themselves."""
    return f"{order.pair}|{order.venue_id}"


def external_order_changed(state: DeskState, event: ev.ExternalOrderChanged) -> None:
    """Somebody else's order, as it stands now."""
    if event.order.open_quantity > 0:
        state.external[external_key(event.order)] = event.order
    else:
        state.external.pop(external_key(event.order), None)


def external_filled(state: DeskState, event: ev.ExternalFilled) -> None:
    """Somebody else's execution on the same account."""
    state.executions[execution_key(event)] = event.at_ms
    for asset, amount in event.flows:
        _flow(state, asset, amount)
    if event.portfolio:
        state.portfolios[event.portfolio].cash = event.cash


class _Payment(Protocol):
    @property
    def pair(self) -> str: ...
    @property
    def payment_id(self) -> str: ...
    @property
    def kind(self) -> str: ...


def payment_key(payment: _Payment) -> str:
    """What makes a payment of the venue the same one."""
    return f"{payment.pair}|{payment.payment_id}|{payment.kind}"


def venue_paid(state: DeskState, event: ev.VenuePaid) -> None:
    """The wallet was moved by no execution. Cash only: a position follows in an event of its own."""
    state.executions[payment_key(event)] = event.at_ms
    state.paid_ms = max(state.paid_ms, event.at_ms)
    _flow(state, event.asset, event.amount)
    if event.portfolio:
        state.portfolios[event.portfolio].cash = event.cash


def balances_rounded(state: DeskState, event: ev.BalancesRounded) -> None:
    """The venue's figures are reckoned with, and what may still be rounding is counted anew."""
    for asset, amount in event.amounts:
        state.baseline[asset] = state.baseline.get(asset, ZERO) + amount
        state.roundings[asset] = 0


def break_found(state: DeskState, event: ev.BreakFound) -> None:
    """Where the venue's figure is reckoned with from now on, one difference is told once."""
    if event.reckoned:
        state.baseline[event.subject] = state.baseline.get(event.subject, ZERO) + event.found - event.expected
