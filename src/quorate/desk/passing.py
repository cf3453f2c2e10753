"""Closes at which nothing happens but that everything is marked: told as a whole step tells them, for far less work.

Who feeds candles from a column can see how far nothing will be touched (`calm_of`), and need not walk the desk's whole
order of one instant for each of them. What such a close leaves in the journal and in the state is the same to the byte:
marks, the worth of every portfolio, and breakers that trip or clear on it.
"""

from collections.abc import Sequence

from quorate.desk import marks
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter, Turn
from quorate.desk.walk import Calm, Plans


def calm_of(charter: Charter, state: DeskState, plans: Plans, pair: str) -> Calm | None:
    """Between which levels the next bars of a pair change no trade; None where its next bar is waited for."""
    if any(order.intent.pair == pair for order in state.orders.values()):
        return None
    market = state.markets[pair]
    shadows = state.shadows.get(pair, {}).values()
    if any(shadow.filled is None for shadow in shadows):
        return None
    round_trip_ppm = charter.venue.round_trip_ppm(market)
    calm = Calm()
    for trade in (*state.positions.get(pair, {}).values(), *shadows):
        calm = calm.within(plans.walk(trade, market).calm(round_trip_ppm=round_trip_ppm))
    return calm


def expiry_of(state: DeskState) -> int | None:
    """The first instant at which an open position is sent out because its plan has expired; None where none will be."""
    due = [
        position.plan.expires_ms
        for held in state.positions.values()
        for position in held.values()
        if position.plan.expires_ms is not None
    ]
    return min(due, default=None)


def pass_over(turn: Turn, closes: Sequence[marks.Close]) -> None:
    """Let closes go by, oldest first, all of them fresh, each later than the last step."""
    assert turn.charter.real_venue is None, "at a real venue nothing is known ahead"
    assert not turn.charter.paced, "at the pace of a clock every slot is written down"
    assert not turn.state.orders, "an order meets the very next bar"
    marks.pass_closes(turn, closes)
