"""The optimizer's arithmetic: small steps, hard bounds, old and few trades count for little, one regime at a time."""

from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.council.evidence import (
    DAY_MS,
    Measure,
    decay,
    decay_of,
    expectancy_span,
    measure,
    normal_quantile,
    student_t,
    tanh,
    weigh,
)
from quorate.council.optimizing import Evidence, differs, fault_in, moved, propose, reverted
from quorate.domain.optimization import NOT_OPTIMIZED, Adjustment, Optimization
from quorate.domain.policy import OptimizerPolicy
from quorate.domain.votes import Regime
from tests.examples import tried

D = Decimal
NOW_MS = 1_735_689_600_000
HOUR_MS = 3_600_000
POLICY = OptimizerPolicy()
PANEL = ("breakout", "momentum", "trend")
BOOKS = ("aggressive", "conservative", "strategies")
SETTINGS = {"aggressive": D("0.10"), "conservative": D("0.04"), "strategies": D("0.006")}


@dataclass(frozen=True)
class Ended:
    """A closed trade."""

    closed_ms: int
    r: Decimal
    regime: Regime = Regime.NEUTRAL


def ended(count: int, r: str, *, regime: Regime = Regime.NEUTRAL, days: int = 1, at_ms: int = NOW_MS) -> list[Ended]:
    """`count` trades of the same R, the last at `at_ms`, spread over as many days."""
    return [Ended(at_ms - (count - 1 - i) % days * DAY_MS, D(r), regime) for i in range(count)]


def evidence(
    *,
    results: dict[str, list[Ended]] | None = None,
    trades: dict[str, list[Ended]] | None = None,
    standing: Optimization = NOT_OPTIMIZED,
    at_ms: int = NOW_MS,
    limits_hit: frozenset[str] = frozenset(),
    weights: dict[str, Decimal] | None = None,
) -> Evidence:
    return Evidence(
        at_ms=at_ms,
        panel=PANEL,
        results=results or {},
        trades={name: (trades or {}).get(name, []) for name in BOOKS},
        settings=SETTINGS,
        limits_hit=limits_hit,
        weights=dict(standing.weights) if weights is None else weights,
        standing=standing,
    )


def measured(trades: list[Ended]) -> Measure:
    return measure(weigh(trades, at_ms=NOW_MS, policy=POLICY), POLICY)


def of(version: Optimization, subject: str) -> Adjustment:
    (found,) = (each for each in version.adjustments if each.subject == subject)
    return found


def hostile(chance: Random, count: int) -> list[Ended]:
    """Trades as nobody would wish them: any R up to 50 either way, any time, the future included."""
    extreme = chance.choice([D(50), D(-50)])
    return [
        Ended(
            NOW_MS - chance.randint(-2, 45 * 24) * HOUR_MS,
            extreme if chance.random() < 0.5 else D(chance.randint(-50_000_000, 50_000_000)).scaleb(-6),
            chance.choice(list(Regime)),
        )
        for _ in range(count)
    ]


@given(st.integers(0, 10_000))
@tried(12)
def test_f39_a_thousand_hostile_trades_move_nothing_by_more_than_a_fifth_nor_beyond_its_bounds(seed):
    chance = Random(seed)
    standing = NOT_OPTIMIZED
    for cycle in range(8):
        at_ms = NOW_MS + cycle * 6 * HOUR_MS
        later = [replace(trade, closed_ms=trade.closed_ms + cycle * 6 * HOUR_MS) for trade in hostile(chance, 1_000)]
        own = {name: later[i::6] for i, name in enumerate((*PANEL, *BOOKS))}
        version = propose(
            evidence(results={n: own[n] for n in PANEL}, trades=own, standing=standing, at_ms=at_ms), POLICY
        )
        for name in PANEL:
            before, after = standing.weight(name), version.weight(name)
            assert before * D("0.8") <= after <= before * D("1.2")
            assert D("0.25") <= after <= 4
        for name in BOOKS:
            before, after = standing.base_factor(name), version.base_factor(name)
            assert before * D("0.8") <= after <= before * D("1.2")
            assert D("0.5") <= after <= D("1.5")
            assert dict(version.bases)[name] == SETTINGS[name] * after
        assert len(set(version.blocked_regimes) ^ set(standing.blocked_regimes)) <= 1
        assert fault_in(version, POLICY) is None
        standing = version


@given(st.decimals(D("0.25"), D(4), places=6), st.decimals(-50, 50, places=6), st.decimals(0, 5, places=6))
def test_a_value_moves_with_its_expectancy_and_exactly_within_its_step(before, expectancy, more):
    low, high = moved(before, expectancy, low=D("0.25"), high=D(4), policy=POLICY), before * D("1.2")
    assert before * D("0.8") <= low <= high
    assert low <= moved(before, expectancy + more, low=D("0.25"), high=D(4), policy=POLICY)
    assert (low >= before) if expectancy >= 0 else (low <= before)


@given(st.integers(0, 10_000), st.decimals(0, 20, places=4))
@tried(25)
def test_the_better_of_two_analysts_never_gets_the_lower_weight(seed, more):
    trades = hostile(Random(seed), 60)
    better = [replace(trade, r=trade.r + more) for trade in trades]
    version = propose(evidence(results={"trend": trades, "momentum": better}), POLICY)
    assert version.weight("momentum") >= version.weight("trend")


def test_the_rule_by_hand():
    results = {"trend": ended(30, "0.2"), "momentum": ended(30, "-0.2"), "breakout": ended(30, "5")}
    version = propose(evidence(results=results), POLICY)
    # 0.2 R, believed half with 30 trades: 1 + 0.5 · tanh(0.1) = 1.0498340…
    assert version.weight("trend") == D("1.049833")
    assert version.weight("momentum") == D("0.950167")
    assert version.weight("breakout") == D("1.2"), "the step is clamped"
    told = of(version, "weight trend")
    assert (told.count, told.expectancy_r, told.average_r, told.win_rate) == (30, D("0.1"), D("0.2"), D(1))
    assert told.reason == "30 trades, 30 won, 6 R in all; expectancy 0.1 R: × 1.0498"
    assert (version.version, version.by, version.at_ms) == (1, "optimizer", NOW_MS)


def test_a_trade_of_ten_days_ago_counts_half_and_one_of_thirty_not_at_all():
    old, new = Ended(NOW_MS - 10 * DAY_MS, D(3)), Ended(NOW_MS, D(0))
    assert measured([old, new]).expectancy_r == D(2) / 32
    assert measured([Ended(NOW_MS - 30 * DAY_MS, D(3))]).count == 0
    assert measured([Ended(NOW_MS + 1, D(3))]).count == 0, "nothing of the future"
    assert decay(20 * DAY_MS, D(10)) == D("0.25")


@given(st.integers(1, 200), st.decimals(D("-3"), D(3), places=3))
def test_few_trades_are_believed_little(count, r):
    few = measured(ended(count, str(r))).expectancy_r
    more = measured(ended(count + 1, str(r))).expectancy_r
    assert few is not None
    assert more is not None
    assert abs(few) <= abs(more) <= abs(r)
    assert abs(few - r * count / (count + 30)) < D("1e-20")


def test_weights_are_never_made_to_add_up_to_anything():
    version = propose(evidence(results={name: ended(200, "2") for name in PANEL}), POLICY)
    assert [weight for _, weight in version.weights] == [D("1.2")] * 3


def test_without_trades_everything_stays_and_says_so():
    version = propose(evidence(), POLICY)
    assert not differs(version, weights={}, standing=NOT_OPTIMIZED)
    assert [each.subject for each in version.adjustments] == [
        *(f"weight {name}" for name in PANEL),
        *(f"base {name}" for name in BOOKS),
        *(f"regime {regime}" for regime in sorted(Regime)),
    ]
    assert {each.reason for each in version.adjustments if not each.subject.startswith("regime")} == {
        "no closed trades in the last 30 days: stays as it is"
    }
    assert of(version, "regime CHOPPY").reason == "0 trades on 0 days, 30 on 7 are needed: stays open"


def test_the_same_trades_count_once_however_often_the_optimizer_runs():
    results = {"trend": ended(60, "1"), "momentum": ended(60, "1", regime=Regime.RANGING, days=10)}
    trades = {"aggressive": ended(60, "1")}
    first = propose(evidence(results=results, trades=trades), POLICY)
    again = propose(evidence(results=results, trades=trades, standing=first, at_ms=NOW_MS + HOUR_MS), POLICY)
    assert not differs(again, weights=dict(first.weights), standing=first)
    assert of(again, "weight trend").reason == "no trade has closed since version 1: stays as it is"
    results["trend"].append(Ended(NOW_MS + HOUR_MS, D(1)))
    third = propose(evidence(results=results, trades=trades, standing=first, at_ms=NOW_MS + HOUR_MS), POLICY)
    assert third.weight("trend") == D("1.44")
    assert third.weight("momentum") == D("1.2")
    assert third.version == 2


def test_a_record_that_began_anew_begins_with_the_normal_weight():
    standing = replace(NOT_OPTIMIZED, version=4, weights=(("trend", D("1.7")),))
    version = propose(evidence(standing=standing, weights={}), POLICY)
    assert version.weight("trend") == 1
    assert differs(version, weights={}, standing=standing), "or the outside would go on seeing the old weight"
    assert of(version, "weight trend").reason == "its record began anew: 1 until it has results"


def test_who_is_not_on_the_panel_keeps_a_weight_for_the_day_it_is():
    standing = replace(NOT_OPTIMIZED, version=4, weights=(("gemini", D("1.7")),), base_factors=(("old", D("0.7")),))
    version = propose(evidence(standing=standing, results={"trend": ended(9, "1")}), POLICY)
    assert version.weight("gemini") == D("1.7")
    assert version.base_factor("old") == D("0.7")


def test_bounds_that_the_owner_has_narrowed_hold_at_once():
    standing = replace(
        NOT_OPTIMIZED, version=4, weights=(("trend", D("3.9")),), base_factors=(("aggressive", D("1.5")),)
    )
    narrow = replace(POLICY, weight_max=D(2), base_factor_max=D("1.1"))
    version = propose(evidence(standing=standing), narrow)
    assert (version.weight("trend"), version.base_factor("aggressive")) == (D(2), D("1.1"))
    assert of(version, "weight trend").reason == "the settings allow 0.25 to 2"
    assert fault_in(standing, narrow) == "The weight of trend is 3.9, and the settings allow 0.25 to 2."
    assert fault_in(version, narrow) is None
    assert fault_in(replace(standing, weights=()), narrow) is not None


def test_an_owner_who_wants_nothing_moved_gets_that():
    still = replace(POLICY, step_max=D(0), regime_changes_max=0)
    losing = ended(90, "-1", regime=Regime.RANGING, days=15)
    version = propose(evidence(results={"trend": losing}, trades={"aggressive": losing}), still)
    assert not differs(version, weights={}, standing=NOT_OPTIMIZED)


def test_f39_a_base_that_was_raised_is_taken_back_once_a_loss_limit_trips():
    up = propose(evidence(trades={"aggressive": ended(90, "1"), "strategies": ended(90, "1")}), POLICY)
    assert up.base_factor("aggressive") == D("1.2")
    more = {"aggressive": ended(90, "1", at_ms=NOW_MS + HOUR_MS), "strategies": ended(90, "1", at_ms=NOW_MS + HOUR_MS)}
    hit = frozenset({"aggressive", "conservative"})
    version = propose(evidence(trades=more, standing=up, at_ms=NOW_MS + HOUR_MS, limits_hit=hit), POLICY)
    assert version.base_factor("aggressive") == 1
    assert version.base_factor("strategies") == D("1.44")
    assert version.base_factor("conservative") == 1
    told = of(version, "base aggressive").reason
    assert told == "raised by version 1, and a loss limit was tripped since: taken back"


def test_a_base_that_a_person_raised_is_left_to_that_person():
    held = replace(NOT_OPTIMIZED, version=2, by="ann", base_factors=(("aggressive", D("1.2")),), reverts_to=1)
    assert propose(evidence(standing=held, limits_hit=frozenset({"aggressive"})), POLICY).base_factor(
        "aggressive"
    ) == D("1.2")


class TestRegimes:
    def losing(self, regime: Regime, *, r: str = "-1", days: int = 10) -> list[Ended]:
        """Thirty trades whose days differ a little."""
        return [
            replace(trade, r=trade.r + D(i % days - days // 2) / 50)
            for i, trade in enumerate(ended(30, r, regime=regime, days=days))
        ]

    def test_one_that_surely_loses_is_blocked_and_opened_again_once_it_surely_earns(self):
        version = propose(evidence(results={"trend": self.losing(Regime.RANGING)}), POLICY)
        assert version.blocked_regimes == (Regime.RANGING,)
        told = of(version, "regime RANGING")
        assert (told.before, told.after) == (1, 0)
        assert told.reason.startswith("upper 90 % bound of its expectancy -0.")
        assert told.reason.endswith(" R, under 0: blocked")
        later = [replace(t, closed_ms=t.closed_ms + DAY_MS) for t in self.losing(Regime.RANGING, r="1")]
        again = propose(evidence(results={"trend": later}, standing=version, at_ms=NOW_MS + DAY_MS), POLICY)
        assert again.blocked_regimes == ()
        assert of(again, "regime RANGING").reason.endswith(" R, over 0: opened again")

    def test_one_that_may_as_well_be_luck_stays_as_it_is(self):
        mixed = [replace(t, r=D(3 if i % 2 else -3)) for i, t in enumerate(self.losing(Regime.RANGING, days=9))]
        version = propose(evidence(results={"trend": mixed}), POLICY)
        assert version.blocked_regimes == ()
        assert "each with 90 % confidence: stays open" in of(version, "regime RANGING").reason

    def test_one_cycle_changes_the_surest_and_the_next_one_the_next(self):
        two = {"trend": self.losing(Regime.RANGING), "momentum": self.losing(Regime.TRENDING_UP, r="-2")}
        first = propose(evidence(results=two), POLICY)
        assert first.blocked_regimes == (Regime.TRENDING_UP,)
        assert of(first, "regime RANGING").reason.endswith("this cycle has changed as many as it may: stays open")
        more = {name: [replace(t, closed_ms=t.closed_ms + HOUR_MS) for t in trades] for name, trades in two.items()}
        second = propose(evidence(results=more, standing=first, at_ms=NOW_MS + HOUR_MS), POLICY)
        assert second.blocked_regimes == (Regime.RANGING, Regime.TRENDING_UP)

    def test_equal_sureness_is_decided_by_name(self):
        alike = {"trend": self.losing(Regime.VOLATILE), "momentum": self.losing(Regime.NEUTRAL)}
        assert propose(evidence(results=alike), POLICY).blocked_regimes == (Regime.NEUTRAL,)

    def test_many_trades_of_few_days_say_nothing(self):
        version = propose(evidence(results={"trend": self.losing(Regime.RANGING, days=6)}), POLICY)
        assert version.blocked_regimes == ()
        assert of(version, "regime RANGING").reason == "30 trades on 6 days, 30 on 7 are needed: stays open"

    def test_a_thousand_trades_of_one_bad_day_are_one_bad_day(self):
        days = [Ended(NOW_MS - day * DAY_MS, D("0.1")) for day in range(1, 8) for _ in range(10)]
        crash = [Ended(NOW_MS, D(-3)) for _ in range(1_000)]
        span = expectancy_span(weigh([*crash, *days], at_ms=NOW_MS, policy=POLICY), POLICY)
        assert span is not None
        assert span.low < 0 < span.high

    def test_whoever_is_not_on_the_panel_blocks_nothing(self):
        results = {"council": self.losing(Regime.RANGING), "bar_reaction": self.losing(Regime.RANGING)}
        assert propose(evidence(results=results), POLICY).blocked_regimes == ()

    def test_trades_that_all_came_to_the_same_are_sure(self):
        span = expectancy_span(weigh(ended(30, "-1", days=7), at_ms=NOW_MS, policy=POLICY), POLICY)
        assert span is not None
        assert span.low == span.high == D("-0.5")
        assert span.sureness.is_infinite()


def test_the_thread_s_own_arithmetic_changes_nothing():
    chance = Random(5)
    given_ = evidence(
        results={name: hostile(chance, 90) for name in PANEL}, trades={name: hostile(chance, 40) for name in BOOKS}
    )
    decay_of.cache_clear()
    expected = propose(given_, POLICY)
    for caches in (decay_of, student_t, normal_quantile):
        caches.cache_clear()
    with localcontext(Context(prec=6, Emax=50, Emin=-50)):
        assert propose(given_, POLICY) == expected


@pytest.mark.parametrize(
    ("level", "freedom", "tabled"),
    [
        ("0.90", 6, 1.439756),
        ("0.90", 9, 1.383029),
        ("0.90", 29, 1.311434),
        ("0.95", 9, 1.833113),
        ("0.99", 29, 2.462021),
    ],
)
def test_student_s_quantiles_are_those_of_the_tables(level, freedom, tabled):
    assert float(student_t(D(level), freedom)) == pytest.approx(tabled, abs=2e-4)


@pytest.mark.parametrize("level", ["0.5", "0.6", "0.9", "0.975", "0.999"])
def test_normal_quantiles_agree_with_the_standard_library_s(level):
    assert float(normal_quantile(D(level))) == pytest.approx(NormalDist().inv_cdf(float(level)), abs=1e-12)


@given(st.decimals(-60, 60, places=6))
def test_tanh_is_odd_bounded_and_right(x):
    import math

    assert tanh(-x) == -tanh(x)
    assert abs(tanh(x)) <= 1
    assert float(tanh(x)) == pytest.approx(math.tanh(float(x)), abs=1e-15)


def test_a_revert_has_the_old_values_under_a_new_number():
    first = propose(evidence(results={"trend": ended(90, "1")}, trades={"aggressive": ended(90, "1")}), POLICY)
    second = replace(first, version=2, weights=(), base_factors=())
    back = reverted(first, second, by="ann", at_ms=NOW_MS + 1, settings=SETTINGS)
    assert (back.version, back.by, back.reverts_to, back.adjustments) == (3, "ann", 1, ())
    assert (back.weights, back.base_factors, back.blocked_regimes) == (
        first.weights,
        first.base_factors,
        first.blocked_regimes,
    )
    plain = reverted(NOT_OPTIMIZED, second, by="ann", at_ms=NOW_MS + 1, settings=SETTINGS)
    assert dict(plain.bases) == SETTINGS
