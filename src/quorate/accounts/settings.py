"""The venue of live trading, as its owner sets it. Plain values; settings.py reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

VenueName = Literal["kraken", "binance", "binanceusdm"]
TITLES: Mapping[VenueName, str] = {"kraken": "Kraken", "binance": "Binance", "binanceusdm": "Binance perpetuals"}
"""What people call them."""
PERPETUALS: frozenset[str] = frozenset({"binanceusdm"})
"""Venues of perpetual contracts; the others trade coins themselves."""
FEEDS: Mapping[str, tuple[str, ...]] = {
    "kraken": ("kraken",),
    "binance": ("binance",),
    "binanceusdm": ("binanceusdm", "binance"),
}
"""Exchanges whose prices are those of a venue: a live desk decides on no others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVenueSettings:
    """Where live orders go, with which key, for which portfolio. Read with mode = "live", and by `quorate panic`."""

    __pydantic_config__ = {"extra": "forbid"}

    name: VenueName | None = None
    """kraken or binance for spot, binanceusdm for Binance's perpetuals settled in dollars."""
    key: str | None = None
    """Name of the key in the sealed file, as `quorate keys add` was told it. Never the key itself."""
    portfolio: str | None = None
    """The one of desk.portfolios that is bound to this account."""
    testnet: bool = False
    """The venue's own test network, where it has one."""
    urls: Mapping[str, object] = field(default_factory=dict[str, object])
    """Laid over the venue's own `urls` in ccxt: to reach an exchange on this machine."""
    stake: Decimal = Decimal(100)
    """What one canary may have in play, in quote units: positions and orders together (docs/promotion.md)."""
    cool_down_hours: int = 24
    """How long a loosened limit waits after the second factor allowed it."""
    skew_ms_max: int = 2_000
    """How far this machine's clock may be from the venue's before nothing new is opened."""
    kraken_tier: Literal["starter", "intermediate", "pro"] = "starter"
    """The account's verification at Kraken, which sets how often it may be asked."""
