"""A live desk as its owner has set it up, its house as a process that can be killed, and its journal."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from quorate.accounts.secret import Secret
from quorate.clock import SystemClock
from quorate.desk.state import DeskState
from quorate.domain import events as ev
from quorate.domain.promotion import Gate
from quorate.journal.replay import replay
from quorate.settings import Settings
from quorate.store.opening import OpenedDatabase, open_database
from quorate.wiring import live
from quorate.wiring.desks import folded
from quorate.wiring.ladder import Wish, record_gate
from tests.accounts.desks import OwnersDesk
from tests.crash.live_house import KEY_NAME, SOURCES, policy, settings_at
from tests.crash.live_venues import SECRET, found_at

ACCOUNT = "live"
"""The desk's name for it, as its journal keeps it."""
ROOT = Path(__file__).parents[2]
PATIENCE_S = 240.0
"""How long anything may take on a machine that has other things to do."""
LOOK_S = 0.05


@dataclass
class LiveHouse:
    """The process."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """SIGKILL; it is dead when this returns."""
        self.process.kill()
        self.process.wait(timeout=60)

    def require_alive(self) -> None:
        """Say why it ended, if it did."""
        assert self.process.poll() is None, self.log.read_text()[-3_000:]


@dataclass
class LiveDesk:
    """One data directory, ready to trade live."""

    settings: Settings
    address: str
    environment: Mapping[str, str]
    database: OpenedDatabase
    pool: asyncpg.Pool
    folder: Path
    program: str = "tests.crash.live_house"
    starts: int = 0

    def start(self, *more: str) -> LiveHouse:
        """The house, about to come up; `more` as `live_house` takes it."""
        self.starts += 1
        log = self.folder / f"house-{self.starts}.log"
        command = [sys.executable, "-m", self.program, str(self.settings.data_dir), self.address, *more]
        with log.open("wb") as said:
            process = subprocess.Popen(command, cwd=ROOT, env=dict(self.environment), stdout=said, stderr=said)
        return LiveHouse(process, log)

    async def events(self) -> list[ev.Event]:
        """The whole story, oldest first."""
        return [event async for _, event in replay(self.pool, account=ACCOUNT)]

    async def state(self) -> DeskState:
        """What the story folds to."""
        return await folded(self.pool, ACCOUNT)

    async def count(self, kind: str) -> int:
        """How often something happened."""
        return await self.pool.fetchval("select count(*) from journal where kind = $1 and account = $2", kind, ACCOUNT)

    async def recorded_s(self, kind: str) -> dict[str, float]:
        """Client order id -> when the journal took that entry, by this machine's clock."""
        rows = await self.pool.fetch(
            "select coalesce(body ->> 'client_id', body #>> '{intent,client_id}') as id, "
            "extract(epoch from recorded_at)::float8 as s from journal where kind = $1 and account = $2",
            kind,
            ACCOUNT,
        )
        return {row["id"]: row["s"] for row in rows}

    async def until(self, kind: str, more: int, house: LiveHouse) -> None:
        """Wait until the journal has so many more entries of a kind than now."""
        wanted = await self.count(kind) + more
        async with asyncio.timeout(PATIENCE_S):
            while await self.count(kind) < wanted:
                house.require_alive()
                await asyncio.sleep(LOOK_S)


def child_environment(folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """What the process is started with: byte code is kept, so that only its first start compiles."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPYCACHEPREFIX": str(folder / "bytecode"), **more}


def usual_settings(data_dir: Path, address: str) -> Settings:
    """Those of the house of the crash tests."""
    return settings_at(data_dir, address, desk=policy())


MakeSettings = Callable[[Path, str], Settings]


@asynccontextmanager
async def live_desk(
    folder: Path, address: str, *, make: MakeSettings = usual_settings, program: str = "tests.crash.live_house"
) -> AsyncGenerator[LiveDesk]:
    """A desk whose three acts are done and whose strategies stand at the canary; its Postgres runs meanwhile."""
    owner = OwnersDesk(folder).enrolled().with_key(KEY_NAME, venue=found_at(address)[0].name, key="demo", secret=SECRET)
    settings = make(owner.data_dir, address)
    live.arm(settings, owner.sealed, Secret(owner.code()), now_ms=SystemClock().now_ms(), hours=1)
    opened = await open_database(url=None, data_dir=settings.data_dir)
    assert opened.local is not None
    try:
        for source in SOURCES:
            for gate in (Gate.BACKTEST, Gate.WALK_FORWARD, Gate.PAPER):
                wish = Wish(
                    source=source, gate=gate, evidence=None, paper_account="paper", waived="a crash test", by="me"
                )
                await record_gate(settings, wish)
        pool = await opened.database.pool(name="test", size_max=4)
        environment = child_environment(folder, owner.environment())
        try:
            yield LiveDesk(settings, address, environment, opened, pool, folder, program)
        finally:
            # What a test has left borrowed, or broken, is not waited for.
            pool.terminate()
    finally:
        await asyncio.to_thread(opened.local.stop)
