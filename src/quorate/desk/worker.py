"""Runs a desk: takes steps from the feed, journals what the desk makes of them, runs slots and commands in between.

Everything that changes the desk happens under one lock, one turn after the other. With a feed that keeps a clock's
pace each batch is durable before the next turn begins, and models are asked beside the turns; with a replay at full
speed batches are sent ahead and models are asked inside the step, and a failure of a batch stops the desk before it
goes further than the journal could follow.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from quorate.desk import commands, evaluator, scanner
from quorate.desk.asking import Askings, Errand, JobOverLimit, TooManyWaiting
from quorate.desk.book_faults import Blocked
from quorate.desk.dealer import Dealer
from quorate.desk.desk import Desk
from quorate.desk.listening import Ledger
from quorate.desk.ports import Clock, Command, Council, Evaluator, Feed, Inbox, Journal, Lookout, Pending, Spool, Venue
from quorate.desk.reconciling import Reconciler
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput, QuorateError
from quorate.domain.evaluation import Evaluation
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot, MarketRegime

Said = TypeVar("Said")
Quotes = Callable[[], tuple[int, tuple[tuple[str, Decimal], ...]]]
"""Feed time of now, and the freshest prices."""
SLOT_CHECK_S = 1.0
STEPS_BEHIND_MAX = 2
"""A desk further behind its feed than so many bars is catching up."""
NOTHING_SEEN = Snapshot(Step(0, ()), (), {}, {}, MarketRegime.NEUTRAL, "")
"""What a desk goes by that has not seen a candle: a venue's word is heard, and a person can stop it, all the same."""


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
    evaluator: Evaluator
    journal: Journal
    inbox: Inbox
    clock: Clock
    quotes: Quotes
    note: Callable[[str], None]
    """Takes a line for the log."""
    venue: Venue | None = None
    """The real venue, where orders go to one."""
    spool: Spool | None = None
    """There where the venue is."""
    blocked: Blocked | None = None
    """There where the venue's order books are followed."""


class Worker:
    """One account's desk at work."""

    def __init__(
        self,
        desk: Desk,
        outside: Outside,
        *,
        limit_s: float,
        stay: bool,
        told: Callable[[Stepped, Pending], None],
    ) -> None:
        """`limit_s`: how long a job may ask. `stay`: go on answering commands after the feed has ended.

        `told` learns of every step and its batch.
        """
        self._desk = desk
        self._feed = outside.feed
        self._lookout = outside.lookout
        self._journal = outside.journal
        self._inbox = outside.inbox
        self._clock = outside.clock
        self._quotes = outside.quotes
        self._note = outside.note
        self._scans = _scans(desk, outside, limit_s=limit_s)
        self._evaluations = _evaluations(desk, outside, limit_s=limit_s)
        self._stay = stay
        self._told = told
        self._turn = asyncio.Lock()
        self._fresh = asyncio.Event()
        """Clear while the desk works off a gap: nothing new is decided on candles of the past."""
        self._fresh.set()
        self._ended = False
        self._snapshot: Snapshot | None = None
        self._pending: Pending | None = None
        self.dealer = self._open_dealer(outside)
        """Who carries orders to the real venue; None where orders are traded on paper."""

    def _open_dealer(self, outside: Outside) -> Dealer | None:
        if outside.venue is None:
            return None
        assert outside.spool is not None, "a real venue's word is kept while the journal is away"
        ledger = Ledger(lambda: self._desk.state, self.act, lambda: self._fresh_quotes()[1], outside.blocked)
        policy = self._desk.charter.policy.execution
        return Dealer(outside.venue, ledger, policy, clock=outside.clock, spool=outside.spool, note=outside.note)

    async def run(self) -> None:
        """Work until the feed ends, or for good. Raises what stopped the desk: a lost journal, a mistake of ours.

        Cancelled it takes no more steps, and ends when the venue has answered what is under way (F36). Whoever must not
        wait for that, because another desk may have taken over, ends the courier's requests first (`give_up`).
        """
        self._snapshot = self._last_seen()
        side_work = [
            asyncio.create_task(self._obey(), name="commands to the desk"),
            asyncio.create_task(self._ask_aside(self._scans), name="asking the council"),
            asyncio.create_task(self._ask_aside(self._evaluations), name="asking the evaluator"),
        ]
        if self._feed.paced and self._desk.charter.jobs_enabled:
            side_work.append(asyncio.create_task(self._monitor_slots(), name="monitor slots"))
        if self.dealer is not None:
            reconciler = Reconciler(self.dealer, self._desk.charter.policy.execution, self._clock)
            side_work.append(asyncio.create_task(self.dealer.run(reconciler.run), name="orders at the venue"))
        steps = asyncio.create_task(self._take_steps(), name="steps of the desk")
        asked_to_end = False
        try:
            done, _ = await asyncio.wait([steps, *side_work], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            if self._stay:
                await asyncio.gather(*side_work)
        except asyncio.CancelledError:
            asked_to_end = True
            raise
        finally:
            if self.dealer is not None and not asked_to_end:
                self.dealer.courier.stop()
            for task in (steps, *side_work):
                task.cancel()
            await asyncio.gather(steps, *side_work, return_exceptions=True)
            if self.dealer is not None:
                await self._hand_over(self.dealer)

    def give_up(self) -> None:
        """End whatever is under way at the venue: nothing more may leave this house."""
        if self.dealer is not None:
            self.dealer.courier.stop()

    async def _hand_over(self, dealer: Dealer) -> None:
        """Let requests that are under way be answered: whoever comes next, a newer release or an older one, is in no
        doubt of them."""
        ended = await dealer.leave()
        if ended:
            self._note(
                f"{ended} requests to {dealer.venue.name} were not answered in time; the next desk asks for them."
            )

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
            # What is to be asked aside at this step begins here, before the lookout has seen a later one.
            await asyncio.sleep(0)
        self._ended = True
        self._fresh.set()
        await self._scans.idle()
        await self._evaluations.idle()
        await self._journal.flush()

    async def _work(self, step: Step) -> list[ev.Event]:
        """One step, with what is said at it where that is said at once, or where no clock runs on meanwhile."""
        desk, failed = self._desk, list[tuple[str, str, JobOverLimit]]()
        snapshot = self._snapshot = self._lookout.observe(step)
        evaluator_slot = desk.evaluator_slot(step.at_ms) if step.fresh else None
        scanner_slot = desk.scanner_slot(step.at_ms) if step.fresh else None

        async def heard(askings: Askings[Said], slot: str | None) -> Said | None:
            if slot is None or self._aside(askings):
                return None
            try:
                return await askings.ask(snapshot, slot)
            except JobOverLimit as error:
                failed.append((askings.job, slot, error))
                return None

        evaluation = await heard(self._evaluations, evaluator_slot)
        ballot = await heard(self._scans, scanner_slot)
        events = desk.step(snapshot, ballot, evaluation)
        for job, slot, error in failed:
            self._note(str(error))
            events += desk.fail(job, slot=slot, at_ms=step.at_ms, error=str(error))
        if step.fresh:
            self._fresh.set()
        else:
            self._fresh.clear()
        for askings, slot in ((self._evaluations, evaluator_slot), (self._scans, scanner_slot)):
            if slot is not None and self._aside(askings):
                askings.due(slot)
        return events

    def _aside(self, askings: Askings[Any]) -> bool:
        """Whether this job is asked beside the desk's turns: models, while a clock runs on or no more steps come."""
        return askings.asks_models and (self._feed.paced or self._ended)

    async def _ask_aside(self, askings: Askings[Said]) -> None:
        """Ask for one job, one slot after the other; what is said becomes a turn of its own between two steps."""
        while True:
            errand = await askings.next()
            if errand.command is None:
                try:
                    await self._run_aside(askings, errand.slot)
                except JobOverLimit as error:
                    self._note(str(error))
            else:
                run = partial(self._run_aside, askings, errand.slot)
                await self._answer(errand.command, run, since_ms=errand.since_ms)
            askings.done()

    async def _run_aside(self, askings: Askings[Said], slot: str) -> str:
        await self._fresh.wait()
        try:
            said = await askings.ask(self._seen(), slot)
        except JobOverLimit as error:
            async with self._turn:
                await self._write_failure(askings.job, slot, error)
            raise
        while True:
            await self._fresh.wait()
            async with self._turn:
                if self._fresh.is_set():
                    return await self._settle(*askings.turn(self._seen(), said))

    async def _write_failure(self, job: str, slot: str, error: JobOverLimit) -> None:
        at_ms = self._seen().at_ms
        await (await self._record(self._desk.fail(job, slot=slot, at_ms=at_ms, error=str(error)), at_ms))

    async def _settle(self, report: str, events: list[ev.Event]) -> str:
        """Write down what came of a turn on the newest snapshot; gives its report."""
        if events:
            await (await self._record(events, self._seen().at_ms))
        return report

    async def act(self, act: Callable[[Turn], Said]) -> Said:
        """Let something happen in a turn of its own between two steps; what came of it is durable when this returns."""
        async with self._turn:
            return await self._act(act)

    async def _act(self, act: Callable[[Turn], Said]) -> Said:
        at_ms = self._fresh_quotes()[0] if self.dealer is None else self._clock.now_ms()
        said, events = self._desk.act(self._snapshot or NOTHING_SEEN, act, at_ms=at_ms)
        if events:
            await (await self._record(events, max(at_ms, self._desk.state.at_ms or 0)))
        return said

    def _seen(self) -> Snapshot:
        """The newest snapshot; NothingSeenYet before the first."""
        if self._snapshot is None:
            raise NothingSeenYet("The desk has not seen a candle yet.", hint="Ask again after the next close.")
        return self._snapshot

    async def _record(self, events: list[ev.Event], at_ms: int) -> Pending:
        """Send a batch to the journal; stops the desk when an earlier one could not be written."""
        if self._pending is not None and self._pending.done():
            await self._pending
        await self._journal.room()
        self._pending = self._journal.append(events, at_ms=at_ms)
        if self.dealer is not None:
            self.dealer.follow(events, self._pending)
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
        """Carry out commands one by one; each is answered, also when it cannot be done. Who asks models waits aside."""
        aside = {commands.SCAN: self._scans, commands.EVALUATE: self._evaluations}
        async for command in self._inbox.commands():
            since_ms = self._clock.now_ms()
            askings = aside.get(command.kind)
            if askings is None or not self._aside(askings):
                await self._answer(command, partial(self._carry_out, command), since_ms=since_ms)
                continue
            try:
                askings.called(Errand(slot=commands.slot_of(command), command=command, since_ms=since_ms))
            except TooManyWaiting as error:
                await self._refuse(command, error)

    async def _answer(self, command: Command, carry_out: Callable[[], Awaitable[str]], *, since_ms: int) -> None:
        try:
            report = await self._inbox.done_before(command) or await carry_out()
        except (BadInput, JobOverLimit) as error:
            await self._refuse(command, error)
            return
        except QuorateError as error:
            await self._refuse(command, error)
            raise
        reply = {**json.loads(report), "elapsedMs": self._clock.now_ms() - since_ms}
        await self._inbox.answer(command, reply, failed=False)

    async def _refuse(self, command: Command, error: QuorateError) -> None:
        failure = {"success": False, "error": str(error), "code": error.code}
        await self._inbox.answer(command, failure, failed=True)

    async def _carry_out(self, command: Command) -> str:
        async with self._turn:
            act = commands.act_of(command)
            if act is not None:
                return json.dumps(await self._act(act))
            snapshot, slot = self._seen(), commands.slot_of(command)
            if command.kind == commands.SCAN:
                return await self._run_inside(self._scans, slot)
            if command.kind == commands.EVALUATE:
                return await self._run_inside(self._evaluations, slot)
            if command.kind == commands.MONITOR:
                at_ms, quotes = self._fresh_quotes()
                return await self._monitor(snapshot, slot, at_ms, quotes)
            return await self._settle(*commands.carried_out(self._desk, snapshot, command))

    async def _run_inside(self, askings: Askings[Said], slot: str) -> str:
        try:
            said = await askings.ask(self._seen(), slot)
        except JobOverLimit as error:
            await self._write_failure(askings.job, slot, error)
            raise
        return await self._settle(*askings.turn(self._seen(), said))


def _scans(desk: Desk, outside: Outside, *, limit_s: float) -> Askings[Ballot]:
    async def ask(snapshot: Snapshot, slot: str) -> Ballot:
        return await outside.council.vote(snapshot, slot=slot)

    asks_models = outside.council.asks_models
    return Askings(scanner.JOB, ask, desk.scan, asks_models=asks_models, limit_s=limit_s, note=outside.note)


def _evaluations(desk: Desk, outside: Outside, *, limit_s: float) -> Askings[Evaluation]:
    async def ask(snapshot: Snapshot, slot: str) -> Evaluation:
        positions, lessons = evaluator.open_trades(desk.state), evaluator.lessons_offered(desk.state)
        return await outside.evaluator.evaluate(snapshot, slot=slot, positions=positions, lessons=lessons)

    asks_models = outside.evaluator.asks_models
    return Askings(evaluator.JOB, ask, desk.evaluate, asks_models=asks_models, limit_s=limit_s, note=outside.note)
