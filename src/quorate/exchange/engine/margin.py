"""The money side of an exchange of perpetual contracts: wallets, positions, and the margin that both must cover.

One position per account and market (one-way mode), all of them sharing all of the margin (cross margin), everything
paid in one asset. Orders set no coins aside; they are let in as long as the account covers the margin of the largest
position that they and those before them could lead to. Conditional orders need none until they fire.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.exchange.engine.accounts import Account, Balance
from quorate.exchange.engine.brackets import bracket_of, deduction, maintenance, value_max
from quorate.exchange.engine.events import BalancesChanged, Event, PositionChanged
from quorate.exchange.engine.positions import Position
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.settlement import NO_CHARGE, Charge
from quorate.exchange.engine.specs import PPM, MarginRules
from quorate.exchange.engine.words import Refusal, Side

if TYPE_CHECKING:
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.orders import Order, OrderPair, Trade


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFigures:
    """A position as it stands at the mark price; all in atoms of the quote."""

    value: int
    """Above zero long, below zero short."""
    unrealised: int
    bids: int
    """Value of the open orders that would buy, those that only reduce apart."""
    asks: int
    initial: int
    """Margin of the position alone."""
    order_initial: int
    """Margin of the open orders beyond that."""
    maintenance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """Sums over an account, in atoms."""

    wallet: int
    unrealised: int
    initial: int
    order_initial: int
    maintenance: int

    @property
    def balance(self) -> int:
        """The margin balance: what the account is worth at the mark prices."""
        return self.wallet + self.unrealised

    @property
    def available(self) -> int:
        """What further orders may use; below zero when there is too little already."""
        return self.balance - self.initial - self.order_initial


class MarginLedger:
    """Its methods are those of `Settlement`, and what is asked about positions."""

    def __init__(self, rules: MarginRules) -> None:
        self.rules = rules
        self.venue = Account(name="", history_max=0, outside=True)
        self.outside = Account(name="", history_max=0, outside=True)
        self.touched: list[Balance] = []
        self._moved: dict[Position, None] = {}
        self._listings: dict[str, Listing] = {}

    def know(self, listing: Listing) -> None:
        """A contract has been listed; it must be paid in the asset of the margin."""
        assert listing.spec.quote == self.rules.asset, f"{listing.spec.symbol} is not settled in {self.rules.asset}"
        self._listings[listing.spec.symbol] = listing

    def touch(self, account: Account, asset: str) -> None:
        """Note that a balance has changed."""
        self._note(account.balance(asset))

    def take_changes(self, at_ms: int) -> list[Event]:
        """The wallets that have changed, and the positions."""
        rows: dict[str, list[tuple[str, int, int]]] = {}
        for balance in self.touched:
            balance.touched = False
            rows.setdefault(balance.account, []).append((balance.asset, balance.free, balance.locked))
        self.touched.clear()
        told: list[Event] = [BalancesChanged(name, tuple(changed), at_ms) for name, changed in rows.items()]
        for moved in self._moved:
            moved.updated_ms = at_ms
            told.append(PositionChanged(moved.account, moved.symbol, moved.lots, moved.cost, moved.realised, at_ms))
        self._moved.clear()
        return told

    def position(self, account: Account, symbol: str) -> Position:
        """The position of an account in a market; a flat one comes into being when it is first asked for."""
        found = account.positions.get(symbol)
        if found is None:
            found = account.positions[symbol] = Position(account.name, symbol, self.rules.leverage)
        return found

    def figures(self, account: Account, symbol: str) -> PositionFigures:
        """A position at the mark price, and what open orders could make of it."""
        listing, held = self._listings[symbol], self.position(account, symbol)
        bids, asks = self._asked(account, listing, without=None)
        value = _signed(listing, listing.mark, held.lots)
        initial = _margin(abs(value), held.leverage)
        exposed = _exposed(value, bids, asks)
        return PositionFigures(
            value=value,
            unrealised=value - held.cost,
            bids=bids,
            asks=asks,
            initial=initial,
            order_initial=_margin(exposed, held.leverage) - initial,
            maintenance=maintenance(self.rules.brackets, abs(value)) if value else 0,
        )

    def account(self, account: Account) -> AccountFigures:
        """The sums over all positions of an account."""
        each = [self.figures(account, symbol) for symbol in account.positions]
        return AccountFigures(
            wallet=account.balance(self.rules.asset).free,
            unrealised=sum(one.unrealised for one in each),
            initial=sum(one.initial for one in each),
            order_initial=sum(one.order_initial for one in each),
            maintenance=sum(one.maintenance for one in each),
        )

    def movable(self, account: Account, asset: str) -> int:
        """What neither margin nor an unrealised loss needs; an unrealised profit cannot be withdrawn."""
        free = account.balance(asset).free
        if asset != self.rules.asset:
            return free
        return min(free, self.account(account).available)

    def set_aside(self, listing: Listing, order: Order) -> None:
        """Errors: OrderRefused NO_FUNDS, POSITION_MAX, REDUCE_ONLY."""
        account = order.account
        if account.outside or order.waiting:
            return
        if order.asked.reduce_only:
            if not self.reducible(account, order.symbol, order.sign):
                raise OrderRefused(Refusal.REDUCE_ONLY)
            return
        self._cover(listing, order, order)

    def set_aside_pair(self, listing: Listing, pair: OrderPair) -> None:
        """Contracts have no pairs of orders. Errors: OrderRefused MALFORMED."""
        raise OrderRefused(Refusal.MALFORMED, "there are no pairs of orders on contracts")

    def hold(self, listing: Listing, order: Order, changed: Order) -> None:
        """Errors: OrderRefused NO_FUNDS, POSITION_MAX."""
        if not changed.waiting and not changed.asked.reduce_only:
            self._cover(listing, order, changed)

    def trim(self, listing: Listing, order: Order) -> None:
        """Nothing is locked for an order by itself."""

    def release(self, listing: Listing, order: Order) -> None:
        """Nothing is locked for an order by itself."""

    def settle(self, listing: Listing, order: Order, ticks: int) -> None:
        """Nothing is locked for an order by itself."""

    def affords(self, listing: Listing, order: Order, lots: int, atoms: int) -> bool:
        """The margin was covered when it came; a dearer fill is a loss like any other."""
        return True

    def reducible(self, account: Account, symbol: str, sign: int) -> int:
        """Lots that buying (1) or selling (-1) closes."""
        held = account.positions.get(symbol)
        return held.reducible(sign) if held is not None else 0

    def pay(self, listing: Listing, order: Order, lots: int, atoms: int, *, is_maker: bool) -> Charge:
        """Move a position, realise what it closes, take the fee from the wallet."""
        account, sign, spec = order.account, order.sign, listing.spec
        if account.outside:
            self._outside_takes(listing, sign * lots, sign * atoms)
            return NO_CHARGE
        fees = account.fees or spec.fees
        charged = atoms * (fees.maker_ppm if is_maker else fees.taker_ppm) // PPM
        held = self.position(account, spec.symbol)
        profit = held.take(sign * lots, sign * atoms)
        self._moved[held] = None
        self.earn(account, profit - charged)
        self.venue.balance(spec.quote).free += charged
        if charged:
            order.add_fee(spec.quote, charged)
        return spec.quote, charged, profit

    def undo(self, listing: Listing, account: Account, trade: Trade, *, is_maker: bool) -> None:
        """Take the position back at the price it was given at, and give the fee back."""
        buys = trade.buyer_is_maker is is_maker
        sign = -1 if buys else 1
        if account.outside:
            self._outside_takes(listing, sign * trade.lots, sign * trade.atoms)
            return
        held = self.position(account, trade.symbol)
        _, fee, _ = trade.charge(is_maker=is_maker)
        profit = held.take(sign * trade.lots, sign * trade.atoms)
        self._moved[held] = None
        self.earn(account, profit + fee)
        self.venue.balance(listing.spec.quote).free -= fee

    def earn(self, account: Account, atoms: int) -> None:
        """Put money into a wallet, or take it out (below 0); whose it was is the caller's matter."""
        balance = account.balance(self.rules.asset)
        balance.free += atoms
        self._note(balance)

    def _note(self, balance: Balance) -> None:
        if not balance.touched:
            balance.touched = True
            self.touched.append(balance)

    def fund(self, account: Account, symbol: str, rate_ppb: int) -> int:
        """Let an account pay (above 0: longs pay) or receive a rate of its position's value; gives what it received."""
        held, listing = account.positions.get(symbol), self._listings[symbol]
        if held is None or not held.lots:
            return 0
        value = _signed(listing, listing.mark, held.lots)
        received = -(value * rate_ppb // 1_000_000_000)
        self.earn(account, received)
        self._moved[held] = None
        self.outside.balance(self.rules.asset).free -= received
        return received

    def change_leverage(self, account: Account, symbol: str, leverage: int) -> Position:
        """Errors: OrderRefused LEVERAGE_RANGE, LEVERAGE_FUNDS, POSITION_MAX."""
        brackets, held = self.rules.brackets, self.position(account, symbol)
        if not 1 <= leverage <= brackets[0].leverage_max:
            raise OrderRefused(Refusal.LEVERAGE_RANGE, str(leverage))
        before = held.leverage
        figures = self.figures(account, symbol)
        if _exposed(figures.value, figures.bids, figures.asks) > value_max(brackets, leverage):
            raise OrderRefused(Refusal.POSITION_MAX)
        held.leverage = leverage
        if leverage < before and self.account(account).available < 0:
            held.leverage = before
            raise OrderRefused(Refusal.LEVERAGE_FUNDS)
        return held

    def liquidation_ticks(self, account: Account, symbol: str) -> int:
        """The mark price that liquidates the account while all else stands still; 0 where there is none."""
        held, listing = account.positions.get(symbol), self._listings[symbol]
        if held is None or not held.lots:
            return 0
        whole, own = self.account(account), self.figures(account, symbol)
        # Its own value and maintenance margin are what moves: wallet + others + value - cost = maintenance.
        fixed = whole.wallet + whole.unrealised - own.unrealised - held.cost - (whole.maintenance - own.maintenance)
        brackets, sign = self.rules.brackets, 1 if held.lots > 0 else -1
        for place, bracket in enumerate(brackets):
            # fixed + sign * value = value * rate - deduction
            rate_ppm = bracket.maintenance_ppm
            value = (fixed + deduction(brackets, place)) * PPM // (rate_ppm - sign * PPM)
            if value > 0 and bracket_of(brackets, value) == place:
                return listing.ticks_for(value, abs(held.lots))
        return 0

    def endangered(self, accounts: Iterable[Account]) -> Iterator[Account]:
        """Accounts whose margin balance has fallen below what their positions must keep."""
        for account in accounts:
            if any(held.lots for held in account.positions.values()):
                figures = self.account(account)
                if figures.balance < figures.maintenance:
                    yield account

    def sums(self, accounts: Iterable[Account]) -> dict[str, int]:
        """Wallets less what open positions cost, and the lots of every base asset; contracts come in pairs."""
        sums = dict.fromkeys([self.rules.asset, *(listing.spec.base for listing in self._listings.values())], 0)
        clients = list(accounts)
        for account in (*clients, self.outside, self.venue):
            for asset, balance in account.balances.items():
                sums[asset] = sums.get(asset, 0) + balance.total
        for account in clients:
            for symbol, held in account.positions.items():
                listing = self._listings[symbol]
                base = listing.spec.base
                sums[self.rules.asset] = sums.get(self.rules.asset, 0) - held.cost
                sums[base] = sums.get(base, 0) + held.lots * listing.atoms_per_lot
        return sums

    def give(self, account: Account, symbol: str, lots: int, ticks: int) -> None:
        """A position that the outside market has let the account have at a price, without a trade or a fee."""
        listing = self._listings[symbol]
        atoms = _signed(listing, ticks, lots)
        self.position(account, symbol).take(lots, atoms)
        self._outside_takes(listing, -lots, -atoms)

    def _outside_takes(self, listing: Listing, lots: int, atoms: int) -> None:
        self.outside.balance(listing.spec.base).free += lots * listing.atoms_per_lot
        self.outside.balance(listing.spec.quote).free -= atoms

    def _asked(self, account: Account, listing: Listing, *, without: Order | None) -> tuple[int, int]:
        """Value of the open orders of a market that would buy, and of those that would sell."""
        bids = asks = 0
        symbol = listing.spec.symbol
        for order in account.open.values():
            if order.symbol != symbol or order.waiting or order.asked.reduce_only or order is without:
                continue
            value = listing.cost(order.ticks or listing.mark, order.left)
            if order.side is Side.BUY:
                bids += value
            else:
                asks += value
        return bids, asks

    def _cover(self, listing: Listing, order: Order, changed: Order) -> None:
        """Refuse an order, in the form it would have, that the account cannot cover."""
        account = order.account
        held = self.position(account, order.symbol)
        if changed.ticks:
            atoms = listing.cost(changed.ticks, changed.left)
        else:
            _, atoms = listing.sweep(changed.side, changed.left, 0)
        bids, asks = self._asked(account, listing, without=order)
        value = _signed(listing, listing.mark, held.lots)
        before = _exposed(value, bids, asks)
        if changed.side is Side.BUY:
            bids += atoms
        else:
            asks += atoms
        after = _exposed(value, bids, asks)
        if after <= before:
            return
        if after > value_max(self.rules.brackets, held.leverage):
            raise OrderRefused(Refusal.POSITION_MAX)
        loss = max(0, order.sign * (atoms - listing.cost(listing.mark, changed.left)))
        own = _margin(after, held.leverage)
        whole = self.account(account)
        mine = self.figures(account, order.symbol)
        available = whole.available + mine.initial + mine.order_initial
        if own + loss > available:
            raise OrderRefused(Refusal.NO_FUNDS, self.rules.asset)


def _signed(listing: Listing, ticks: int, lots: int) -> int:
    """Value of lots with their sign, so that a short position is worth what a long one of its size costs."""
    value = listing.cost(ticks, abs(lots))
    return value if lots > 0 else -value


def _exposed(value: int, bids: int, asks: int) -> int:
    """Value of the largest position that one of this value and its open orders could become."""
    return max(abs(value), value + bids, asks - value)


def _margin(value: int, leverage: int) -> int:
    return -(-value // leverage)
