"""What is done for open trades at a real venue: a stop for each, and exits not in each other's way."""

from decimal import Decimal
from functools import partial

from quorate.desk import hearing, tending
from quorate.desk.turn import RealVenue, Turn
from quorate.domain import events as ev
from quorate.domain.orders import OrderKind, Purpose
from quorate.domain.venue import VenueStatus
from tests.desk.at_a_venue import LiveBench, fill, told
from tests.desk.desks import BTC, of_kind


def test_f10_partial_fills_resize_the_stop_each_time() -> None:
    bench = LiveBench()
    entry = bench.enter()
    half = BTC.quantity(BTC.lots_floor(entry.intent.quantity / 2))
    bench.hear(told(entry), fill(entry, "1", quantity=half))
    first = bench.order(Purpose.STOP)
    assert first.intent.quantity == half
    bench.hear(told(first), fill(entry, "2", price="101", quantity=entry.intent.quantity - half))
    assert bench.state.orders[first.intent.client_id].cancel_ms is not None, "the old one makes way"
    bench.hear(told(first, VenueStatus.CANCELLED))
    assert bench.order(Purpose.STOP).intent.quantity == entry.intent.quantity


def test_c21_a_position_has_its_stop_at_the_venue_and_no_second_one() -> None:
    bench = LiveBench()
    bench.hold()
    for _ in range(5):
        bench.act(lambda turn: None, after_ms=60_000)
        bench.step("101 101 101 101")
    stop = bench.order(Purpose.STOP)
    assert (stop.intent.kind, stop.intent.price) == (OrderKind.STOP, Decimal(95))


def test_c21_a_position_without_its_stop_raises_the_alarm_once_and_ends_it() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.hear(fill(entry, "1"))
    stop = bench.order(Purpose.STOP)
    bench.act(lambda turn: hearing.hear_refusal(turn, stop.intent.client_id, "-2010"))
    for _ in range(2):
        bench.act(
            lambda turn: tending.alarm(turn, "live", BTC.pair, since_ms=bench.at_ms, doubted=False), after_ms=2_600
        )
    assert [event.protected for event in of_kind(bench.events, ev.ProtectionChanged)] == [False]
    bench.act(lambda turn: tending.end_alarms(turn, tending.unprotected(turn)))
    assert bench.state.unprotected, "the stop is on its way"
    bench.hear(told(bench.order(Purpose.STOP)))
    bench.act(lambda turn: tending.end_alarms(turn, tending.unprotected(turn)))
    assert [event.protected for event in of_kind(bench.events, ev.ProtectionChanged)] == [False, True]


def test_i5_the_time_to_the_alarm_runs_from_the_stops_end_whoever_looks_and_when() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    since = partial(tending.bare_since, portfolio="live", pair=BTC.pair)
    assert bench.act(since) == bench.now_ms, "its stop rests"
    bench.hear(told(stop, VenueStatus.CANCELLED))
    gone_ms = bench.now_ms
    bench.act(lambda turn: None, after_ms=bench.desk.charter.policy.execution.retry_ms)
    assert bench.order(Purpose.STOP).intent.client_id != stop.intent.client_id
    assert bench.act(since, after_ms=1_000) == gone_ms, "nobody has taken the other one yet"
    bench.hear(told(bench.order(Purpose.STOP)))
    assert bench.act(since) == bench.now_ms


def test_a_stop_that_moves_is_replaced_and_never_doubled() -> None:
    bench = LiveBench()
    bench.hold()
    first = bench.order(Purpose.STOP)
    bench.step("100 111 100 111")
    bench.step("111 112 111 112")
    live = [order for order in bench.state.orders.values() if order.intent.kind is OrderKind.STOP]
    assert live == [bench.state.orders[first.intent.client_id]]


def test_a_target_is_sold_only_after_the_stop_has_made_way_and_the_rest_is_protected_again() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.mark("110.5")
    assert bench.state.orders[stop.intent.client_id].cancel_ms is not None
    purposes = {order.intent.purpose for order in bench.state.orders.values()}
    assert Purpose.TARGET not in purposes, "the coins are still locked"
    bench.hear(told(stop, VenueStatus.CANCELLED))
    target = bench.order(Purpose.TARGET)
    assert target.intent.kind is OrderKind.MARKET
    bench.hear(told(target), fill(target, "2", price="110.5"))
    left = bench.state.positions[BTC.pair]["live"]
    assert left.targets_hit == 1
    assert bench.order(Purpose.STOP).intent.quantity == BTC.quantity(BTC.lots_floor(left.quantity))


def test_a_stop_that_fires_while_it_makes_way_is_the_exit() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.mark("110.5")
    bench.hear(fill(stop, "2", price="95"))
    assert not bench.state.positions
    assert of_kind(bench.events, ev.TradeClosed)[0].trade.reason == "stop"


def test_where_the_venue_keeps_no_stops_the_desk_watches_them() -> None:
    bench = LiveBench(RealVenue(name="plain", keeps_stops=False, spot=True))
    entry = bench.enter()
    bench.hear(told(entry), fill(entry, "1"))
    assert not bench.state.orders
    bench.mark("94.9")
    assert bench.order(Purpose.STOP).intent.kind is OrderKind.MARKET


def test_an_exit_is_never_sent_while_another_of_the_position_is_in_doubt() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.hear(told(entry), fill(entry, "1"))
    stop = bench.order(Purpose.STOP)
    bench.act(lambda turn: hearing.lose_sight(turn, stop.intent.client_id, "no answer"))
    bench.mark("80")
    assert list(bench.state.orders) == [stop.intent.client_id]


def test_an_exit_whose_position_is_gone_is_cancelled_and_closes_nothing_else() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.mark("110.5")
    bench.hear(told(stop, VenueStatus.CANCELLED))
    target = bench.order(Purpose.TARGET)
    bench.hear(fill(target, "2", price="110.5"))
    second = bench.order(Purpose.STOP)
    bench.hear(told(second))
    bench.act(
        lambda turn: hearing.hear_fill(turn, stop.intent.client_id, fill(stop, "3", quantity=second.intent.quantity))
    )
    assert not bench.state.positions
    assert bench.state.orders[second.intent.client_id].cancel_ms is not None


def test_f25_an_exit_that_finds_no_buyer_is_not_sent_again_at_once_and_not_given_up() -> None:
    bench = LiveBench(RealVenue(name="plain", keeps_stops=False, spot=True))
    entry = bench.enter()
    bench.hear(told(entry), fill(entry, "1"))
    bench.mark("94.9")
    first = bench.order(Purpose.STOP)
    bench.hear(told(first, VenueStatus.CANCELLED))
    assert not bench.state.orders, "the book was empty a moment ago: it still is"
    bench.mark("94.8")
    assert not bench.state.orders
    bench.act(lambda turn: None, after_ms=bench.desk.charter.policy.execution.retry_ms)
    again = bench.order(Purpose.STOP)
    assert again.intent.client_id != first.intent.client_id
    half = BTC.quantity(BTC.lots_floor(again.intent.quantity / 2))
    bench.hear(fill(again, "2", quantity=half, price="94"), told(again, VenueStatus.CANCELLED, half))
    assert bench.order(Purpose.STOP).intent.quantity == again.intent.quantity - half, "where somebody buys it goes on"


def test_a_stop_that_somebody_takes_away_is_back_at_once() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.act(lambda turn: None, after_ms=60_000)
    bench.hear(told(stop, VenueStatus.CANCELLED))
    assert bench.order(Purpose.STOP).intent.client_id != stop.intent.client_id


def test_a_stop_that_the_venue_ends_as_soon_as_it_has_it_is_not_placed_at_every_turn() -> None:
    bench = LiveBench()
    bench.hold()
    bench.hear(told(bench.order(Purpose.STOP), VenueStatus.CANCELLED))
    assert not bench.state.orders
    bench.act(lambda turn: None, after_ms=bench.desk.charter.policy.execution.retry_ms)
    assert bench.order(Purpose.STOP)


def test_c21_a_position_whose_price_nobody_has_told_yet_gets_its_stop_all_the_same() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.state.marks.clear()
    bench.hear(told(entry), fill(entry, "1"))
    assert bench.order(Purpose.STOP).intent.price == Decimal(95)


def test_c21_a_stop_that_is_smaller_than_its_position_does_not_protect_it() -> None:
    bench = LiveBench()
    entry = bench.enter()
    half = BTC.quantity(BTC.lots_floor(entry.intent.quantity / 2))
    bench.hear(told(entry), fill(entry, "1", quantity=half))
    bench.hear(told(bench.order(Purpose.STOP)))
    assert bench.act(tending.unprotected) == set()
    rest = fill(entry, "2", quantity=entry.intent.quantity - half)

    def enlarged(turn: Turn) -> set[tuple[str, str]]:
        hearing.hear_fill(turn, entry.intent.client_id, rest)
        return tending.unprotected(turn)

    assert bench.act(enlarged) == {("live", BTC.pair)}
