"""Open trades at a real venue, looked after: what is there is compared with what should be, and one step is taken.

Nothing here remembers a plan: it is asked after every report, every price and every restart, and gives the same answer
for the same state. A position has exactly one stop at the venue, of its size and at its level; what is to be sold must
be free first, so on spot the stop goes before an exit is sent. While the outcome of an order on a position is unknown,
nothing is sent for it: two exits are worse than a late one.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from quorate.desk.orders import exit_intent, submit
from quorate.desk.turn import Turn
from quorate.desk.venue_ledger import is_stop, leave_dust
from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.money import ZERO
from quorate.domain.orders import Order, OrderKind, OrderState, Purpose
from quorate.domain.portfolio import Position
from quorate.rules import exits

LIVE = frozenset({OrderState.ACCEPTED, OrderState.PARTIALLY_FILLED})
"""States in which a venue surely holds an order."""
FAILED = frozenset({OrderState.REJECTED, OrderState.VOID, OrderState.DENIED})
"""States in which an order has ended without ever having been one."""


UNHEARD = "nothing is heard of its stop"
"""Why there is an alarm although the ledger has a stop that should rest."""


@dataclass(frozen=True, slots=True)
class _Exit:
    """What is to be closed now, and why."""

    purpose: Purpose
    lots: int


def tend(turn: Turn) -> None:
    """Take the next step for every position and every resting entry; nothing where all is as it should be."""
    if turn.charter.real_venue is None:
        return
    orders = sorted(turn.state.orders.values(), key=lambda order: (order.intent.pair, order.intent.client_id))
    for position in list(_positions(turn)):
        own = [order for order in orders if _belongs(order, position)]
        if not any(order.state in {OrderState.UNKNOWN, OrderState.SUBMITTED} for order in own if order.intent.reduces):
            _tend(turn, position, own)
    for order in orders:
        _tend_order(turn, order)


def _positions(turn: Turn) -> Iterator[Position]:
    for _, held in sorted(turn.state.positions.items()):
        yield from (held[portfolio] for portfolio in sorted(held))


def _belongs(order: Order, position: Position) -> bool:
    return (order.intent.portfolio, order.intent.pair) == (position.portfolio, position.pair)


def _tend(turn: Turn, position: Position, own: list[Order]) -> None:
    stops = [order for order in own if is_stop(order)]
    leaving = [order for order in own if order.intent.reduces and not is_stop(order)]
    if leaving:
        return
    if _is_dust(turn, position) and not own:
        leave_dust(turn, position)
        return
    due = _due(turn, position, stops)
    if due is None or _failed_lately(turn, position, stop=False):
        # An exit that was just refused is tried again after a pause; until then the stop is back.
        _protect(turn, position, stops)
        return
    assert turn.charter.real_venue is not None, "only what is at a real venue is tended"
    if stops and turn.charter.real_venue.spot:
        for stop in stops:
            _ask_end(turn, stop, f"makes way for {due.purpose}")
        return
    market = turn.market(position.pair)
    intent = exit_intent(
        turn,
        position,
        purpose=due.purpose,
        kind=OrderKind.MARKET,
        price=turn.state.marks[position.pair],
        quantity=market.quantity(due.lots),
        ordinal=turn.state.intents,
    )
    submit(turn, intent, rests=True)


def _due(turn: Turn, position: Position, stops: list[Order]) -> _Exit | None:
    """What is to be closed now: all of it where it is leaving or its stop was passed, a part where a target was."""
    market = turn.market(position.pair)
    lots = market.lots_floor(position.quantity)
    if position.leaving is not None:
        return _Exit(position.leaving, lots)
    mark = turn.state.marks.get(position.pair)
    if mark is None:
        return None
    ticks = market.ticks_nearest(mark)
    walk = turn.plans.walk(position, market)
    at_level = any(order.state in LIVE and order.intent.price == position.stop for order in stops)
    if not at_level and (ticks - walk.stop) * walk.side <= 0:
        return _Exit(Purpose.STOP, lots)
    targets = walk.plan.targets[position.targets_hit :]
    if targets and exits.target_reached(walk.side, targets[0][0], ticks, ticks):
        return _Exit(Purpose.TARGET, _sellable(turn, position, exits.part_of(lots, targets[0][1]), lots))
    return None


def _sellable(turn: Turn, position: Position, part: int, lots: int) -> int:
    """A part that is worth the venue's least order, and leaves a rest that is; else all of it."""
    market, mark = turn.market(position.pair), turn.state.marks[position.pair]
    least = _least(turn, market)
    enough = part > 0 and mark * market.quantity(part) >= least and mark * market.quantity(lots - part) >= least
    return part if enough else lots


def _is_dust(turn: Turn, position: Position) -> bool:
    market = turn.market(position.pair)
    sellable = market.quantity(market.lots_floor(position.quantity))
    mark = turn.state.marks.get(position.pair, position.entry)
    return not sellable or sellable * mark < _least(turn, market)


def _least(turn: Turn, market: Market) -> Decimal:
    """The least an exit may be worth. Perpetuals can always be made smaller, whatever is the least for an entry."""
    assert turn.charter.real_venue is not None, "only what is at a real venue is tended"
    return market.min_notional if turn.charter.real_venue.spot else ZERO


def _protect(turn: Turn, position: Position, stops: list[Order]) -> None:
    """One stop of the right size at the right level, or the step that leads there.

    On spot the coins are free for the new one only when the old one has gone. On perpetuals the old one goes when the
    new one rests: there is no moment without a stop, and two that may only reduce cannot close more than is open.
    """
    venue = turn.charter.real_venue
    assert venue is not None, "only what is at a real venue is tended"
    if not venue.keeps_stops:
        return
    market = turn.market(position.pair)
    quantity = market.quantity(market.lots_floor(position.quantity))
    right = [stop for stop in stops if (stop.intent.price, stop.open_quantity) == (position.stop, quantity)]
    if venue.spot or right or not quantity:
        for stop in stops:
            if stop not in right[:1]:
                _ask_end(turn, stop, "the position or its stop has changed")
    if right or not quantity or (venue.spot and stops) or _failed_lately(turn, position, stop=True):
        return
    intent = exit_intent(
        turn,
        position,
        purpose=Purpose.STOP,
        kind=OrderKind.STOP,
        price=position.stop,
        quantity=quantity,
        ordinal=turn.state.intents,
    )
    submit(turn, intent, rests=True)


def _failed_lately(turn: Turn, position: Position, *, stop: bool) -> bool:
    """Whether a stop, or another exit, of this trade was refused or came to nothing a moment ago."""
    retry_ms = turn.policy.execution.retry_ms
    return any(
        order.intent.reduces
        and is_stop(order) is stop
        and (order.ended_ms or 0) > turn.at_ms - retry_ms
        and (order.state in FAILED or _found_nobody(order, retry_ms))
        and (order.intent.signal_id, order.intent.portfolio) == (position.signal_id, position.portfolio)
        for order in turn.state.ended.values()
    )


def _found_nobody(order: Order, within_ms: int) -> bool:
    """Whether the venue itself ended an order unfilled as soon as it had it: there was nobody to trade with."""
    unasked = order.state is OrderState.CANCELLED and order.cancel_ms is None and not order.filled
    return unasked and (order.ended_ms or 0) - order.sent_ms < within_ms


def _tend_order(turn: Turn, order: Order) -> None:
    """Entries that nobody took in time are cancelled, and so are exits whose position is gone."""
    current = turn.state.orders.get(order.intent.client_id)
    if current is None or current.state not in LIVE:
        return
    intent = current.intent
    if intent.reduces:
        if turn.state.position(intent.portfolio, intent.pair) is None:
            _ask_end(turn, current, "the position is closed")
    elif (
        intent.kind is not OrderKind.MARKET and turn.at_ms - current.sent_ms >= turn.policy.execution.maker_patience_ms
    ):
        _ask_end(turn, current, "not taken in time")


def _ask_end(turn: Turn, order: Order, reason: str) -> None:
    """Ask the venue for an order's end, and again where it has not answered for a while."""
    if order.state not in LIVE:
        return
    asked_ms = order.cancel_ms
    if asked_ms is None or turn.at_ms - asked_ms >= turn.policy.execution.retry_ms:
        turn.emit(ev.CancelRequested(order.intent.client_id, reason, turn.at_ms))


def unprotected(turn: Turn) -> set[tuple[str, str]]:
    """(portfolio, pair) of every open position that has no live stop of at least its size at the venue.

    A stop whose end was asked for protects nothing any more, whatever the venue has said so far; nor does one that has
    fired: what is left of it rests nowhere.
    """
    venue = turn.charter.real_venue
    if venue is None or not venue.keeps_stops:
        return set()
    bare = {(position.portfolio, position.pair) for position in _positions(turn)}
    for order in turn.state.orders.values():
        key = (order.intent.portfolio, order.intent.pair)
        if key in bare and is_stop(order) and order.state is OrderState.ACCEPTED and order.cancel_ms is None:
            position = turn.state.position(*key)
            market = turn.market(order.intent.pair)
            assert position is not None, "it was among the open ones"
            if order.open_quantity >= market.quantity(market.lots_floor(position.quantity)):
                bare.discard(key)
    return bare


def bare_since(turn: Turn, portfolio: str, pair: str) -> int:
    """When an open position without a live stop of its size lost it, as far as the journal can tell; else now.

    It is read off the stop's end rather than off the first look that found it gone: a journal that is slow, or a desk
    that was killed, must not start the time to the alarm again.
    """
    position = turn.state.position(portfolio, pair)
    assert position is not None, "it is open"
    ends: list[int] = []
    for order in (*turn.state.orders.values(), *turn.state.ended.values()):
        if is_stop(order) and (order.intent.signal_id, order.intent.portfolio) == (position.signal_id, portfolio):
            if order.state in LIVE and order.cancel_ms is None:
                return turn.at_ms
            gone_ms = order.ended_ms if order.cancel_ms is None else order.cancel_ms
            if gone_ms is not None:
                ends.append(gone_ms)
    return min(max(ends, default=turn.at_ms), turn.at_ms)


def alarm(turn: Turn, portfolio: str, pair: str, *, since_ms: int, doubted: bool) -> None:
    """Tell once that a position has had no stop at the venue for too long, or that nobody can say (I5)."""
    if f"{portfolio}|{pair}" not in turn.state.unprotected:
        seconds = f"{Decimal(turn.at_ms - since_ms) / 1_000:.1f} s"
        reason = f"{UNHEARD} for {seconds}" if doubted else f"no stop at the venue for {seconds}"
        turn.emit(ev.ProtectionChanged(portfolio, pair, protected=False, reason=reason, at_ms=turn.at_ms))


def end_alarms(turn: Turn, bare: Collection[tuple[str, str]]) -> None:
    """End the alarm of every position that is not among these any more."""
    for key in sorted(turn.state.unprotected):
        portfolio, _, pair = key.partition("|")
        if (portfolio, pair) not in bare:
            turn.emit(ev.ProtectionChanged(portfolio, pair, protected=True, reason="its stop rests", at_ms=turn.at_ms))
