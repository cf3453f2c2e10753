"""Makes what keeps the books of a venue up to date over the network: for the desk whose orders go there."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from quorate.domain.errors import Unavailable
from quorate.venues.books.binance import DECIMALS
from quorate.venues.books.following import BookFollower, BookMarket, binance_books, kraken_books, kraken_dialect
from quorate.venues.books.places import BookPlace
from quorate.venues.ccxt.listing import Listing
from quorate.venues.ccxt.stream import Dial
from quorate.venues.ccxt.transport import HttpRequest, Transport, Unanswered, Unsent

KRAKEN_DEPTH = 1_000
"""Levels per side that Kraken keeps up to date for us: as deep as it goes, so that depth is not counted too small."""
SNAPSHOT_LEVELS = 500
"""Levels per side of Binance's snapshots: 25 of its 6,000 units of weight a minute (perpetuals: 10 of 2,400)."""
SNAPSHOT_S = 10.0
SNAPSHOTS_AT_ONCE = 4
SNAPSHOT_PAUSE_S = 0.1
"""After each: what many books ask for at once has to leave room for orders under the rate limit."""
BUSY = frozenset({418, 429})
BUSY_S, BUSY_S_MAX = 10.0, 300.0
"""How long nothing is asked after the venue wants to be left alone, where it does not say, and at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What books are kept with: sockets, requests, the clock, and chance for waits not in step with others."""

    dial: Dial
    transport: Transport
    now_ms: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]


def book_market(listing: Listing, place: BookPlace) -> BookMarket:
    """A market as it is streamed. Kraken's second stream names coins as we do, the rest of Kraken does not."""
    numbered = place.numbering is not None
    return BookMarket(
        pair=listing.pair,
        symbol=listing.symbol if numbered else listing.pair,
        price_decimals=DECIMALS if numbered else _decimals(listing.tick),
        quantity_decimals=DECIMALS if numbered else _decimals(listing.lot),
    )


def _decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    assert isinstance(exponent, int), "a step is a number"
    return max(0, -exponent)


def open_books(place: BookPlace, markets: Iterable[BookMarket], means: Means) -> BookFollower[Any]:
    """Follows these books once it is told to (`follow`)."""
    if place.numbering is None:
        shelf = kraken_books(markets, depth=KRAKEN_DEPTH, at_ms=means.now_ms())
        return _follower(shelf, kraken_dialect(place.stream, depth=KRAKEN_DEPTH), means)
    shelf, dialect = binance_books(
        markets,
        numbering=place.numbering,
        address=place.stream,
        ask=Snapshots(place.depth, means).ask,
        now_ms=means.now_ms,
    )
    return _follower(shelf, dialect, means)


def _follower(shelf: Any, dialect: Any, means: Means) -> BookFollower[Any]:
    return BookFollower(shelf, dialect, dial=means.dial, now_ms=means.now_ms, sleep=means.sleep, chance=means.chance)


class Snapshots:
    """Asks for snapshots by REST, few at once, and not at all while the venue wants to be left alone."""

    def __init__(self, address: str, means: Means) -> None:
        self._address = address
        self._means = means
        self._turns = asyncio.Semaphore(SNAPSHOTS_AT_ONCE)
        self._quiet_until_ms = 0

    async def ask(self, symbol: str) -> bytes:
        """The venue's answer. Errors: Unavailable."""
        async with self._turns:
            if self._means.now_ms() < self._quiet_until_ms:
                raise Unavailable("The venue wants to be left alone.", hint="It is asked again later.")
            query = urlencode({"symbol": symbol, "limit": SNAPSHOT_LEVELS})
            request = HttpRequest("GET", f"{self._address}?{query}", {}, None)
            try:
                answer = await self._means.transport.send(request, deadline_s=SNAPSHOT_S)
            except (Unsent, Unanswered) as error:
                raise Unavailable(f"No snapshot of {symbol}: {error}.", hint="It is asked for again.") from error
            if answer.status in BUSY:
                self._quiet_until_ms = self._means.now_ms() + round(1_000 * _wait_s(answer.headers))
            if answer.status >= 300:
                raise Unavailable(f"No snapshot of {symbol}: status {answer.status}.", hint="It is asked for again.")
            await self._means.sleep(SNAPSHOT_PAUSE_S)
        return answer.text.encode()


def _wait_s(headers: Mapping[str, str]) -> float:
    told = headers.get("retry-after", "")
    return min(float(told), BUSY_S_MAX) if told.isdigit() else BUSY_S
