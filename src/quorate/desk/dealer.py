"""A desk's trade at a real venue, beside its turns: who carries its orders, who hears the venue, who keeps watch.

An order leaves only when the batch that holds it is durable, once, under its own id (`Courier`). What comes of it is
learnt from the venue alone: from the answer, from the private stream (`Listener`), or by asking (`Reconciler`). What
nobody knows is in doubt and is asked for until the venue has told; no timer ever decides it.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from quorate.desk import book_faults, hearing, tending
from quorate.desk.book_faults import BookFaults
from quorate.desk.courier import Courier
from quorate.desk.listening import Ledger, Listener
from quorate.desk.ports import Clock, Pending, Spool, Venue
from quorate.desk.state import DeskState
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.orders import OrderKind
from quorate.domain.policy import ExecutionPolicy
from quorate.domain.venue import (
    VenueFault,
)

R = TypeVar("R")
LOOK_S = 1.0
"""How often prices of open trades, and their protection, are looked at."""
LAG_ALARM_S = 2.0
"""A look that comes so much too late is an alarm."""


class Dealer:
    """One desk's orders at one venue. `run` it beside the desk; `follow` every batch of its events."""

    def __init__(
        self,
        venue: Venue,
        ledger: Ledger,
        policy: ExecutionPolicy,
        *,
        clock: Clock,
        spool: Spool,
        note: Callable[[str], None],
    ) -> None:
        self.venue = venue
        self.listener = Listener(venue, ledger, clock=clock, spool=spool, note=note)
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._note = note
        self.courier = Courier(venue, self.listener, clock)
        self._bare: dict[tuple[str, str], int] = {}
        """(portfolio, pair) -> since when its position has no stop at the venue, or none that is sure to rest."""
        self._listening = False
        """Whether anybody hears the venue: a desk that is handing over no longer does."""

    @property
    def state(self) -> DeskState:
        """The desk's state, as it is now."""
        return self._ledger.state()

    async def run(self, reconcile: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        """Work for good; `reconcile` does so too, at once whenever its event is set.

        Raises what stops the desk: a journal that cannot be written, a mistake of ours.
        """
        for client_id in (*self.state.orders, *self.state.ended):
            self.listener.know(client_id)
        await self._ledger.decide(hearing.lose_sight_of_sent)
        await self.listener.take_spool()
        self._listening = True
        work = [
            asyncio.create_task(self.listener.listen(), name="the venue's stream"),
            asyncio.create_task(self.listener.fetch(), name="executions that the stream speaks of"),
            asyncio.create_task(self._look(), name="prices of open trades"),
            asyncio.create_task(reconcile(self.listener.doubts), name="reconciliation"),
            asyncio.create_task(self._keep_alive(), name="dead-man switch"),
            asyncio.create_task(self._watch_books(), name="order books"),
        ]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            self._listening = False
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def leave(self) -> int:
        """Hand over (see `Courier.leave`). Open trades are watched meanwhile: no alarm waits for the next desk (I5)."""
        watching = asyncio.create_task(self._keep_watch(), name="open trades while the desk ends")
        try:
            left = await self.courier.leave()
            await self._ledger.decide(partial(self._watch, quotes=()))
            return left
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _keep_watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._ledger.decide(partial(self._watch, quotes=()))

    def follow(self, events: Sequence[ev.Event], pending: Pending) -> None:
        """Carry out what a batch asks for, as soon as it is durable."""
        self.courier.follow(events, pending)

    async def _look(self) -> None:
        """Follow prices of what is open, send out what is due, and raise the alarm for what is not protected."""
        clock = asyncio.get_running_loop().time
        while True:
            due_s = clock() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self._heed_lag(clock() - due_s)
            quotes = tuple((pair, price) for pair, price in self._ledger.quotes() if self._moved(pair, price))
            await self._ledger.decide(partial(self._watch, quotes=quotes))

    def _heed_lag(self, late_s: float) -> None:
        """A process that stood still has missed what happened meanwhile: it says so, and asks (F40)."""
        if late_s >= LAG_ALARM_S:
            self.listener.trouble(f"the desk stood still for {late_s:.1f} s: this machine has too little time for it")
            self.listener.ask_soon()

    async def _watch_books(self) -> None:
        """Open and close pairs to entries as their order books can be relied on (C5)."""
        blocked, faults = self._ledger.blocked, BookFaults()
        while blocked is not None:
            changes = faults.changes(self.state.books_blocked, blocked(), now_ms=self._clock.now_ms())
            if changes:
                await self._ledger.decide(partial(book_faults.tell, changes=changes))
                for change in changes:
                    self._note(book_faults.words_of(change))
            await asyncio.sleep(book_faults.LOOK_S)

    def _moved(self, pair: str, price: Decimal) -> bool:
        return pair in self.state.positions and self.state.marks.get(pair) != price

    def _watch(self, turn: Turn, quotes: tuple[tuple[str, Decimal], ...]) -> None:
        if quotes:
            turn.emit(ev.QuotesMarked(turn.at_ms, quotes))
        bare = tending.unprotected(turn)
        doubted = self._doubted(turn) - bare
        self._bare = {key: self._bare.get(key) or tending.bare_since(turn, *key) for key in bare | doubted}
        for (portfolio, pair), since_ms in sorted(self._bare.items()):
            if turn.at_ms - since_ms >= self._policy.protect_ms:
                tending.alarm(turn, portfolio, pair, since_ms=since_ms, doubted=(portfolio, pair) in doubted)
        tending.end_alarms(turn, self._bare)

    def _doubted(self, turn: Turn) -> set[tuple[str, str]]:
        """Positions whose stops may have fired unheard."""
        if not self.venue.keeps_stops or not self._listening:
            return set()
        return {
            (portfolio, pair)
            for pair, held in turn.state.positions.items()
            if self.listener.unsure_of(pair)
            for portfolio in held
        }

    async def _keep_alive(self) -> None:
        """Renew the venue's dead-man switch (C19) while no stop rests there: it would take that away too."""
        seconds, armed = self._policy.dead_man_s, False
        if not seconds or not self.venue.has_dead_man:
            return
        while True:
            orders = list(self.state.orders.values())
            wanted = bool(orders) and not any(order.intent.kind is OrderKind.STOP for order in orders)
            if wanted or armed:
                try:
                    await self.venue.keep_alive(seconds if wanted else 0)
                    armed = wanted
                except VenueFault as error:
                    self.listener.trouble(error)
            await asyncio.sleep(seconds / 3 if wanted else LOOK_S)
