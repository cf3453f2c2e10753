"""A desk whose orders go to a real venue: the venue opened with leave, the policy that holds there, what was kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from loguru import logger

from quorate.accounts.halt_marker import HaltMark, read_halt
from quorate.accounts.settings import PERPETUALS
from quorate.desk.halting import panic
from quorate.desk.turn import Charter, RealVenue, Turn
from quorate.domain.errors import Unavailable
from quorate.domain.market import MarketKind
from quorate.domain.policy import DeskPolicy, PortfolioPolicy
from quorate.journal.spool import FileSpool
from quorate.wiring.analysts import source_keys
from quorate.wiring.live import Licence, licence, open_venue, unattended
from quorate.wiring.live_books import LiveBooks, follow_books

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from quorate.clock import SystemClock
    from quorate.desk.worker import Outside
    from quorate.domain.venue import VenueAccount
    from quorate.settings import Settings
    from quorate.wiring.feeds import FoundFeed
    from quorate.wiring.venues import RealVenue as OpenVenue

SPOOL_FOLDER = "spool"
LOOK_S = 0.5
"""How often the mark of an offline panic is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtVenue:
    """What a live desk is opened with."""

    settings: Settings
    """Those that hold now: with the one portfolio that is bound to the venue."""
    venue: OpenVenue
    real: RealVenue
    spool: FileSpool
    books: LiveBooks

    def bring(self, outside: Outside) -> Outside:
        """What a worker needs from outside, with this venue."""
        return replace(outside, venue=self.venue, spool=self.spool, blocked=self.books.blocked)

    def bind(self, charter: Charter) -> Charter:
        """The charter of a desk whose orders go to this venue."""
        return replace(
            charter,
            real_venue=self.real,
            keys=source_keys(self.settings),
            stake=self.settings.venue.stake,
            promotion=self.settings.promotion,
            depth=self.books.depth,
        )


async def at_venue(
    settings: Settings, found: FoundFeed, clock: SystemClock, stack: AsyncExitStack, leave: Licence | None
) -> AtVenue | None:
    """The venue that a live desk on this feed trades at, its order books followed; None for a desk on paper.

    Both are closed with `stack`.

    Without `leave` it is asked for.

    Errors: those of `licence` and `open_venue`, and of a venue that cannot be asked for its balances.
    """
    if settings.mode != "live":
        return None
    leave = leave or licence(settings, clock, unattended(settings))
    venue = await open_venue(leave.settings, clock, leave)
    stack.push_async_callback(venue.close)
    spot = leave.settings.venue.name not in PERPETUALS
    policy = _bound(leave.settings, await venue.account(), spot=spot)
    pairs = [market.pair for market in found.source.markets]
    return AtVenue(
        settings=leave.settings.model_copy(update={"desk": policy}),
        venue=venue,
        real=RealVenue(name=venue.name, keeps_stops=venue.keeps_stops, spot=spot),
        spool=FileSpool(settings.data_dir / SPOOL_FOLDER / f"{found.account}.jsonl"),
        books=await follow_books(leave.settings.venue, venue, pairs, clock, stack),
    )


def _bound(settings: Settings, account: VenueAccount, *, spot: bool) -> DeskPolicy:
    """The desk's policy with its one portfolio: of the market that the venue has, worth no more than what is there."""
    named = next(each for each in settings.desk.portfolios if each.name == settings.venue.portfolio)
    quotes = {pair.partition("/")[2].partition(":")[0] for pair in settings.feed.pairs} or {"USDT"}
    there = max((account.balance(quote).total for quote in quotes), default=named.start_equity)
    market = MarketKind.SPOT if spot else MarketKind.PERP
    bound: PortfolioPolicy = replace(named, market=market, start_equity=min(named.start_equity, there))
    return replace(settings.desk, portfolios=(bound,))


class Halts(Protocol):
    """As much of a worker as it takes to halt its desk."""

    async def act(self, act: Callable[[Turn], object]) -> object:
        """Let something happen in a turn of its own; durable when it returns."""
        ...


async def stay_halted(settings: Settings, worker: Halts, stack: AsyncExitStack) -> None:
    """A desk opens nothing where an offline panic has left its mark, be it there at the start or left while it runs.

    Until `stack` is left the mark is looked for; a replay, which trades nobody's money, does not look.
    """
    if settings.feed.ends:
        return
    heeded = await _heed(settings, worker, None)
    watching = asyncio.create_task(_watch(settings, worker, heeded), name="mark of a panic")

    async def stop() -> None:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)

    stack.push_async_callback(stop)


async def _watch(settings: Settings, worker: Halts, heeded: HaltMark | None) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            heeded = await _heed(settings, worker, heeded)
        except Unavailable as error:
            logger.warning("A panic has left its mark, and the desk could not halt: {}", error)


async def _heed(settings: Settings, worker: Halts, heeded: HaltMark | None) -> HaltMark | None:
    """Halt the desk once for each mark; gives the mark that was heeded."""
    mark = read_halt(settings.data_dir)
    if mark is not None and (heeded is None or heeded.at_ms != mark.at_ms):
        await worker.act(partial(panic, by=mark.by, flatten=False))
    return mark
