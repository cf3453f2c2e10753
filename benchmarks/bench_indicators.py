"""The indicator pack for 80 coins × 3 timeframes × 500 bars, beside the bare TA-Lib calls in the same run.

`python -m benchmarks.bench_indicators` prints milliseconds of CPU, the best of several rounds. The floor calls the
same TA-Lib functions on the same columns and does nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import talib

from quorate.kernel import indicators
from quorate.kernel.bars import Bars

COINS, TIMEFRAMES, BARS = 80, 3, 500
LIMIT_MS = 60.0
ROUNDS = 15


def made_bars(seed: int) -> Bars:
    """One series: a walk with ranges and volumes."""
    dice = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(dice.normal(0, 0.004, BARS)))
    open_ = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(open_, close) * 1.001, np.minimum(open_, close) * 0.999
    return Bars("A/USDT", "1h", np.arange(BARS) * 3_600_000, open_, high, low, close, dice.random(BARS) * 1e3)


def bare_calls(bars: Bars) -> None:
    """What the pack asks of TA-Lib, and nothing else."""
    high, low, close, volume = bars.high, bars.low, bars.close, bars.volume
    for period in (20, 50, 200):
        talib.EMA(close, period)
    talib.SMA(close, 50)
    talib.RSI(close, 14)
    talib.MACD(close, 12, 26, 9)
    talib.ATR(high, low, close, 14)
    talib.ADX(high, low, close, 14)
    talib.PLUS_DI(high, low, close, 14)
    talib.MINUS_DI(high, low, close, 14)
    talib.BBANDS(close, 20, 2.0, 2.0)
    talib.STOCH(high, low, close, 14, 3, talib.MA_Type.SMA, 3, talib.MA_Type.SMA)
    talib.OBV(close, volume)
    talib.MFI(high, low, close, volume, 14)
    talib.ROC(close, 10)
    talib.TRANGE(high, low, close)
    talib.TYPPRICE(high, low, close)
    for period in (14, 20):
        talib.MAX(high, period)
        talib.MIN(low, period)


def whole_scan(bars: Bars) -> None:
    """The pack and its newest values, as a scan of the universe needs them."""
    indicators.last_values(indicators.pack(bars))


def best_ms(work: Callable[[Bars], None], series: list[Bars]) -> float:
    """CPU milliseconds of the quickest round over all series."""
    rounds: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        for bars in series:
            work(bars)
        rounds.append((time.process_time() - begun) * 1e3)
    return min(rounds)


def main() -> None:
    """Measure and print."""
    series = [made_bars(seed) for seed in range(COINS * TIMEFRAMES)]
    floor, packed, scan = (best_ms(work, series) for work in (bare_calls, _pack, whole_scan))
    print(f"{COINS} coins x {TIMEFRAMES} timeframes x {BARS} bars, {len(indicators.pack(series[0]))} columns each")
    print(f"bare TA-Lib calls   {floor:7.1f} ms")
    print(f"pack                {packed:7.1f} ms   {packed / floor:.2f} x the floor   limit {LIMIT_MS:.0f} ms")
    print(f"pack, newest values {scan:7.1f} ms   {scan / floor:.2f} x the floor")


def _pack(bars: Bars) -> None:
    indicators.pack(bars)


if __name__ == "__main__":
    main()
