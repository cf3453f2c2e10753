"""Makes the venue that a key opens: the one place outside its package that knows how."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from quorate.accounts.panic import QUOTES, Markets, Priced
from quorate.venues.ccxt.connect import RealVenue, connect
from quorate.venues.ccxt.listing import market_of
from quorate.venues.ccxt.settings import VenueSettings

if TYPE_CHECKING:
    from quorate.accounts.settings import LiveVenueSettings
    from quorate.accounts.venue_keys import Credentials
    from quorate.clock import SystemClock

__all__ = ["RealVenue", "open_with_key", "priced"]


async def open_with_key(
    settings: LiveVenueSettings, credentials: Credentials, clock: SystemClock, *, pairs: tuple[str, ...] = ()
) -> RealVenue:
    """The venue of a key; nothing is asked of it yet. Where it answers and how it is spoken to, the settings say.

    Errors: BadInput for a test network that there is not.
    """
    told = VenueSettings(
        exchange=credentials.venue,
        key=credentials.key.reveal(),
        secret=credentials.secret.reveal(),
        pairs=pairs,
        sandbox=settings.testnet,
        urls=settings.urls,
        skew_ms_max=settings.skew_ms_max,
        kraken_tier=settings.kraken_tier,
    )
    return await connect(told, clock=clock, chance=random.random)


async def priced(venue: RealVenue, assets: Collection[str], pairs: Sequence[str]) -> Markets:
    """The markets in which these coins can be sold, with a price of now; those that quote nothing are left out.

    `pairs`: which markets may be used; none: the first of each coin in the order of `QUOTES`. Errors: of every call.
    """
    listed = {listing.pair: listing for listing in await venue.listings()}
    wanted = (
        [pair for pair in pairs if pair.partition("/")[0] in assets and pair in listed and ":" not in pair]
        if pairs
        else [found for asset in assets if asset not in QUOTES and (found := _pair_of(asset, listed)) is not None]
    )
    if not wanted:
        return {}
    quotes = await venue.quotes(wanted)
    return {pair: Priced(market_of(listed[pair], quote), quote.bid) for pair, quote in quotes.items()}


def _pair_of(asset: str, listed: Collection[str]) -> str | None:
    return next((pair for quote in QUOTES if (pair := f"{asset}/{quote}") in listed), None)
