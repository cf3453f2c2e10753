"""A pair as Kraken lists it, and how it becomes a market of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from quorate.exchange import Fees, Filters, MarketSpec, VenueRules
from quorate.exchange.kraken import names
from quorate.exchange.kraken.errors import KrakenRefusal

COIN_DECIMALS, FIAT_DECIMALS = 10, 5
"""Decimals of the smallest unit that balances are kept in."""
ORDERS_MAX = 225
"""Open orders of one account in one pair, as for Kraken's highest tier."""
LISTED_MAX = 10_000


def decimals_of(asset: str) -> int:
    """Decimals of the smallest unit of an asset: what balances, costs and fees are told with."""
    return FIAT_DECIMALS if asset in names.FIAT else COIN_DECIMALS


def kraken_rules(assets: Iterable[str]) -> VenueRules:
    """The engine's rules for an exchange of this kind with these assets."""
    return VenueRules(trigger_at_once=True, decimals={asset: decimals_of(asset) for asset in assets})


@dataclass(frozen=True, slots=True, kw_only=True)
class KrakenPair:
    """One pair by the plain names of its assets. Prices step by `tick_size`, by default the last of their decimals."""

    base: str
    quote: str
    price_decimals: int
    lot_decimals: int = 8
    order_min: Decimal = Decimal("0.0001")
    cost_min: Decimal = Decimal("0.5")
    tick_size: Decimal | None = None
    fees: Fees = field(default_factory=lambda: Fees(maker_ppm=2_500, taker_ppm=4_000))

    def __post_init__(self) -> None:
        """Quantities cannot be finer than the smallest unit of what is traded: fewer decimals for currencies."""
        object.__setattr__(self, "lot_decimals", min(self.lot_decimals, decimals_of(self.base)))

    @property
    def symbol(self) -> str:
        """In WebSocket v2, and of the engine's market: "BTC/USD"."""
        return f"{self.base}/{self.quote}"

    @property
    def id(self) -> str:
        """The key of REST answers: "XXBTZUSD"."""
        return names.pair_id(self.base, self.quote)

    @property
    def altname(self) -> str:
        """In orders: "XBTUSD"."""
        return names.pair_altname(self.base, self.quote)

    @property
    def wsname(self) -> str:
        """ "XBT/USD"."""
        return f"{names.asset_altname(self.base)}/{names.asset_altname(self.quote)}"

    @property
    def step(self) -> Decimal:
        """The price step."""
        return self.tick_size or Decimal(1).scaleb(-self.price_decimals)

    @property
    def cost_decimals(self) -> int:
        """Decimals of costs and fees."""
        return decimals_of(self.quote)

    def spec(self) -> MarketSpec:
        """The pair as a market of the engine, its grid at the pair's decimals: grid units are what checksums hold."""
        tick, lot = Decimal(1).scaleb(-self.price_decimals), Decimal(1).scaleb(-self.lot_decimals)
        filters = Filters(
            price_step=int(self.step / tick),
            lots_min=max(1, int(self.order_min / lot)),
            notional_min=int(self.cost_min.scaleb(self.cost_decimals)),
            orders_max=ORDERS_MAX,
            triggers_max=0,
        )
        return MarketSpec(
            symbol=self.symbol, base=self.base, quote=self.quote, tick=tick, lot=lot, filters=filters, fees=self.fees
        )


class PairTable:
    """Every listed pair, found by any of its names."""

    def __init__(self, pairs: Iterable[KrakenPair]) -> None:
        self._by_symbol = {pair.symbol: pair for pair in pairs}
        self._by_name = {
            name: pair
            for pair in self._by_symbol.values()
            for name in (pair.symbol, pair.id, pair.altname, pair.wsname, pair.base + pair.quote)
        }
        assert len(self._by_symbol) <= LISTED_MAX, "too many pairs"
        self._numbers = {symbol: number for number, symbol in enumerate(self._by_symbol)}

    def __iter__(self) -> Iterator[KrakenPair]:
        return iter(self._by_symbol.values())

    @property
    def assets(self) -> list[str]:
        """Plain names of all assets, sorted."""
        return sorted({asset for pair in self for asset in (pair.base, pair.quote)})

    def named(self, name: str) -> KrakenPair:
        """The pair that some spelling means. Errors: EQuery:Unknown asset pair."""
        found = self._by_name.get(name.strip())
        if found is None:
            raise KrakenRefusal("EQuery:Unknown asset pair")
        return found

    def of(self, symbol: str) -> KrakenPair:
        """The pair of one of our markets."""
        return self._by_symbol[symbol]

    def streamed(self, symbol: object) -> KrakenPair | None:
        """The pair that WebSocket v2 calls so; None for what it does not know."""
        return self._by_symbol.get(symbol) if isinstance(symbol, str) else None

    def number(self, symbol: str) -> int:
        """A small number that stands for the market in trade ids."""
        return self._numbers[symbol]

    def by_number(self, number: int) -> KrakenPair | None:
        """The pair that such a number stands for."""
        symbols = list(self._by_symbol)
        return self._by_symbol[symbols[number]] if number < len(symbols) else None
