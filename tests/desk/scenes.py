"""A worker with everything around it on a table: a tape for a feed, paper for a journal, letters for an inbox."""

import asyncio
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from quorate.clock import ManualClock
from quorate.desk.desk import Desk
from quorate.desk.ports import Command, Council, Evaluator, JournalPosition
from quorate.desk.worker import Outside, Worker
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.evaluation import Evaluation
from quorate.domain.lessons import Lesson
from quorate.domain.market import Market
from quorate.domain.policy import DeskPolicy
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot
from quorate.kernel.bars import Bars
from tests.desk.desks import BTC, ETH, FREE, MINUTE_5, START_MS, Bench, bar, charter

FLAT = "100 100 100 100"


@dataclass
class Durable:
    """A batch whose fate is known at once."""

    seq: int
    failure: Unavailable | None = None

    def __await__(self) -> Generator[object, None, JournalPosition]:
        if self.failure is not None:
            raise self.failure
        return JournalPosition(1, self.seq)
        yield

    def done(self) -> bool:
        return True


@dataclass
class Paper:
    """A journal on paper."""

    batches: list[list[ev.Event]] = field(default_factory=list[list[ev.Event]])
    fails_after: int = 10**9
    flushed: asyncio.Event = field(default_factory=asyncio.Event)

    def append(self, events: Sequence[ev.Event], *, at_ms: int) -> Durable:
        if len(self.batches) >= self.fails_after:
            return Durable(0, Unavailable("the journal is gone"))
        self.batches.append(list(events))
        return Durable(len(self.batches))

    async def room(self) -> None:
        return

    async def flush(self) -> object:
        self.flushed.set()
        return None


@dataclass
class Tape:
    """A feed of given steps; it stays open after them until released."""

    given: list[Step]
    paced: bool = True
    kind: str = "replay"
    label: str = "a tape"
    timeframe: str = "5m"
    markets: Sequence[Market] = (BTC, ETH)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        return

    async def close(self) -> None:
        return

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        return Bars.empty(pair, timeframe)

    async def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        for step in self.given:
            yield step
        await self.ended.wait()


class Watcher:
    """A lookout that sees nothing, a council that agrees on nothing, and an evaluator that holds everything."""

    asks_models = False

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def observe(self, step: Step) -> Snapshot:
        return self._bench.snapshot(list(step.candles) or [bar(BTC.pair, step.at_ms, FLAT)], fresh=step.fresh)

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        return Ballot(slot, snapshot.at_ms, ("trend",), (), "test")

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        return Evaluation(slot, snapshot.at_ms, "rules", ())


@dataclass
class Letters:
    """An inbox with given commands; remembers the answers."""

    given: list[Command] = field(default_factory=list[Command])
    known: dict[str, str] = field(default_factory=dict[str, str])
    answers: dict[str, tuple[Mapping[str, object], bool]] = field(
        default_factory=dict[str, tuple[Mapping[str, object], bool]]
    )
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def commands(self) -> AsyncIterator[Command]:
        await self.opened.wait()
        for command in self.given:
            yield command
        await asyncio.Event().wait()

    async def done_before(self, command: Command) -> str | None:
        return self.known.get(command.id)

    async def answer(self, command: Command, reply: Mapping[str, object], *, failed: bool) -> None:
        self.answers[command.id] = (reply, failed)
        if len(self.answers) == len(self.given):
            self.answered.set()


Quotes = Callable[[], tuple[int, tuple[tuple[str, Decimal], ...]]]


@dataclass
class Scene:
    """A worker with everything around it."""

    tape: Tape
    paper: Paper = field(default_factory=Paper)
    letters: Letters = field(default_factory=Letters)
    quotes: Quotes = field(default=lambda: (0, ()))
    lasts: bool = False
    """Whether the feed stays open after its last step, also when nobody has a command."""
    stay: bool = False
    limit_s: float = 60.0
    council: Council | None = None
    """None: one that agrees on nothing."""
    evaluator: Evaluator | None = None
    notes: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.desk = Desk(charter(DeskPolicy(costs=FREE), paced=self.tape.paced))
        self.desk.open([BTC, ETH], "digest")
        watcher = Watcher(Bench(self.desk))
        outside = Outside(
            feed=self.tape,
            lookout=watcher,
            council=self.council or watcher,
            evaluator=self.evaluator or watcher,
            note=self.notes.append,
            journal=self.paper,
            inbox=self.letters,
            clock=ManualClock(START_MS),
            quotes=self._quoted,
        )
        self.stepped = 0
        self.worker = Worker(self.desk, outside, limit_s=self.limit_s, stay=self.stay, told=self._told)

    def _quoted(self) -> tuple[int, tuple[tuple[str, Decimal], ...]]:
        return self.quotes()

    def _told(self, *_: object) -> None:
        self.stepped += 1
        if self.stepped == len(self.tape.given) and not self.stay:
            self.letters.opened.set()
            if not self.letters.given and not self.lasts:
                self.tape.ended.set()

    async def answers(self) -> dict[str, tuple[Mapping[str, object], bool]]:
        """Run until every command is answered."""
        running = asyncio.create_task(self.worker.run())
        async with asyncio.timeout(60):
            await self.letters.answered.wait()
            self.tape.ended.set()
            await running
        return self.letters.answers


def steps(count: int) -> list[Step]:
    return [Step(START_MS + n * MINUTE_5, (bar(BTC.pair, START_MS + n * MINUTE_5, FLAT),)) for n in range(1, count + 1)]
