"""Opens what the desk keeps its data in, and closes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from quorate.domain.errors import QuorateError, Unavailable
from quorate.reporting import Reporter
from quorate.settings import Settings
from quorate.store import redis_address
from quorate.store.database import Database, place
from quorate.store.local_postgres import LocalPostgres, start_postgres
from quorate.store.local_valkey import LocalValkey, start_valkey
from quorate.store.opening import open_database
from quorate.store.redis_address import check_redis

if TYPE_CHECKING:
    from asyncpg.pool import Pool

POOL_SIZE_MAX = 10
WATCH_S = 2.0
"""How often embedded servers are looked at."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Open stores. `redis_url` is None when the desk runs without Redis."""

    database: Database
    pool: Pool
    redis_url: str | None
    database_label: str
    redis_label: str
    embedded: EmbeddedServers


class EmbeddedServers:
    """The servers that live in the data directory: kept running while this process uses them.

    One that was killed is started again. Whoever leaves last stops them.
    """

    def __init__(self, data_dir: Path, reporter: Reporter) -> None:
        self._data_dir = data_dir
        self._reporter = reporter
        self._postgres: list[LocalPostgres] = []
        self._valkey: list[LocalValkey] = []

    def hold_postgres(self, server: LocalPostgres) -> None:
        """Keep this Postgres running."""
        self._postgres.append(server)

    def hold_valkey(self, server: LocalValkey) -> None:
        """Keep this Valkey running."""
        self._valkey.append(server)

    async def watch(self) -> None:
        """Start again what has died, until cancelled."""
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                if self._postgres and not await asyncio.to_thread(self._postgres[-1].alive):
                    self._reporter.warning("The embedded Postgres had ended; it is started again.")
                    self._postgres.append(await asyncio.to_thread(start_postgres, self._data_dir))
                if self._valkey and not await asyncio.to_thread(self._valkey[-1].alive):
                    self._reporter.warning("The embedded Valkey had ended; it is started again.")
                    self._valkey.append(await asyncio.to_thread(start_valkey, self._data_dir))
            except QuorateError as error:
                self._reporter.warning(str(error))

    async def leave(self) -> None:
        """Stop using them."""
        for server in (*self._valkey, *self._postgres):
            await asyncio.to_thread(server.stop)


@asynccontextmanager
async def open_stores(settings: Settings, reporter: Reporter, *, redis: bool) -> AsyncGenerator[Stores]:
    """The database, migrated, and Redis where it is wanted; embedded servers stop when their last user leaves."""
    async with AsyncExitStack() as stack:
        url = settings.store.database_url
        opened = await open_database(url=None if url is None else url.get_secret_value(), data_dir=settings.data_dir)
        embedded = EmbeddedServers(settings.data_dir, reporter)
        stack.push_async_callback(embedded.leave)
        if opened.local is not None:
            embedded.hold_postgres(opened.local)
        pool = await opened.database.pool(name="desk", size_max=POOL_SIZE_MAX)
        stack.push_async_callback(pool.close)
        redis_url, redis_label = await _redis(settings, reporter, embedded) if redis else (None, "not used")
        yield Stores(
            database=opened.database,
            pool=pool,
            redis_url=redis_url,
            database_label="embedded Postgres" if url is None else f"Postgres at {place(opened.database.url)}",
            redis_label=redis_label,
            embedded=embedded,
        )


async def _redis(settings: Settings, reporter: Reporter, embedded: EmbeddedServers) -> tuple[str | None, str]:
    store = settings.store
    if store.redis == "off":
        return None, "switched off"
    if store.redis_url is not None:
        url = store.redis_url.get_secret_value()
        try:
            await check_redis(url)
        except Unavailable as error:
            if store.redis == "on":
                raise
            reporter.warning(f"{error} The desk works without it, and copies what is missing once it answers.")
        return url, f"Redis at {redis_address.place(url)}"
    try:
        local = await asyncio.to_thread(start_valkey, settings.data_dir)
    except QuorateError as error:
        if store.redis == "on":
            raise
        reporter.warning(f"No Redis: {error.message} Everything on this machine works without it.")
        return None, "none"
    embedded.hold_valkey(local)
    return local.url, "embedded Valkey"
