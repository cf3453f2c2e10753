"""The classic strategies speak once, at the bar where it happens."""

import numpy as np
import pytest

from quorate.analysts.base import Strategy, evaluate
from quorate.analysts.classics.breakout import Breakout
from quorate.analysts.classics.mean_reversion import MeanReversion
from quorate.analysts.classics.momentum import Momentum
from quorate.analysts.classics.rsi_reversal import RsiReversal
from quorate.analysts.classics.trend import Trend
from quorate.kernel import indicators
from quorate.kernel.bars import Bars
from tests.analysts.synthetic import MARKET, wild_bars

NOISE = np.random.default_rng(4).normal(0, 0.15, 600)


def bars_of(close: np.ndarray) -> Bars:
    open_ = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(open_, close) + 0.2, np.minimum(open_, close) - 0.2
    open_ms = np.arange(len(close)) * 3_600_000
    bars = Bars("SOL/USDT", "1h", open_ms, open_, high, low, close, np.full(len(close), 1e4))
    return bars.on_ticks(MARKET.tick)


def rows(strategy: Strategy, close: np.ndarray) -> list[tuple[int, int]]:
    setups = evaluate(strategy, bars_of(close), MARKET)
    return list(zip(setups.rows.tolist(), setups.side.tolist(), strict=True))


def mirrored(close: np.ndarray) -> np.ndarray:
    return 300.0 - close


def test_a_breakout_is_the_first_close_over_the_channel_and_no_later_one():
    close = 150 + NOISE[:300]
    close[250:] = 152 + np.linspace(0, 60, 50)
    assert [row for row in rows(Breakout(), close) if row[0] >= 250] == [(250, 1)]
    assert [row for row in rows(Breakout(), mirrored(close)) if row[0] >= 250] == [(250, -1)]


def test_a_trend_begins_where_the_averages_cross_with_strength_behind_them():
    close = np.concatenate((np.linspace(170, 140, 300), np.linspace(140, 175, 100))) + NOISE[:400]
    found = [row for row in rows(Trend(), close) if row[0] >= 300]
    assert len(found) == 1
    row, side = found[0]
    fast, slow = indicators.ema(bars_of(close).close, 20), indicators.ema(bars_of(close).close, 50)
    assert side == 1
    assert fast[row] > slow[row]
    assert fast[row - 1] <= slow[row - 1]
    assert [side for row, side in rows(Trend(), mirrored(close)) if row >= 300] == [-1]


def test_rsi_reversal_speaks_where_rsi_comes_back_over_thirty():
    close = np.concatenate((150 + NOISE[:200], np.linspace(150, 140, 20), np.linspace(140, 146, 20)))
    found = [row for row in rows(RsiReversal(), close) if row[0] >= 200]
    assert len(found) == 1
    rsi = indicators.rsi(bars_of(close).close)
    assert found[0][1] == 1
    assert rsi[found[0][0] - 1] <= 30 < rsi[found[0][0]]
    assert [side for row, side in rows(RsiReversal(), mirrored(close)) if row >= 200] == [-1]


def test_mean_reversion_waits_until_price_is_back_inside_the_band():
    close = 150 + 4 * NOISE[:300]
    close[280:283] = [148.0, 147.0, 148.8]
    found = [row for row in rows(MeanReversion(), close) if row[0] >= 278]
    assert found[0] == (282, 1)
    setups = evaluate(MeanReversion(), bars_of(close), MARKET)
    place = setups.rows.tolist().index(282)
    upper, middle, _ = indicators.bollinger(bars_of(close).close)
    assert setups.targets[0][place] == pytest.approx(middle[282], rel=1e-9)
    assert setups.targets[1][place] == pytest.approx(upper[282], rel=1e-9)


def test_momentum_needs_macd_and_rsi_on_the_same_side():
    strategy = Momentum()
    found = 0
    for seed in range(4):
        bars = wild_bars(seed, 1_000, timeframe="1h")
        setups = evaluate(strategy, bars, MARKET)
        histogram, rsi = indicators.macd(bars.close)[2], indicators.rsi(bars.close)
        for row, side in zip(setups.rows, setups.side, strict=True):
            assert histogram[row] * side > 0 >= histogram[row - 1] * side
            assert 0 < (rsi[row] - 50) * side <= 20
            found += 1
    assert found > 20
