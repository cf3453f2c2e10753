"""The venue's account against the ledger: to the last unit, or a break that stops openings and that a person sees.

A difference that executions explain is none: they are booked first. What is left is told once, with both figures, and
from then on the venue's figure is the one that is reckoned with.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from quorate.desk.breaks import UNEXPLAINED
from quorate.desk.hearing import stop_openings
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.money import ZERO, plain
from quorate.domain.orders import OrderState
from quorate.domain.venue import VenueAccount

PAYMENTS_LATE_MS = 60_000
"""How long a wallet may have a payment that the venue's list of payments does not have yet."""


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """An asset or a pair on which the two disagree."""

    subject: str
    expected: Decimal
    found: Decimal

    @property
    def gap(self) -> tuple[str, Decimal]:
        """What stays the same while trades move both sides."""
        return self.subject, self.found - self.expected


def open_account(turn: Turn, venue: str, account: VenueAccount) -> None:
    """Take the balances as they are for the beginning; nothing where the account was opened before."""
    if not turn.state.venue:
        balances = tuple((balance.asset, balance.total) for balance in account.balances)
        turn.emit(ev.VenueAccountOpened(venue, balances, turn.at_ms))


def differences(turn: Turn, account: VenueAccount) -> tuple[Difference, ...] | None:
    """Where the venue and the ledger disagree, by subject; None while it cannot be told: an order's outcome is unknown.

    Every balance is compared, on perpetuals every position too. What is no more than the venue's rounding of executions
    to its own units is reckoned with at once, and is no difference.
    """
    state = turn.state
    if any(order.state in {OrderState.UNKNOWN, OrderState.SUBMITTED} for order in state.orders.values()):
        return None
    found = {balance.asset: balance.total for balance in account.balances}
    assets = {each for each in state.baseline if "/" not in each}
    expected = {asset: state.flows.get(asset, ZERO) for asset in {*assets, *state.flows, *found}}
    if not _spot(turn):
        there = {position.pair: position.quantity for position in account.positions}
        pairs = {*there, *state.positions, *state.baseline} - assets
        expected |= {pair: _held(turn, pair) for pair in pairs}
        found |= there
    compared = [
        Difference(subject, held + state.baseline.get(subject, ZERO), found.get(subject, ZERO))
        for subject, held in sorted(expected.items())
    ]
    different = [each for each in compared if each.expected != each.found]
    units = dict(account.units)
    rounded = [each for each in different if _is_rounding(turn, each, units.get(each.subject, ZERO))]
    if rounded:
        turn.emit(ev.BalancesRounded(tuple(each.gap for each in rounded), turn.at_ms))
    for each in rounded:
        _shrink(turn, each)
    return tuple(each for each in different if each not in rounded)


def _is_rounding(turn: Turn, difference: Difference, unit: Decimal) -> bool:
    """Whether it is no more than one unit for everything that has moved the asset since it last came out."""
    return abs(difference.gap[1]) <= unit * turn.state.roundings.get(difference.subject, 0)


def _spot(turn: Turn) -> bool:
    assert turn.charter.real_venue is not None, "there is a venue to compare with"
    return turn.charter.real_venue.spot


def _held(turn: Turn, pair: str) -> Decimal:
    held = turn.state.positions.get(pair, {}).values()
    return sum((position.quantity * position.side.sign for position in held), ZERO)


def patience_ms(turn: Turn, found: tuple[Difference, ...]) -> int:
    """How long such differences have to last before nothing will explain them any more."""
    return 0 if _spot(turn) or all("/" in each.subject for each in found) else PAYMENTS_LATE_MS


def settle(turn: Turn, found: tuple[Difference, ...]) -> None:
    """Write differences down that a second look has confirmed: openings stop, and positions shrink to what there is."""
    for each in found:
        shrunk = _shrink(turn, each)
        reckoned = _spot(turn) or not shrunk
        turn.emit(ev.BreakFound(each.subject, each.expected, each.found, UNEXPLAINED, turn.at_ms, reckoned))
    if found:
        words = ", ".join(f"{each.subject} {plain(each.found)} for {plain(each.expected)}" for each in found)
        stop_openings(turn, f"the venue's account differs: {words}")


def _shrink(turn: Turn, difference: Difference) -> bool:
    """A position larger than what the venue has cannot be closed: it shrinks to what is there, at no profit (F30)."""
    shrunk = False
    for pair in sorted(turn.state.positions):
        subject = turn.market(pair).base if _spot(turn) else pair
        for portfolio in sorted(turn.state.positions[pair]) if subject == difference.subject else ():
            position = turn.state.positions[pair][portfolio]
            there = max(difference.found * position.side.sign, ZERO)
            missing = position.quantity - there
            if missing > 0:
                shrunk = True
                smaller = replace(
                    position,
                    quantity=there,
                    opened_quantity=position.opened_quantity - missing,
                    entry_value=position.entry_value - position.entry * missing,
                )
                turn.emit(ev.PositionChanged(smaller, "shrunk: the venue has less", turn.at_ms))
    return shrunk
