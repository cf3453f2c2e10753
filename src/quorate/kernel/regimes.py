"""What kind of market it is: for one symbol from its 1h bars, for the whole universe from breadth and BTC."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quorate.domain.votes import MarketRegime, Regime
from quorate.kernel import indicators
from quorate.kernel.bars import Bars, FloatArray

REGIME_TIMEFRAME = "1h"
REGIME_BARS = 500
"""Bars that a symbol's regime and its percentiles are measured over."""
REGIME_BARS_MIN = 100
"""With fewer bars there is no percentile worth the name: the regime is NEUTRAL."""
BREADTH_TIMEFRAME = "4h"
SMA_PERIOD = 50
VOLATILE_PERCENTILE = 80.0
NARROW_PERCENTILE = 30.0
TREND_ADX = 25.0
QUIET_ADX = 20.0
CHOPPINESS_MIN = 61.8
CHOPPINESS_BARS = 15
"""Its period, and the bar before that its first true range is measured from."""
RISK_ON_PERCENT = 60
RISK_OFF_PERCENT = 40


@dataclass(frozen=True, slots=True)
class SymbolMood:
    """A symbol's regime on 1h, and whether it is falling: its close is under its SMA 50."""

    regime: Regime
    falling: bool


@dataclass(frozen=True, slots=True)
class MarketMood:
    """The market's regime and the sentence that explains it."""

    regime: MarketRegime
    why: str


def newest_and_percentile(values: FloatArray, percent: float) -> tuple[float, float]:
    """The newest of some values and a percentile of all that are numbers, linear between neighbours, from 10 digits.

    Rounding keeps the order of numbers, so that only those are rounded that the percentile lies between.
    """
    known = values[~np.isnan(values)]
    place = (len(known) - 1) * percent / 100.0
    below = int(place)
    above = min(below + 1, len(known) - 1)
    ordered = np.partition(known, (below, above))
    newest, low, high = indicators.round10(np.array([known[-1], ordered[below], ordered[above]])).tolist()
    return newest, low + (high - low) * (place - below)


def symbol_mood(bars: Bars) -> SymbolMood:
    """Regime of one symbol over its last 500 bars of 1h (RULES section 6); the first that holds:

    VOLATILE: ATR(14) as a share of the close is over the 80th percentile of the window. TRENDING_UP, TRENDING_DOWN:
    ADX(14) > 25, close over or under SMA 50. CHOPPY: ADX < 20 and Choppiness Index(14) > 61.8. RANGING: ADX < 20 and
    Bollinger band width (20, 2) under the 30th percentile of the window. Else NEUTRAL, as with fewer than 100 bars.
    """
    window = bars.tail(REGIME_BARS)
    if len(window) < REGIME_BARS_MIN:
        return SymbolMood(Regime.NEUTRAL, falling=False)
    high, low, close = window.high, window.low, window.close
    strength, average = indicators.round10(
        np.array([indicators.adx(high, low, close)[-1], indicators.sma(close, SMA_PERIOD)[-1]])
    ).tolist()
    last = close[-1].item()
    falling = last < average
    newest, usual = newest_and_percentile(indicators.atr(high, low, close) / close, VOLATILE_PERCENTILE)
    if newest > usual:
        return SymbolMood(Regime.VOLATILE, falling)
    if strength > TREND_ADX and last != average:
        return SymbolMood(Regime.TRENDING_DOWN if falling else Regime.TRENDING_UP, falling)
    if not strength < QUIET_ADX:  # also where it is not known
        return SymbolMood(Regime.NEUTRAL, falling)
    # Its newest value follows from its last bars alone.
    chop = indicators.choppiness(high[-CHOPPINESS_BARS:], low[-CHOPPINESS_BARS:], close[-CHOPPINESS_BARS:])[-1]
    if indicators.round10_one(chop) > CHOPPINESS_MIN:
        return SymbolMood(Regime.CHOPPY, falling)
    newest, usual = newest_and_percentile(indicators.band_width(*indicators.bollinger(close)), NARROW_PERCENTILE)
    if newest < usual:
        return SymbolMood(Regime.RANGING, falling)
    return SymbolMood(Regime.NEUTRAL, falling)


def over_average(bars: Bars) -> bool | None:
    """Whether the last close of 4h bars is over their SMA 50; None with fewer than 50 bars."""
    if len(bars) < SMA_PERIOD:
        return None
    newest = bars.close[-SMA_PERIOD:]
    return bool(newest[-1] > indicators.round10_one(float(newest.sum()) / SMA_PERIOD))


def market_mood(over: Mapping[str, bool | None], bitcoin: SymbolMood | None) -> MarketMood:
    """Regime of the universe (RULES section 6) from breadth and from BTC's own regime.

    `over` tells for every pair whether it is over its SMA 50 on 4h; pairs that cannot tell yet do not count. RISK_OFF
    is looked at first, so that unsure means careful: breadth of 40 % or less, or BTC TRENDING_DOWN, or BTC VOLATILE
    and falling, which means that its 1h close is under its SMA 50. RISK_ON: breadth of 60 % or more. Else NEUTRAL.
    Where the universe holds no BTC (`bitcoin` is None) nothing stands in for it and breadth alone counts; without any
    breadth the market is NEUTRAL unless BTC says RISK_OFF.
    """
    known = [state for state in over.values() if state is not None]
    above = sum(known)
    breadth = f"{above} of {len(known)} pairs are over their SMA 50 on 4h" if known else "breadth is not known yet"
    if bitcoin is None:
        why = f"{breadth}; the universe holds no BTC."
    else:
        why = f"{breadth}; BTC is {bitcoin.regime}{' and under its SMA 50 on 1h' if bitcoin.falling else ''}."
    if bitcoin is not None and (
        bitcoin.regime is Regime.TRENDING_DOWN or (bitcoin.regime is Regime.VOLATILE and bitcoin.falling)
    ):
        return MarketMood(MarketRegime.RISK_OFF, why)
    if not known:
        return MarketMood(MarketRegime.NEUTRAL, why)
    if 100 * above <= RISK_OFF_PERCENT * len(known):
        return MarketMood(MarketRegime.RISK_OFF, why)
    if 100 * above >= RISK_ON_PERCENT * len(known):
        return MarketMood(MarketRegime.RISK_ON, why)
    return MarketMood(MarketRegime.NEUTRAL, why)


def bitcoin_of(pairs: Mapping[str, str]) -> str | None:
    """The pair whose base coin is BTC (`pairs`: pair -> base); the first by name of several, None without one."""
    return min((pair for pair, base in pairs.items() if base == "BTC"), default=None)
