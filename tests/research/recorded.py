"""Recorded candles and funding for research's tests; whoever asks for them is skipped loudly where there are none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars
import pytest

from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Settlement
from quorate.feeds.estimates import estimate_market
from quorate.kernel.bars import Bars
from quorate.research.columns import Columns
from tests.recorded import candles_folder, data_folder

COINS = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA")
FUNDED = ("BTC", "ETH", "SOL", "XRP", "DOGE")
RATE_STEP = Decimal(1).scaleb(-9)


def recorded(coin: str, *, timeframe: str = "5m", until_ms: int | None = None) -> tuple[Columns, Market]:
    """A coin's candles, nine months of 5m, and the market that they suggest."""
    path = candles_folder() / f"binance_{coin}USDT_{timeframe}.parquet"
    if not path.is_file():
        pytest.skip(f"no recorded candles {path.name}: set QUORATE_TEST_DATA to a folder of candle files")
    frame = polars.read_parquet(path)
    prices = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close")}
    market = estimate_market(f"{coin}/USDT", list(prices.values()), Costs())
    bars = Bars(market.pair, timeframe, frame["ts"].to_numpy(), **prices, volume=frame["volume"].to_numpy())
    count = len(bars) if until_ms is None else int((bars.open_ms < until_ms).sum())
    return Columns.of(bars.between(0, count), market), market


def recorded_funding(coins: Sequence[str]) -> list[Settlement]:
    """Settlements of the coins whose rates were recorded."""
    found: list[Settlement] = []
    for coin in coins:
        path = data_folder() / "funding" / f"binanceusdm_{coin}USDT_funding.parquet"
        if path.is_file():
            for at_ms, rate in polars.read_parquet(path).select("ts", "funding_rate").iter_rows():
                found.append(Settlement(f"{coin}/USDT", at_ms, Decimal(str(rate)).quantize(RATE_STEP)))
    return found
