"""The worker: steps are journalled in order, commands are carried out once, a broken journal stops the desk."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from quorate.clock import ManualClock
from quorate.desk import worker
from quorate.desk.desk import Desk
from quorate.desk.ports import Command, JournalPosition
from quorate.desk.worker import Outside, Worker
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.market import Market
from quorate.domain.policy import DeskPolicy
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot
from quorate.kernel.bars import Bars
from tests.desk.desks import BTC, ETH, FREE, MINUTE_5, START_MS, Bench, bar, charter, of_kind

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
    """A lookout that sees nothing, and a council that agrees on nothing."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def observe(self, step: Step) -> Snapshot:
        return self._bench.snapshot(list(step.candles) or [bar(BTC.pair, step.at_ms, FLAT)])

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        return Ballot(slot, snapshot.at_ms, ("trend",), (), "test")


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

    def __post_init__(self) -> None:
        self.desk = Desk(charter(DeskPolicy(costs=FREE), paced=self.tape.paced))
        self.desk.open([BTC, ETH], "digest")
        watcher = Watcher(Bench(self.desk))
        outside = Outside(
            feed=self.tape,
            lookout=watcher,
            council=watcher,
            journal=self.paper,
            inbox=self.letters,
            clock=ManualClock(START_MS),
            quotes=self._quoted,
        )
        self.stepped = 0
        self.worker = Worker(self.desk, outside, jobs_enabled=True, stay=self.stay, told=self._told)

    def _quoted(self) -> tuple[int, tuple[tuple[str, Decimal], ...]]:
        return self.quotes()

    def _told(self, *_: object) -> None:
        self.stepped += 1
        if self.stepped == len(self.tape.given):
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


@pytest.mark.parametrize("paced", [True, False])
async def test_every_step_is_one_batch_in_order_and_the_run_ends_with_the_feed(paced: bool) -> None:
    scene = Scene(Tape(steps(4), paced=paced))
    await scene.worker.run()
    closed = [of_kind(batch, ev.StepClosed) for batch in scene.paper.batches]
    assert [[event.at_ms for event in batch] for batch in closed] == [[step.at_ms] for step in scene.tape.given]


@pytest.mark.parametrize("paced", [True, False])
async def test_a_journal_that_cannot_be_written_stops_the_desk(paced: bool) -> None:
    scene = Scene(Tape(steps(4), paced=paced), paper=Paper(fails_after=1))
    with pytest.raises(Unavailable, match="the journal is gone"):
        await scene.worker.run()
    assert len(scene.paper.batches) == 1


async def test_a_command_is_carried_out_in_a_slot_of_its_own() -> None:
    scene = Scene(Tape(steps(2)), letters=Letters([Command("a", "scan", {}), Command("b", "monitor-positions", {})]))
    answers = await scene.answers()
    assert {name: failed for name, (_, failed) in answers.items()} == {"a": False, "b": False}
    assert answers["a"][0]["cycle"] == "manual-a"
    assert "elapsedMs" in answers["b"][0]


async def test_a_command_that_was_carried_out_before_is_only_answered() -> None:
    report = json.dumps({"success": True, "cycle": "manual-a"})
    scene = Scene(Tape(steps(1)), letters=Letters([Command("a", "scan", {})], {"a": report}))
    answers = await scene.answers()
    assert answers["a"][0]["cycle"] == "manual-a"
    assert len(scene.paper.batches) == 1


async def test_what_the_desk_does_not_know_is_refused_with_what_it_knows() -> None:
    letters = Letters([Command("a", "dance", {}), Command("b", "rearm", {"portfolio": "nobody"})])
    answers = await Scene(Tape(steps(1)), letters=letters).answers()
    assert answers["a"][1]
    assert "scan" in str(answers["a"][0]["error"])
    assert "aggressive" in str(answers["b"][0]["error"])


async def test_a_kill_switch_that_is_not_latched_is_re_armed_without_a_trace() -> None:
    scene = Scene(Tape(steps(1)), letters=Letters([Command("a", "rearm", {"portfolio": "aggressive"})]))
    answers = await scene.answers()
    assert answers["a"][0]["rearmed"] is False
    assert len(scene.paper.batches) == 1


async def test_before_the_first_candle_a_job_says_that_there_is_nothing_to_see() -> None:
    scene = Scene(Tape([]), letters=Letters([Command("a", "scan", {})]))
    scene.letters.opened.set()
    answers = await scene.answers()
    assert answers["a"][0]["code"] == "nothing_seen_yet"


async def test_a_desk_that_comes_back_can_be_asked_before_its_next_candle() -> None:
    before = Scene(Tape(steps(2)))
    await before.worker.run()
    scene = Scene(Tape([]), letters=Letters([Command("a", "scan", {})]))
    for batch in before.paper.batches:
        for event in batch:
            scene.desk.replay(event)
    scene.letters.opened.set()
    answers = await scene.answers()
    assert answers["a"][0]["success"] is True


@pytest.mark.parametrize(("ahead_ms", "seen"), [(60_000, True), (3_600_000, False)])
async def test_a_desk_that_is_catching_up_does_not_see_prices_of_its_own_future(ahead_ms: int, seen: bool) -> None:
    scene = Scene(Tape(steps(2)), letters=Letters([Command("a", "monitor-positions", {})]))
    last_ms = scene.tape.given[-1].at_ms
    scene.quotes = lambda: (last_ms + ahead_ms, ((BTC.pair, Decimal(101)),))
    await scene.answers()
    marked = [event for batch in scene.paper.batches for event in of_kind(batch, ev.QuotesMarked)]
    assert bool(marked) is seen


async def test_between_two_steps_the_account_is_valued_at_fresh_quotes_once_a_slot_of_the_monitor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker, "SLOT_CHECK_S", 0)
    scene = Scene(Tape(steps(2)), lasts=True)
    last_ms = scene.tape.given[-1].at_ms
    looks, enough = 0, asyncio.Event()

    def quotes() -> tuple[int, tuple[tuple[str, Decimal], ...]]:
        nonlocal looks
        looks += scene.stepped == 2
        if looks == 4:
            enough.set()
        return last_ms + 150_000, ((BTC.pair, Decimal(101)),)

    scene.quotes = quotes
    running = asyncio.create_task(scene.worker.run())
    async with asyncio.timeout(60):
        await enough.wait()
        scene.tape.ended.set()
        await running
    marked = [event for batch in scene.paper.batches for event in of_kind(batch, ev.QuotesMarked)]
    assert [event.at_ms for event in marked] == [last_ms + 150_000]
    assert scene.desk.state.at_ms == last_ms, "the place where the desk goes on has not moved"


async def test_a_desk_that_stays_answers_commands_after_its_feed_has_ended() -> None:
    scene = Scene(Tape([]), letters=Letters([Command("a", "rearm", {})]), stay=True)
    scene.letters.opened = scene.paper.flushed
    scene.tape.ended.set()
    running = asyncio.create_task(scene.worker.run())
    async with asyncio.timeout(60):
        await scene.letters.answered.wait()
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert scene.letters.answers["a"][0]["code"] == "nothing_seen_yet"


async def test_a_command_during_which_the_journal_is_lost_is_answered_and_stops_the_desk() -> None:
    scene = Scene(Tape(steps(1)), paper=Paper(fails_after=1), letters=Letters([Command("a", "scan", {})]))
    with pytest.raises(Unavailable, match="the journal is gone"):
        await scene.worker.run()
    reply, failed = scene.letters.answers["a"]
    assert (failed, reply["code"]) == (True, "unavailable")


async def test_a_latched_kill_switch_is_re_armed_by_a_command_in_the_name_of_who_asked() -> None:
    command = Command("a", "rearm", {"portfolio": "aggressive", "by": "Ada"})
    scene = Scene(Tape(steps(1)), letters=Letters([command]))
    scene.desk.replay(ev.BreakerChanged("aggressive", "drawdown", "", True, "lost", "21 %", "20 %", START_MS, None))
    answers = await scene.answers()
    assert answers["a"][0]["rearmed"] is True
    (rearmed,) = of_kind(scene.paper.batches[-1], ev.KillSwitchRearmed)
    assert (rearmed.portfolio, rearmed.by) == ("aggressive", "Ada")
