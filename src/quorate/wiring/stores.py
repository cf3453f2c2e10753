"""Opens what the desk keeps its data in, and closes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.domain.errors import QuorateError
from quorate.reporting import Reporter
from quorate.settings import Settings
from quorate.store.database import Database, place
from quorate.store.local_valkey import start_valkey
from quorate.store.opening import open_database

if TYPE_CHECKING:
    from asyncpg.pool import Pool

POOL_SIZE_MAX = 10


@dataclass(frozen=True, slots=True)
class Stores:
    """Open stores. `redis_url` is None when the desk runs without Redis."""

    database: Database
    pool: Pool
    redis_url: str | None
    database_label: str
    redis_label: str


@asynccontextmanager
async def open_stores(settings: Settings, reporter: Reporter, *, redis: bool) -> AsyncGenerator[Stores]:
    """The database, migrated, and Redis where it is wanted; embedded servers stop when their last user leaves."""
    async with AsyncExitStack() as stack:
        url = settings.store.database_url
        opened = await open_database(url=None if url is None else url.get_secret_value(), data_dir=settings.data_dir)
        if opened.local is not None:
            stack.push_async_callback(asyncio.to_thread, opened.local.stop)
        pool = await opened.database.pool(name="desk", size_max=POOL_SIZE_MAX)
        stack.push_async_callback(pool.close)
        redis_url, redis_label = await _redis(settings, reporter, stack) if redis else (None, "not used")
        yield Stores(
            database=opened.database,
            pool=pool,
            redis_url=redis_url,
            database_label="embedded Postgres" if url is None else f"Postgres at {place(opened.database.url)}",
            redis_label=redis_label,
        )


async def _redis(settings: Settings, reporter: Reporter, stack: AsyncExitStack) -> tuple[str | None, str]:
    store = settings.store
    if store.redis == "off":
        return None, "switched off"
    if store.redis_url is not None:
        url = store.redis_url.get_secret_value()
        return url, f"Redis at {url.rpartition('@')[2].partition('://')[2] or url.rpartition('@')[2]}"
    try:
        local = await asyncio.to_thread(start_valkey, settings.data_dir)
    except QuorateError as error:
        if store.redis == "on":
            raise
        reporter.warning(f"No Redis: {error.message} Everything on this machine works without it.")
        return None, "none"
    stack.push_async_callback(asyncio.to_thread, local.stop)
    return local.url, "embedded Valkey"
