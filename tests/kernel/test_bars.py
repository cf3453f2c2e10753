"""Columns of candles hold the doubles nearest to the exact prices, and give them back as ticks."""

from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.candle import Candle
from quorate.kernel.bars import Bars, tick_scale, to_floats, to_ticks

TICKS = st.sampled_from([Decimal(text) for text in ("0.01", "0.5", "0.00000001", "0.025", "1", "10", "1E+2", "0.10")])


@given(st.lists(st.integers(1, 2**45), min_size=1, max_size=20), TICKS)
def test_a_price_is_the_double_nearest_to_its_decimal_and_comes_back_as_the_same_ticks(ticks, tick):
    floats = to_floats(np.array(ticks, np.int64), tick)
    assert floats.tolist() == [float(Decimal(count) * tick) for count in ticks]
    assert to_ticks(floats, tick).tolist() == ticks


@given(st.integers(2**54, 2**61), TICKS)
def test_prices_too_large_for_exact_doubles_are_still_correctly_rounded(count, tick):
    assert to_floats(np.array([count], np.int64), tick).tolist() == [float(Decimal(count) * tick)]


@given(TICKS)
def test_the_scale_of_a_tick_is_exact(tick):
    numerator, denominator = tick_scale(tick)
    assert Decimal(numerator) / Decimal(denominator) == tick


def test_bars_of_candles_carry_prices_times_and_volumes():
    candles = [Candle("BTC/USDT", "5m", 300_000 * n, 100 + n, 110 + n, 90 + n, 105 + n, 1.5 * n) for n in range(5)]
    bars = Bars.of("BTC/USDT", "5m", candles, Decimal("0.1"))
    assert len(bars) == 5
    assert bars.close.tolist() == [10.5, 10.6, 10.7, 10.8, 10.9]
    assert bars.close_ms.tolist() == [candle.close_ms for candle in candles]
    assert len(bars.tail(2)) == 2
    assert bars.tail(2).volume.tolist() == [4.5, 6.0]
    assert bars.tail(9) is bars
    assert len(Bars.of("BTC/USDT", "5m", [], Decimal("0.1"))) == len(Bars.empty("BTC/USDT", "5m")) == 0


def test_prices_off_the_tick_move_to_the_nearest_one():
    candles = [Candle("A/USDT", "5m", 0, 100, 110, 90, 105, 1.0)]
    noisy = Bars.of("A/USDT", "5m", candles, Decimal("0.1001"))
    assert noisy.on_ticks(Decimal("0.1")).high.tolist() == [11.0]
