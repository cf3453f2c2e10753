"""Ten questions before anybody trades a strategy, each with its reason; and what a backtest's findings come to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quorate.analysts.base import Strategy
from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.domain.policy import Costs
from quorate.research.backtesting import backtest_legs
from quorate.research.conventions import RunCosts
from quorate.research.examining import Wanted, examine
from quorate.research.findings import Baseline, Findings, LookAhead
from quorate.research.materials import Materials
from quorate.research.spans import Terms
from quorate.research.verify import Check, Examination, Verification, dearer_costs, verify
from tests.research.studied import ETH, FREE, IDEAL, SOL, materials
from tests.research.test_lookahead import rising, ruled, tomorrow

CHECKS = (
    "look_ahead",
    "warm_up",
    "enough_trades",
    "beats_random",
    "beats_held",
    "survives_costs",
    "no_single_trade",
    "no_single_month",
    "deflated_sharpe",
    "stable_folds",
)
HARD = Examination(samples=10, traders=40)
BREAKOUT = Breakout(parameters=BreakoutParameters(timeframe="5m"), costs=FREE)


def quiet(about: str, done: int, total: int) -> None:
    assert 0 <= done < total, about


def looked(
    strategy: Strategy, what: Materials, costs: RunCosts = IDEAL, examination: Examination = HARD
) -> tuple[Verification, dict[str, Check]]:
    found = verify(strategy, what, Terms(costs=costs), examination, monotonic=lambda: 0.0, step=quiet)
    return found, {check.name: check for check in found.checks}


@pytest.fixture(scope="module")
def candles() -> Materials:
    return materials(bars=14_000, markets=(SOL, ETH))


def test_every_question_is_asked_and_answered_with_a_reason(candles: Materials) -> None:
    found, checks = looked(BREAKOUT, candles)
    assert tuple(checks) == CHECKS
    assert all(check.reason.endswith((".", ")")) and check.label for check in found.checks)
    assert found.passed == all(check.passed for check in found.checks)
    assert checks["look_ahead"].passed
    assert checks["enough_trades"].value == found.trades
    assert found.digest == looked(BREAKOUT, candles)[0].digest


def test_one_that_knows_tomorrow_fails_whatever_it_earned(candles: Materials) -> None:
    found, checks = looked(ruled(tomorrow, name="prophet"), candles)
    assert found.mean_r > 0
    assert not checks["look_ahead"].passed
    assert "prophet on" in checks["look_ahead"].reason
    assert "none of its results can be believed" in found.sentence


def test_a_loser_is_told_so(candles: Materials) -> None:
    dear = RunCosts(rates=Costs(taker_fee_ppm=3_000, slippage_ppm=1_000))
    found, checks = looked(BREAKOUT, candles, dear)
    assert found.mean_r < 0
    assert not checks["survives_costs"].passed
    assert not checks["no_single_trade"].passed
    assert not checks["stable_folds"].passed
    assert "lost" in found.sentence
    assert not found.passed


def test_more_tries_raise_the_bar(candles: Materials) -> None:
    _, one = looked(BREAKOUT, candles)
    _, many = looked(BREAKOUT, candles, examination=replace(HARD, tries=5_000))
    assert (one["deflated_sharpe"].value or 0) > (many["deflated_sharpe"].value or 0)
    assert "the best of 5,000 variants" in many["deflated_sharpe"].reason


def test_silence_is_no_success(candles: Materials) -> None:
    found, checks = looked(ruled(lambda bars: np.zeros(len(bars), bool), name="mute"), candles)
    assert found.trades == 0
    assert found.sentence == "mute made no trade here: nothing is known of it."
    assert not any(checks[name].passed for name in CHECKS[2:])


def test_dearer_costs_are_all_of_them_dearer() -> None:
    found = dearer_costs(RunCosts(), Decimal("1.5"))
    before = RunCosts()
    for name in ("maker_fee_ppm", "taker_fee_ppm", "slippage_ppm", "liquidation_fee_ppm"):
        assert getattr(found.rates, name) == round(getattr(before.rates, name) * Decimal("1.5"))
    assert found.impact == before.impact * Decimal("1.5")


def examined(strategy: Strategy, what: Materials, wanted: Wanted, costs: RunCosts = IDEAL):
    run = backtest_legs([strategy], what, Terms(costs=costs), monotonic=lambda: 0.0, step=quiet)
    return examine(run, costs, wanted)


def test_a_backtest_is_examined_as_far_as_is_wanted(candles: Materials) -> None:
    _, bare = examined(BREAKOUT, candles, Wanted(baselines=False, samples=5))
    assert bare.figures
    assert (bare.baselines, bare.intervals, bare.monte_carlo) == ((), (), None)
    assert bare.look_ahead is not None
    assert bare.look_ahead.verdict == "clean"
    _, whole = examined(BREAKOUT, candles, Wanted(samples=5, traders=20))
    assert {each.name.partition(":")[0] for each in whole.baselines} == {
        "buy_and_hold",
        "equal_weight_daily",
        "buy_and_hold_sharpe",
        "random_entry",
        "tossed_sides",
    }
    assert whole.verdict is not None
    assert whole.verdict.headline


def test_an_accusation_leads_the_warnings_and_is_the_verdict(candles: Materials) -> None:
    tested, found = examined(ruled(tomorrow, name="prophet"), candles, Wanted(samples=10, traders=10))
    assert found.verdict is not None
    assert found.verdict.tone == "against"
    assert tested.backtest.warnings[0] == found.verdict.headline
    assert "prophet" in found.verdict.headline


def test_nothing_traded_is_unproven(candles: Materials) -> None:
    _, found = examined(ruled(lambda bars: np.zeros(len(bars), bool)), candles, Wanted(samples=5, traders=10))
    assert found.verdict is not None
    assert (found.verdict.tone, "no trade" in found.verdict.headline) == ("unproven", True)


def test_a_strategy_with_missing_numbers_is_warned_of(candles: Materials) -> None:
    def torn(bars):
        stop = bars.close * 0.99
        stop[bars.open_ms % 7_200_000 == 0] = np.nan
        return stop

    run = backtest_legs(
        [ruled(rising, stop=torn, name="torn")], candles, Terms(costs=IDEAL), monotonic=lambda: 0.0, step=quiet
    )
    assert any("torn on SOL/USDT 5m" in one and "ignored" in one for one in run.backtest.warnings)
    assert run.backtest.trades


def test_findings_find_by_name() -> None:
    baseline = Baseline(name="x", label="X", measure="m", unit="r", value=1.0, distribution=(1.0, float("nan")))
    found = Findings(baselines=(baseline,), look_ahead=LookAhead(verdict="clean", sentence="Clean."))
    assert baseline.told == (1.0,)
    assert found.figure("absent") is None
    assert found.interval("absent") is None
