"""A live desk beside another one, and a live desk without its database: nothing is opened twice, nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

import pytest

from quorate.domain import events as ev
from quorate.store.database import CANNOT_SERVE
from quorate.store.local_postgres import OWNER_ROLE, LocalPostgres, start_postgres
from tests.crash.live_checks import at_rest, require_invariants
from tests.crash.live_desk import LOOK_S, PATIENCE_S, LiveDesk, LiveHouse, live_desk
from tests.crash.live_exchange import LiveExchange, live_exchange
from tests.crash.live_house import REFUSED
from tests.simulation.world import BTC

PROVES_ITS_KEY = "before GET /sapi/v1/account/apiRestrictions"
"""What a house asks the exchange first, and once."""
STEADY_LOOKS, STEADY_LOOK_S = 6, 0.5
"""A desk that has seen prices stand still for so long does nothing more of its own accord."""
MOMENT_S, AWHILE_S = 2.0, 3.0
"""Within so long of the desk's being back the database goes again, and for so long."""
TERMINATED = 128 + signal.SIGTERM
GONE_S = 8.0
"""Longer than the journal waits for its database before the desk stands still."""
ON_ITS_WAY_S = 2.0
"""What was durable before the database went may still be on its way to the exchange for so long."""


async def _until(holds: Callable[[], Awaitable[bool]], house: LiveHouse) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            house.require_alive()
            await asyncio.sleep(LOOK_S)


@pytest.mark.timeout(900)
async def test_f14_of_two_live_houses_on_one_account_the_second_is_refused_and_the_first_goes_on(desks: Path) -> None:
    async with live_exchange(4) as exchange, live_desk(desks, exchange.address) as desk:
        first = desk.start()
        try:
            await desk.until("OrderSubmitted", 1, first)
            opened = exchange.moments.happened[PROVES_ITS_KEY]
            assert opened == 1
            second = desk.start()
            try:
                assert await asyncio.to_thread(second.process.wait, PATIENCE_S) == REFUSED, second.log.read_text()
            finally:
                second.kill()
            assert "lease_held" in second.log.read_text()
            assert "Another desk writes account live" in second.log.read_text()
            assert exchange.moments.happened[PROVES_ITS_KEY] == opened, "it was refused before it came to the exchange"
            assert await desk.count("WriterChanged") == await _writers_of_one(desk)
            await desk.until("OrderSubmitted", 1, first)
            exchange.calm()
            await at_rest(exchange, desk, first)
        finally:
            first.kill()
        await require_invariants(exchange, desk)


async def _writers_of_one(desk: LiveDesk) -> int:
    """Every step of the ladder was a writer of its own, and one house was."""
    return await desk.count("PromotionChanged") + 1


async def _protected(exchange: LiveExchange, desk: LiveDesk) -> bool:
    held = (await desk.state()).positions.get(BTC.pair, {}).values()
    size = sum(each.quantity for each in held)
    return bool(size) and exchange.stops(BTC.symbol) == BTC.quantity(BTC.lots_floor(size))


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("times", [1, pytest.param(12, marks=pytest.mark.long)])
async def test_f36_a_live_house_that_is_asked_to_end_hands_over_to_the_next_one_with_nothing_in_doubt(
    desks: Path, times: int
) -> None:
    async with live_exchange(7) as exchange, live_desk(desks, exchange.address) as desk:
        for _ in range(times):
            house = desk.start()
            try:
                await desk.until("OrderSubmitted", 2, house)
                house.process.send_signal(signal.SIGTERM)
                assert await asyncio.to_thread(house.process.wait, PATIENCE_S) == TERMINATED, house.log.read_text()
            finally:
                house.kill()
        last = desk.start()
        try:
            await desk.until("OrderSubmitted", 1, last)
            exchange.calm()
            await at_rest(exchange, desk, last)
        finally:
            last.kill()
        await require_invariants(exchange, desk)
        assert await desk.count("OrderFilled") > 0, "the story must have something to lose"
        assert await desk.count("OrderUnknown") == 0


async def stands_protected(exchange: LiveExchange, desk: LiveDesk, house: LiveHouse) -> None:
    """Let prices stand at a moment at which BTC is held and keeps its stop: the desk has seen the last of them."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            exchange.moving = True
            await _until(lambda: _protected(exchange, desk), house)
            exchange.moving = False
            for _ in range(STEADY_LOOKS):
                await asyncio.sleep(STEADY_LOOK_S)
                if not await _protected(exchange, desk):
                    break
            else:
                return


@pytest.mark.timeout(900)
async def test_f17_without_its_database_a_live_desk_opens_nothing_and_books_what_its_stop_did_meanwhile(
    desks: Path,
) -> None:
    async with live_exchange(5) as exchange, live_desk(desks, exchange.address) as desk:
        postgres = desk.database.local
        assert postgres is not None
        house = desk.start(postgres.url(OWNER_ROLE))
        try:
            await desk.until("OrderSubmitted", 1, house)
            await stands_protected(exchange, desk, house)
            await _gone(postgres)
            await asyncio.sleep(ON_ITS_WAY_S)
            resting, taken = exchange.open_ids(), dict(exchange.taken)
            assert exchange.stops(BTC.symbol) > 0
            exchange.prices.now[BTC.symbol] *= 0.98
            exchange.moving = True
            await asyncio.sleep(GONE_S)
            exchange.moving = False
            assert dict(exchange.taken) == taken, "nothing is sent that no journal holds"
            assert exchange.open_ids() < resting, "only a stop that was passed has gone"
            passed = resting - exchange.open_ids()
            house.require_alive()
            again = await asyncio.to_thread(start_postgres, desk.settings.data_dir)
            try:
                exchange.calm()
                await _until(lambda: booked(desk, passed), house)
                await at_rest(exchange, desk, house)
            finally:
                house.kill()
                await require_invariants(exchange, desk)
                await asyncio.to_thread(again.stop)
        finally:
            house.kill()


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("times", [2, pytest.param(30, marks=pytest.mark.long)])
async def test_f17_a_live_house_outlives_its_database_however_often_it_goes_and_however_it_ends(
    desks: Path, times: int
) -> None:
    chance = Random(6)
    async with live_exchange(6) as exchange, live_desk(desks, exchange.address) as desk:
        postgres = desk.database.local
        assert postgres is not None
        house = desk.start(postgres.url(OWNER_ROLE))
        try:
            for _ in range(times):
                await _until(lambda: _writes(desk), house)
                await asyncio.sleep(chance.uniform(0.0, MOMENT_S))
                await _gone(postgres, chance.choice((signal.SIGINT, signal.SIGQUIT)))
                await asyncio.sleep(chance.uniform(0.0, AWHILE_S))
                house.require_alive()
                postgres = await asyncio.to_thread(start_postgres, desk.settings.data_dir)
            exchange.calm()
            await _until(lambda: _writes(desk), house)
            await at_rest(exchange, desk, house)
        finally:
            house.kill()
        await require_invariants(exchange, desk)
        await asyncio.to_thread(postgres.stop)


async def _writes(desk: LiveDesk) -> bool:
    """Whether the desk is back: its journal has grown since it was last looked at."""
    try:
        before = await desk.count("StepClosed")
        await asyncio.sleep(STEADY_LOOK_S * 3)
        return await desk.count("StepClosed") > before
    except CANNOT_SERVE:
        return False


async def _gone(postgres: LocalPostgres, how: signal.Signals = signal.SIGINT) -> None:
    """End the server, in order or at once: connections are cut, what was committed is kept."""
    os.kill(postgres.pid, how)
    async with asyncio.timeout(PATIENCE_S):
        while await asyncio.to_thread(postgres.alive):  # noqa: ASYNC110  a server tells nobody that it is gone
            await asyncio.sleep(LOOK_S)


async def booked(desk: LiveDesk, client_ids: set[str]) -> bool:
    """Whether the journal has executions of all of these."""
    try:
        events = await desk.events()
    except CANNOT_SERVE:
        return False
    return client_ids <= {event.fill.client_id for event in events if isinstance(event, ev.OrderFilled)}
