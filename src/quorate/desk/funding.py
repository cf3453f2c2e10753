"""Settlements of funding: what open positions and shadow trades of perpetuals pay and receive.

A settlement falls on what is held at its instant, valued at the price of then. The close of a bar is such an instant:
what the bar opened is held, what it closed is not. An instant between two closes (a hole in the feed, or bars longer
than the interval) falls on what was held before the bar, at the last price before it. Which settlements are due follows
from the journal's last step, so each is applied once, whatever was lost or repeated on the way.
"""

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from quorate.desk.shadows import R_STEP
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.market import MarketKind
from quorate.domain.money import MONEY_STEP, PPM
from quorate.domain.portfolio import Position
from quorate.domain.shadows import ShadowTrade
from quorate.domain.snapshot import Settlement
from quorate.rules import funding

R_UNITS = 1_000_000_000
"""Parts of one R in which the payment of a shadow trade is counted before it is rounded down to what R is told in."""
RATE_STEP = Decimal(1).scaleb(-9)


def settle_on_the_way(turn: Turn) -> None:
    """Apply settlements from between the last step and this one's close, before its bars are worked."""
    for settlement in _due(turn):
        if settlement.at_ms < turn.at_ms:
            _settle(turn, settlement, _mark_before(turn, settlement))


def settle_at_close(turn: Turn) -> None:
    """Apply settlements of this very instant, when fills and exits of the bars are done and nothing is marked yet."""
    at_close = [settlement for settlement in _due(turn) if settlement.at_ms == turn.at_ms]
    if not at_close:
        return
    closes = {candle.pair: turn.market(candle.pair).price(candle.close) for candle in turn.snapshot.step.candles}
    for settlement in at_close:
        mark = closes.get(settlement.pair)
        _settle(turn, settlement, _mark_before(turn, settlement) if mark is None else mark)


def _due(turn: Turn) -> list[Settlement]:
    """Settlements later than the last step the journal holds, up to this one."""
    settlements = turn.snapshot.context.settlements
    if not settlements:
        return []
    seen_ms = -1 if turn.state.at_ms is None else turn.state.at_ms
    return [settlement for settlement in settlements if seen_ms < settlement.at_ms <= turn.at_ms]


def _mark_before(turn: Turn, settlement: Settlement) -> Decimal | None:
    """The last price known at the instant of the settlement; the earliest there is where all are younger."""
    state, pair = turn.state, settlement.pair
    if pair not in state.marks:
        return None
    marks = [*state.trails.get(pair, ()), (state.marks_ms[pair], state.marks[pair])]
    return next((price for at_ms, price in reversed(marks) if at_ms <= settlement.at_ms), marks[0][1])


def _settle(turn: Turn, settlement: Settlement, mark: Decimal | None) -> None:
    pair, state = settlement.pair, turn.state
    rate_ppb = int(settlement.rate.quantize(RATE_STEP).scaleb(9))
    if mark is None or rate_ppb == 0:
        return
    # At a real venue positions are paid what the venue settles (`quorate.desk.wallet`).
    held = {} if turn.charter.real_venue else state.positions.get(pair, {})
    for portfolio, position in sorted(held.items()):
        policy = turn.charter.policies.get(portfolio)
        if policy is not None and policy.market is MarketKind.PERP:
            _pay(turn, position, settlement, mark, rate_ppb)
    if any(policy.market is MarketKind.PERP for policy in turn.policy.portfolios):
        for _, shadow in sorted(state.shadows.get(pair, {}).items()):
            _pay_on_paper(turn, shadow, mark, rate_ppb)


def _pay(turn: Turn, position: Position, settlement: Settlement, mark: Decimal, rate_ppb: int) -> None:
    notional = position.notional(mark)
    units = _counted(notional / MONEY_STEP, pays=position.side.sign * rate_ppb > 0)
    amount = funding.payment(position.side.sign, units, rate_ppb) * MONEY_STEP
    if not amount:
        return
    turn.emit(
        ev.FundingPaid(
            portfolio=position.portfolio,
            pair=position.pair,
            side=position.side,
            rate=settlement.rate,
            notional=notional,
            amount=amount,
            cash=turn.state.portfolios[position.portfolio].cash + amount,
            at_ms=settlement.at_ms,
        )
    )
    after = replace(position, realized=position.realized + amount, funding=position.funding + amount)
    turn.emit(ev.PositionChanged(after, "funding", turn.at_ms))


def _pay_on_paper(turn: Turn, shadow: ShadowTrade, mark: Decimal, rate_ppb: int) -> None:
    """A shadow trade's funding in R, on the part that is still open."""
    if shadow.filled is None:
        return
    notional_r = mark * shadow.left_ppm / PPM / abs(shadow.filled - shadow.plan.stop)
    units = _counted(notional_r * R_UNITS, pays=shadow.side.sign * rate_ppb > 0)
    earned = Decimal(funding.payment(shadow.side.sign, units, rate_ppb)) / R_UNITS
    earned_r = shadow.earned_r + earned.quantize(R_STEP, ROUND_FLOOR)
    turn.emit(ev.ShadowChanged(replace(shadow, earned_r=earned_r)))


def _counted(units: Decimal, *, pays: bool) -> int:
    """Whole units of a notional, rounded against its holder."""
    return int(units.to_integral_value(ROUND_CEILING if pays else ROUND_FLOOR))
