"""A span is run as if there were nothing else; pieces of columns are the columns; materials know what they are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.domain.errors import BadInput
from quorate.domain.snapshot import Settlement
from quorate.research import day_marks
from quorate.research.backtesting import total_of
from quorate.research.columns import Columns
from quorate.research.compiled import run
from quorate.research.jit import compiled
from quorate.research.legs import run_leg
from quorate.research.materials import Materials
from quorate.research.orders import broken, fault_of, orders_of
from quorate.research.result import Curve
from quorate.research.shared_columns import owned
from quorate.research.spans import (
    DAY_MS,
    Ending,
    Span,
    SpanRun,
    Terms,
    Total,
    columns_until,
    orders_in,
    rows_until,
    run_span,
    run_whole,
    view_of,
)
from tests.research.scripted import Line, rules, speaking
from tests.research.studied import ETH, FREE, IDEAL, SOL, START_MS, materials

BREAKOUT = Breakout(parameters=BreakoutParameters(timeframe="5m"), costs=FREE)
TERMS = Terms(costs=IDEAL)
HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def candles() -> Materials:
    return materials(bars=5_000)


@pytest.fixture(scope="module")
def columns(candles: Materials) -> Columns:
    return candles.columns[SOL.pair]


def spanned(columns: Columns, span: Span, ending: Ending) -> SpanRun:
    conditions = TERMS.on(BREAKOUT, columns, SOL)
    return run_span(conditions, columns, orders_of(BREAKOUT, columns, SOL), span=span, ending=ending)


def middle(columns: Columns) -> Span:
    return Span(START_MS + 3 * DAY_MS + HOUR_MS, START_MS + 9 * DAY_MS + 7 * HOUR_MS)


def cut_in_a_trade(columns: Columns) -> Span:
    """A span that ends while a trade is open."""
    result = run(BREAKOUT, columns, SOL, costs=IDEAL)
    trade = next(one for one in result.trades[30:] if one.exit_row - one.entry_row > 6)
    return Span(START_MS, int(columns.close_ms[int(trade.entry_row) + 3]))


@pytest.mark.parametrize("ending", ["marked", "purged", "closed"])
def test_candles_after_a_span_change_nothing_but_the_open_that_closes_it(columns: Columns, ending: Ending) -> None:
    span = middle(columns)
    count = rows_until(columns, span.end_ms)
    whole = spanned(columns, span, ending)
    alone = spanned(columns_until(columns, count + 1), span, ending)
    assert (whole.r == alone.r).all()
    assert (whole.worth == alone.worth).all()
    assert (whole.cash, whole.final, whole.open_trades) == (alone.cash, alone.final, alone.open_trades)
    assert len(whole.r) > 20


def test_the_three_endings_differ_in_the_open_trade_alone(columns: Columns) -> None:
    span = cut_in_a_trade(columns)
    marked, purged, closed = (spanned(columns, span, ending) for ending in ("marked", "purged", "closed"))
    assert (marked.open_trades, purged.open_trades, closed.open_trades) == (1, 0, 0)
    assert len(closed.r) == len(marked.r) + 1 == len(purged.r) + 1
    assert (marked.r == purged.r).all()
    assert (closed.r[:-1] == marked.r).all()
    assert purged.final == pytest.approx(10_000.0 + purged.pnl.sum())
    assert closed.final == pytest.approx(10_000.0 + closed.pnl.sum())
    assert marked.final != purged.final


def test_a_purged_runs_beginning_is_the_purged_run_up_to_there(columns: Columns) -> None:
    book = orders_of(BREAKOUT, columns, SOL)
    whole = Span(START_MS, START_MS + 15 * DAY_MS)
    result = run_whole(TERMS.on(BREAKOUT, columns, SOL), columns, book, span=whole, ending="purged")
    for hours in (30, 100, 201, 333):
        part = Span(START_MS, START_MS + hours * HOUR_MS)
        seen, alone = view_of(result, part, "purged"), spanned(columns, part, "purged")
        assert (seen.r == alone.r).all()
        assert (seen.worth == alone.worth).all()
        assert seen.cash == alone.cash


def test_days_are_worth_what_the_equity_says_at_midnight(columns: Columns) -> None:
    result = run(BREAKOUT, columns, SOL, costs=IDEAL)
    equity = result.equity()
    rows = np.arange(-1, len(columns), 288)[1:]
    worth = np.empty(len(rows), np.int64)
    compiled(day_marks.mark_rows)(result.rules, columns.tape, result.opened, result.parts, rows, worth)
    assert (worth == equity[rows]).all()


def test_orders_of_a_span_are_those_decided_in_it(columns: Columns) -> None:
    book = orders_of(BREAKOUT, columns, SOL)
    span = middle(columns)
    inside = orders_in(book, span)
    kept = (book.orders["at_ms"] >= span.start_ms) & (book.orders["at_ms"] < span.end_ms)
    assert (inside.orders["at_ms"] == book.orders["at_ms"][kept]).all()
    assert (inside.places == book.places[kept]).all()
    closing = orders_in(book, span, close_out=True)
    assert (closing.orders["expires_ms"] <= span.end_ms).all()
    assert (book.orders["expires_ms"] > span.end_ms).any()


def test_totals_add_pairs_up() -> None:
    one = SpanRun(
        span=Span(0, DAY_MS),
        r=np.array([1.0]),
        pnl=np.array([10.0]),
        worth=np.array([110.0]),
        start=100.0,
        final=110.0,
        open_trades=1,
        cash=0,
    )
    other = replace(one, r=np.array([-1.0, 0.5]), pnl=np.array([-5.0, 1.0]), worth=np.array([96.0]), final=96.0)
    total = Total.of({"B/USDT": one, "A/USDT": other})
    assert total.r.tolist() == [-1.0, 0.5, 1.0]
    assert (total.start, total.final, total.open_trades) == (200.0, 206.0, 2)
    assert total.figures().net_return == pytest.approx(0.03)


def test_curves_of_pairs_that_begin_apart_carry_their_last_worth() -> None:
    first, second = (
        Curve(np.array([0, 10, 20]), np.array([1.0, 2.0, 3.0])),
        Curve(np.array([0, 15]), np.array([5.0, 7.0])),
    )
    total = total_of([first, second])
    assert total.at_ms.tolist() == [0, 10, 15, 20]
    assert total.equity.tolist() == [6.0, 7.0, 9.0, 10.0]


def test_a_leg_decides_inside_its_range_and_warms_up_before_it(candles: Materials) -> None:
    leg = run_leg(BREAKOUT, candles, SOL.pair, TERMS)
    assert (leg.result.book.orders["at_ms"] > candles.start_ms).all()
    assert leg.result.trades["entry_row"].min() >= candles.first_row(SOL.pair)
    curve = leg.curve()
    assert (curve.at_ms[0], curve.equity[0]) == (candles.start_ms, 10_000.0)
    assert curve.at_ms[-1] == candles.end_ms


def test_materials_digest_everything_they_hold(candles: Materials) -> None:
    same = materials(bars=5_000)
    assert same.digest() == candles.digest()
    rate = Settlement(SOL.pair, candles.end_ms, Decimal("0.0001"))
    others = [
        replace(candles, start_ms=candles.start_ms + 1),
        replace(candles, settlements=(rate,)),
        replace(candles, markets={SOL.pair: replace(SOL, spread_ppm=1)}),
        materials(bars=5_000, seed=5),
        materials(bars=4_999),
    ]
    assert len({one.digest() for one in (candles, *others)}) == 6
    assert replace(candles, source="elsewhere", notes=("x",)).digest() == candles.digest()


def test_materials_know_their_pairs_and_bars() -> None:
    both = materials(bars=1_000, markets=(SOL, ETH))
    assert both.pairs == ("ETH/USDT", "SOL/USDT")
    assert both.timeframe == "5m"
    assert both.bars == 2 * 900
    assert both.only(ETH.pair).pairs == ("ETH/USDT",)
    with pytest.raises(BadInput, match="no candles"):
        _ = replace(both, columns={}).timeframe


def test_columns_of_ones_own_may_be_written(columns: Columns) -> None:
    columns.tape.flags.writeable = False
    try:
        mine = owned(columns)
    finally:
        columns.tape.flags.writeable = True
    mine.tape["high"][0] += 1
    assert mine.tape["high"][0] == columns.tape["high"][0] + 1
    assert (mine.bars.close == columns.bars.close).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("entry", np.nan), ("stop", np.nan), ("stop", -1.0), ("confidence", 1.5), ("stop", np.inf), ("stop", 1e9)],
)
def test_a_setup_with_a_missing_number_is_named_with_its_bar(columns: Columns, name: str, value: float) -> None:
    lines = {int(columns.bars.open_ms[row]): Line(1, 50, (80,)) for row in (100, 200, 300)}
    strategy = speaking(script=lines, exits=rules())
    book = orders_of(strategy, columns, SOL)
    assert fault_of(strategy, columns, SOL, book) is None
    column = getattr(book.setups, name).copy()
    column[1] = value
    torn = replace(book, setups=replace(book.setups, **{name: column}))
    assert broken(torn.setups).tolist() == [1]
    said = fault_of(strategy, columns, SOL, torn)
    assert said is not None
    assert "scripted" in said
    assert "2025-01-01 16:40 and in 1 of 3 setups" in said
