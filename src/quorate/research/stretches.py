"""How far candles can be passed over: a pair's candles in ticks by their place among all instants, looked along.

Short looks are the rule, since a stop that trails moves every few candles: plain numbers, some at a time, are read
faster than whole columns are compared.
"""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from quorate.desk.walk import Calm
from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.kernel.bars import IntArray, to_ticks
from quorate.research.columns import Columns

LOOK = 32
"""Candles that are read at once."""


class Tape:
    """The candles of one pair in ticks, and where each closes among the instants of a run."""

    def __init__(self, columns: Columns, market: Market, instants: IntArray) -> None:
        bars = columns.bars
        self._bars = bars
        self._market = market
        self._length_ms = columns.length_ms
        prices = (bars.open, bars.high, bars.low, bars.close)
        self._ticks = np.array([to_ticks(column, market.tick) for column in prices])
        self.places: IntArray = np.searchsorted(instants, columns.close_ms)
        """Of every candle the place of its close among the instants."""

    def candle(self, place: int) -> Candle | None:
        """The candle that closes at a place, if there is one."""
        row = int(self.places.searchsorted(place))
        if row == len(self.places) or self.places[row] != place:
            return None
        prices: list[int] = self._ticks[:, row].tolist()
        opened, high, low, close = prices
        volume = self._bars.volume[row].item()
        return Candle(
            self._bars.pair, self._bars.timeframe, self._bars.open_ms[row].item(), opened, high, low, close, volume
        )

    def calm_until(self, place: int, end: int, calm: Calm) -> int:
        """The place of the first candle from `place` on that leaves the levels; `end` where none does before it."""
        row, last = self.places.searchsorted((place, end)).tolist()
        low, high, low_close, high_close = calm.low, calm.high, calm.low_close, calm.high_close
        for start in range(row, last, LOOK):
            columns = self._ticks[1:, start : min(start + LOOK, last)].tolist()
            for count, (highest, lowest, close) in enumerate(zip(*columns, strict=True)):
                if lowest <= low or highest >= high or close <= low_close or close >= high_close:
                    return int(self.places[start + count])
        return end

    def closes(self, place: int, end: int) -> list[tuple[int, int, Decimal]]:
        """(place, close in ticks, close) of every candle from `place` up to `end`."""
        row, last = self.places.searchsorted((place, end)).tolist()
        ticks: Sequence[int] = self._ticks[3, row:last].tolist()
        price = self._market.price
        return [(at, close, price(close)) for at, close in zip(self.places[row:last].tolist(), ticks, strict=True)]
