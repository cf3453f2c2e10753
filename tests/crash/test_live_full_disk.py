"""A live desk whose disk is full: nothing is opened, stops go on at the venue, nothing is lost, and it says why."""

from __future__ import annotations

import asyncio
import errno
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from quorate.store.database import CANNOT_SERVE
from quorate.store.local_postgres import OWNER_ROLE, LocalPostgres, start_postgres
from tests.crash.live_checks import at_rest, require_invariants
from tests.crash.live_desk import LOOK_S, PATIENCE_S, LiveDesk, LiveHouse, live_desk
from tests.crash.live_exchange import live_exchange
from tests.crash.test_live_outages import booked, stands_protected
from tests.simulation.world import BTC

DISK_MB = 384
SAID = ("no room", "disk of the database is full", "no space left on device")
STILL_S = 3.0
"""A desk that has stood still for so long sends nothing more."""
FALL_S = 4.0


@contextmanager
def small_disk(folder: Path) -> Generator[None]:
    """A file system of its own, too small for much; skipped loudly where none may be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no `mount` here: a full disk is not tried")
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: a full disk is not tried ({done.stderr.strip()})")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill_up(ballast: Path) -> None:
    """Write until there is no room for one more byte."""
    size = 1 << 20
    with ballast.open("ab", buffering=0) as file:
        while size:
            try:
                if file.write(bytes(size)) < size:
                    size //= 2
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                size //= 2


@asynccontextmanager
async def full(ballast: Path) -> AsyncGenerator[None]:
    """No room meanwhile: what a server frees that ends and recovers is taken at once, else the desk could trade on."""

    async def keep() -> None:
        while True:
            await asyncio.to_thread(fill_up, ballast)
            await asyncio.sleep(LOOK_S)

    await asyncio.to_thread(fill_up, ballast)
    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        ballast.unlink(missing_ok=True)


async def _said(house: LiveHouse) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not any(words in house.log.read_text().lower() for words in SAID):
            house.require_alive()
            await asyncio.sleep(LOOK_S)


async def _back(desk: LiveDesk, postgres: LocalPostgres) -> LocalPostgres:
    """The server, started again where the full disk has ended it."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if not await asyncio.to_thread(postgres.alive):
                postgres = await asyncio.to_thread(start_postgres, desk.settings.data_dir)
            try:
                await desk.count("StepClosed")
            except CANNOT_SERVE:
                await asyncio.sleep(LOOK_S)
            else:
                return postgres


@pytest.mark.timeout(900)
async def test_f18_a_live_desk_on_a_full_disk_opens_nothing_loses_nothing_and_goes_on_when_there_is_room(
    desks: Path,
) -> None:
    with small_disk(desks / "state"):
        async with live_exchange(8) as exchange, live_desk(desks, exchange.address) as desk:
            postgres = desk.database.local
            assert postgres is not None
            house = desk.start(postgres.url(OWNER_ROLE))
            try:
                await desk.until("OrderSubmitted", 1, house)
                await stands_protected(exchange, desk, house)
                async with full(desk.settings.data_dir / "ballast"):
                    await _said(house)
                    await asyncio.sleep(STILL_S)
                    resting, taken = exchange.open_ids(), dict(exchange.taken)
                    assert exchange.stops(BTC.symbol) > 0, "its stop rests at the venue"
                    exchange.prices.now[BTC.symbol] *= 0.98
                    exchange.moving = True
                    await asyncio.sleep(FALL_S)
                    exchange.moving = False
                    assert dict(exchange.taken) == taken, "nothing is sent that no journal holds"
                    passed = resting - exchange.open_ids()
                    assert passed, "the stop was passed, and needs no desk for it"
                    house.require_alive()
                postgres = await _back(desk, postgres)
                exchange.calm()
                async with asyncio.timeout(PATIENCE_S):
                    while not await booked(desk, passed):
                        house.require_alive()
                        await asyncio.sleep(LOOK_S)
                await at_rest(exchange, desk, house)
            finally:
                house.kill()
            postgres = await _back(desk, postgres)
            await require_invariants(exchange, desk)
            await asyncio.to_thread(postgres.stop)
