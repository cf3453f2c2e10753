"""The exchange as a plain object: takes orders and market data, keeps books and balances, tells what happened.

It does no I/O and reads no clock. Everything is a function call that returns when all of it is done, so that the same
calls in the same order always lead to the same ids, trades and balances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from quorate.exchange.engine import events as facts
from quorate.exchange.engine.accounts import Account
from quorate.exchange.engine.amending import amend_order
from quorate.exchange.engine.busting import bust_trade
from quorate.exchange.engine.checks import check_order
from quorate.exchange.engine.firing import fire_marked, fire_traded, wait
from quorate.exchange.engine.floor import Floor
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Order, OrderPair, Trade
from quorate.exchange.engine.pairs import check_pair
from quorate.exchange.engine.positions import Position
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.specs import Fees, Filters, MarketSpec, NewOrder, NewPair, VenueRules
from quorate.exchange.engine.words import Refusal, Side, Status, Trading, Why


class Engine(Floor):
    """One exchange: its markets, accounts, orders and trades.

    Every operation takes the time in UTC milliseconds; time never goes back, an earlier one counts as the latest seen.
    Requests that are not carried out raise `OrderRefused` and change nothing.
    """

    def __init__(self, markets: Iterable[MarketSpec] = (), *, rules: VenueRules | None = None, at_ms: int = 0) -> None:
        super().__init__(rules or VenueRules(), at_ms=at_ms)
        for spec in markets:
            self.list_market(spec, at_ms=at_ms)

    def list_market(self, spec: MarketSpec, *, at_ms: int) -> Listing:
        """Open a market. Its symbol must be new."""
        self._begin(at_ms)
        assert spec.symbol not in self.listings, f"{spec.symbol} is listed already"
        listing = self.listings[spec.symbol] = Listing(spec, self.rules, at_ms=self.now_ms)
        self._ledger.know(listing)
        self._end([facts.MarketChanged(spec.symbol, listing.trading, self.now_ms)])
        return listing

    def open_account(
        self,
        name: str,
        balances: Mapping[str, Decimal] | None = None,
        *,
        fees: Fees | None = None,
        fee_asset: str | None = None,
        positions: Mapping[str, tuple[int, int]] | None = None,
        at_ms: int = 0,
    ) -> Account:
        """Open an account with money that comes from nowhere; the name must be new and not empty.

        Where contracts are traded it may begin with positions: lots (below 0 short) and the price they were had at.
        """
        assert name, "an account has a name"
        assert name not in self.accounts, f"account {name!r} is open already"
        account = Account(name=name, history_max=self.rules.history_max, fees=fees, fee_asset=fee_asset)
        self.accounts[name] = account
        for asset, amount in (balances or {}).items():
            account.balance(asset).free += self.atoms(asset, amount)
        for symbol, (lots, ticks) in (positions or {}).items():
            assert self.margin is not None, "coins are a balance, not a position"
            self.margin.give(account, symbol, lots, ticks)
        self._begin(at_ms)
        self._end()
        return account

    def move(self, account: str, asset: str, amount: Decimal, *, at_ms: int) -> None:
        """Deposit, or withdraw where `amount` is below zero. Errors: NO_FUNDS, UNKNOWN_ACCOUNT."""
        self._begin(at_ms)
        owner, atoms = self._account(account), self.atoms(asset, amount)
        balance = owner.balance(asset)
        if atoms < 0 and self._ledger.movable(owner, asset) + atoms < 0:
            raise OrderRefused(Refusal.NO_FUNDS, asset)
        balance.free += atoms
        self._ledger.touch(owner, asset)
        self._end([facts.BalanceMoved(account, asset, atoms, self.now_ms)])

    def submit(self, asked: NewOrder, *, at_ms: int) -> Order:
        """Take an order and let it trade; what it came to stands in the answer. Errors: OrderRefused."""
        self._begin(at_ms)
        listing = self.listing(asked.symbol)
        account = self.accounts.get(asked.account) or self._account(asked.account)
        order = self._admission.admit(listing, account, asked, self.now_ms)
        self._ledger.set_aside(listing, order)
        self._take(order)
        if order.waiting:
            wait(self._matcher, listing, order, self.now_ms)
        else:
            self._matcher.work(listing, order, self.now_ms)
        if listing.tape.moved:
            fire_traded(self._matcher, listing, self.now_ms)
        self._end()
        return order

    def submit_pair(self, asked: NewPair, *, at_ms: int) -> OrderPair:
        """Take two orders of which one cancels the other. Errors: OrderRefused."""
        self._begin(at_ms)
        listing, account = self.listing(asked.above.symbol), self._account(asked.above.account)
        check_pair(listing, asked)
        above, below = (self._admission.admit(listing, account, leg, self.now_ms) for leg in (asked.above, asked.below))
        pair = OrderPair(self._last_pair_id + 1, asked.client_id, above, below, self.now_ms)
        self._ledger.set_aside_pair(listing, pair)
        self._last_pair_id = pair.id
        above.pair = below.pair = pair
        self._events.append(facts.PairAccepted(pair, self.now_ms))
        for leg in pair.legs:
            self._take(leg)
        for leg in pair.legs:
            if leg.open and leg.waiting:
                wait(self._matcher, listing, leg, self.now_ms)
            elif leg.open:
                self._matcher.work(listing, leg, self.now_ms)
        fire_traded(self._matcher, listing, self.now_ms)
        self._end()
        return pair

    def check(self, asked: NewOrder, *, at_ms: int) -> None:
        """Refuse what `submit` would refuse, money apart, and do nothing."""
        check_order(self.listing(asked.symbol), self._account(asked.account), asked, max(at_ms, self.now_ms))

    def cancel(self, order: Order, *, at_ms: int, why: Why = Why.ASKED) -> Order:
        """End an open order, and with it the other one of its pair. Errors: UNKNOWN_ORDER when it is not open."""
        self._begin(at_ms)
        listing = self.listings[order.symbol]
        if not order.open:
            raise OrderRefused(Refusal.UNKNOWN_ORDER, "it is not open")
        if listing.trading is Trading.HALTED:
            raise OrderRefused(Refusal.MARKET_CLOSED, listing.trading.value)
        for leg in order.pair.legs if order.pair else (order,):
            if leg.open:
                self._matcher.end(listing, leg, Status.CANCELLED, why, self.now_ms)
        self._end()
        return order

    def cancel_all(self, account: str, *, at_ms: int, symbol: str | None = None, why: Why = Why.ASKED) -> list[Order]:
        """End all open orders of an account, in one market or in all that are not halted; gives those that ended."""
        self._begin(at_ms)
        ended: list[Order] = []
        for order in self.open_orders(account, symbol):
            listing = self.listings[order.symbol]
            if order.open and listing.trading is not Trading.HALTED:
                self._matcher.end(listing, order, Status.CANCELLED, why, self.now_ms)
                ended.append(order)
        self._end()
        return ended

    def amend(self, order: Order, *, at_ms: int, lots: int = 0, ticks: int = 0, stop_ticks: int = 0) -> Order:
        """Change an open order under its own id; 0 leaves a field as it is. Errors: OrderRefused.

        Less quantity at the same price keeps the place in the queue; anything else goes to its end, or trades.
        """
        self._begin(at_ms)
        listing = self.listings[order.symbol]
        amend_order(
            (self._ledger, self._matcher),
            listing,
            order,
            lots=lots,
            ticks=ticks,
            stop_ticks=stop_ticks,
            at_ms=self.now_ms,
        )
        fire_traded(self._matcher, listing, self.now_ms)
        self._end()
        return order

    def advance(self, at_ms: int) -> None:
        """Let time pass: orders whose time is over expire."""
        self._begin(at_ms)
        self._end()

    def quote(
        self, symbol: str, bids: Sequence[tuple[int, int]], asks: Sequence[tuple[int, int]], *, at_ms: int
    ) -> None:
        """Set what the outside market bids and asks: (ticks, lots) per level, best first.

        Client orders that this reaches trade. Errors: MALFORMED when the best bid is not below the best ask.
        """
        self._begin(at_ms)
        listing = self.listing(symbol)
        self._outside.quote(listing, bids, asks, self.now_ms)
        fire_traded(self._matcher, listing, self.now_ms)
        self._end()

    def print_trade(self, symbol: str, side: Side, ticks: int, lots: int, *, at_ms: int) -> None:
        """The outside market trades `lots` at `ticks`; `side` is that of its taker.

        First against whatever rests at that price or better, so that client orders get their turn in the queue; what
        is left is printed on the tape as a trade among others.
        """
        self._begin(at_ms)
        listing = self.listing(symbol)
        self._events.extend(self._outside.print_trade(listing, side, ticks, lots, self.now_ms))
        fire_traded(self._matcher, listing, self.now_ms)
        self._end()

    def mark(self, symbol: str, ticks: int, *, at_ms: int) -> None:
        """Give a market another mark price: what positions are valued at. Accounts that it ruins are liquidated."""
        self._begin(at_ms)
        listing = self.listing(symbol)
        assert ticks > 0, "a mark price is above zero"
        if ticks != listing.mark_ticks:
            listing.mark_ticks = ticks
            self._events.append(facts.Marked(symbol, ticks, self.now_ms))
            fire_marked(self._matcher, listing, self.now_ms)
        self._end()

    def fund(self, symbol: str, rate_ppb: int, *, at_ms: int) -> None:
        """Settle funding: long positions pay short ones `rate_ppb` of their value, in thousand-millionths."""
        self._begin(at_ms)
        margin, listing = self.margin, self.listing(symbol)
        assert margin is not None, "coins bear no funding"
        for account in self.accounts.values():
            received = margin.fund(account, listing.spec.symbol, rate_ppb)
            if received:
                self._events.append(facts.FundingPaid(account.name, symbol, received, self.now_ms))
        self._end()

    def set_leverage(self, account: str, symbol: str, leverage: int, *, at_ms: int) -> Position:
        """Choose an account's leverage in a market. Errors: LEVERAGE_RANGE, LEVERAGE_FUNDS, POSITION_MAX."""
        self._begin(at_ms)
        margin, listing = self.margin, self.listing(symbol)
        assert margin is not None, "coins have no leverage"
        changed = margin.change_leverage(self._account(account), listing.spec.symbol, leverage)
        self._end()
        return changed

    def set_trading(self, symbol: str, trading: Trading, *, at_ms: int) -> None:
        """Halt, reopen or delist a market; delisting ends every order in it."""
        self._begin(at_ms)
        listing = self.listing(symbol)
        listing.trading = trading
        if trading is Trading.DELISTED:
            self._outside.quote(listing, (), (), self.now_ms)
            for account in self.accounts.values():
                for order in self.open_orders(account.name, symbol):
                    self._matcher.end(listing, order, Status.EXPIRED, Why.MARKET_CLOSED, self.now_ms)
        self._end([facts.MarketChanged(symbol, trading, self.now_ms)])

    def change_filters(self, symbol: str, filters: Filters, *, at_ms: int) -> None:
        """Give a market other filters. Orders that are in the book stay there, as on real exchanges."""
        self._begin(at_ms)
        listing = self.listing(symbol)
        listing.spec = replace(listing.spec, filters=filters)
        self._end([facts.MarketChanged(symbol, listing.trading, self.now_ms)])

    def bust(self, symbol: str, trade_id: int, *, at_ms: int) -> Trade:
        """Declare a trade of clients void and give the money back. Errors: UNKNOWN_ORDER where it is not known."""
        self._begin(at_ms)
        trade = bust_trade(self._ledger, self.listing(symbol), self.accounts, trade_id)
        self._end([facts.TradeBusted(trade, self.now_ms)])
        return trade
