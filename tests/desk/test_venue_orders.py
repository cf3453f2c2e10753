"""Orders at a real venue: what is heard of them, whatever the order of the words, and what is done for open trades."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from quorate.desk import halting, hearing, reckoning, tending
from quorate.desk.turn import RealVenue, Turn
from quorate.domain import events as ev
from quorate.domain.orders import Order, OrderKind, OrderState, Purpose
from quorate.domain.venue import Balance, VenueAccount, VenueFill, VenueOrder, VenueStatus
from quorate.domain.votes import EntryKind, Side
from quorate.risk.book import WHOLE_ACCOUNT, TradingState
from tests.desk.at_a_venue import FLAT, PLAN, LiveBench, fill, told
from tests.desk.desks import BTC, of_kind, setup

LOST, CANCELLED, FILLED = VenueStatus.REJECTED, VenueStatus.CANCELLED, VenueStatus.FILLED


def account(bench: LiveBench, **other: str) -> VenueAccount:
    """Balances as the ledger expects them, but for those named."""
    known = {*bench.state.baseline, *bench.state.flows}
    expected = {a: bench.state.baseline.get(a, Decimal(0)) + bench.state.flows.get(a, Decimal(0)) for a in known}
    found = expected | {asset: Decimal(amount) for asset, amount in other.items()}
    return VenueAccount(at_ms=0, balances=tuple(Balance(a, n, Decimal(0)) for a, n in sorted(found.items()) if n))


def test_an_order_is_only_submitted_until_the_venue_says_more() -> None:
    bench = LiveBench()
    entry = bench.enter()
    assert entry.state is OrderState.SUBMITTED
    assert entry.sent_ms == bench.at_ms
    bench.step("90 90 90 90")
    assert bench.order(Purpose.ENTRY).state is OrderState.SUBMITTED, "no candle decides it"
    bench.hear(told(entry))
    assert bench.order(Purpose.ENTRY).venue_id == f"v-{entry.intent.client_id}"


def test_f02_an_order_whose_answer_was_lost_holds_its_risk_and_freezes_its_pair() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.act(lambda turn: hearing.lose_sight(turn, entry.intent.client_id, "the venue did not answer in time"))
    assert bench.order(Purpose.ENTRY).state is OrderState.UNKNOWN
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN)])
    assert len(bench.state.orders) == 1, "nothing is added to it meanwhile"
    bench.hear(fill(entry, "1"))
    assert bench.state.position("live", BTC.pair) is not None, "only the venue's word resolves it"


def test_f03_an_order_that_no_list_of_the_venue_knows_is_void_and_not_rejected() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.act(lambda turn: hearing.lose_sight(turn, entry.intent.client_id, "no answer"))
    bench.act(lambda turn: hearing.hear_absence(turn, entry.intent.client_id, "neither open nor closed nor executed"))
    assert bench.state.ended[entry.intent.client_id].state is OrderState.VOID
    assert not bench.state.orders


def test_an_order_that_the_venue_had_accepted_does_not_vanish_without_a_break() -> None:
    bench = LiveBench()
    entry = bench.enter(EntryKind.MAKER)
    bench.hear(told(entry))
    bench.act(lambda turn: hearing.hear_absence(turn, entry.intent.client_id, "nobody knows it"))
    assert of_kind(bench.events, ev.BreakFound)
    assert bench.state.trading[""] == TradingState.REDUCING


def test_f01_a_desk_that_comes_back_is_in_doubt_of_what_it_was_about_to_send() -> None:
    bench = LiveBench()
    bench.enter()
    bench.act(hearing.lose_sight_of_sent)
    assert bench.order(Purpose.ENTRY).state is OrderState.UNKNOWN
    assert bench.rebuilt() == bench.state


def test_f07_a_fill_that_races_a_cancel_wins() -> None:
    bench = LiveBench()
    entry = bench.enter(EntryKind.MAKER)
    bench.hear(told(entry))
    bench.act(lambda turn: None, after_ms=11_000)
    assert of_kind(bench.events, ev.CancelRequested), "it was not taken in time"
    assert bench.act(
        lambda turn: hearing.hear_order(turn, entry.intent.client_id, told(entry, FILLED, entry.intent.quantity))
    )
    bench.hear(fill(entry, "1"))
    assert bench.state.position("live", BTC.pair) is not None
    assert bench.order(Purpose.STOP).intent.quantity == entry.intent.quantity


def test_f09_a_fill_after_the_cancel_still_opens_a_position_and_protects_it() -> None:
    bench = LiveBench()
    entry = bench.enter(EntryKind.MAKER)
    bench.hear(told(entry), told(entry, CANCELLED))
    assert not bench.state.orders
    bench.hear(fill(entry, "late", quantity=Decimal("0.5")))
    assert bench.order(Purpose.STOP).intent.quantity == Decimal("0.5")


@given(st.data())
def test_f08_f09_every_order_of_the_same_words_leads_to_the_same_ledger(data: st.DataObject) -> None:
    reference, words = _story(list(range(6)))
    order = data.draw(st.permutations(range(len(words))))
    again = data.draw(st.lists(st.sampled_from(range(len(words))), max_size=6))
    bench, _ = _story([*order, *again, *range(len(words))])
    wanted, found = reference.state, bench.state
    assert found.flows == wanted.flows
    assert found.portfolios["live"].cash == wanted.portfolios["live"].cash
    assert found.positions == {} if not wanted.positions else _sizes(found) == _sizes(wanted)


def _sizes(state: object) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    positions = state.positions[BTC.pair]  # pyright: ignore[reportAttributeAccessIssue]
    return {name: (each.quantity, each.entry_value, each.fees) for name, each in positions.items()}


def _story(order: list[int]) -> tuple[LiveBench, list[VenueOrder | VenueFill]]:
    """Four executions of one entry, its acceptance and its end, said in this order."""
    bench = LiveBench()
    entry = bench.enter(EntryKind.MAKER)
    quarter = BTC.quantity(BTC.lots_floor(entry.intent.quantity / 4))
    fills = [fill(entry, str(n), price=f"{100 - n}", quantity=quarter, fee="0.01") for n in range(4)]
    words: list[VenueOrder | VenueFill] = [told(entry), *fills, told(entry, CANCELLED, quarter * 4)]
    for place in order:
        bench.hear(words[place])
    return bench, words


def test_f10_partial_fills_resize_the_stop_each_time() -> None:
    bench = LiveBench()
    entry = bench.enter()
    half = BTC.quantity(BTC.lots_floor(entry.intent.quantity / 2))
    bench.hear(told(entry), fill(entry, "1", quantity=half))
    first = bench.order(Purpose.STOP)
    assert first.intent.quantity == half
    bench.hear(told(first), fill(entry, "2", price="101", quantity=entry.intent.quantity - half))
    assert bench.state.orders[first.intent.client_id].cancel_ms is not None, "the old one makes way"
    bench.hear(told(first, CANCELLED))
    assert bench.order(Purpose.STOP).intent.quantity == entry.intent.quantity


def test_f10_a_fee_in_the_coin_itself_makes_the_position_smaller_and_the_ledger_exact() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bought = entry.intent.quantity
    paid = Decimal("0.0012345")
    bench.hear(fill(entry, "1", fee=str(paid), fee_asset="BTC"))
    position = bench.state.positions[BTC.pair]["live"]
    assert position.quantity == bought - paid
    assert bench.state.flows == {"BTC": bought - paid, "USDT": -100 * bought}
    stop = bench.order(Purpose.STOP)
    assert stop.intent.quantity == BTC.quantity(BTC.lots_floor(position.quantity)), "only whole lots can be sold"
    bench.hear(told(stop), fill(stop, "2", price="95"))
    assert bench.state.dust == {"BTC": position.quantity - stop.intent.quantity}
    trade = of_kind(bench.events, ev.TradeClosed)[0].trade
    left = bench.state.dust["BTC"] * 100
    assert trade.pnl == bench.state.flows["USDT"] + left, "the trade earned what the account did; dust is at its cost"
    assert trade.reason == "stop"
    assert bench.state.portfolios["live"].cash == 10_000 + trade.pnl


def test_f10_a_fee_in_a_third_asset_is_told_at_its_worth_and_kept_exactly() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.act(lambda turn: turn.emit(ev.QuotesMarked(turn.at_ms, (("BNB/USDT", Decimal(600)),))))
    bench.hear(fill(entry, "1", fee="0.0125", fee_asset="BNB"))
    assert bench.state.flows["BNB"] == Decimal("-0.0125")
    assert bench.state.positions[BTC.pair]["live"].fees == Decimal("7.5")


def test_f12_somebody_elses_order_is_counted_and_left_alone() -> None:
    bench = LiveBench()
    stranger = replace(told(bench.enter()), tag="", venue_id="manual")
    bench.act(lambda turn: hearing.see_external(turn, stranger))
    assert bench.state.external["BTC/USDT|manual"].open_quantity == stranger.quantity
    bench.act(lambda turn: None, after_ms=60_000)
    assert not of_kind(bench.events, ev.CancelRequested)
    bench.act(lambda turn: hearing.external_gone(turn, "BTC/USDT|manual"))
    assert not bench.state.external


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
        bench.act(lambda turn: tending.alarm(turn, "live", BTC.pair, since_ms=bench.at_ms), after_ms=2_600)
    assert [event.protected for event in of_kind(bench.events, ev.ProtectionChanged)] == [False]
    bench.hear(told(bench.order(Purpose.STOP)))
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
    assert not _orders(bench, Purpose.TARGET), "the coins are still locked"
    bench.hear(told(stop, CANCELLED))
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


def test_f30_a_position_shrinks_to_what_the_venue_has_and_openings_stop() -> None:
    bench = LiveBench()
    bench.hold()
    held = bench.state.positions[BTC.pair]["live"].quantity
    there = account(bench, BTC=str(held / 2))
    found = bench.act(lambda turn: reckoning.differences(turn, there))
    bench.act(lambda turn: reckoning.settle(turn, found))
    assert bench.state.positions[BTC.pair]["live"].quantity == held / 2
    assert bench.state.trading[""] == TradingState.REDUCING
    assert not bench.act(lambda turn: reckoning.differences(turn, there)), "told once"


def test_c24_balances_agree_to_the_last_unit_after_a_whole_trade() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.hear(fill(stop, "2", price="95.01", fee="0.0123456789"))
    assert not bench.act(lambda turn: reckoning.differences(turn, account(bench)))
    off = account(bench, USDT=str(bench.state.baseline["USDT"] + bench.state.flows["USDT"] - Decimal("0.01")))
    assert bench.act(lambda turn: reckoning.differences(turn, off)), "a cent is a difference"


def test_nothing_is_reckoned_while_an_outcome_is_unknown() -> None:
    bench = LiveBench()
    bench.enter()
    assert bench.act(lambda turn: reckoning.differences(turn, account(bench, USDT="1"))) == ()


def test_c17_panic_cancels_entries_keeps_stops_and_closes_only_if_asked() -> None:
    bench = LiveBench()
    bench.hold()
    report = bench.act(lambda turn: halting.panic(turn, by="a person", flatten=False))
    assert (report["state"], report["positionsOpen"]) == ("HALTED", 1)
    assert bench.order(Purpose.STOP).cancel_ms is None
    bench.act(lambda turn: halting.panic(turn, by="a person", flatten=True))
    stop = bench.order(Purpose.STOP)
    assert stop.cancel_ms is not None
    bench.hear(told(stop, CANCELLED))
    exit_order = bench.order(Purpose.MANUAL)
    bench.hear(fill(exit_order, "2", price="99"))
    assert of_kind(bench.events, ev.TradeClosed)[0].trade.reason == "manual"


def test_c16_a_halted_desk_opens_nothing_until_it_is_resumed() -> None:
    bench = LiveBench()
    bench.step(FLAT)
    bench.act(lambda turn: halting.panic(turn, by="a person", flatten=False))
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN)])
    assert not bench.state.orders
    bench.act(
        lambda turn: halting.set_trading(turn, scope=WHOLE_ACCOUNT, state="ACTIVE", by="a person", reason="looked")
    )
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", PLAN)])
    assert bench.state.orders


def test_an_exit_whose_position_is_gone_is_cancelled_and_closes_nothing_else() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.mark("110.5")
    bench.hear(told(stop, CANCELLED))
    target = bench.order(Purpose.TARGET)
    bench.hear(fill(target, "2", price="110.5"))
    second = bench.order(Purpose.STOP)
    bench.hear(told(second))
    bench.act(
        lambda turn: hearing.hear_fill(turn, stop.intent.client_id, fill(stop, "3", quantity=second.intent.quantity))
    )
    assert not bench.state.positions
    assert bench.state.orders[second.intent.client_id].cancel_ms is not None


def test_the_whole_story_folds_out_of_its_events() -> None:
    bench = LiveBench()
    bench.hold()
    bench.mark("110.5")
    assert bench.rebuilt() == bench.state
    submitted = [event.client_id for event in of_kind(bench.events, ev.OrderSubmitted)]
    assert len(submitted) == len(set(submitted)), "no id is ever sent twice"
    intended = {event.intent.client_id for event in of_kind(bench.events, ev.OrderIntended)}
    assert set(submitted) <= intended


def _orders(bench: LiveBench, purpose: Purpose) -> list[Order]:
    return [order for order in bench.state.orders.values() if order.intent.purpose is purpose]


def test_f25_an_exit_that_finds_no_buyer_is_not_sent_again_at_once_and_not_given_up() -> None:
    bench = LiveBench(RealVenue(name="plain", keeps_stops=False, spot=True))
    entry = bench.enter()
    bench.hear(told(entry), fill(entry, "1"))
    bench.mark("94.9")
    first = bench.order(Purpose.STOP)
    bench.hear(told(first, CANCELLED))
    assert not bench.state.orders, "the book was empty a moment ago: it still is"
    bench.mark("94.8")
    assert not bench.state.orders
    bench.act(lambda turn: None, after_ms=bench.desk.charter.policy.execution.retry_ms)
    again = bench.order(Purpose.STOP)
    assert again.intent.client_id != first.intent.client_id
    half = BTC.quantity(BTC.lots_floor(again.intent.quantity / 2))
    bench.hear(fill(again, "2", quantity=half, price="94"), told(again, CANCELLED, half))
    assert bench.order(Purpose.STOP).intent.quantity == again.intent.quantity - half, "where somebody buys it goes on"


def test_a_stop_that_somebody_takes_away_is_back_at_once() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.act(lambda turn: None, after_ms=60_000)
    bench.hear(told(stop, CANCELLED))
    assert bench.order(Purpose.STOP).intent.client_id != stop.intent.client_id


def test_a_stop_that_the_venue_ends_as_soon_as_it_has_it_is_not_placed_at_every_turn() -> None:
    bench = LiveBench()
    bench.hold()
    bench.hear(told(bench.order(Purpose.STOP), CANCELLED))
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
