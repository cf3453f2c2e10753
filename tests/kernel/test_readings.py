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
