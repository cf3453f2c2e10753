"""Leverage has one meaning: what C7 counts as margin is what backs a position, and a stop comes before liquidation."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.market import MarketKind
from quorate.domain.orders import Intent
from quorate.domain.policy import Limits, PerpPolicy, PortfolioPolicy
from quorate.domain.votes import Action, ExitPlan, Side, Target
from quorate.risk import account_controls as account
from quorate.risk.leverage import leverage_of, liquidation_of, stop_fault
from quorate.risk.verdict import PASS, Deny
from tests.risk.accounts import AGGRESSIVE, BTC, SPOT, D, book, exit_of, intent

LIMITS = Limits()
PERPS = PerpPolicy()


def with_stop(stop: str, *, action: Action = Action.BUY, portfolio: str = "aggressive") -> Intent:
    target = "100000" if action is Action.BUY else "10000"
    plan = ExitPlan(D(stop), (Target(D(target), D(1)),))
    return replace(intent(action=action, portfolio=portfolio), plan=plan)


def test_leverage_is_that_of_the_policy_one_at_least_and_one_on_spot() -> None:
    assert leverage_of(AGGRESSIVE) == book().leverage("aggressive") == 3
    assert leverage_of(SPOT) == book().leverage("spot") == 1
    assert leverage_of(PortfolioPolicy(name="timid", leverage=D("0.5"))) == 1


def test_the_liquidation_price_follows_from_leverage_and_maintenance_margin() -> None:
    assert liquidation_of(AGGRESSIVE, PERPS, BTC, side=Side.LONG, entry=D(50_000)) == D("33670.0"), "33333.3 of 0.99"
    assert liquidation_of(AGGRESSIVE, PERPS, BTC, side=Side.SHORT, entry=D(50_000)) == D("66006.6"), "66666.7 of 1.01"
    assert liquidation_of(SPOT, PERPS, BTC, side=Side.LONG, entry=D(50_000)) is None


@pytest.mark.parametrize(
    ("action", "good", "late"), [(Action.BUY, "33920.1", "33920"), (Action.SELL, "65756.5", "65756.6")]
)
def test_c07_a_stop_too_near_to_the_liquidation_price_is_refused(action: Action, good: str, late: str) -> None:
    assert account.margin(with_stop(good, action=action), book(), LIMITS) is PASS
    verdict = account.margin(with_stop(late, action=action), book(), LIMITS)
    assert isinstance(verdict, Deny)
    assert verdict.control == "C7"
    assert f"stop {late}, liquidation at" in verdict.value
    assert "0.5 % of the entry price" in verdict.limit


def test_c07_spot_and_exits_know_no_liquidation() -> None:
    assert account.margin(with_stop("1", portfolio="spot"), book(), LIMITS) is PASS
    assert account.margin(exit_of(), book(), LIMITS) is PASS


def test_c07_leverage_that_the_maintenance_margin_eats_up_opens_nothing() -> None:
    reckless = replace(AGGRESSIVE, leverage=D(100))
    verdict = account.margin(with_stop("49999"), book(policies={"aggressive": reckless}), LIMITS)
    assert isinstance(verdict, Deny), "1 % of margin against 1 % of maintenance: lost as soon as it is opened"


def test_c07_a_price_that_cannot_be_counted_in_ticks_is_refused_and_no_crash() -> None:
    for price in ("0.01", "9000000000000"):
        wild = replace(with_stop("1"), price=D(price))
        assert isinstance(account.margin(wild, book(equity="1e18"), LIMITS), Deny)


@given(st.sampled_from([Side.LONG, Side.SHORT]), st.integers(1, 125), st.integers(1, 10**7), st.integers(1, 10**7))
def test_a_stop_that_passes_is_always_reached_before_the_liquidation(
    side: Side, leverage: int, entry: int, stop: int
) -> None:
    policy = replace(AGGRESSIVE, leverage=D(leverage), market=MarketKind.PERP)
    prices = {"entry": BTC.price(entry), "stop": BTC.price(stop)}
    liquidation = liquidation_of(policy, PERPS, BTC, side=side, entry=prices["entry"])
    if stop_fault(policy, PERPS, BTC, side=side, **prices) is None and liquidation is not None:
        assert (prices["stop"] - liquidation) * side.sign > 0
