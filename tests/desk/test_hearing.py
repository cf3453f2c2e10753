"""Words of a venue that do not fit: of nobody's order, too much, too late, against each other."""

from dataclasses import replace
from decimal import Decimal

from quorate.desk import hearing, reckoning
from quorate.desk.turn import RealVenue
from quorate.domain import events as ev
from quorate.domain.market import MarketKind
from quorate.domain.orders import OrderState, Purpose
from quorate.domain.venue import Balance, VenueAccount, VenuePosition, VenueStatus
from quorate.domain.votes import Action, EntryKind
from quorate.risk.book import WHOLE_ACCOUNT, TradingState
from tests.desk.at_a_venue import POLICY, LiveBench, fill, told
from tests.desk.desks import BTC, of_kind

PERP = RealVenue(name="binanceusdm", keeps_stops=True, spot=False)
PERP_POLICY = replace(POLICY, portfolios=tuple(replace(each, market=MarketKind.PERP) for each in POLICY.portfolios))


def test_words_on_an_order_that_nobody_knows_change_nothing() -> None:
    bench = LiveBench()
    stranger = replace(told(bench.enter()), tag="nobody's")
    seen = len(bench.events)
    bench.hear(stranger, replace(fill(bench.order(Purpose.ENTRY), "1"), tag="nobody's"))
    bench.act(lambda turn: hearing.hear_absence(turn, "nobody's", "no list knows it"))
    bench.act(lambda turn: hearing.hear_refusal(turn, "nobody's", "-2010"))
    bench.act(lambda turn: hearing.lose_sight(turn, "nobody's", "no answer"))
    bench.act(lambda turn: hearing.external_gone(turn, "BTC/USDT|nobody's"))
    assert len(bench.events) == seen


def test_an_order_that_the_venue_calls_rejected_was_never_one() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.hear(replace(told(entry, VenueStatus.REJECTED), reason="insufficient balance"))
    assert bench.state.ended[entry.intent.client_id].state is OrderState.REJECTED
    assert of_kind(bench.events, ev.OrderRejected)[0].reason == "insufficient balance"


def test_a_refusal_of_an_order_that_lives_is_not_believed() -> None:
    bench = LiveBench()
    entry = bench.enter(EntryKind.MAKER)
    bench.hear(told(entry))
    bench.act(lambda turn: hearing.hear_refusal(turn, entry.intent.client_id, "-2010"))
    assert bench.order(Purpose.ENTRY).state is OrderState.ACCEPTED


def test_f11_more_executed_than_was_asked_for_is_booked_and_stops_openings() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.hear(fill(entry, "1"), fill(entry, "2", quantity=Decimal(1)))
    (found,) = of_kind(bench.events, ev.BreakFound)
    assert found.found == entry.intent.quantity + 1
    assert bench.state.trading[WHOLE_ACCOUNT] == TradingState.REDUCING
    assert bench.state.positions[BTC.pair]["live"].quantity == entry.intent.quantity + 1


def test_f11_an_exit_of_what_is_not_open_any_more_is_booked_against_nothing_and_stops_openings() -> None:
    bench = LiveBench()
    bench.hold()
    stop = bench.order(Purpose.STOP)
    bench.hear(fill(stop, "2", price="95"))
    assert not bench.state.positions
    cash = bench.state.portfolios["live"].cash
    bench.hear(fill(stop, "3", price="95", quantity=Decimal("0.5"), fee="0.25"))
    assert bench.state.portfolios["live"].cash == cash - Decimal("0.25"), "only its fee is known to be ours"
    assert [event.reason for event in of_kind(bench.events, ev.BreakFound)] == [
        "more was executed than was asked for",
        "more was closed than was open",
    ]


def test_f03_a_void_order_that_is_open_after_all_is_a_break_and_one_that_has_ended_is_none() -> None:
    bench = LiveBench()
    entry = bench.enter()
    bench.act(lambda turn: hearing.hear_absence(turn, entry.intent.client_id, "no list knows it"))
    bench.hear(told(entry, VenueStatus.CANCELLED))
    assert not of_kind(bench.events, ev.BreakFound)
    bench.hear(told(entry))
    assert "void and is open" in of_kind(bench.events, ev.BreakFound)[0].reason
    assert bench.state.trading[WHOLE_ACCOUNT] == TradingState.REDUCING


def test_c24_on_perpetuals_positions_are_compared_and_shrink_to_what_is_there() -> None:
    bench = LiveBench(PERP, PERP_POLICY)
    bench.hold()
    held = bench.state.positions[BTC.pair]["live"].quantity

    def there(quantity: Decimal) -> VenueAccount:
        position = VenuePosition(pair=BTC.pair, quantity=quantity, entry=Decimal(100), liquidation=None)
        wallet = Balance("USDT", Decimal(10_000), Decimal(0))
        return VenueAccount(at_ms=0, balances=(wallet,), positions=(position,))

    assert bench.act(lambda turn: reckoning.differences(turn, there(held))) == ()
    found = bench.act(lambda turn: reckoning.differences(turn, there(held / 2)))
    assert found is not None
    assert [(each.subject, each.expected, each.found) for each in found] == [(BTC.pair, held, held / 2)]
    bench.act(lambda turn: reckoning.settle(turn, found))
    assert bench.state.positions[BTC.pair]["live"].quantity == held / 2
    (smaller,) = [order for order in bench.state.orders.values() if order.state is OrderState.SUBMITTED]
    bench.hear(told(smaller))
    assert bench.act(lambda turn: reckoning.differences(turn, there(held / 2))) == (), "told once"
    more = bench.act(lambda turn: reckoning.differences(turn, there(held)))
    assert more is not None
    bench.act(lambda turn: reckoning.settle(turn, more))
    assert bench.state.positions[BTC.pair]["live"].quantity == held / 2, "what is somebody else's is not taken over"
    assert bench.act(lambda turn: reckoning.differences(turn, there(held))) == ()


def test_on_perpetuals_whatever_goes_against_a_position_is_booked_on_it_once_and_stops_openings() -> None:
    books = tuple(replace(each, leverage=Decimal(5)) for each in PERP_POLICY.portfolios)
    bench = LiveBench(PERP, replace(PERP_POLICY, portfolios=books))
    bench.hold()
    entry = next(order for order in bench.state.ended.values() if order.intent.purpose is Purpose.ENTRY)
    held, before = bench.state.positions[BTC.pair]["live"].quantity, bench.state.portfolios["live"].cash
    half = held / 2
    others = replace(fill(entry, "9", price="96", quantity=half, fee="0.5"), tag="autoclose", action=Action.SELL)
    for told_again in (others, others):
        bench.act(lambda turn, word=told_again: hearing.see_external_fill(turn, word))
    assert bench.state.positions[BTC.pair]["live"].quantity == half
    assert bench.state.portfolios["live"].cash == before - half * 4 - Decimal("0.5"), "its loss and its fee, once"
    (found,) = of_kind(bench.events, ev.BreakFound)
    assert (found.expected, found.found, found.reckoned) == (held, half, False)
    assert bench.state.trading[WHOLE_ACCOUNT] == TradingState.REDUCING
    more = replace(others, trade_id="10", action=Action.BUY)
    bench.act(lambda turn: hearing.see_external_fill(turn, more))
    assert bench.state.positions[BTC.pair]["live"].quantity == half, "what makes it larger is somebody else's"
    rest = replace(others, trade_id="11", quantity=held, price=Decimal(1))
    bench.act(lambda turn: hearing.see_external_fill(turn, rest))
    assert BTC.pair not in bench.state.positions
    (trade,) = [event.trade for event in of_kind(bench.events, ev.TradeClosed)]
    assert trade.reason == "liquidation", "far beyond the price at which the venue closes it"
    assert trade.pnl == bench.state.portfolios["live"].cash - before


def test_on_spot_an_execution_of_no_order_of_ours_moves_balances_alone() -> None:
    bench = LiveBench()
    bench.hold()
    entry = next(order for order in bench.state.ended.values() if order.intent.purpose is Purpose.ENTRY)
    held = bench.state.positions[BTC.pair]["live"].quantity
    others = replace(fill(entry, "9", price="96"), tag="nobody's", action=Action.SELL)
    bench.act(lambda turn: hearing.see_external_fill(turn, others))
    assert bench.state.positions[BTC.pair]["live"].quantity == held
    assert bench.state.flows["BTC"] == 0, "what was bought and what somebody sold"


def test_an_execution_from_before_the_balances_were_first_taken_is_in_them_however_late_it_is_told() -> None:
    bench = LiveBench()
    others = replace(fill(bench.enter(), "9"), tag="nobody's", at_ms=bench.state.venue_ms)
    assert bench.state.venue_ms > 0
    bench.act(lambda turn: hearing.see_external_fill(turn, others))
    assert not of_kind(bench.events, ev.ExternalFilled)
    bench.act(lambda turn: hearing.see_external_fill(turn, replace(others, at_ms=others.at_ms + 1)))
    assert len(of_kind(bench.events, ev.ExternalFilled)) == 1


def test_an_account_is_opened_once_and_nothing_that_agrees_is_written_down() -> None:
    bench = LiveBench()
    seen = len(bench.events)
    bench.act(lambda turn: reckoning.open_account(turn, "binance", VenueAccount(at_ms=0, balances=())))
    bench.act(lambda turn: reckoning.settle(turn, ()))
    assert len(bench.events) == seen
