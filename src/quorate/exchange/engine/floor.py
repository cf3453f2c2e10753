"""What every operation of the exchange stands on: its time, the facts it makes, who listens, and what is looked up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from heapq import heappop, heappush

from quorate.exchange.engine import events as facts
from quorate.exchange.engine.accounts import Account
from quorate.exchange.engine.admission import Admission
from quorate.exchange.engine.clearing import Clearing
from quorate.exchange.engine.ledger import Ledger
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.margin import MarginLedger
from quorate.exchange.engine.matching import Matcher
from quorate.exchange.engine.orders import Order
from quorate.exchange.engine.outside import Outside
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.settlement import Settlement
from quorate.exchange.engine.specs import VenueRules
from quorate.exchange.engine.words import Refusal, Status, Trading, Why

Listener = Callable[[Sequence[facts.Event]], None]


class Floor:
    """Markets, accounts and whoever listens. Listeners get the facts of each operation at its end, in order.

    They must not call operations themselves.
    """

    def __init__(self, rules: VenueRules, *, at_ms: int) -> None:
        self.rules = rules
        self.now_ms = at_ms
        self.listings: dict[str, Listing] = {}
        self.accounts: dict[str, Account] = {}
        self._events: list[facts.Event] = []
        self._listeners: list[Listener] = []
        self._delivering = False
        terms = self.rules.margin
        self.margin = MarginLedger(terms) if terms is not None else None
        """Positions and their margin; None where coins are traded."""
        self._ledger: Settlement = self.margin or Ledger(discount_ppm=self.rules.fee_asset_discount_ppm)
        self._matcher = Matcher(self._ledger, self._events.append)
        self._outside = Outside(self._ledger.outside, self._matcher)
        self._admission = Admission(self._ledger, self.rules)
        self._clearing: Clearing | None = None
        if self.margin is not None:
            parts = (self.margin, self._matcher, self._outside)
            self._clearing = Clearing(*parts, self.listings, take=self._take, emit=self._events.append)
        self._expiries: list[tuple[int, int, Order]] = []
        self._last_order_id = 0
        self._last_pair_id = 0

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Tell `listener` the facts of each operation from now on; the answer ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def listing(self, symbol: str) -> Listing:
        """A market. Errors: UNKNOWN_MARKET, also where it was delisted."""
        found = self.listings.get(symbol)
        if found is None or found.trading is Trading.DELISTED:
            raise OrderRefused(Refusal.UNKNOWN_MARKET, symbol)
        return found

    def atoms(self, asset: str, amount: Decimal) -> int:
        """An amount of an asset in its smallest unit; a fraction of that is dropped."""
        return int(amount.scaleb(self.rules.decimals_of(asset)))

    def amount(self, asset: str, atoms: int) -> Decimal:
        """So many of an asset's smallest unit as an amount."""
        return Decimal(atoms).scaleb(-self.rules.decimals_of(asset))

    def order(self, account: str, order_id: int) -> Order | None:
        """An order of an account by its id, open or remembered."""
        owner = self.accounts.get(account)
        return owner.orders.get(order_id) if owner else None

    def order_by_client_id(self, account: str, symbol: str, client_id: str) -> Order | None:
        """The newest order of an account with this client order id, open or remembered."""
        owner = self.accounts.get(account)
        return owner.clients.get(symbol, {}).get(client_id) if owner else None

    def open_orders(self, account: str, symbol: str | None = None) -> list[Order]:
        """Open orders of an account, oldest first."""
        orders = self._account(account).open.values()
        return [order for order in orders if symbol is None or order.symbol == symbol]

    def totals(self) -> dict[str, int]:
        """The sum of every asset over clients, the outside market and the venue's fees: only `move` changes it."""
        return self._ledger.sums(self.accounts.values())

    def _begin(self, at_ms: int) -> None:
        assert not self._delivering, "a listener must not call operations of the engine"
        self.now_ms = max(self.now_ms, at_ms)
        if not self._expiries and not self._events:
            return
        expiries = self._expiries
        while expiries and (expiries[0][0] <= self.now_ms or not expiries[0][2].open):
            _, _, order = heappop(expiries)
            if order.open:
                self._matcher.end(self.listings[order.symbol], order, Status.EXPIRED, Why.TIME, self.now_ms)
        if self._events:
            self._end()

    def _end(self, more: Sequence[facts.Event] = ()) -> None:
        events = self._events
        if more:
            events.extend(more)
        if self._clearing is not None:
            self._clearing.clear(self.accounts.values(), self.now_ms)
        if self._ledger.touched:
            events.extend(self._ledger.take_changes(self.now_ms))
        if not events:
            return
        told = events[:]
        events.clear()
        self._delivering = True
        try:
            for listener in self._listeners[:]:
                listener(told)
        finally:
            self._delivering = False

    def _account(self, name: str) -> Account:
        found = self.accounts.get(name)
        if found is None:
            raise OrderRefused(Refusal.UNKNOWN_ACCOUNT, name)
        return found

    def _take(self, order: Order) -> None:
        """Enter an admitted order, whose money is set aside, under the next id."""
        order.id = self._last_order_id = self._last_order_id + 1
        account = order.account
        account.remember(order)
        if order.waiting:
            account.count(order.symbol)[1] += 1
        if order.asked.expires_ms:
            heappush(self._expiries, (order.asked.expires_ms, order.id, order))
        self._events.append(facts.OrderAccepted(order, self.now_ms))
