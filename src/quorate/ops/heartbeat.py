"""A role's sign of life: a row in `roles`, renewed while the process is well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg
import msgspec
from loguru import logger

from quorate.store.database import CANNOT_SERVE
from quorate.store.readers import roles

if TYPE_CHECKING:
    from asyncpg.pool import Pool

BEAT_S = 2.0
DATABASE_TROUBLE = (*CANNOT_SERVE, asyncpg.PostgresError)


async def keep_beating(
    pool: Pool, *, role: str, instance: str, state: Callable[[], msgspec.Struct], every_s: float = BEAT_S
) -> None:
    """Write the role's state now and every `every_s` seconds until cancelled; the last word is written then too.

    A database that does not answer is told once and tried again: a role must not stop because nobody hears it.
    """
    silent = False
    try:
        while True:
            now = state()
            try:
                await roles.beat(pool, role=role, instance=instance, state=now)
                silent = False
            except DATABASE_TROUBLE as error:
                if not silent:
                    logger.warning("the role {} cannot say that it is alive: {}", role, type(error).__name__)
                silent = True
            await asyncio.sleep(every_s)
    finally:
        with suppress(*DATABASE_TROUBLE):
            await roles.leave(pool, role=role, instance=instance)
