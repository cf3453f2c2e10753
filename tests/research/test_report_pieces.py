"""What a report draws and adds up is true of the backtest: nothing is smoothed away, every part is counted once."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quorate.kernel.bars import Bars
from quorate.research.reports import words
from quorate.research.reports.bars import binned
from quorate.research.reports.breakdowns import breakdowns, months_of
from quorate.research.reports.candles import nearby, overview, stop_of
from quorate.research.reports.evidence import chosen
from quorate.research.reports.markup import Html, markup, tag
from quorate.research.reports.scales import spread, ticks, time_ticks
from quorate.research.reports.thinning import fewer_candles, midnights, outline
from quorate.research.result import Curve
from tests.research.made_backtests import DAY_MS, START_MS, made_backtest, made_bars, made_trades

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=400)


@given(values, st.integers(1, 30))
def test_an_outline_keeps_both_ends_and_both_extremes_of_every_column(equity: list[float], columns: int) -> None:
    at_ms = np.arange(len(equity), dtype=np.int64) * 60_000
    every = np.array(equity)
    places = outline(at_ms, every, columns=columns)
    assert (np.diff(places) > 0).all()
    assert places[0] == 0
    assert places[-1] == len(equity) - 1
    assert every[places].min() == every.min()
    assert every[places].max() == every.max()
    assert len(places) <= 4 * columns or len(places) == len(equity)


@given(st.integers(2, 40), st.integers(5, 120), st.sets(st.integers(0, 287), max_size=40))
def test_candles_put_together_lose_no_price_and_no_volume(days: int, most: int, holes: set[int]) -> None:
    whole = made_bars("BTC/USDT", days)
    keep = np.array([place not in holes for place in range(len(whole))])
    bars = Bars(
        "BTC/USDT",
        "5m",
        *(getattr(whole, name)[keep] for name in ("open_ms", "open", "high", "low", "close", "volume")),
    )
    fewer, length_ms = fewer_candles(bars, most)
    assert len(fewer) <= most or length_ms == 300_000
    assert fewer.high.max() == bars.high.max()
    assert fewer.low.min() == bars.low.min()
    assert fewer.open[0] == bars.open[0]
    assert fewer.close[-1] == bars.close[-1]
    assert fewer.volume.sum() == pytest.approx(bars.volume.sum())
    assert (fewer.open_ms % length_ms == 0).all()


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=300))
def test_every_result_is_in_exactly_one_bar(results: list[float]) -> None:
    bins = binned(np.array(results), also=(0.0,))
    assert sum(bins.counts) == len(results)
    assert bins.edges[0] <= 0.0 <= bins.edges[-1]


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_axes_name_a_few_round_values_inside_their_range(low: float, width: float) -> None:
    assume(width > abs(low) * 1e-8)  # narrower, doubles themselves are too coarse
    begin, end = spread(low, low + width)
    found = ticks(begin, end)
    slack = (end - begin) * 1e-6
    assert all(begin - slack <= value <= end + slack for value in found)
    assert len(found) <= 13


@given(st.integers(0, 4_000_000_000_000), st.integers(60_000, 4 * 365 * DAY_MS))
def test_time_axes_name_few_instants_in_order(start: int, width: int) -> None:
    found = [at_ms for at_ms, _ in time_ticks(start, start + width)]
    assert found == sorted(set(found))
    assert all(start <= at_ms <= start + width for at_ms in found)
    assert len(found) <= 13


def test_months_multiply_to_the_whole_and_say_which_are_partly_covered() -> None:
    curve = made_backtest(days=75).curves["total"]
    found = months_of(curve)
    assert [(month.month, month.whole) for month in found] == [(1, True), (2, True), (3, False)]
    assert np.prod([1 + month.change for month in found]) == pytest.approx(curve.equity[-1] / curve.equity[0])


def test_a_curve_that_ends_at_midnight_has_no_month_after_it() -> None:
    at_ms = np.array([START_MS, START_MS + 31 * DAY_MS], np.int64)
    assert [month.month for month in months_of(Curve(at_ms, np.array([100.0, 110.0])))] == [1]


def test_midnights_carry_the_newest_point_and_both_ends() -> None:
    at_ms = START_MS + np.array([3_600_000, 7_200_000, 3 * DAY_MS + 1], np.int64)
    thin = midnights(Curve(at_ms, np.array([1.0, 2.0, 3.0])))
    assert ((thin.at_ms - START_MS) // DAY_MS).tolist() == [0, 1, 2, 3, 3]
    assert thin.equity.tolist() == [1.0, 2.0, 2.0, 2.0, 3.0]


def test_every_breakdown_counts_every_trade_and_every_cent_once() -> None:
    trades = made_trades(200, 30)
    found = breakdowns(trades)
    assert {each.by for each in found} >= {"Symbol", "Side", "How it ended", "Regime at entry", "Weekday of entry"}
    for each in found:
        assert sum(part.trades for part in each.parts) == len(trades)
        assert sum(part.pnl for part in each.parts) == sum(trade.pnl for trade in trades)
        assert sum(part.wins for part in each.parts) == sum(trade.pnl > 0 for trade in trades)


def test_the_first_stop_follows_from_the_result() -> None:
    for trade in made_trades(50, 10):
        stop = stop_of(trade)
        assert stop is not None
        assert stop == trade.entry - 1 if trade.side == "LONG" else trade.entry + 1


def test_worst_best_and_last_are_who_they_say_and_nobody_twice() -> None:
    trades = made_trades(40, 10)
    found = chosen(trades)
    assert len({id(trade) for _, trade in found}) == len(found) == 6
    assert found[0][1].r == min(trade.r for trade in trades)
    assert found[2][1].r == max(trade.r for trade in trades)
    assert len(chosen(trades[:1])) == 1


def test_lines_of_trades_are_left_out_where_they_would_hide_one_another() -> None:
    bars = made_bars("BTC/USDT", 30)
    few, many = (overview(bars, made_trades(count, 30))[0] for count in (50, 500))
    assert 'class="way up"' in few
    assert 'class="way up"' not in many
    assert 'class="lane up"' in many


def test_a_trade_beyond_the_candles_is_not_drawn() -> None:
    trade = made_trades(1, 10)[0]
    bars = made_bars("BTC/USDT", 10)
    assert nearby(bars, trade) is not None
    assert nearby(bars.between(0, 0), trade) is None


def test_text_is_escaped_once_and_markup_never() -> None:
    assert markup("<b>") == "&lt;b&gt;"
    assert markup(markup("<b>")) == "&lt;b&gt;"
    assert tag("p", "a & b", Html("<b/>"), class_='"') == '<p class="&quot;">a &amp; b<b/></p>'


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (words.number(-1234.5), "−1,234.50"),
        (words.number(0.001, signed=True), "0.00"),
        (words.number(float("nan")), words.UNTOLD),
        (words.number(float("-inf")), "−∞"),
        (words.share(0.5, signed=True), "+50.00\u202f%"),
        (words.measured(Decimal("1.5"), "money", "USDT"), "1.50\u202fUSDT"),
        (words.measured(12, "count", ""), "12"),
        (words.measured(float("inf"), "count", ""), "∞"),
        (words.span(95 * 60_000), "1 h 35 min"),
        (words.span(30 * DAY_MS), "30 days"),
    ],
)
def test_numbers_read_as_people_write_them(said: str, wanted: str) -> None:
    assert said == wanted
