"""Fan-out of live signals: CPU of the server for one delivery, against a bare epoll loop in the same run.

`python -m benchmarks.bench_sse [--subscribers N] [--events N]`. Each server is a process of its own on loopback; one
client process holds every subscription and measures how long each event takes to arrive. Ratios count, the times are
this machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import select
import socket
import statistics
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import uvloop

from quorate.api.app import create_app
from quorate.api.resources import Resources
from quorate.api.serving import listen, serve
from quorate.api.settings import ApiSettings, StreamSettings
from quorate.clock import SystemClock
from quorate.domain.policy import DeskPolicy
from quorate.journal.bus import Message, Position
from quorate.ops.metrics import Metrics

PAUSE_S = 0.25
"""Between two events: long enough that one is out before the next one comes."""
SIGNAL_BYTES = 1_800
"""A council signal with three votes and two portfolios."""
STREAM = "signals:paper"
REQUEST = b"GET /v1/signals/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
RATIO_MAX = 1.8
KIB_MAX = 10.0


class OneStream:
    """A bus with messages that are published by hand."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._news = asyncio.Event()

    def publish(self, data: bytes) -> None:
        """One more message."""
        self._messages.append(Message((1, len(self._messages) + 1), "bench", data))
        self._news.set()

    async def first(self, stream: str) -> Position | None:
        """As the port has it."""
        return (1, 1) if stream == STREAM and self._messages else None

    async def last(self, stream: str) -> Position | None:
        """As the port has it."""
        return self._messages[-1].position if stream == STREAM and self._messages else None

    async def read(self, stream: str, *, after: Position | None, limit: int) -> list[Message]:
        """As the port has it."""
        begin = after[1] if after else 0
        return self._messages[begin : begin + limit] if stream == STREAM else []

    async def wait(self, *, timeout_s: float) -> None:
        """As the port has it."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()


def payload(number: int) -> bytes:
    """A signal's JSON of the usual length, with the instant it was published at."""
    head = {"id": f"s{number}", "mode": "paper", "pair": "BTC/USDT", "at": time.monotonic_ns()}
    text = json.dumps(head)
    return (text[:-1] + ', "votes": "' + "v" * (SIGNAL_BYTES - len(text)) + '"}').encode()


def rss_kib() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


def cpu_s() -> float:
    """CPU this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def desk_server(control: Connection, subscribers: int) -> None:
    """The API of the desk, as it is."""
    bus = OneStream()
    stream = StreamSettings(
        subscribers_max=subscribers + 10, subscribers_per_client_max=subscribers + 10, heartbeat_s=600
    )
    settings = ApiSettings(port=0, stream=stream)
    given = Resources(
        pool=cast("Any", None),
        bus=bus,
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
        account="bench",
    )

    async def main() -> None:
        listening = listen(settings)
        app = create_app(replace(given))
        serving = asyncio.create_task(serve(app, listening))
        control.send(listening.getsockname()[1])
        ended = asyncio.Event()

        def obey() -> None:
            word = control.recv()
            if word == "end":
                ended.set()
            elif word == "usage":
                control.send((cpu_s(), rss_kib(), app.state.hub.subscribers))
            else:
                bus.publish(payload(word))

        asyncio.get_running_loop().add_reader(control.fileno(), obey)
        await ended.wait()
        os._exit(0)  # the sockets go with the process; saying goodbye to each is not what is measured
        await serving

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def bare_server(control: Connection, subscribers: int) -> None:
    """The floor: one epoll loop that writes ready bytes to every socket, and does nothing else."""
    del subscribers
    listening = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    listening.setblocking(False)
    control.send(listening.getsockname()[1])
    poll = select.epoll()
    poll.register(listening, select.EPOLLIN)
    poll.register(control, select.EPOLLIN)
    clients: dict[int, socket.socket] = {}
    while True:
        for fd, _ in poll.poll():
            if fd == listening.fileno():
                client, _ = listening.accept()
                client.setblocking(False)
                clients[client.fileno()] = client
                poll.register(client, select.EPOLLIN)
            elif fd != control.fileno():
                clients[fd].recv(4_096)
                clients[fd].send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nevent: hello\n\n")
                poll.unregister(fd)
            elif (word := control.recv()) == "end":
                os._exit(0)
            elif word == "usage":
                control.send((cpu_s(), rss_kib(), len(clients)))
            else:
                data = b"id: 1-%d\nevent: signal\ndata: %s\n\n" % (word, payload(word))
                frame = b"%x\r\n%s\r\n" % (len(data), data)
                for client in clients.values():
                    client.send(frame)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one server did: microseconds of CPU for a delivery, milliseconds until arrival, KiB for a subscriber."""

    cpu_us: float
    p50_ms: float
    p99_ms: float
    kib: float


def measure(server: Any, subscribers: int, events: int) -> Measured:
    """Run `server` with so many subscribers and send it so many events."""
    context = multiprocessing.get_context("spawn")
    control, other = context.Pipe()
    process = context.Process(target=server, args=(other, subscribers), daemon=True)
    process.start()
    port = control.recv()
    control.send("usage")
    _, empty_kib, _ = control.recv()
    poll = select.epoll()
    sockets = _subscribe(port, subscribers, poll)
    control.send("usage")
    before_s, full_kib, there = control.recv()
    assert there == subscribers, f"{there} of {subscribers} are there"
    latencies: list[float] = []
    for number in range(events):
        control.send(number + 1)
        latencies += _take_one(sockets, poll)
        time.sleep(PAUSE_S)
    control.send("usage")
    after_s, _, _ = control.recv()
    control.send("end")
    process.join()
    for each in sockets.values():
        each.close()
    ranks = statistics.quantiles(latencies, n=100)
    return Measured(
        cpu_us=(after_s - before_s) / (subscribers * events) * 1e6,
        p50_ms=ranks[49],
        p99_ms=ranks[98],
        kib=(full_kib - empty_kib) / subscribers,
    )


def _subscribe(port: int, subscribers: int, poll: select.epoll) -> dict[int, socket.socket]:
    sockets: dict[int, socket.socket] = {}
    for _ in range(subscribers):
        each = socket.create_connection(("127.0.0.1", port))
        each.sendall(REQUEST)
        hello = b""
        while b"hello" not in hello or not hello.rstrip(b"\r\n").endswith((b"}", b"hello")):
            hello += each.recv(4_096)
        each.setblocking(False)
        poll.register(each, select.EPOLLIN)
        sockets[each.fileno()] = each
    return sockets


def _take_one(sockets: dict[int, socket.socket], poll: select.epoll) -> list[float]:
    """Milliseconds until each subscriber has the whole next event."""
    waiting = dict.fromkeys(sockets, b"")
    latencies: list[float] = []
    while waiting:
        for fd, _ in poll.poll(10):
            waiting[fd] += sockets[fd].recv(65_536)
            if waiting[fd].rstrip(b"\r\n").endswith(b'"}'):
                at_ns = int(waiting.pop(fd).partition(b'"at": ')[2].partition(b",")[0])
                latencies.append((time.monotonic_ns() - at_ns) / 1e6)
    return latencies


def main() -> int:
    """Measure both and tell the ratios; exit code 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=1_000)
    parser.add_argument("--events", type=int, default=20)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.subscribers + 200)), hard))
    bare = measure(bare_server, options.subscribers, options.events)
    desk = measure(desk_server, options.subscribers, options.events)
    ratio = desk.cpu_us / bare.cpu_us
    print(f"{options.subscribers} subscribers, {options.events} events of {SIGNAL_BYTES} bytes")
    print(f"{'':<18}{'CPU/delivery':>14}{'p50':>10}{'p99':>10}{'memory':>12}")
    for name, found in (("bare epoll loop", bare), ("desk", desk)):
        print(f"{name:<18}{found.cpu_us:>11.1f} us{found.p50_ms:>7.1f} ms{found.p99_ms:>7.1f} ms{found.kib:>8.1f} KiB")
    print(f"CPU {ratio:.2f} of the floor (at most {RATIO_MAX}), {desk.kib:.1f} KiB a subscriber (at most {KIB_MAX:g})")
    return 0 if ratio <= RATIO_MAX and desk.kib <= KIB_MAX else 1


if __name__ == "__main__":
    raise SystemExit(main())
