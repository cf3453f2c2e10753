"""A walk-forward never lets what comes after decide: windows and folds do not overlap, and trades do not reach over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.research.columns import Columns
from quorate.research.folds import degradation, purged, purged_folds
from quorate.research.materials import Materials
from quorate.research.pools import OwnProcess
from quorate.research.result import ClosedTrade
from quorate.research.space import Axis, Space
from quorate.research.spans import DAY_MS, Span, Terms
from quorate.research.sweep import Choice
from quorate.research.trial_log import TrialLog
from quorate.research.trials import figures_from, identity_of
from quorate.research.trying import Tried
from quorate.research.walk_forward import RANDOM_CHOOSERS, Walk, WalkResult, run_walk
from quorate.research.windows import Layout, windows_of
from tests.research.made_backtests import made_trades
from tests.research.studied import BREAKOUT, IDEAL, SOL, START_MS, Heard, materials

SPACE = Space((Axis(name="channel", values=(8, 12, 20, 35)), Axis(name="stop_atr", values=(1.0, 2.0))))
STEP_MS = 300_000


@given(
    layout=st.builds(
        Layout,
        count=st.integers(1, 12),
        train_days=st.none() | st.floats(1, 60),
        anchored=st.booleans(),
        embargo_days=st.floats(0, 3),
    ),
    begin=st.integers(0, DAY_MS // STEP_MS).map(lambda step: START_MS + step * STEP_MS),
    steps=st.integers(288, 288 * 300),
)
def test_windows_never_overlap_and_cover_all_that_comes_after_the_first_choosing(layout, begin, steps) -> None:
    end = begin + steps * STEP_MS
    try:
        windows = windows_of(layout, start_ms=begin, end_ms=end, step_ms=STEP_MS)
    except BadInput:
        assume(False)
        return
    assert len(windows) == layout.count
    embargo = int(layout.embargo_days * DAY_MS // STEP_MS) * STEP_MS
    for window in windows:
        assert begin <= window.inside.start_ms < window.inside.end_ms
        assert window.inside.end_ms + embargo == window.outside.start_ms < window.outside.end_ms <= end
        assert window.outside.start_ms % DAY_MS == 0
    for earlier, later in pairwise(windows):
        assert earlier.outside.end_ms == later.outside.start_ms
        if layout.anchored:
            assert earlier.inside.start_ms == later.inside.start_ms == begin
        else:
            assert later.inside.end_ms - later.inside.start_ms == earlier.inside.end_ms - earlier.inside.start_ms
    assert windows[-1].outside.end_ms == end


@pytest.mark.parametrize(
    "layout",
    [
        Layout(count=0),
        Layout(count=201),
        Layout(embargo_days=-1),
        Layout(train_days=0),
        Layout(count=20),
        Layout(count=3, train_days=100),
    ],
)
def test_windows_that_do_not_fit_are_refused(layout: Layout) -> None:
    with pytest.raises(BadInput):
        windows_of(layout, start_ms=START_MS, end_ms=START_MS + 20 * DAY_MS, step_ms=STEP_MS)


@given(st.integers(1, 20), st.integers(10, 400), st.floats(0, 0.03))
def test_purged_folds_never_overlap(folds: int, days: int, embargo: float) -> None:
    end = START_MS + days * DAY_MS
    try:
        found = purged_folds(START_MS, end, folds=folds, embargo_share=embargo)
    except BadInput:
        assume(False)
        return
    assert len(found) == folds
    assert found[-1].outside.end_ms == end
    gap = int(days * DAY_MS * embargo)
    for fold in found:
        assert fold.inside.start_ms == START_MS
        assert fold.inside.end_ms + gap == fold.outside.start_ms < fold.outside.end_ms
    for earlier, later in pairwise(found):
        assert earlier.outside.end_ms == later.inside.end_ms


@given(st.integers(0, 1_000))
def test_a_trade_counts_in_one_outside_at_most_and_never_reaches_out_of_it(seed: int) -> None:
    trades = made_trades(60, 40, seed=seed)
    folds = purged_folds(trades[0].opened_ms, trades[-1].closed_ms)
    seen: list[ClosedTrade] = []
    for fold in folds:
        kept = purged(trades, fold.outside)
        assert all(fold.outside.start_ms < one.opened_ms <= one.closed_ms <= fold.outside.end_ms for one in kept)
        assert not any(one in seen for one in kept)
        assert not any(one in purged(trades, fold.inside) for one in kept)
        seen += kept
    found = degradation(trades, folds)
    assert sum(found.outside_trades) == len(seen) <= len(trades)
    means = [np.mean([float(t.r) for t in purged(trades, fold.outside)] or [np.nan]) for fold in folds]
    assert found.outside_r == pytest.approx(means, nan_ok=True)
    assert found.positive == sum(mean > 0 for mean in means)


def test_folds_that_do_not_fit_are_refused() -> None:
    for folds, share in [(0, 0.01), (5, 0.5)]:
        with pytest.raises(BadInput, match="do not fit"):
            purged_folds(0, 100 * DAY_MS, folds=folds, embargo_share=share)


def walk_of(what: Materials, *, anchored: bool = False, space: Space = SPACE, **choice: object) -> Walk:
    layout = Layout(count=4, anchored=anchored)
    windows = windows_of(layout, start_ms=what.start_ms, end_ms=what.end_ms, step_ms=STEP_MS)
    chosen = Choice(space=space, **({"min_trades": 3} | choice))  # pyright: ignore[reportArgumentType]
    return Walk(strategy=BREAKOUT, materials=what, terms=Terms(costs=IDEAL), choice=chosen, windows=windows)


def walked(walk: Walk, folder: Path, *, heard: Heard | None = None) -> WalkResult | Tried:
    heard = Heard() if heard is None else heard
    log = TrialLog(folder / "trials.jsonl", identity_of(walk.task, walk.materials.columns))
    try:
        pool = OwnProcess(walk.task, walk.materials.columns)
        return run_walk(walk, pool, log, told=heard, stop=heard.stop)
    finally:
        log.close()


def done(walk: Walk, folder: Path) -> WalkResult:
    result = walked(walk, folder)
    assert isinstance(result, WalkResult)
    return result


@pytest.fixture(scope="module")
def candles() -> Materials:
    return materials(bars=9_000)


def changed_after(what: Materials, at_ms: int) -> Materials:
    """The same candles up to an instant, and another market from there on."""
    columns = what.columns[SOL.pair]
    count = int((columns.close_ms <= at_ms).sum())
    dice = np.random.default_rng(1)
    scale = np.ones(len(columns.bars))
    scale[count:] = 1.0 + 0.1 * dice.random(len(scale) - count).cumsum() / 100
    bars = replace(
        columns.bars,
        **{name: getattr(columns.bars, name) * scale for name in ("open", "close")},
        high=columns.bars.high * scale * np.where(scale == 1.0, 1.0, 1.001),
        low=columns.bars.low * scale * np.where(scale == 1.0, 1.0, 0.999),
    )
    return replace(what, columns={SOL.pair: Columns.of(bars.on_ticks(SOL.tick), SOL)})


@pytest.mark.parametrize("anchored", [False, True])
def test_what_comes_after_a_window_changes_nothing_in_it(candles: Materials, tmp_path: Path, anchored: bool) -> None:
    walk = walk_of(candles, anchored=anchored)
    before = done(walk, tmp_path / "before")
    cut = walk.windows[1].outside.end_ms
    after = done(replace(walk, materials=changed_after(candles, cut + STEP_MS)), tmp_path / "after")
    for place in (0, 1):
        first, second = before.steps[place], after.steps[place]
        assert (first.point, first.inside, first.outside) == (second.point, second.inside, second.outside)
    # What is chosen for the third window ends before the change as well.
    third = walk.windows[2].inside
    if third.end_ms <= cut:
        assert before.steps[2].point == after.steps[2].point
    assert before.steps[3].outside != after.steps[3].outside


def test_anchored_choosing_is_what_each_window_by_itself_would_see(candles: Materials, tmp_path: Path) -> None:
    """The longest run is read for all shorter ones; that must be what running each of them says."""
    walk = walk_of(candles, anchored=True)
    log = TrialLog(tmp_path / "a.jsonl", identity_of(walk.task, candles.columns))
    run_walk(walk, OwnProcess(walk.task, candles.columns), log, told=Heard(), stop=lambda: False)
    log.close()
    for place, window in enumerate(walk.windows):
        alone = replace(walk, windows=(window,))
        own = TrialLog(tmp_path / f"{place}.jsonl", identity_of(alone.task, candles.columns))
        run_walk(alone, OwnProcess(alone.task, candles.columns), own, told=Heard(), stop=lambda: False)
        own.close()
        for text, record in own.records.items():
            assert log.records[text]["inside"][place] == record["inside"][0]
            assert log.records[text]["outside"][place] == record["outside"][0]


def test_each_window_applies_the_best_of_its_own_choosing(candles: Materials, tmp_path: Path) -> None:
    walk = walk_of(candles)
    result = done(walk, tmp_path)
    log = TrialLog(tmp_path / "trials.jsonl", identity_of(walk.task, candles.columns))
    log.close()
    for place, step in enumerate(result.steps):
        inside = {text: figures_from(record["inside"][place]) for text, record in log.records.items()}
        known = [one.expectancy for one in inside.values() if one.trades >= 3]
        assert step.inside is not None
        assert step.inside.expectancy == max(known)
    assert result.tried == len(log.records) == 8


def test_the_stitched_equity_is_one_account_through_all_windows(candles: Materials, tmp_path: Path) -> None:
    result = done(walk_of(candles), tmp_path)
    assert result.curve.equity[0] == 10_000.0
    grown = np.prod([1.0 + step.outside.net_return for step in result.steps if step.outside])
    assert result.curve.equity[-1] == pytest.approx(10_000.0 * grown)
    assert result.stitched.net_return == pytest.approx(grown - 1.0)
    assert result.stitched.trades == sum(step.outside.trades for step in result.steps if step.outside)
    assert (np.diff(result.curve.at_ms) > 0).all()
    assert result.curve.at_ms[0] == result.walk.windows[0].outside.start_ms
    assert result.curve.at_ms[-1] == candles.end_ms
    assert len(result.random) == RANDOM_CHOOSERS
    assert result.percentile == pytest.approx(100 * (result.random < result.chained).mean())


def test_a_window_without_a_choice_trades_nothing(candles: Materials, tmp_path: Path) -> None:
    result = done(walk_of(candles, min_trades=10_000), tmp_path)
    assert [step.point for step in result.steps] == [None] * 4
    assert (result.curve.equity == 10_000.0).all()
    assert result.stitched.trades == 0
    assert result.verdict == "Nothing was traded where it counts."
    assert result.look_ahead is None


def test_a_stopped_walk_goes_on_and_comes_to_the_same(candles: Materials, tmp_path: Path) -> None:
    walk = walk_of(candles)
    whole = done(walk, tmp_path / "whole")
    part = walked(walk, tmp_path / "part", heard=Heard(stop_after=3))
    assert isinstance(part, Tried)
    assert 3 <= len(part.texts) < 8
    rest = done(walk, tmp_path / "part")
    assert rest.recalled == len(part.texts)
    assert (rest.steps, rest.stitched, rest.percentile) == (whole.steps, whole.stitched, whole.percentile)


def test_an_estimator_may_not_walk(candles: Materials, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="the same points in every window"):
        walked(walk_of(candles, method="tpe", points=20), tmp_path)


def test_stability_tells_how_far_the_choice_moved(candles: Materials, tmp_path: Path) -> None:
    result = done(walk_of(candles), tmp_path)
    for place, found in enumerate(result.stability):
        axis = SPACE.axes[place]
        values = [step.point[axis.name] for step in result.steps if step.point is not None]
        assert list(found.values) == values
        assert found.different == len(set(values))
        width = float(max(axis.values)) - float(min(axis.values))  # pyright: ignore[reportArgumentType]
        steps = [abs(float(b) - float(a)) / width for a, b in pairwise(values)]
        assert found.moved == pytest.approx(np.mean(steps))


def test_a_span_ends_its_days_at_its_own_end() -> None:
    span = Span(START_MS + 5, START_MS + 2 * DAY_MS + 7)
    assert span.days().tolist() == [START_MS + DAY_MS, START_MS + 2 * DAY_MS, START_MS + 2 * DAY_MS + 7]
    assert span.years() == pytest.approx((2 * DAY_MS + 2) / (365 * DAY_MS))
    assert Decimal(str(Span(0, DAY_MS).years())) == Decimal(str(1 / 365))
