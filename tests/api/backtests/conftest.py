"""An API that runs backtests in real processes and folders; what a process runs is scripted (`child.py`)."""

import os
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from quorate.clock import SystemClock
from quorate.settings import Settings
from quorate.wiring.backtests.running import backtest_runs
from tests.api.backtests.runs import CHILD, write_candles


@pytest.fixture
def candles(tmp_path):
    folder = tmp_path / "recorded"
    write_candles(folder, "BTC/USDT")
    write_candles(folder, "ETH/USDT", seed=2)
    return folder


@pytest.fixture
def house(tmp_path, candles, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["src", "."]))
    feed = Settings().feed.model_copy(update={"kind": "replay", "data": candles})
    return Settings(data_dir=tmp_path / "data").model_copy(update={"feed": feed})


@pytest.fixture
def desk_with(serve, resources):
    """A client of an API that runs backtests, and the runs themselves."""

    @asynccontextmanager
    async def opened(settings, *, module=CHILD, **limits):
        settings = settings.model_copy(update={"api": replace(settings.api, **limits)})
        async with backtest_runs(settings, SystemClock(), module=module) as runs:
            yield await serve(given=replace(resources, backtests=runs)), runs

    return opened
