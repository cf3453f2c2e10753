"""One pair's recording, judged once and for all: which of its candles the desk may see, and as what numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.market import Market
from quorate.feeds.candle_files import Columns
from quorate.feeds.gate import JUMP_FACTOR_MAX, TICKS_MAX, Gate, GateCounts
from quorate.kernel.bars import Bars, FloatArray, IntArray, tick_scale, to_floats


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The accepted candles of one pair in ticks, ordered, at most one for each interval; and what was refused.

    The judgement covers the whole file, so it does not depend on the part that is replayed. `refused` is
    ordered by the instant at which each candle would have closed.
    """

    market: Market
    timeframe: str
    open_ms: IntArray
    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    volume: FloatArray
    refused: tuple[tuple[Candle, str], ...]
    counts: GateCounts

    def position(self, open_ms: int) -> int:
        """Number of candles that open before `open_ms`."""
        return int(np.searchsorted(self.open_ms, open_ms, side="left"))

    def candles(self, start: int, stop: int) -> Iterator[Candle]:
        """The candles at positions `start` up to, not including, `stop`."""
        pair, timeframe = self.market.pair, self.timeframe
        part = slice(start, stop)
        rows = zip(
            self.open_ms[part].tolist(),
            self.open[part].tolist(),
            self.high[part].tolist(),
            self.low[part].tolist(),
            self.close[part].tolist(),
            self.volume[part].tolist(),
            strict=True,
        )
        for open_ms, open_, high, low, close, volume in rows:
            yield Candle(pair, timeframe, open_ms, open_, high, low, close, volume)

    def bars(self, start: int, stop: int) -> Bars:
        """The same candles as columns of floats."""
        part = slice(start, stop)
        tick = self.market.tick
        return Bars(
            self.market.pair,
            self.timeframe,
            self.open_ms[part],
            to_floats(self.open[part], tick),
            to_floats(self.high[part], tick),
            to_floats(self.low[part], tick),
            to_floats(self.close[part], tick),
            self.volume[part],
        )


def judge(columns: Columns, market: Market, timeframe: str) -> Recording:
    """Pass a whole file through the gate.

    A file in which nothing is suspicious is accepted in one vectorised look; any other goes through the gate row by
    row. Both ways give the same recording.
    """
    numerator, denominator = tick_scale(market.tick)
    scaled = [np.rint(column * float(denominator) / float(numerator)) for column in columns.prices]
    if not bool(np.all(_sound(columns, scaled, timeframe))):
        return _judge_rows(columns, market, timeframe)
    open_, high, low, close = (column.astype(np.int64) for column in scaled)
    counts = GateCounts(accepted=len(open_))
    return Recording(market, timeframe, columns.open_ms, open_, high, low, close, columns.volume, (), counts)


def _sound(columns: Columns, scaled: list[FloatArray], timeframe: str) -> NDArray[np.bool_]:
    """Rows that are possible in themselves and believable after the row before them."""
    open_, high, low, close = scaled
    sound = columns.open_ms % TIMEFRAME_MS[timeframe] == 0
    sound &= columns.open_ms >= 0
    sound &= (low > 0) & (high < TICKS_MAX)
    sound &= (high >= np.maximum(open_, close)) & (low <= np.minimum(open_, close))
    sound &= np.isfinite(columns.volume) & (columns.volume >= 0)
    sound &= high <= low * JUMP_FACTOR_MAX
    sound[1:] &= columns.open_ms[1:] > columns.open_ms[:-1]
    sound[1:] &= (high[1:] <= close[:-1] * JUMP_FACTOR_MAX) & (close[:-1] <= low[1:] * JUMP_FACTOR_MAX)
    return sound


def _judge_rows(columns: Columns, market: Market, timeframe: str) -> Recording:
    gate = Gate((market,), timeframe, quarantine_max=len(columns.open_ms))
    rows = zip(*(column.tolist() for column in (columns.open_ms, *columns.prices, columns.volume)), strict=True)
    for row in rows:
        gate.offer(market.pair, row)
    steps = gate.ready()
    accepted = [candle for step in steps for candle in step.candles]
    refused = [*(entry for step in steps for entry in step.quarantined), *gate.untold]
    ticks = np.array([(c.open_ms, c.open, c.high, c.low, c.close) for c in accepted], np.int64).reshape(-1, 5).T
    open_ms, open_, high, low, close = (np.ascontiguousarray(column) for column in ticks)
    return Recording(
        market,
        timeframe,
        open_ms,
        open_,
        high,
        low,
        close,
        np.array([candle.volume for candle in accepted], np.float64),
        tuple(sorted(refused, key=lambda entry: entry[0].open_ms)),
        gate.counts,
    )
