"""Pairs of orders of which one cancels the other: how they must stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.words import Kind, Refusal, Side, TimeInForce

if TYPE_CHECKING:
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.specs import NewOrder, NewPair


def check_pair(listing: Listing, asked: NewPair) -> None:
    """Refuse two orders that do not belong together, or do not stand on both sides of the last price."""
    above, below = asked.above, asked.below
    same = (above.account, above.symbol, above.side, above.lots) == (
        below.account,
        below.symbol,
        below.side,
        below.lots,
    )
    if not same or Kind.MARKET in (above.kind, below.kind) or {above.kind, below.kind} == {Kind.LIMIT}:
        raise OrderRefused(Refusal.MALFORMED, "the two orders do not belong together")
    if above.client_id and above.client_id == below.client_id:
        raise OrderRefused(Refusal.CLIENT_ID_TAKEN, above.client_id)
    if any(leg.kind is Kind.LIMIT and leg.time_in_force is not TimeInForce.GTC for leg in (above, below)):
        raise OrderRefused(Refusal.MALFORMED, "a limit order of a pair rests")
    last = listing.last_ticks
    if not last:
        raise OrderRefused(Refusal.NO_PRICE)
    if not _mark(below) < last < _mark(above):
        raise OrderRefused(Refusal.LEG_PRICES)


def _mark(asked: NewOrder) -> int:
    """The price at which a leg stands."""
    return asked.ticks if asked.kind is Kind.LIMIT else asked.stop_ticks or (1 if asked.side is Side.SELL else 0)
