"""Recorded decisions made again: every turn of a desk from its journalled inputs, compared bit for bit with the record.

Candles come from the log of the feed, times and slots from the journal. Rules are asked again; a model is not: its
votes and its advice are taken from the record, as are acts of people. Everything else the desk decides anew, from the
state that its own story has led to, and the first entry that comes out otherwise is named.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, cast

from quorate.analysts.evaluating import RuleEvaluator
from quorate.desk import evaluator, monitor, optimizer, ports, scanner
from quorate.desk.desk import Desk
from quorate.domain import events as ev
from quorate.domain.evaluation import Evaluated, Evaluation, Sentence, TradeAdvice
from quorate.domain.lessons import RULES
from quorate.domain.signals import COUNCIL
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot
from quorate.journal.codec import encode
from quorate.research.council_votes import ballot_of

GIVEN = (
    ev.AccountOpened, ev.JournalRestored, ev.MarketListed, ev.TradingStateChanged, ev.JobFailed, ev.CouncilAsked,
    ev.OptimizationChanged,
)  # fmt: skip
"""What no decision of the desk's leads to where it stands by itself: told, not checked."""
SHOWN_CHARS_MAX = 160


class Entry(Protocol):
    """One entry of the journal."""

    @property
    def id(self) -> str:
        """Its place."""
        ...

    @property
    def kind(self) -> str:
        """Name of the kind of its event."""
        ...

    @property
    def at_ms(self) -> int:
        """Feed time."""
        ...

    @property
    def event(self) -> ev.Event:
        """The event."""
        ...

    @property
    def body(self) -> bytes:
        """Its canonical JSON as it is stored."""
        ...


@dataclass(frozen=True, slots=True)
class Seats:
    """Who looks and who is asked, as the desk had them from a start on; of the panel the rules alone."""

    lookout: ports.Lookout
    rules: tuple[str, ...]
    council: ports.Council | None
    evaluator: RuleEvaluator


Opening = Callable[[Desk, int], Awaitable[Seats]]
"""Seats for a desk that goes on at an instant, its windows filled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first entry that does not come out as it was journalled."""

    entry: str
    at_ms: int
    kind: str
    field: str
    """Where in its body; empty where the whole entry is meant."""
    recorded: str
    now: str

    @property
    def sentence(self) -> str:
        """In words."""
        where = f"{self.kind} {self.entry}" + (f", {self.field}" if self.field else "")
        recorded, now = (f"“{told}”" if self.field else told for told in (self.recorded, self.now))
        return f"{where}: the journal says {recorded}, made again it is {now}."


@dataclass(slots=True)
class Rerun:
    """What came of it."""

    entries: int = 0
    """Entries that were gone through, right up to the difference if there is one."""
    checked: int = 0
    """... that were made again and came out the same."""
    given: int = 0
    """... that tell of people, processes and models, and were taken as they are."""
    steps: int = 0
    decisions: int = 0
    """Snapshots of decisions among them."""
    ballots_asked: int = 0
    """Ballots for which rules were asked again."""
    ballots_taken: int = 0
    """Ballots with votes of models, from the record."""
    difference: Difference | None = None


@dataclass(slots=True)
class Recording:
    """What is run again."""

    entries: Sequence[Entry]
    desk: Desk
    open: Opening
    steps: AsyncIterator[Step]
    """Of the feed's log, from the account's first on."""
    last_ms: int
    """Instant of the log's newest step."""
    models_vote: bool
    models_evaluate: bool
    told: Callable[[int], None] = field(default=lambda at_ms: None)
    """Hears feed time from time to time."""


async def rerun(recording: Recording) -> Rerun:
    """Go through the whole story. Stops at the first difference."""
    return await _Player(recording).play()


class _Parted(Exception):
    def __init__(self, difference: Difference) -> None:
        super().__init__(difference.sentence)
        self.difference = difference


class _Player:
    """One story being made again."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._desk = recording.desk
        self._seats: Seats | None = None
        self._snapshot: Snapshot | None = None
        self._began_ms = 0
        """Where the desk went on when it was started last."""
        self._done = Rerun()

    async def play(self) -> Rerun:
        entries, place = self._recording.entries, 0
        try:
            while place < len(entries):
                place = await self._turn(place)
                self._done.entries = place
        except _Parted as parted:
            self._done.difference = parted.difference
        return self._done

    async def _turn(self, place: int) -> int:
        """Make the turn that begins with this entry again; gives the place behind it."""
        entry = self._recording.entries[place]
        if isinstance(entry.event, ev.WriterChanged):
            self._desk.replay(entry.event)
            self._seats, self._began_ms = None, entry.at_ms
            self._done.given += 1
            return place + 1
        batch = self._batch(place)
        state = self._desk.state
        stepped = any(isinstance(each.event, ev.StepClosed) for each in batch)
        if stepped and (state.at_ms is None or entry.at_ms > state.at_ms):
            made = await self._step(entry.at_ms, batch)
        elif isinstance(entry.event, GIVEN) and not self._leads(entry, batch):
            self._desk.replay(entry.event)
            self._done.given += 1
            return place + 1
        else:
            made = await self._between(batch)
        self._compare(made, batch)
        if not made:
            raise _Parted(_otherwise(entry, now="that nothing the desk does leads to it"))
        return place + len(made)

    def _batch(self, place: int) -> Sequence[Entry]:
        """This entry and those behind it of the same instant, up to another start of the desk."""
        entries, end = self._recording.entries, place
        while end < len(entries) and entries[end].at_ms == entries[place].at_ms:
            if isinstance(entries[end].event, ev.WriterChanged):
                break
            end += 1
        return entries[place:end]

    @staticmethod
    def _leads(entry: Entry, batch: Sequence[Entry]) -> bool:
        """Whether an entry that may stand by itself is the beginning of a job's turn."""
        if not isinstance(entry.event, ev.OptimizationChanged | ev.CouncilAsked):
            return False
        done = scanner.JOB if isinstance(entry.event, ev.CouncilAsked) else optimizer.JOB
        following = batch[1].event if len(batch) > 1 else None
        if done == scanner.JOB:
            return isinstance(following, ev.VotesCast)
        return isinstance(following, ev.JobCompleted) and following.job == done

    async def _step(self, at_ms: int, batch: Sequence[Entry]) -> list[ev.Event]:
        """As `quorate.desk.worker` works a step through."""
        closed = next(each.event for each in batch if isinstance(each.event, ev.StepClosed))
        seats = self._seats = self._seats or await self._recording.open(self._desk, self._began_ms)
        step = replace(await self._recorded_step(at_ms, batch[0]), fresh=closed.fresh)
        snapshot = self._snapshot = seats.lookout.observe(step)
        desk = self._desk
        evaluation_slot = desk.evaluator_slot(at_ms) if step.fresh else None
        scanner_slot = desk.scanner_slot(at_ms) if step.fresh else None
        evaluation, ballot = None, None
        if evaluation_slot is not None:
            evaluation = await self._evaluation_inside(snapshot, evaluation_slot, batch)
        if scanner_slot is not None:
            ballot = await self._ballot_inside(snapshot, scanner_slot, batch)
        self._done.steps += 1
        self._recording.told(at_ms)
        return desk.step(snapshot, ballot, evaluation)

    async def _recorded_step(self, at_ms: int, entry: Entry) -> Step:
        if at_ms <= self._recording.last_ms:
            async for step in self._recording.steps:
                if step.at_ms == at_ms:
                    return step
                if step.at_ms > at_ms:
                    break
        raise _Parted(_otherwise(entry, now="not known: the feed's log holds no step of this instant"))

    async def _ballot_inside(self, snapshot: Snapshot, slot: str, batch: Sequence[Entry]) -> Ballot | None:
        """What was said at once: by rules, or by models where no clock ran on."""
        if self._recording.models_vote:
            return None if self._desk.charter.paced else await self._ballot(snapshot, slot, batch)
        return await self._ballot(snapshot, slot, batch)

    async def _ballot(self, snapshot: Snapshot, slot: str, batch: Sequence[Entry]) -> Ballot | None:
        seats = self._seats
        assert seats is not None, "seats are taken at the first step"
        asked_again = None if seats.council is None else await seats.council.vote(snapshot, slot=slot)
        if not self._recording.models_vote:
            self._done.ballots_asked += 1
            return asked_again
        place = next((at for at, each in enumerate(batch) if _is_vote(each.event, slot)), None)
        if place is None:
            # Models said what they had said before, and nothing came of it: then only that they were asked is told.
            return None
        self._done.ballots_taken += 1
        before = [each.event for each in batch[:place]]
        signals = [event.signal for event in before if isinstance(event, ev.SignalPublished)]
        asked = next((event.asked for event in reversed(before) if isinstance(event, ev.CouncilAsked)), ())
        taken = ballot_of(
            cast("ev.VotesCast", batch[place].event),
            [signal for signal in signals if signal.source == COUNCIL],
            asked,
            pairs=self._desk.state.markets,
        )
        if asked_again is None:
            return taken
        kept = [vote for vote in taken.votes if vote.analyst not in seats.rules]
        votes = sorted((*kept, *asked_again.votes), key=lambda vote: (vote.pair, vote.analyst))
        return replace(taken, votes=tuple(votes))

    async def _evaluation_inside(self, snapshot: Snapshot, slot: str, batch: Sequence[Entry]) -> Evaluation | None:
        if self._recording.models_evaluate and self._desk.charter.paced:
            return None
        return self._evaluation(snapshot, slot, batch)

    def _evaluation(self, snapshot: Snapshot, slot: str, batch: Sequence[Entry]) -> Evaluation | None:
        seats = self._seats
        assert seats is not None, "seats are taken at the first step"
        positions = evaluator.open_trades(self._desk.state)
        if not self._recording.models_evaluate:
            return seats.evaluator.judge(snapshot, slot=slot, positions=positions)
        told = next((each.event for each in batch if _is_evaluation(each.event, slot)), None)
        if told is None:
            return None
        told = cast("ev.PositionsEvaluated", told)
        if told.by == RULES:
            judged = seats.evaluator.judge(snapshot, slot=slot, positions=positions)
            return replace(judged, asked=told.asked, fault=told.fault)
        lessons = [each.event.lesson for each in batch if isinstance(each.event, ev.LessonLearned)]
        said = tuple(Sentence(lesson.trade, lesson.lesson) for lesson in lessons if lesson.by == told.by)
        advices = tuple(self._advice(each) for each in told.trades)
        return Evaluation(slot, snapshot.at_ms, told.by, advices, said, told.asked, told.fault)

    def _advice(self, told: Evaluated) -> TradeAdvice:
        position = self._desk.state.position(told.portfolio, told.pair)
        meant = "" if position is None or told.ignored == "the trade is not open" else position.signal_id
        return TradeAdvice(told.portfolio, told.pair, meant, told.advice, told.stop, told.reason)

    async def _between(self, batch: Sequence[Entry]) -> list[ev.Event]:
        """A turn between two steps: the job whose report comes next, or a person's act."""
        first, snapshot, desk = batch[0].event, self._snapshot, self._desk
        if snapshot is None:
            return []
        if isinstance(first, ev.KillSwitchRearmed):
            return desk.rearm(snapshot, first.portfolio, by=first.by)
        done = next((each.event for each in batch if isinstance(each.event, ev.JobCompleted)), None)
        if done is None:
            return []
        if done.job == monitor.JOB:
            quotes = first.marks if isinstance(first, ev.QuotesMarked) else ()
            return desk.monitor(snapshot, slot=done.slot, quotes=quotes, at_ms=done.at_ms)[1]
        if done.job == optimizer.JOB:
            return desk.optimize(snapshot, slot=done.slot)[1]
        if done.job == scanner.JOB:
            ballot = await self._ballot(snapshot, done.slot, batch)
            return [] if ballot is None else desk.scan(snapshot, ballot)[1]
        if done.job == evaluator.JOB:
            evaluation = self._evaluation(snapshot, done.slot, batch)
            return [] if evaluation is None else desk.evaluate(snapshot, evaluation)[1]
        return []

    def _compare(self, made: Sequence[ev.Event], batch: Sequence[Entry]) -> None:
        for place, event in enumerate(made):
            if place == len(batch):
                raise _Parted(_otherwise(batch[-1], now=f"followed by another {type(event).__name__}"))
            entry = batch[place]
            if encode(event) != entry.body or type(event) is not type(entry.event):
                self._done.entries += place
                raise _Parted(_parted(entry, event))
            self._done.checked += 1
            self._done.decisions += isinstance(event, ev.SnapshotTaken)


def _is_vote(event: ev.Event, slot: str) -> bool:
    return isinstance(event, ev.VotesCast) and event.slot == slot


def _is_evaluation(event: ev.Event, slot: str) -> bool:
    return isinstance(event, ev.PositionsEvaluated) and event.slot == slot


def _otherwise(entry: Entry, *, now: str) -> Difference:
    return Difference(entry=entry.id, at_ms=entry.at_ms, kind=entry.kind, field="", recorded=entry.kind, now=now)


def _parted(entry: Entry, event: ev.Event) -> Difference:
    """Where an event that was made again differs from its entry."""
    kind = type(event).__name__
    if kind != entry.kind:
        return _otherwise(entry, now=kind)
    path, recorded, now = first_difference(json.loads(entry.body), json.loads(encode(event)))
    shown = (_shown(recorded), _shown(now))
    return Difference(entry=entry.id, at_ms=entry.at_ms, kind=kind, field=path, recorded=shown[0], now=shown[1])


def first_difference(one: Any, other: Any, path: str = "") -> tuple[str, Any, Any]:
    """Path, and both values, of the first place where two JSON trees differ; they do differ somewhere."""
    if isinstance(one, str) and isinstance(other, str) and one[:1] == other[:1] == "{":
        # A snapshot's inputs are JSON within a text.
        return first_difference(json.loads(one), json.loads(other), path)
    if isinstance(one, dict) and isinstance(other, dict):
        ours, theirs = cast("dict[str, Any]", one), cast("dict[str, Any]", other)
        for key in sorted({*ours, *theirs}):
            if ours.get(key) != theirs.get(key):
                return first_difference(ours.get(key), theirs.get(key), f"{path}.{key}" if path else key)
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(cast("list[Any]", one), cast("list[Any]", other), strict=False)
        for place, (ours, theirs) in enumerate(pairs):
            if ours != theirs:
                return first_difference(ours, theirs, f"{path}[{place}]")
    return path, cast("Any", one), cast("Any", other)


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}…"
