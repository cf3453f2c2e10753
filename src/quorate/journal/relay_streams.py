"""The streams in Redis as the relay writes them: under the journal's ids, trimmed by age, rebuilt when gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from redis.exceptions import RedisError, ResponseError

from quorate.desk.ports import JournalPosition
from quorate.journal.entry import Entry, instant
from quorate.journal.published import EVENTS, STREAMS, published
from quorate.journal.reading import START

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.store.redis_commands import RedisClient

DAY_MS = 86_400_000
RETENTION_MS: Mapping[str, int] = {**dict.fromkeys(STREAMS, 30 * DAY_MS), EVENTS: 3 * DAY_MS}
"""How much feed time each stream keeps: 30 days of signals, equity and trades, 3 days of every event."""
MARKER = "quorate:relay"
"""Says whose entries the streams hold, and which streams there are. Gone when Redis is flushed or starts empty."""
_TOO_LOW = "equal or smaller"
_FIRST_SINCE = """
select epoch, seq from journal where (epoch, seq) > ($1, $2) and at >= $3 and ($4::text[] is null or account = any($4))
order by epoch, seq limit 1
"""


class RelayStreams:
    """The streams of one Redis, for the given accounts (None: all)."""

    def __init__(self, client: RedisClient, pool: Pool, accounts: Sequence[str] | None) -> None:
        self._client = client
        self._pool = pool
        self._accounts = None if accounts is None else sorted(accounts)
        self._present: set[str] = set()
        self._kept_from: dict[str, JournalPosition] = dict.fromkeys(STREAMS, START)

    async def resume(self) -> JournalPosition | None:
        """The last entry that the streams hold; None when they are not ours or not whole and must be built anew."""
        marker = await self._client.get(MARKER)
        if marker is None:
            return None
        self._present = set(marker.decode().split("\n")[1:])
        if not await self.intact():
            return None
        # Every entry ends with its envelope in EVENTS: what that stream holds, all of them hold.
        return await self._last_generated(EVENTS)

    async def begin_anew(self, newest_ms: int) -> JournalPosition:
        """Empty the streams; gives the place after which everything has to be added again."""
        async with self._client.pipeline(transaction=True) as pipe:
            self._present.clear()
            pipe.delete(*STREAMS)
            pipe.set(MARKER, self._marker())
            await pipe.execute()
        for stream, kept_ms in RETENTION_MS.items():
            self._kept_from[stream] = await self._first_since(START, newest_ms - kept_ms)
        return min(self._kept_from.values(), key=_order)

    async def intact(self) -> bool:
        """Whether the streams are still there: False when Redis was flushed or started empty behind our back."""
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.get(MARKER)
            pipe.exists(*STREAMS)
            marker, there = await pipe.execute()
        return marker is not None and marker.decode() == self._marker() and there >= len(self._present)

    async def add(self, entries: Iterable[Entry], *, announce: bool) -> None:
        """Add entries in order; one that is there already stays as it is. `announce` also publishes signals.

        Raises RedisError when Redis will not take them: out of memory, read only, no right.
        """
        async with self._client.pipeline(transaction=False) as pipe:
            for entry in entries:
                for stream, data in published(entry):
                    if _order(entry.position) <= _order(self._kept_from[stream]):
                        continue
                    if stream not in self._present:
                        self._present.add(stream)
                        pipe.set(MARKER, self._marker())
                    pipe.xadd(stream, {"data": data, "account": entry.account}, id=entry.id)
                    if announce and stream != EVENTS:
                        pipe.publish(stream, data)
            results = await pipe.execute(raise_on_error=False)
        for result in results:
            if isinstance(result, ResponseError) and _TOO_LOW in str(result):
                continue
            if isinstance(result, RedisError):
                raise result

    async def trim(self, newest_ms: int) -> None:
        """Drop what is older than each stream keeps, counted back from feed time `newest_ms`."""
        for stream, kept_ms in RETENTION_MS.items():
            kept_from = await self._first_since(self._kept_from[stream], newest_ms - kept_ms)
            self._kept_from[stream] = kept_from
            await self._client.xtrim(stream, minid=f"{kept_from.epoch}-{kept_from.seq + 1}", approximate=True)

    def _marker(self) -> str:
        return "\n".join(["*" if self._accounts is None else " ".join(self._accounts), *sorted(self._present)])

    async def _first_since(self, after: JournalPosition, at_ms: int) -> JournalPosition:
        """The place just before the first entry that is not older than `at_ms`."""
        row = await self._pool.fetchrow(_FIRST_SINCE, after.epoch, after.seq, instant(at_ms), self._accounts)
        return after if row is None else JournalPosition(row["epoch"], row["seq"] - 1)

    async def _last_generated(self, stream: str) -> JournalPosition:
        try:
            info = await self._client.xinfo_stream(stream)
        except ResponseError:
            return START
        epoch, _, seq = info["last-generated-id"].decode().partition("-")
        return JournalPosition(int(epoch), int(seq))


def _order(position: JournalPosition) -> tuple[int, int]:
    return position.epoch, position.seq
