"""The monitor: what a close means for open trades. Stops move only towards less risk; what has expired is closed."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from quorate.desk import marks
from quorate.desk.orders import send_out
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.orders import Purpose
from quorate.domain.portfolio import Position

JOB = "monitor"


def follow_closes(turn: Turn) -> None:
    """Move stops to break-even and trail them at the closes of this step; send out what has expired."""
    for candle in turn.snapshot.step.candles:
        held = turn.state.positions.get(candle.pair)
        for portfolio in sorted(held) if held else ():
            position = _move_stop(turn, turn.state.positions[candle.pair][portfolio], candle)
            if position.plan.expires_ms is not None and turn.at_ms >= position.plan.expires_ms:
                send_out(turn, position, Purpose.EXPIRY)


def _move_stop(turn: Turn, position: Position, candle: Candle) -> Position:
    market = turn.market(position.pair)
    walk = turn.plans.walk(position, market)
    stop, trailing = walk.after_close(candle.close, round_trip_ppm=turn.charter.venue.round_trip_ppm(market))
    if (stop, trailing) == (walk.stop, walk.trailing):
        return position
    moved = replace(position, stop=market.price(stop), trailing=trailing)
    turn.emit(ev.PositionChanged(moved, "stop moved", turn.at_ms))
    return moved


def run_monitor(turn: Turn, *, slot: str, quotes: tuple[tuple[str, Decimal], ...], at_ms: int) -> str:
    """The monitor's slot between two steps: value the account at fresh quotes and let breakers follow."""
    if quotes:
        turn.emit(ev.QuotesMarked(at_ms, quotes))
        marks.value(turn, at_ms)
    return close_slot(turn, slot, at_ms)


def close_slot(turn: Turn, slot: str, at_ms: int) -> str:
    """Write the monitor's report down."""
    state = turn.state
    report = {
        "success": True,
        "cycle": slot,
        "positionsChecked": sum(len(held) for held in state.positions.values()),
        "partialExits": _count(turn, lambda event: isinstance(event, ev.PositionChanged) and event.why == "target"),
        "stopsMoved": _count(turn, lambda event: isinstance(event, ev.PositionChanged) and event.why == "stop moved"),
        "tradesClosed": _count(turn, lambda event: isinstance(event, ev.TradeClosed)),
        "equity": {name: str(portfolio.equity) for name, portfolio in sorted(state.portfolios.items())},
    }
    text = json.dumps(report, sort_keys=True, separators=(",", ":"))
    turn.emit(ev.JobCompleted(JOB, slot, at_ms, text))
    return text


def _count(turn: Turn, wanted: Callable[[ev.Event], bool]) -> int:
    return sum(1 for event in turn.events if wanted(event))
