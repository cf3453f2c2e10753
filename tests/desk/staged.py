"""A dealer on a stage: a venue that says what the scene wants, and a ledger that can be taken away."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from quorate.desk.book_faults import Blocked
from quorate.desk.dealer import Dealer
from quorate.desk.listening import Ledger
from quorate.desk.ports import JournalPosition
from quorate.desk.reconciling import Reconciler
from quorate.desk.turn import Turn
from quorate.domain.errors import Unavailable
from quorate.domain.policy import ExecutionPolicy
from quorate.domain.venue import (
    Balance,
    OrderRequest,
    Report,
    StreamUp,
    VenueAccount,
    VenueFill,
    VenueOrder,
    VenueStatus,
    WalletPayment,
)
from quorate.domain.votes import EntryKind
from tests.desk.at_a_venue import LiveBench
from tests.simulation.virtual import VirtualClock
from tests.simulation.world import Disk

R = TypeVar("R")
LATE_S = 630.0
"""Half a minute after the second of two steps of five minutes."""


@dataclass
class Done:
    """A batch that is in the journal, or never will be."""

    fate: asyncio.Future[JournalPosition]

    def __await__(self) -> Generator[object, None, JournalPosition]:
        return self.fate.__await__()

    def done(self) -> bool:
        return self.fate.done()


@dataclass
class Table:
    """A venue that answers as the test says, and remembers what it was asked."""

    name: str = "table"
    keeps_stops: bool = True
    settles_ms: int = 1_000
    has_dead_man: bool = True
    placed: list[OrderRequest] = field(default_factory=list[OrderRequest])
    cancelled: list[str] = field(default_factory=list[str])
    alive: list[int] = field(default_factory=list[int])
    there: dict[str, VenueOrder] = field(default_factory=dict[str, VenueOrder])
    executions: list[VenueFill] = field(default_factory=list[VenueFill])
    paid: list[WalletPayment] = field(default_factory=list[WalletPayment])
    fault: Exception | None = None
    cash: Decimal = Decimal(10_000)
    coins: Decimal = Decimal(0)
    cancel_fault: Exception | None = None
    fills_fault: Exception | None = None
    dead_man_fault: Exception | None = None
    stream_fault: Exception | None = None
    """Ends the stream, once."""
    answers_after_s: float = 0.0
    fills_after_s: float = 0.0
    asked: int = 0
    """How often open orders were asked for."""
    listened: int = 0
    """How often the stream was opened."""
    heard: asyncio.Queue[Report] = field(default_factory=asyncio.Queue[Report])

    def tag(self, client_id: str) -> str:
        return client_id

    async def place(self, request: OrderRequest) -> VenueOrder:
        self.placed.append(request)
        await asyncio.sleep(self.answers_after_s)
        if self.fault is not None:
            raise self.fault
        order = VenueOrder(
            tag=request.tag, venue_id=f"v-{request.tag}", pair=request.pair, action=request.action, kind=request.kind,
            quantity=request.quantity, filled=Decimal(0), price=request.price, status=VenueStatus.OPEN, at_ms=0,
        )  # fmt: skip
        self.there[request.tag] = order
        return order

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        self.cancelled.append(tag)
        if self.cancel_fault is not None:
            raise self.cancel_fault

    async def cancel_all(self) -> None:
        raise AssertionError("only ours are cancelled")

    async def find(self, *, tag: str, pair: str, since_ms: int) -> VenueOrder | None:
        return self.there.get(tag)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        self.asked += 1
        return tuple(order for order in self.there.values() if not order.status.final)

    async def fills(self, pair: str, *, since_ms: int) -> tuple[VenueFill, ...]:
        await asyncio.sleep(self.fills_after_s)
        if self.fills_fault is not None:
            raise self.fills_fault
        return tuple(self.executions)

    async def payments(self, *, since_ms: int) -> tuple[WalletPayment, ...]:
        return tuple(self.paid)

    async def account(self) -> VenueAccount:
        coins = (Balance("BTC", self.coins, Decimal(0)),) if self.coins else ()
        return VenueAccount(at_ms=0, balances=(*coins, Balance("USDT", self.cash, Decimal(0))))

    async def reports(self) -> AsyncIterator[Report]:
        self.listened += 1
        yield StreamUp()
        if self.stream_fault is not None:
            fault, self.stream_fault = self.stream_fault, None
            raise fault
        while True:
            yield await self.heard.get()

    async def keep_alive(self, seconds: int) -> None:
        self.alive.append(seconds)
        if self.dead_man_fault is not None:
            raise self.dead_man_fault

    async def close(self) -> None:
        return


class Stage:
    """A desk on a table, its dealer, and a journal whose batches become durable when the test says so."""

    def __init__(
        self,
        policy: ExecutionPolicy | None = None,
        *,
        bench: LiveBench | None = None,
        venue: Table | None = None,
        blocked: Blocked | None = None,
    ) -> None:
        self.bench = bench or LiveBench()
        self.venue = venue or Table()
        self.disk = Disk()
        self.notes: list[str] = []
        self.gone = False
        self.at_s = 0.0
        policy = policy or ExecutionPolicy()
        ledger = Ledger(lambda: self.bench.state, self.decide, lambda: (), blocked)
        self.dealer = Dealer(self.venue, ledger, policy, clock=VirtualClock(), spool=self.disk, note=self.notes.append)
        self.reconciler = Reconciler(self.dealer, policy, VirtualClock())

    async def decide(self, act: Callable[[Turn], R]) -> R:
        if self.gone:
            raise Unavailable("the journal is gone")
        before, now_s = len(self.bench.events), asyncio.get_running_loop().time()
        said = self.bench.act(act, after_ms=round((now_s - self.at_s) * 1_000))
        self.at_s = now_s
        self.follow(before)
        return said

    def follow(self, since: int, *, durable: bool = True) -> asyncio.Future[JournalPosition]:
        fate: asyncio.Future[JournalPosition] = asyncio.get_running_loop().create_future()
        if durable:
            fate.set_result(JournalPosition(1, 1))
        self.dealer.follow(self.bench.events[since:], Done(fate))
        return fate

    def enter(self, *, durable: bool = True, kind: EntryKind = EntryKind.MARKET) -> asyncio.Future[JournalPosition]:
        before = len(self.bench.events)
        self.bench.enter(kind)
        return self.follow(before, durable=durable)


async def settled() -> None:
    await asyncio.sleep(0.01)


@asynccontextmanager
async def running(stage: Stage) -> AsyncGenerator["asyncio.Task[None]"]:
    """The dealer at work beside the scene."""
    task = asyncio.create_task(stage.dealer.run(stage.reconciler.run))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
