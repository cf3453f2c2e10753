"""An accepted order and a trade: what the engine keeps, and what protocols read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from quorate.exchange.engine.words import TRIGGERED_KINDS, Side, Status, Why

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.specs import NewOrder


@dataclass(slots=True, eq=False)
class Order:
    """One accepted order. Only the engine changes it; everybody else reads.

    `lots` and `ticks` are what the order asks for now: an amendment changes them, `asked` keeps the first request.
    `ticks` of a market order is 0.
    """

    id: int
    asked: NewOrder
    account: Account
    side: Side
    ticks: int
    lots: int
    created_ms: int
    updated_ms: int
    left: int
    """Lots that are neither filled nor taken away."""
    stop_ticks: int = 0
    status: Status = Status.NEW
    open: bool = True
    """Whether it can still trade: its status says so too."""
    why: Why | None = None
    """Why it ended, where it was not filled whole."""
    filled_lots: int = 0
    filled_atoms: int = 0
    """Value of all fills, in atoms of the quote."""
    locked: int = 0
    """Atoms of the asset it gives that are set aside for it."""
    pair: OrderPair | None = None
    waiting: bool = False
    """It has a trigger that has not fired."""
    triggered_ms: int = 0
    resting: bool = False
    """It stands in the book."""
    best_ticks: int = 0
    """Best price since a trailing order began to trail; 0 before that."""
    prevented_lots: int = 0
    """Quantity taken away by self-trade prevention."""
    fee_asset: str = ""
    fee_atoms: int = 0
    """What it has paid in fees in this asset, the first that it paid any in."""
    other_fees: dict[str, int] | None = None
    """What it has paid in others."""

    @property
    def fees(self) -> dict[str, int]:
        """Fees paid so far: asset to atoms."""
        paid = {self.fee_asset: self.fee_atoms} if self.fee_asset else {}
        return paid | (self.other_fees or {})

    def add_fee(self, asset: str, atoms: int) -> None:
        """Enter a fee that was paid, or, below zero, given back."""
        if self.fee_asset in ("", asset):
            self.fee_asset = asset
            self.fee_atoms += atoms
            return
        if self.other_fees is None:
            self.other_fees = {}
        self.other_fees[asset] = self.other_fees.get(asset, 0) + atoms

    def count_left(self) -> None:
        """Bring `left` up to date after one of the quantities has changed."""
        self.left = self.lots - self.filled_lots - self.prevented_lots

    @property
    def symbol(self) -> str:
        """Its market."""
        return self.asked.symbol

    @property
    def sign(self) -> int:
        """1 for one that buys, -1 for one that sells."""
        return 1 if self.side is Side.BUY else -1

    @property
    def has_trigger(self) -> bool:
        """Whether its kind waits for a price."""
        return self.asked.kind in TRIGGERED_KINDS


@dataclass(slots=True, eq=False)
class OrderPair:
    """Two orders of which one cancels the other."""

    id: int
    client_id: str
    above: Order
    below: Order
    created_ms: int
    done: bool = False

    @property
    def legs(self) -> tuple[Order, Order]:
        """Both orders; the one with the higher price first."""
        return self.above, self.below

    def other(self, leg: Order) -> Order:
        """The order that `leg` cancels."""
        return self.below if leg is self.above else self.above


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One trade between two orders. Fields of the outside market are empty or 0."""

    id: int
    """Counts up from 1 in each market."""
    symbol: str
    ticks: int
    lots: int
    atoms: int
    """Value in atoms of the quote."""
    at_ms: int
    taker_side: Side
    maker_order: int
    taker_order: int
    maker_account: str
    taker_account: str
    maker_fee_asset: str
    maker_fee: int
    maker_profit: int
    """What the maker's fill realised; only where contracts are traded."""
    taker_fee_asset: str
    taker_fee: int
    taker_profit: int

    def charge(self, *, is_maker: bool) -> tuple[str, int, int]:
        """What one side came to: see `Charge`."""
        if is_maker:
            return self.maker_fee_asset, self.maker_fee, self.maker_profit
        return self.taker_fee_asset, self.taker_fee, self.taker_profit

    @property
    def buyer_is_maker(self) -> bool:
        """Whether the resting order bought."""
        return self.taker_side is Side.SELL
