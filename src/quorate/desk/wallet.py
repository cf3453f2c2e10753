"""What moves a perpetuals wallet beside executions: funding, and the price of a liquidation, as the venue settles them.

On paper the desk settles funding itself (`quorate.desk.funding`). At a real venue the venue's own figure is booked, to
the last unit and once, so that what is then left between wallet and ledger is a break.
"""

from collections.abc import Sequence
from dataclasses import replace

from quorate.desk.evolve_orders import payment_key
from quorate.desk.state import DeskState
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.money import ZERO
from quorate.domain.venue import PaymentKind, WalletPayment


def hear_payments(turn: Turn, told: Sequence[WalletPayment]) -> None:
    """Book payments, each once. Those from before the balances were first taken are in them already."""
    for payment in told:
        if payment_key(payment) not in turn.state.executions and payment.at_ms > turn.state.venue_ms:
            _book(turn, payment)


def _book(turn: Turn, payment: WalletPayment) -> None:
    state = turn.state
    market = state.markets.get(payment.pair)
    ours = market is not None and payment.asset == market.quote
    portfolio = _holder(state, payment.pair) if ours else ""
    turn.emit(
        ev.VenuePaid(
            payment_id=payment.payment_id,
            kind=payment.kind,
            pair=payment.pair,
            asset=payment.asset,
            amount=payment.amount,
            at_ms=payment.at_ms,
            portfolio=portfolio,
            cash=state.portfolios[portfolio].cash + payment.amount if portfolio else ZERO,
        )
    )
    position = state.position(portfolio, payment.pair)
    if payment.kind is PaymentKind.FUNDING and position is not None and position.opened_ms <= payment.at_ms:
        after = replace(
            position, realized=position.realized + payment.amount, funding=position.funding + payment.amount
        )
        turn.emit(ev.PositionChanged(after, payment.kind, turn.at_ms))


def _holder(state: DeskState, pair: str) -> str:
    """Whose payment it is: who holds the pair, else who traded it last; nobody where it was never ours."""
    held = state.positions.get(pair)
    if held:
        return min(held)
    traded = [order for order in state.ended.values() if order.intent.pair == pair and order.filled]
    newest = max(traded, key=lambda order: order.ended_ms or 0, default=None)
    return "" if newest is None else newest.intent.portfolio
