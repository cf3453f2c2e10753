"""Asking aside: models think while candles, stops and commands go on; what they say is a turn of its own, once."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from quorate.desk.asking import ERRANDS_MAX
from quorate.desk.desk import Desk
from quorate.desk.ports import Command
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.evaluation import Evaluation
from quorate.domain.lessons import Lesson
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot, Side, Vote
from tests.desk.desks import BTC, ETH, MINUTE_5, PANEL, START_MS, Bench, bar, charter, of_kind, vote
from tests.desk.scenes import Letters, Scene, Tape, steps

pytestmark = pytest.mark.timeout(60)

SCANNER = "scanner"
TEN_PAST, TWENTY_PAST = START_MS + 2 * MINUTE_5, START_MS + 4 * MINUTE_5
THREE_LONG = tuple(vote(name, Side.LONG) for name in PANEL)
HANGING_S = 0.01


@dataclass
class Thinking:
    """Models that think until they may speak; whoever cuts them off is counted."""

    votes: Sequence[Vote] = THREE_LONG
    asks_models: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    speak: asyncio.Event = field(default_factory=asyncio.Event)
    cut_off: int = 0

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        await self._think(snapshot, slot)
        return Ballot(slot, snapshot.at_ms, PANEL, tuple(self.votes), "test")

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        await self._think(snapshot, slot)
        return Evaluation(slot, snapshot.at_ms, "model", ())

    async def _think(self, snapshot: Snapshot, slot: str) -> None:
        self.asked.append((slot, snapshot.at_ms))
        self.begun.set()
        try:
            await self.speak.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise


def scene_of(council: Thinking, given: list[Step], *commands: Command, **more: object) -> Scene:
    return Scene(Tape(given), letters=Letters(list(commands)), council=council, lasts=True, **more)  # pyright: ignore[reportArgumentType]


def happened(scene: Scene) -> list[ev.Event]:
    return [event for batch in scene.paper.batches for event in batch]


async def until(condition: Callable[[], object]) -> None:
    """Let everybody else run until the condition holds."""
    while not condition():  # noqa: ASYNC110  what is looked at tells nobody
        await asyncio.sleep(0)


async def ended(scene: Scene, running: asyncio.Task[None]) -> list[ev.Event]:
    scene.tape.ended.set()
    await running
    return happened(scene)


async def test_steps_go_on_while_models_think_and_their_votes_are_a_turn_on_the_newest_snapshot() -> None:
    council = Thinking()
    scene = scene_of(council, steps(3))
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    assert scene.desk.state.at_ms == START_MS + 3 * MINUTE_5, "nobody waited"
    assert not of_kind(happened(scene), ev.VotesCast)
    council.speak.set()
    events = await ended(scene, running)
    assert council.asked == [(str(TEN_PAST), TEN_PAST)]
    (cast,) = of_kind(events, ev.VotesCast)
    assert (cast.slot, cast.at_ms) == (str(TEN_PAST), START_MS + 3 * MINUTE_5)
    (signal,) = of_kind(events, ev.SignalPublished)
    assert signal.signal.at_ms == cast.at_ms
    assert scene.desk.state.slots[SCANNER] == TEN_PAST


async def test_votes_are_held_against_the_prices_of_then() -> None:
    council = Thinking()
    given = [*steps(2), Step(START_MS + 3 * MINUTE_5, (bar(BTC.pair, START_MS + 3 * MINUTE_5, "100 111 100 110"),))]
    scene = scene_of(council, given)
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    council.speak.set()
    (cast,) = of_kind(await ended(scene, running), ev.VotesCast)
    assert all(each.abstained and "from the price 110" in each.reason for each in cast.votes)


async def test_a_slot_that_comes_while_an_earlier_one_is_asked_is_let_go_and_said() -> None:
    council = Thinking()
    scene = scene_of(council, steps(4))
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    council.speak.set()
    events = await ended(scene, running)
    assert [slot for slot, _ in council.asked] == [str(TEN_PAST)]
    assert [cast.slot for cast in of_kind(events, ev.VotesCast)] == [str(TEN_PAST)]
    assert scene.notes == [f"Slot {TWENTY_PAST} of the scanner is let go: {TEN_PAST} is still being asked."]


async def test_other_commands_are_answered_while_a_scan_is_asked_and_the_scan_when_it_is_done() -> None:
    council = Thinking()
    commands = [Command("a", "scan", {}), Command("b", "monitor-positions", {}), Command("c", "evaluate-positions", {})]
    scene = scene_of(council, steps(1), *commands)
    running = asyncio.create_task(scene.worker.run())
    await council.begun.wait()
    await until(lambda: len(scene.letters.answers) == 2)
    assert set(scene.letters.answers) == {"b", "c"}
    council.speak.set()
    await scene.letters.answered.wait()
    reply, failed = scene.letters.answers["a"]
    assert (failed, reply["cycle"], reply["goldSignals"]) == (False, "manual-a", 1)
    await ended(scene, running)


async def test_a_scan_by_hand_waits_for_the_one_under_way_and_has_a_slot_of_its_own() -> None:
    council = Thinking()
    scene = scene_of(council, steps(2), Command("a", "scan", {}))
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    assert [slot for slot, _ in council.asked] == [str(TEN_PAST)], "one asking at a time"
    council.speak.set()
    await scene.letters.answered.wait()
    events = await ended(scene, running)
    assert [slot for slot, _ in council.asked] == [str(TEN_PAST), "manual-a"]
    assert [cast.slot for cast in of_kind(events, ev.VotesCast)] == [str(TEN_PAST), "manual-a"]
    assert len(of_kind(events, ev.SignalPublished)) == 1, "the pair cools down"


async def test_a_scan_that_was_journalled_but_not_answered_is_only_answered() -> None:
    council = Thinking()
    known = {"a": json.dumps({"success": True, "cycle": "manual-a"})}
    scene = Scene(Tape(steps(1)), letters=Letters([Command("a", "scan", {})], known), council=council, lasts=True)
    assert (await scene.answers())["a"][0]["cycle"] == "manual-a"
    assert not council.asked


async def test_more_calls_than_anybody_waits_for_are_refused_at_once() -> None:
    council = Thinking()
    commands = [Command(str(n), "scan", {}) for n in range(ERRANDS_MAX + 2)]
    scene = scene_of(council, steps(1), *commands)
    running = asyncio.create_task(scene.worker.run())
    await council.begun.wait()
    await until(lambda: scene.letters.answers)
    assert {(reply["code"], failed) for reply, failed in scene.letters.answers.values()} == {("too_many_waiting", True)}
    council.speak.set()
    await scene.letters.answered.wait()
    done = [reply for reply, failed in scene.letters.answers.values() if not failed]
    assert len(done) >= ERRANDS_MAX
    await ended(scene, running)


async def test_an_asking_over_the_jobs_limit_is_cut_off_written_down_and_the_desk_goes_on() -> None:
    council = Thinking()
    scene = scene_of(council, steps(3), limit_s=HANGING_S)
    running = asyncio.create_task(scene.worker.run())
    await until(lambda: scene.notes)
    events = await ended(scene, running)
    (failed,) = of_kind(events, ev.JobFailed)
    assert (failed.job, failed.slot, failed.at_ms) == (SCANNER, str(TEN_PAST), scene.desk.state.at_ms)
    assert "was stopped after 0.01 s" in failed.error
    assert council.cut_off == 1
    assert not of_kind(events, ev.VotesCast)


async def test_the_reply_to_a_call_over_the_limit_says_so() -> None:
    council = Thinking()
    scene = scene_of(council, steps(1), Command("a", "scan", {}), limit_s=HANGING_S)
    reply, failed = (await scene.answers())["a"]
    assert (failed, reply["code"]) == (True, "job_over_limit")
    (event,) = of_kind(happened(scene), ev.JobFailed)
    assert event.slot == "manual-a"


async def test_f01_a_desk_that_is_killed_while_it_asks_comes_back_to_the_newest_slot_once() -> None:
    killed = scene_of(Thinking(), steps(4))
    running = asyncio.create_task(killed.worker.run())
    await killed.letters.opened.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert not of_kind(happened(killed), ev.VotesCast)

    def back(before: list[Scene]) -> tuple[Scene, Thinking]:
        council = Thinking()
        council.speak.set()
        scene = scene_of(council, [])
        for event in [event for each in before for event in happened(each)]:
            scene.desk.replay(event)
        at_ms = scene.desk.state.at_ms
        assert at_ms is not None
        gap = Step(at_ms + MINUTE_5, (bar(BTC.pair, at_ms + MINUTE_5, "100 100 100 100"),), fresh=False)
        scene.tape.given = [gap, *(replace(gap, at_ms=gap.at_ms + n * MINUTE_5, fresh=True) for n in (1, 2))]
        scene.tape.given = [
            replace(step, candles=(bar(BTC.pair, step.at_ms, "100 100 100 100"),)) for step in scene.tape.given
        ]
        scene.tape.ended.set()
        return scene, council

    again, council = back([killed])
    await again.worker.run()
    half_past = START_MS + 6 * MINUTE_5
    assert [slot for slot, _ in council.asked] == [str(half_past)], "older ones are let go"
    third, council = back([killed, again])
    await third.worker.run()
    later = [half_past + 2 * MINUTE_5, half_past + 4 * MINUTE_5]
    assert [int(slot) for slot, _ in council.asked] == later, "one fell into the gap; what was run is not run again"
    slots = [cast.slot for each in (killed, again, third) for cast in of_kind(happened(each), ev.VotesCast)]
    assert len(slots) == len(set(slots)) == 3


async def test_f01_the_slot_that_was_asked_when_the_desk_was_killed_is_asked_again_at_the_next_step() -> None:
    killed = scene_of(Thinking(), steps(2))
    running = asyncio.create_task(killed.worker.run())
    await killed.letters.opened.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    council = Thinking()
    council.speak.set()
    again = scene_of(council, steps(3)[2:])
    for event in happened(killed):
        again.desk.replay(event)
    again.tape.ended.set()
    await again.worker.run()
    assert council.asked == [(str(TEN_PAST), START_MS + 3 * MINUTE_5)]
    (cast,) = of_kind(happened(again), ev.VotesCast)
    assert (cast.slot, cast.at_ms) == (str(TEN_PAST), START_MS + 3 * MINUTE_5)


async def test_nothing_new_is_decided_while_a_gap_is_worked_off() -> None:
    council = Thinking()
    late = [replace(step, fresh=False) for step in steps(4)[2:]]
    scene = scene_of(council, [*steps(2), *late])
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    council.speak.set()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not of_kind(happened(scene), ev.VotesCast)
    assert of_kind(await ended(scene, running), ev.VotesCast), "the feed has ended: there is no later close to wait for"


async def test_a_call_by_hand_is_not_asked_about_the_past_that_a_gap_is() -> None:
    council = Thinking()
    council.speak.set()
    gap = [replace(step, fresh=False) for step in steps(3)[1:]]
    scene = scene_of(council, [*steps(1), *gap], Command("a", "scan", {}))
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    for _ in range(10):
        await asyncio.sleep(0)
    assert not council.asked
    await ended(scene, running)
    assert [slot for slot, _ in council.asked] == ["manual-a"]


async def test_the_evaluator_is_asked_aside_as_well() -> None:
    evaluator = Thinking()
    scene = Scene(Tape(steps(7)), evaluator=evaluator, lasts=True)
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    half_past = START_MS + 6 * MINUTE_5
    assert evaluator.asked == [(str(half_past), half_past)]
    evaluator.speak.set()
    (evaluated,) = of_kind(await ended(scene, running), ev.PositionsEvaluated)
    assert (evaluated.slot, evaluated.at_ms, evaluated.by) == (str(half_past), half_past + MINUTE_5, "model")


async def test_a_desk_that_catches_up_with_its_feed_lets_no_slot_go_where_answers_come_at_once() -> None:
    council = Thinking()
    council.speak.set()
    scene = scene_of(council, steps(12))
    running = asyncio.create_task(scene.worker.run())
    await scene.letters.opened.wait()
    events = await ended(scene, running)
    slots = [START_MS + n * MINUTE_5 for n in (2, 4, 6, 8, 10, 12)]
    assert council.asked == [(str(at_ms), at_ms) for at_ms in slots]
    assert [(cast.slot, cast.at_ms) for cast in of_kind(events, ev.VotesCast)] == [(str(at), at) for at in slots]
    assert not scene.notes


@pytest.mark.parametrize(("paced", "asks_models"), [(False, True), (True, False)])
async def test_at_full_speed_and_where_no_model_is_asked_votes_are_heard_inside_the_step(
    paced: bool, asks_models: bool
) -> None:
    council = Thinking(asks_models=asks_models)
    council.speak.set()
    scene = Scene(Tape(steps(4), paced=paced), council=council)
    await scene.worker.run()
    for batch in scene.paper.batches:
        (closed,) = of_kind(batch, ev.StepClosed)
        assert all(int(cast.slot) == cast.at_ms == closed.at_ms for cast in of_kind(batch, ev.VotesCast))
    assert council.asked == [(str(TEN_PAST), TEN_PAST), (str(TWENTY_PAST), TWENTY_PAST)]


async def test_at_full_speed_a_limit_is_a_limit_too() -> None:
    council = Thinking()
    scene = Scene(Tape(steps(2), paced=False), council=council, limit_s=HANGING_S)
    await scene.worker.run()
    (failed,) = of_kind(scene.paper.batches[-1], ev.JobFailed)
    assert (failed.slot, failed.at_ms) == (str(TEN_PAST), TEN_PAST)
    assert scene.notes == [failed.error]
    assert of_kind(scene.paper.batches[-1], ev.StepClosed)


async def test_after_the_end_of_a_replay_models_that_are_asked_by_hand_block_nobody() -> None:
    council = Thinking()
    letters = Letters([Command("a", "scan", {}), Command("b", "monitor-positions", {})])
    scene = Scene(Tape(steps(1), paced=False), letters=letters, council=council, stay=True)
    letters.opened = scene.paper.flushed
    scene.tape.ended.set()
    running = asyncio.create_task(scene.worker.run())
    await until(lambda: letters.answers)
    assert set(letters.answers) == {"b"}
    council.speak.set()
    await letters.answered.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


class Unrecorded(BadInput):
    """As a replay says that it finds no record."""


@dataclass
class Speechless:
    """A council that cannot go on at all."""

    asks_models: bool = True

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        raise Unrecorded(f"nothing is recorded at {slot}")


@pytest.mark.parametrize("paced", [True, False])
async def test_a_council_that_cannot_go_on_stops_the_desk(paced: bool) -> None:
    scene = Scene(Tape(steps(3), paced=paced), council=Speechless(), lasts=True)
    with pytest.raises(Unrecorded, match=str(TEN_PAST)):
        await scene.worker.run()


async def test_the_optimizer_is_run_and_gone_back_on_by_command() -> None:
    commands = [
        Command("a", "optimize", {}),
        Command("b", "optimize-revert", {"version": 0, "by": "Ada"}),
        Command("c", "optimize-revert", {"version": "latest"}),
        Command("d", "optimize-revert", {"version": 7}),
    ]
    answers = await Scene(Tape(steps(1)), letters=Letters(commands)).answers()
    assert (answers["a"][0]["cycle"], answers["a"][1]) == ("manual-a", False)
    assert (answers["b"][0]["revertsTo"], answers["b"][0]["changed"]) == (0, False)
    assert answers["c"][1]
    assert "whole number" in str(answers["c"][0]["error"])
    assert "no version 7" in str(answers["d"][0]["error"])


async def test_positions_are_evaluated_by_command() -> None:
    answers = await Scene(Tape(steps(1)), letters=Letters([Command("a", "evaluate-positions", {})])).answers()
    assert (answers["a"][0]["cycle"], answers["a"][0]["evaluated"]) == ("manual-a", 0)


@pytest.mark.parametrize(("paced", "due"), [(True, str(TEN_PAST)), (False, None)])
def test_a_slot_without_an_outcome_is_owed_only_where_every_outcome_is_written_down(
    paced: bool, due: str | None
) -> None:
    before = Bench(Desk(charter(paced=paced)))
    before.events += before.desk.open([BTC, ETH], "digest")
    before.step("100 100 100 100")
    before.step("100 100 100 100")
    desk = Desk(charter(paced=paced))
    for event in before.events:
        desk.replay(event)
    assert desk.scanner_slot(START_MS + 3 * MINUTE_5) == due
    assert before.desk.scanner_slot(START_MS + 3 * MINUTE_5) is None, "it has never been away"
