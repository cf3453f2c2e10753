"""Stops on perpetuals fire into orders of another id, and the word that links the two can be lost (F6)."""

import asyncio
from dataclasses import replace
from decimal import Decimal

from quorate.desk import hearing, tending
from quorate.domain import events as ev
from quorate.domain.orders import Order, OrderKind, OrderState, Purpose
from quorate.domain.venue import (
    Balance,
    StreamLost,
    StreamUp,
    VenueAccount,
    VenueFill,
    VenueOrder,
    VenuePosition,
    VenueStatus,
    VenueUnreachable,
)
from quorate.domain.votes import Action
from tests.desk.at_a_venue import LiveBench, fill, told
from tests.desk.desks import BTC, of_kind
from tests.desk.staged import Stage, Table, running
from tests.desk.test_hearing import PERP, PERP_POLICY
from tests.simulation.virtual import run


class Perpetuals(Table):
    """A venue with a wallet and a position; `left` of it is what executions have left."""

    left: Decimal = Decimal(0)

    async def account(self) -> VenueAccount:
        held = VenuePosition(pair=BTC.pair, quantity=self.left, entry=Decimal(100), liquidation=None)
        gained = sum((each.gained or Decimal(0) for each in self.executions), Decimal(0))
        return VenueAccount(
            at_ms=0, balances=(Balance("USDT", self.cash + gained, Decimal(0)),), positions=(held,) if self.left else ()
        )


async def holding() -> tuple[Stage, Perpetuals, Order]:
    """A long position whose stop waits at the venue."""
    venue = Perpetuals()
    stage = Stage(bench=LiveBench(PERP, PERP_POLICY), venue=venue)
    stage.bench.hold()
    stop = stage.bench.order(Purpose.STOP)
    venue.left = stop.intent.quantity
    venue.there[stop.intent.client_id] = told(stop)
    return stage, venue, stop


def fired(stop: Order) -> tuple[VenueFill, VenueOrder]:
    """The execution of what the stop fired into, without our tag, and what the venue says once it is asked."""
    executed = replace(fill(stop, "9", price="95"), tag="fired9", venue_id="9", gained=-5 * stop.intent.quantity)
    return executed, replace(told(stop, VenueStatus.FILLED, stop.intent.quantity), venue_id="9")


def test_f06_an_execution_of_a_fired_stop_is_booked_on_it_however_late_the_two_are_linked() -> None:
    async def scene() -> None:
        stage, venue, stop = await holding()
        executed, word = fired(stop)
        await stage.dealer.listener.hear(executed)
        assert not of_kind(stage.bench.events, ev.ExternalFilled)
        assert stage.bench.state.positions, "it may be the stop's or not"
        venue.executions, venue.left = [executed], Decimal(0)
        venue.there[stop.intent.client_id] = word
        await stage.reconciler.reconcile()
        assert not stage.bench.state.positions
        assert of_kind(stage.bench.events, ev.TradeClosed)[0].trade.reason == "stop"
        assert not of_kind(stage.bench.events, ev.BreakFound)

    run(scene())


def test_f12_an_execution_while_the_stop_still_waits_is_somebody_elses() -> None:
    async def scene() -> None:
        stage, venue, stop = await holding()
        half = stop.intent.quantity / 2
        others = replace(fired(stop)[0], quantity=half, gained=-5 * half)
        venue.executions, venue.left = [others], half
        await stage.dealer.listener.hear(others)
        assert not of_kind(stage.bench.events, ev.ExternalFilled)
        await stage.reconciler.reconcile()
        assert stage.bench.state.positions[BTC.pair]["live"].quantity == half
        (found,) = of_kind(stage.bench.events, ev.BreakFound)
        assert (found.subject, found.found) == (BTC.pair, half)
        assert not stage.dealer.listener.put_off

    run(scene())


def test_f06_the_end_of_what_a_stop_fired_into_is_asked_about_although_it_carries_no_tag_of_ours() -> None:
    async def scene() -> None:
        stage, venue, stop = await holding()
        half = stop.intent.quantity / 2
        executed = replace(fired(stop)[0], quantity=half, gained=-5 * half)
        ended = replace(told(stop, VenueStatus.CANCELLED, half), tag="fired9", venue_id="9")
        async with running(stage):
            await asyncio.sleep(2)
            venue.executions, venue.left = [executed], half
            venue.there[stop.intent.client_id] = replace(ended, tag=stop.intent.client_id)
            venue.heard.put_nowait(ended)
            await asyncio.sleep(3)
            assert stage.bench.state.positions[BTC.pair]["live"].quantity == half
            again = stage.bench.order(Purpose.STOP)
            assert (again.intent.quantity, again.intent.client_id != stop.intent.client_id) == (half, True)

    run(scene())


def test_i5_a_stop_of_which_nothing_can_be_heard_is_an_alarm_until_the_venue_was_asked() -> None:
    async def scene() -> None:
        stage = Stage()
        async with running(stage):
            await asyncio.sleep(1)
            stage.bench.hold()
            stop = stage.bench.order(Purpose.STOP)
            stage.venue.there[stop.intent.client_id] = told(stop)
            stage.venue.executions = [fill(entry, "1") for entry in stage.bench.state.ended.values()]
            await asyncio.sleep(10)
            assert not of_kind(stage.bench.events, ev.ProtectionChanged), "its stop rests, and the venue is heard"
            stage.venue.fills_fault = VenueUnreachable("nothing within 15 s")
            stage.venue.heard.put_nowait(StreamLost("the connection was reset"))
            await asyncio.sleep(6.5)
            (raised,) = of_kind(stage.bench.events, ev.ProtectionChanged)
            assert (raised.protected, raised.reason[:36]) == (False, "nothing is heard of its stop for 5.0")
            stage.venue.heard.put_nowait(StreamUp())
            await asyncio.sleep(3)
            assert stage.bench.state.unprotected, "a stream that is up does not tell what it has missed"
            stage.venue.fills_fault = None
            await asyncio.sleep(3)
            assert not stage.bench.state.unprotected

    run(scene())


def test_i5_a_stop_that_has_fired_in_part_protects_nothing_any_more() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    assert bench.act(tending.unprotected) == set()
    bench.hear(fill(stop, "2", price="95", quantity=stop.intent.quantity / 2))
    assert bench.order(Purpose.STOP).state is OrderState.PARTIALLY_FILLED
    assert bench.act(tending.unprotected) == {("live", BTC.pair)}, "what is left of it rests nowhere"


def test_f06_the_stream_is_heard_while_executions_it_speaks_of_are_asked_for() -> None:
    async def scene() -> None:
        stage = Stage()
        async with running(stage):
            await asyncio.sleep(1)
            stage.enter()
            await asyncio.sleep(1)
            entry = stage.bench.order(Purpose.ENTRY)
            stage.venue.there[entry.intent.client_id] = told(entry, VenueStatus.FILLED, entry.intent.quantity)
            stage.venue.fills_after_s = 14.0
            stage.venue.heard.put_nowait(told(entry, VenueStatus.FILLED, entry.intent.quantity))
            await asyncio.sleep(1)
            stage.venue.heard.put_nowait(fill(entry, "1"))
            await asyncio.sleep(0.1)
            assert stage.bench.state.positions, "the execution came by itself, and nobody waited for the answer"
            stage.venue.executions = [fill(entry, "1")]
            await asyncio.sleep(40)
            assert not stage.dealer.listener.put_off

    run(scene())


def tightened(bench: LiveBench, stop: str) -> tuple[Order, Order]:
    """The stop that rests and the one that is to take its place, once the position's stop has moved."""
    (old,) = stops_of(bench)
    position = replace(bench.state.positions[BTC.pair]["live"], stop=Decimal(stop))
    bench.act(lambda turn: turn.emit(ev.PositionChanged(position, "trailing", turn.at_ms)))
    new = next(order for order in stops_of(bench) if order.intent.client_id != old.intent.client_id)
    return old, new


def stops_of(bench: LiveBench) -> list[Order]:
    return [order for order in bench.state.orders.values() if order.intent.kind is OrderKind.STOP]


def test_on_perpetuals_a_stop_moves_without_a_moment_without_one() -> None:
    bench = LiveBench(PERP, PERP_POLICY)
    bench.hold()
    old, new = tightened(bench, "97")
    assert bench.state.orders[old.intent.client_id].cancel_ms is None
    assert bench.act(tending.unprotected) == set()
    bench.hear(told(new))
    assert bench.state.orders[old.intent.client_id].cancel_ms is not None
    assert bench.act(tending.unprotected) == set()
    bench.hear(told(old, VenueStatus.CANCELLED))
    assert [order.intent.price for order in stops_of(bench)] == [Decimal(97)]


def test_on_perpetuals_a_stop_whose_successor_is_refused_stays_and_the_desk_itself_leaves_at_the_new_level() -> None:
    bench = LiveBench(PERP, PERP_POLICY)
    bench.hold()
    old, new = tightened(bench, "97")
    bench.act(lambda turn: hearing.hear_refusal(turn, new.intent.client_id, "-2021"))
    assert stops_of(bench) == [old]
    assert bench.act(tending.unprotected) == set()
    bench.mark("96.9")
    assert stops_of(bench) == [old], "it goes when the position has"
    (exit_,) = [order for order in bench.state.orders.values() if order.intent.kind is OrderKind.MARKET]
    assert (exit_.intent.purpose, exit_.intent.quantity) == (Purpose.STOP, old.intent.quantity)


def test_on_perpetuals_nothing_is_dust_as_whatever_is_held_can_be_closed() -> None:
    bench = LiveBench(PERP, PERP_POLICY)
    bench.hold()
    stop = bench.order(Purpose.STOP)
    most = stop.intent.quantity - BTC.lot
    bench.hear(
        replace(fill(stop, "2", price="95", quantity=most), gained=-5 * most), told(stop, VenueStatus.CANCELLED, most)
    )
    assert BTC.lot * 95 < BTC.min_notional
    assert not of_kind(bench.events, ev.DustLeft)
    assert bench.order(Purpose.STOP).intent.quantity == BTC.lot
    assert bench.order(Purpose.STOP).intent.action is Action.SELL
