"""Signs of life: what each role of this process says of itself, written down every few seconds for whoever asks."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import asyncpg
from loguru import logger

if TYPE_CHECKING:
    from asyncpg.pool import Pool

BEAT_S = 2.0
Says = Callable[[], Mapping[str, object]]
KEPT = "7 days"
"""How long a role that fell silent is remembered."""


def instance() -> str:
    """This process, as others may see it."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def beat_forever(pool: Pool, roles: Mapping[str, Says]) -> None:
    """Write down what every role says, again and again; a database that is gone is waited for."""
    await _forget_the_dead(pool)
    while True:
        await beat(pool, roles)
        await asyncio.sleep(BEAT_S)


async def beat(pool: Pool, roles: Mapping[str, Says]) -> None:
    """Write down once what every role says."""
    rows = [(role, instance(), json.dumps(dict(says()))) for role, says in roles.items()]
    try:
        await pool.executemany(
            "insert into roles (role, instance, state) values ($1, $2, $3) on conflict (role, instance) "
            "do update set state = excluded.state, seen_at = clock_timestamp()",
            rows,
        )
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        logger.warning("a sign of life could not be written: {}", error)


async def _forget_the_dead(pool: Pool) -> None:
    """Rows of processes that ended on this machine, and of any that have been silent for long."""
    host = socket.gethostname()
    rows = await pool.fetch("select distinct instance from roles where instance like $1", f"{host}:%")
    gone = [row["instance"] for row in rows if not _alive(row["instance"].rpartition(":")[2])]
    await pool.execute(
        f"delete from roles where instance = any($1) or seen_at < clock_timestamp() - interval '{KEPT}'",  # noqa: S608
        gone,
    )


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True
    return True
