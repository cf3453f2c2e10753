"""What a clearing house does by itself: ends orders that no longer reduce anything, and accounts that owe too much."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING

from quorate.exchange.engine import events as facts
from quorate.exchange.engine.firing import fire_traded
from quorate.exchange.engine.orders import Order
from quorate.exchange.engine.specs import PPM, NewOrder
from quorate.exchange.engine.words import Kind, Side, Status, Why

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.margin import MarginLedger
    from quorate.exchange.engine.matching import Matcher
    from quorate.exchange.engine.outside import Outside

LIQUIDATION = "autoclose"
"""The tag, and the begin of the client order id, of an order that liquidates."""
LIQUIDATED_AT_ONCE_MAX = 10_000
"""Accounts that one operation may ruin: more than there are, so that a fault of ours cannot turn forever."""


class Clearing:
    """Watches the accounts of an exchange of contracts. `take` enters an order under the next id."""

    def __init__(
        self,
        margin: MarginLedger,
        matcher: Matcher,
        outside: Outside,
        listings: Mapping[str, Listing],
        *,
        take: Callable[[Order], None],
        emit: Callable[[facts.Event], None],
    ) -> None:
        self._margin = margin
        self._matcher = matcher
        self._outside = outside
        self._listings = listings
        self._take = take
        self._emit = emit

    def clear(self, accounts: Collection[Account], at_ms: int) -> None:
        """End what an operation has made useless, and liquidate whom it has ruined, until nobody is left."""
        for account in accounts:
            self._end_useless(account, at_ms)
        for _ in range(LIQUIDATED_AT_ONCE_MAX):
            ruined = next(self._margin.endangered(accounts), None)
            if ruined is None:
                return
            for listing in self._liquidate(ruined, at_ms):
                fire_traded(self._matcher, listing, at_ms)

    def _end_useless(self, account: Account, at_ms: int) -> None:
        """End resting orders that may only reduce a position which is not there any more."""
        for order in list(account.open.values()):
            useless = order.resting and order.asked.reduce_only and order.open
            if useless and not self._margin.reducible(account, order.symbol, order.sign):
                self._matcher.end(self._listings[order.symbol], order, Status.EXPIRED, Why.REDUCE_ONLY, at_ms)

    def _liquidate(self, account: Account, at_ms: int) -> list[Listing]:
        """Cancel an account's orders and close its positions, the dearest to keep first, until its margin covers them.

        Gives the markets in which that traded. What the account then owes, the venue makes good.
        """
        for order in list(account.open.values()):
            if order.open:
                self._matcher.end(self._listings[order.symbol], order, Status.CANCELLED, Why.LIQUIDATED, at_ms)
        traded: list[Listing] = []
        while any(self._margin.endangered([account])):
            figures = {symbol: self._margin.figures(account, symbol) for symbol in account.positions}
            symbol = max(figures, key=lambda name: figures[name].maintenance)
            listing = self._listings[symbol]
            self._close(listing, account, at_ms)
            self._charge(account, symbol, abs(figures[symbol].value), at_ms)
            traded.append(listing)
        return traded

    def _close(self, listing: Listing, account: Account, at_ms: int) -> None:
        """Close a position at the market; what the book cannot take, the outside market takes at its end."""
        symbol = listing.spec.symbol
        held = self._margin.position(account, symbol)
        side, lots = (Side.SELL if held.lots > 0 else Side.BUY), abs(held.lots)
        found, _ = listing.sweep(side, lots, 0)
        if found < lots:
            self._outside.back(listing, side.other, lots - found, at_ms)
        asked = NewOrder(
            account=account.name,
            symbol=symbol,
            side=side,
            kind=Kind.MARKET,
            lots=lots,
            client_id=f"{LIQUIDATION}-{at_ms}-{symbol}",
            tag=LIQUIDATION,
        )
        order = Order(0, asked, account, side, 0, lots, at_ms, at_ms, lots)
        self._take(order)
        self._matcher.work(listing, order, at_ms)

    def _charge(self, account: Account, symbol: str, value: int, at_ms: int) -> None:
        """The liquidation's price as far as there is money; or the loss beyond it, made good by the venue."""
        asset = self._margin.rules.asset
        wallet = account.balance(asset).free
        flat = not any(held.lots for held in account.positions.values())
        atoms = -min(value * self._margin.rules.liquidation_fee_ppm // PPM, wallet) if wallet > 0 else 0
        if wallet < 0 and flat:
            atoms = -wallet
        if atoms:
            self._margin.earn(account, atoms)
            self._margin.venue.balance(asset).free -= atoms
            self._emit(facts.Cleared(account.name, symbol, atoms, at_ms))
