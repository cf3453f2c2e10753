"""The optimizer's slot on a whole desk: what it sets works, is told, can be gone back to and is folded alike."""

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.desk.desk import Desk
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.optimization import Optimization
from quorate.domain.policy import DEFAULT_PORTFOLIOS, DeskPolicy, OptimizerPolicy
from quorate.domain.signals import Signal
from quorate.domain.votes import Regime, Side, Vote
from quorate.journal.codec import decode, encode
from tests.desk.desks import FREE, PANEL, Bench, bar, charter, of_kind, open_desk, plan, setup, vote

D = Decimal
FLAT = "100 100 100 100"
HOUR_MS = 3_600_000
SLOT_MS = 6 * HOUR_MS
WON, LOST = "100 131 100 100", "100 100 89 100"
"""Bars in which a vote from 100 to 130 with its stop at 90 reaches its last target, or its stop."""


def desk(*, paced: bool = True, optimizer: OptimizerPolicy | None = None) -> Bench:
    bench = open_desk(DeskPolicy(costs=FREE, optimizer=optimizer or OptimizerPolicy()), paced=paced)
    bench.step(FLAT)
    return bench


def voted(bench: Bench, votes: Sequence[Vote], outcome: str) -> None:
    """Votes on a flat market that the bar after next decides."""
    bench.step(FLAT, votes=votes)
    bench.step(FLAT)
    bench.step(outcome)
    bench.step(FLAT)


def a_strategy_won(bench: Bench, times: int = 1) -> None:
    for _ in range(times):
        bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("99", ("101", "1")))])
        bench.step(FLAT)
        bench.step("100 102 100 100")
        bench.step(FLAT)


def a_strategy_lost(bench: Bench, times: int = 1) -> None:
    for _ in range(times):
        bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("99", ("110", "1")))])
        bench.step(FLAT)
        bench.step("100 100 98 98")
        bench.step(FLAT)


def to_the_next_slot(bench: Bench) -> list[ev.Event]:
    """A step on the optimizer's next slot."""
    next_ms = bench.at_ms - bench.at_ms % SLOT_MS + SLOT_MS
    return bench.step(FLAT, skip_ms=next_ms - bench.at_ms - 300_000)


def set_version(bench: Bench, version: Optimization) -> None:
    """What the journal would tell of a version that came about otherwise."""
    event = ev.OptimizationChanged(version)
    bench.desk.replay(event)
    bench.events.append(event)


def report_of(events: Sequence[ev.Event]) -> dict[str, object]:
    (done,) = (each for each in of_kind(events, ev.JobCompleted) if each.job == "optimizer")
    report: dict[str, object] = json.loads(done.report)
    return report


def signal_of(events: Sequence[ev.Event]) -> Signal:
    (published,) = of_kind(events, ev.SignalPublished)
    return published.signal


def test_the_analyst_who_was_right_weighs_more_and_the_one_who_was_wrong_less() -> None:
    bench = desk()
    voted(bench, [vote("trend", Side.LONG), vote("momentum", Side.SHORT, stop="110", target="70")], WON)
    events = to_the_next_slot(bench)
    (changed,) = of_kind(events, ev.OptimizationChanged)
    assert bench.state.weights["trend"] > 1 > bench.state.weights["momentum"]
    assert bench.state.weights["breakout"] == 1
    assert changed.config.version == bench.state.optimization.version == 1
    report = report_of(events)
    assert {name: report[name] for name in ("success", "version", "weightsChanged", "baseChanged")} == {
        "success": True,
        "version": 1,
        "weightsChanged": 2,
        "baseChanged": 0,
    }
    told = {each["subject"]: each for each in report["adjustments"]}  # pyright: ignore[reportGeneralTypeIssues]
    assert set(told) == {
        *(f"weight {name}" for name in PANEL),
        *(f"base {policy.name}" for policy in DEFAULT_PORTFOLIOS),
        *(f"regime {regime}" for regime in Regime),
    }
    assert told["weight trend"]["count"] == 1
    assert told["weight trend"]["after"] == str(bench.state.weights["trend"])
    assert told["weight breakout"]["reason"] == "no closed trades in the last 30 days: stays as it is"


def test_the_next_consensus_counts_the_new_weights() -> None:
    bench = desk()
    set_version(bench, Optimization(1, bench.at_ms, "optimizer", (("trend", D(4)),), (), ()))
    sure = [replace(vote(name, Side.LONG), confidence=D("0.9" if name == "trend" else "0.6")) for name in PANEL]
    assert signal_of(bench.step(FLAT, votes=sure)).confidence == D("0.8")


def test_a_portfolio_that_earns_takes_more_and_says_which_version_made_it() -> None:
    bench = desk()
    a_strategy_won(bench, 3)
    to_the_next_slot(bench)
    factor = bench.state.optimization.base_factor("strategies")
    assert 1 < factor <= D("1.2")
    assert dict(bench.state.optimization.bases)["strategies"] == D("0.006") * factor
    signal = signal_of(bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("99", ("101", "1")))]))
    (stake,) = signal.stakes
    (base,) = (each for each in stake.factors if each.name == "base")
    assert base.value == D("0.006") * factor
    assert (
        base.why == f"strategies risks 0.006 of equity from entry to stop, × {factor} by version 1 of the optimizer's"
    )
    assert json.loads(of_kind(bench.events, ev.SnapshotTaken)[-1].body)["optimizer"]["version"] == 1


def test_the_hard_cap_holds_whatever_the_factor() -> None:
    portfolios = tuple(replace(policy, base_share=D("0.9")) for policy in DEFAULT_PORTFOLIOS)
    bench = open_desk(DeskPolicy(costs=FREE, portfolios=portfolios))
    bench.step(FLAT)
    set_version(bench, Optimization(1, bench.at_ms, "ann", (), (("aggressive", D("1.5")),), ()))
    signal = signal_of(bench.step(FLAT, votes=[vote(name, Side.LONG) for name in PANEL]))
    (stake,) = (each for each in signal.stakes if each.portfolio == "aggressive")
    assert stake.factors[0].value == 1, "no base is more than the whole equity"
    assert stake.final_risk_pct == D("0.4")


def test_a_factor_beyond_the_bounds_of_today_is_held_within_them() -> None:
    bench = desk(optimizer=OptimizerPolicy(base_factor_max=D("1.1")))
    set_version(bench, Optimization(1, bench.at_ms, "optimizer", (), (("aggressive", D("1.5")),), ()))
    signal = signal_of(bench.step(FLAT, votes=[vote(name, Side.LONG) for name in PANEL]))
    assert signal.stakes[0].factors[0].value == D("0.11")


def test_in_a_blocked_regime_the_council_opens_nothing_and_strategies_go_on() -> None:
    bench = desk()
    set_version(bench, Optimization(1, bench.at_ms, "optimizer", (), (), (Regime.NEUTRAL,)))
    events = bench.step(
        FLAT,
        votes=[vote(name, Side.LONG) for name in PANEL],
        setups=[setup(Side.LONG, "100", plan("99", ("101", "1")))],
    )
    blocked = {
        stake.portfolio: stake.blocked_by
        for published in of_kind(events, ev.SignalPublished)
        for stake in published.signal.stakes
    }
    reason = "optimizer: regime NEUTRAL"
    assert blocked == {"aggressive": reason, "conservative": reason, "strategies": None}
    assert {changed.shadow.analyst for changed in of_kind(events, ev.ShadowChanged)} >= set(PANEL), "they are judged on"


def test_the_journal_alone_gives_the_same_configuration_and_the_same_future() -> None:
    bench = desk()
    for outcome in (WON, LOST, WON):
        a_strategy_won(bench)
        voted(bench, [vote("trend", Side.LONG), vote("momentum", Side.SHORT, stop="110", target="70")], outcome)
        to_the_next_slot(bench)
    assert [each.version for each in bench.state.optimizations] == [1, 2, 3]
    assert bench.rebuilt() == bench.state
    again = Bench(Desk(bench.desk.charter, bench.rebuilt()))
    again.at_ms = bench.at_ms
    voted(again, [vote("trend", Side.LONG)], WON)
    voted(bench, [vote("trend", Side.LONG)], WON)
    assert to_the_next_slot(again) == to_the_next_slot(bench)


def test_without_a_pace_a_slot_that_changes_nothing_is_not_written_down() -> None:
    bench = desk(paced=False)
    assert not of_kind(to_the_next_slot(bench), ev.JobCompleted)
    voted(bench, [vote("trend", Side.LONG)], WON)
    assert report_of(to_the_next_slot(bench))["version"] == 1
    assert not of_kind(to_the_next_slot(bench), ev.JobCompleted), "nothing has closed since"


def test_losses_in_a_row_are_counted_from_the_slot_at_every_speed() -> None:
    counts: list[int] = []
    for paced in (True, False):
        still = OptimizerPolicy(step_max=D(0), regime_changes_max=0)
        bench = desk(paced=paced, optimizer=still)
        a_strategy_lost(bench, 3)
        to_the_next_slot(bench)
        a_strategy_lost(bench, 3)
        counts.append(bench.state.portfolios["strategies"].losses_for_pause)
        assert not any(change.name == "optimizer_pause" for change in bench.state.breakers.values())
    assert counts == [3, 3]


def test_at_the_pace_of_a_clock_every_slot_is_told_with_all_that_was_looked_at() -> None:
    bench = desk()
    report = report_of(to_the_next_slot(bench))
    assert (report["version"], report["weightsChanged"], report["regimesBlocked"]) == (0, 0, [])
    assert len(report["adjustments"]) == 12  # pyright: ignore[reportArgumentType]
    assert not of_kind(bench.events, ev.OptimizationChanged)


def test_a_run_by_hand_ends_pauses_and_uses_up_no_slot() -> None:
    bench = desk()
    a_strategy_lost(bench, 5)
    key = "strategies|optimizer_pause|"
    assert bench.state.breakers[key].tripped
    snapshot = bench.snapshot([bar("BTC/USDT", bench.at_ms, FLAT)])
    text, events = bench.desk.optimize(snapshot, slot="manual-1")
    bench.events += events
    report = json.loads(text)
    assert (report["cycle"], report["pausesEnded"], report["baseChanged"]) == ("manual-1", ["strategies"], 1)
    assert not bench.state.breakers[key].tripped
    assert "optimizer" not in bench.state.slots
    assert json.loads(bench.desk.optimize(snapshot, slot="manual-2")[0])["baseChanged"] == 0, "the same evidence"
    assert report_of(to_the_next_slot(bench))["version"] == 1, "its slot was not used up"


def test_f39_a_raise_is_taken_back_once_the_daily_limit_has_tripped() -> None:
    steep = OptimizerPolicy(expectancy_gain=D(10))
    policies = tuple(replace(policy, daily_loss_limit=D("0.0005")) for policy in DEFAULT_PORTFOLIOS)
    bench = open_desk(DeskPolicy(costs=FREE, portfolios=policies, optimizer=steep))
    bench.step(FLAT)
    a_strategy_won(bench, 3)
    to_the_next_slot(bench)
    assert bench.state.optimization.base_factor("strategies") == D("1.2")
    bench.step(FLAT, skip_ms=24 * HOUR_MS)
    a_strategy_lost(bench)
    assert bench.state.breakers["strategies|daily_loss|"].tripped
    events = to_the_next_slot(bench)
    assert bench.state.optimization.base_factor("strategies") == 1
    (told,) = (
        each
        for each in of_kind(events, ev.OptimizationChanged)[0].config.adjustments
        if each.subject == "base strategies"
    )
    assert told.reason == "raised by version 1, and a loss limit was tripped since: taken back"


class TestReverts:
    def moved_twice(self) -> Bench:
        bench = desk()
        for _ in range(2):
            voted(bench, [vote("trend", Side.LONG)], WON)
            to_the_next_slot(bench)
        assert bench.state.optimization.version == 2
        return bench

    def revert(self, bench: Bench, version: int) -> tuple[dict[str, object], list[ev.Event]]:
        snapshot = bench.snapshot([bar("BTC/USDT", bench.at_ms, FLAT)])
        text, events = bench.desk.revert_optimization(snapshot, version=version, by="ann")
        bench.events += events
        return json.loads(text), events

    def test_an_earlier_version_holds_again_under_a_number_of_its_own(self) -> None:
        bench = self.moved_twice()
        first, second = bench.state.optimizations
        report, events = self.revert(bench, 1)
        assert report == {"success": True, "version": 3, "revertsTo": 1, "changed": True}
        (changed,) = of_kind(events, ev.OptimizationChanged)
        assert (changed.config.by, changed.config.reverts_to) == ("ann", 1)
        assert changed.config.weights == first.weights != second.weights
        assert bench.state.weights == dict(first.weights)
        assert bench.rebuilt() == bench.state

    def test_version_0_is_as_the_settings_say(self) -> None:
        bench = self.moved_twice()
        self.revert(bench, 0)
        assert bench.state.weights == {}
        assert bench.state.optimization.blocked_regimes == ()
        assert bench.state.optimization.base_factor("aggressive") == 1

    def test_the_optimizer_goes_on_from_there_when_there_is_news(self) -> None:
        bench = self.moved_twice()
        first = bench.state.optimizations[0]
        self.revert(bench, 1)
        to_the_next_slot(bench)
        assert bench.state.optimization.version == 3, "what led to the reverted version does not lead there again"
        voted(bench, [vote("trend", Side.LONG)], WON)
        to_the_next_slot(bench)
        assert first.weight("trend") < bench.state.weights["trend"] <= first.weight("trend") * D("1.2")

    def test_what_holds_already_is_not_written_again(self) -> None:
        bench = self.moved_twice()
        assert self.revert(bench, 2) == ({"success": True, "version": 2, "revertsTo": 2, "changed": False}, [])

    def test_an_unknown_version_is_refused_with_those_there_are(self) -> None:
        with pytest.raises(BadInput, match=r"no version 7 .* There is 0 \(as the settings say\), 1, 2\."):
            self.revert(self.moved_twice(), 7)

    def test_a_version_that_the_settings_allow_no_more_is_refused(self) -> None:
        bench = self.moved_twice()
        policy = replace(bench.desk.charter.policy, optimizer=OptimizerPolicy(weight_max=D(1)))
        bench.desk.charter = replace(bench.desk.charter, policy=policy)
        with pytest.raises(BadInput, match=r"The weight of trend is 1\.\d+, and the settings allow 0\.25 to 1\."):
            self.revert(bench, 1)


def test_a_new_record_begins_with_the_normal_weight_and_everyone_is_told() -> None:
    bench = desk()
    voted(bench, [vote("trend", Side.LONG), vote("momentum", Side.LONG)], WON)
    to_the_next_slot(bench)
    begun = ev.RecordBegun("trend", "another key", None, bench.at_ms)
    bench.desk.replay(begun)
    bench.events.append(begun)
    assert "trend" not in bench.state.weights
    assert bench.state.weights["momentum"] > 1
    events = to_the_next_slot(bench)
    assert of_kind(events, ev.OptimizationChanged)[0].config.weight("trend") == 1
    assert bench.rebuilt() == bench.state


@pytest.mark.parametrize(
    "absurd",
    [
        '{"weights":[["trend","1000"]]}',
        '{"weights":[["trend","-1"]]}',
        '{"weights":[["trend","NaN"]]}',
        '{"weights":[["trend","1"],["trend","2"]]}',
        '{"base_factors":[["aggressive","5"]]}',
        '{"base_factors":[["aggressive","0"]]}',
        '{"blocked_regimes":["RANGING","CHOPPY"]}',
        '{"blocked_regimes":["SIDEWAYS"]}',
        '{"version":-1}',
    ],
)
def test_f39_a_configuration_that_could_not_have_been_made_is_not_even_read(absurd: str) -> None:
    sound = json.loads(encode(ev.OptimizationChanged(Optimization(1, 0, "optimizer", (), (), ()))))
    sound["config"] |= json.loads(absurd)
    with pytest.raises(ValueError, match="OptimizationChanged cannot be read"):
        decode("OptimizationChanged", json.dumps(sound))


def test_a_desk_whose_schedule_is_off_still_optimizes_by_hand() -> None:
    bench = Bench(Desk(replace(charter(), jobs_enabled=False)))
    bench.events += bench.desk.open(list(desk().state.markets.values()), "digest")
    bench.step(FLAT)
    assert not of_kind(to_the_next_slot(bench), ev.JobCompleted)
    snapshot = bench.snapshot([bar("BTC/USDT", bench.at_ms, FLAT)])
    assert json.loads(bench.desk.optimize(snapshot, slot="manual-1")[0])["success"]
