"""Moments in a desk's own journal at which it can be killed: with a batch on its way, and as soon as it is durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from tests.crash.live_desk import LOOK_S, PATIENCE_S, LiveDesk, LiveHouse

HOLD = 727_272
"""The advisory lock behind which a batch is kept waiting."""
TOLD = "crash_points"
SCHEMA = f"""
create table crash_points (kind text primary key);
grant select on crash_points to public;
create function crash_point() returns trigger language plpgsql as $$
begin
  if exists (select from crash_points p where p.kind = new.kind) then
    perform pg_advisory_xact_lock_shared({HOLD});
  end if;
  perform pg_notify('{TOLD}', new.kind);
  return new;
end $$;
create trigger crash_point after insert on journal for each row execute function crash_point();
"""


@dataclass
class CrashPoints:
    """Kills houses by what their journal takes."""

    owner: asyncpg.Connection
    act: Callable[[], None] | None = None
    kind: str = ""

    def hear(self, _connection: object, _pid: int, _channel: str, kind: object) -> None:
        """Something is durable."""
        if self.act is not None and kind == self.kind:
            act, self.act = self.act, None
            act()

    async def killed_once_durable(self, kind: str, house: LiveHouse) -> None:
        """Kill it when the journal has told of the next entry of a kind."""
        gone = asyncio.Event()
        self.kind, self.act = kind, lambda: (house.kill(), gone.set())[1]
        async with asyncio.timeout(PATIENCE_S):
            while not gone.is_set():
                house.require_alive()
                with suppress(TimeoutError):
                    await asyncio.wait_for(gone.wait(), 1)

    async def killed_on_the_way(self, kind: str, house: LiveHouse) -> None:
        """Kill it while a batch with an entry of a kind is with the database, and not durable: it will never be."""
        await self.owner.execute("select pg_advisory_lock($1)", HOLD)
        await self.owner.execute("insert into crash_points values ($1)", kind)
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and objid = $1 and not granted"
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await self.owner.fetchval(waiting, HOLD):
                    house.require_alive()
                    await asyncio.sleep(LOOK_S)
            house.kill()
        finally:
            await self.owner.execute("delete from crash_points")
            await self.owner.execute("select pg_advisory_unlock($1)", HOLD)


@asynccontextmanager
async def crash_points(desk: LiveDesk) -> AsyncGenerator[CrashPoints]:
    """The points, set into the desk's database."""
    owner = await desk.database.database.connect(name="crash points", as_owner=True)
    try:
        await owner.execute(SCHEMA)
        points = CrashPoints(owner)
        await owner.add_listener(TOLD, points.hear)
        yield points
    finally:
        await owner.close()
