"""Stopping the desk, and letting it go on: what a person can do at any time, whatever else is going on."""

from quorate.desk.orders import send_out
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.orders import OPEN_STATES, Purpose
from quorate.risk.book import WHOLE_ACCOUNT, TradingState

PANIC = "panic"


def panic(turn: Turn, *, by: str, flatten: bool) -> dict[str, object]:
    """Stop openings at once, cancel what would open anything, and close every position if asked. Returns the report.

    Protective stops stay while their positions do. Asked twice it does nothing new.
    """
    if turn.state.trading.get(WHOLE_ACCOUNT) != TradingState.HALTED:
        turn.emit(ev.TradingStateChanged(WHOLE_ACCOUNT, TradingState.HALTED, by, f"Stopped by {by}.", turn.at_ms))
    cancelled = 0
    for client_id, order in sorted(turn.state.orders.items()):
        if order.intent.reduces or order.state not in OPEN_STATES:
            continue
        cancelled += 1
        if turn.charter.real_venue is None:
            turn.emit(ev.OrderCancelled(client_id, PANIC, turn.at_ms))
        elif order.cancel_ms is None:
            turn.emit(ev.CancelRequested(client_id, PANIC, turn.at_ms))
    held = [position for of_pair in turn.state.positions.values() for position in of_pair.values()]
    if flatten:
        for position in sorted(held, key=lambda each: (each.pair, each.portfolio)):
            send_out(turn, position, Purpose.MANUAL)
    return {
        "success": True,
        "state": TradingState.HALTED.value,
        "ordersCancelled": cancelled,
        "positionsOpen": len(held),
        "closing": flatten,
    }


def set_trading(turn: Turn, *, scope: str, state: str, by: str, reason: str) -> dict[str, object]:
    """Set the trading state of the whole account or of one pair. BadInput for a state or a pair there is not."""
    if state not in TradingState.__members__:
        raise BadInput(f"There is no trading state {state!r}.", hint=f"There are {', '.join(TradingState)}.")
    if scope != WHOLE_ACCOUNT and scope not in turn.state.markets:
        raise BadInput(f"The desk knows no pair {scope!r}.", hint="Leave it out for the whole account.")
    before = turn.state.trading.get(scope, TradingState.ACTIVE)
    if before != state:
        turn.emit(ev.TradingStateChanged(scope, TradingState(state), by, reason, turn.at_ms))
    return {"success": True, "scope": scope, "state": state, "before": str(before)}
