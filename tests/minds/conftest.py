"""Vendors that listen on loopback."""

from collections.abc import AsyncGenerator

import pytest

from tests.minds.vendors import LoopbackVendors, served


@pytest.fixture
async def vendors() -> AsyncGenerator[LoopbackVendors]:
    async with served() as listening:
        yield listening
