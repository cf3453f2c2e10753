"""Opens a desk: takes the lease of its account, folds its journal, warms the lookout, and runs it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from loguru import logger

from quorate.analysts.lookout import Lookout
from quorate.clock import SystemClock
from quorate.desk.desk import Desk
from quorate.desk.evolve import evolve
from quorate.desk.ports import JournalPosition, Pending
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter
from quorate.desk.worker import Outside, Stepped, Worker
from quorate.domain.events import WriterChanged
from quorate.domain.signals import Mode
from quorate.feeds.logged import Source
from quorate.journal.account import AccountJournal
from quorate.journal.append import Journal
from quorate.journal.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from quorate.journal.entry import LOCAL_OWNER
from quorate.journal.inbox import CommandInbox
from quorate.journal.lease import Lease, take_lease, this_process
from quorate.journal.replay import replay
from quorate.settings import Settings, decision_digest
from quorate.venues.paper import PaperVenue
from quorate.wiring.analysts import rule_records, strategy, strategy_classes
from quorate.wiring.at_venue import at_venue, stay_halted
from quorate.wiring.council import DESKS, Room, Seated, records_folder, seat_council

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.wiring.feeds import FoundFeed
    from quorate.wiring.live import Licence
    from quorate.wiring.stores import Stores

CHECKPOINT_STEPS = 5_000
"""Steps between two checkpoints of the state; a start folds at most so many."""
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(DeskState).decode


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """A desk that holds its lease and knows its story."""

    desk: Desk
    worker: Worker
    lease: Lease
    journal: Journal
    lookout: Lookout
    seated: Seated


@asynccontextmanager
async def open_desk(
    settings: Settings,
    stores: Stores,
    found: FoundFeed,
    clock: SystemClock,
    told: Callable[[Stepped], None],
    *,
    stay: bool,
    leave: Licence | None = None,
) -> AsyncGenerator[OpenDesk]:
    """A desk on an open feed, ready to run; on leaving, what is queued is written and the lease given back.

    `leave` to trade live, where it was given already: a desk that is opened again asks nobody.
    """
    async with AsyncExitStack() as stack:
        lease, journal = await _leased_journal(stores, found.account, stack)
        own_journal = AccountJournal(journal, lease)
        source = found.source
        seat = await at_venue(settings, found, clock, stack, leave)
        settings = settings if seat is None else seat.settings
        lookout = open_lookout(settings, source)
        charter = charter_of(settings, found, lookout)
        charter = charter if seat is None else seat.bind(charter)
        desk = Desk(charter, await folded(stores.pool, found.account))
        first_ms = _resume_ms(desk.state, source)
        opening = [
            WriterChanged(lease.writer.token),
            *desk.open(source.markets, decision_digest(settings, kind=source.kind)),
        ]
        await own_journal.append(opening, at_ms=first_ms)
        records = records_folder(settings, found.account, of=DESKS)
        room = Room(lookout=lookout, source=source, clock=clock, state=lambda: desk.state, records=records)
        seated = await seat_council(settings, room, stack)
        if seated.world is not None:
            await seated.world.catch_up(desk.state, now_ms=clock.now_ms())
        origin_ms = source.start_ms if source.kind == "replay" else first_ms
        await lookout.warm(source, origin_ms=origin_ms, resume_ms=first_ms)
        outside = Outside(
            feed=source,
            lookout=seated.lookout,
            council=seated.council,
            evaluator=seated.evaluator,
            journal=own_journal,
            inbox=CommandInbox(stores.database, stores.pool, account=found.account),
            clock=clock,
            quotes=lambda: _quotes(source),
            note=logger.info,
        )
        checkpoints = _Checkpoints(stores.pool, lease, desk, stack)
        worker = Worker(
            desk,
            outside if seat is None else seat.bring(outside),
            limit_s=settings.jobs.limit_s,
            stay=stay,
            told=lambda stepped, pending: (checkpoints.after(pending), told(stepped))[1],
        )
        await stay_halted(settings, worker, stack)
        if seat is not None:
            await seat.books.close_pairs(worker, desk.state)
        yield OpenDesk(desk, worker, lease, journal, lookout, seated)


async def _leased_journal(stores: Stores, account: str, stack: AsyncExitStack) -> tuple[Lease, Journal]:
    """The account's lease and the journal it allows to write; on leaving, what is queued is written first."""
    connect = partial(stores.database.connect, name="lease")
    lease = await take_lease(connect, account=account, owner=LOCAL_OWNER, holder=this_process())
    stack.push_async_callback(lease.release)
    journal = Journal(partial(stores.database.connect, name="journal"))
    await journal.open()
    stack.push_async_callback(journal.close)
    return lease, journal


def open_lookout(settings: Settings, source: Source) -> Lookout:
    """The lookout of a desk with the strategies that publish."""
    classes = strategy_classes(settings)
    own = [strategy(settings, classes, name) for name in settings.desk.strategies]
    lookout = Lookout(source.markets, source.timeframe, own, note=logger.warning)
    for name, why in sorted(lookout.silent.items()):
        logger.warning("Strategy {} stays silent: {}", name, why)
    return lookout


def charter_of(settings: Settings, found: FoundFeed, lookout: Lookout) -> Charter:
    """What a desk is told that trades this feed."""
    return Charter(
        account=found.account,
        mode=Mode(settings.mode),
        feed_kind=found.source.kind,
        timeframe=found.source.timeframe,
        paced=found.source.paced,
        policy=settings.desk,
        pacing=lookout.pacing,
        venue=PaperVenue(settings.desk.costs),
        scanner_cron=settings.jobs.scanner,
        monitor_cron=settings.jobs.monitor,
        evaluator_cron=settings.jobs.evaluator,
        optimizer_cron=settings.jobs.optimizer,
        records=rule_records(settings),
        jobs_enabled=settings.jobs.enabled,
    )


async def folded(pool: Pool, account: str) -> DeskState:
    """The account's state: the newest checkpoint, and everything after it."""
    checkpoint = await load_checkpoint(pool, account=account)
    state, after = DeskState(account), None
    if checkpoint is not None:
        state, after = _decode(checkpoint.body), checkpoint.position
    async for _, event in replay(pool, account=account, after=after):
        evolve(state, event)
    return state


def _resume_ms(state: DeskState, source: Source) -> int:
    """Feed time at which the desk goes on."""
    return source.start_ms if state.at_ms is None else max(state.at_ms, source.start_ms)


def _quotes(source: Source) -> tuple[int, tuple[tuple[str, Decimal], ...]]:
    at_ms = source.now_ms()
    return at_ms, tuple((quote.pair, quote.last) for quote in source.quotes(at_ms))


class _Checkpoints:
    """Saves the state every so many steps, once the batch it stands for is durable."""

    def __init__(self, pool: Pool, lease: Lease, desk: Desk, stack: AsyncExitStack) -> None:
        self._pool = pool
        self._lease = lease
        self._desk = desk
        self._saving: asyncio.Task[None] | None = None
        stack.push_async_callback(self._finish)

    def after(self, pending: Pending) -> None:
        """A step was worked through; `pending` is its batch."""
        if self._desk.state.steps % CHECKPOINT_STEPS == 0 and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self._save(pending, _encode(self._desk.state)))

    async def _save(self, pending: Pending, body: bytes) -> None:
        position: JournalPosition = await pending
        await save_checkpoint(self._pool, writer=self._lease.writer, checkpoint=Checkpoint(position, body))

    async def _finish(self) -> None:
        if self._saving is not None:
            await asyncio.gather(self._saving, return_exceptions=True)
