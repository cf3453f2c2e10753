"""Made-up markets for the analysts' tests: wild enough that every strategy finds something."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.kernel.bars import Bars, to_ticks
from quorate.kernel.resample import resample

MARKET = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)


def wild_bars(seed: int, count: int, *, timeframe: str = "5m", market: Market = MARKET, price: float = 150.0) -> Bars:
    """A walk with bursts of volatility and of volume, on the market's ticks."""
    dice = np.random.default_rng(seed)
    calm = 0.001 * (1 + 4 * (dice.random(count) < 0.2))
    close = price * np.exp(np.cumsum(dice.normal(0, calm, count) + 0.001 * np.sin(np.arange(count) / 15)))
    open_ = np.concatenate(([price], close[:-1]))[:count]
    high = np.maximum(open_, close) * (1 + dice.random(count) * 0.002)
    low = np.minimum(open_, close) * (1 - dice.random(count) * 0.002)
    volume = dice.lognormal(8.5, 0.8, count)
    open_ms = np.arange(count, dtype=np.int64) * TIMEFRAME_MS[timeframe]
    return Bars(market.pair, timeframe, open_ms, open_, high, low, close, volume).on_ticks(market.tick)


def candles_of(bars: Bars, market: Market) -> list[Candle]:
    prices = (to_ticks(column, market.tick).tolist() for column in (bars.open, bars.high, bars.low, bars.close))
    return [
        Candle(bars.pair, bars.timeframe, open_ms, open_, high, low, close, volume)
        for open_ms, open_, high, low, close, volume in zip(
            bars.open_ms.tolist(), *prices, bars.volume.tolist(), strict=True
        )
    ]


@dataclass(frozen=True)
class NoParameters:
    """For strategies that have nothing to set."""


class MadeUpFeed:
    """A feed over columns that are already there."""

    def __init__(self, columns: dict[str, Bars], markets: list[Market], timeframe: str = "5m") -> None:
        self.timeframe = timeframe
        self.markets = sorted(markets, key=lambda market: market.pair)
        self._columns = columns

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        bars = resample(self._columns[pair], timeframe)
        return bars.between(0, int(np.searchsorted(bars.close_ms, before_ms, side="right"))).tail(count)

    def steps(self, after_ms: int) -> list[Step]:
        at: dict[int, list[Candle]] = {}
        for market in self.markets:
            for candle in candles_of(self._columns[market.pair], market):
                if candle.close_ms > after_ms:
                    at.setdefault(candle.close_ms, []).append(candle)
        return [Step(at_ms, tuple(candles)) for at_ms, candles in sorted(at.items())]
