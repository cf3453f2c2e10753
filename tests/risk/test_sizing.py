"""The sizing chain with its factors kept: RULES section 5 in both variants, rounded down, blocked with a reason."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.market import Market
from quorate.domain.policy import DEFAULT_PORTFOLIOS, SizingPolicy
from quorate.domain.votes import MarketRegime, Regime
from quorate.risk.sizing import Sized, size
from tests.risk.accounts import BTC, D

AGGRESSIVE, CONSERVATIVE, STRATEGIES = DEFAULT_PORTFOLIOS
SIZING = SizingPolicy()


def sized(policy: Any = AGGRESSIVE, **changes: Any) -> Sized:
    """A neutral signal on BTC at 50,000 with a stop at 49,000, and whatever a test changes."""
    fields: dict[str, Any] = {
        "equity": D(10_000),
        "price": D(50_000),
        "stop": D(49_000),
        "market": BTC,
        "history": (),
        "streak": 0,
        "market_regime": MarketRegime.NEUTRAL,
        "regime": Regime.NEUTRAL,
        "confidence": D("0.5"),
    }
    return size(policy, SIZING, **{**fields, **changes})


def factor(result: Sized, name: str) -> Decimal:
    """The value of a named factor."""
    return next(link.value for link in result.factors if link.name == name)


def test_a_neutral_signal_takes_the_base_share() -> None:
    result = sized()
    assert (result.final_risk_pct, result.notional, result.quantity, result.lots) == (D("0.1"), D(1000), D("0.02"), 20)
    assert result.blocked_by is None
    assert [link.name for link in result.factors] == [
        "base",
        "kelly",
        "anti_martingale",
        "regime",
        "confidence",
        "size",
        "cap",
    ]
    assert all(link.why for link in result.factors)


def test_every_factor_multiplies_and_is_kept() -> None:
    history = (D("1.1"), D(-1)) * 10
    result = sized(
        history=history,
        streak=2,
        market_regime=MarketRegime.RISK_ON,
        regime=Regime.VOLATILE,
        confidence=D("0.8"),
        size=D("0.5"),
    )
    assert factor(result, "kelly") == D("0.727272")
    assert factor(result, "anti_martingale") == D("1.2")
    assert factor(result, "regime") == D("0.77")
    assert factor(result, "confidence") == D("1.3")
    assert result.final_risk_pct == D("0.043679")
    why = {link.name: link.why for link in result.factors}
    assert why["kelly"] == "10 of 20 trades won, 11 R won and 10 R lost, 0.5 of Kelly"
    assert why["anti_martingale"] == "2 won in a row: 1 + 2 × 0.1, at most 1.5"
    assert why["regime"] == "market RISK_ON 1.1 × symbol VOLATILE 0.7"


def test_losses_in_a_row_and_a_fearful_market_make_it_smaller() -> None:
    result = sized(streak=-2, market_regime=MarketRegime.RISK_OFF)
    assert factor(result, "anti_martingale") == D("0.6")
    assert result.final_risk_pct == D("0.036")


def test_the_hard_cap_holds_whatever_the_chain_says() -> None:
    greedy = replace(AGGRESSIVE, base_share=D("0.9"))
    result = sized(greedy, streak=5, market_regime=MarketRegime.RISK_ON, confidence=D(1))
    assert result.final_risk_pct == D("0.4")
    assert "cut to" in result.factors[-1].why


def test_a_strategy_risks_its_share_between_entry_and_stop() -> None:
    result = sized(STRATEGIES, stop=D(40_000))
    # 0.6 % of equity over a stop 20 % away is 3 % of equity as notional.
    assert result.final_risk_pct == D("0.03")
    assert factor(result, "stop_distance") == D("0.2")
    assert result.notional == 300


def test_a_strategy_stays_under_its_position_cap() -> None:
    result = sized(STRATEGIES)
    assert result.final_risk_pct == D("0.1")
    assert factor(result, "cap") == D("0.1")


def test_a_short_is_sized_by_the_same_distance() -> None:
    assert sized(STRATEGIES, stop=D(60_000)) == sized(STRATEGIES, stop=D(40_000))


def test_only_the_newest_trades_count_and_no_single_one_decides() -> None:
    assert sized(history=(D(-1),) * 500 + (D(2),) * 200) == sized(history=(D(2),) * 200)
    freak = (D(10**9), *(D(-100),) * 19)
    assert factor(sized(history=freak), "kelly") == factor(sized(history=(D(1000), *(D(-100),) * 19)), "kelly")


def test_a_scratch_is_not_a_win() -> None:
    assert factor(sized(history=(D(0),) * 20), "kelly") == D("0.625")


def test_a_choppy_symbol_is_blocked_and_its_factors_are_kept() -> None:
    result = sized(regime=Regime.CHOPPY)
    assert result.blocked_by == "regime: CHOPPY"
    assert (result.lots, result.quantity, result.notional, result.final_risk_pct) == (0, 0, 0, 0)
    assert factor(result, "regime") == 0


def test_f29_what_falls_under_the_minimum_notional_is_no_trade() -> None:
    fine = replace(BTC, lot=D("0.00001"))
    assert sized(market=fine, equity=D(45)).blocked_by == "minimum notional: 4.5 < 5"
    assert sized(market=fine, equity=D(50)).blocked_by is None


def test_what_buys_less_than_one_lot_is_no_trade() -> None:
    assert sized(equity=D(499)).blocked_by == "minimum quantity: 0.1 of equity buys less than one lot of 0.001"
    assert sized(equity=D(500)).lots == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"equity": D(0)}, "equity"),
        ({"equity": D(-5)}, "equity"),
        ({"stop": D(50_000)}, "stop"),
        ({"price": D(0)}, "stop"),
        ({"market": Market("BTC/USDT", D("1e-12"), D("1e-12"), D(5), 200)}, "steps"),
    ],
)
@pytest.mark.parametrize("policy", [AGGRESSIVE, STRATEGIES])
def test_what_cannot_be_sized_says_why(policy: Any, changes: dict[str, Any], reason: str) -> None:
    result = sized(policy, **changes)
    assert (result.blocked_by or "").startswith(f"{reason}: ")
    assert result.lots == 0


@given(
    policy=st.sampled_from(DEFAULT_PORTFOLIOS),
    equity=st.decimals(1, 10**7, places=8),
    price=st.integers(10, 10**7),
    distance=st.integers(1, 10**6),
    streak=st.integers(-30, 30),
    history=st.lists(st.decimals(-5, 8, places=3), max_size=40),
    market_regime=st.sampled_from(MarketRegime),
    regime=st.sampled_from(Regime),
    confidence=st.decimals(0, 1, places=6),
    share=st.decimals("0.1", 1, places=2),
)
def test_no_rounding_ever_adds_risk(
    policy: Any,
    equity: Decimal,
    price: int,
    distance: int,
    streak: int,
    history: list[Decimal],
    market_regime: MarketRegime,
    regime: Regime,
    confidence: Decimal,
    share: Decimal,
) -> None:
    entry, stop = BTC.price(price), BTC.price(price - min(distance, price - 1))
    result = sized(
        policy,
        equity=equity,
        price=entry,
        stop=stop,
        streak=streak,
        history=history,
        market_regime=market_regime,
        regime=regime,
        confidence=confidence,
        size=share,
    )
    assert 0 <= result.final_risk_pct <= policy.final_risk_cap
    assert result.notional <= equity * result.final_risk_pct
    assert result.quantity == result.lots * BTC.lot
    assert (result.blocked_by is None) is (result.lots > 0)
    chain = D(1)
    for link in result.factors:
        if link.name not in {"stop_distance", "cap"}:
            chain *= link.value
    if policy.risk_per_trade is None:
        assert result.notional <= equity * chain
    else:
        assert result.notional <= equity * policy.position_cap
        assert result.quantity * (entry - stop) <= equity * chain
