"""The worker: steps are journalled in order, commands are carried out once, a broken journal stops the desk."""

import asyncio
import json
from decimal import Decimal

import pytest

from quorate.desk import worker
from quorate.desk.ports import Command
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot
from tests.desk.desks import BTC, START_MS, of_kind
from tests.desk.scenes import Letters, Paper, Scene, Tape, steps


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


class Dawdling:
    """Rules that never come to an end."""

    asks_models = False

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


@pytest.mark.parametrize("paced", [True, False])
async def test_a_job_of_rules_over_its_limit_is_written_down_and_its_step_is_kept(paced: bool) -> None:
    scene = Scene(Tape(steps(2), paced=paced), council=Dawdling(), limit_s=0.01)
    await scene.worker.run()
    failed = [event for batch in scene.paper.batches for event in of_kind(batch, ev.JobFailed)]
    assert [event.job for event in failed] == ["scanner"]
    assert [bool(of_kind(batch, ev.StepClosed)) for batch in scene.paper.batches] == [True, True]
    assert any("was stopped after 0.01 s" in note for note in scene.notes)


async def test_a_job_of_rules_that_is_called_and_takes_too_long_is_refused_and_written_down() -> None:
    scene = Scene(Tape(steps(1)), letters=Letters([Command("a", "scan", {})]), council=Dawdling(), limit_s=0.01)
    reply, failed = (await scene.answers())["a"]
    assert (failed, reply["code"]) == (True, "job_over_limit")
    assert [event.slot for event in of_kind(scene.paper.batches[-1], ev.JobFailed)] == ["manual-a"]


async def test_c16_a_person_stops_the_desk_and_lets_it_go_on_by_commands() -> None:
    commands = [
        Command("a", "panic", {"flatten": True, "by": "Ada"}),
        Command("b", "resume", {}),
        Command("c", "trading", {"pair": BTC.pair, "state": "REDUCING", "reason": "news"}),
        Command("d", "trading", {"pair": "DOGE/USDT", "state": "HALTED"}),
    ]
    scene = Scene(Tape(steps(1)), letters=Letters(commands))
    answers = await scene.answers()
    assert [failed for _, failed in answers.values()] == [False, False, False, True]
    changed = [event for batch in scene.paper.batches for event in of_kind(batch, ev.TradingStateChanged)]
    told = [(event.scope, event.state, event.by, event.reason) for event in changed]
    assert told == [
        ("", "HALTED", "Ada", "Stopped by Ada."),
        ("", "ACTIVE", "a person", "resume"),
        (BTC.pair, "REDUCING", "a person", "news"),
    ]


async def test_c26_a_step_of_the_ladder_is_a_command_and_one_that_is_none_is_refused() -> None:
    scene = Scene(Tape(steps(1)), letters=Letters([Command("a", "promote", {"promotion": "up"})]))
    reply, failed = (await scene.answers())["a"]
    assert failed, reply
    assert len(scene.paper.batches) == 1


async def test_a_desk_on_paper_has_nothing_under_way_to_give_up() -> None:
    scene = Scene(Tape(steps(2)))
    scene.worker.give_up()
    await scene.worker.run()
    assert len(scene.paper.batches) == 2
