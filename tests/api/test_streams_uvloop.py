"""The promises that depend on the event loop's own transports, on the loop that the desk runs on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest

from quorate.api.app import create_app
from quorate.api.resources import Resources
from quorate.api.serving import served
from quorate.api.settings import ApiSettings
from quorate.clock import ManualClock
from quorate.domain.policy import DeskPolicy
from quorate.ops.metrics import Metrics
from tests.api import test_streams as promises
from tests.api.conftest import QUICK, Serve
from tests.api.fakes import MemoryBus

uvloop = pytest.importorskip("uvloop", reason="there is no uvloop on this platform")


def kept_on_uvloop(promise: Callable[[Serve, MemoryBus, Resources], Awaitable[None]]) -> None:
    """Run a promise of test_streams on uvloop, with an API that needs no database."""

    async def main() -> None:
        bus = MemoryBus()
        resources = Resources(
            pool=cast("Any", None),
            bus=bus,
            settings=ApiSettings(port=0, stream=QUICK),
            clock=ManualClock(),
            health=cast("Any", None),
            telemetry=Metrics(version="test"),
            chance=lambda: 0.5,
            monotonic=asyncio.get_running_loop().time,
            new_id=lambda: "0123456789abcdef",
            version="test",
            policy=DeskPolicy(),
            schedules={},
            account="paper",
        )
        async with AsyncExitStack() as stack:

            async def serve(**changes: Any) -> httpx.AsyncClient:
                settings = replace(resources.settings, **changes)
                port = await stack.enter_async_context(
                    served(create_app(replace(resources, settings=settings)), settings)
                )
                client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
                return await stack.enter_async_context(client)

            await promise(serve, bus, resources)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_events_arrive():
    async def promise(serve: Serve, bus: MemoryBus, _: Resources) -> None:
        await promises.test_first_event_is_hello_and_events_follow_with_their_ids(await serve(), bus)

    kept_on_uvloop(promise)


def test_f35_a_stalled_subscriber_is_closed():
    kept_on_uvloop(promises.test_f35_a_stalled_subscriber_is_closed_and_the_others_notice_nothing)


def test_a_subscriber_far_behind_is_sent_away():
    async def promise(serve: Serve, bus: MemoryBus, _: Resources) -> None:
        await promises.test_a_subscriber_far_behind_is_sent_away_to_resume(serve, bus)

    kept_on_uvloop(promise)
