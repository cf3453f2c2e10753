"""Runs the house: stores, feed, desk and page in one process, or one role of them, until somebody stops it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from msgspec.structs import replace

from quorate.accounts.master_key import MasterKeyMissing
from quorate.accounts.sealing import CannotOpen
from quorate.clock import SystemClock
from quorate.desk.worker import Stepped
from quorate.domain.errors import QuorateError, Unavailable
from quorate.feeds.logged import LoggedFeed
from quorate.feeds.store import CandleLog
from quorate.journal.lease import this_process
from quorate.journal.notices import Notices
from quorate.journal.reading import head_of
from quorate.journal.relay import Relay
from quorate.ops.heartbeat import keep_beating
from quorate.reporting import Reporter, RunSummary, StartUp
from quorate.settings import Settings
from quorate.store.database import CANNOT_SERVE
from quorate.store.readers.context import ContextSaid
from quorate.store.readers.roles import CONTEXT, VENUE, RoleState
from quorate.store.readers.venue import VenueSaid
from quorate.wiring.desks import OpenDesk, open_desk
from quorate.wiring.feeds import FoundFeed, find_feed, find_stored_feed
from quorate.wiring.live import Licence, licence, unattended
from quorate.wiring.page import open_page
from quorate.wiring.stores import Stores, open_stores
from quorate.wiring.summary import summarize
from quorate.wiring.telling import TELL_S, context_said, providers_said, sources_said, venue_said

FindFeed = Callable[[Settings, SystemClock], Awaitable[FoundFeed]]
FEED, WORKER, API = "feed", "worker", "api"
FEED_LOOK_S = 1.0
VENUE_TELL_S = 2.0
"""How often it is told how the real venue is doing."""
DESK_FIRST_S = 0.05
"""Candles are written down this much later than they are handed on, so that a signal is not behind its own candles."""
RELAY_PATIENCE_S, RELAY_LOOK_S = 10.0, 0.02
RETRY_S_FIRST, RETRY_S_MAX = 0.5, 10.0
"""How long a desk waits before it is opened again after the journal or its lease was lost."""


@dataclass(slots=True)
class Progress:
    """How far this process has come."""

    started_s: float
    candles: int = 0
    worker_state: str = "starting"
    worker_detail: str = ""


@dataclass(slots=True)
class House:
    """Everything that is up in this process."""

    settings: Settings
    roles: frozenset[str]
    console: Reporter
    exit_at_end: bool
    clock: SystemClock
    stores: Stores
    notices: Notices
    tasks: asyncio.TaskGroup
    stack: AsyncExitStack
    progress: Progress
    found: FoundFeed | None = None
    opened: OpenDesk | None = None
    """The desk that is at work here; None before it is, and while it is opened anew."""
    relay: Relay | None = None
    leave: Licence | None = None
    """Leave to trade live, for as long as this process lasts; None on paper."""
    background: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    def beside(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Run something for as long as the house is up."""
        self.background.append(self.tasks.create_task(work, name=name))


async def up(
    settings: Settings,
    *,
    roles: frozenset[str],
    console: Reporter,
    exit_at_end: bool,
    find: FindFeed = find_feed,
    leave: Licence | None = None,
) -> RunSummary | None:
    """Run these roles. Returns a summary when a desk has come to the end of its feed and was to end there.

    `find` opens the feed; it is there to be replaced by whoever measures or tests the house with a feed of its own.
    `leave` to trade live, where a person was asked for it; else it has to be there in the sealed file.
    """
    try:
        roles, leave = _admitted(settings, roles, console, leave)
        return await _up(settings, roles, console, exit_at_end, find, leave)
    except BaseExceptionGroup as group:
        raise _told_first(group) from group


def _told_first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Of everything that went wrong at once, what a person should be told: an operating error, if there is one."""
    ours = group.subgroup(QuorateError)
    found: BaseException = group if ours is None else ours
    while isinstance(found, BaseExceptionGroup):
        found = cast("BaseExceptionGroup[BaseException]", found).exceptions[0]
    return found


def _admitted(
    settings: Settings, roles: frozenset[str], console: Reporter, leave: Licence | None
) -> tuple[frozenset[str], Licence | None]:
    """The roles that may run, and the leave of a live desk. Errors: Refused, with the act that is missing.

    Where a key cannot be opened the page is served all the same, without a desk: nothing is traded, all can be read.
    """
    if settings.mode != "live" or WORKER not in roles or leave is not None:
        return roles, leave
    try:
        return roles, licence(settings, SystemClock(), unattended(settings))
    except (CannotOpen, MasterKeyMissing) as fault:
        if API not in roles:
            raise
        console.warning(f"{fault} Nothing is traded; everything can be read.")
        return roles - {WORKER}, None


async def _up(
    settings: Settings,
    roles: frozenset[str],
    console: Reporter,
    exit_at_end: bool,
    find: FindFeed,
    leave: Licence | None,
) -> RunSummary | None:
    clock = SystemClock()
    async with _house(settings, roles, console, exit_at_end, clock) as house:
        house.leave = leave
        url = await open_page(house, beside_desk=WORKER in roles) if API in roles else None
        if roles & {FEED, WORKER}:
            house.found = await _find(house, find)
        house.console.started(_facts(house, url))
        if WORKER in roles:
            return await _run_desk(house)
        if FEED in roles:
            await _run_feed(house)
        await asyncio.Event().wait()
    return None


@asynccontextmanager
async def _house(
    settings: Settings, roles: frozenset[str], console: Reporter, exit_at_end: bool, clock: SystemClock
) -> AsyncGenerator[House]:
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, console, redis=WORKER in roles or API in roles))
        notices = Notices(partial(stores.database.connect, name="notices"))
        async with asyncio.TaskGroup() as tasks:
            progress = Progress(clock.monotonic())
            house = House(settings, roles, console, exit_at_end, clock, stores, notices, tasks, stack, progress)
            house.beside(notices.run(), "notices of the journal")
            house.beside(stores.embedded.watch(), "embedded servers")
            try:
                yield house
            finally:
                for task in house.background:
                    task.cancel()


async def _find(house: House, find: FindFeed) -> FoundFeed:
    """The feed: opened here where this process has the role, else read from the database."""
    if FEED not in house.roles:
        return await _stored(house)
    found = await find(house.settings, house.clock)
    house.stack.push_async_callback(found.source.close)
    linger_s = DESK_FIRST_S if WORKER in house.roles else 0.0
    log = CandleLog(house.stores.database, feed=found.source.key, markets=found.source.markets, linger_s=linger_s)
    logged = LoggedFeed(found.source, log, clock=house.clock)
    await logged.open()
    state = partial(_feed_state, house, logged, house.clock.now_ms())
    house.beside(keep_beating(house.stores.pool, role=FEED, instance=instance(), state=state), FEED)
    return FoundFeed(logged, found.account, found.reason)


async def _stored(house: House) -> FoundFeed:
    """The feed of another process; waited for, since roles on many machines start in any order."""
    waited = False
    while True:
        try:
            found = await find_stored_feed(house.settings, house.stores, house.clock)
        except Unavailable as error:
            if not waited:
                house.console.warning(f"{error} Waiting for it.")
            waited = True
            await asyncio.sleep(FEED_LOOK_S)
            continue
        house.stack.push_async_callback(found.source.close)
        return found


def instance() -> str:
    """This process, as others may see it."""
    holder = this_process()
    return f"{holder.host}:{holder.pid}"


def _feed_state(house: House, logged: LoggedFeed, since_ms: int) -> RoleState:
    account = house.found.account if house.found else None
    return replace(logged.says(), account=account, mode=house.settings.mode, since_ms=since_ms)


async def _run_feed(house: House) -> None:
    """Take the steps for the log's sake: a worker elsewhere reads them there."""
    assert house.found is not None, "the feed was found"
    log = CandleLog(house.stores.database, feed=house.found.source.key, markets=house.found.source.markets)
    async for step in house.found.source.steps(await log.last_step_ms()):
        house.progress.candles += len(step.candles)


async def _run_desk(house: House) -> RunSummary | None:
    """Run the desk; open it again when the journal or the lease was lost, and go on where the journal ends."""
    found = house.found
    assert found is not None, "the feed was found"
    state = partial(_worker_state, house, house.clock.now_ms())
    house.beside(keep_beating(house.stores.pool, role=WORKER, instance=instance(), state=state), WORKER)
    world = partial(_context_said, house)
    telling = keep_beating(house.stores.pool, role=CONTEXT, instance=instance(), state=world, every_s=TELL_S)
    house.beside(telling, "telling the context")
    if house.settings.mode == "live":
        there = partial(_venue_said, house)
        telling = keep_beating(house.stores.pool, role=VENUE, instance=instance(), state=there, every_s=VENUE_TELL_S)
        house.beside(telling, "telling how the venue is")
    if house.stores.redis_url is not None:
        house.relay = Relay(
            pool=house.stores.pool,
            notices=house.notices,
            url=house.stores.redis_url,
            accounts=[found.account],
            instance=instance(),
        )
        house.beside(house.relay.run(), "relay to Redis")
    retry_s = RETRY_S_FIRST
    while True:
        try:
            async with open_desk(
                house.settings,
                house.stores,
                found,
                house.clock,
                partial(_stepped, house),
                stay=not house.exit_at_end,
                leave=house.leave,
            ) as opened:
                house.progress.worker_state, house.progress.worker_detail = "up", ""
                house.opened = opened
                retry_s = RETRY_S_FIRST
                await _until_lost(opened)
                await _until_relayed(house)
                elapsed_s = house.clock.monotonic() - house.progress.started_s
                return await summarize(
                    house.stores.pool, opened, found, candles=house.progress.candles, elapsed_s=elapsed_s
                )
        except CANNOT_SERVE as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # a file's trouble, not the database's: it does not come back by itself
            _stands_still(house, error, retry_s=retry_s)
        await asyncio.sleep(retry_s)
        retry_s = min(retry_s * 2, RETRY_S_MAX)


def _stands_still(house: House, error: Exception, *, retry_s: float) -> None:
    said = _words_of(error)
    house.opened = None
    house.progress.worker_state, house.progress.worker_detail = "degraded", said
    house.console.warning(f"The desk stands still: {said} It is opened again in {retry_s:g} s.")


def _words_of(error: Exception) -> str:
    """An error as a sentence: of our own its own, of a driver or the system what they say and of which kind it is."""
    if isinstance(error, QuorateError):
        return str(error)
    said = str(error).strip().partition("\n")[0].rstrip(".")
    return f"{said or 'no answer'} ({type(error).__name__})."


async def _until_lost(opened: OpenDesk) -> None:
    """Run the worker to its end; raises when the lease is lost before."""
    working = asyncio.create_task(opened.worker.run(), name="desk")
    lost = asyncio.create_task(opened.lease.until_lost(), name="lease")
    try:
        await asyncio.wait([working, lost], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            opened.worker.give_up()
            raise lost.result()
        working.result()
    finally:
        working.cancel()
        lost.cancel()
        await asyncio.gather(working, lost, return_exceptions=True)


async def _until_relayed(house: House) -> None:
    """Let the relay copy what is left, for RELAY_PATIENCE_S at most: what it has not copied it copies next time."""
    assert house.relay is not None or house.stores.redis_url is None, "with Redis there is a relay"
    head = await head_of(house.stores.pool)
    try:
        async with asyncio.timeout(RELAY_PATIENCE_S):
            while house.relay is not None and house.relay.health().position < head:  # noqa: ASYNC110  the relay tells nobody
                await asyncio.sleep(RELAY_LOOK_S)
    except TimeoutError:
        house.console.warning("Redis has not taken everything; what is missing is copied at the next start.")


def _worker_state(house: House, since_ms: int) -> RoleState:
    found, opened = house.found, house.opened
    seated = None if opened is None else opened.seated
    providers, budget = providers_said(house.settings, None if seated is None else seated.mind)
    return RoleState(
        account=found.account if found else None,
        mode=house.settings.mode,
        since_ms=since_ms,
        state=house.progress.worker_state,
        detail=house.progress.worker_detail,
        feed=found.source.key if found else None,
        context=sources_said(seated),
        providers=providers,
        budget=budget,
    )


def _context_said(house: House) -> ContextSaid:
    found, opened = house.found, house.opened
    assert found is not None, "the feed was found"
    seated = None if opened is None else opened.seated
    return context_said(house.settings, found, seated, at_ms=None if opened is None else opened.desk.state.at_ms)


def _venue_said(house: House) -> VenueSaid:
    assert house.found is not None, "the feed was found"
    dealer = None if house.opened is None else house.opened.worker.dealer
    return venue_said(house.settings.venue, house.found.account, dealer)


def _stepped(house: House, stepped: Stepped) -> None:
    house.progress.candles += len(stepped.step.candles)
    source = house.found.source if house.found else None
    if source is not None and source.end_ms is not None:
        house.console.progress(
            at_ms=stepped.step.at_ms, start_ms=source.start_ms, stop_ms=source.end_ms, candles=house.progress.candles
        )


def _facts(house: House, url: str | None) -> StartUp:
    settings, found = house.settings, house.found
    return StartUp(
        mode=settings.mode,
        account=found.account if found else settings.account or "that of the running desk",
        feed=found.source.label if found else "read from the database",
        feed_reason=found.reason if found else "",
        simulated=found is not None and found.source.kind == "simulated",
        roles=sorted(house.roles),
        url=url,
        data_dir=settings.data_dir,
        database=house.stores.database_label,
        redis=house.stores.redis_label,
        panel=settings.desk.council.panel,
        portfolios=[portfolio.name for portfolio in settings.desk.portfolios],
    )
