"""What must hold of a live desk after a calm end, whatever happened before: the engine is held against the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from quorate.clock import SystemClock
from quorate.desk.state import DeskState
from quorate.domain import events as ev
from quorate.wiring import verify_journal
from tests.crash.live_desk import PATIENCE_S, LiveDesk, LiveHouse
from tests.crash.live_exchange import LiveExchange
from tests.simulation.faults import Dice, Faults
from tests.simulation.invariants import Watch
from tests.simulation.simulated_desk import ACCOUNT
from tests.simulation.world import Memory

LOOKS, LOOK_S = 3, 1.0
"""A desk is at rest when nothing is wrong at so many looks in a row."""


def faults_in(exchange: LiveExchange, state: DeskState, events: Sequence[ev.Event]) -> list[str]:
    """Everything in which ledger and engine differ (I3), and every position whose stop does not rest there (I5)."""
    venue = exchange.venue
    memory = Memory(Dice(Random(0), Faults()), list(events))
    watch = Watch(exchange.engine, ACCOUNT, memory, SystemClock().now_ms, venue.markets, venue.tag)
    watch.settled(state)
    return watch.broken


async def at_rest(exchange: LiveExchange, desk: LiveDesk, house: LiveHouse) -> None:
    """Wait until a house in a calm world has settled everything. TimeoutError with what is wrong where it does not."""
    quiet, wrong = 0, ["nothing was looked at"]
    try:
        async with asyncio.timeout(PATIENCE_S):
            while quiet < LOOKS:
                await asyncio.sleep(LOOK_S)
                house.require_alive()
                wrong = faults_in(exchange, await desk.state(), await desk.events())
                quiet = 0 if wrong else quiet + 1
    except TimeoutError as error:
        raise TimeoutError("; ".join(wrong)) from error


async def require_invariants(exchange: LiveExchange, desk: LiveDesk) -> None:
    """I1 to I3, I5 and I6 of a desk that has been killed for the last time."""
    events = await desk.events()
    assert faults_in(exchange, await desk.state(), events) == []
    intended, submitted = [
        {exchange.venue.tag(name): at_s for name, at_s in (await desk.recorded_s(kind)).items()}
        for kind in ("OrderIntended", "OrderSubmitted")
    ]
    taken = exchange.taken_s
    assert set(taken) <= set(intended) & set(submitted), "I1: the engine took what no journal holds"
    late = {name for name, at_s in taken.items() if max(intended[name], submitted[name]) > at_s}
    assert late == set(), "I1: the engine took it before the journal did"
    assert {name: count for name, count in exchange.taken.items() if count > 1} == {}, "I2: taken twice"
    assert not any(isinstance(event, ev.BreakFound) for event in events), "nobody else was on this account"
    verdict = await verify_journal(desk.settings, None)
    assert verdict["ok"], verdict["fault"]
