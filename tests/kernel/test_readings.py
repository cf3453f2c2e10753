"""Readings are made once for given bars, and are the indicators' own columns."""

from dataclasses import replace

import numpy as np

from quorate.kernel import indicators, readings
from quorate.kernel.bars import Bars


def bars_of(count: int) -> Bars:
    close = 100 + np.cumsum(np.random.default_rng(2).normal(0, 1, count))
    return Bars("A/USDT", "1h", np.arange(count), close, close + 1, close - 1, close, np.linspace(1, 9, count))


def test_a_reading_is_the_indicators_column_and_is_made_once():
    bars = bars_of(120)
    first = readings.atr(bars)
    assert readings.atr(bars) is first
    assert readings.atr(bars, 7) is not first
    assert np.array_equal(first, indicators.atr(bars.high, bars.low, bars.close), equal_nan=True)
    assert np.array_equal(readings.macd(bars)[1], indicators.macd(bars.close)[1], equal_nan=True)
    assert np.array_equal(readings.directional(bars)[0], indicators.plus_di(bars.high, bars.low, bars.close), True)


def test_bars_that_were_changed_or_cut_begin_without_readings():
    bars = bars_of(120)
    readings.rsi(bars)
    assert replace(bars, close=bars.close + 1).memo == {}
    assert bars.tail(50).memo == {}


def test_values_are_read_with_ten_digits():
    bars = bars_of(120)
    rows = np.array([50, 119])
    rsi, atr = readings.at(rows, readings.rsi(bars), readings.atr(bars))
    assert rsi.tolist() == [float(f"{value:.9e}") for value in readings.rsi(bars)[rows]]
    assert atr.tolist() == indicators.round10(readings.atr(bars)[rows]).tolist()


def test_the_crossing_is_known_once_both_averages_are():
    assert readings.crossing(bars_of(30), 20, 50) == 0
    rising = replace(bars_of(60), close=np.linspace(50, 100, 60))
    assert readings.crossing(rising, 20, 50) == readings.crossing(rising, 20, 50) == 1


def test_breaks_are_the_first_closes_beyond_the_range_of_the_bars_before():
    dice = np.random.default_rng(3)
    close = 100 + np.cumsum(dice.normal(0, 1, 400)).round(1)
    bars = replace(bars_of(400), close=close, high=close + 0.3, low=close - 0.3)
    found: list[tuple[int, int, float]] = []
    for row in range(11, 400):
        (top, bottom), (above, below) = (
            (bars.high[at - 10 : at].max(), bars.low[at - 10 : at].min()) for at in (row, row - 1)
        )
        if close[row] > top and close[row - 1] <= above:
            found.append((row, 1, top))
        if close[row] < bottom and close[row - 1] >= below:
            found.append((row, -1, bottom))
    assert {side for _, side, _ in found} == {1, -1}
    breaks = readings.breaks(bars, 10)
    assert list(zip(*(column.tolist() for column in breaks), strict=True)) == found
    assert list(zip(*(column.tolist() for column in breaks.since(200)), strict=True)) == [
        each for each in found if each[0] >= 200
    ]
    assert readings.breaks(bars, 10) is breaks
    assert len(readings.breaks(bars.tail(10), 10).rows) == 0
