"""Matching by price, then time: what happens between an accepted order and its rest in the book or its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quorate.exchange.engine import events as facts
from quorate.exchange.engine.orders import Order, Trade
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.triggers import is_trailing
from quorate.exchange.engine.words import PRICED_KINDS, Refusal, SelfTrade, Side, Status, TimeInForce, Why

if TYPE_CHECKING:
    from quorate.exchange.engine.book import Level
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.settlement import Settlement
BUY, GTC, FOK, ALLOW = Side.BUY, TimeInForce.GTC, TimeInForce.FOK, SelfTrade.ALLOW
PARTIALLY_FILLED, FILLED = Status.PARTIALLY_FILLED, Status.FILLED
"""Looked up once: these are asked for at every fill, and an attribute of an enumeration is not for nothing."""


class Matcher:
    """Carries orders through the book. `emit` takes each fact as it happens."""

    def __init__(self, ledger: Settlement, emit: Callable[[facts.Event], None]) -> None:
        self._ledger = ledger
        self._emit = emit

    def work(self, listing: Listing, order: Order, at_ms: int) -> None:
        """Let an accepted order trade; what is left of it then rests or ends."""
        lasts = order.asked.time_in_force
        if lasts is FOK and not self._fills_whole(listing, order):
            self.end(listing, order, Status.EXPIRED, Why.NOT_WHOLE, at_ms)
            return
        self.match(listing, order, at_ms)
        if not order.open:
            return
        if order.left <= 0:
            self.end(listing, order, Status.EXPIRED_IN_MATCH, Why.SELF_TRADE, at_ms)
        elif lasts is GTC and order.ticks:
            self.rest(listing, order, at_ms)
        else:
            self.end(listing, order, Status.EXPIRED, Why.NO_LIQUIDITY, at_ms)

    def match(self, listing: Listing, taker: Order, at_ms: int) -> None:
        """Trade against the other side as far as price and quantity allow."""
        resting = listing.asks if taker.side is BUY else listing.bids
        limit_key = taker.ticks * resting.sign if taker.ticks else None
        account, guarded = taker.account, taker.asked.self_trade is not ALLOW
        while taker.left > 0 and taker.open:
            key = resting.best_key()
            if key is None or (limit_key is not None and key < limit_key):
                return
            level = resting.levels[key * resting.sign]
            maker = next(iter(level.orders.values()))
            if guarded and maker.account is account:
                self._prevent(listing, taker, maker, at_ms)
            elif not self._trade(listing, level, maker, taker, at_ms):
                return

    def rest(self, listing: Listing, order: Order, at_ms: int) -> None:
        """Put what is left of an order at the end of the queue at its price."""
        side = order.side
        level = (listing.bids if side is BUY else listing.asks).add(order, order.left)
        order.resting = True
        listing.sequence += 1
        symbol = order.asked.symbol
        self._emit(facts.LevelChanged(symbol, side, order.ticks, level.lots, listing.sequence, at_ms))

    def unrest(self, listing: Listing, order: Order, at_ms: int) -> None:
        """Take an order out of the book without ending it."""
        level = listing.side(order.side).take(order, order.left)
        order.resting = False
        self._level_changed(listing, order.side, level.ticks, level.lots, at_ms)

    def shrink(self, listing: Listing, order: Order, lots: int, at_ms: int) -> None:
        """Take `lots` from a resting order; it keeps its place in the queue."""
        level = listing.side(order.side).levels[order.ticks]
        level.lots -= lots
        self._level_changed(listing, order.side, level.ticks, level.lots, at_ms)

    def end(self, listing: Listing, order: Order, status: Status, why: Why, at_ms: int) -> None:
        """End an open order unfilled, or not filled whole: its money comes back, and its pair ends with it."""
        if order.resting:
            self.unrest(listing, order, at_ms)
        order.status, order.why, order.updated_ms, order.open = status, why, at_ms, False
        self._close(listing, order)
        if not order.account.outside:
            self._emit(facts.OrderEnded(order, status, why, order.filled_lots, order.filled_atoms, at_ms))
            if order.pair is not None:
                self._close_pair(order, at_ms)

    def end_other(self, listing: Listing, order: Order, at_ms: int) -> None:
        """End the other order of a pair, once this one trades or triggers."""
        pair = order.pair
        if pair is not None and (other := pair.other(order)).open:
            self.end(listing, other, Status.EXPIRED, Why.OTHER_LEG, at_ms)

    def fire(self, listing: Listing, order: Order, at_ms: int) -> None:
        """Turn an order whose trigger was reached into a limit or market order, and let it trade."""
        order.waiting, order.triggered_ms, order.updated_ms = False, at_ms, at_ms
        order.account.count(order.symbol)[1] -= 1
        if order.asked.kind in PRICED_KINDS and is_trailing(order) and not order.asked.ticks:
            order.ticks = max(1, order.stop_ticks + order.asked.limit_offset_ticks)
        if order.asked.close_position:
            order.lots = self._ledger.reducible(order.account, order.symbol, order.sign)
            order.count_left()
        self._emit(facts.OrderTriggered(order, at_ms))
        self.end_other(listing, order, at_ms)
        if order.asked.post_only and listing.side(order.side.other).reached_by(order.ticks):
            self.end(listing, order, Status.EXPIRED, Why.POST_ONLY, at_ms)
            return
        self._ledger.release(listing, order)
        try:
            self._ledger.set_aside(listing, order)
        except OrderRefused as error:
            why = Why.REDUCE_ONLY if error.reason is Refusal.REDUCE_ONLY else Why.NO_FUNDS
            self.end(listing, order, Status.EXPIRED, why, at_ms)
            return
        self.work(listing, order, at_ms)

    def tell_amended(self, order: Order, at_ms: int) -> None:
        """Tell that an open order has another quantity or price."""
        self._emit(facts.OrderAmended(order, order.ticks, order.lots, at_ms))

    def _fills_whole(self, listing: Listing, order: Order) -> bool:
        found, _ = listing.sweep(order.side, order.left, order.ticks)
        return found == order.left

    def _trade(self, listing: Listing, level: Level, maker: Order, taker: Order, at_ms: int) -> bool:
        """One trade between two orders; False when the taker cannot pay for it."""
        lots, ticks = maker.left, level.ticks
        lots = min(lots, taker.left)
        if maker.asked.reduce_only or taker.asked.reduce_only:
            lots = self._reducing(listing, (maker, taker), lots, at_ms)
            if not lots:
                return True
        atoms = listing.cost(ticks, lots)
        ledger, tape, emit = self._ledger, listing.tape, self._emit
        if not taker.ticks and not ledger.affords(listing, taker, lots, atoms):
            return False
        maker_asset, maker_fee, maker_profit = ledger.pay(listing, maker, lots, atoms, is_maker=True)
        taker_asset, taker_fee, taker_profit = ledger.pay(listing, taker, lots, atoms, is_maker=False)
        symbol = taker.asked.symbol
        trade = Trade(
            tape.last_id + 1,
            symbol,
            ticks,
            lots,
            atoms,
            at_ms,
            taker.side,
            maker.id,
            taker.id,
            maker.account.name,
            taker.account.name,
            maker_asset,
            maker_fee,
            maker_profit,
            taker_asset,
            taker_fee,
            taker_profit,
        )
        tape.add(trade)
        level.lots -= lots
        if lots == maker.left:
            level.remove(maker)
            maker.resting = False
            if not level.orders:
                (listing.bids if maker.side is BUY else listing.asks).drop(level)
        listing.sequence += 1
        emit(facts.LevelChanged(symbol, maker.side, ticks, level.lots, listing.sequence, at_ms))
        emit(facts.Traded(trade))
        self._filled(listing, maker, trade, maker_asset, maker_fee, is_maker=True)
        self._filled(listing, taker, trade, taker_asset, taker_fee, is_maker=False)
        return True

    def _filled(
        self, listing: Listing, order: Order, trade: Trade, fee_asset: str, fee: int, *, is_maker: bool
    ) -> None:
        lots, at_ms, account = trade.lots, trade.at_ms, order.account
        order.filled_lots = filled_lots = order.filled_lots + lots
        order.filled_atoms = filled_atoms = order.filled_atoms + trade.atoms
        order.left = left = order.left - lots
        order.updated_ms = at_ms
        if left > 0:
            order.status = status = PARTIALLY_FILLED
        else:
            order.status = status = FILLED
            order.open = False
        if account.outside:
            if left <= 0 and is_maker:
                listing.outside[order.side].pop(order.ticks, None)
            return
        if left <= 0:
            if order.locked:
                self._ledger.release(listing, order)
            account.close(order)
        elif order.ticks:
            self._ledger.settle(listing, order, trade.ticks)
        if is_maker or trade.maker_account != account.name:
            account.trades.append(trade)
        self._emit(facts.OrderFilled(order, trade, is_maker, fee_asset, fee, status, filled_lots, filled_atoms, at_ms))
        if order.pair is not None:
            self.end_other(listing, order, at_ms)
            self._close_pair(order, at_ms)

    def _close(self, listing: Listing, order: Order) -> None:
        account = order.account
        if account.outside:
            if listing.outside[order.side].get(order.ticks) is order:
                del listing.outside[order.side][order.ticks]
            return
        if order.waiting:
            order.waiting = False
            account.count(order.symbol)[1] -= 1
        if order.locked:
            self._ledger.release(listing, order)
        account.close(order)

    def _close_pair(self, order: Order, at_ms: int) -> None:
        pair = order.pair
        if pair is not None and not pair.done and not pair.above.open and not pair.below.open:
            pair.done = True
            self._emit(facts.PairEnded(pair, at_ms))

    def _prevent(self, listing: Listing, taker: Order, maker: Order, at_ms: int) -> None:
        mode = taker.asked.self_trade
        if mode is SelfTrade.DECREMENT:
            self._decrement(listing, taker, maker, at_ms)
            return
        if mode in (SelfTrade.EXPIRE_MAKER, SelfTrade.EXPIRE_BOTH):
            self.end(listing, maker, Status.EXPIRED_IN_MATCH, Why.SELF_TRADE, at_ms)
        if mode in (SelfTrade.EXPIRE_TAKER, SelfTrade.EXPIRE_BOTH):
            self.end(listing, taker, Status.EXPIRED_IN_MATCH, Why.SELF_TRADE, at_ms)

    def _decrement(self, listing: Listing, taker: Order, maker: Order, at_ms: int) -> None:
        lots = min(taker.left, maker.left)
        if lots == maker.left:
            self.end(listing, maker, Status.EXPIRED_IN_MATCH, Why.SELF_TRADE, at_ms)
            _take_away(maker, lots)
        else:
            self.shrink(listing, maker, lots, at_ms)
            _take_away(maker, lots)
            self._ledger.trim(listing, maker)
            self.tell_amended(maker, at_ms)
        _take_away(taker, lots)
        if taker.ticks and taker.left:
            self._ledger.trim(listing, taker)

    def _reducing(self, listing: Listing, orders: tuple[Order, ...], lots: int, at_ms: int) -> int:
        """How much of `lots` orders may trade that only make positions smaller; 0 where that has ended one of them."""
        for order in orders:
            if not order.asked.reduce_only:
                continue
            lots = min(lots, self._ledger.reducible(order.account, order.symbol, order.sign))
            if not lots:
                self.end(listing, order, Status.EXPIRED, Why.REDUCE_ONLY, at_ms)
                return 0
        return lots

    def _level_changed(self, listing: Listing, side: Side, ticks: int, lots: int, at_ms: int) -> None:
        listing.sequence += 1
        self._emit(facts.LevelChanged(listing.spec.symbol, side, ticks, lots, listing.sequence, at_ms))


def _take_away(order: Order, lots: int) -> None:
    order.prevented_lots += lots
    order.count_left()
