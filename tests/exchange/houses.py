"""Small exchanges for tests: one market, a few accounts, whole numbers that a reader can follow."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from quorate.exchange import (
    Engine,
    Event,
    Fees,
    Filters,
    Kind,
    MarketSpec,
    NewOrder,
    Side,
    VenueRules,
)

NO_FEES = Fees(maker_ppm=0, taker_ppm=0)
WHOLE = Decimal(1)


def coin_market(*, filters: Filters | None = None, fees: Fees = NO_FEES, symbol: str = "COINCASH") -> MarketSpec:
    """A market in which a tick is one unit of cash and a lot one coin."""
    open_filters = Filters(orders_max=0, triggers_max=0)
    return MarketSpec(
        symbol=symbol, base="COIN", quote="CASH", tick=WHOLE, lot=WHOLE, filters=filters or open_filters, fees=fees
    )


def coin_engine(
    *accounts: str, filters: Filters | None = None, fees: Fees = NO_FEES, decimals: int = 0, **rules: Any
) -> Engine:
    """An exchange with that market; each account holds 1,000 coins and 1,000,000 cash."""
    engine = Engine([coin_market(filters=filters, fees=fees)], rules=VenueRules(default_decimals=decimals, **rules))
    for name in accounts or ("ann", "bob"):
        engine.open_account(name, {"COIN": Decimal(1_000), "CASH": Decimal(1_000_000)})
    return engine


def limit(account: str, side: Side, ticks: int, lots: int, **more: Any) -> NewOrder:
    """A limit order in the coin market."""
    return NewOrder(account=account, symbol="COINCASH", side=side, kind=Kind.LIMIT, ticks=ticks, lots=lots, **more)


def order(account: str, side: Side, kind: Kind, **more: Any) -> NewOrder:
    """An order of any kind in the coin market."""
    return NewOrder(account=account, symbol="COINCASH", side=side, kind=kind, **more)


def money(engine: Engine, account: str) -> tuple[int, int, int, int]:
    """Free and locked coins, free and locked cash."""
    coins, cash = (engine.accounts[account].balance(asset) for asset in ("COIN", "CASH"))
    return coins.free, coins.locked, cash.free, cash.locked


class Told:
    """Keeps what an engine tells."""

    def __init__(self, engine: Engine) -> None:
        self.events: list[Event] = []
        engine.listen(self._take)

    def _take(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def of(self, *kinds: type) -> list[Any]:
        """Facts of these kinds, in order."""
        return [event for event in self.events if isinstance(event, kinds)]
