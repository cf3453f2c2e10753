"""Pages of sweeps and walk-forwards: one file that needs nothing else, the same bytes every time, everything said."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from quorate.cli import sweep_tables as tables
from quorate.domain.errors import BadInput
from quorate.research.heat_map import BINS, drawn, heat_map
from quorate.research.materials import Materials
from quorate.research.space import Axis, Space
from quorate.research.sweep import SweepResult
from quorate.research.sweep_page import sweep_page, write_sweep_page
from quorate.research.trials import Trial
from quorate.research.walk_forward import WalkResult
from quorate.research.walk_page import walk_page, write_walk_page
from tests.research.studied import SOL, materials, sweep_of, swept
from tests.research.test_walk_forward import done, walk_of

SPACE = Space((Axis(name="channel", values=(10, 20, 30)), Axis(name="stop_atr", low=1.0, high=3.0)))


class Checking(HTMLParser):
    """Notes what is open, and what would have to be fetched."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "input", "rect", "line", "path", "circle", "polyline", "use"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs) -> None:
        held = dict(attrs)
        named = (held.get(name) or "#" for name in ("src", "href"))
        self.fetched += [place for place in named if place[0] not in {"#", "d"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        if tag in self.VOID:
            return
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data) -> None:
        self.text += data


def read(page: str) -> str:
    found = Checking()
    found.feed(page)
    assert found.open == []
    assert found.fetched == []
    assert "@import" not in page
    assert not re.search(r"url\((?!#|data:)", page)
    return found.text


@pytest.fixture(scope="module")
def candles() -> Materials:
    return materials(bars=12_000)


@pytest.fixture(scope="module")
def result(candles: Materials, tmp_path_factory: pytest.TempPathFactory) -> SweepResult:
    sweep = sweep_of(candles, space=SPACE, method="sobol", points=24)
    return swept(sweep, tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def walk(candles: Materials, tmp_path_factory: pytest.TempPathFactory) -> WalkResult:
    return done(walk_of(candles), tmp_path_factory.mktemp("walk"))


def test_a_sweeps_page_needs_nothing_else_and_says_what_is_luck(result: SweepResult, tmp_path: Path) -> None:
    page = sweep_page(result)
    text = read(page)
    assert page == sweep_page(result)
    assert result.verdict in text
    for said in ("Sweep of breakout on SOL/USDT", "Tries counted", "24", "Deflated Sharpe ratio", "Assumptions", "★"):
        assert said in text
    write_sweep_page(result, tmp_path / "sweep.html")
    assert (tmp_path / "sweep.html").read_text(encoding="utf-8") == page


def test_a_stopped_sweep_and_failed_points_are_said(result: SweepResult) -> None:
    failed = Trial(point={"channel": 10, "stop_atr": 1.0}, figures=None, shape=None, fault="<b>it</b> broke & fell")
    torn = replace(result, complete=False, total=99, trials=(*result.trials, failed))
    page = sweep_page(torn)
    text = read(page)
    assert "It was stopped: 25 of 99 points are done." in text
    assert "<b>it</b> broke & fell" in text
    assert "<b>it" not in page


def test_a_walks_page_needs_nothing_else_and_shows_every_window(walk: WalkResult, tmp_path: Path) -> None:
    page = walk_page(walk)
    text = read(page)
    assert page == walk_page(walk)
    assert walk.verdict in text
    for said in ("Walk-forward of breakout", "Beats who choose at random", "Stitched together", "Stability", "Windows"):
        assert said in text
    write_walk_page(walk, tmp_path / "walk.html")
    assert (tmp_path / "walk.html").read_text(encoding="utf-8") == page


def test_a_map_is_the_mean_over_everything_else(result: SweepResult) -> None:
    heat = heat_map(result.trials, SPACE, across="channel", up="stop_atr", objective="expectancy", min_trades=5)
    assert heat.columns == ("10", "20", "30")
    assert len(heat.rows) == BINS
    assert heat.counts.sum() == len(result.trials)
    for column, channel in enumerate((10, 20, 30)):
        mine = [t for t in result.trials if t.point["channel"] == channel and t.figures is not None]
        total = np.nansum(heat.values[:, column] * heat.counts[:, column])
        assert total == pytest.approx(sum(t.figures.expectancy for t in mine if t.figures))
    assert heat.best is not None
    read(str(drawn(heat)))


def test_a_map_of_what_cannot_be_told_is_empty_and_still_drawn(result: SweepResult) -> None:
    heat = heat_map(result.trials, SPACE, across="channel", up="stop_atr", objective="sharpe", min_trades=10**6)
    assert np.isnan(heat.values).all()
    assert heat.best is None
    with np.errstate(all="raise"):
        read(str(drawn(heat)))


@pytest.mark.parametrize(("across", "up"), [("channel", "channel"), ("channel", "absent"), ("absent", "channel")])
def test_a_map_takes_two_of_the_axes(result: SweepResult, across: str, up: str) -> None:
    with pytest.raises(BadInput):
        heat_map(result.trials, SPACE, across=across, up=up, objective="expectancy", min_trades=1)


def test_json_says_everything_in_plain_numbers(result: SweepResult, walk: WalkResult) -> None:
    import json

    told = json.loads(json.dumps(tables.sweep_json(result, 5), allow_nan=False))
    assert told["luck"]["tries"] == 24
    assert len(told["points"]) == 5
    assert told["best"]["point"] == dict(result.best.point if result.best else {})
    assert told["pairs"] == [SOL.pair]
    again = json.loads(json.dumps(tables.walk_json(walk), allow_nan=False))
    assert len(again["windows"]) == 4
    assert again["random"]["choosers"] == len(walk.random)


def test_tables_show_the_best_first(result: SweepResult, walk: WalkResult) -> None:
    rows = tables.sweep_rows(result, 3)
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert set(tables.sweep_columns(result)) == set(rows[0])
    assert tables.sweep_facts(result)["Verdict"] == result.verdict
    shown = tables.walk_table(walk)
    assert [row["window"] for row in shown] == [1, 2, 3, 4]
    assert set(tables.WALK_COLUMNS) == set(shown[0])
    assert tables.walk_facts(walk)["Verdict"] == walk.verdict
