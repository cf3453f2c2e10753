"""Letting orders in: from a request to the order that would come of it, or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.exchange.engine.checks import check_order
from quorate.exchange.engine.orders import Order
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.triggers import is_trailing, reached
from quorate.exchange.engine.words import Kind, Refusal, Side

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.settlement import Settlement
    from quorate.exchange.engine.specs import NewOrder, VenueRules

LIMIT, MARKET = Kind.LIMIT, Kind.MARKET


class Admission:
    """Says which orders an exchange lets in. Money is the ledger's matter, and is set aside afterwards."""

    def __init__(self, ledger: Settlement, rules: VenueRules) -> None:
        self._ledger = ledger
        self._rules = rules

    def admit(self, listing: Listing, account: Account, asked: NewOrder, at_ms: int) -> Order:
        """The order that would come of this request, not yet entered anywhere. Errors: OrderRefused."""
        kind, side = asked.kind, asked.side
        check_order(listing, account, asked, at_ms)
        lots = asked.lots or listing.sweep_value(side, asked.quote_atoms)
        if asked.reduce_only and (kind is LIMIT or kind is MARKET):
            lots = self._reducing(account, asked, lots)
        order = Order(0, asked, account, side, asked.ticks, lots, at_ms, at_ms, lots, asked.stop_ticks)
        if kind is LIMIT:
            if asked.post_only and listing.side(side.other).reached_by(asked.ticks):
                raise OrderRefused(Refusal.WOULD_TAKE)
        elif kind is MARKET:
            if listing.side(side.other).best() is None or not lots:
                raise OrderRefused(Refusal.NO_LIQUIDITY)
        else:
            order.waiting = True
            self._admit_trigger(listing, order)
        return order

    def _reducing(self, account: Account, asked: NewOrder, lots: int) -> int:
        """Lots of an order that only reduces: at the market no more than there are. Errors: REDUCE_ONLY."""
        there = self._ledger.reducible(account, asked.symbol, 1 if asked.side is Side.BUY else -1)
        if not there:
            raise OrderRefused(Refusal.REDUCE_ONLY)
        return min(lots, there) if asked.kind is MARKET else lots

    def _admit_trigger(self, listing: Listing, order: Order) -> None:
        watched = listing.watched_ticks(order.asked)
        if not watched:
            raise OrderRefused(Refusal.NO_PRICE)
        if is_trailing(order):
            order.stop_ticks = order.stop_ticks or watched
        elif reached(order, watched) and not self._rules.trigger_at_once:
            raise OrderRefused(Refusal.WOULD_TRIGGER)
