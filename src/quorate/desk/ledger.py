"""What fills do to a portfolio: positions open, shrink and become trades, cash follows. Exact to the last step."""

from dataclasses import replace
from decimal import Decimal

from quorate.desk.lessons import learn
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.ids import trade_id
from quorate.domain.money import ZERO, to_money
from quorate.domain.orders import Fill, Intent, Liquidity, Purpose
from quorate.domain.portfolio import Position, Trade
from quorate.domain.signals import COUNCIL
from quorate.domain.votes import Action, Side
from quorate.risk.leverage import leverage_of, liquidation_of

R_STEP = Decimal("0.000001")
"""R is told to six decimals."""


def open_position(turn: Turn, intent: Intent, ticks: int, liquidity: Liquidity) -> Position:
    """Book the fill of an entry and open its position."""
    assert intent.plan is not None, "an entry carries its exit plan"
    market = turn.market(intent.pair)
    lots = market.lots_floor(intent.quantity)
    fill = turn.charter.venue.fill(
        intent, market, ticks=ticks, lots=lots, liquidity=liquidity, ordinal=1, at_ms=turn.at_ms
    )
    _book(turn, intent, fill, realized=-fill.fee)
    policy = turn.charter.policies[intent.portfolio]
    side = Side.LONG if intent.action is Action.BUY else Side.SHORT
    position = Position(
        portfolio=intent.portfolio,
        pair=intent.pair,
        side=side,
        signal_id=intent.signal_id,
        source=intent.source,
        quantity=fill.quantity,
        opened_quantity=fill.quantity,
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
    )
    turn.emit(ev.PositionChanged(position, "opened", turn.at_ms))
    return position


def close_part(
    turn: Turn, position: Position, intent: Intent, ticks: int, lots: int, liquidity: Liquidity
) -> Position | None:
    """Book the fill of an exit; returns what is left of the position, None when it is flat."""
    market = turn.market(intent.pair)
    fill = turn.charter.venue.fill(
        intent, market, ticks=ticks, lots=lots, liquidity=liquidity, ordinal=1, at_ms=turn.at_ms
    )
    gained = to_money((fill.price - position.entry) * fill.quantity * position.side.sign) - fill.fee
    _book(turn, intent, fill, realized=gained)
    left = replace(
        position,
        quantity=position.quantity - fill.quantity,
        realized=position.realized + gained,
        fees=position.fees + fill.fee,
        exit_value=position.exit_value + fill.price * fill.quantity,
        targets_hit=position.targets_hit + (intent.purpose is Purpose.TARGET),
    )
    if left.quantity > 0:
        turn.emit(ev.PositionChanged(left, intent.purpose.value, turn.at_ms))
        return left
    close_trade(turn, left, reason_of(position, intent.purpose))
    return None


def _book(turn: Turn, intent: Intent, fill: Fill, *, realized: Decimal) -> None:
    order = turn.state.orders[intent.client_id]
    cash = turn.state.portfolios[intent.portfolio].cash + realized
    complete = order.filled + fill.quantity == intent.quantity
    turn.emit(ev.OrderFilled(fill, intent.portfolio, complete, realized, cash))


def reason_of(position: Position, purpose: Purpose) -> str:
    """Why a trade ended: one that was leaving says why, whatever order did it in the end."""
    if position.leaving is not None:
        return position.leaving.value
    if purpose is not Purpose.STOP or position.stop == position.initial_stop:
        return purpose.value
    if position.trailing:
        return "trailing_stop"
    # Short of its entry a stop only ever moves on advice.
    return "break_even" if (position.stop - position.entry) * position.side.sign >= 0 else "tightened_stop"


def close_trade(turn: Turn, flat: Position, reason: str) -> None:
    """Make a trade of a position that is flat, and draw the consequences: a lesson, a cool-down, a pause."""
    risked = flat.opened_quantity * flat.risk
    trade = Trade(
        id=trade_id(signal=flat.signal_id, portfolio=flat.portfolio),
        portfolio=flat.portfolio,
        signal_id=flat.signal_id,
        source=flat.source,
        pair=flat.pair,
        side=flat.side,
        quantity=flat.opened_quantity,
        entry=flat.entry,
        exit=to_money(flat.exit_value / flat.opened_quantity) if flat.opened_quantity else flat.entry,
        opened_ms=flat.opened_ms,
        closed_ms=turn.at_ms,
        fees=flat.fees,
        pnl=flat.realized,
        r=(flat.realized / risked).quantize(R_STEP) if risked else ZERO,
        reason=reason,
        funding=flat.funding,
        leverage=flat.leverage,
    )
    turn.emit(ev.TradeClosed(trade))
    learn(turn, flat, trade)
    if trade.source == COUNCIL:
        _cool_down_after_loss(turn, trade)
    else:
        _pause_after_losses(turn, trade)


def _cool_down_after_loss(turn: Turn, trade: Trade) -> None:
    until_ms = turn.at_ms + turn.policy.council.cooldown_after_loss_ms
    if trade.pnl < 0 and until_ms > turn.state.cooldowns.get(trade.pair, 0):
        turn.emit(ev.CooldownSet(trade.pair, until_ms, "a trade was lost here", turn.at_ms))


def _pause_after_losses(turn: Turn, trade: Trade) -> None:
    pacing = turn.charter.pacing.get(trade.source)
    recent = turn.state.activity[f"{trade.source}|{trade.pair}"]
    if pacing is not None and pacing.losses_pause and recent.losses >= pacing.losses_pause:
        why = f"{recent.losses} losses in a row"
        turn.emit(ev.StrategyPaused(trade.source, trade.pair, turn.at_ms + pacing.pause_ms, why, turn.at_ms))
