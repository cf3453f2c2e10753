"""The compiled runner beside a bare loop written by hand for the same kind of trades, on synthetic years of 5m candles.

`python -m benchmarks.bench_runner [--quick]` prints CPU times of one core, the best of several rounds; the floor runs
in the same rounds. Candles are in memory and in ticks already, indicators and orders are computed anew in every round
unless said otherwise. Machine code is compiled or read from its cache before anything is measured.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from math import log
from typing import Any

import numba
import numpy as np

from benchmarks.strategies.stop_target import StopTarget, StopTargetParameters
from quorate.analysts.classics.breakout import Breakout, BreakoutParameters
from quorate.domain.market import Market
from quorate.domain.snapshot import Settlement
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from quorate.research.compiled import run, warm
from quorate.research.conventions import RunCosts
from quorate.research.grid import Point, grid, over_grid

BARS = 105_120
"""A year of 5m candles."""
SYMBOLS, POINTS = 80, 1_000
MINUTES_5, HOURS_8 = 300_000, 28_800_000
MARKET = Market("AAA/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), 200)
FEES = RunCosts().without("spread", "slippage", "latency", "funding", "liquidation", "queue")
AIM_PLAIN, AIM_WHOLE = 50e6, 20e6
AIM_SYMBOLS_S, AIM_SYMBOLS_MB, AIM_SWEEP_S = 0.4, 600.0, 3.0


@numba.njit(cache=True)  # pyright: ignore[reportUntypedFunctionDecorator]
def by_hand(high: Any, low: Any, opened: Any, close: Any, channel: int, fee: float) -> tuple[int, float]:
    """The floor: the same breakout, stop, target and fees in doubles, one pass, nothing else."""
    trades, cash = 0, 10_000.0
    side, entry, stop, target, quantity, atr, pending = 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0
    broke = 0
    for row in range(1, close.size):
        spread = max(high[row] - low[row], abs(high[row] - close[row - 1]), abs(low[row] - close[row - 1]))
        atr = spread if row == 1 else (atr * 13.0 + spread) / 14.0
        if pending != 0:
            side, entry, pending = pending, opened[row], 0
            stop, target = entry - side * stop, entry + side * target
            quantity = min(cash * 0.006 / abs(entry - stop), cash * 0.4 / entry)
            cash -= fee * entry * quantity
        if side != 0:
            price = 0.0
            if (opened[row] - stop) * side <= 0:
                price = opened[row]
            elif (low[row] <= stop) if side > 0 else (high[row] >= stop):
                price = stop
            elif (high[row] > target) if side > 0 else (low[row] < target):
                price = target
            if price > 0.0:
                cash += (price - entry) * side * quantity - fee * price * quantity
                trades += 1
                side = 0
        if row > channel:
            top, bottom = high[row - channel], low[row - channel]
            for back in range(row - channel + 1, row):
                top, bottom = max(top, high[back]), min(bottom, low[back])
            beyond = 1 if close[row] > top else -1 if close[row] < bottom else 0
            if beyond not in (0, broke) and side == 0 and row > 70:
                pending, stop, target = beyond, 2.0 * atr, 3.0 * atr
            broke = beyond
    return trades, cash


def year(seed: int, *, open_ms: Any = None) -> Bars:
    """A walk with ranges and volumes, on the market's ticks."""
    dice = np.random.default_rng(seed)
    close = np.exp(log(100.0) + np.cumsum(dice.normal(0, 0.0012, BARS)))
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(open_, close) * (1 + np.abs(dice.normal(0, 0.0005, BARS)))
    low = np.minimum(open_, close) * (1 - np.abs(dice.normal(0, 0.0005, BARS)))
    stamps = np.arange(BARS, dtype=np.int64) * MINUTES_5 if open_ms is None else open_ms
    return Bars("AAA/USDT", "5m", stamps, open_, high, low, close, dice.lognormal(8, 1, BARS)).on_ticks(MARKET.tick)


def best(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the quickest round."""
    found: list[float] = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


def told(name: str, seconds: float, bars: int, aim: str, note: str) -> None:
    print(f"{name:<44} {seconds * 1e3:9.2f} ms {bars / seconds / 1e6:8.1f} M bars/s   aim {aim:<22} {note}")


def one_symbol(rounds: int) -> None:
    """(a) and (b): one symbol, one year."""
    columns = Columns.of(year(1), MARKET)
    bars = columns.bars
    plain, whole = StopTarget(), Breakout(parameters=BreakoutParameters(timeframe="5m"))
    due = tuple(
        Settlement(MARKET.pair, at_ms, Decimal("0.0001")) for at_ms in range(HOURS_8, BARS * MINUTES_5, HOURS_8)
    )
    costs = RunCosts(settlements=due)
    trades = by_hand(bars.high, bars.low, bars.open, bars.close, 20, 0.0005)[0]
    floor = best(lambda: by_hand(bars.high, bars.low, bars.open, bars.close, 20, 0.0005), rounds)
    told("floor: bare loop in doubles, stop and target", floor, BARS, "-", f"{trades} trades")
    count = len(run(plain, columns, MARKET, costs=FEES).trades)
    seconds = best(lambda: run(plain, columns.forgetful(), MARKET, costs=FEES), rounds)
    told(
        "(a) stop and target with fees",
        seconds,
        BARS,
        "≥ 50 M bars/s",
        f"{count} trades, {seconds / floor:.2f} × floor",
    )
    count = len(run(whole, columns, MARKET, costs=costs).trades)
    seconds = best(lambda: run(whole, columns.forgetful(), MARKET, costs=costs), rounds)
    told("(b) parts, trailing, every cost, funding", seconds, BARS, "≥ 20 M bars/s", f"{count} trades")
    known = run(whole, columns, MARKET, costs=costs)
    seconds = best(lambda: run(whole, columns, MARKET, costs=costs, book=known.book), rounds)
    told("    (b) without signals: orders made before", seconds, BARS, "-", "")
    seconds = best(known.equity, rounds)
    told("    equity at every close", seconds, BARS, "-", "")
    seconds = best(lambda: Columns.of(bars, MARKET), rounds)
    told("    candles into ticks, once", seconds, BARS, "-", "")


def many_points(points: int) -> None:
    """(d): a sweep over one symbol."""
    columns = Columns.of(year(1), MARKET)
    chosen = grid(channel=range(10, 10 + points // 40), stop_atr=[0.5 + 0.1 * step for step in range(40)])

    def make(point: Point) -> StopTarget:
        return StopTarget(parameters=StopTargetParameters(**point))  # pyright: ignore[reportArgumentType]

    begun = time.process_time()
    found = over_grid(make, chosen, columns, MARKET, costs=FEES)
    seconds = time.process_time() - begun
    note = f"{int(found.tallies['trades'].sum()):,} trades; ticks, ranges and ATR shared by the points"
    told(f"(d) sweep of {len(chosen):,} points with fees", seconds, BARS * len(chosen), "< 3 s", note)


def many_symbols(symbols: int) -> None:
    """(c): many symbols in one pass, candles into ticks included, each on its own equity."""
    stamps = np.arange(BARS, dtype=np.int64) * MINUTES_5
    market = [year(seed, open_ms=stamps) for seed in range(symbols)]
    gc.collect()
    strategy = StopTarget()

    def one_pass() -> int:
        return sum(len(run(strategy, Columns.of(bars, MARKET), MARKET, costs=FEES).trades) for bars in market)

    def fresh_pass() -> int:
        for bars in market:
            bars.memo.clear()
        return one_pass()

    count = fresh_pass()
    seconds = best(fresh_pass, 3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    note = f"{count:,} trades; peak memory {peak:.0f} MB, of it candles {symbols * BARS * 5 * 8 / 1e6:.0f} MB (< 600)"
    told(f"(c) {symbols} symbols × 1 year, one pass", seconds, BARS * symbols, "< 0.4 s", note)


def main() -> None:
    """Measure and print."""
    quick = "--quick" in sys.argv
    begun = time.process_time()
    warm()
    print(f"warm: {time.process_time() - begun:.2f} s CPU (some 10 s where nothing is cached)")
    many_symbols(SYMBOLS // 10 if quick else SYMBOLS)
    gc.collect()
    one_symbol(5 if quick else 25)
    many_points(POINTS // 10 if quick else POINTS)


if __name__ == "__main__":
    main()
