"""Real servers for tests: one embedded Postgres and one Valkey for each test session, a fresh database for each test.

A pytest plugin, loaded by tests/conftest.py. Servers live in a temporary folder and go with the session; in memory
where the machine has a file system there, because on a disk each fresh database costs a third of a second.
"""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from quorate.store.database import Database
from quorate.store.local_postgres import OWNER_ROLE, RUNTIME_ROLE, SUPERUSER, LocalPostgres, start_postgres
from quorate.store.local_valkey import LocalValkey, start_valkey
from quorate.store.schema import ensure_schema

FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "100"}
"""Tests kill our processes, never the server: nothing here needs to survive a power cut."""
TEMPLATE = "quorate_template"
IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 * 2**30
"""Free memory that tests with servers may use up: four workers with a server of their own each, and houses beside."""
_numbers = itertools.count(1)


def servers_root() -> Path | None:
    """Where temporary folders of servers are made: in memory if there is room, else where all temporary files are."""
    roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free >= ROOM_BYTES
    return IN_MEMORY if roomy else None


@pytest.fixture(scope="session")
def servers_dir() -> Iterator[Path]:
    # Not pytest's own folder: under root Postgres runs as a system user, and every other pytest session that starts
    # takes the right to walk through that folder away again.
    with tempfile.TemporaryDirectory(prefix="quorate-tests-", dir=servers_root()) as folder:
        yield Path(folder)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data directory in which a test may start embedded servers of its own."""
    with tempfile.TemporaryDirectory(prefix="quorate-test-", dir=servers_root()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def postgres(servers_dir: Path) -> Iterator[LocalPostgres]:
    """The session's Postgres, with an empty, migrated template database."""
    server = start_postgres(servers_dir, settings=FAST)

    async def prepare() -> None:
        owner = await asyncpg.connect(server.url(OWNER_ROLE, database="quorate"))
        await owner.execute(f"create database {TEMPLATE}")
        await owner.close()
        await ensure_schema(database_of(server, TEMPLATE))

    asyncio.run(prepare())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey(servers_dir: Path) -> Iterator[LocalValkey]:
    """The session's Valkey; tests share it and flush it through `redis_url`."""
    server = start_valkey(servers_dir)
    yield server
    server.stop()


@pytest.fixture
async def database(postgres: LocalPostgres) -> AsyncIterator[Database]:
    """A database of the test's own, with every table and nothing in it."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(postgres.url(SUPERUSER, database="postgres"))
    await admin.execute(f"create database {name} template {TEMPLATE} strategy file_copy owner {OWNER_ROLE}")
    yield database_of(postgres, name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@pytest.fixture
async def redis_url(valkey: LocalValkey) -> str:
    """The address of an empty Redis."""
    import redis.asyncio

    async with redis.asyncio.from_url(valkey.url) as client:
        await client.flushall()
    return valkey.url


def database_of(server: LocalPostgres, name: str) -> Database:
    """The database `name` on `server`, served as the runtime role and migrated as the owner."""
    return Database(url=server.url(RUNTIME_ROLE, database=name), owner_url=server.url(OWNER_ROLE, database=name))
