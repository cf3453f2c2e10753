"""Serves the API and the page of a house, until the house is left."""

from __future__ import annotations

import random
import uuid
from functools import partial
from typing import TYPE_CHECKING

import quorate
from quorate.api.app import create_app
from quorate.api.resources import Resources
from quorate.api.serving import served
from quorate.journal.bus import Bus, JournalBus
from quorate.journal.redis_bus import RedisBus
from quorate.ops.health import HealthBoard, HealthRules
from quorate.ops.metrics import Metrics
from quorate.store.readers.records import asked
from quorate.store.redis_address import check_redis
from quorate.wiring.backtests.running import backtest_runs
from quorate.wiring.second_factor import second_factor
from quorate.wiring.words import recorded_words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from quorate.wiring.house import House


async def open_page(house: House, *, beside_desk: bool) -> str:
    """Serve the API and the page; gives the address. `beside_desk`: the desk runs in this process too."""
    settings, stores, clock = house.settings, house.stores, house.clock
    rules = HealthRules(role_lost_ms=settings.api.worker_lost_ms, mode=settings.mode, redis=_ping(stores.redis_url))
    health = HealthBoard(stores.pool, clock, rules)
    runs = await house.stack.enter_async_context(backtest_runs(settings, clock))
    resources = Resources(
        pool=stores.pool,
        bus=await _bus(house, beside_desk=beside_desk),
        settings=settings.api,
        clock=clock,
        health=health,
        telemetry=Metrics(
            version=quorate.__version__,
            report=partial(health.report, settings.account),
            asked=partial(asked, stores.pool),
        ),
        chance=random.random,
        monotonic=clock.monotonic,
        new_id=lambda: str(uuid.uuid4()),
        version=quorate.__version__,
        policy=settings.desk,
        schedules={
            "scanner": settings.jobs.scanner,
            "monitor": settings.jobs.monitor,
            "evaluator": settings.jobs.evaluator,
            "optimizer": settings.jobs.optimizer,
        },
        words=recorded_words(settings),
        second_factor=second_factor(settings, clock),
        backtests=runs,
        account=settings.account,
    )
    port = await house.stack.enter_async_context(served(create_app(resources), settings.api))
    host = settings.api.host
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def _bus(house: House, *, beside_desk: bool) -> Bus:
    """The journal's own bus where a desk runs here; Redis for a replica that only serves and has one."""
    if not beside_desk and house.settings.store.redis_url is not None:
        bus = RedisBus(house.settings.store.redis_url.get_secret_value())
        house.stack.push_async_callback(bus.close)
        return bus
    return JournalBus(house.stores.pool, house.notices)


def _ping(url: str | None) -> Callable[[], Awaitable[None]] | None:
    if url is None:
        return None

    return partial(check_redis, url)
