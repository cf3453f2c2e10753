"""The exchange behind both of Kraken's doors: its engine, pairs, keys, counters, history and dead-man switches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from quorate.exchange import Engine, Event, LevelChanged, Listing, Order, OrderRefused, Refusal, Traded, Trading, Why
from quorate.exchange.kraken.asking import note_of
from quorate.exchange.kraken.errors import CLOSED, UNKNOWN_ORDER, KrakenRefusal
from quorate.exchange.kraken.history import History
from quorate.exchange.kraken.ids import order_number
from quorate.exchange.kraken.keys import ApiKey, KeyRing
from quorate.exchange.kraken.pairs import KrakenPair, PairTable, kraken_rules
from quorate.exchange.kraken.rates import RateLimits, Rates
from quorate.exchange.kraken.telling import Teller

__all__ = ["KrakenExchange", "kraken_rules"]

SWITCH_S_MAX = 86_400
"""Longest time that a dead-man switch can be wound up for."""
Clock = Callable[[], int]
Hearer = Callable[[Sequence[Event]], None]


class KrakenExchange:
    """One exchange of Kraken's kind. `clock` gives UTC milliseconds; nothing else tells the time.

    Its markets are those of `engine`, which is made here unless one is handed in that lists `pairs` already.
    """

    def __init__(
        self,
        pairs: Iterable[KrakenPair],
        keys: Iterable[ApiKey],
        *,
        clock: Clock,
        limits: RateLimits | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.pairs = PairTable(pairs)
        self.clock = clock
        rules = kraken_rules(self.pairs.assets)
        self.engine = engine or Engine([pair.spec() for pair in self.pairs], rules=rules, at_ms=clock())
        self.keys = KeyRing(keys)
        self.rates = Rates(limits or RateLimits())
        self.teller = Teller(self.engine, self.pairs)
        self.history = {pair.symbol: History() for pair in self.pairs}
        self._switches: dict[str, int] = {}
        self._hearers: list[Hearer] = []
        self.engine.listen(self._hear)

    def listen(self, hearer: Hearer) -> Callable[[], None]:
        """Tell `hearer` what happens in the engine, after the history has it; the answer ends that."""
        self._hearers.append(hearer)
        return lambda: self._hearers.remove(hearer)

    def now_ms(self) -> int:
        """The time, with everything done that was due by it."""
        at_ms = self.clock()
        self.turn(at_ms)
        return at_ms

    def turn(self, at_ms: int) -> None:
        """Let time pass: orders expire, and dead-man switches that ran out cancel everything, stops too."""
        self.engine.advance(at_ms)
        for account, due_ms in list(self._switches.items()):
            if due_ms <= at_ms:
                del self._switches[account]
                self.engine.cancel_all(account, at_ms=at_ms, why=Why.ALL_ASKED)

    def wind(self, account: str, timeout_s: int, at_ms: int) -> int:
        """Wind up the dead-man switch of an account, or switch it off with 0; gives when it is due, 0 for never."""
        if not timeout_s:
            self._switches.pop(account, None)
            return 0
        self._switches[account] = due_ms = at_ms + timeout_s * 1000
        return due_ms

    def listing(self, pair: KrakenPair) -> Listing:
        """The market of a pair. Errors: EQuery:Unknown asset pair where it was delisted."""
        return self.engine.listing(pair.symbol)

    @property
    def system(self) -> str:
        """The state of the whole exchange: what the freest of its markets still allows."""
        states = {listing.trading for listing in self.engine.listings.values()}
        for trading, word in (
            (Trading.OPEN, "online"),
            (Trading.LIMIT_ONLY, "limit_only"),
            (Trading.POST_ONLY, "post_only"),
            (Trading.CANCEL_ONLY, "cancel_only"),
        ):
            if trading in states:
                return word
        return "maintenance"

    def refuse_in_maintenance(self) -> None:
        """Errors: EService:Unavailable while the whole exchange is down."""
        if self.system == "maintenance":
            raise KrakenRefusal(CLOSED[Trading.HALTED.value])

    def orders_meant(self, account: str, told: str) -> list[Order]:
        """Open orders that a txid or a userref means. Errors: EOrder:Unknown order where there is none."""
        number = order_number(told)
        if number is not None:
            order = self.engine.order(account, number)
            if order is None or not order.open:
                raise KrakenRefusal(UNKNOWN_ORDER)
            return [order]
        if not told.lstrip("-").isdigit():
            raise KrakenRefusal("EOrder:Invalid order")
        found = [order for order in self.engine.open_orders(account) if note_of(order).userref == int(told)]
        if not found:
            raise KrakenRefusal(UNKNOWN_ORDER)
        return found

    def order_of_client(self, account: str, client_id: str) -> Order:
        """The open order with a client's own id. Errors: EOrder:Unknown order."""
        for pair in self.pairs:
            order = self.engine.order_by_client_id(account, pair.symbol, client_id)
            if order is not None and order.open:
                return order
        raise KrakenRefusal(UNKNOWN_ORDER)

    def client_id_is_free(self, account: str, client_id: str) -> bool:
        """Whether no open order of the account, in whatever pair, has this id."""
        orders = self.engine.accounts[account].open.values()
        return not client_id or all(order.asked.client_id != client_id for order in orders)

    def cancel(self, account: str, orders: Iterable[Order], at_ms: int) -> int:
        """Cancel orders of an account, and count what that costs; gives how many ended."""
        ended = 0
        for order in orders:
            self.rates.cancel(account, order.symbol, age_ms=at_ms - order.created_ms, at_ms=at_ms)
            if self.engine.listings[order.symbol].trading is Trading.HALTED:
                raise OrderRefused(Refusal.MARKET_CLOSED, Trading.HALTED.value)
            if order.open:
                self.engine.cancel(order, at_ms=at_ms)
                ended += 1
        return ended

    def deposit(self, account: str, asset: str, amount: Decimal, at_ms: int) -> None:
        """Money from outside, or back to it."""
        self.engine.move(account, asset, amount, at_ms=at_ms)

    def _hear(self, events: Sequence[Event]) -> None:
        quoted: dict[str, int] = {}
        for event in events:
            if isinstance(event, Traded):
                self.history[event.trade.symbol].traded(event.trade)
            elif isinstance(event, LevelChanged):
                quoted[event.symbol] = event.at_ms
        for symbol, at_ms in quoted.items():
            listing = self.engine.listings[symbol]
            self.history[symbol].quoted(listing.bids.best_ticks() or 0, listing.asks.best_ticks() or 0, at_ms)
        for hearer in tuple(self._hearers):
            hearer(events)
