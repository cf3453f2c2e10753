"""An exchange of Kraken's kind on a clock that tests move, with limits that nothing reaches, and a client of it."""

from __future__ import annotations

import pytest

from quorate.clock import ManualClock
from quorate.exchange.kraken import KrakenExchange, RateLimits
from tests.exchange.kraken.krakens import START_MS, Client, made_exchange


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_MS)


@pytest.fixture
def exchange(clock: ManualClock) -> KrakenExchange:
    return made_exchange(clock, limits=RateLimits(calls_max=10_000, orders_max=10_000))


@pytest.fixture
def client(exchange: KrakenExchange) -> Client:
    return Client(exchange)
