"""The houses that the conformance spec is run in: the loopback exchange, with and without sockets before it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.venues.ccxt.houses import House, binance, binanceusdm, kraken

HOUSES = {
    "binance, in process": lambda: binance(sockets=False),
    "binance, over sockets": lambda: binance(sockets=True),
    "binanceusdm, in process": lambda: binanceusdm(sockets=False),
    "binanceusdm, over sockets": lambda: binanceusdm(sockets=True),
    "kraken, in process": lambda: kraken(sockets=False),
    "kraken, over sockets": lambda: kraken(sockets=True),
}


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) if "sockets" in name else name for name in HOUSES])
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A venue on its exchange."""
    async with HOUSES[request.param]() as made:
        yield made
