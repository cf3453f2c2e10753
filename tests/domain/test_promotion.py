"""The promotion ladder: what each gate asks for, and when a source comes down."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.promotion import (
    DAY_MS,
    BacktestShown,
    Band,
    Gate,
    Promotion,
    PromotionPolicy,
    Results,
    Rung,
    WalkShown,
    band_of,
    canary_room,
    fault_in_backtest,
    fault_in_canary,
    fault_in_paper,
    fault_in_walk,
    leaves_band,
    next_gate,
    results_of,
    rung_of,
)

D = Decimal
POLICY = PromotionPolicy()
BAND = Band(mean=D("0.2"), deviation=D("1.2"), fall=D(10))


def results(trades: int = 200, mean: str = "0.2", days: int = 120, fall: str = "8") -> Results:
    return Results(trades=trades, mean=D(mean), deviation=D("1.2"), fall=D(fall), first_ms=0, last_ms=days * DAY_MS)


def shown(**changes) -> BacktestShown:
    good = BacktestShown(results=results(), days=D(120), deflated_sharpe=D("0.97"), look_ahead="clean")
    return replace(good, **changes)


def walked(**changes) -> WalkShown:
    return replace(WalkShown(trades=90, net_return=D("0.12"), percentile=D(98), look_ahead="clean"), **changes)


class TestRungs:
    def test_every_gate_leads_one_rung_up_and_the_canary_is_the_first_that_is_live(self):
        assert [(gate.opens_from, gate.leads_to) for gate in Gate] == list(pairwise(Rung))
        assert [rung for rung in Rung if rung.live] == [Rung.CANARY, Rung.FULL]
        assert [next_gate(rung) for rung in Rung] == [*Gate, None]

    def test_a_source_with_other_parameters_begins_at_the_bottom(self):
        step = Promotion(
            source="trend",
            key="rules 1",
            before=Rung.WALKED_FORWARD,
            rung=Rung.CANARY,
            gate="paper",
            by="cli",
            reason="",
            evidence="",
            band=BAND,
            at_ms=0,
        )
        assert rung_of(step, "rules 1") is Rung.CANARY
        assert rung_of(step, "rules 2") is Rung.IDEA
        assert rung_of(None, "rules 1") is Rung.IDEA


class TestGates:
    def test_a_good_backtest_and_a_good_walk_pass(self):
        assert fault_in_backtest(shown(), POLICY) is None
        assert fault_in_walk(walked(), POLICY) is None

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"look_ahead": "found"}, "looks ahead"),
            ({"results": results(trades=99)}, "99 trades, 100 are needed"),
            ({"days": D(89)}, "89 days, 90 are needed"),
            ({"results": results(mean="0")}, "+0.000 R on average"),
            ({"deflated_sharpe": D("0.89")}, "is 0.89, 0.9 is needed"),
            ({"deflated_sharpe": None}, "cannot be told"),
        ],
    )
    def test_a_backtest_that_falls_short_is_told_by_how_much(self, changes, said):
        assert said in (fault_in_backtest(shown(**changes), POLICY) or "")

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"look_ahead": "found"}, "looks ahead"),
            ({"trades": 0}, "nothing was traded"),
            ({"net_return": D("-0.01")}, "-1.00 %"),
            ({"percentile": D(94)}, "beats 94 %"),
        ],
    )
    def test_a_walk_that_falls_short_is_told_by_how_much(self, changes, said):
        assert said in (fault_in_walk(walked(**changes), POLICY) or "")

    @pytest.mark.parametrize("judge", [fault_in_paper, fault_in_canary])
    def test_days_pass_that_keep_the_promise_and_no_others(self, judge):
        assert judge(results(trades=20, days=14), BAND, POLICY) is None
        assert "19 closed trades, 20 are needed" in judge(results(trades=19, days=14), BAND, POLICY)
        assert "13.0 days" in judge(results(trades=20, days=13), BAND, POLICY)
        assert "its backtest promised +0.200 R" in judge(results(trades=20, mean="-0.7", days=14), BAND, POLICY)


class TestBand:
    @pytest.mark.parametrize(
        ("trades", "mean", "left"), [(9, "-5", False), (10, "-5", True), (36, "-0.39", False), (36, "-0.41", True)]
    )
    def test_it_is_left_three_standard_errors_below_what_was_promised(self, trades, mean, left):
        """Over 36 trades the standard error is 0.2 R: 0.2 − 3 × 0.2 = −0.4."""
        assert (leaves_band(results(trades=trades, mean=mean), BAND, POLICY) is not None) is left

    def test_it_is_left_by_a_fall_deeper_than_the_backtest_allows(self):
        assert leaves_band(results(fall="15"), BAND, POLICY) is None
        assert "they fell by +15.001 R; +15.000 R" in (leaves_band(results(fall="15.001"), BAND, POLICY) or "")

    def test_better_than_promised_is_no_reason_to_come_down(self):
        assert leaves_band(results(mean="9"), BAND, POLICY) is None

    def test_results_are_summed_up_as_one_would_by_hand(self):
        summed = results_of([(0, D(1)), (DAY_MS, D(-1)), (2 * DAY_MS, D(-1)), (3 * DAY_MS, D(3))])
        assert (summed.trades, summed.mean, summed.fall, summed.days) == (4, D("0.5"), D(2), D(3))
        assert abs(summed.deviation - D("1.914854")) < D("0.000002")

    def test_they_are_summed_up_alike_whatever_a_library_left_the_thread_s_rounding_at(self):
        closed = [(0, D("0.000001")), (DAY_MS, D(0))]
        with localcontext(Context(prec=28, rounding=ROUND_HALF_UP)):
            assert results_of(closed).mean == 0, "half to even"

    @given(st.lists(st.decimals(-5, 5, places=2), min_size=10, max_size=60))
    def test_a_source_never_leaves_the_band_of_its_own_backtest(self, values):
        own = results_of([(place, value) for place, value in enumerate(values)])
        assert leaves_band(own, band_of(own), POLICY) is None

    @given(st.decimals(0, 1000, places=2), st.decimals(0, 2000, places=2))
    def test_a_canary_never_has_more_room_than_its_stake(self, stake, in_play):
        assert 0 <= canary_room(stake, in_play=in_play) <= stake
