"""A sweep counts everything that was tried, repeats nothing, comes to the same on every pool, and says what is luck."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from decimal import Decimal
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.domain.errors import BadInput, Unavailable
from quorate.research.compiled import run
from quorate.research.figures import figures_of
from quorate.research.luck import deflated_sharpe
from quorate.research.pools import Done, OwnProcess, Processes, RayCluster
from quorate.research.shared_columns import read_bench, write_bench
from quorate.research.space import Axis, Point, Space, canonical
from quorate.research.sweep import SweepResult, verdict
from quorate.research.trials import StrategySpec, identity_of, trial_of
from tests.research.studied import BREAKOUT, ETH, FREE, IDEAL, SOL, Heard, log_of, materials, sweep_of, swept

WIDE = Space((Axis(name="channel", values=tuple(range(10, 40, 3))), Axis(name="stop_atr", values=(1.0, 1.5, 2.0))))


def told(result: SweepResult) -> list[tuple[str, object]]:
    return [(trial.text, trial.figures) for trial in result.trials]


@pytest.fixture(scope="module")
def candles():
    return materials(bars=12_000, markets=(SOL, ETH))


def test_every_point_is_what_its_own_run_is(candles, tmp_path: Path) -> None:
    result = swept(sweep_of(candles), tmp_path)
    assert result.complete
    assert [trial.text for trial in result.trials] != sorted(trial.text for trial in result.trials)
    for trial in result.trials:
        parameters = BreakoutParameters(timeframe="5m", **dict(trial.point))  # pyright: ignore[reportArgumentType]
        r = []
        for pair, columns in candles.columns.items():
            first = candles.first_row(pair)
            alone = run(Breakout(parameters=parameters, costs=FREE), columns, candles.markets[pair], costs=IDEAL)
            inside = alone.book.orders["row"][alone.trades["order"]] >= first
            # Trades of the warm-up would pace and size the first ones: the span begins anew.
            r += alone.r[inside & (alone.trades["entry_row"] > first + 600)].tolist()
        assert trial.figures is not None
        assert abs(trial.figures.trades - len(r)) < trial.figures.trades * 0.35
    values = [trial.figures.expectancy for trial in result.trials if trial.figures is not None]
    assert values == sorted(values, reverse=True)
    assert result.best is result.trials[0]


def test_a_stopped_sweep_goes_on_and_comes_to_the_same(candles, tmp_path: Path) -> None:
    sweep = sweep_of(candles, space=WIDE)
    whole = swept(sweep, tmp_path / "whole")
    stopping = Heard(stop_after=7)
    part = swept(sweep, tmp_path / "part", heard=stopping)
    assert not part.complete
    assert 7 <= len(part.trials) < whole.total == 30
    rest = Heard()
    done = swept(sweep, tmp_path / "part", heard=rest)
    assert done.complete
    assert done.recalled == len(part.trials)
    assert rest.done == rest.total == 30
    assert told(done) == told(whole)
    assert (done.deflated, done.overfitting) == (whole.deflated, whole.overfitting)
    assert len((tmp_path / "part" / "trials.jsonl").read_text().splitlines()) == 31


def test_a_log_torn_by_a_kill_costs_one_point(candles, tmp_path: Path) -> None:
    sweep = sweep_of(candles)
    whole = swept(sweep, tmp_path)
    path = tmp_path / "trials.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    again = swept(sweep, tmp_path)
    assert again.recalled == 5
    assert told(again) == told(whole)


def test_every_variant_ever_tried_is_counted_and_raises_the_bar(candles, tmp_path: Path) -> None:
    small = Space((Axis(name="channel", values=(10, 20, 30)),))
    alone = swept(sweep_of(candles, space=small), tmp_path)
    other = swept(sweep_of(candles, space=Space((Axis(name="stop_atr", values=(1.0, 1.5, 3.0)),))), tmp_path)
    after = swept(sweep_of(candles, space=small), tmp_path)
    assert (alone.tried, other.tried, after.tried) == (3, 6, 6)
    assert after.recalled == 3
    assert alone.deflated is not None and after.deflated is not None  # noqa: PT018  both for the reader
    assert after.deflated.tries == 6
    log = log_of(sweep_of(candles), tmp_path)
    every = [trial_of(text, record) for text, record in log.records.items()]
    log.close()
    best = after.best
    assert best is not None and best.shape is not None  # noqa: PT018
    assert after.deflated == deflated_sharpe(best.shape, [t.shape.daily_sharpe for t in every if t.shape], 6)


@pytest.mark.slow
def test_processes_come_to_what_this_one_comes_to(candles, tmp_path: Path) -> None:
    sweep = sweep_of(candles, space=WIDE, method="tpe", points=40)
    here = swept(sweep, tmp_path / "here")
    pool = Processes(sweep.task, candles.columns, workers=2, folder=tmp_path / "bench")
    try:
        there = swept(sweep, tmp_path / "there", pool=pool)
    finally:
        pool.close()
    assert told(there) == told(here)
    ours, theirs = ((tmp_path / name / "trials.jsonl").read_text() for name in ("here", "there"))
    assert sorted(ours.splitlines()) == sorted(theirs.splitlines())


def test_a_worker_that_dies_is_said_and_the_rest_is_kept(candles, tmp_path: Path) -> None:
    sweep = sweep_of(candles, space=WIDE)

    class Dying:
        """Tries two chunks; then its workers are gone."""

        workers = 1

        def __init__(self) -> None:
            self._own = OwnProcess(sweep.task, candles.columns)
            self._left = 2

        def submit(self, points: Sequence[Point]) -> Future[Done]:
            self._left -= 1
            if self._left >= 0:
                return self._own.submit(points)
            broken: Future[Done] = Future()
            broken.set_exception(BrokenProcessPool("killed"))
            return broken

        def close(self) -> None:
            pass

    with pytest.raises(Unavailable, match="A worker process died"):
        swept(sweep, tmp_path, pool=Dying())
    kept = len((tmp_path / "trials.jsonl").read_text().splitlines()) - 1
    assert kept > 0
    assert swept(sweep, tmp_path).recalled == kept


@pytest.mark.slow
def test_a_worker_killed_by_the_system_ends_the_search_with_a_sentence(candles, tmp_path: Path) -> None:
    sweep = sweep_of(candles, space=WIDE)
    pool = Processes(sweep.task, candles.columns, workers=2, folder=tmp_path / "bench")

    class Killing(Heard):
        def __call__(self, **given: object) -> None:
            super().__call__(**given)  # pyright: ignore[reportArgumentType, reportCallIssue]
            for pid in list(pool._pool._processes):
                os.kill(pid, signal.SIGKILL)

    try:
        with pytest.raises(Unavailable, match="A worker process died"):
            swept(sweep, tmp_path, pool=pool, heard=Killing())
    finally:
        pool.close()
    assert swept(sweep, tmp_path).complete


def test_shared_candles_are_the_same_candles(candles, tmp_path: Path) -> None:
    task = sweep_of(candles).task
    write_bench(tmp_path, task, candles.columns)
    again, columns = read_bench(tmp_path)
    assert again == task
    assert identity_of(again, columns) == identity_of(task, candles.columns)
    for pair, each in columns.items():
        ours = candles.columns[pair]
        assert (each.tape == ours.tape).all()
        assert (each.bars.close == ours.bars.close).all()
        # What a process writes is its own: the files stay as they are.
        each.tape["high"][0] = 1
    assert read_bench(tmp_path)[1][SOL.pair].tape["high"][0] != 1


def test_points_at_which_a_strategy_fails_are_told_and_count(candles, tmp_path: Path) -> None:
    folder = tmp_path / "strategies"
    folder.mkdir()
    (folder / "picky.py").write_text(PICKY)
    spec = StrategySpec(name="picky", folder=folder, costs=FREE)
    space = Space((Axis(name="how", values=("well", "raises", "nan", "shape", "refuses", "silent")),))
    result = swept(sweep_of(candles, strategy=spec, space=space), tmp_path)
    faults = {str(trial.point["how"]): trial.fault for trial in result.failed}
    assert set(faults) == {"raises", "shape", "refuses", "nan"}
    assert "ZeroDivisionError" in str(faults["raises"])
    assert "cannot be read" in str(faults["shape"])
    assert "no such thing" in str(faults["refuses"])
    assert "not all positive numbers" in str(faults["nan"])
    assert result.tried == 6
    silent = next(trial for trial in result.trials if trial.point["how"] == "silent")
    assert silent.figures is not None
    assert (silent.figures.trades, silent.shape) == (0, None)
    assert result.best is not None
    assert result.best.point == {"how": "well"}


def test_another_candle_or_another_cost_is_another_search(candles, tmp_path: Path) -> None:
    sweep = sweep_of(candles)
    first = identity_of(sweep.task, candles.columns)
    other = materials(markets=(SOL, ETH), seed=5)
    assert identity_of(sweep.task, other.columns).digest != first.digest
    dearer = replace(sweep, terms=replace(sweep.terms, costs=IDEAL.without("funding")))
    assert identity_of(dearer.task, candles.columns).digest != first.digest
    richer = replace(sweep, terms=replace(sweep.terms, sizing=replace(sweep.terms.sizing, start_equity=Decimal(1))))
    assert identity_of(richer.task, candles.columns).digest != first.digest
    spec = replace(BREAKOUT, parameters={"timeframe": "5m", "stop_atr": 3.0})
    assert identity_of(sweep_of(candles, strategy=spec).task, candles.columns).digest != first.digest


def test_too_few_trades_are_not_ranked_and_no_best_is_said(candles, tmp_path: Path) -> None:
    result = swept(sweep_of(candles, min_trades=10_000), tmp_path)
    assert result.best is None
    assert result.deflated is None
    assert "No point has the 10000 trades" in result.verdict


def test_nothing_to_try_is_refused(candles, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no point to try"):
        swept(sweep_of(candles, method="sobol", points=0), tmp_path)


def test_a_losing_best_is_called_one(candles, tmp_path: Path) -> None:
    result = swept(sweep_of(candles), tmp_path)
    assert result.best is not None and result.best.figures is not None  # noqa: PT018
    losing = replace(result.best, figures=replace(result.best.figures, net_return=-0.1))
    assert "loses money" in verdict(losing, result.deflated, None)
    winning = replace(result.best, figures=replace(result.best.figures, net_return=0.1))
    assert "cannot be told" in verdict(winning, None, None)


def test_figures_of_a_point_follow_from_days_and_trades() -> None:
    worth = np.array([1_010.0, 990.0, 1_050.0])
    found = figures_of(np.array([1.0, -0.5]), np.array([60.0, -10.0]), worth, 1_000.0)
    days = np.array([0.01, 990 / 1_010 - 1, 1_050 / 990 - 1])
    assert found.net_return == pytest.approx(0.05)
    assert found.sharpe == pytest.approx(days.mean() / days.std(ddof=1) * 365**0.5)
    assert found.daily_drawdown == pytest.approx(20 / 1_010)
    assert found.calmar == pytest.approx((1.05 ** (365 / 3) - 1) / (20 / 1_010))
    assert (found.trades, found.win_rate, found.expectancy, found.profit_factor) == (2, 0.5, 0.25, 6.0)
    assert isnan(found.objective("sharpe", 3))
    assert found.objective("net_return", 2) == found.net_return


def test_a_search_that_ray_is_wanted_for_says_where_it_is_missing(candles) -> None:
    task = sweep_of(candles).task
    try:
        import ray  # noqa: F401  # pyright: ignore[reportMissingImports, reportUnusedImport]
    except ImportError:
        with pytest.raises(Unavailable, match="Ray is not installed"):
            RayCluster(task, candles.columns, address="local")


@pytest.mark.slow
def test_a_ray_cluster_comes_to_what_this_process_comes_to(candles, tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: `pip install quorate[ray]`")
    sweep = sweep_of(candles, space=WIDE)
    here = swept(sweep, tmp_path / "here")
    pool = RayCluster(sweep.task, candles.columns, address="local")
    try:
        there = swept(sweep, tmp_path / "there", pool=pool)
    finally:
        pool.close()
    assert told(there) == told(here)


def test_equal_points_are_tried_once(candles, tmp_path: Path) -> None:
    few = Space((Axis(name="channel", values=(10, 20)),))
    heard = Heard()
    result = swept(sweep_of(candles, space=few, method="tpe", points=40), tmp_path, heard=heard)
    assert result.tried == 2 == len(result.trials)
    assert heard.done == heard.total == 40
    assert {canonical(point) for point in heard.points} == {trial.text for trial in result.trials}


PICKY = '''
"""Fails in every way there is."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar, Literal

import numpy as np

from quorate.analysts.base import ExitRules, Setups, no_setups
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind


@dataclass(frozen=True, kw_only=True)
class PickyParameters:
    how: Literal["well", "raises", "nan", "shape", "refuses", "silent"] = "well"

    def __post_init__(self):
        if self.how == "refuses":
            raise ValueError("no such thing")


@dataclass(frozen=True, kw_only=True)
class Picky:
    parameters: PickyParameters = field(default_factory=PickyParameters)
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "picky"
    timeframe: ClassVar[str] = "5m"
    warm_up: ClassVar[int] = 10
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal(1),), expires_bars=24)
    pacing: ClassVar[Pacing] = Pacing(cooldown_bars=0)

    def setups(self, bars, market, *, since=0):
        how = self.parameters.how
        if how == "silent":
            return no_setups(1)
        if how == "raises":
            return 1 // 0
        rows = np.arange(since, len(bars), 40)
        entry = bars.close[rows]
        stop = entry * (np.nan if how == "nan" else 0.99)
        if how == "shape":
            stop = stop[:-1]
        side, sure = np.ones(len(rows), np.int8), np.full(len(rows), 0.6)
        return Setups(rows=rows, side=side, confidence=sure, entry=entry, stop=stop, targets=(entry * 1.02,))

    def explain(self, side, measures):
        return "it is time"
'''
