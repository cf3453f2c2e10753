"""Asking models beside the desk's turns: one asking at a time for each job, none of them without an end.

A model may take two minutes. Meanwhile candles, stops and commands go on, and what the models said becomes a turn of
its own as soon as it is there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from quorate.desk.ports import Command
from quorate.domain.errors import BadInput, QuorateError
from quorate.domain.events import Event
from quorate.domain.snapshot import Snapshot

Said = TypeVar("Said")
ERRANDS_MAX = 20
"""Commands of one kind that wait for their turn to ask; each of them may take as long as a job may."""


class JobOverLimit(QuorateError):
    """A job took longer than `jobs.limit_s` and was stopped."""

    code = "job_over_limit"


class TooManyWaiting(BadInput):
    """More commands of one kind than anybody will wait for."""

    code = "too_many_waiting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A slot for which somebody is to be asked."""

    slot: str
    command: Command | None = None
    """Who wants to know; None for a slot of the schedule."""
    since_ms: int = 0
    """Wall clock, when the command came."""


class Askings(Generic[Said]):
    """The askings of one job: one is under way, commands wait for theirs, a slot of the schedule waits for nobody."""

    def __init__(
        self,
        job: str,
        ask: Callable[[Snapshot, str], Awaitable[Said]],
        turn: Callable[[Snapshot, Said], tuple[str, list[Event]]],
        *,
        asks_models: bool,
        limit_s: float,
        note: Callable[[str], None],
    ) -> None:
        """`ask` puts a slot's question about a snapshot, `turn` has the desk act on what was said.

        `asks_models`: whether asking leaves the house. `note` takes a line for the log.
        """
        self.job = job
        self.turn = turn
        self.asks_models = asks_models
        self._ask = ask
        self._limit_s = limit_s
        self._note = note
        self._errands: asyncio.Queue[Errand] = asyncio.Queue(ERRANDS_MAX)
        self._newest = ""

    @property
    def busy(self) -> bool:
        """Whether an asking is under way or waits."""
        return bool(self._newest)

    def due(self, slot: str) -> None:
        """A slot of the schedule has come. While another asking runs it is let go: only the newest is ever run."""
        if self.busy:
            self._note(f"Slot {slot} of the {self.job} is let go: {self._newest} is still being asked.")
        else:
            self._put(Errand(slot=slot))

    def called(self, errand: Errand) -> None:
        """Somebody calls the job by hand: it is asked for once what was called before is done."""
        if self._errands.full():
            raise TooManyWaiting(f"{ERRANDS_MAX} calls of the {self.job} wait already.", hint="Call it again later.")
        self._put(errand)

    def _put(self, errand: Errand) -> None:
        self._errands.put_nowait(errand)
        self._newest = errand.slot

    async def next(self) -> Errand:
        """The next one to ask for; `done` is called when its turn is over."""
        return await self._errands.get()

    def done(self) -> None:
        """What was asked for last has had its turn."""
        self._errands.task_done()
        if self._errands.empty():
            self._newest = ""

    async def idle(self) -> None:
        """Wait until nothing is asked any more."""
        await self._errands.join()

    async def ask(self, snapshot: Snapshot, slot: str) -> Said:
        """What was said at this slot. Raises JobOverLimit when the job's limit has passed before."""
        limit = asyncio.timeout(self._limit_s)
        try:
            async with limit:
                return await self._ask(snapshot, slot)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise JobOverLimit(
                f"Slot {slot} of the {self.job} was stopped after {self._limit_s:g} s.", hint="See jobs.limit_s."
            ) from error
