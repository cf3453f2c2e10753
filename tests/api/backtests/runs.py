"""Backtests as tests ask for them by the API, the candles they run on, and how they are waited for."""

import asyncio

import numpy as np
import polars as pl

from quorate.api.schemas.backtests import BacktestDetail, BacktestFacts

CHILD = "tests.api.backtests.child"
START_MS = 1_735_689_600_000
HOUR_MS = 3_600_000
WANTED = {"strategies": [{"name": "breakout"}], "pairs": ["BTC/USDT"], "timeframe": "1h"}
END_S = 60
NOBODY = "0" * 32
"""An id that no backtest has."""


def write_candles(folder, pair, *, days=30, seed=1, timeframe="1h", step_ms=HOUR_MS):
    """Candles that walk at random, in a file as the feed's folder holds them."""
    folder.mkdir(parents=True, exist_ok=True)
    dice = np.random.default_rng(seed)
    count = days * 86_400_000 // step_ms
    close = np.round(100.0 * np.exp(np.cumsum(dice.normal(0, 0.01, count))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    frame = pl.DataFrame(
        {
            "ts": START_MS + np.arange(count, dtype=np.int64) * step_ms,
            "open": opened,
            "high": np.maximum(opened, close) + 0.5,
            "low": np.minimum(opened, close) - 0.5,
            "close": close,
            "volume": np.full(count, 5_000.0),
        }
    )
    frame.write_parquet(folder / f"binance_{pair.replace('/', '')}_{timeframe}.parquet")


async def until(look, *, within_s=END_S):
    """What `look` gives once it gives something."""
    async with asyncio.timeout(within_s):
        while not (found := await look()):  # noqa: ASYNC110  the state is on disk, nobody tells of it
            await asyncio.sleep(0.05)
    return found


async def ended(api, backtest, *, within_s=END_S):
    """The backtest once its run has ended in some way."""

    async def look():
        found = BacktestDetail.model_validate((await api.get(f"/v1/backtests/{backtest}")).json())
        return found if found.backtest.state != "running" else None

    return await until(look, within_s=within_s)


async def begun(api, **changes):
    """Start one and wait until its process says that it is at work."""
    response = await api.post("/v1/backtests", json=WANTED | changes)
    facts = BacktestFacts.model_validate(response.json())

    async def look():
        progress = (await api.get(f"/v1/backtests/{facts.id}")).json()["backtest"]["progress"]
        return progress["phase"] == "running"

    await until(look)
    return facts.id
