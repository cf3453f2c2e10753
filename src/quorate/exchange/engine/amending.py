"""Changing an open order under its own id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quorate.exchange.engine.checks import check_lots, check_price, check_trading
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.triggers import is_trailing, reached
from quorate.exchange.engine.words import Refusal

if TYPE_CHECKING:
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.matching import Matcher
    from quorate.exchange.engine.orders import Order
    from quorate.exchange.engine.settlement import Settlement


def amend_order(
    parts: tuple[Settlement, Matcher],
    listing: Listing,
    order: Order,
    *,
    lots: int,
    ticks: int,
    stop_ticks: int,
    at_ms: int,
) -> None:
    """Give an open order another quantity, price or trigger; see `Engine.amend`. Errors: OrderRefused."""
    ledger, matcher = parts
    lots, ticks, stop_ticks = lots or order.lots, ticks or order.ticks, stop_ticks or order.stop_ticks
    _check(listing, order, lots=lots, ticks=ticks, stop_ticks=stop_ticks)
    if order.resting and ticks == order.ticks and lots <= order.lots:
        matcher.shrink(listing, order, order.lots - lots, at_ms)
        order.lots, order.updated_ms = lots, at_ms
        order.count_left()
        ledger.trim(listing, order)
        matcher.tell_amended(order, at_ms)
        return
    changed = replace(order, lots=lots, ticks=ticks, stop_ticks=stop_ticks)
    changed.count_left()
    ledger.hold(listing, order, changed)
    if order.resting:
        matcher.unrest(listing, order, at_ms)
    order.lots, order.ticks, order.stop_ticks, order.updated_ms = lots, ticks, stop_ticks, at_ms
    order.count_left()
    ledger.trim(listing, order)
    matcher.tell_amended(order, at_ms)
    if order.waiting:
        listing.triggers_of(order.asked).add(order)
        listing.tape.look_again()
    else:
        matcher.work(listing, order, at_ms)


def _check(listing: Listing, order: Order, *, lots: int, ticks: int, stop_ticks: int) -> None:
    filters = listing.spec.filters
    if not order.open or order.pair is not None:
        raise OrderRefused(Refusal.UNKNOWN_ORDER, "only an open order that stands alone can be changed")
    check_trading(listing, order.asked)
    check_lots(filters, lots, is_market=False)
    if lots <= order.filled_lots + order.prevented_lots:
        raise OrderRefused(Refusal.LOT_RANGE, "more than that is filled already")
    if bool(ticks) is not bool(order.ticks) or (stop_ticks != order.stop_ticks and not order.waiting):
        raise OrderRefused(Refusal.MALFORMED, "an order of this kind, or in this state, has no such price")
    if order.waiting and is_trailing(order) and stop_ticks != order.stop_ticks:
        raise OrderRefused(Refusal.MALFORMED, "the trigger of a trailing order moves by itself")
    if ticks:
        check_price(filters, ticks)
    if stop_ticks:
        _check_trigger(listing, order, stop_ticks)
    if filters.notional_min and listing.cost(ticks or stop_ticks, lots) < filters.notional_min:
        raise OrderRefused(Refusal.NOTIONAL_MIN)
    if order.asked.post_only and not order.waiting and listing.side(order.side.other).reached_by(ticks):
        raise OrderRefused(Refusal.WOULD_TAKE)


def _check_trigger(listing: Listing, order: Order, stop_ticks: int) -> None:
    if not order.waiting or stop_ticks == order.stop_ticks:
        return
    check_price(listing.spec.filters, stop_ticks)
    if reached(replace(order, stop_ticks=stop_ticks), listing.watched_ticks(order.asked)):
        raise OrderRefused(Refusal.WOULD_TRIGGER)
