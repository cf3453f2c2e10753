"""A live desk that is killed at any step, on a bad line to a real exchange, loses no order and doubles none.

Real processes: the house with its Postgres, ccxt over HTTP, the private stream over a WebSocket. The exchange is the
loopback one in the test's process, so that a kill can be placed to the very step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from quorate.domain import events as ev
from tests.crash.crash_points import crash_points
from tests.crash.live_checks import at_rest, require_invariants
from tests.crash.live_desk import PATIENCE_S, LiveDesk, LiveHouse, live_desk
from tests.crash.live_exchange import CANCEL, PLACE, LiveExchange, live_exchange

AT_THE_EXCHANGE_FEW = (f"before {PLACE}", f"after {CANCEL}", "filled entry")
AT_THE_EXCHANGE = (
    f"before {PLACE}",
    f"after {PLACE}",
    f"before {CANCEL}",
    f"after {CANCEL}",
    "filled entry",
    "filled stop",
)
ON_THE_WAY_FEW, ON_THE_WAY = ("OrderFilled",), ("OrderSubmitted", "CancelRequested", "OrderFilled")
ONCE_DURABLE_FEW = ("OrderSubmitted", "CancelRequested")
ONCE_DURABLE = ("OrderSubmitted", "OrderAccepted", "CancelRequested", "OrderFilled")
CHANCES, LONGEST_S = 12, 8.0
Kill = Callable[[str, LiveHouse], Awaitable[None]]


async def killed_at(exchange: LiveExchange, moment: str, house: LiveHouse) -> None:
    """Kill the house in the midst of what the exchange does next of a kind."""
    gone = asyncio.Event()
    exchange.moments.at(moment, lambda: (house.kill(), gone.set())[1])
    async with asyncio.timeout(PATIENCE_S):
        while not gone.is_set():
            house.require_alive()
            with suppress(TimeoutError):
                await asyncio.wait_for(gone.wait(), 1)


async def ended_well(exchange: LiveExchange, desk: LiveDesk) -> Sequence[ev.Event]:
    """Start it once more in a calm world, and hold what it says against what is there; gives its story."""
    exchange.calm()
    house = desk.start()
    try:
        await desk.until("WriterChanged", 1, house)
        await at_rest(exchange, desk, house)
    finally:
        house.kill()
    await require_invariants(exchange, desk)
    return await desk.events()


def at_work(events: Sequence[ev.Event]) -> None:
    """The story must have had something to lose."""
    kinds = [type(event) for event in events]
    assert kinds.count(ev.OrderFilled) > 0
    assert kinds.count(ev.OrderUnknown) > 0, "nothing was ever in doubt"


def few_and_all(few: object, every: object) -> pytest.MarkDecorator:
    """The moments of `make test`, and those of `make test-long`."""
    return pytest.mark.parametrize("moments", [few, pytest.param(every, marks=pytest.mark.long)], ids=["few", "all"])


@pytest.mark.timeout(1_800)
@few_and_all(AT_THE_EXCHANGE_FEW, AT_THE_EXCHANGE)
async def test_f01_a_live_house_killed_in_the_midst_of_what_the_exchange_does_loses_and_doubles_nothing(
    desks: Path, moments: Sequence[str]
) -> None:
    async with live_exchange(1) as exchange, live_desk(desks, exchange.address) as desk:
        exchange.storm()
        for moment in moments:
            house = desk.start()
            try:
                await killed_at(exchange, moment, house)
            finally:
                house.kill()
        at_work(await ended_well(exchange, desk))


@pytest.mark.timeout(1_800)
@few_and_all((ON_THE_WAY_FEW, ONCE_DURABLE_FEW), (ON_THE_WAY, ONCE_DURABLE))
async def test_f01_a_live_house_killed_before_and_after_its_journal_has_a_step_loses_and_doubles_nothing(
    desks: Path, moments: tuple[Sequence[str], Sequence[str]]
) -> None:
    async with (
        live_exchange(2) as exchange,
        live_desk(desks, exchange.address) as desk,
        crash_points(desk) as points,
    ):
        exchange.storm()
        on_the_way, once_durable = moments
        for kind in on_the_way:
            await _killed(desk, points.killed_on_the_way, kind)
        for kind in once_durable:
            await _killed(desk, points.killed_once_durable, kind)
        at_work(await ended_well(exchange, desk))


async def _killed(desk: LiveDesk, kill: Kill, kind: str) -> None:
    house = desk.start()
    try:
        await kill(kind, house)
    finally:
        house.kill()


@pytest.mark.timeout(1_800)
@pytest.mark.long
async def test_f01_a_live_house_killed_at_random_moments_loses_and_doubles_nothing(desks: Path) -> None:
    chance = Random(3)
    async with live_exchange(3) as exchange, live_desk(desks, exchange.address) as desk:
        exchange.storm()
        for _ in range(CHANCES):
            house = desk.start()
            try:
                await desk.until("WriterChanged", 1, house)
                await asyncio.sleep(chance.uniform(0.0, LONGEST_S))
                house.require_alive()
            finally:
                house.kill()
        events = await ended_well(exchange, desk)
    assert any(isinstance(event, ev.OrderFilled) for event in events), "the story must have something to lose"
