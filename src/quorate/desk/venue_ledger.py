"""What executions at a real venue do to a portfolio: any number of them, in any order, with fees in any asset.

Beside `quorate.desk.ledger`, which books the one fill of an order on paper. Profit is exact: an average entry is told
rounded, the last part of a trade is reckoned from the sums.
"""

from dataclasses import replace
from decimal import Decimal

from quorate.desk.ledger import close_trade, reason_of
from quorate.desk.state import DeskState
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.money import ZERO, to_money
from quorate.domain.orders import Fill, Intent, Order, OrderKind, Purpose
from quorate.domain.portfolio import Position
from quorate.domain.venue import VenueFill
from quorate.domain.votes import Action, Side
from quorate.risk.leverage import leverage_of, liquidation_of


def fill_of(state: DeskState, client_id: str, told: VenueFill) -> Fill:
    """The venue's word in the ledger's terms: the fee in the quote currency, at the last price where it was another."""
    market = state.markets[told.pair]
    same = told.fee_asset in {"", market.quote}
    return Fill(
        trade_id=told.trade_id,
        client_id=client_id,
        pair=told.pair,
        action=told.action,
        price=told.price,
        quantity=told.quantity,
        fee=told.fee if same else to_money(told.fee * _worth(state, market, told)),
        liquidity=told.liquidity,
        at_ms=told.at_ms,
        fee_asset="" if same else told.fee_asset,
        fee_paid=ZERO if same else told.fee,
        venue_id=told.venue_id,
        gained=told.gained,
    )


def _worth(state: DeskState, market: Market, told: VenueFill) -> Decimal:
    """What one unit of the fee's asset is worth in the quote currency; 0 where no price of it is known."""
    if told.fee_asset == market.base:
        return told.price
    return state.marks.get(f"{told.fee_asset}/{market.quote}", ZERO)


def book_entry(turn: Turn, order: Order, fill: Fill) -> None:
    """Open the position, or make it larger by what was really received."""
    intent, market = order.intent, turn.market(fill.pair)
    received = fill.quantity - (fill.fee_paid if fill.fee_asset == market.base else ZERO)
    _book(turn, order, fill, realized=-fill.fee)
    held = turn.state.position(intent.portfolio, intent.pair)
    value = fill.price * received
    if held is None:
        position = _opened(turn, intent, fill, received)
    else:
        opened, total = held.opened_quantity + received, held.entry_value + value
        position = replace(
            held,
            quantity=held.quantity + received,
            opened_quantity=opened,
            entry=to_money(total / opened),
            entry_value=total,
            realized=held.realized - fill.fee,
            fees=held.fees + fill.fee,
        )
    turn.emit(ev.PositionChanged(position, "opened" if held is None else "enlarged", turn.at_ms))


def _opened(turn: Turn, intent: Intent, fill: Fill, received: Decimal) -> Position:
    assert intent.plan is not None, "an entry carries its exit plan"
    policy, market = turn.charter.policies[intent.portfolio], turn.market(intent.pair)
    side = Side.LONG if intent.action is Action.BUY else Side.SHORT
    return Position(
        portfolio=intent.portfolio,
        pair=intent.pair,
        side=side,
        signal_id=intent.signal_id,
        source=intent.source,
        quantity=received,
        opened_quantity=received,
        entry=fill.price,
        initial_stop=intent.plan.stop,
        stop=intent.plan.stop,
        plan=intent.plan,
        targets_hit=0,
        trailing=False,
        realized=-fill.fee,
        fees=fill.fee,
        opened_ms=turn.at_ms,
        leverage=leverage_of(policy),
        liquidation=liquidation_of(policy, turn.policy.perps, market, side=side, entry=fill.price),
        regime=intent.regime,
        thesis=intent.thesis,
        entry_value=fill.price * received,
    )


def book_exit(turn: Turn, order: Order, position: Position, fill: Fill) -> None:
    """Make the position smaller; flat, it becomes a trade. What was sold beyond it is a break, told by the caller."""
    left, gained = _smaller(position, fill)
    _book(turn, order, fill, realized=gained)
    if not left.quantity:
        close_trade(turn, left, reason_of(position, order.intent.purpose))
        return
    hit = order.intent.purpose is Purpose.TARGET and order.filled + fill.quantity >= order.intent.quantity
    turn.emit(
        ev.PositionChanged(
            replace(left, targets_hit=position.targets_hit + hit), order.intent.purpose.value, turn.at_ms
        )
    )


def book_others_exit(turn: Turn, position: Position, told: VenueFill, external: ev.ExternalFilled) -> None:
    """Make the position smaller by an execution of no order of ours: a liquidation, or a person at the venue."""
    left, gained = _smaller(position, fill_of(turn.state, "", told))
    cash = turn.state.portfolios[position.portfolio].cash + gained
    turn.emit(replace(external, portfolio=position.portfolio, realized=gained, cash=cash))
    forced = position.liquidation is not None and (told.price - position.liquidation) * position.side.sign <= 0
    purpose = Purpose.LIQUIDATION if forced else Purpose.MANUAL
    if left.quantity:
        turn.emit(ev.PositionChanged(left, purpose.value, turn.at_ms))
    else:
        close_trade(turn, left, reason_of(position, purpose))


def _smaller(position: Position, fill: Fill) -> tuple[Position, Decimal]:
    """The position after a fill against it, and what the fill has earned; exact once nothing is left."""
    closed = min(fill.quantity, position.quantity)
    left = replace(
        position,
        quantity=position.quantity - closed,
        fees=position.fees + fill.fee,
        exit_value=position.exit_value + fill.price * closed,
    )
    gained = to_money((fill.price - position.entry) * closed * position.side.sign) - fill.fee
    if not left.quantity:
        gained = exact_result(left) - position.realized
    return replace(left, realized=position.realized + gained), gained


def exact_result(flat: Position) -> Decimal:
    """What a trade has earned, from the sums of its executions: no average is in it."""
    return to_money((flat.exit_value - flat.entry_value) * flat.side.sign) - flat.fees + flat.funding


def leave_dust(turn: Turn, position: Position) -> None:
    """Close a position whose rest is too small to be sold: the rest stays on the account as dust, at what it cost."""
    if position.quantity:
        asset = turn.market(position.pair).base
        turn.emit(ev.DustLeft(position.portfolio, position.pair, asset, position.quantity, turn.at_ms))
    flat = replace(position, quantity=ZERO, exit_value=position.exit_value + position.entry * position.quantity)
    close_trade(turn, flat, reason_of(position, _last_exit(turn.state, position)))


def _last_exit(state: DeskState, position: Position) -> Purpose:
    """Why most of a position was sold: the purpose of the exit that was filled last."""
    exits = [
        (order.ended_ms or 0, order.intent.purpose)
        for order in state.ended.values()
        if order.intent.reduces
        and order.filled
        and (order.intent.signal_id, order.intent.portfolio) == (position.signal_id, position.portfolio)
    ]
    return max(exits, default=(0, Purpose.MANUAL))[1]


def _book(turn: Turn, order: Order, fill: Fill, *, realized: Decimal) -> None:
    intent = order.intent
    cash = turn.state.portfolios[intent.portfolio].cash + realized
    complete = order.filled + fill.quantity >= intent.quantity
    turn.emit(ev.OrderFilled(fill, intent.portfolio, complete, realized, cash))


def is_stop(order: Order) -> bool:
    """Whether this is a protective stop."""
    return order.intent.kind is OrderKind.STOP
