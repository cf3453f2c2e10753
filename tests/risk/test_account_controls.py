"""Controls of an order against the account, C7 to C11 and C16: what each refuses, and what it lets pass."""

from dataclasses import replace
from typing import Any

import pytest

from quorate.domain.orders import Order, OrderKind, OrderState, Purpose
from quorate.domain.policy import Limits
from quorate.domain.votes import Action, Side
from quorate.risk import account_controls as account
from quorate.risk.book import TradingState
from quorate.risk.controls import Control, check
from quorate.risk.verdict import PASS, Deny
from tests.risk.accounts import (
    AGGRESSIVE,
    LIMITS,
    NOW,
    D,
    Sent,
    book,
    denied,
    exit_of,
    intent,
    open_order,
    orders,
    position,
)


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
