"""Regimes as the rules say, first that holds."""

import numpy as np
import pytest

from quorate.domain.votes import MarketRegime, Regime
from quorate.kernel.bars import Bars
from quorate.kernel.indicators import round10
from quorate.kernel.regimes import SymbolMood, bitcoin_of, market_mood, newest_and_percentile, over_average, symbol_mood


def bars_of(close: np.ndarray, *, spread: np.ndarray | float) -> Bars:
    open_ = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(open_, close) + spread, np.minimum(open_, close) - spread
    return Bars("A/USDT", "1h", np.arange(len(close)) * 3_600_000, open_, high, low, close, np.ones(len(close)))


def calming(count: int = 500) -> np.ndarray:
    """Ranges that shrink, so that the last is under every percentile."""
    return np.linspace(2.0, 0.5, count)


def test_a_burst_of_range_is_volatile_before_anything_else():
    close = 1_000 + np.cumsum(np.full(500, 0.5))
    spread = np.full(500, 0.5)
    spread[-20:] = 8.0
    assert symbol_mood(bars_of(close, spread=spread)) == SymbolMood(Regime.VOLATILE, falling=False)


def test_a_steady_climb_trends_up_and_a_steady_fall_down():
    drift = np.cumsum(np.full(500, 0.5))
    assert symbol_mood(bars_of(1_000 + drift, spread=calming())).regime is Regime.TRENDING_UP
    assert symbol_mood(bars_of(2_000 - drift, spread=calming())) == SymbolMood(Regime.TRENDING_DOWN, falling=True)


def test_going_to_and_fro_inside_one_range_is_choppy():
    close = 1_000 + np.tile([0.0, 3.0, -1.0, 2.0], 125)
    assert symbol_mood(bars_of(close, spread=np.linspace(0.6, 0.5, 500))).regime is Regime.CHOPPY


def test_a_smooth_swing_in_narrowing_bands_is_ranging():
    swing = np.sin(np.arange(500) / 2.0) * np.linspace(6, 1, 500)
    assert symbol_mood(bars_of(1_000 + swing, spread=np.linspace(0.3, 0.02, 500))).regime is Regime.RANGING


def test_too_little_history_is_neutral():
    assert symbol_mood(bars_of(np.linspace(1, 2, 99), spread=0.1)) == SymbolMood(Regime.NEUTRAL, falling=False)
    assert over_average(bars_of(np.linspace(1, 2, 49), spread=0.1)) is None
    assert over_average(bars_of(np.linspace(1, 2, 50), spread=0.1)) is True
    assert over_average(bars_of(np.linspace(2, 1, 50), spread=0.1)) is False


def test_a_price_that_never_moves_has_no_regime():
    assert symbol_mood(bars_of(np.full(500, 5.0), spread=0.0)).regime is Regime.NEUTRAL


def over(above: int, below: int) -> dict[str, bool | None]:
    return {f"C{n}/USDT": n < above for n in range(above + below)} | {"NEW/USDT": None}


UP, DOWN = SymbolMood(Regime.TRENDING_UP, falling=False), SymbolMood(Regime.TRENDING_DOWN, falling=True)


@pytest.mark.parametrize(
    ("above", "below", "bitcoin", "regime"),
    [
        (6, 4, UP, MarketRegime.RISK_ON),
        (3, 2, UP, MarketRegime.RISK_ON),
        (59, 41, UP, MarketRegime.NEUTRAL),
        (4, 6, UP, MarketRegime.RISK_OFF),
        (9, 1, DOWN, MarketRegime.RISK_OFF),
        (9, 1, SymbolMood(Regime.VOLATILE, falling=True), MarketRegime.RISK_OFF),
        (9, 1, SymbolMood(Regime.VOLATILE, falling=False), MarketRegime.RISK_ON),
        (9, 1, SymbolMood(Regime.CHOPPY, falling=True), MarketRegime.RISK_ON),
        (9, 1, None, MarketRegime.RISK_ON),
        (5, 5, None, MarketRegime.NEUTRAL),
        (0, 0, UP, MarketRegime.NEUTRAL),
        (0, 0, DOWN, MarketRegime.RISK_OFF),
        (0, 0, None, MarketRegime.NEUTRAL),
    ],
)
def test_the_market_regime_follows_breadth_and_bitcoin(above, below, bitcoin, regime):
    assert market_mood(over(above, below), bitcoin).regime is regime


def test_without_bitcoin_nothing_stands_in_for_it_and_the_reason_says_so():
    assert bitcoin_of({"ADA/BTC": "ADA", "ADA/USDT": "ADA"}) is None
    assert bitcoin_of({"BTC/USDT": "BTC", "BTC/EUR": "BTC", "ADA/USDT": "ADA"}) == "BTC/EUR"
    assert "holds no BTC" in market_mood(over(1, 0), None).why
    assert market_mood(over(1, 2), UP).why == "1 of 3 pairs are over their SMA 50 on 4h; BTC is TRENDING_UP."


def test_percentiles_are_numpys_of_the_values_to_ten_digits():
    dice = np.random.default_rng(3)
    for values in (dice.random(487), 10.0 ** dice.integers(-4, 4, 300) * (1 + 1e-12 * dice.integers(-9, 9, 300))):
        rounded = round10(values)
        for percent in (0.0, 30.0, 80.0, 100.0):
            known = np.concatenate(([np.nan] * 13, values))
            newest, found = newest_and_percentile(known, percent)
            assert newest == rounded[-1]
            assert found == pytest.approx(np.percentile(rounded, percent), rel=1e-15)
