"""What the engine tells whoever listens: facts in the order in which they happened.

An event carries the figures of its instant, because the order it names may have moved on when it is read.
"""

from __future__ import annotations

import msgspec

from quorate.exchange.engine.orders import Order, OrderPair, Trade
from quorate.exchange.engine.words import Side, Status, Trading, Why


class OrderAccepted(msgspec.Struct, frozen=True, gc=False):
    """An order was taken: it may rest, wait for its trigger, or go on to trade in the same instant."""

    order: Order
    at_ms: int


class OrderTriggered(msgspec.Struct, frozen=True, gc=False):
    """The trigger of a waiting order fired: it is now a limit or a market order."""

    order: Order
    at_ms: int


class OrderFilled(msgspec.Struct, frozen=True, gc=False):
    """One fill of a client's order, with the sums after it."""

    order: Order
    trade: Trade
    is_maker: bool
    fee_asset: str
    fee_atoms: int
    status: Status
    filled_lots: int
    filled_atoms: int
    at_ms: int


class OrderAmended(msgspec.Struct, frozen=True, gc=False):
    """An order was given another quantity or price under its own id, by its owner or by self-trade prevention."""

    order: Order
    ticks: int
    lots: int
    at_ms: int


class OrderEnded(msgspec.Struct, frozen=True, gc=False):
    """An order was cancelled or expired; what was filled stays."""

    order: Order
    status: Status
    why: Why
    filled_lots: int
    filled_atoms: int
    at_ms: int


class PairAccepted(msgspec.Struct, frozen=True, gc=False):
    """Two orders were taken of which one cancels the other."""

    pair: OrderPair
    at_ms: int


class PairEnded(msgspec.Struct, frozen=True, gc=False):
    """Neither order of a pair is open any more."""

    pair: OrderPair
    at_ms: int


class BalancesChanged(msgspec.Struct, frozen=True, gc=False):
    """Balances after an operation: (asset, free, locked) in atoms, for each that it touched."""

    account: str
    balances: tuple[tuple[str, int, int], ...]
    at_ms: int


class BalanceMoved(msgspec.Struct, frozen=True, gc=False):
    """A deposit (above 0) or a withdrawal (below 0), in atoms."""

    account: str
    asset: str
    atoms: int
    at_ms: int


class PositionChanged(msgspec.Struct, frozen=True, gc=False):
    """A position after an operation: lots and what they cost, with their sign, and all profits realised so far."""

    account: str
    symbol: str
    lots: int
    cost: int
    realised: int
    at_ms: int


class FundingPaid(msgspec.Struct, frozen=True, gc=False):
    """An account has paid (below 0) or received funding for a position, in atoms of the quote."""

    account: str
    symbol: str
    atoms: int
    at_ms: int


class Cleared(msgspec.Struct, frozen=True, gc=False):
    """After a liquidation: what it cost (below 0), or what the venue has made good (above 0), in atoms of the quote."""

    account: str
    symbol: str
    atoms: int
    at_ms: int


class Marked(msgspec.Struct, frozen=True, gc=False):
    """A market has another mark price."""

    symbol: str
    ticks: int
    at_ms: int


class LevelChanged(msgspec.Struct, frozen=True, gc=False):
    """The book at one price now holds `lots` (0: nothing). `sequence` counts up by one in each market."""

    symbol: str
    side: Side
    ticks: int
    lots: int
    sequence: int
    at_ms: int


class Traded(msgspec.Struct, frozen=True, gc=False):
    """A trade on the public tape."""

    trade: Trade


class TradeBusted(msgspec.Struct, frozen=True, gc=False):
    """A trade was declared void: its money went back."""

    trade: Trade
    at_ms: int


class MarketChanged(msgspec.Struct, frozen=True, gc=False):
    """A market was listed, halted, reopened or delisted, or its filters changed."""

    symbol: str
    trading: Trading
    at_ms: int


Event = (
    OrderAccepted
    | OrderTriggered
    | OrderFilled
    | OrderAmended
    | OrderEnded
    | PairAccepted
    | PairEnded
    | BalancesChanged
    | BalanceMoved
    | PositionChanged
    | FundingPaid
    | Cleared
    | Marked
    | LevelChanged
    | Traded
    | TradeBusted
    | MarketChanged
)
