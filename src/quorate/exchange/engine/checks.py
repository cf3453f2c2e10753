"""What a market refuses before an order is taken: one function for each of its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.specs import PPM
from quorate.exchange.engine.words import PRICED_KINDS, TRIGGERED_KINDS, Kind, Refusal, Side, Trading

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.specs import Filters, NewOrder

HIGH, LOW = "too high", "too low"
OPEN, LIMIT = Trading.OPEN, Kind.LIMIT


def check_order(listing: Listing, account: Account, asked: NewOrder, at_ms: int) -> None:
    """Raise OrderRefused for the first rule that the order breaks; says nothing about money (the ledger does)."""
    filters, kind, ticks, lots = listing.spec.filters, asked.kind, asked.ticks, asked.lots
    if listing.trading is not OPEN:
        check_trading(listing, asked)
    if kind is not LIMIT or asked.stop_ticks or asked.quote_atoms or ticks <= 0 or lots <= 0:
        _check_shape(asked)
    if ticks:
        if ticks < filters.price_min or ticks % filters.price_step or ticks > filters.price_max > 0:
            check_price(filters, ticks)
        if filters.band_up_ppm or filters.band_down_ppm:
            _check_band(listing, asked, at_ms)
    if kind is not LIMIT and kind in TRIGGERED_KINDS:
        _check_trigger(filters, asked)
    off_step = lots < filters.lots_min or lots % filters.lot_step or lots > filters.lots_max > 0
    if lots and (off_step or kind is not LIMIT):
        check_lots(filters, lots, is_market=kind is Kind.MARKET)
    if (filters.notional_min or filters.notional_max) and not asked.reduce_only:
        _check_value(listing, asked, at_ms)
    if filters.orders_max or (filters.triggers_max and kind is not LIMIT):
        _check_counts(filters, account, asked)
    if filters.position_lots_max and asked.side is Side.BUY:
        _check_position(listing, account, asked)
    if asked.client_id and account.open:
        known = account.clients[asked.symbol].get(asked.client_id) if asked.symbol in account.clients else None
        if known is not None and known.open:
            raise OrderRefused(Refusal.CLIENT_ID_TAKEN, asked.client_id)


def check_trading(listing: Listing, asked: NewOrder) -> None:
    """Refuse what the market does not take in its present state."""
    state = listing.trading
    if state is Trading.POST_ONLY:
        if not asked.post_only:
            raise OrderRefused(Refusal.POST_ONLY_MARKET)
    elif state is Trading.LIMIT_ONLY:
        if asked.kind is not Kind.LIMIT:
            raise OrderRefused(Refusal.LIMIT_ONLY_MARKET)
    elif state is not Trading.OPEN:
        raise OrderRefused(Refusal.MARKET_CLOSED, state.value)


def check_price(filters: Filters, ticks: int) -> None:
    """Refuse a price off the tick or out of range."""
    if ticks < filters.price_min or (filters.price_max and ticks > filters.price_max):
        raise OrderRefused(Refusal.PRICE_RANGE)
    if ticks % filters.price_step:
        raise OrderRefused(Refusal.PRICE_STEP)


def check_lots(filters: Filters, lots: int, *, is_market: bool) -> None:
    """Refuse a quantity off the step or out of range."""
    if lots < filters.lots_min or (filters.lots_max and lots > filters.lots_max):
        raise OrderRefused(Refusal.LOT_RANGE)
    if is_market and filters.market_lots_max and lots > filters.market_lots_max:
        raise OrderRefused(Refusal.MARKET_LOT_RANGE)
    if lots % filters.lot_step:
        raise OrderRefused(Refusal.LOT_STEP)


def _check_shape(asked: NewOrder) -> None:
    if asked.kind is Kind.MARKET:
        if (asked.lots > 0) is (asked.quote_atoms > 0) or asked.ticks:
            raise OrderRefused(Refusal.MALFORMED, "a market order has a quantity or a value, and no price")
    elif asked.close_position:
        if asked.lots or asked.kind not in TRIGGERED_KINDS or asked.ticks or not asked.reduce_only:
            raise OrderRefused(Refusal.MALFORMED, "what closes a position waits for a trigger and has no quantity")
    elif asked.lots <= 0 or asked.quote_atoms:
        raise OrderRefused(Refusal.LOT_RANGE)
    if asked.kind is Kind.LIMIT:
        raise OrderRefused(Refusal.PRICE_RANGE)
    trails = asked.trail_ppm or asked.trail_ticks
    if asked.kind in PRICED_KINDS and asked.ticks <= 0 and not trails:
        raise OrderRefused(Refusal.PRICE_RANGE)
    if asked.kind in TRIGGERED_KINDS and asked.stop_ticks <= 0 and not trails:
        raise OrderRefused(Refusal.PRICE_RANGE, "trigger")


def _check_trigger(filters: Filters, asked: NewOrder) -> None:
    if asked.stop_ticks:
        check_price(filters, asked.stop_ticks)
    if asked.trail_ppm and not filters.trail_ppm_min <= asked.trail_ppm <= filters.trail_ppm_max:
        raise OrderRefused(Refusal.TRAIL_RANGE)


def _check_band(listing: Listing, asked: NewOrder, at_ms: int) -> None:
    filters = listing.spec.filters
    middle = listing.mark if filters.band_of_mark else listing.tape.mean_ticks(at_ms)
    if not middle:
        return
    priced, up_ppm = asked.ticks * PPM, filters.band_up_ppm
    too_high = up_ppm and priced > middle * up_ppm
    too_low = priced < middle * filters.band_down_ppm
    if filters.band_of_mark:
        too_high, too_low = too_high and asked.side is Side.BUY, too_low and asked.side is Side.SELL
    if too_high or too_low:
        raise OrderRefused(Refusal.PRICE_BAND, HIGH if too_high else LOW)


def _check_value(listing: Listing, asked: NewOrder, at_ms: int) -> None:
    filters = listing.spec.filters
    ticks = asked.ticks or asked.stop_ticks or listing.tape.mean_ticks(at_ms)
    atoms = asked.quote_atoms or listing.cost(ticks, asked.lots)
    if atoms < filters.notional_min and (ticks or asked.quote_atoms):
        raise OrderRefused(Refusal.NOTIONAL_MIN)
    if filters.notional_max and atoms > filters.notional_max:
        raise OrderRefused(Refusal.NOTIONAL_MAX)


def _check_counts(filters: Filters, account: Account, asked: NewOrder) -> None:
    counts = account.counts.get(asked.symbol)
    if counts is None or asked.kind is Kind.MARKET:
        return
    if filters.orders_max and counts[0] >= filters.orders_max:
        raise OrderRefused(Refusal.ORDERS_MAX)
    if filters.triggers_max and asked.kind in TRIGGERED_KINDS and counts[1] >= filters.triggers_max:
        raise OrderRefused(Refusal.TRIGGERS_MAX)


def _check_position(listing: Listing, account: Account, asked: NewOrder) -> None:
    held = account.balance(listing.spec.base).total // listing.atoms_per_lot
    bids = (order for order in account.open.values() if order.symbol == asked.symbol and order.side is Side.BUY)
    if held + sum(order.left for order in bids) + asked.lots > listing.spec.filters.position_lots_max:
        raise OrderRefused(Refusal.POSITION_MAX)
