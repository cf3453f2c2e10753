"""The relay: copies published entries from the journal into Redis, and never the other way.

It is a reader of the journal like any other and can be started, stopped and repeated at will: ids are the journal's, so
that doing it twice changes nothing. Redis may vanish, be flushed or come back empty: the relay waits, builds streams
again under the same ids, and goes on. Nothing waits for it. One relay writes a Redis at a time; a second stands by.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from redis.exceptions import RedisError

from quorate.desk.ports import JournalPosition
from quorate.journal.entry import Entry, milliseconds
from quorate.journal.published import BODY_KINDS
from quorate.journal.reading import START, head_of, read_entries
from quorate.journal.relay_keys import RelayKeys
from quorate.journal.relay_streams import RelayStreams
from quorate.store.database import CANNOT_SERVE
from quorate.store.redis_address import client_of, redis_error

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.journal.notices import Notices
    from quorate.store.redis_commands import RedisClient

RelayState = Literal["starting", "running", "rebuilding", "waiting", "standby", "stopped"]
ENTRIES_AT_ONCE = 500
LOCAL_FIRST_S = 0.01
"""Subscribers of this process are served before Redis is."""
CHECK_S = 1.0
"""How often the streams are checked for being there, while nothing happens too."""
KEYS_S = 0.25
"""Shortest time between two writings of the keys while entries come fast."""
TRIM_S = 60.0
RETRY_FIRST_S = 0.2
RETRY_S_MAX = 5.0
WRITER_KEY = "quorate:relay:writer"
WRITER_TTL_MS = 5_000
"""A relay that says nothing for so long has given its place up."""
_RENEW = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end
return redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
"""
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


@dataclass(frozen=True, slots=True)
class RelayHealth:
    """How the relay is doing: its state, how many entries it is behind the journal, and what it met last."""

    state: RelayState
    lag_entries: int
    position: JournalPosition
    error: str


class Relay:
    """One relay from the journal to one Redis. `run` it as a task.

    `accounts` are those to publish (None: all); `instance` names this process among others.
    """

    def __init__(
        self, *, pool: Pool, notices: Notices, url: str, accounts: Sequence[str] | None, instance: str
    ) -> None:
        self._pool = pool
        self._notices = notices
        self._url = url
        self._accounts = accounts
        self._instance = instance
        self._state: RelayState = "starting"
        self._position = START
        self._head = START
        self._error = ""

    def health(self) -> RelayHealth:
        """How the relay is doing, as of its last round."""
        lag = max(0, self._head.seq - self._position.seq)
        return RelayHealth(self._state, lag, self._position, self._error)

    async def run(self) -> None:
        """Relay until cancelled; whatever happens to Redis or to the database is waited out."""
        retry_s = RETRY_FIRST_S
        try:
            while True:
                try:
                    async with self._connected() as client:
                        await self._become_writer(client)
                        retry_s = RETRY_FIRST_S
                        try:
                            await self._relay(client)
                        except asyncio.CancelledError:
                            await client.eval(_RELEASE, 1, WRITER_KEY, self._instance)
                            raise
                except (RedisError, *CANNOT_SERVE) as error:
                    self._state = "waiting"
                    self._error = str(redis_error(self._url, error) if isinstance(error, RedisError) else error)
                await asyncio.sleep(retry_s)
                retry_s = min(retry_s * 2, RETRY_S_MAX)
        finally:
            self._state = "stopped"

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[RedisClient]:
        client = client_of(self._url)
        try:
            await client.ping()
            yield client
        finally:
            await client.aclose()

    async def _become_writer(self, client: RedisClient) -> None:
        while not await self._is_writer(client):
            self._state = "standby"
            await asyncio.sleep(CHECK_S)

    async def _is_writer(self, client: RedisClient) -> bool:
        renewed = await client.eval(_RENEW, 1, WRITER_KEY, self._instance, str(WRITER_TTL_MS))
        return bool(renewed)

    async def _relay(self, client: RedisClient) -> None:
        """Relay over one connection until it fails, or until the streams have to be built anew."""
        clock = asyncio.get_running_loop().time
        streams = RelayStreams(client, self._pool, self._accounts)
        keys = RelayKeys(client, self._pool, self._accounts)
        await self._find_place(streams)
        checked_s = keys_s = clock()
        trimmed_s = clock() - TRIM_S
        newest_ms = await self._newest_ms()
        while True:
            _heed_cancellation()
            seen = self._notices.count
            self._head = await head_of(self._pool)
            entries = await self._read()
            if entries:
                await streams.add(entries, announce=self._state == "running")
                keys.note(entries)
                self._position = entries[-1].position
                newest_ms = max(newest_ms, entries[-1].at_ms)
            caught_up = len(entries) < ENTRIES_AT_ONCE
            now_s = clock()
            if caught_up or now_s - keys_s >= KEYS_S:
                await keys.refresh()
                keys_s = now_s
            if caught_up:
                self._position = max(self._position, self._head, key=lambda place: (place.epoch, place.seq))
                self._state, self._error = "running", ""
            if now_s - trimmed_s >= TRIM_S:
                await streams.trim(newest_ms)
                trimmed_s = now_s
            if now_s - checked_s >= CHECK_S:
                checked_s = now_s
                if not await self._is_writer(client) or not await streams.intact():
                    return
            if caught_up:
                await self._notices.wait(seen, timeout_s=CHECK_S)
                await asyncio.sleep(LOCAL_FIRST_S)

    async def _find_place(self, streams: RelayStreams) -> None:
        place = await streams.resume()
        head = await head_of(self._pool)
        # Streams that end with what the journal does not hold tell of another life: a backup was restored, or the
        # journal begun anew.
        ahead = place is not None and (place.epoch, place.seq) > (head.epoch, head.seq)
        if place is None or ahead or not await self._holds(place):
            self._state = "rebuilding"
            place = await streams.begin_anew(await self._newest_ms())
        self._position = place

    async def _holds(self, place: JournalPosition) -> bool:
        """Whether the journal has this entry; it has whatever streams hold that are still empty."""
        query = "select exists (select from journal where epoch = $1 and seq = $2)"
        return place == START or bool(await self._pool.fetchval(query, place.epoch, place.seq))

    async def _read(self) -> list[Entry]:
        return await read_entries(
            self._pool, after=self._position, accounts=self._accounts, bodies=BODY_KINDS, limit=ENTRIES_AT_ONCE
        )

    async def _newest_ms(self) -> int:
        at = await self._pool.fetchval(
            "select at from journal where $1::text[] is null or account = any($1) "
            "order by epoch desc, seq desc limit 1",
            self._accounts,
        )
        return 0 if at is None else milliseconds(at)


def _heed_cancellation() -> None:
    """End here when this task was cancelled and a library on the way has swallowed the exception that said so."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
