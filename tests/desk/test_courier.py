"""The courier: requests leave once they are durable, and once, and a desk that ends waits for their answers."""

import asyncio

import pytest

from quorate.desk.courier import LEAVE_S, PLACE_TIMEOUT_S
from quorate.desk.ports import JournalPosition
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.orders import OrderState, Purpose
from quorate.domain.policy import ExecutionPolicy
from quorate.domain.venue import KeyFault, OrderGone, OutcomeUnknown, VenueRefused, VenueStatus
from quorate.domain.votes import EntryKind
from tests.desk.at_a_venue import fill, told
from tests.desk.desks import of_kind
from tests.desk.staged import LATE_S, Stage, running, settled
from tests.simulation.virtual import VirtualClock, run


def test_f03_an_order_decided_late_has_as_long_to_come_to_light_as_any_other() -> None:
    """Its events carry the close that it was decided on, and that may be half a minute ago when it is sent."""

    async def scene() -> None:
        await asyncio.sleep(LATE_S)
        stage = Stage()
        stage.venue.fault = OutcomeUnknown("the connection was reset")
        stage.enter()
        await settled()
        (order,) = stage.bench.state.orders.values()
        assert VirtualClock().now_ms() - order.sent_ms > 29_000, "the story must be of a late one"
        await stage.reconciler.reconcile()
        assert stage.bench.state.orders[order.intent.client_id].state is OrderState.UNKNOWN
        await asyncio.sleep(PLACE_TIMEOUT_S + stage.venue.settles_ms / 1_000)
        await stage.reconciler.reconcile()
        assert stage.bench.state.ended[order.intent.client_id].state is OrderState.VOID

    run(scene())


def test_f18_an_order_leaves_only_when_its_batch_is_durable_and_never_when_it_is_not() -> None:
    async def scene() -> None:
        stage = Stage()
        fate = stage.enter(durable=False)
        await settled()
        assert stage.venue.placed == []
        fate.set_exception(Unavailable("the journal is gone"))
        await settled()
        assert stage.venue.placed == [], "what is not written down was never decided"
        other = Stage()
        fate = other.enter(durable=False)
        fate.set_result(JournalPosition(1, 1))
        await settled()
        assert [request.tag for request in other.venue.placed] == list(other.bench.state.orders)

    run(scene())


@pytest.mark.parametrize("entry_refused", [True, False])
def test_f06_what_may_only_reduce_and_is_refused_has_the_venue_asked_at_once(entry_refused: bool) -> None:
    async def scene() -> None:
        stage = Stage()
        async with running(stage):
            await asyncio.sleep(1)
            asked = stage.venue.asked
            refusal = VenueRefused("the venue does not like it", code_there="-2022")
            stage.venue.fault = refusal if entry_refused else None
            stage.enter()
            await settled()
            if not entry_refused:
                stage.venue.fault = refusal
                await stage.dealer.listener.hear(fill(stage.bench.order(Purpose.ENTRY), "1"))
            await asyncio.sleep(2)
            assert (stage.venue.asked > asked) is not entry_refused, "what a stop is to protect may be gone"

    run(scene())


def test_f26_a_key_that_lost_its_rights_opens_nothing_and_says_so() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.venue.fault = KeyFault("the key may not trade")
        stage.enter()
        await settled()
        assert not stage.bench.state.orders, "it surely never was one"
        assert "the key may not trade" in stage.dealer.listener.health.fault
        assert stage.notes

    run(scene())


def test_f18_a_cancel_leaves_only_when_its_batch_is_durable() -> None:
    async def scene() -> None:
        stage = Stage(ExecutionPolicy(maker_patience_ms=1_000))
        stage.enter(kind=EntryKind.MAKER)
        await settled()
        before = len(stage.bench.events)
        stage.bench.act(lambda turn: None, after_ms=11_000)
        assert of_kind(stage.bench.events[before:], ev.CancelRequested), "the story must have a cancel"
        stage.follow(before, durable=False).set_exception(Unavailable("the journal is gone"))
        await settled()
        assert stage.venue.cancelled == []

    run(scene())


@pytest.mark.parametrize("fault", [OrderGone("no such order", code_there="-2011"), OutcomeUnknown("nobody answered")])
def test_f07_a_cancel_that_finds_nothing_or_is_not_answered_is_followed_by_a_question(fault: Exception) -> None:
    async def scene() -> None:
        stage = Stage(ExecutionPolicy(reconcile_ms=600_000))
        stage.venue.cancel_fault = fault
        async with running(stage):
            await settled()
            stage.enter(kind=EntryKind.MAKER)
            await asyncio.sleep(1)
            asked = stage.venue.asked
            await asyncio.sleep(13)
            assert stage.venue.cancelled, "it was not taken in time"
            assert stage.venue.asked > asked, "it is asked what became of it, not only ten minutes later"
            assert stage.bench.state.orders, "and held until somebody tells"

    run(scene())


def test_a_cancel_of_what_has_ended_meanwhile_is_not_sent() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.enter(kind=EntryKind.MAKER)
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        before = len(stage.bench.events)
        stage.bench.act(lambda turn: None, after_ms=11_000)
        fate = stage.follow(before, durable=False)
        stage.bench.hear(told(entry, VenueStatus.CANCELLED))
        fate.set_result(JournalPosition(1, 1))
        await settled()
        assert stage.venue.cancelled == []

    run(scene())


def test_an_order_that_is_known_by_the_time_it_is_durable_is_not_sent_again() -> None:
    async def scene() -> None:
        stage = Stage()
        fate = stage.enter(durable=False)
        assert stage.dealer.courier.errands == 1
        stage.bench.hear(told(stage.bench.order(Purpose.ENTRY)))
        fate.set_result(JournalPosition(1, 1))
        await settled()
        assert (stage.venue.placed, stage.dealer.courier.errands) == ([], 0)

    run(scene())


def test_f17_an_outcome_that_the_journal_cannot_take_is_learnt_from_the_venue_later() -> None:
    async def scene() -> None:
        stage = Stage()
        fate = stage.enter(durable=False)
        stage.venue.fault, stage.gone = OutcomeUnknown("nobody answered"), True
        fate.set_result(JournalPosition(1, 1))
        await settled()
        assert stage.bench.order(Purpose.ENTRY).state is OrderState.SUBMITTED, "nothing was decided"
        stage.gone = False
        async with running(stage):
            await settled()
            assert stage.bench.order(Purpose.ENTRY).state is OrderState.UNKNOWN

    run(scene())


def test_f17_an_answer_that_the_journal_cannot_take_is_kept_and_its_errand_is_told_as_broken() -> None:
    async def scene() -> None:
        stage = Stage()
        fate = stage.enter(durable=False)
        stage.gone = True
        fate.set_result(JournalPosition(1, 1))
        await settled()
        assert [report.tag for report in stage.disk.kept()] == [request.tag for request in stage.venue.placed]
        assert "the journal is gone" in stage.dealer.listener.health.fault
        assert stage.dealer.courier.errands == 0

    run(scene())


def test_f36_a_desk_that_ends_waits_for_answers_and_for_what_follows_from_them() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.venue.answers_after_s = 3.0
        stage.enter()
        await settled()
        entry = stage.bench.order(Purpose.ENTRY)
        assert entry.state is OrderState.SUBMITTED
        await stage.dealer.listener.hear(fill(entry, "1"))
        assert await stage.dealer.courier.leave() == 0
        assert stage.bench.order(Purpose.STOP).state is OrderState.ACCEPTED, (
            "also the stop of what was filled meanwhile"
        )
        assert stage.dealer.courier.errands == 0

    run(scene())


def test_f36_a_desk_that_ends_waits_for_nobody_for_ever() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.enter(durable=False)
        began_s = asyncio.get_running_loop().time()
        assert await stage.dealer.courier.leave() == 1
        assert asyncio.get_running_loop().time() - began_s == pytest.approx(LEAVE_S)
        await settled()
        assert (stage.venue.placed, stage.dealer.courier.errands) == ([], 0)

    run(scene())
