"""Accounts and their money, in atoms: what is free, and what open orders have set aside."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.exchange.engine.orders import Order, Trade
    from quorate.exchange.engine.positions import Position
    from quorate.exchange.engine.specs import Fees


@dataclass(slots=True, eq=False)
class Balance:
    """Money of one asset of one account. `locked` belongs to open orders."""

    account: str
    asset: str
    free: int = 0
    locked: int = 0
    touched: bool = False
    """The operation under way has changed it, and nobody has been told yet."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.free + self.locked


@dataclass(slots=True, eq=False)
class Account:
    """One client, or the outside market, which is never short of money and locks none."""

    name: str
    history_max: int
    fees: Fees | None = None
    """Its own rates; None is what each market asks."""
    fee_asset: str | None = None
    """An asset in which it pays its fees as long as it has enough of it."""
    outside: bool = False
    balances: dict[str, Balance] = field(default_factory=dict[str, Balance])
    positions: dict[str, Position] = field(default_factory=dict[str, "Position"])
    """Of contracts, by market."""
    open: dict[int, Order] = field(default_factory=dict[int, "Order"])
    """Open orders by id, oldest first."""
    orders: dict[int, Order] = field(default_factory=dict[int, "Order"])
    """All remembered orders by id, oldest first."""
    clients: dict[str, dict[str, Order]] = field(default_factory=dict[str, "dict[str, Order]"])
    """Newest order of each client order id, by market."""
    closed: deque[int] = field(default_factory=deque[int])
    """Ids of closed orders, oldest first: what is forgotten when there are too many."""
    trades: deque[Trade] = field(init=False)
    purses: dict[str, tuple[Balance, Balance]] = field(default_factory=dict[str, "tuple[Balance, Balance]"])
    """What each market trades: the balances of its base and of its quote. See `purse`."""
    counts: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Open orders of each market, and those among them that wait for a trigger."""

    def balance(self, asset: str) -> Balance:
        """The balance of an asset; an empty one comes into being when it is first asked for."""
        found = self.balances.get(asset)
        if found is None:
            found = self.balances[asset] = Balance(self.name, asset)
        return found

    def __post_init__(self) -> None:
        """The oldest trade is forgotten when there are too many."""
        self.trades = deque(maxlen=self.history_max)

    def purse(self, symbol: str, base: str, quote: str) -> tuple[Balance, Balance]:
        """The balances that a market trades, looked up once."""
        found = self.purses.get(symbol)
        if found is None:
            found = self.purses[symbol] = self.balance(base), self.balance(quote)
        return found

    def count(self, symbol: str) -> list[int]:
        """Open orders in a market, and how many of them wait for a trigger."""
        found = self.counts.get(symbol)
        if found is None:
            found = self.counts[symbol] = [0, 0]
            self.clients[symbol] = {}
        return found

    def remember(self, order: Order) -> None:
        """Enter a new open order in every index."""
        asked = order.asked
        symbol = asked.symbol
        self.orders[order.id] = self.open[order.id] = order
        counts = self.counts
        if symbol in counts:
            counts[symbol][0] += 1
        else:
            counts[symbol] = [1, 0]
            self.clients[symbol] = {}
        if asked.client_id:
            self.clients[symbol][asked.client_id] = order

    def close(self, order: Order) -> None:
        """Take an ended order from the open ones, and forget the oldest closed one when there are too many."""
        closed = self.closed
        del self.open[order.id]
        self.counts[order.asked.symbol][0] -= 1
        closed.append(order.id)
        if len(closed) > self.history_max:
            self._forget(closed.popleft())

    def _forget(self, order_id: int) -> None:
        order = self.orders.pop(order_id)
        asked = order.asked
        known = self.clients[asked.symbol]
        if known.get(asked.client_id) is order:
            del known[asked.client_id]
