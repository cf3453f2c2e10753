"""Pre-trade controls C1 to C16: what each refuses, and that an exit is refused only for what would make it wrong."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.orders import Order, OrderKind, OrderState, Purpose
from quorate.domain.policy import Limits
from quorate.domain.votes import Action, Side
from quorate.risk import account_controls as account
from quorate.risk import order_controls as order
from quorate.risk.book import Book, Reference, TradingState
from quorate.risk.controls import CONTROLS, Control, check
from quorate.risk.verdict import PASS, Deny, Verdict
from tests.risk.accounts import (
    AGGRESSIVE,
    NOW,
    D,
    Sent,
    Worth,
    book,
    exit_of,
    intent,
    open_order,
    orders,
    position,
    reference,
)

LIMITS = Limits()


def denied(verdict: Verdict, control: str) -> Deny:
    """The refusal, which has to come from `control`."""
    assert isinstance(verdict, Deny), "expected a refusal"
    assert verdict.control == control
    assert verdict.value
    assert verdict.limit
    return verdict


def test_a_healthy_entry_passes_every_control() -> None:
    assert check(intent(), book(), LIMITS) is PASS


def test_controls_stand_in_the_order_of_their_numbers() -> None:
    assert list(CONTROLS) == [f"C{number}" for number in (*range(1, 17), 26)]


def test_a_refusal_names_the_control_the_value_and_the_limit() -> None:
    verdict = denied(check(intent("2"), book(), LIMITS), "C2")
    assert str(verdict) == "C2: order notional 100000.00 (limit 50000)"


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


def test_c07_positions_orders_in_flight_and_the_fee_count_against_equity() -> None:
    held = position("0.2")
    waiting = open_order(intent("0.1", name="w"))
    tight = book(held, open_orders=orders(waiting), equity="6000")
    assert account.margin(intent("0.059"), tight, LIMITS) is PASS
    assert "6001.50" in denied(account.margin(intent("0.06"), tight, LIMITS), "C7").value
    assert account.margin(exit_of("9"), tight, LIMITS) is PASS


def test_c07_an_order_whose_outcome_is_unknown_holds_its_margin() -> None:
    lost = open_order(intent("0.3", name="u"), OrderState.UNKNOWN)
    denied(account.margin(intent("0.1"), book(open_orders=orders(lost), equity="6000"), LIMITS), "C7")


def test_c07_spot_pays_in_full_and_never_sells_short() -> None:
    cash = book(equity="1000.5")
    assert account.margin(intent("0.02", portfolio="spot"), cash, LIMITS) is PASS
    denied(account.margin(intent("0.02", "50001", portfolio="spot"), cash, LIMITS), "C7")
    denied(account.margin(intent(action=Action.SELL, portfolio="spot"), cash, LIMITS), "C7")


@pytest.mark.parametrize("control", [account.margin, account.exposure, account.position_cap])
@pytest.mark.parametrize("missing", [{"policies": {}}, {"portfolios": {}}])
def test_an_unknown_portfolio_is_refused(control: Control, missing: dict[str, Any]) -> None:
    assert isinstance(control(intent(), book(**missing), LIMITS), Deny)


def test_c08_the_gross_exposure_cap_counts_long_and_short() -> None:
    long, short = position("0.3"), position("4", pair="ETH/USDT", side=Side.SHORT, entry="2500")
    policies = {"aggressive": replace(AGGRESSIVE, coin_exposure_cap=D(3))}
    full = book(long, short, equity="8500", policies=policies)
    assert account.exposure(intent("0.01"), full, LIMITS) is PASS
    denied(account.exposure(intent("0.011"), full, LIMITS), "C8")


def test_c08_a_net_cap_of_its_own_lets_hedged_positions_pass() -> None:
    policy = {"aggressive": replace(AGGRESSIVE, net_exposure_cap=D("0.5"), final_risk_cap=D(1))}
    short = position("2", pair="ETH/USDT", side=Side.SHORT, entry="2500")
    assert account.exposure(intent("0.2"), book(short, policies=policy), LIMITS) is PASS
    assert "net" in denied(account.exposure(intent("0.11"), book(policies=policy), LIMITS), "C8").value


def test_c08_one_coin_is_counted_over_all_its_pairs() -> None:
    other = position("0.06", pair="BTC/USDC")
    assert account.exposure(intent("0.02"), book(other), LIMITS) is PASS
    assert "BTC" in denied(account.exposure(intent("0.021"), book(other), LIMITS), "C8").value


def test_c08_a_position_without_a_mark_is_valued_at_its_entry() -> None:
    other = book(position("0.5"), marks={})
    assert other.exposure("aggressive").gross == 25_000
    assert other.exposure("aggressive") is other.exposure("aggressive")


def test_c08_an_exit_never_closes_more_than_is_open() -> None:
    held = book(position("0.02"))
    assert account.exposure(exit_of("0.02"), held, LIMITS) is PASS
    denied(check(exit_of("0.021"), held, LIMITS), "C8")
    assert "nothing is open" in denied(check(exit_of(), book(), LIMITS), "C8").value
    assert "add" in denied(check(exit_of(action=Action.BUY), held, LIMITS), "C8").value


def test_c08_exits_at_market_in_flight_count_and_resting_ones_share_the_position() -> None:
    resting = open_order(exit_of("0.02", kind=OrderKind.LIMIT, purpose=Purpose.TARGET, name="t"))
    assert account.exposure(exit_of(), book(position(), open_orders=orders(resting)), LIMITS) is PASS
    leaving = open_order(exit_of("0.01", name="m"))
    away = open_order(exit_of("0.01", name="o", portfolio="spot"))
    held = book(position(), open_orders=orders(leaving, away))
    assert account.exposure(exit_of("0.01"), held, LIMITS) is PASS
    denied(account.exposure(exit_of("0.011"), held, LIMITS), "C8")


def test_a_portfolio_answers_for_itself_and_for_its_open_entries_only() -> None:
    neighbour = replace(position("0.1", pair="ETH/USDT"), portfolio="spot")
    others = orders(
        open_order(intent(portfolio="spot", name="s")),
        open_order(exit_of(name="x")),
        Order(intent(name="g"), OrderState.REJECTED),
        Order(intent("0.03", name="p"), OrderState.PARTIALLY_FILLED, filled=D("0.01")),
    )
    held = book(position("0.02"), neighbour, open_orders=others).exposure("aggressive")
    assert (held.gross, held.net, held.pairs, held.coins) == (2_000, 2_000, {"BTC/USDT": 2_000}, {"BTC": 2_000})


def test_c09_a_position_is_never_larger_than_the_hard_cap() -> None:
    held = book(position("0.06"))
    assert account.position_cap(intent("0.02"), held, LIMITS) is PASS
    denied(account.position_cap(intent("0.021"), held, LIMITS), "C9")
    assert account.position_cap(exit_of("9"), held, LIMITS) is PASS


def test_c10_too_many_orders_within_the_window_are_refused() -> None:
    limits = Limits(throttle_orders_max=3)
    past = [Sent(NOW - 60_000), Sent(NOW - 59_999), Sent(NOW)]
    assert account.throttle(intent(), book(sent=past), limits) is PASS
    denied(account.throttle(intent(), book(sent=[*past, Sent(NOW)]), limits), "C10")
    assert account.throttle(exit_of(), book(sent=[*past, Sent(NOW)]), limits) is PASS


def test_c10_too_many_open_orders_are_refused() -> None:
    waiting = orders(open_order(intent(name="a")), open_order(intent(name="b")))
    denied(account.throttle(intent(), book(open_orders=waiting), Limits(open_orders_max=2)), "C10")
    assert account.throttle(intent(), book(open_orders=waiting), Limits(open_orders_max=3)) is PASS


def test_c11_a_pair_that_is_entered_again_and_again_is_closed_until_a_person_opens_it() -> None:
    limits = Limits(repeats_max=2)
    past = [Sent(NOW - 3_600_000), Sent(NOW - 3), Sent(NOW - 2, pair="ETH/USDT"), Sent(NOW - 1, entry=False)]
    assert account.repetition(intent(), book(sent=past), limits) is PASS
    again = [*past, Sent(NOW - 1)]
    assert denied(account.repetition(intent(), book(sent=again), limits), "C11").latch == "BTC/USDT"
    assert account.repetition(intent(), book(sent=again, enabled_ms={"BTC/USDT": NOW - 2}), limits) is PASS
    assert account.repetition(exit_of(), book(sent=again), limits) is PASS


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


@pytest.mark.parametrize("scope", ["", "BTC/USDT"])
@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED, "nonsense"])
def test_c16_entries_need_an_active_account_and_pair_and_exits_do_not(scope: str, state: str) -> None:
    stopped = book(position(), trading={scope: state})
    denied(check(intent(), stopped, LIMITS), "C16")
    assert check(exit_of(), stopped, LIMITS) is PASS


def test_c16_another_pair_may_stand_still() -> None:
    assert check(intent(), book(trading={"": "ACTIVE", "ETH/USDT": "HALTED"}), LIMITS) is PASS


def test_c16_a_pair_with_an_unknown_outcome_is_frozen_for_entries() -> None:
    lost = orders(open_order(intent("0.001", name="u"), OrderState.UNKNOWN))
    assert "q-u" in denied(check(intent(), book(open_orders=lost), LIMITS), "C16").value
    assert account.trading_state(intent(pair="ETH/USDT"), book(open_orders=lost), LIMITS) is PASS


AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=3)


@given(quantity=AMOUNTS, price=AMOUNTS, held=st.integers(1, 400), equity=st.integers(-1_000, 100_000))
def test_whatever_passes_stays_inside_every_cap(quantity: Decimal, price: Decimal, held: int, equity: int) -> None:
    before = book(position(str(D(held) / 1_000)), equity=str(equity))
    wish = intent(str(quantity), str(price))
    if check(wish, before, LIMITS) is PASS:
        after = wish.price * wish.quantity + before.exposure("aggressive").gross
        assert after <= AGGRESSIVE.final_risk_cap * equity
        assert after <= LIMITS.symbol_notional_max
        assert abs(wish.price - 50_000) <= 1_000


@given(
    quantity=st.integers(1, 20),
    price=st.decimals(min_value="0.1", max_value=10**9, places=1),
    equity=st.integers(-10_000, 10_000),
    state=st.sampled_from(TradingState),
    known=st.booleans(),
    sent=st.integers(0, 100),
)
def test_an_exit_that_fits_its_position_always_passes(
    quantity: int, price: Decimal, equity: int, state: TradingState, known: bool, sent: int
) -> None:
    account_in_trouble: Book = book(
        position("0.02"),
        equity=str(equity),
        trading={"": state},
        references={"BTC/USDT": reference()} if known else {},
        marks={} if known else {"BTC/USDT": D(1)},
        sent=[Sent(NOW)] * sent,
        portfolios={"aggressive": Worth(D(equity))} if known else {},
    )
    assert check(exit_of(str(D(quantity) / 1_000), price=str(price)), account_in_trouble, LIMITS) is PASS
