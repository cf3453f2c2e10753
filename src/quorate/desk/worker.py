"""Runs a desk: takes steps from the feed, journals what the desk makes of them, runs slots and commands in between.

Everything that changes the desk happens under one lock, one turn after the other. With a feed that keeps a clock's
pace each batch is durable before the next turn begins; with a replay at full speed batches are sent ahead, and a
failure of one stops the desk before it goes further than the journal could follow.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from quorate.desk import monitor, scanner
from quorate.desk.desk import Desk
from quorate.desk.ports import Clock, Command, Council, Feed, Inbox, Journal, Lookout, Pending
from quorate.domain import events as ev
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput, QuorateError
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot

Quotes = Callable[[], tuple[int, tuple[tuple[str, Decimal], ...]]]
"""Feed time of now, and the freshest prices."""
SLOT_CHECK_S = 1.0
STEPS_BEHIND_MAX = 2
"""A desk further behind its feed than so many bars is catching up."""
SCAN = "scan"
MONITOR = "monitor-positions"
REARM = "rearm"


class NothingSeenYet(BadInput):
    """A job was asked for before the first candle arrived."""

    code = "nothing_seen_yet"


@dataclass(frozen=True, slots=True)
class Stepped:
    """What the worker tells about a step it has worked through."""

    step: Step
    events: list[ev.Event]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything a worker needs from outside."""

    feed: Feed
    lookout: Lookout
    council: Council
    journal: Journal
    inbox: Inbox
    clock: Clock
    quotes: Quotes


class Worker:
    """One account's desk at work."""

    def __init__(
        self,
        desk: Desk,
        outside: Outside,
        *,
        jobs_enabled: bool,
        stay: bool,
        told: Callable[[Stepped, Pending], None],
    ) -> None:
        """`stay`: go on answering commands after the feed has ended. `told` learns of every step and its batch."""
        self._desk = desk
        self._feed = outside.feed
        self._lookout = outside.lookout
        self._council = outside.council
        self._journal = outside.journal
        self._inbox = outside.inbox
        self._clock = outside.clock
        self._quotes = outside.quotes
        self._jobs_enabled = jobs_enabled
        self._stay = stay
        self._told = told
        self._turn = asyncio.Lock()
        self._snapshot: Snapshot | None = None
        self._pending: Pending | None = None

    async def run(self) -> None:
        """Work until the feed ends, or for good. Raises what stopped the desk: a lost journal, a mistake of ours."""
        self._snapshot = self._last_seen()
        side_work = [asyncio.create_task(self._obey(), name="commands to the desk")]
        if self._feed.paced and self._jobs_enabled:
            side_work.append(asyncio.create_task(self._monitor_slots(), name="monitor slots"))
        steps = asyncio.create_task(self._take_steps(), name="steps of the desk")
        try:
            done, _ = await asyncio.wait([steps, *side_work], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if self._stay:
                await asyncio.gather(*side_work)
        finally:
            for task in (steps, *side_work):
                task.cancel()
            await asyncio.gather(steps, *side_work, return_exceptions=True)

    def _last_seen(self) -> Snapshot | None:
        """The desk's last step measured anew: one that comes back can be asked before its next candle."""
        at_ms = self._desk.state.at_ms
        return None if at_ms is None else self._lookout.observe(Step(at_ms, (), fresh=False))

    async def _take_steps(self) -> None:
        async for step in self._feed.steps(self._desk.state.at_ms):
            async with self._turn:
                events = await self._work(step)
                pending = await self._record(events, step.at_ms)
                if self._feed.paced:
                    await pending
            self._told(Stepped(step, events), pending)
            await asyncio.sleep(0)
        await self._journal.flush()

    async def _work(self, step: Step) -> list[ev.Event]:
        snapshot = self._lookout.observe(step)
        slot = self._desk.scanner_slot(step.at_ms) if self._jobs_enabled and step.fresh else None
        ballot: Ballot | None = None
        if slot is not None:
            ballot = await self._council.vote(snapshot, slot=slot)
        events = self._desk.step(snapshot, ballot)
        self._snapshot = snapshot
        return events

    async def _record(self, events: list[ev.Event], at_ms: int) -> Pending:
        """Send a batch to the journal; stops the desk when an earlier one could not be written."""
        if self._pending is not None and self._pending.done():
            await self._pending
        await self._journal.room()
        self._pending = self._journal.append(events, at_ms=at_ms)
        return self._pending

    async def _monitor_slots(self) -> None:
        """Value the account at fresh quotes at every slot of the monitor that falls between two steps."""
        while True:
            await asyncio.sleep(SLOT_CHECK_S)
            async with self._turn:
                at_ms, quotes = self._fresh_quotes()
                slot = self._desk.monitor_slot(at_ms) if quotes else None
                if self._snapshot is not None and slot is not None:
                    await self._monitor(self._snapshot, slot, at_ms, quotes)

    def _fresh_quotes(self) -> tuple[int, tuple[tuple[str, Decimal], ...]]:
        """Quotes from between the last step and the next, and their instant.

        None while the desk is still catching up with its feed: it must not see prices of its own future.
        """
        at_ms, quotes = self._quotes()
        state = self._desk.state
        behind = state.at_ms is None or at_ms - state.at_ms > STEPS_BEHIND_MAX * TIMEFRAME_MS[self._feed.timeframe]
        if behind or at_ms <= state.valued_ms:
            return state.valued_ms, ()
        return at_ms, quotes

    async def _monitor(self, snapshot: Snapshot, slot: str, at_ms: int, quotes: tuple[tuple[str, Decimal], ...]) -> str:
        report, events = self._desk.monitor(snapshot, slot=slot, quotes=quotes, at_ms=at_ms)
        await (await self._record(events, at_ms))
        return report

    async def _obey(self) -> None:
        """Carry out commands one by one; each is answered, also when it cannot be done."""
        async for command in self._inbox.commands():
            started_ms = self._clock.now_ms()
            try:
                report = await self._inbox.done_before(command) or await self._carry_out(command)
            except BadInput as error:
                failure = {"success": False, "error": str(error), "code": error.code}
                await self._inbox.answer(command, failure, failed=True)
                continue
            except QuorateError as error:
                await self._inbox.answer(
                    command, {"success": False, "error": str(error), "code": error.code}, failed=True
                )
                raise
            reply = {**json.loads(report), "elapsedMs": self._clock.now_ms() - started_ms}
            await self._inbox.answer(command, reply, failed=False)

    async def _carry_out(self, command: Command) -> str:
        slot = f"manual-{command.id}"
        async with self._turn:
            snapshot = self._snapshot
            if snapshot is None:
                raise NothingSeenYet("The desk has not seen a candle yet.", hint="Ask again after the next close.")
            if command.kind == SCAN:
                ballot = await self._council.vote(snapshot, slot=slot)
                report, events = self._desk.scan(snapshot, ballot)
                await (await self._record(events, snapshot.at_ms))
                return report
            if command.kind == MONITOR:
                at_ms, quotes = self._fresh_quotes()
                return await self._monitor(snapshot, slot, at_ms, quotes)
            if command.kind == REARM:
                return await self._rearm(snapshot, command)
        raise BadInput(f"The desk knows no command {command.kind!r}.", hint=f"It knows {SCAN}, {MONITOR} and {REARM}.")

    async def _rearm(self, snapshot: Snapshot, command: Command) -> str:
        portfolio = str(command.body.get("portfolio", ""))
        if portfolio not in self._desk.state.portfolios:
            known = ", ".join(sorted(self._desk.state.portfolios))
            raise BadInput(f"There is no portfolio {portfolio!r}.", hint=f"There is {known}.")
        events = self._desk.rearm(snapshot, portfolio, by=str(command.body.get("by", "a person")))
        if events:
            await (await self._record(events, snapshot.at_ms))
        return json.dumps({"success": True, "portfolio": portfolio, "rearmed": bool(events)})


JOB_OF = {SCAN: scanner.JOB, MONITOR: monitor.JOB}
"""Command -> the job whose slot it runs."""
