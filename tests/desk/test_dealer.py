"""The dealer: the venue's word is taken up or kept on disk, its stream is followed, and open trades are watched."""

import asyncio
from dataclasses import replace

import pytest

from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.orders import OrderState, Purpose
from quorate.domain.policy import ExecutionPolicy
from quorate.domain.venue import OutcomeUnknown, StreamLost, VenueFill, VenueOrder, VenueStatus, VenueUnreachable
from quorate.domain.votes import EntryKind
from tests.desk.at_a_venue import fill, told
from tests.desk.desks import of_kind
from tests.desk.staged import Stage, running, settled
from tests.simulation.virtual import VirtualLoop, run
from tests.simulation.world import Disk


def test_f17_what_the_venue_says_while_the_journal_is_gone_is_kept_on_disk_and_booked_later() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.enter()
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        stage.gone = True
        with pytest.raises(Unavailable):
            await stage.dealer.listener.hear(fill(entry, "1"))
        assert len(stage.disk.kept()) == 1
        stage.gone = False
        running = asyncio.create_task(stage.dealer.run(stage.reconciler.run))
        await settled()
        assert stage.bench.state.positions, "the desk that comes back books it before anything else"
        assert not stage.disk.kept()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scene())


def test_f06_an_order_whose_answer_was_lost_is_found_by_its_client_id_alone() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.venue.fault = OutcomeUnknown("nobody answered")
        stage.enter()
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        assert entry.state is OrderState.UNKNOWN
        stage.venue.there[entry.intent.client_id] = replace(told(entry), venue_id="never seen before")
        await stage.reconciler.reconcile()
        assert stage.bench.order(Purpose.ENTRY).venue_id == "never seen before"
        assert len(stage.venue.placed) == 1

    run(scene())


def test_f40_a_process_that_stood_still_says_so_and_asks_what_it_missed() -> None:
    async def scene() -> None:
        stage = Stage()
        running = asyncio.create_task(stage.dealer.run(stage.reconciler.run))
        await asyncio.sleep(5)
        asked = stage.venue.asked
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.stand_still(5.0)
        await asyncio.sleep(1.5)
        assert "stood still for 5" in stage.notes[-1]
        assert stage.venue.asked > asked, "it reconciles at once, not a minute later"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scene())


def test_f06_executions_without_our_tag_wait_for_the_order_in_doubt_and_are_not_a_strangers() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.venue.fault = OutcomeUnknown("nobody answered")
        stage.enter()
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        nameless = replace(fill(entry, "1"), tag="", venue_id="77")
        await stage.dealer.listener.hear(nameless)
        assert not of_kind(stage.bench.events, ev.ExternalFilled)
        assert not stage.bench.state.positions
        stage.venue.executions = [nameless]
        stage.venue.there[entry.intent.client_id] = replace(
            told(entry, VenueStatus.FILLED, entry.intent.quantity), venue_id="77"
        )
        await stage.reconciler.reconcile()
        assert stage.bench.state.positions, "the order told whose they are"

    run(scene())


def test_c24_a_difference_is_told_although_orders_are_on_their_way_and_trades_move_both_sides() -> None:
    async def scene() -> None:
        stage = Stage()
        await stage.reconciler.reconcile()
        stage.venue.cash -= 500
        await stage.reconciler.reconcile()
        stage.venue.fault = OutcomeUnknown("nobody answered")
        stage.enter()
        await settled()
        await stage.reconciler.reconcile()
        assert not of_kind(stage.bench.events, ev.BreakFound), "nothing can be told while an order is in doubt"
        entry = stage.bench.order(Purpose.ENTRY)
        stage.venue.there[entry.intent.client_id] = told(entry, VenueStatus.FILLED, entry.intent.quantity)
        stage.venue.executions = [fill(entry, "1")]
        stage.venue.coins, stage.venue.fault = entry.intent.quantity, None
        stage.venue.cash -= 100 * entry.intent.quantity
        await stage.reconciler.reconcile()
        await settled()  # the stop is taken
        await stage.reconciler.reconcile()
        (found,) = of_kind(stage.bench.events, ev.BreakFound)
        assert (found.subject, found.found - found.expected) == ("USDT", -500)

    run(scene())


def test_c19_the_dead_man_switch_is_renewed_for_entries_and_off_while_a_stop_rests() -> None:
    async def scene() -> None:
        stage = Stage(ExecutionPolicy(dead_man_s=60, maker_patience_ms=600_000))
        running = asyncio.create_task(stage.dealer.run(stage.reconciler.run))
        await asyncio.sleep(5)
        assert stage.venue.alive == [], "nothing is open"
        stage.enter(kind=EntryKind.MAKER)
        await asyncio.sleep(45)
        assert stage.venue.alive == [60, 60, 60]
        entry = stage.bench.order(Purpose.ENTRY)
        stage.venue.there[entry.intent.client_id] = replace(
            told(entry), status=VenueStatus.FILLED, filled=entry.intent.quantity
        )
        stage.venue.executions = [fill(entry, "1")]
        await stage.dealer.listener.hear(fill(entry, "1"))
        await asyncio.sleep(25)
        assert stage.bench.order(Purpose.STOP)
        assert stage.venue.alive[-1] == 0, "it would take the stop away too"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scene())


def test_c23_an_unprotected_position_is_told_within_five_seconds_and_a_look() -> None:
    async def scene() -> None:
        stage = Stage()
        running = asyncio.create_task(stage.dealer.run(stage.reconciler.run))
        stage.enter()
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        stage.venue.fault = OutcomeUnknown("nobody answered")
        await stage.dealer.listener.hear(fill(entry, "1"))
        await asyncio.sleep(6.5)
        assert [event.protected for event in of_kind(stage.bench.events, ev.ProtectionChanged)] == [False]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scene())


def test_f09_executions_that_cannot_be_asked_for_are_asked_for_again() -> None:
    async def scene() -> None:
        stage = Stage(ExecutionPolicy(reconcile_ms=600_000))
        stage.enter()
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        spoken_of = told(entry, VenueStatus.FILLED, entry.intent.quantity)
        stage.venue.fills_fault = VenueUnreachable("nobody answers")
        await stage.dealer.listener.hear(spoken_of)
        assert "nobody answers" in stage.dealer.listener.health.fault
        assert not stage.bench.state.positions
        stage.venue.fills_fault = None
        await stage.dealer.listener.hear(spoken_of)
        assert not stage.bench.state.positions, "the venue tells executions later than orders"
        stage.venue.executions = [replace(fill(entry, "1"), tag="")]
        stage.venue.there[entry.intent.client_id] = spoken_of
        async with running(stage):
            await asyncio.sleep(5)
            assert stage.bench.state.positions

    run(scene())


def test_f12_an_execution_with_no_number_of_an_order_is_a_strangers_where_nothing_is_in_doubt() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.enter()
        await settled()
        nobodys = replace(fill(stage.bench.order(Purpose.ENTRY), "1"), tag="", venue_id="")
        await stage.dealer.listener.hear(nobodys)
        assert len(of_kind(stage.bench.events, ev.ExternalFilled)) == 1
        assert not stage.bench.state.positions

    run(scene())


def test_f22_a_stream_that_breaks_is_opened_again_and_what_it_missed_is_asked_for() -> None:
    async def scene() -> None:
        stage = Stage(ExecutionPolicy(reconcile_ms=600_000))
        stage.venue.stream_fault = VenueUnreachable("the stream broke")
        async with running(stage):
            await asyncio.sleep(0.5)
            assert not stage.dealer.listener.health.stream_up
            assert "the stream broke" in stage.notes[-1]
            await asyncio.sleep(2)
            assert (stage.venue.listened, stage.dealer.listener.health.stream_up) == (2, True)
            asked = stage.venue.asked
            stage.venue.heard.put_nowait(StreamLost("silent for 30 s"))
            await asyncio.sleep(2)
            assert not stage.dealer.listener.health.stream_up
            assert stage.venue.asked > asked

    run(scene())


def test_c19_a_dead_man_switch_that_cannot_be_renewed_is_told_and_tried_again() -> None:
    async def scene() -> None:
        stage = Stage(ExecutionPolicy(dead_man_s=60, maker_patience_ms=600_000, reconcile_ms=600_000))
        stage.venue.dead_man_fault = VenueUnreachable("nobody answers")
        async with running(stage):
            await settled()
            stage.enter(kind=EntryKind.MAKER)
            await asyncio.sleep(45)
            assert stage.venue.alive == [60, 60, 60]
            assert any("nobody answers" in note for note in stage.notes)

    run(scene())


def test_a_dealer_that_cannot_go_on_says_why() -> None:
    async def scene() -> None:
        stage = Stage()
        async with running(stage) as task:
            await settled()
            stage.gone = True
            await asyncio.sleep(3)
            assert task.done()
            with pytest.raises(Unavailable, match="the journal is gone"):
                task.result()

    run(scene())


class FullDisk(Disk):
    """A spool on a disk that takes nothing more."""

    def keep(self, report: VenueOrder | VenueFill) -> None:
        raise Unavailable("there is no room for it")


def test_f18_where_neither_journal_nor_disk_takes_the_venues_word_it_is_asked_for_again_later() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.disk = stage.dealer.listener._spool = FullDisk()
        async with running(stage) as task:
            await settled()
            stage.enter()
            await settled()
            entry = stage.bench.order(Purpose.ENTRY)
            stage.gone = True
            stage.venue.heard.put_nowait(fill(entry, "1"))
            await settled()
            with pytest.raises(Unavailable, match="no room"):
                task.result()
        assert not stage.bench.state.positions
        stage.gone = False
        stage.venue.executions = [replace(fill(entry, "1"), tag="")]
        stage.venue.there[entry.intent.client_id] = told(entry, VenueStatus.FILLED, entry.intent.quantity)
        async with running(stage):
            await asyncio.sleep(1)
            assert stage.bench.state.positions
            assert stage.bench.order(Purpose.STOP), "and it is protected"

    run(scene())


def test_i5_a_desk_that_ends_still_raises_the_alarm_for_what_has_no_stop() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.enter()
        await settled()
        stage.venue.answers_after_s = 9.0
        await stage.dealer.listener.hear(fill(stage.bench.order(Purpose.ENTRY), "1"))
        assert await stage.dealer.leave() == 0
        told = [event.protected for event in of_kind(stage.bench.events, ev.ProtectionChanged)]
        assert told == [False, True], "the stop was taken after nine seconds"

    run(scene())
