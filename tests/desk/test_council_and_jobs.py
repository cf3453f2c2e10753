"""The scanner, the monitor and the pauses: what slots do, and what they leave alone."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.policy import DEFAULT_PORTFOLIOS, DeskPolicy
from quorate.domain.signals import Tier
from quorate.domain.votes import Ballot, Side
from tests.desk.desks import BTC, FREE, MINUTE_5, PANEL, Bench, bar, of_kind, open_desk, plan, setup, vote

D = Decimal
ALL_LONG = [vote(name, Side.LONG) for name in PANEL]
TWO_LONG = [
    vote("breakout", Side.LONG),
    vote("momentum", Side.LONG),
    vote("trend", Side.SHORT, stop="110", target="70"),
]
FLAT = "100 100 100 100"
UNLEVERED = DeskPolicy(costs=FREE, portfolios=tuple(replace(each, leverage=D(1)) for each in DEFAULT_PORTFOLIOS))


def warmed(policy: DeskPolicy | None = None, *, paced: bool = True) -> Bench:
    bench = open_desk(policy or DeskPolicy(costs=FREE), paced=paced)
    bench.step(FLAT)
    return bench


def test_when_all_agree_both_portfolios_trade() -> None:
    signal = of_kind(warmed().step(FLAT, votes=ALL_LONG), ev.SignalPublished)[0].signal
    assert signal.tier is Tier.GOLD
    assert {stake.portfolio: stake.blocked_by for stake in signal.stakes} == {"aggressive": None, "conservative": None}
    assert [float(target.fraction) for target in signal.plan.targets] == [0.33, 0.5, 1.0]


def test_when_two_of_three_agree_the_conservative_stays_out_and_says_so() -> None:
    signal = of_kind(warmed().step(FLAT, votes=TWO_LONG), ev.SignalPublished)[0].signal
    assert signal.tier is Tier.SILVER
    assert {stake.portfolio: stake.blocked_by for stake in signal.stakes} == {
        "aggressive": None,
        "conservative": "tier: silver",
    }
    assert [cast.side for cast in signal.votes] == [Side.LONG, Side.LONG, Side.SHORT], "dissent is shown"


def test_one_voice_is_no_quorum_but_has_its_shadow_trade() -> None:
    votes = [vote("trend", Side.LONG), vote("momentum", Side.FLAT), vote("breakout", Side.FLAT)]
    events = warmed().step(FLAT, votes=votes)
    assert not of_kind(events, ev.SignalPublished)
    own, mirrored = (changed.shadow for changed in of_kind(events, ev.ShadowChanged))
    assert (own.analyst, own.side, own.opposite_of) == ("trend", Side.LONG, "")
    assert (mirrored.analyst, mirrored.side, mirrored.opposite_of) == ("trend", Side.SHORT, own.id)
    assert (mirrored.plan.stop, own.plan.stop) == (D(110), D(90))
    assert [(begun.analyst, begun.key) for begun in of_kind(events, ev.RecordBegun)] == [
        (name, "rules") for name in PANEL
    ]


def test_a_repeated_vote_opens_no_second_shadow_trade() -> None:
    bench = warmed()
    bench.step(FLAT, votes=ALL_LONG)
    assert not of_kind(bench.step(FLAT, votes=ALL_LONG), ev.SignalPublished)
    opened = [changed.shadow for changed in of_kind(bench.events, ev.ShadowChanged) if changed.shadow.filled is None]
    own = [shadow.analyst for shadow in opened if not shadow.opposite_of]
    assert own == ["breakout", "momentum", "trend", "council", "majority"], "the verdict has a record of its own"
    assert sum(bool(shadow.opposite_of) for shadow in opened) == 4, "all but the majority have a mirror image"


def test_the_council_is_silent_for_a_day_after_a_signal_and_two_after_a_loss() -> None:
    bench = warmed()
    bench.step(FLAT, votes=ALL_LONG)
    first_ms = bench.at_ms
    assert bench.state.cooldowns[BTC.pair] == first_ms + 86_400_000
    bench.step(FLAT)
    bench.step("100 100 80 80")
    assert bench.state.cooldowns[BTC.pair] == bench.at_ms + 172_800_000


def test_an_invalid_vote_becomes_an_abstention_with_its_reason() -> None:
    wrong = vote("trend", Side.LONG, stop="101")
    cast = of_kind(warmed().step(FLAT, votes=[wrong, *ALL_LONG[:2]]), ev.VotesCast)[0]
    abstained = [told for told in cast.votes if told.abstained]
    assert [told.analyst for told in abstained] == ["trend"]
    assert abstained[0].reason


def test_a_scan_by_hand_has_a_slot_of_its_own_and_uses_up_none() -> None:
    bench = warmed()
    bench.step(FLAT)
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    ballot = Ballot("manual-1", bench.at_ms, PANEL, tuple(ALL_LONG), "test")
    report, events = bench.desk.scan(snapshot, ballot)
    assert json.loads(report) == {
        "success": True,
        "cycle": "manual-1",
        "scannedPairs": 1,
        "signals": 1,
        "goldSignals": 1,
        "silverSignals": 0,
        "tradesOpened": 2,
    }
    assert of_kind(events, ev.JobCompleted)[0].slot == "manual-1"
    assert "scanner" not in bench.state.slots


def test_the_scanner_is_due_once_a_slot_and_only_at_its_newest() -> None:
    bench = warmed()
    assert bench.desk.scanner_slot(bench.at_ms) is None
    bench.step(FLAT, skip_ms=10 * MINUTE_5 - MINUTE_5)
    later = bench.at_ms + 25 * 60_000
    assert bench.desk.scanner_slot(later) == str(later - later % 600_000)


def test_without_a_pace_an_unchanged_ballot_is_not_written_again() -> None:
    bench = warmed(paced=False)
    alone = [vote("trend", Side.LONG)]
    assert of_kind(bench.step(FLAT, votes=alone), ev.VotesCast)
    bench.step(FLAT)
    assert not of_kind(bench.step(FLAT, votes=alone), ev.VotesCast)


def test_the_monitor_marks_to_quotes_between_steps_without_moving_the_resume_point() -> None:
    bench = warmed()
    bench.step(FLAT, votes=ALL_LONG)
    bench.step(FLAT)
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
    quotes = ((BTC.pair, D(101)),)
    report, events = bench.desk.monitor(snapshot, slot="manual-2", quotes=quotes, at_ms=bench.at_ms + 60_000)
    assert json.loads(report)["positionsChecked"] == 2
    assert bench.state.at_ms == bench.at_ms
    points = {marked.point.portfolio: marked.point for marked in of_kind(events, ev.EquityMarked)}
    assert points["aggressive"].unrealized > 0


def test_a_step_that_is_not_later_is_refused() -> None:
    bench = warmed()
    bench.at_ms -= MINUTE_5
    with pytest.raises(BadInput, match="is not after the last one"):
        bench.step(FLAT)


def losing_day(bench: Bench) -> None:
    """A council trade that loses at once, and enough to trip the daily limit of the aggressive portfolio."""
    bench.step(FLAT, votes=[vote(name, Side.LONG, stop="40", target="300") for name in PANEL])
    bench.step(FLAT)
    bench.step("100 100 41 41")


def test_a_tripped_breaker_blocks_openings_but_the_signal_is_published() -> None:
    bench = warmed(UNLEVERED)
    losing_day(bench)
    tripped = {change.name for change in of_kind(bench.events, ev.BreakerChanged) if change.portfolio == "aggressive"}
    assert "daily_loss" in tripped
    eth = [vote(name, Side.LONG, pair="ETH/USDT") for name in PANEL]
    bench.step("41 41 41 41", eth=FLAT)
    signal = of_kind(bench.step("41 41 41 41", eth=FLAT, votes=eth), ev.SignalPublished)[0].signal
    blocked = {stake.portfolio: stake.blocked_by for stake in signal.stakes}
    assert (blocked["aggressive"] or "").startswith("breaker: daily_loss")


def test_a_tripped_breaker_never_keeps_a_trade_from_ending() -> None:
    bench = warmed(UNLEVERED)
    losing_day(bench)
    events = bench.step("41 41 39 39")
    assert {closed.trade.portfolio for closed in of_kind(events, ev.TradeClosed)} == {"aggressive", "conservative"}


def test_the_optimizers_slot_ends_the_pause_after_losses() -> None:
    bench = open_desk(DeskPolicy(costs=FREE), paced=False)
    bench.step(FLAT)
    for _ in range(5):
        bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("99", ("110", "1")))])
        bench.step(FLAT)
        bench.step("100 100 98 98")
        bench.step(FLAT)
    bench.state.portfolios["strategies"].losses_for_pause = 0  # a trade that was still open was won meanwhile
    paused = bench.state.breakers["strategies|optimizer_pause|"]
    assert paused.tripped
    events = bench.step(FLAT, skip_ms=6 * 3_600_000)
    assert [done.job for done in of_kind(events, ev.JobCompleted)] == ["optimizer"]
    assert not bench.state.breakers["strategies|optimizer_pause|"].tripped
