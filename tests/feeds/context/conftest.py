"""Parts that the tests of context share: a clock that moves when slept on, a stranger's server, recorded files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from quorate.feeds.context.lane import Lane
from quorate.feeds.context.sentiment import HeadlineSentiment
from quorate.feeds.context.settings import Limits
from quorate.feeds.context.web import Web, open_client
from tests.feeds.context.stranger import Stranger
from tests.recorded import data_folder

NOW_MS = 1_760_000_000_000
"""2025-10-09 08:53:20 UTC."""


class FakeTime:
    """A wall clock and a stopwatch. Sleeping moves both; a test may set the first alone."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self._now_ms = now_ms
        self._passed_s = 0.0
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic(self) -> float:
        return self._passed_s

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._now_ms += round(seconds * 1000)
        self._passed_s += seconds

    def set_ahead(self, ms: int) -> None:
        """Somebody sets the machine's clock: the stopwatch does not notice."""
        self._now_ms += ms


@pytest.fixture
def clock() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with open_client() as client:
        yield client


@pytest.fixture
def web(client: httpx.AsyncClient, clock: FakeTime) -> Web:
    return Web(client, clock=clock)


@pytest.fixture
async def stranger() -> AsyncIterator[Stranger]:
    async with Stranger() as server:
        yield server


@pytest.fixture
def lane(clock: FakeTime) -> Callable[..., Lane]:
    """Makes a lane; limits by keyword."""

    def made(**limits: Any) -> Lane:
        return Lane("stranger", replace(Limits(pause_s=0.0), **limits), clock=clock, chance=lambda: 1.0)

    return made


@pytest.fixture(scope="session")
def sentiment() -> HeadlineSentiment:
    return HeadlineSentiment.open()


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder with recorded answers, funding, news and regime files; the test is skipped where there is none."""
    folder = data_folder()
    if (folder / "exchange-fixtures" / "coingecko").is_dir():
        return folder
    pytest.skip("no recorded context: set QUORATE_TEST_DATA to the folder of candle files beside it")
