"""The loopback exchange in the test's own process: its prices, its faults, and the moments at which it kills a desk."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from quorate.clock import SystemClock
from quorate.domain.market import Market
from quorate.exchange import Engine, OrderAccepted, OrderFilled
from quorate.exchange.binanceusdm.answers import ALGO_TAG
from quorate.exchange.faults import Fault, FaultKind, FaultyApp
from quorate.exchange.faults import Faults as Knobs
from quorate.exchange.faults.asgi import App, Message, Receive, Scope, Send
from tests.crash.live_venues import BINANCE, LiveVenue, place_of
from tests.exchange.serving import served
from tests.simulation.faults import Dice, Faults
from tests.simulation.simulated_desk import ACCOUNT
from tests.simulation.world import Prices

MOVE_S = 0.25
PLACE, CANCEL = "POST /api/v3/order", "DELETE /api/v3/order"
PARTS = 1_000_000


def bad_line() -> tuple[Fault, ...]:
    """What breaks between desk and exchange, now and then."""
    often = [
        (FaultKind.ANSWER_LOST, PLACE, 0.04),
        (FaultKind.RESET_AFTER, PLACE, 0.05),
        (FaultKind.RESET_BEFORE, PLACE, 0.03),
        (FaultKind.ERROR_AFTER, PLACE, 0.04),
        (FaultKind.ERROR_AFTER, CANCEL, 0.05),
        (FaultKind.RESET_AFTER, CANCEL, 0.05),
    ]
    requests = [
        Fault(kind=kind, method=word.split()[0], path=word.split()[1], times=0, chance_ppm=round(chance * PARTS))
        for kind, word, chance in often
    ]
    streams = [
        Fault(kind=FaultKind.MESSAGE_LOST, channel="executionReport", times=0, chance_ppm=PARTS // 20),
        Fault(kind=FaultKind.MESSAGE_TWICE, channel="executionReport", times=0, chance_ppm=PARTS // 10),
        Fault(kind=FaultKind.MESSAGE_LATE, channel="executionReport", times=0, chance_ppm=PARTS // 10, delay_ms=2_000),
    ]
    return (*requests, *streams)


@dataclass
class Moments:
    """What happens at the exchange, told to whoever waits for it: "before POST /api/v3/order", "filled stop"."""

    waiting: dict[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    happened: Counter[str] = field(default_factory=Counter[str])

    def at(self, name: str, act: Callable[[], None]) -> None:
        """Do this once, the next time it happens, in the very midst of it."""
        self.waiting[name] = act

    def tell(self, name: str) -> None:
        self.happened[name] += 1
        act = self.waiting.pop(name, None)
        if act is not None:
            act()


class Watched:
    """An application whose requests are moments: before it takes them up, and before its answers leave."""

    def __init__(self, app: App, moments: Moments) -> None:
        self._app = app
        self._moments = moments

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        word = f"{scope['method']} {scope['path']}"
        self._moments.tell(f"before {word}")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._moments.tell(f"after {word}")
            await send(message)

        await self._app(scope, receive, answer)


@dataclass
class LiveExchange:
    """One exchange with one account; what the engine took is written down as it takes it."""

    venue: LiveVenue
    address: str
    """Its name and where it listens (`place_of`)."""
    engine: Engine
    knobs: Knobs
    prices: Prices
    moments: Moments
    taken: Counter[str] = field(default_factory=Counter[str])
    """Client order id -> how often the engine took it."""
    taken_s: dict[str, float] = field(default_factory=dict[str, float])
    """Client order id -> when, by this machine's clock."""
    moving: bool = True
    still: bool = False
    """Whether prices stand, and whoever wants to trade there finds somebody."""

    def look(self, events: Sequence[object]) -> None:
        """Hear what the engine tells."""
        for event in events:
            if isinstance(event, OrderAccepted) and event.order.account.name == ACCOUNT:
                client_id = event.order.asked.client_id.removesuffix(ALGO_TAG)
                self.taken[client_id] += 1
                self.taken_s.setdefault(client_id, time.time())
            elif isinstance(event, OrderFilled) and event.order.account.name == ACCOUNT:
                order = event.order
                kind = "stop" if order.asked.stop_ticks else "entry" if order.side.name == "BUY" else "exit"
                self.moments.tell(f"filled {kind}")

    async def move(self) -> None:
        """Prices go on, as long as they may."""
        while True:
            if self.moving:
                self.prices.move(SystemClock().now_ms())
            elif self.still:
                self.prices.stand(SystemClock().now_ms())
            await asyncio.sleep(MOVE_S)

    def storm(self) -> None:
        """From now on the line is bad."""
        for fault in bad_line():
            self.knobs.arm(fault)

    def calm(self) -> None:
        """Nothing breaks and nothing moves any more, and what has to be sold finds a buyer: also below its stop."""
        self.knobs.clear()
        self.moving, self.still = False, True

    def stops(self, symbol: str) -> Decimal:
        """How much of a coin the stops that rest there would sell."""
        spec = self.engine.listing(symbol).spec
        waiting = (order for order in self.engine.open_orders(ACCOUNT, symbol) if order.waiting)
        return sum((spec.quantity(order.left) for order in waiting), Decimal(0))

    def open_ids(self) -> set[str]:
        """Client order ids of everything that is open."""
        return {order.asked.client_id for order in self.engine.open_orders(ACCOUNT)}


@asynccontextmanager
async def live_exchange(
    seed: int,
    *,
    venue: LiveVenue = BINANCE,
    more: Sequence[Market] = (),
    money: Mapping[str, Decimal] | None = None,
) -> AsyncGenerator[LiveExchange]:
    """The exchange, served on loopback, the prices of the simulation's markets moving; `more` markets are listed."""
    clock = SystemClock()
    door, engine = venue.serve((*venue.markets.values(), *more))
    engine.open_account(ACCOUNT, money or venue.money, at_ms=clock.now_ms())
    knobs = Knobs(chance=Random(seed).random)
    moments = Moments()
    # A request is a moment once it has passed the bad line: what is lost there never came.
    app = FaultyApp(Watched(door, moments), knobs, venue=venue.name, clock=clock.now_ms)
    prices = Prices(engine, Dice(Random(seed), Faults(jump=0.01)), venue.markets)
    async with served(app) as address:
        live = LiveExchange(venue, place_of(venue, address), engine, knobs, prices, moments)
        engine.listen(live.look)
        prices.move(clock.now_ms())
        passing = [asyncio.create_task(door.run()), asyncio.create_task(live.move())]
        try:
            yield live
        finally:
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
