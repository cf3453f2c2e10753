"""The order books of the venue that a live desk trades at: followed beside it, so that a bad one blocks its pair.

What the desk decides on stays in its journal: a book that goes wrong or comes back is an event, and so is the depth
that a market entry was weighed against. Paper trading has no books.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from loguru import logger

from quorate.desk.book_faults import HOLDS_MS, BookFaults, tell
from quorate.venues.books.opening import Means, book_market, open_books
from quorate.venues.books.places import place_of
from quorate.venues.ccxt.stream import dial
from quorate.venues.ccxt.transport import SocketTransport

if TYPE_CHECKING:
    from contextlib import AsyncExitStack
    from decimal import Decimal

    from quorate.accounts.settings import LiveVenueSettings
    from quorate.clock import SystemClock
    from quorate.desk.state import DeskState
    from quorate.desk.turn import Turn
    from quorate.domain.votes import Action
    from quorate.venues.books.following import BookFollower
    from quorate.venues.books.status import BookStatus
    from quorate.venues.ccxt.listing import Listing

LOOK_S = 1.0
"""How often it is looked what to tell the log."""
WORDS_MAX = 20
"""Most lines of one look; what goes beyond is counted."""


class Acting(Protocol):
    """As much of a worker as it takes to let something happen at its desk."""

    async def act(self, act: Callable[[Turn], object]) -> object:
        """Let something happen in a turn of its own; durable when it returns."""
        ...


class LiveBooks:
    """The books of the pairs that a desk trades; a pair without one stays blocked."""

    def __init__(self, follower: BookFollower[Any], clock: SystemClock, *, missing: Mapping[str, str]) -> None:
        """`missing`: pair -> why no book of it can be followed."""
        self._follower = follower
        self._clock = clock
        self._missing = missing
        self._told = Told()

    def blocked(self) -> Mapping[str, str]:
        """Pair -> why nothing may be opened on it just now: a fault of the last second too, so that none is missed."""
        now_ms, shelf = self._clock.now_ms(), self._follower.shelf
        late = {pair: each for pair, each in shelf.last_faults().items() if now_ms - each.since_ms < HOLDS_MS}
        wrong = {**shelf.blocked(now_ms), **late}
        return {**{pair: _words(status) for pair, status in wrong.items()}, **self._missing}

    def depth(self, pair: str, action: Action, *, within_bps: int) -> Decimal | None:
        """What a market order would find; None where the book is not live."""
        return self._follower.shelf.depth(pair, action, within_bps=within_bps, now_ms=self._clock.now_ms())

    async def close_pairs(self, worker: Acting, state: DeskState) -> None:
        """Nothing is opened before each book is there: told before the desk's first step."""
        changes = BookFaults().changes(state.books_blocked, self.blocked(), now_ms=self._clock.now_ms())
        if changes:
            await worker.act(partial(tell, changes=changes))

    async def run(self) -> None:
        """Follow the books until cancelled, and tell the log what was wrong with them."""
        telling = asyncio.create_task(self._tell(), name="what is wrong with order books")
        try:
            await self._follower.follow()
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _tell(self) -> None:
        while True:
            for line in self._told.news(self._follower):
                logger.warning("{}", line)
            await self._clock.sleep(LOOK_S)


def _words(status: BookStatus) -> str:
    return f"{status.state.value.replace('_', ' ')}: {status.reason}"


class Told:
    """What the log knows of books already."""

    def __init__(self) -> None:
        self._refused = 0
        self._connected = 0
        self._trouble: str | None = None
        self._faults: dict[str, int] = {}

    def news(self, follower: BookFollower[Any]) -> list[str]:
        """Lines on what is new since the last look: connections, faults and frames that were not believed."""
        shelf = follower.shelf
        lines = self._of_connection(follower)
        for pair, fault in sorted(shelf.last_faults().items()):
            if self._faults.get(pair) != fault.since_ms:
                self._faults[pair] = fault.since_ms
                lines.append(f"The order book of {pair} is asked for anew ({_words(fault)}).")
        new, self._refused = shelf.refused - self._refused, shelf.refused
        if new:
            frame = shelf.quarantine[-1]
            lines.append(f"{new} frames of order books were put aside, the last of {frame.symbol}: {frame.reason}")
        return lines if len(lines) <= WORDS_MAX else [*lines[:WORDS_MAX], f"… and {len(lines) - WORDS_MAX} more."]

    def _of_connection(self, follower: BookFollower[Any]) -> list[str]:
        trouble, again = follower.trouble, follower.connected - self._connected
        lines: list[str] = []
        if trouble is not None and trouble != self._trouble and follower.connected:
            lines.append(f"Order books: the connection is gone ({trouble}); nothing is opened meanwhile.")
        elif trouble is not None and trouble != self._trouble and self._trouble is not None:
            lines.append(f"Order books: the venue's stream is not reached ({trouble}); nothing is opened meanwhile.")
        if again and self._connected:
            lines.append("Order books: connected again.")
        self._trouble, self._connected = trouble, follower.connected
        return lines


class Listed(Protocol):
    """As much of a venue as it takes to know its markets."""

    async def listings(self) -> tuple[Listing, ...]:
        """Every market there."""
        ...


async def follow_books(
    settings: LiveVenueSettings, venue: Listed, pairs: Iterable[str], clock: SystemClock, stack: AsyncExitStack
) -> LiveBooks:
    """The books of these pairs at the desk's venue, followed until `stack` is left. Errors: those of the venue."""
    assert settings.name is not None, "a live desk names its venue"
    listed = {listing.pair: listing for listing in await venue.listings()}
    wanted = sorted(set(pairs))
    place = place_of(settings.name, urls=settings.urls, testnet=settings.testnet)
    transport = SocketTransport()
    stack.push_async_callback(transport.close)
    means = Means(dial=dial, transport=transport, now_ms=clock.now_ms, sleep=clock.sleep, chance=random.random)
    follower = open_books(place, [book_market(listed[pair], place) for pair in wanted if pair in listed], means)
    missing = {pair: f"{settings.name} lists no such market" for pair in wanted if pair not in listed}
    books = LiveBooks(follower, clock, missing=missing)
    following = asyncio.create_task(books.run(), name="order books of the venue")

    def ended(task: asyncio.Task[None]) -> None:
        # Only a mistake of ours ends it. The books grow stale within seconds, and nothing is opened.
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("Order books are no longer followed: {!r}", error)

    following.add_done_callback(ended)

    async def stop() -> None:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    stack.push_async_callback(stop)
    logger.info("Order books of {} pairs are followed at {}.", len(wanted) - len(missing), place.stream)
    return books
