"""Runs backtests for the API: a process for each, bounded in number and time, ended with the desk at the latest."""

from __future__ import annotations

import asyncio
import os
import pickle  # to our own child, through a pipe that nobody else holds
import shutil
import sys
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger

from quorate.api.answers.rows import instant, moment
from quorate.api.backtests import KeyTaken, TooManyKept, TooManyRunning
from quorate.api.schemas.backtests import (
    BacktestFacts,
    BacktestFault,
    BacktestOffer,
    BacktestProgress,
    BacktestState,
    BacktestWanted,
)
from quorate.domain.errors import Refused
from quorate.minds.settings import KEY_VARIABLES
from quorate.wiring.backtests.offering import Offering, without_secrets
from quorate.wiring.backtests.process import Order
from quorate.wiring.backtests.shelf import ENDED, FOLDER, LOG_FILE, MAKING, Shelf, Stored, digest_of, id_of

if TYPE_CHECKING:
    from quorate.desk.ports import Clock
    from quorate.settings import Settings

MODULE = "quorate.wiring.backtests"
STARTING = BacktestProgress(phase="starting", about="", done=0, total=0)
KILLED = -9
PRIVATE = frozenset({"DATABASE_URL", "REDIS_URL", "CRON_SECRET", *chain.from_iterable(KEY_VARIABLES.values())})
"""Variables that open something; a strategy's file has no business with them."""


@dataclass(slots=True)
class Running:
    """A run under way."""

    process: asyncio.subprocess.Process
    watch: asyncio.Task[None] | None = None
    ending: tuple[BacktestState, BacktestFault | None] | None = None
    """What to say of it when it is gone, where we ended it ourselves."""


class BacktestRuns:
    """Implements the API's port (`quorate.api.backtests.Backtests`)."""

    def __init__(self, settings: Settings, clock: Clock, shelf: Shelf, *, module: str) -> None:
        self._settings = settings
        self._clock = clock
        self._shelf = shelf
        self._module = module
        self._offering = Offering(settings)
        self._running: dict[str, Running] = {}
        self._starting = asyncio.Lock()

    @property
    def running_max(self) -> int:
        """How many may run at once."""
        return self._settings.api.backtests_running_max

    def offer(self) -> BacktestOffer:
        """What may be started."""
        return self._offering.offer(running=len(self._running), running_max=self.running_max)

    async def start(self, wanted: BacktestWanted, key: str | None) -> BacktestFacts:
        """Start one; see the port."""
        backtest = uuid.uuid4().hex if key is None else id_of(key)
        async with self._starting:
            known = await asyncio.to_thread(self._shelf.find, backtest, now_ms=self._clock.now_ms())
            if known is not None:
                return self._same(known, wanted)
            settled, settings = await asyncio.to_thread(self._offering.settled, wanted)
            await self._check_room()
            stored = Stored(
                id=backtest,
                owner=self._shelf.owner,
                digest=digest_of(wanted),
                created_ms=self._clock.now_ms(),
                wanted=settled,
            )
            if not await asyncio.to_thread(self._shelf.put, stored):
                known = await asyncio.to_thread(self._shelf.find, backtest, now_ms=self._clock.now_ms())
                assert known is not None, "it lies there: putting ours failed for that"
                return self._same(known, wanted)
            try:
                await self._begin(stored, settings)
            except BaseException as error:
                fault = BacktestFault(code="not_started", message=f"Its process could not be started: {error}.")
                self._shelf.write(stored.ended("failed", self._clock.now_ms(), error=fault))
                raise
            return self._facts(stored)

    def every(self) -> Sequence[BacktestFacts]:
        """All that are kept, newest first."""
        stored = sorted(
            self._shelf.every(now_ms=self._clock.now_ms()), key=lambda one: (one.created_ms, one.id), reverse=True
        )
        return [self._facts(one) for one in stored]

    def find(self, backtest: str) -> BacktestFacts | None:
        """One of them."""
        stored = self._shelf.find(backtest, now_ms=self._clock.now_ms())
        return None if stored is None else self._facts(stored)

    def made(self, backtest: str) -> Path | None:
        """Folder of the finished files of one that is done."""
        stored = self._shelf.find(backtest, now_ms=self._clock.now_ms())
        return self._shelf.made(backtest) if stored is not None and stored.state == "done" else None

    async def stop(self, backtest: str) -> bool:
        """End one that runs, and keep it as stopped."""
        running = self._running.get(backtest)
        if running is None:
            stored = await asyncio.to_thread(self._shelf.find, backtest, now_ms=self._clock.now_ms())
            if stored is not None and stored.state not in ENDED:
                raise Refused("Another process of this desk runs it.", hint="Stop it there.")
            return False
        await self._end(running, "stopped", None)
        stored = await asyncio.to_thread(self._shelf.find, backtest, now_ms=self._clock.now_ms())
        return stored is not None and stored.state == "stopped"

    async def remove(self, backtest: str) -> None:
        """End one that runs, and forget it."""
        await self.stop(backtest)
        await asyncio.to_thread(self._shelf.remove, backtest)

    async def close(self) -> None:
        """End every run: the desk goes, and nothing of it stays behind."""
        fault = BacktestFault(code="interrupted", message="The desk was stopped while it ran. Start it again.")
        await asyncio.gather(*(self._end(running, "interrupted", fault) for running in list(self._running.values())))

    def _same(self, known: Stored, wanted: BacktestWanted) -> BacktestFacts:
        if known.digest != digest_of(wanted):
            raise KeyTaken("This key was used for another backtest.", hint="Use a fresh one.")
        return self._facts(known)

    async def _check_room(self) -> None:
        if len(self._running) >= self.running_max:
            raise TooManyRunning(
                f"{len(self._running)} backtests are running, as many as may at once.",
                hint="Wait for one to end, or stop one.",
            )
        kept = await asyncio.to_thread(self._shelf.count)
        if kept >= self._settings.api.backtests_kept_max:
            raise TooManyKept(f"{kept} backtests are kept, as many as may be.", hint="Remove some that are not needed.")

    async def _begin(self, stored: Stored, settings: Settings) -> None:
        folder = self._shelf.folder(stored.id)
        order = Order(settings=without_secrets(settings), wanted=stored.wanted, folder=folder)
        with (folder / LOG_FILE).open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                self._module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
                env=_environment(),
            )
        assert process.stdin is not None, "it was asked for"
        process.stdin.write(pickle.dumps(order))
        running = Running(process)
        self._running[stored.id] = running
        running.watch = asyncio.create_task(self._watch(stored, running), name=f"backtest {stored.id}")

    async def _watch(self, stored: Stored, running: Running) -> None:
        """See a run to its end, and say how it ended where it could not say so itself."""
        limit_s = self._settings.api.backtest_limit_s
        try:
            async with asyncio.timeout(limit_s):
                code = await running.process.wait()
        except TimeoutError:
            minutes = f"It took longer than the {limit_s / 60:g} minutes that it may."
            fault = BacktestFault(code="over_limit", message=f"{minutes} Give it fewer pairs or a shorter range.")
            running.ending = ("failed", fault)
            code = await _killed(running.process)
        try:
            await asyncio.to_thread(self._conclude, stored.id, running, code)
        except OSError as error:
            logger.error("the end of backtest {} cannot be written down: {}", stored.id, error)
        finally:
            del self._running[stored.id]

    def _conclude(self, backtest: str, running: Running, code: int) -> None:
        now_ms = self._clock.now_ms()
        stored = self._shelf.find(backtest, now_ms=now_ms)
        if stored is None or stored.state in ENDED:
            return
        shutil.rmtree(self._shelf.folder(backtest) / MAKING, ignore_errors=True)
        state, fault = running.ending or ("failed", _fault_of(code))
        self._shelf.write(stored.ended(state, now_ms, error=fault))

    @staticmethod
    async def _end(running: Running, state: BacktestState, fault: BacktestFault | None) -> None:
        running.ending = running.ending or (state, fault)
        await _killed(running.process)
        if running.watch is not None:
            await running.watch

    def _facts(self, stored: Stored) -> BacktestFacts:
        running = stored.state not in ENDED
        return BacktestFacts(
            id=stored.id,
            state=stored.state,
            wanted=stored.wanted,
            created_at=instant(moment(stored.created_ms)),
            ended_at=None if stored.ended_ms is None else instant(moment(stored.ended_ms)),
            progress=(self._shelf.progress(stored.id) or STARTING) if running else None,
            error=stored.error,
            headline=stored.headline,
        )


@asynccontextmanager
async def backtest_runs(settings: Settings, clock: Clock, *, module: str = MODULE) -> AsyncGenerator[BacktestRuns]:
    """Backtests in the data directory, for as long as the block lasts. Errors: DataDirUnusable.

    `module` is what a run's process executes; it is there to be replaced by tests of what happens around a run.
    """
    shelf = Shelf(settings.data_dir / FOLDER, uuid.uuid4().hex)
    shelf.open()
    runs = BacktestRuns(settings, clock, shelf, module=module)
    try:
        yield runs
    finally:
        try:
            await runs.close()
        finally:
            shelf.close()


async def _killed(process: asyncio.subprocess.Process) -> int:
    if process.returncode is None:
        process.kill()
    return await process.wait()


def _fault_of(code: int) -> BacktestFault:
    if code == KILLED:
        message = "The system ended it, most likely for want of memory. Give it fewer pairs or a shorter range."
        return BacktestFault(code="killed", message=message)
    message = f"It ended with code {code} before it was done. Its folder in the data directory has a log."
    return BacktestFault(code="crashed", message=message)


def _environment() -> dict[str, str]:
    """Ours without what only the desk needs: settings arrive by the pipe."""
    return {name: value for name, value in os.environ.items() if not _is_ours(name)}


def _is_ours(name: str) -> bool:
    return name.startswith("QUORATE__") or name in PRIVATE
