"""A market: what is traded, in which steps, at which cost.

The desk's arithmetic runs on integers: a price is a number of ticks, a quantity a number of lots. A `Market` is the
only place that knows how these turn into Decimal amounts and back.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from enum import StrEnum


class MarketKind(StrEnum):
    """Whether a position is the coin itself or a perpetual contract on it."""

    SPOT = "spot"
    PERP = "perp"


def symbol_of(pair: str) -> str:
    """The exchange symbol of a pair: "BTC/USDT" -> "BTCUSDT"."""
    return pair.partition(":")[0].replace("/", "")


@dataclass(frozen=True, slots=True)
class Market:
    """One tradable pair with its steps, minimum and modelled costs.

    `tick` is the price step and `lot` the quantity step, both exact. `estimated` names the fields that no venue gave
    and a model supplied (for recorded candles: tick, lot, spread ...); results made with them say so.
    """

    pair: str
    tick: Decimal
    lot: Decimal
    min_notional: Decimal
    spread_ppm: int
    """Modelled full spread, in parts per million of the price."""
    estimated: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Steps above one are kept without an exponent: everything computed with them is then told in plain digits."""
        for name in ("tick", "lot", "min_notional"):
            step: Decimal = getattr(self, name)
            object.__setattr__(self, name, step + Decimal(0) if step.as_tuple().exponent else step)

    @property
    def symbol(self) -> str:
        """The pair without separators, as exchanges and our Redis keys spell it."""
        return symbol_of(self.pair)

    @property
    def base(self) -> str:
        """The coin that is bought or sold."""
        return self.pair.partition("/")[0]

    @property
    def quote(self) -> str:
        """The currency in which prices and profits are told."""
        return self.pair.partition("/")[2].partition(":")[0]

    def price(self, ticks: int) -> Decimal:
        """The price that `ticks` stands for."""
        return ticks * self.tick

    def quantity(self, lots: int) -> Decimal:
        """The quantity that `lots` stands for, in base units."""
        return lots * self.lot

    def ticks_nearest(self, price: Decimal) -> int:
        """The nearest price in ticks; a tie goes to the even tick."""
        return int((price / self.tick).to_integral_value(ROUND_HALF_EVEN))

    def ticks_floor(self, price: Decimal) -> int:
        """The highest price in ticks that is not above `price`."""
        return int((price / self.tick).to_integral_value(ROUND_FLOOR))

    def ticks_ceil(self, price: Decimal) -> int:
        """The lowest price in ticks that is not below `price`."""
        return int((price / self.tick).to_integral_value(ROUND_CEILING))

    def lots_floor(self, quantity: Decimal) -> int:
        """The largest number of lots that is not above `quantity`: risk is never rounded up."""
        return int((quantity / self.lot).to_integral_value(ROUND_FLOOR))

    def notional(self, ticks: int, lots: int) -> Decimal:
        """Value of `lots` at a price of `ticks`, in quote units, exact."""
        return ticks * self.tick * (lots * self.lot)
