"""The outside market: an account without limits whose orders stand for everybody else's liquidity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quorate.exchange.engine import events as facts
from quorate.exchange.engine.orders import Order, Trade
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.settlement import NO_CHARGE
from quorate.exchange.engine.specs import NewOrder
from quorate.exchange.engine.words import Kind, Refusal, Side, Status, Why

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.matching import Matcher

Ladder = Sequence[tuple[int, int]]


class Outside:
    """Quotes and prints of the outside market. Its orders have ids below zero and are told to nobody."""

    def __init__(self, account: Account, matcher: Matcher) -> None:
        self._account = account
        self._matcher = matcher
        self._last_id = 0

    def quote(self, listing: Listing, bids: Ladder, asks: Ladder, at_ms: int) -> None:
        """Change the outside's resting orders to these levels; those that stay keep their places in the queue."""
        if bids and asks and bids[0][0] >= asks[0][0]:
            raise OrderRefused(Refusal.MALFORMED, "the outside market would trade with itself")
        wanted = {Side.BUY: dict(bids), Side.SELL: dict(asks)}
        for side, levels in wanted.items():
            self._withdraw(listing, side, levels, at_ms)
        for side, levels in wanted.items():
            standing = listing.outside[side]
            for ticks, lots in levels.items():
                known = standing.get(ticks)
                if known is None and lots > 0:
                    self._place(listing, side, ticks, lots, at_ms)

    def print_trade(self, listing: Listing, side: Side, ticks: int, lots: int, at_ms: int) -> list[facts.Traded]:
        """Trade as a taker up to `lots`; the rest is a trade among others, told in the answer."""
        taker = self._order(listing, side, ticks, lots, at_ms)
        self._matcher.match(listing, taker, at_ms)
        if taker.left <= 0:
            return []
        atoms = listing.cost(ticks, taker.left)
        tape = listing.tape
        symbol, nobody = listing.spec.symbol, ("", "", *NO_CHARGE, *NO_CHARGE)
        trade = Trade(tape.last_id + 1, symbol, ticks, taker.left, atoms, at_ms, side, 0, 0, *nobody)
        tape.add(trade)
        return [facts.Traded(trade)]

    def back(self, listing: Listing, side: Side, lots: int, at_ms: int) -> None:
        """Let the outside market stand behind the last level with `lots` more, so that a liquidation finds a way out.

        Without a level of its side it stands at the mark price, or just short of the other side.
        """
        levels = [level.ticks for level in listing.side(side).walk()]
        step = listing.spec.filters.price_step
        sign = 1 if side is Side.BUY else -1
        ticks = levels[-1] if levels else listing.mark
        facing = listing.side(side.other).best_ticks()
        if facing is not None and (facing - ticks) * sign <= 0:
            ticks = facing - sign * step
        self._matcher.rest(listing, self._order(listing, side, max(ticks, 1), lots, at_ms), at_ms)

    def _withdraw(self, listing: Listing, side: Side, levels: dict[int, int], at_ms: int) -> None:
        for ticks, order in list(listing.outside[side].items()):
            surplus = order.left - levels.get(ticks, 0)
            if surplus == order.left or surplus < 0:
                self._matcher.end(listing, order, Status.CANCELLED, Why.ASKED, at_ms)
            elif surplus:
                self._matcher.shrink(listing, order, surplus, at_ms)
                order.lots -= surplus
                order.count_left()

    def _place(self, listing: Listing, side: Side, ticks: int, lots: int, at_ms: int) -> None:
        order = self._order(listing, side, ticks, lots, at_ms)
        self._matcher.match(listing, order, at_ms)
        if order.left > 0:
            listing.outside[side][ticks] = order
            self._matcher.rest(listing, order, at_ms)

    def _order(self, listing: Listing, side: Side, ticks: int, lots: int, at_ms: int) -> Order:
        assert ticks > 0, "an outside order has a price"
        assert lots > 0, "an outside order has a quantity"
        self._last_id -= 1
        asked = NewOrder(account="", symbol=listing.spec.symbol, side=side, kind=Kind.LIMIT, lots=lots, ticks=ticks)
        return Order(self._last_id, asked, self._account, side, ticks, lots, at_ms, at_ms, lots)
