"""From a wish to an order: intents, the controls they pass, and their way to the venue. There is no second path."""

from dataclasses import replace
from decimal import Decimal

from quorate.desk.call import Call
from quorate.desk.marks import tripped_of
from quorate.desk.turn import Turn
from quorate.desk.view import book_of
from quorate.domain import events as ev
from quorate.domain.ids import client_order_id, intent_id
from quorate.domain.orders import Intent, OrderKind, Purpose
from quorate.domain.portfolio import Position
from quorate.domain.votes import EntryKind, Regime, opening_action
from quorate.risk.book import TradingState
from quorate.risk.breaker_board import admit
from quorate.risk.controls import check
from quorate.risk.verdict import Deny

FIRST_ATTEMPT = "1"
"""An order that was denied or rejected is never sent again under another id; another attempt is another number."""


def entry_intent(turn: Turn, call: Call, *, signal_id: str, portfolio: str, quantity: Decimal) -> Intent:
    """The wish to open a position."""
    intent = intent_id(signal=signal_id, portfolio=portfolio, purpose=Purpose.ENTRY, at_ms=turn.at_ms, ordinal=0)
    return Intent(
        id=intent,
        client_id=client_order_id(account=turn.charter.account, intent=intent, attempt=FIRST_ATTEMPT),
        signal_id=signal_id,
        portfolio=portfolio,
        pair=call.pair,
        action=opening_action(call.side),
        kind=OrderKind.MARKET if call.entry_kind is EntryKind.MARKET else OrderKind.POST_ONLY,
        purpose=Purpose.ENTRY,
        price=call.entry,
        quantity=quantity,
        at_ms=turn.at_ms,
        source=call.source,
        plan=call.plan,
        regime=turn.snapshot.regimes.get(call.pair, Regime.NEUTRAL),
        thesis=call.thesis,
    )


def exit_intent(
    turn: Turn,
    position: Position,
    *,
    purpose: Purpose,
    kind: OrderKind,
    price: Decimal,
    quantity: Decimal,
    ordinal: int,
) -> Intent:
    """The wish to close a position or a part of it."""
    intent = intent_id(
        signal=position.signal_id, portfolio=position.portfolio, purpose=purpose, at_ms=turn.at_ms, ordinal=ordinal
    )
    return Intent(
        id=intent,
        client_id=client_order_id(account=turn.charter.account, intent=intent, attempt=FIRST_ATTEMPT),
        signal_id=position.signal_id,
        portfolio=position.portfolio,
        pair=position.pair,
        action=opening_action(position.side).opposite,
        kind=kind,
        purpose=purpose,
        price=price,
        quantity=quantity,
        at_ms=turn.at_ms,
        source=position.source,
    )


def submit(turn: Turn, intent: Intent, *, rests: bool) -> Deny | None:
    """Write the intent down, let every control look at it, and hand it to the venue.

    Returns the refusal when a control refused; then nothing has left the house. `rests` tells whether the paper venue
    holds the order until a later bar (True) or executes it in this very bar (False); a real venue speaks for itself.
    """
    assert intent.reduces or intent.plan is not None, "an entry carries its exit plan"
    verdict = check(intent, book_of(turn, intent.pair, depth=_depth(turn, intent)), turn.policy.limits)
    if not isinstance(verdict, Deny) and not intent.reduces:
        verdict = admit(intent, tripped_of(turn, turn.charter.policies[intent.portfolio]))
    turn.emit(ev.OrderIntended(intent))
    if isinstance(verdict, Deny):
        turn.emit(ev.OrderDenied(intent.client_id, verdict.control, verdict.value, verdict.limit, turn.at_ms))
        if verdict.latch is not None:
            why = f"{verdict.control}: {verdict.value}"
            turn.emit(ev.TradingStateChanged(verdict.latch, TradingState.REDUCING, verdict.control, why, turn.at_ms))
        return verdict
    turn.emit(ev.OrderSubmitted(intent.client_id, turn.at_ms))
    if rests and turn.charter.real_venue is None:
        turn.emit(ev.OrderAccepted(intent.client_id, turn.at_ms))
    return None


def _depth(turn: Turn, intent: Intent) -> Decimal | None:
    """What a market entry would find in the live book; written down, as the decision depends on it."""
    depth_of, within_bps = turn.charter.depth, turn.policy.limits.slippage_bps_max
    if depth_of is None or intent.reduces or intent.kind is not OrderKind.MARKET:
        return None
    depth = depth_of(intent.pair, intent.action, within_bps=within_bps)
    if depth is not None:
        turn.emit(ev.DepthMeasured(intent.pair, intent.action, depth, within_bps, turn.at_ms))
    return depth


def exit_waiting(turn: Turn, position: Position) -> bool:
    """Whether an order that closes the position, or a part of it, is on its way; a protective stop is not."""
    return position.leaving is not None or any(
        order.intent.reduces
        and order.intent.kind is not OrderKind.STOP
        and (order.intent.pair, order.intent.portfolio) == (position.pair, position.portfolio)
        for order in turn.state.orders.values()
    )


def send_out(turn: Turn, position: Position, purpose: Purpose) -> None:
    """Close at market what is left of a position; nothing happens where an exit is on its way already.

    At a real venue the wish is written down, and `quorate.desk.tending` does what it takes.
    """
    if turn.charter.real_venue is not None:
        if position.leaving is None:
            turn.emit(ev.PositionChanged(replace(position, leaving=purpose), f"leaving: {purpose}", turn.at_ms))
        return
    if exit_waiting(turn, position):
        return
    intent = exit_intent(
        turn,
        position,
        purpose=purpose,
        kind=OrderKind.MARKET,
        price=turn.state.marks[position.pair],
        quantity=position.quantity,
        ordinal=0,
    )
    refused = submit(turn, intent, rests=True)
    assert refused is None, f"an exit must never be refused: {refused}"
