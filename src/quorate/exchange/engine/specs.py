"""What a market, an account and an order are made of, before anything has happened.

Everything inside the engine is an integer: a price counts grid ticks, a quantity grid lots, money the smallest unit of
its asset ("atoms"). The grid of a market never changes while it lives; the steps its filters ask for are multiples of
it and may change at any time, as they do on real exchanges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from quorate.exchange.engine.words import FeeIn, Kind, SelfTrade, Side, TimeInForce

PPM = 1_000_000
DEFAULT_DECIMALS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a market accepts: prices in grid ticks, quantities in grid lots, values in atoms of the quote.

    A limit of 0 is none.
    """

    price_step: int = 1
    price_min: int = 1
    price_max: int = 0
    lot_step: int = 1
    lots_min: int = 1
    lots_max: int = 0
    market_lots_max: int = 0
    notional_min: int = 0
    notional_max: int = 0
    band_up_ppm: int = 0
    """Highest price of an order, in parts per million of the mean price of the last minutes (5 x is 5,000,000)."""
    band_down_ppm: int = 0
    band_of_mark: bool = False
    """The band is around the mark price, and keeps only bids from being too high and asks from being too low."""
    orders_max: int = 200
    triggers_max: int = 5
    position_lots_max: int = 0
    trail_ppm_min: int = 1_000
    trail_ppm_max: int = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """What trading costs, in parts per million of what is traded."""

    maker_ppm: int = 1_000
    taker_ppm: int = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSpec:
    """A market as it is listed: its two assets, its grid, what it accepts, what it costs."""

    symbol: str
    base: str
    quote: str
    tick: Decimal = Decimal("1e-8")
    """The grid of prices, in quote units: at least as fine as every step that the filters will ever ask for."""
    lot: Decimal = Decimal("1e-8")
    """The grid of quantities, in base units."""
    filters: Filters = field(default_factory=Filters)
    fees: Fees = field(default_factory=Fees)

    def ticks(self, price: Decimal) -> int | None:
        """A price in grid ticks, or None when it lies between two of them or is no number."""
        return _whole(price, self.tick)

    def lots(self, quantity: Decimal) -> int | None:
        """A quantity in grid lots, or None when it lies between two of them or is no number."""
        return _whole(quantity, self.lot)

    def price(self, ticks: int) -> Decimal:
        """The price that `ticks` stands for."""
        return ticks * self.tick

    def quantity(self, lots: int) -> Decimal:
        """The quantity that `lots` stands for."""
        return lots * self.lot


def _whole(value: Decimal, step: Decimal) -> int | None:
    if not value.is_finite() or value.adjusted() > 20:
        return None
    count = value / step
    whole = int(count)
    return whole if whole == count else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """Up to which value of a position which leverage is allowed, and what margin it must never fall below."""

    value_max: int
    """Atoms of the quote; the last bracket's is beyond every position."""
    leverage_max: int
    maintenance_ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginRules:
    """Perpetual contracts: one position per account and market, all margin shared, everything paid in one asset."""

    asset: str
    brackets: tuple[Bracket, ...]
    """From the smallest positions to the largest."""
    leverage: int = 20
    """Of a market for which an account has not chosen."""
    liquidation_fee_ppm: int = 12_500
    """Of the value that is liquidated, as far as the account has money left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRules:
    """What differs between the exchanges that are spoken over this engine."""

    trigger_at_once: bool = False
    """Whether an order whose trigger is already reached is triggered at once; else it is refused."""
    default_decimals: int = DEFAULT_DECIMALS
    decimals: Mapping[str, int] = field(default_factory=dict[str, int])
    """Decimals of the smallest unit of an asset where they are not the default."""
    fee_asset_discount_ppm: int = 250_000
    """How much less a fee costs when it is paid in an account's own fee asset."""
    history_max: int = 100_000
    """Closed orders, and trades, that are remembered per account; the oldest are forgotten first."""
    margin: MarginRules | None = None
    """Where contracts are traded against margin; None is an exchange of coins."""

    def decimals_of(self, asset: str) -> int:
        """Decimals of the smallest unit of an asset."""
        return self.decimals.get(asset, self.default_decimals)


class NewOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order as its account asks for it. Fields that do not belong to its kind are 0.

    A market order has either `lots` or `quote_atoms`: how much of the quote it spends or wants to receive.
    """

    account: str
    symbol: str
    side: Side
    kind: Kind
    lots: int = 0
    quote_atoms: int = 0
    ticks: int = 0
    stop_ticks: int = 0
    """Trigger price; for a trailing order the price from which it trails, 0 is at once."""
    trail_ppm: int = 0
    """A trailing trigger keeps this distance from the best price since, in parts per million of it."""
    trail_ticks: int = 0
    """The same as a fixed distance."""
    limit_offset_ticks: int = 0
    """Limit price of a trailing limit order, relative to its trigger price; used where `ticks` is 0."""
    time_in_force: TimeInForce = TimeInForce.GTC
    expires_ms: int = 0
    """When a resting order expires (UTC); 0 is never."""
    post_only: bool = False
    self_trade: SelfTrade = SelfTrade.ALLOW
    fee_in: FeeIn = FeeIn.RECEIVED
    reduce_only: bool = False
    """It never makes a position larger and never turns one around; only where contracts are traded."""
    close_position: bool = False
    """An order with a trigger that closes whatever the position is once it fires; it has no `lots`."""
    by_mark: bool = False
    """Its trigger waits for the mark price, not for the last one."""
    client_id: str = ""
    """Unique among the open orders of its account and market; empty is none."""
    tag: str = ""
    """Free text for the protocol that took the order; the engine keeps it and does not read it."""


class NewPair(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Two orders of one account, market, side and quantity, of which one cancels the other (OCO)."""

    above: NewOrder
    below: NewOrder
    client_id: str = ""
