"""Whole houses in this process, on a simulated market that runs fast."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from quorate.api.settings import ApiSettings
from quorate.reporting import StartUp
from quorate.settings import FeedSettings, Settings, StoreSettings
from quorate.wiring import up
from tests.servers import servers_root

ALL = frozenset({"feed", "worker", "api"})
PAIRS = ("BTC/USDT", "ETH/USDT")
PATIENCE_S = 90


@dataclass
class Listener:
    """Whom the house tells how it goes."""

    facts: asyncio.Future[StartUp] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    warnings: list[str] = field(default_factory=list[str])

    def started(self, facts: StartUp) -> None:
        self.facts.set_result(facts)

    def progress(self, *, at_ms: int, start_ms: int, stop_ms: int, candles: int) -> None:
        pass

    def notice(self, text: str) -> None:
        pass

    def warning(self, text: str) -> None:
        self.warnings.append(text)


def settings_in(folder: Path, *, speed: float = 600.0) -> Settings:
    """A desk on two simulated coins, a step every half second, without Redis."""
    return Settings(
        data_dir=folder,
        feed=FeedSettings(kind="simulated", pairs=PAIRS, speed=speed, lookback_hours=1),
        store=StoreSettings(redis="off"),
        api=ApiSettings(port=0, requests_per_minute=100_000),
    )


@asynccontextmanager
async def house(settings: Settings, *, roles: frozenset[str] = ALL) -> AsyncGenerator[tuple[Listener, str]]:
    """A house that is up: what it tells, and the address of its API (empty without one)."""
    listener = Listener()
    running = asyncio.create_task(up(settings, roles=roles, console=listener, exit_at_end=False))
    try:
        await asyncio.wait([running, listener.facts], timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
        yield listener, listener.facts.result().url or ""
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def until_ready(url: str) -> httpx.Response:
    """The health of a house once it says that it is ready and has worked a step."""
    async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(PATIENCE_S):
        while True:
            answer = await client.get("/v1/status/health")
            pnl = await client.get("/v1/pnl")
            if answer.status_code == 200 and pnl.status_code == 200 and pnl.json()["points"]:
                return answer
            await asyncio.sleep(0.05)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data directory. Not pytest's own: that is closed to the user that an embedded Postgres runs as."""
    with tempfile.TemporaryDirectory(prefix="quorate-", dir=servers_root()) as made:
        yield Path(made)
