"""Health of every role in one place: feed, worker, api, Postgres and Redis, each with a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from quorate.store.readers import roles
from quorate.store.readers.health import FeedHealth, HealthReport, PartHealth

if TYPE_CHECKING:
    from asyncpg.pool import Pool

    from quorate.desk.ports import Clock

PROBE_TIMEOUT_S = 2.0
KEPT_MS = 500
"""A report is good for this long: many may ask at once, and each asks the database."""
DEFAULT_ACCOUNT = "paper"
STALE_AFTER_MS = 15_000
ENDED = "ended"
WITHOUT_FEED = FeedHealth(key=None, kind=None, label="no feed has reported", state="down", age_ms=None, at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRules:
    """When a role counts as gone. `redis` pings the bus server; None where the desk runs without."""

    role_lost_ms: int
    mode: str
    redis: Callable[[], Awaitable[None]] | None


class HealthBoard:
    """Looks at every part and says how it is doing."""

    def __init__(self, pool: Pool, clock: Clock, rules: HealthRules) -> None:
        self._pool = pool
        self._clock = clock
        self._rules = rules
        self._since_ms = clock.now_ms()
        self._kept: dict[str | None, tuple[int, HealthReport]] = {}

    async def report(self, account: str | None) -> HealthReport:
        """Every part, for `account` (None: that of the newest worker). Takes PROBE_TIMEOUT_S at most, never raises."""
        now_ms = self._clock.now_ms()
        kept = self._kept.get(account)
        if kept is not None and 0 <= now_ms - kept[0] < KEPT_MS:
            return kept[1]
        report = await self._look(account, now_ms)
        if len(self._kept) > 100:
            self._kept.clear()
        self._kept[account] = (now_ms, report)
        return report

    async def _look(self, account: str | None, now_ms: int) -> HealthReport:
        (rows, postgres), redis = await asyncio.gather(self._roles(), self._redis())
        workers = [row for row in rows if row.role == "worker"]
        if account is None:
            account = next((row.state.account for row in workers if row.state.account), DEFAULT_ACCOUNT)
        worker_row = next((row for row in workers if row.state.account == account), None)
        feed_row = _feed_of(rows, account)
        feed = self._feed(feed_row)
        parts = (
            self._role("feed", feed_row, running=feed.state in ("up", "stale", "starting"), detail=feed.label),
            self._role("worker", worker_row, running=True, detail=""),
            PartHealth(name="api", state="up", detail="answers", age_ms=0, since=_at(self._since_ms)),
            postgres,
            redis,
        )
        # What a worker said that has not been heard of lately is no longer how things stand.
        said = worker_row if worker_row is not None and worker_row.age_ms <= self._rules.role_lost_ms else None
        finished = feed.state == ENDED
        worker_up = parts[1].state == "up" or (finished and worker_row is not None)
        ready = postgres.state == "up" and worker_up and feed.state in ("up", "starting", "stale", ENDED)
        if postgres.state != "up":
            status = "down"
        elif ready and feed.state != "stale" and redis.state in ("up", "off"):
            status = "ok"
        else:
            status = "degraded"
        return HealthReport(
            account=account,
            mode=worker_row.state.mode or self._rules.mode if worker_row else self._rules.mode,
            ready=ready,
            status=status,
            feed=feed,
            parts=parts,
            context=_aged(said),
            providers=() if said is None else said.state.providers,
            budget=None if said is None else said.state.budget,
        )

    async def _roles(self) -> tuple[list[roles.RoleRow], PartHealth]:
        began_ms = self._clock.now_ms()
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                rows = await roles.newest(self._pool)
        except Exception as error:  # noqa: BLE001  whatever is wrong with the database, health says so and goes on
            return [], PartHealth(name="postgres", state="down", detail=f"does not answer ({type(error).__name__})")
        took_ms = self._clock.now_ms() - began_ms
        return rows, PartHealth(name="postgres", state="up", detail=f"answered in {took_ms} ms", age_ms=0)

    async def _redis(self) -> PartHealth:
        ping = self._rules.redis
        if ping is None:
            return PartHealth(name="redis", state="off", detail="the desk runs without it")
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                await ping()
        except Exception as error:  # noqa: BLE001  Redis may be away for any reason; the desk does without it
            detail = f"does not answer ({type(error).__name__}); readers of the journal are not affected"
            return PartHealth(name="redis", state="down", detail=detail)
        return PartHealth(name="redis", state="up", detail="answers", age_ms=0)

    def _role(self, name: str, row: roles.RoleRow | None, *, running: bool, detail: str) -> PartHealth:
        if row is None:
            return PartHealth(name=name, state="down", detail="never heard of")
        since = None if row.state.since_ms is None else _at(row.state.since_ms)
        said = "; ".join(part for part in (detail, row.state.detail) if part) or "at work"
        if row.state.state == ENDED:
            return PartHealth(name=name, state="up", detail=f"{said}: at its end", age_ms=row.age_ms, since=since)
        if row.age_ms > self._rules.role_lost_ms:
            return PartHealth(name=name, state="down", detail="not heard of lately", age_ms=row.age_ms, since=since)
        return PartHealth(name=name, state="up" if running else "degraded", detail=said, age_ms=row.age_ms, since=since)

    def _feed(self, row: roles.RoleRow | None) -> FeedHealth:
        if row is None:
            return WITHOUT_FEED
        said = row.state
        state = said.state if said.state in ("starting", "up", "stale", "down", ENDED) else "up"
        # How old data may be depends on its cadence, which the feed knows and says; its silence counts as age too.
        age_ms = row.age_ms
        if said.kind == "exchange" and said.at_ms is not None:
            age_ms = max(age_ms, self._clock.now_ms() - said.at_ms)
        if state == "up" and row.age_ms > self._rules.role_lost_ms:
            state = "down"
        elif state == "up" and said.stale_after_ms is not None and age_ms > said.stale_after_ms:
            state = "stale"
        return FeedHealth(
            key=said.feed,
            kind=said.kind,
            label=said.label or "a feed without a name",
            state=state,
            age_ms=age_ms,
            at=None if said.at_ms is None else _at(said.at_ms),
        )


def _aged(row: roles.RoleRow | None) -> tuple[roles.SourceState, ...]:
    """The sources of a worker, as old as they are now."""
    if row is None:
        return ()
    return tuple(
        source if source.age_ms is None else replace(source, age_ms=source.age_ms + row.age_ms)
        for source in row.state.context
    )


def _feed_of(rows: list[roles.RoleRow], account: str) -> roles.RoleRow | None:
    """The feed of the account; where none says whose it is, the newest one."""
    feeds = [row for row in rows if row.role == "feed"]
    own = (row for row in feeds if row.state.account == account)
    shared = (row for row in feeds if row.state.account is None)
    return next(own, None) or next(shared, None)


def _at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1_000, UTC)
