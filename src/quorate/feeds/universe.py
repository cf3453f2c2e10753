"""Which pairs of an exchange are worth trading: the most traded ones that are neither exotic, coarse nor brand new."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

DAY_MS = 86_400_000
STABLE_COINS = frozenset(
    {
        "USDT",
        "USDC",
        "FDUSD",
        "TUSD",
        "BUSD",
        "DAI",
        "USDP",
        "USD1",
        "USDE",
        "PYUSD",
        "USTC",
        "USDD",
        "GUSD",
        "EUR",
        "EURI",
        "EURT",
        "EURC",
        "AEUR",
        "GBP",
        "TRY",
        "BRL",
        "AUD",
        "JPY",
        "XUSD",
    }
)
"""Bases that follow a currency: nothing to trade there."""
LEVERAGED = re.compile(r"(.+)(UP|DOWN|BULL|BEAR|\d+[LS])")
LEVERAGED_FALSELY = frozenset({"JUP", "SYRUP"})
"""Coins whose names only look like those of leveraged tokens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseRules:
    """What is let in. Spread and tick are full widths in basis points of the price."""

    size: int = 80
    quotes: tuple[str, ...] = ("USDT", "USD", "USDC", "EUR")
    """Quote currencies in order of preference: the first one with enough pairs, else the one with most, is used."""
    spread_bps_max: float = 30.0
    tick_bps_max: float = 30.0
    age_days_min: int = 30
    """Applies where the exchange tells when a market began."""
    blacklist: tuple[str, ...] = ()
    """Pairs or coins."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One market as an exchange lists it: what the choice depends on. None where the exchange does not tell."""

    pair: str
    spot: bool
    active: bool
    tick: Decimal | None
    listed_ms: int | None
    last: float | None
    bid: float | None
    ask: float | None
    quote_volume: float | None
    """Traded in 24 h, in the quote currency."""

    @property
    def base(self) -> str:
        """The coin."""
        return self.pair.partition("/")[0]

    @property
    def quote(self) -> str:
        """The currency it is priced in."""
        return self.pair.partition("/")[2].partition(":")[0]


def choose(listings: Iterable[Listing], rules: UniverseRules, *, now_ms: int) -> list[str]:
    """The pairs to trade, sorted by name: the `size` most traded ones that pass every filter."""
    passing = [listing for listing in listings if _fault(listing, rules, now_ms) is None]
    by_quote = {quote: [listing for listing in passing if listing.quote == quote] for quote in rules.quotes}
    enough = [found for found in by_quote.values() if len(found) >= rules.size]
    none: list[Listing] = []
    chosen = enough[0] if enough else max(by_quote.values(), key=len, default=none)
    ranked = sorted(chosen, key=lambda listing: (-(listing.quote_volume or 0.0), listing.pair))
    return sorted(listing.pair for listing in ranked[: rules.size])


def _fault(listing: Listing, rules: UniverseRules, now_ms: int) -> str | None:
    """Why a market is left out; None when it is let in."""
    base = listing.base
    if not listing.spot or not listing.active:
        return "not an active spot market"
    if base in STABLE_COINS or base == listing.quote:
        return "follows a currency"
    if LEVERAGED.fullmatch(base) and base not in LEVERAGED_FALSELY:
        return "a leveraged token"
    if listing.pair in rules.blacklist or base in rules.blacklist:
        return "on the blacklist"
    if not listing.last or not listing.quote_volume:
        return "not traded"
    if listing.tick is None or float(listing.tick) / listing.last * 10_000 > rules.tick_bps_max:
        return "too coarse a tick"
    if listing.bid and listing.ask and (listing.ask - listing.bid) / listing.last * 10_000 > rules.spread_bps_max:
        return "too wide a spread"
    if listing.listed_ms is not None and now_ms - listing.listed_ms < rules.age_days_min * DAY_MS:
        return "too young"
    return None
