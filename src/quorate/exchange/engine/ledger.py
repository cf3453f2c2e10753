"""Moves money: sets it aside for orders, pays for trades, takes fees. No asset is ever made or lost by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from quorate.exchange.engine.accounts import Account, Balance
from quorate.exchange.engine.events import BalancesChanged
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.settlement import NO_CHARGE, Charge
from quorate.exchange.engine.specs import PPM, Fees
from quorate.exchange.engine.words import FeeIn, Kind, Refusal, Side

if TYPE_CHECKING:
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.orders import Order, OrderPair, Trade

BUY, SELL, RECEIVED = Side.BUY, Side.SELL, FeeIn.RECEIVED
"""Looked up once: these are asked for at every fill, and an attribute of an enumeration is not for nothing."""


class Ledger:
    """The money side of an exchange of coins; its methods are those of `Settlement`."""

    def __init__(self, *, discount_ppm: int) -> None:
        self.venue = Account(name="", history_max=0, outside=True)
        self.outside = Account(name="", history_max=0, outside=True)
        self.touched: list[Balance] = []
        self._by_assets: dict[tuple[str, str], Listing] = {}
        self._discount_ppm = discount_ppm

    def know(self, listing: Listing) -> None:
        """Let fees in a third asset be priced by this market."""
        self._by_assets[listing.spec.base, listing.spec.quote] = listing

    def touch(self, account: Account, asset: str) -> None:
        """Note that a balance has changed."""
        self._note(account.balance(asset))

    def take_changes(self, at_ms: int) -> list[BalancesChanged]:
        """The balances that have changed."""
        rows: dict[str, list[tuple[str, int, int]]] = {}
        for balance in self.touched:
            balance.touched = False
            row, name = (balance.asset, balance.free, balance.locked), balance.account
            if name in rows:
                rows[name].append(row)
            else:
                rows[name] = [row]
        self.touched.clear()
        return [BalancesChanged(name, tuple(changed), at_ms) for name, changed in rows.items()]

    def _note(self, balance: Balance) -> None:
        if not balance.touched:
            balance.touched = True
            self.touched.append(balance)

    def need(self, listing: Listing, order: Order, lots: int) -> int:
        """Atoms that must be set aside for `lots` of a priced order; for one without a price, at its trigger."""
        if order.side is SELL:
            atoms, paid_in_it = lots * listing.atoms_per_lot, FeeIn.BASE
        else:
            atoms, paid_in_it = listing.cost(order.ticks or order.stop_ticks, lots), FeeIn.QUOTE
        if order.asked.fee_in is not paid_in_it:
            return atoms
        return atoms + _worst(atoms, order.account.fees or listing.spec.fees)

    def movable(self, account: Account, asset: str) -> int:
        """What is free."""
        return account.balance(asset).free

    def set_aside(self, listing: Listing, order: Order) -> None:
        """Errors: OrderRefused NO_FUNDS."""
        if order.ticks or order.waiting:
            self.lock(listing, order, self.need(listing, order, order.left))
            return
        _, atoms = listing.sweep(order.side, order.left, 0)
        self.lock(listing, order, self.need_now(listing, order, atoms))

    def set_aside_pair(self, listing: Listing, pair: OrderPair) -> None:
        """With the leg that can rest at once, what the dearer of the two needs. Errors: OrderRefused NO_FUNDS."""
        holder = next((leg for leg in pair.legs if leg.asked.kind is Kind.LIMIT), pair.above)
        self.lock(listing, holder, max(self.need(listing, leg, leg.lots) for leg in pair.legs))

    def hold(self, listing: Listing, order: Order, changed: Order) -> None:
        """Errors: OrderRefused NO_FUNDS."""
        self.lock(listing, order, max(self.need(listing, changed, changed.left) - order.locked, 0))

    def trim(self, listing: Listing, order: Order) -> None:
        """Give back what the rest of an open order does not need."""
        self.release(listing, order, self.need(listing, order, order.left))

    def need_now(self, listing: Listing, order: Order, atoms: int) -> int:
        """Atoms that a market order needs that will trade for `atoms` of the quote."""
        if order.side is Side.SELL:
            return self.need(listing, order, order.left)
        fees = order.account.fees or listing.spec.fees
        return atoms + _worst(atoms, fees) if order.asked.fee_in is FeeIn.QUOTE else atoms

    def lock(self, listing: Listing, order: Order, atoms: int) -> None:
        """Set money aside. Errors: OrderRefused NO_FUNDS, and nothing has changed."""
        account = order.account
        if account.outside:
            return
        spec = listing.spec
        base, quote = account.purses.get(spec.symbol) or account.purse(spec.symbol, spec.base, spec.quote)
        balance = quote if order.side is BUY else base
        if balance.free < atoms:
            raise OrderRefused(Refusal.NO_FUNDS, balance.asset)
        balance.free -= atoms
        balance.locked += atoms
        order.locked += atoms
        if not balance.touched:
            balance.touched = True
            self.touched.append(balance)

    def release(self, listing: Listing, order: Order, keep: int = 0) -> None:
        """Give back what is set aside for an order beyond `keep`."""
        surplus = order.locked - keep
        if surplus <= 0:
            return
        base, quote = order.account.purses[listing.spec.symbol]
        balance = quote if order.side is BUY else base
        balance.locked -= surplus
        balance.free += surplus
        order.locked = keep
        if not balance.touched:
            balance.touched = True
            self.touched.append(balance)

    def affords(self, listing: Listing, order: Order, lots: int, atoms: int) -> bool:
        """Whether a taker can pay for a fill: a market order may meet dearer orders than were there when it came."""
        if order.account.outside or order.ticks:
            return True
        spec = listing.spec
        fees = order.account.fees or spec.fees
        buys = order.side is Side.BUY
        asset, given = (spec.quote, atoms) if buys else (spec.base, lots * listing.atoms_per_lot)
        if order.asked.fee_in is (FeeIn.QUOTE if buys else FeeIn.BASE):
            given += given * fees.taker_ppm // PPM
        return given <= order.locked + order.account.balance(asset).free

    def pay(self, listing: Listing, order: Order, lots: int, atoms: int, *, is_maker: bool) -> Charge:
        """Carry out one side of a fill; selling coins realises no profit here."""
        account, spec = order.account, listing.spec
        base, quote = account.purses.get(spec.symbol) or account.purse(spec.symbol, spec.base, spec.quote)
        if order.side is BUY:
            giving, given, getting, got = quote, atoms, base, lots * listing.atoms_per_lot
        else:
            giving, given, getting, got = base, lots * listing.atoms_per_lot, quote, atoms
        if account.outside:
            giving.free -= given
            getting.free += got
            return NO_CHARGE
        fees = account.fees or spec.fees
        ppm = fees.maker_ppm if is_maker else fees.taker_ppm
        if account.fee_asset is None and order.asked.fee_in is RECEIVED:
            fee_asset, charged = getting.asset, got * ppm // PPM
            got -= charged
        else:
            fee_asset, charged, more = self._fee(listing, order, (giving.asset, given), (getting.asset, got), ppm)
            given, got = given + more[0], got - more[1]
        locked = order.locked
        if locked >= given:  # what is set aside goes first; only a market order may need more
            order.locked = locked - given
            giving.locked -= given
        else:
            order.locked = 0
            giving.locked -= locked
            giving.free -= given - locked
        getting.free += got
        if not giving.touched:
            giving.touched = True
            self.touched.append(giving)
        if not getting.touched:
            getting.touched = True
            self.touched.append(getting)
        if charged:
            earned = self.venue.balances.get(fee_asset) or self.venue.balance(fee_asset)
            earned.free += charged
            if order.fee_asset == fee_asset:
                order.fee_atoms += charged
            else:
                order.add_fee(fee_asset, charged)
        return fee_asset, charged, 0

    def reducible(self, account: Account, symbol: str, sign: int) -> int:
        """There are no positions."""
        return 0

    def undo(self, listing: Listing, account: Account, trade: Trade, *, is_maker: bool) -> None:
        """A client who has spent the money meanwhile owes it: the balance goes below zero."""
        spec = listing.spec
        side = trade.taker_side.other if is_maker else trade.taker_side
        sign = 1 if side is Side.BUY else -1
        account.balance(spec.base).free -= sign * trade.lots * listing.atoms_per_lot
        account.balance(spec.quote).free += sign * trade.atoms
        if account.outside:
            return
        for asset in (spec.base, spec.quote):
            self.touch(account, asset)
        fee_asset, fee, _ = trade.charge(is_maker=is_maker)
        if fee:
            account.balance(fee_asset).free += fee
            self.venue.balance(fee_asset).free -= fee
            self.touch(account, fee_asset)

    def sums(self, accounts: Iterable[Account]) -> dict[str, int]:
        """All balances."""
        sums: dict[str, int] = {}
        for account in (*accounts, self.outside, self.venue):
            for asset, balance in account.balances.items():
                sums[asset] = sums.get(asset, 0) + balance.total
        return sums

    def settle(self, listing: Listing, order: Order, ticks: int) -> None:
        """After a fill at a price give back what is set aside for more than the rest of an open order needs.

        A fill at its own price, whose fee comes from what it receives, has used exactly what was set aside for it.
        """
        if ticks != order.ticks or order.asked.fee_in is not RECEIVED or order.pair is not None:
            self.trim(listing, order)

    def _fee(
        self, listing: Listing, order: Order, gives: tuple[str, int], gets: tuple[str, int], ppm: int
    ) -> tuple[str, int, tuple[int, int]]:
        """A fee: its asset, its atoms, and how much more is given and less received because of it."""
        account = order.account
        if account.fee_asset:
            value = (gives if order.side is BUY else gets)[1]
            spoken_for = max(0, gives[1] - order.locked) if account.fee_asset == gives[0] else 0
            third = self._third_asset_fee(listing, account, value * ppm // PPM, spoken_for)
            if third is not None:
                return *third, (0, 0)
        if order.asked.fee_in is (FeeIn.QUOTE if order.side is BUY else FeeIn.BASE):
            charged = gives[1] * ppm // PPM
            return gives[0], charged, (charged, 0)
        charged = gets[1] * ppm // PPM
        return gets[0], charged, (0, charged)

    def _third_asset_fee(
        self, listing: Listing, account: Account, fee_atoms: int, spoken_for: int
    ) -> tuple[str, int] | None:
        """A fee worth so much of the quote in the account's own fee asset, already taken; None when that cannot be.

        `spoken_for` is what the trade itself will still take from the free money of that asset.
        """
        asset = account.fee_asset
        assert asset is not None
        value = fee_atoms * (PPM - self._discount_ppm) // PPM
        if asset != listing.spec.quote:
            pricing = self._by_assets.get((asset, listing.spec.quote))
            if pricing is None or not pricing.last_ticks:
                return None
            value = pricing.lots_for(pricing.last_ticks, value) * pricing.atoms_per_lot
        balance = account.balance(asset)
        if balance.free < value + spoken_for:
            return None
        balance.free -= value
        self.touch(account, asset)
        return asset, value


def _worst(atoms: int, fees: Fees) -> int:
    return atoms * max(fees.maker_ppm, fees.taker_ppm) // PPM
