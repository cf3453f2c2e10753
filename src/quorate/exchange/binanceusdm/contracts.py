"""What futures have beyond an engine: the clock of funding, each account's income, and its countdowns."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from quorate.exchange.engine.accounts import Account
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.events import BalanceMoved, Cleared, Event, FundingPaid, OrderFilled
from quorate.exchange.engine.margin import MarginLedger
from quorate.exchange.engine.words import Trading, Why

FUNDING_MS = 8 * 3_600_000
"""Funding is settled at midnight, 08:00 and 16:00 UTC."""
RATE_PPB = 100_000
"""The rate of a contract for which none was set: 0.01 %."""
ROWS_MAX = 10_000
"""Newest rows of income that are kept of an account, and of settlements of a contract."""


@dataclass(frozen=True, slots=True)
class Income:
    """A change of a wallet: why, and by how many atoms."""

    number: int
    symbol: str
    kind: str
    atoms: int
    at_ms: int
    trade_id: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """Funding that was settled: at which rate, at which mark price."""

    at_ms: int
    rate_ppb: int
    mark: int


class Contracts:
    """One exchange's futures. `due` does what has become due, and must be called as time passes."""

    def __init__(self, engine: Engine, *, at_ms: int) -> None:
        assert engine.margin is not None, "futures are traded against margin"
        self.engine = engine
        self.margin: MarginLedger = engine.margin
        self.next_funding_ms = (at_ms // FUNDING_MS + 1) * FUNDING_MS
        self.settled: dict[str, deque[Settlement]] = {}
        self._rates: dict[str, int] = {}
        self._income: dict[str, deque[Income]] = {}
        self._incomes = 0
        self._countdowns: dict[tuple[str, str], int] = {}
        engine.listen(self._hear)

    def account(self, name: str) -> Account:
        """An account that is known to be there."""
        return self.engine.accounts[name]

    def rate_ppb(self, symbol: str) -> int:
        """The rate at which the next settlement will be, in thousand-millionths."""
        return self._rates.get(symbol, RATE_PPB)

    def set_rate(self, symbol: str, rate_ppb: int) -> None:
        """Choose the rate of the settlements to come."""
        self._rates[symbol] = rate_ppb

    def settle(self, symbol: str, *, at_ms: int) -> None:
        """Settle the funding of a contract now."""
        rate, mark = self.rate_ppb(symbol), self.engine.listing(symbol).mark
        self.engine.fund(symbol, rate, at_ms=at_ms)
        self.settled.setdefault(symbol, deque(maxlen=ROWS_MAX)).append(Settlement(at_ms, rate, mark))

    def count_down(self, account: str, symbol: str, *, until_ms: int) -> None:
        """Cancel the account's orders in a market at an instant, unless this is asked again before; 0 calls it off."""
        if until_ms:
            self._countdowns[account, symbol] = until_ms
        else:
            self._countdowns.pop((account, symbol), None)

    def due(self, at_ms: int) -> None:
        """Settle funding and end countdowns whose time has come."""
        for key, until_ms in list(self._countdowns.items()):
            if until_ms <= at_ms:
                del self._countdowns[key]
                self.engine.cancel_all(key[0], symbol=key[1], at_ms=at_ms, why=Why.ALL_ASKED)
        while self.next_funding_ms <= at_ms:
            for symbol, listing in self.engine.listings.items():
                if listing.trading is not Trading.DELISTED and listing.mark:
                    self.settle(symbol, at_ms=self.next_funding_ms)
            self.next_funding_ms += FUNDING_MS

    def income(self, account: str) -> Sequence[Income]:
        """What has changed an account's wallet, oldest first."""
        return self._income.get(account, ())

    def _hear(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, OrderFilled):
                self._filled(event)
            elif isinstance(event, FundingPaid):
                self._enter(event.account, event.symbol, "FUNDING_FEE", event.atoms, event.at_ms)
            elif isinstance(event, Cleared):
                self._enter(event.account, event.symbol, "INSURANCE_CLEAR", event.atoms, event.at_ms)
            elif isinstance(event, BalanceMoved) and event.asset == self.margin.rules.asset:
                self._enter(event.account, "", "TRANSFER", event.atoms, event.at_ms)

    def _filled(self, event: OrderFilled) -> None:
        name, trade = event.order.account.name, event.trade
        profit = profit_of(event)
        if profit:
            self._enter(name, trade.symbol, "REALIZED_PNL", profit, event.at_ms, trade.id)
        if event.fee_atoms:
            self._enter(name, trade.symbol, "COMMISSION", -event.fee_atoms, event.at_ms, trade.id)

    def _enter(self, account: str, symbol: str, kind: str, atoms: int, at_ms: int, trade_id: int = 0) -> None:
        self._incomes += 1
        rows = self._income.setdefault(account, deque(maxlen=ROWS_MAX))
        rows.append(Income(self._incomes, symbol, kind, atoms, at_ms, trade_id))


def profit_of(event: OrderFilled) -> int:
    """The profit that a fill has realised for the account whose order it is, in atoms."""
    return event.trade.charge(is_maker=event.is_maker)[2]
