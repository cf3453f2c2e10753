"""Indicators look back only, and what is decided on has ten digits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.kernel import indicators
from quorate.kernel.bars import Bars
from tests.examples import tried


def bars_of(seed: int, count: int, *, price: float = 100.0) -> Bars:
    dice = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(dice.normal(0, 0.004, count)))
    open_ = np.concatenate(([price], close[:-1]))[:count]
    high = np.maximum(open_, close) * (1 + dice.random(count) * 0.002)
    low = np.minimum(open_, close) * (1 - dice.random(count) * 0.002)
    return Bars("A/USDT", "1h", np.arange(count) * 3_600_000, open_, high, low, close, dice.random(count) * 1e3)


@given(st.floats(1e-12, 1e12) | st.floats(-1e12, -1e-12))
def test_rounding_keeps_ten_significant_digits(value):
    rounded = indicators.round10_one(value)
    exact = float(f"{value:.9e}")
    # A value half-way between two ten-digit numbers may go either way: it was never told apart by ten digits.
    assert abs(rounded - exact) <= 1.000001e-9 * abs(exact)
    assert float(f"{rounded:.9e}") == rounded
    assert indicators.round10_one(rounded) == rounded


def test_rounding_leaves_what_is_not_a_number():
    values = np.array([np.nan, np.inf, -np.inf, 0.0, 0.1, -1 / 3, 123456789012.5])
    expected = [np.nan, np.inf, -np.inf, 0.0, 0.1, -0.3333333333, 123456789000.0]
    assert np.array_equal(indicators.round10(values), np.array(expected), equal_nan=True)
    assert len(indicators.round10(np.empty(0))) == 0


@given(st.lists(st.floats(0, 1e9), min_size=0, max_size=80), st.integers(1, 33))
def test_a_rolling_sum_is_the_sum_of_its_window(values, period):
    sums = indicators.rolling_sum(np.array(values, np.float64), period)
    assert len(sums) == len(values)
    for row, total in enumerate(sums):
        if row + 1 < period:
            assert np.isnan(total)
        else:
            assert total == pytest.approx(sum(values[row + 1 - period : row + 1]), rel=1e-12)


def doubled_sum(window: list[float]) -> float:
    """The sum of a window by halves of 1, 2, 4, 8 ... values, shortest first: the order in which a column is summed."""

    def halves(values: list[float]) -> float:
        middle = len(values) // 2
        return values[0] if len(values) == 1 else halves(values[:middle]) + halves(values[middle:])

    total, done = None, 0
    for bit in range(len(window).bit_length()):
        length = 1 << bit
        if len(window) & length:
            part = halves(window[done : done + length])
            total = part if total is None else total + part
            done += length
    assert total is not None
    return total


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=80), st.integers(1, 33))
def test_a_rolling_sum_adds_in_one_fixed_order_to_the_last_bit(values, period):
    sums = indicators.rolling_sum(np.array(values, np.float64), period).tolist()
    for row in range(period - 1, len(values)):
        assert sums[row] == doubled_sum(values[row + 1 - period : row + 1])


def test_a_rolling_sum_of_zeros_is_zero_whatever_came_before():
    values = np.array([1e9, 0.3, 1e-3] + [0.0] * 20)
    assert indicators.rolling_sum(values, 20)[-1] == 0.0
    assert np.isnan(indicators.volume_ratio(np.append(values, 5.0))[-1])


@tried(20)
@given(st.integers(0, 2**32), st.integers(0, 300), st.sampled_from([1e-7, 100.0, 60_000.0]))
def test_no_indicator_sees_the_future(seed, length, price):
    bars = bars_of(seed, 300, price=price)
    whole, prefix = indicators.pack(bars), indicators.pack(bars.between(0, length))
    for name, column in prefix.items():
        expected = whole[name][:length]
        assert np.array_equal(indicators.round10(column), indicators.round10(expected), equal_nan=True), name


def test_the_pack_has_a_value_for_every_indicator_once_history_is_long_enough():
    short, full = indicators.last_values(indicators.pack(bars_of(1, 10))), indicators.pack(bars_of(1, 250))
    assert len(full) == 27
    assert None not in indicators.last_values(full).values()
    assert short["rsi_14"] is None
    assert short["obv"] is not None
    assert set(indicators.last_values(indicators.pack(bars_of(1, 0))).values()) == {None}


def test_wilder_atr_is_the_smoothed_mean_of_true_ranges():
    bars = bars_of(5, 60)
    ranges = indicators.true_range(bars.high, bars.low, bars.close)
    smoothed = ranges[1:15].mean()
    for value in ranges[15:]:
        smoothed = (smoothed * 13 + value) / 14
    assert indicators.atr(bars.high, bars.low, bars.close)[-1] == pytest.approx(smoothed, rel=1e-12)


def test_choppiness_is_100_going_nowhere_and_low_in_a_straight_line():
    line = np.linspace(100, 130, 40)
    straight = indicators.choppiness(line + 0.01, line - 0.01, line)[-1]
    zigzag = np.tile([100.0, 101.0], 20)
    flat = np.full(40, 100.0)
    assert straight < 10
    assert indicators.choppiness(zigzag + 0.01, zigzag - 0.01, zigzag)[-1] > 95
    assert np.isnan(indicators.choppiness(flat, flat, flat)[-1])


def test_volume_ratio_compares_with_the_twenty_bars_before():
    volume = np.array([10.0] * 20 + [30.0])
    assert indicators.volume_ratio(volume)[-1] == 3.0
    assert np.isnan(indicators.volume_ratio(volume[:20])[-1])
