"""The list of 100 signals, against a plain FastAPI route with a response_model over the same table, in the same run.

`python -m benchmarks.bench_rest [--requests N]`. Both servers are processes of their own on loopback, in front of one
embedded Postgres; what counts is the CPU of the server for one request.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Any, cast

import uvicorn
import uvloop
from asyncpg.pool import Pool
from fastapi import FastAPI, Query

from benchmarks.bench_sse import cpu_s
from quorate.api.app import create_app
from quorate.api.resources import Resources
from quorate.api.schemas.signals import SignalPage
from quorate.api.serving import listen, serve
from quorate.api.settings import ApiSettings
from quorate.clock import SystemClock
from quorate.domain.policy import DeskPolicy
from quorate.journal.append import Journal
from quorate.journal.bus import Message, Position
from quorate.journal.entry import LOCAL_OWNER, Draft
from quorate.journal.lease import take_lease, this_process
from quorate.ops.metrics import Metrics
from quorate.store.database import Database
from quorate.store.opening import open_database
from tests.journal import samples

SIGNALS = 300
LIMIT = 100
CONNECTIONS = 8
WARM_UP = 100
RATIO_MIN = 3.0
REQUEST = f"GET /v1/signals?limit={LIMIT} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


class SilentBus:
    """A bus on which nothing is ever published."""

    async def first(self, stream: str) -> Position | None:
        """As the port has it."""
        return None

    async def last(self, stream: str) -> Position | None:
        """As the port has it."""
        return None

    async def read(self, stream: str, *, after: Position | None, limit: int) -> list[Message]:
        """As the port has it."""
        return []

    async def wait(self, *, timeout_s: float) -> None:
        """As the port has it."""
        await asyncio.sleep(timeout_s)


def desk_app(pool: Pool, settings: ApiSettings) -> FastAPI:
    """The API of the desk, as it is."""
    return create_app(
        Resources(
            pool=pool,
            bus=SilentBus(),
            settings=settings,
            clock=SystemClock(),
            health=cast("Any", None),
            telemetry=Metrics(version="bench"),
            chance=lambda: 0.5,
            monotonic=time.monotonic,
            new_id=lambda: "0123456789abcdef",
            version="bench",
            policy=DeskPolicy(),
            schedules={},
        )
    )


def plain_app(pool: Pool, _: ApiSettings) -> FastAPI:
    """The same list as one writes it first: rows into dictionaries, a response_model over them."""
    app = FastAPI()

    @app.get("/v1/signals", response_model=SignalPage)
    async def signals(limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> Any:
        rows = await pool.fetch(
            "select body from signals where account = $1 order by epoch desc, seq desc limit $2", "paper", limit
        )
        return {"signals": [json.loads(row["body"]) for row in rows], "next": None}

    return app


def run_server(control: Connection, make: Callable[[Pool, ApiSettings], FastAPI], url: str) -> None:
    """Serve until told to end."""

    async def main() -> None:
        pool = await Database(url=url, owner_url=url).pool(name="bench", size_max=4)
        settings = ApiSettings(port=0, requests_per_minute=1_000_000)
        listening = listen(settings)
        app = make(pool, settings)
        if make is desk_app:
            running = asyncio.create_task(serve(app, listening))
        else:
            config = uvicorn.Config(app, log_config=None, access_log=False, http="httptools", loop="none")
            running = asyncio.create_task(uvicorn.Server(config).serve(sockets=[listening]))
        control.send(listening.getsockname()[1])

        def obey() -> None:
            if control.recv() == "end":
                os._exit(0)
            control.send(cpu_s())

        asyncio.get_running_loop().add_reader(control.fileno(), obey)
        await running

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


@dataclass(frozen=True, slots=True)
class Measured:
    """One server: CPU for a request in microseconds, requests in a second, bytes of an answer."""

    cpu_us: float
    per_s: float
    size: int


async def measure(make: Callable[[Pool, ApiSettings], FastAPI], url: str, requests: int) -> Measured:
    """Run one server and ask it so often."""
    context = multiprocessing.get_context("spawn")
    control, other = context.Pipe()
    process = context.Process(target=run_server, args=(other, make, url), daemon=True)
    process.start()
    port = control.recv()
    size = await ask(port, WARM_UP)
    control.send("usage")
    before_s = control.recv()
    began_s = time.monotonic()
    await asyncio.gather(*(ask(port, requests // CONNECTIONS) for _ in range(CONNECTIONS)))
    took_s = time.monotonic() - began_s
    control.send("usage")
    after_s = control.recv()
    control.send("end")
    process.join()
    done = requests // CONNECTIONS * CONNECTIONS
    return Measured((after_s - before_s) / done * 1e6, done / took_s, size)


async def ask(port: int, requests: int) -> int:
    """Ask one after the other on one connection; gives the length of the last answer's body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    length = 0
    for _ in range(requests):
        writer.write(REQUEST)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    return length


async def fill(database: Database) -> None:
    """An account with signals, written as a desk writes them."""

    def connect() -> Awaitable[Any]:
        return database.connect(name="bench")

    journal = Journal(connect)
    await journal.open()
    lease = await take_lease(connect, account="paper", owner=LOCAL_OWNER, holder=this_process())
    events = [samples.opened(), *(samples.signal(f"s{n}", at_ms=samples.START_MS + n) for n in range(SIGNALS))]
    await journal.append([Draft.of(event, samples.START_MS) for event in events], writer=lease.writer)
    await journal.close()
    await lease.release()


async def compare(requests: int) -> int:
    """Measure both and tell the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        opened = await open_database(url=None, data_dir=Path(folder))
        try:
            await fill(opened.database)
            plain = await measure(plain_app, opened.database.url, requests)
            desk = await measure(desk_app, opened.database.url, requests)
        finally:
            assert opened.local is not None
            await asyncio.to_thread(opened.local.stop)
    ratio = plain.cpu_us / desk.cpu_us
    print(f"{LIMIT} signals of {desk.size // LIMIT} bytes, {requests} requests on {CONNECTIONS} connections")
    for name, found in (("plain response_model", plain), ("desk", desk)):
        print(f"{name:<22}{found.cpu_us:>9.0f} us CPU{found.per_s:>9.0f} requests/s{found.size:>9} bytes")
    print(f"{ratio:.2f} times the plain route (at least {RATIO_MIN:g})")
    return 0 if ratio >= RATIO_MIN else 1


def main() -> int:
    """Exit code 1 when the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000)
    return asyncio.run(compare(parser.parse_args().requests))


if __name__ == "__main__":
    raise SystemExit(main())
