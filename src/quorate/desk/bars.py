"""What happens inside the bars of a step: resting orders fill or expire, stops and targets go off.

Pairs in alphabetical order; for each pair orders first (they meet the open), then positions, then shadow trades.
"""

from dataclasses import replace

from quorate.desk import shadows
from quorate.desk.ledger import close_part, open_position
from quorate.desk.orders import exit_intent, submit
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.orders import Intent, Liquidity, Order, OrderKind, Purpose
from quorate.domain.portfolio import Position
from quorate.domain.votes import Side
from quorate.risk.leverage import stop_fault


def work_bars(turn: Turn) -> None:
    """Take every open order, position and shadow trade through the candles of this step."""
    state = turn.state
    for candle in turn.snapshot.step.candles:
        fresh_makers = _match_orders(turn, candle) if state.orders else frozenset[str]()
        held = state.positions.get(candle.pair)
        for portfolio in sorted(held) if held else ():
            _take_exits(turn, state.positions[candle.pair][portfolio], candle, portfolio not in fresh_makers)
        if candle.pair in state.shadows:
            shadows.work_bar(turn, candle)


def work_shadows(turn: Turn) -> None:
    """Take every shadow trade through the candles of this step, and nothing else: at a real venue the venue decides."""
    for candle in turn.snapshot.step.candles:
        if candle.pair in turn.state.shadows:
            shadows.work_bar(turn, candle)


def _match_orders(turn: Turn, candle: Candle) -> frozenset[str]:
    """Fill or expire what rests on the pair; returns the portfolios whose maker entry filled in this bar."""
    resting = sorted(
        (order for order in turn.state.orders.values() if order.intent.pair == candle.pair),
        key=lambda order: (order.intent.portfolio, order.intent.client_id),
    )
    makers: set[str] = set()
    for order in resting:
        intent = order.intent
        match = turn.charter.venue.match(intent, turn.market(intent.pair), candle)
        if intent.reduces:
            _close_at_market(turn, order, match, candle)
        elif match is None:
            turn.emit(ev.OrderCancelled(intent.client_id, "untouched by the next bar", turn.at_ms))
        elif (fault := _fault_at(turn, intent, match[0])) is not None:
            turn.emit(ev.OrderCancelled(intent.client_id, fault, turn.at_ms))
        else:
            open_position(turn, intent, *match)
            if match[1] is Liquidity.MAKER:
                makers.add(intent.portfolio)
    return frozenset(makers)


def _fault_at(turn: Turn, intent: Intent, ticks: int) -> str | None:
    """Why an entry is not made at this price: the market has left the plan, or the stop would come too late."""
    plan = intent.plan
    assert plan is not None, "an entry carries its exit plan"
    market, sign = turn.market(intent.pair), intent.action.sign
    price = market.price(ticks)
    if (price - plan.stop) * sign <= 0 or (plan.targets[-1].price - price) * sign <= 0:
        return "stop or last target passed before the entry"
    side = Side.LONG if sign > 0 else Side.SHORT
    policy = turn.charter.policies[intent.portfolio]
    return stop_fault(policy, turn.policy.perps, market, side=side, entry=price, stop=plan.stop)


def _close_at_market(turn: Turn, order: Order, match: tuple[int, Liquidity] | None, candle: Candle) -> None:
    position = turn.state.position(order.intent.portfolio, order.intent.pair)
    if position is None or match is None:
        turn.emit(ev.OrderCancelled(order.intent.client_id, "the position was closed before", turn.at_ms))
        return
    market = turn.market(position.pair)
    walk = turn.plans.walk(position, market)
    if walk.gapped(candle):
        turn.emit(ev.OrderCancelled(order.intent.client_id, "the venue liquidated the position", turn.at_ms))
        return
    lots = market.lots_floor(order.open_quantity)
    close_part(turn, position, order.intent, walk.bearable(match[0]), lots, match[1])


def _take_exits(turn: Turn, position: Position, candle: Candle, targets_count: bool) -> None:
    """Execute the exit plan inside the bar: each execution is an order of its own, intended first, then filled."""
    market = turn.market(position.pair)
    left: Position | None = position
    walk = turn.plans.walk(position, market)
    for ordinal, leave in enumerate(walk.exits_in(candle, targets_count=targets_count)):
        assert left is not None, "a plan never closes more than there is"
        if leave.lots == 0:
            left = _skip_target(turn, left)
            continue
        kind = OrderKind.LIMIT if leave.purpose is Purpose.TARGET else OrderKind.STOP
        intent = exit_intent(
            turn,
            left,
            purpose=leave.purpose,
            kind=kind,
            price=market.price(leave.ticks),
            quantity=market.quantity(leave.lots),
            ordinal=ordinal,
        )
        refused = submit(turn, intent, rests=False)
        assert refused is None, f"an exit must never be refused: {refused}"
        ticks = leave.ticks
        if leave.purpose is Purpose.STOP:
            ticks = walk.bearable(turn.charter.venue.taking(intent.action.sign, market, ticks))
        left = close_part(turn, left, intent, ticks, leave.lots, leave.liquidity)


def _skip_target(turn: Turn, position: Position) -> Position:
    """A target whose part is under one lot is passed without an order."""
    passed = replace(position, targets_hit=position.targets_hit + 1)
    turn.emit(ev.PositionChanged(passed, "target under one lot", turn.at_ms))
    return passed
