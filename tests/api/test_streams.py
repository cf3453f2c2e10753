"""The SSE promise of the specification, on a real server."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest

from quorate.api.app import create_app
from quorate.api.serving import served
from quorate.store.readers import roles
from tests.api.conftest import QUICK, events_of

SIGNALS = "signals:paper"


def made(number: int, **fields: str) -> bytes:
    return json.dumps({"id": f"s{number}", "mode": "paper", "pair": "BTC/USDT", **fields}).encode()


@asynccontextmanager
async def subscribed(client: httpx.AsyncClient, path: str = "/v1/signals/stream", **options: Any):
    async with client.stream("GET", path, **options) as response:
        yield Stream(response)


class Stream:
    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._events = events_of(response)

    async def next(self, *, beats: bool = False):
        async with asyncio.timeout(60):
            async for event in self._events:
                if beats or event.name != "beat":
                    return event
        raise AssertionError("the stream ended")

    async def names(self, count: int) -> list[str]:
        return [(await self.next()).data["id"] for _ in range(count)]


async def test_first_event_is_hello_and_events_follow_with_their_ids(api, bus):
    bus.publish(SIGNALS, made(1))
    async with subscribed(api) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["x-request-id"]
        hello = await stream.next()
        assert (hello.name, hello.id) == ("hello", "1-1")
        assert hello.data == {"epoch": 1, "first": "1-1", "last": "1-1", "resumed": False}
        bus.publish(SIGNALS, made(2))
        event = await stream.next()
        assert (event.name, event.id, event.data["id"]) == ("signal", "1-2", "s2")


async def test_an_empty_desk_says_hello_and_delivers_its_first_signal(api, bus):
    async with subscribed(api) as stream:
        assert (await stream.next()).data == {"epoch": 1, "first": None, "last": None, "resumed": False}
        bus.publish(SIGNALS, made(1))
        assert (await stream.next()).id == "1-1"


@pytest.mark.parametrize("how", ["header", "query"])
async def test_f34_resume_from_the_ring_brings_every_event_once(api, bus, how):
    async with subscribed(api) as first:
        await first.next()
        for number in range(1, 6):
            bus.publish(SIGNALS, made(number))
        assert await first.names(5) == ["s1", "s2", "s3", "s4", "s5"]
    reads = bus.reads
    given = {"headers": {"Last-Event-ID": "1-2"}} if how == "header" else {"params": {"last_event_id": "1-2"}}
    async with subscribed(api, "/v1/signals/stream", **given) as stream:
        hello = await stream.next()
        assert hello.data["resumed"] is True
        assert hello.id == "1-2"
        assert await stream.names(3) == ["s3", "s4", "s5"]
        bus.publish(SIGNALS, made(6))
        assert await stream.names(1) == ["s6"]
    assert bus.reads - reads <= 2, "a resume within the ring does not read the bus"


async def test_header_wins_over_the_address(api, bus):
    for number in range(1, 4):
        bus.publish(SIGNALS, made(number))
    async with subscribed(api, params={"last_event_id": "1-1"}, headers={"Last-Event-ID": "1-2"}) as stream:
        await stream.next()
        assert await stream.names(1) == ["s3"]


async def test_what_left_the_ring_is_read_from_the_bus(serve, bus):
    for number in range(1, 301):
        bus.publish(SIGNALS if number % 3 else "signals:live", made(number))
    api = await serve(stream=replace(QUICK, ring_events_max=20, batch_events_max=7))
    async with subscribed(api, headers={"Last-Event-ID": "1-30"}) as stream:
        assert (await stream.next()).data["resumed"] is True
        assert await stream.names(270) == [f"s{number}" for number in range(31, 301)]
        bus.publish(SIGNALS, made(301))
        assert await stream.names(1) == ["s301"]


@pytest.mark.parametrize(
    ("asked", "reason"), [("1-1", "too_old"), ("2-90", "other_epoch"), ("1-999", "ahead"), ("0-0", "other_epoch")]
)
async def test_a_gap_is_an_explicit_reset(api, bus, asked, reason):
    for number in range(1, 100):
        bus.publish(SIGNALS, made(number))
    bus.trim(SIGNALS, 50)
    await asyncio.sleep(0.1)
    async with subscribed(api, headers={"Last-Event-ID": asked}) as stream:
        assert (await stream.next()).data["resumed"] is False
        reset = await stream.next()
        assert (reset.name, reset.data["reason"], reset.id) == ("reset", reason, "1-99")
        bus.publish(SIGNALS, made(100))
        assert await stream.names(1) == ["s100"]


async def test_more_than_the_budget_of_a_resume_is_a_reset(serve, bus):
    for number in range(1, 200):
        bus.publish(SIGNALS, made(number))
    api = await serve(stream=replace(QUICK, backfill_events_max=50))
    async with subscribed(api, headers={"Last-Event-ID": "1-2"}) as stream:
        assert await stream.next()
        assert await stream.names(50) == [f"s{number}" for number in range(3, 53)]
        assert (await stream.next()).name == "reset"


async def test_events_trimmed_before_they_were_read_reset_everybody(api, bus):
    bus.publish(SIGNALS, made(1))
    async with subscribed(api) as stream:
        await stream.next()
        bus.failure = ConnectionError("gone")
        bus.publish(SIGNALS, made(2))
        bus.publish(SIGNALS, made(3))
        bus.trim(SIGNALS, 1)
        await asyncio.sleep(0.05)
        bus.failure = None
        seen = [await stream.next(), await stream.next()]
        assert [event.name for event in seen] == ["reset", "signal"]
        assert seen[1].id == "1-3"


async def test_f15_a_bus_that_fails_and_returns_loses_nothing(api, bus):
    async with subscribed(api) as stream:
        await stream.next()
        bus.failure = ConnectionError("gone")
        bus.publish(SIGNALS, made(1))
        await asyncio.sleep(0.05)
        bus.publish(SIGNALS, made(2))
        bus.failure = None
        assert await stream.names(2) == ["s1", "s2"]


async def test_a_malformed_id_is_refused(api):
    for bad in ("banana", "1-", "-1", "1-2-3", "1_2", "\uff19-\uff19", "1-" + "9" * 40):
        response = await api.get("/v1/signals/stream", params={"last_event_id": bad})
        assert response.status_code == 400, bad
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "stream_id_malformed"


async def test_nonsense_is_refused_before_the_stream_begins(api):
    for query in ("mode=banana", "pair=%00", "nonsense=1", "account=nobody-here"):
        response = await api.get(f"/v1/signals/stream?{query}")
        assert response.status_code in (404, 422), query
        assert response.headers["content-type"] == "application/problem+json"


async def test_filters_by_mode_and_pair(api, bus):
    async with (
        subscribed(api, params={"pair": "ETH/USDT"}) as by_pair,
        subscribed(api, params={"mode": "live"}) as by_mode,
    ):
        await by_pair.next()
        await by_mode.next()
        bus.publish(SIGNALS, made(1))
        bus.publish(SIGNALS, made(2, pair="ETH/USDT"))
        bus.publish("signals:live", made(3, mode="live"))
        assert await by_pair.names(1) == ["s2"]
        assert await by_mode.names(1) == ["s3"]


async def test_another_account_is_not_heard(api, bus):
    async with subscribed(api) as stream:
        await stream.next()
        bus.publish(SIGNALS, made(1), account="replay-1")
        bus.publish(SIGNALS, made(2))
        assert await stream.names(1) == ["s2"]


async def test_a_stream_that_follows_the_desk_is_sent_to_the_account_the_desk_turns_out_to_trade(api, bus, pool, clock):
    """A page that is open before the desk's first sign of life would else wait for another account for ever."""
    async with subscribed(api) as stream:
        await stream.next()
        await roles.beat(pool, role="worker", instance="here:1", state=roles.RoleState(account="simulated-7"))
        clock.advance(2)
        assert (await stream.next()).data["reason"] == "other_account"
    async with subscribed(api) as stream:
        await stream.next()
        bus.publish(SIGNALS, made(1), account="simulated-7")
        assert await stream.names(1) == ["s1"]


async def test_pnl_stream_tells_equity_and_trades_in_order(api, bus):
    async with subscribed(api, "/v1/pnl/stream") as stream:
        await stream.next()
        bus.publish("pnl:signals", b'{"id":"t1"}')
        bus.publish("pnl:equity", b'{"id":"1-2"}')
        bus.publish("pnl:signals", b'{"id":"t2"}')
        seen = [await stream.next() for _ in range(3)]
        assert [(event.name, event.id) for event in seen] == [("trade", "1-1"), ("equity", "1-2"), ("trade", "1-3")]


async def test_heartbeats_keep_a_quiet_stream_alive(api):
    async with subscribed(api) as stream:
        await stream.next()
        assert (await stream.next(beats=True)).name == "beat"
        assert (await stream.next(beats=True)).name == "beat"


async def test_a_stream_that_got_old_says_bye_with_a_jittered_retry(serve):
    api = await serve(stream=replace(QUICK, age_s_max=0.15, retry_ms=1000, retry_jitter=0.5))
    async with subscribed(api) as stream:
        await stream.next()
        end = await stream.next()
        assert (end.name, end.data, end.retry) == ("bye", {"reason": "max_age", "retry_ms": 1250}, 1250)
        with pytest.raises(AssertionError, match="ended"):
            await stream.next()


async def test_caps_per_client_and_in_total_are_a_problem_with_retry_after(serve):
    api = await serve(stream=replace(QUICK, subscribers_per_client_max=1))
    async with subscribed(api) as stream:
        await stream.next()
        response = await api.get("/v1/pnl/stream")
        assert (response.status_code, response.json()["code"]) == (503, "streams_full")
        assert response.headers["retry-after"] == "1"
    async with subscribed(api) as again:
        assert (await again.next()).name == "hello"


async def test_total_cap(serve):
    api = await serve(stream=replace(QUICK, subscribers_max=0))
    assert (await api.get("/v1/signals/stream")).status_code == 503


async def test_f35_a_stalled_subscriber_is_closed_and_the_others_notice_nothing(serve, bus, resources):
    api = await serve()
    stalled = socket.create_connection((api.base_url.host, api.base_url.port))
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stalled.sendall(b"GET /v1/signals/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    async with subscribed(api) as healthy:
        await healthy.next()
        await asyncio.sleep(0.05)
        text = "x" * 100_000
        published = 0
        async with asyncio.timeout(60):
            while b'reason="stalled"' not in (await resources.telemetry.exposition())[0]:
                published += 1
                bus.publish(SIGNALS, made(published, text=text))
                assert await healthy.names(1) == [f"s{published}"]
    stalled.close()


async def test_a_subscriber_far_behind_is_sent_away_to_resume(serve, bus):
    api = await serve(stream=replace(QUICK, ring_events_max=10, lag_events_max=5, send_deadline_s=30))
    reader, writer = await asyncio.open_connection(str(api.base_url.host), api.base_url.port, limit=2**16)
    writer.write(b"GET /v1/signals/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    await reader.readuntil(b"hello")
    transport = cast("asyncio.Transport", writer.transport)
    transport.pause_reading()
    for number in range(400):
        bus.publish(SIGNALS, made(number, text="x" * 100_000))
        if number % 10 == 0:
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.1)
    transport.resume_reading()
    async with asyncio.timeout(60):
        tail = b""
        while piece := await reader.read(2**20):
            tail = (tail + piece)[-2000:]
    assert b'"reason":"lagging"' in tail
    writer.close()
    await writer.wait_closed()


async def test_shutdown_says_bye(resources):
    server = served(create_app(resources), resources.settings)
    port = await server.__aenter__()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, subscribed(client) as stream:
        await stream.next()
        closing = asyncio.create_task(server.__aexit__(None, None, None))
        assert (await stream.next()).data["reason"] == "shutdown"
        await closing
