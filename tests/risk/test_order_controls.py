"""Controls of an order by itself and against its market, C1 to C6 and C12 to C15: what each refuses."""

import pytest

from quorate.domain.orders import Order, OrderKind, OrderState
from quorate.domain.policy import Limits
from quorate.domain.votes import Action
from quorate.risk import order_controls as order
from quorate.risk.book import Reference
from quorate.risk.controls import check
from quorate.risk.verdict import PASS
from tests.risk.accounts import LIMITS, D, book, denied, exit_of, intent, open_order, orders, position, reference


def test_c01_a_quantity_over_the_limit_is_refused() -> None:
    limits = Limits(order_quantity_max=D("0.5"))
    assert order.quantity_limit(intent("0.5"), book(), limits) is PASS
    assert "0.501" in denied(order.quantity_limit(intent("0.501"), book(), limits), "C1").value
    assert order.quantity_limit(exit_of("0.501"), book(), limits) is PASS


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "Infinity", "-Infinity", "sNaN"])
def test_c01_a_quantity_that_is_no_positive_number_is_refused_for_entries_and_exits(quantity: str) -> None:
    denied(check(intent(quantity), book(), LIMITS), "C1")
    denied(check(exit_of(quantity), book(position()), LIMITS), "C1")


def test_c02_an_order_over_the_notional_limit_is_refused() -> None:
    limits = Limits(order_notional_max=D(1_000))
    assert order.notional_limit(intent("0.02"), book(), limits) is PASS
    denied(order.notional_limit(intent("0.021"), book(), limits), "C2")
    assert order.notional_limit(exit_of("0.021"), book(), limits) is PASS


def test_c02_a_pair_is_counted_over_all_portfolios_and_everything_in_flight() -> None:
    limits = Limits(symbol_notional_max=D(3_000))
    waiting = open_order(intent(portfolio="spot", name="w"))
    leaving = open_order(exit_of(portfolio="spot", name="x"))
    gone = Order(intent(name="g"), OrderState.CANCELLED)
    elsewhere = open_order(intent("1", "2500", pair="ETH/USDT", name="e"))
    held = book(position(), open_orders=orders(waiting, leaving, gone, elsewhere))
    assert order.notional_limit(intent("0.02"), held, limits) is PASS
    assert "BTC/USDT" in denied(order.notional_limit(intent("0.021"), held, limits), "C2").value


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_c02_a_price_that_is_no_positive_number_is_refused_for_entries_and_exits(price: str) -> None:
    denied(check(intent(price=price), book(), LIMITS), "C2")
    denied(check(exit_of(price=price), book(position()), LIMITS), "C2")


def test_c03_a_price_outside_the_collar_is_refused() -> None:
    assert order.price_collar(intent(price="51000"), book(), LIMITS) is PASS
    assert "200.2 bps" in denied(order.price_collar(intent(price="51001"), book(), LIMITS), "C3").value
    denied(order.price_collar(intent(price="48999"), book(), LIMITS), "C3")
    assert order.price_collar(exit_of(price="40000"), book(), LIMITS) is PASS


@pytest.mark.parametrize("references", [{}, {"BTC/USDT": reference(age_ms=5_001)}, {"BTC/USDT": reference("0")}])
def test_c03_without_a_fresh_reference_entries_are_refused_and_exits_pass(references: dict[str, Reference]) -> None:
    denied(order.price_collar(intent(), book(references=references), LIMITS), "C3")
    assert order.price_collar(exit_of(), book(references=references), LIMITS) is PASS


def test_c04_many_small_moves_that_add_up_are_refused() -> None:
    climbed = book(references={"BTC/USDT": reference(before=("44900", "46500", "48200"))})
    assert order.price_collar(intent(), climbed, LIMITS) is PASS
    assert "180 s ago" in denied(order.period_collar(intent(), climbed, LIMITS), "C4").value
    assert order.period_collar(exit_of(), climbed, LIMITS) is PASS


def test_c04_what_is_older_than_the_period_is_forgotten() -> None:
    climbed = book(references={"BTC/USDT": reference(before=("44900", *["49900"] * 5))})
    assert order.period_collar(intent(), climbed, LIMITS) is PASS


def test_c04_without_a_reference_entries_are_refused() -> None:
    denied(order.period_collar(intent(), book(references={}), LIMITS), "C4")


def test_c05_a_reference_that_is_too_old_is_refused() -> None:
    old = book(references={"BTC/USDT": reference(age_ms=5_001)})
    assert "5001 ms" in denied(order.reference_sanity(intent(), old, LIMITS), "C5").value
    assert order.reference_sanity(exit_of(), old, LIMITS) is PASS
    denied(order.reference_sanity(intent(), book(references={}), LIMITS), "C5")


def test_c05_a_feed_of_candles_has_a_limit_of_its_own() -> None:
    candle = book(references={"BTC/USDT": reference(age_ms=300_000)}, reference_age_ms_max=302_000)
    assert order.reference_sanity(intent(), candle, LIMITS) is PASS


def test_c05_a_reference_from_the_future_is_refused() -> None:
    denied(order.reference_sanity(intent(), book(references={"BTC/USDT": reference(age_ms=-1)}), LIMITS), "C5")


@pytest.mark.parametrize("price", ["0", "-5", "NaN", "Infinity"])
def test_c05_a_reference_that_is_no_price_is_refused(price: str) -> None:
    denied(order.reference_sanity(intent(), book(references={"BTC/USDT": reference(price)}), LIMITS), "C5")


@pytest.mark.parametrize("price", ["500000", "5000"])
def test_c05_a_bad_tick_is_refused_until_the_next_tick_confirms_it(price: str) -> None:
    spike = book(references={"BTC/USDT": reference(price)})
    assert "jumped" in denied(order.reference_sanity(intent(), spike, LIMITS), "C5").value
    confirmed = book(references={"BTC/USDT": reference(price, before=("50000", price))})
    assert order.reference_sanity(intent(), confirmed, LIMITS) is PASS


def test_c05_a_first_reference_is_confirmed_by_nothing() -> None:
    denied(order.reference_sanity(intent(), book(references={"BTC/USDT": reference(before=())}), LIMITS), "C5")


def test_c05_an_order_book_that_is_not_live_refuses_entries_and_lets_exits_pass() -> None:
    wrong = book(position(), blocked={"BTC/USDT": "gapped: updates 7 to 9 are missing"})
    assert "updates 7 to 9" in denied(order.reference_sanity(intent(), wrong, LIMITS), "C5").value
    assert check(exit_of(), wrong, LIMITS) is PASS
    assert order.reference_sanity(intent(), book(blocked={"ETH/USDT": "stale"}), LIMITS) is PASS


def test_c06_a_quantity_off_the_lot_is_refused_for_entries_and_exits() -> None:
    denied(order.precision(intent("0.0205"), book(), LIMITS), "C6")
    denied(check(exit_of("0.0105"), book(position()), LIMITS), "C6")


def test_c06_a_limit_price_off_the_tick_is_refused() -> None:
    denied(order.precision(intent(price="50000.05", kind=OrderKind.LIMIT), book(), LIMITS), "C6")
    denied(check(exit_of(price="49000.05", kind=OrderKind.STOP), book(position()), LIMITS), "C6")
    assert order.precision(intent(price="50000.05"), book(), LIMITS) is PASS


def test_c06_an_entry_under_the_minimum_notional_is_refused_and_dust_may_leave() -> None:
    dear = {"BTC/USDT": book().markets["ETH/USDT"]}
    assert "4.00" in denied(order.precision(intent("0.01", "400"), book(markets=dear), LIMITS), "C6").value
    assert order.precision(exit_of("0.01", price="400"), book(markets=dear), LIMITS) is PASS


def test_c06_an_unknown_market_refuses_entries_only() -> None:
    denied(order.precision(intent(pair="DOGE/USDT"), book(), LIMITS), "C6")
    assert order.precision(exit_of(pair="DOGE/USDT"), book(), LIMITS) is PASS


def test_c12_the_same_intent_twice_is_refused_also_for_exits() -> None:
    denied(check(intent(), book(intent_ids={"i-1"}), LIMITS), "C12")
    denied(check(exit_of(), book(position(), intent_ids={"i-1"}), LIMITS), "C12")


def test_c12_the_same_client_order_id_twice_is_refused() -> None:
    denied(check(intent(), book(client_ids={"q-i-1"}), LIMITS), "C12")


def test_c13_restricted_and_unlisted_pairs_are_refused() -> None:
    denied(check(intent(), book(), Limits(restricted_pairs=("BTC/USDT",))), "C13")
    denied(check(intent(), book(), Limits(allowed_pairs=("ETH/USDT",))), "C13")
    assert check(intent(), book(), Limits(allowed_pairs=("BTC/USDT",))) is PASS
    assert check(exit_of(), book(position()), Limits(restricted_pairs=("BTC/USDT",))) is PASS


def test_c14_an_entry_never_meets_an_own_order() -> None:
    resting = book(
        open_orders=orders(open_order(intent(price="50100", action=Action.SELL, kind=OrderKind.LIMIT, name="r")))
    )
    denied(order.self_match(intent(), resting, LIMITS), "C14")
    denied(order.self_match(intent(price="50100", kind=OrderKind.LIMIT), resting, LIMITS), "C14")
    assert order.self_match(intent(price="50099.9", kind=OrderKind.POST_ONLY), resting, LIMITS) is PASS
    assert order.self_match(intent(kind=OrderKind.STOP), resting, LIMITS) is PASS
    assert order.self_match(intent(portfolio="spot"), resting, LIMITS) is PASS
    assert order.self_match(exit_of(), resting, LIMITS) is PASS


def test_c14_a_sale_meets_an_own_bid_at_or_above_its_price() -> None:
    bid = book(open_orders=orders(open_order(intent(price="49900", kind=OrderKind.POST_ONLY, name="r"))))
    denied(order.self_match(intent(price="49900", action=Action.SELL, kind=OrderKind.LIMIT), bid, LIMITS), "C14")
    assert order.self_match(intent(price="49900.1", action=Action.SELL, kind=OrderKind.LIMIT), bid, LIMITS) is PASS


def test_c15_a_market_order_that_would_pay_too_much_is_refused() -> None:
    assert order.slippage(intent(), book(slippage_ppm=4_900), LIMITS) is PASS
    assert "50.1 bps" in denied(order.slippage(intent(), book(slippage_ppm=4_910), LIMITS), "C15").value
    assert order.slippage(intent(kind=OrderKind.LIMIT), book(slippage_ppm=9_000), LIMITS) is PASS
    assert order.slippage(exit_of(), book(slippage_ppm=9_000), LIMITS) is PASS


def test_c15_a_market_order_larger_than_the_known_depth_is_refused() -> None:
    thin = book(references={"BTC/USDT": reference(depth="1000")})
    assert order.slippage(intent("0.02"), thin, LIMITS) is PASS
    denied(order.slippage(intent("0.021"), thin, LIMITS), "C15")
    assert order.slippage(intent(), book(references={}), LIMITS) is PASS


def test_c15_an_unknown_market_is_refused() -> None:
    denied(order.slippage(intent(pair="DOGE/USDT"), book(), LIMITS), "C15")
