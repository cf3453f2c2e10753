"""When a job is late: the newest slot only, and the optimizer makes good what it missed, once."""

from dataclasses import replace

import pytest

from quorate.desk.desk import Desk
from quorate.domain import events as ev
from tests.desk.desks import BTC, ETH, START_MS, Bench, bar, charter, of_kind, open_desk

FLAT = "100 100 100 100"
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
EVERY_MS = {"scanner": 10 * MINUTE_MS, "monitor": 2 * MINUTE_MS, "evaluator": 30 * MINUTE_MS, "optimizer": 6 * HOUR_MS}


def due(bench: Bench, job: str, at_ms: int) -> str | None:
    slot: str | None = getattr(bench.desk, f"{job}_slot")(at_ms)
    return slot


def slots_run(events: list[ev.Event], job: str = "optimizer") -> list[int]:
    return [int(done.slot) - START_MS for done in of_kind(events, ev.JobCompleted) if done.job == job]


@pytest.mark.parametrize("job", EVERY_MS)
def test_of_many_missed_slots_only_the_newest_is_due(job: str) -> None:
    bench = open_desk()
    bench.step(FLAT)
    every_ms = EVERY_MS[job]
    later_ms = bench.at_ms + 5 * every_ms + MINUTE_MS
    assert due(bench, job, later_ms) == str(later_ms - later_ms % every_ms)


@pytest.mark.parametrize("job", EVERY_MS)
def test_a_desk_that_begins_has_missed_nothing(job: str) -> None:
    bench = open_desk()
    assert due(bench, job, START_MS + MINUTE_MS) is None
    assert due(bench, job, START_MS) == str(START_MS)


@pytest.mark.parametrize("job", EVERY_MS)
def test_a_schedule_that_is_off_has_no_slots(job: str) -> None:
    bench = Bench(Desk(replace(charter(), jobs_enabled=False)))
    bench.desk.open([BTC, ETH], "digest")
    bench.step(FLAT)
    assert due(bench, job, START_MS + 24 * HOUR_MS) is None


@pytest.mark.parametrize("paced", [True, False])
@pytest.mark.parametrize("job", ["scanner", "monitor", "evaluator"])
def test_a_slot_that_went_by_while_the_desk_made_good_its_past_is_let_go(job: str, paced: bool) -> None:
    bench = open_desk(paced=paced)
    bench.step(FLAT)
    bench.step(FLAT, skip_ms=EVERY_MS[job] * 3 - bench.at_ms % EVERY_MS[job] - 300_000, fresh=False)
    assert bench.at_ms % EVERY_MS[job] == 0
    assert due(bench, job, bench.at_ms + MINUTE_MS) is None
    assert slots_run(bench.events, job)[1:] == []


@pytest.mark.parametrize("paced", [True, False])
def test_the_optimizer_makes_good_what_went_by_in_a_hole_once(paced: bool) -> None:
    bench = open_desk(paced=paced)
    bench.step(FLAT)
    events = bench.step(FLAT, skip_ms=20 * HOUR_MS)
    assert slots_run(events) == ([18 * HOUR_MS] if paced else [])
    assert due(bench, "optimizer", bench.at_ms + MINUTE_MS) is None


@pytest.mark.parametrize("paced", [True, False])
def test_the_optimizer_makes_good_what_went_by_on_candles_of_the_past_once(paced: bool) -> None:
    bench = open_desk(paced=paced)
    bench.step(FLAT)
    for _ in range(20):
        assert not slots_run(bench.step(FLAT, skip_ms=HOUR_MS - 300_000, fresh=False))
    assert due(bench, "optimizer", bench.at_ms + MINUTE_MS) == str(START_MS + 18 * HOUR_MS), "before the last step"
    assert slots_run(bench.step(FLAT)) == ([18 * HOUR_MS] if paced else [])
    assert slots_run(bench.step(FLAT)) == []
    assert bench.rebuilt() == bench.state


def test_the_optimizer_catches_up_after_a_restart_too() -> None:
    bench = open_desk()
    bench.step(FLAT)
    for _ in range(8):
        bench.step(FLAT, skip_ms=HOUR_MS, fresh=False)
    again = Bench(Desk(bench.desk.charter, bench.rebuilt()))
    again.at_ms = bench.at_ms
    assert slots_run(again.step(FLAT)) == [6 * HOUR_MS]


def test_a_run_by_hand_leaves_the_slot_to_the_schedule() -> None:
    bench = open_desk()
    bench.step(FLAT)
    bench.desk.optimize(bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)]), slot="manual-1")
    assert slots_run(bench.step(FLAT, skip_ms=6 * HOUR_MS)) == [6 * HOUR_MS]
