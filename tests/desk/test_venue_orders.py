"""Orders at a real venue: what is heard of them, whatever the order of the words, and what a person can stop."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quorate.desk import halting, hearing, reckoning
from quorate.domain import events as ev
from quorate.domain.orders import OrderState, Purpose
from quorate.domain.venue import Balance, VenueAccount, VenueFill, VenueOrder, VenueStatus
from quorate.domain.votes import EntryKind, Side
from quorate.risk.book import WHOLE_ACCOUNT, TradingState
from tests.desk.at_a_venue import FLAT, PLAN, LiveBench, fill, told
from tests.desk.desks import BTC, of_kind, setup

CANCELLED, FILLED = VenueStatus.CANCELLED, VenueStatus.FILLED


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
    assert bench.state.trading[WHOLE_ACCOUNT] == TradingState.REDUCING


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


def test_f30_a_position_shrinks_to_what_the_venue_has_and_openings_stop() -> None:
    bench = LiveBench()
    bench.hold()
    held = bench.state.positions[BTC.pair]["live"].quantity
    there = account(bench, BTC=str(held / 2))
    found = bench.act(lambda turn: reckoning.differences(turn, there))
    assert found is not None
    bench.act(lambda turn: reckoning.settle(turn, found))
    assert bench.state.positions[BTC.pair]["live"].quantity == held / 2
    assert bench.state.trading[WHOLE_ACCOUNT] == TradingState.REDUCING
    assert not bench.act(lambda turn: reckoning.differences(turn, there)), "told once"


def test_c24_balances_agree_to_the_last_unit_after_a_whole_trade() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.hear(fill(stop, "2", price="95.01", fee="0.0123456789"))
    assert not bench.act(lambda turn: reckoning.differences(turn, account(bench)))
    off = account(bench, USDT=str(bench.state.baseline["USDT"] + bench.state.flows["USDT"] - Decimal("0.01")))
    assert bench.act(lambda turn: reckoning.differences(turn, off)), "a cent is a difference"


def test_c24_what_the_venue_rounds_to_its_units_is_no_break_and_more_than_that_is() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.hear(fill(stop, "2", price="95.0123456", fee="0.0123456789"))
    exact = bench.state.baseline["USDT"] + bench.state.flows["USDT"]

    def there(off: str) -> VenueAccount:
        return replace(account(bench, USDT=str(exact + Decimal(off))), units=(("USDT", Decimal("0.0001")),))

    for off, tolerated in (("0.0005", False), ("-0.0004", True), ("-0.0005", False), ("-0.0004", True)):
        found = bench.act(lambda turn, off=off: reckoning.differences(turn, there(off)))
        assert (found == ()) is tolerated, f"{off}: two executions, value and fee of each"
    (rounded,) = of_kind(bench.events, ev.BalancesRounded)
    assert rounded.amounts == (("USDT", Decimal("-0.0004")),)
    assert bench.act(lambda turn: reckoning.differences(turn, there("-0.00041"))), "nothing was traded since"


def test_f10_coins_that_rounding_took_away_cannot_be_sold_and_shrink_the_position() -> None:
    bench = LiveBench()
    bench.hold()
    held = bench.state.positions[BTC.pair]["live"].quantity
    there = replace(account(bench, BTC=str(held - Decimal("0.00001"))), units=(("BTC", Decimal("0.00001")),))
    assert bench.act(lambda turn: reckoning.differences(turn, there)) == ()
    assert bench.state.positions[BTC.pair]["live"].quantity == held - Decimal("0.00001")
    assert WHOLE_ACCOUNT not in bench.state.trading, "nobody has to look at that"


def test_nothing_is_reckoned_while_an_outcome_is_unknown() -> None:
    bench = LiveBench()
    bench.enter()
    assert bench.act(lambda turn: reckoning.differences(turn, account(bench, USDT="1"))) is None


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


def test_the_whole_story_folds_out_of_its_events() -> None:
    bench = LiveBench()
    bench.hold()
    bench.mark("110.5")
    assert bench.rebuilt() == bench.state
    submitted = [event.client_id for event in of_kind(bench.events, ev.OrderSubmitted)]
    assert len(submitted) == len(set(submitted)), "no id is ever sent twice"
    intended = {event.intent.client_id for event in of_kind(bench.events, ev.OrderIntended)}
    assert set(submitted) <= intended
