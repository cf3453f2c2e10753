"""Carries orders to a real venue and the venue's word back, beside the desk's turns.

An order leaves only when the batch that holds it is durable, once, under its own id. What comes of it is learnt from
the venue alone: from the answer, from the private stream, or by asking. What nobody knows is in doubt and is asked for
until the venue has told; no timer ever decides it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Protocol, TypeVar

from quorate.desk import book_faults, hearing, tending
from quorate.desk.book_faults import Blocked, BookFaults
from quorate.desk.courier import Courier
from quorate.desk.evolve_orders import execution_key
from quorate.desk.ports import Clock, Pending, Spool, Venue
from quorate.desk.reckoning import Difference
from quorate.desk.state import DeskState
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.errors import Unavailable
from quorate.domain.orders import OrderKind, OrderState
from quorate.domain.policy import ExecutionPolicy
from quorate.domain.venue import (
    StreamLost,
    StreamUp,
    VenueAccount,
    VenueFault,
    VenueFill,
    VenueOrder,
)

R = TypeVar("R")
LOOK_S = 1.0
"""How often prices of open trades, and their protection, are looked at."""
LAG_ALARM_S = 2.0
"""A look that comes so much too late is an alarm."""
STREAM_PAUSE_S = 1.0
FILLS_OVERLAP_MS = 300_000
"""Executions are asked for from so long before the last question: venues tell some late."""
IN_DOUBT = frozenset({OrderState.UNKNOWN, OrderState.SUBMITTED})


class Decide(Protocol):
    """Lets something happen in a turn of the desk's own between two steps; durable when it returns."""

    def __call__(self, act: Callable[[Turn], R], /) -> Awaitable[R]:
        """What `act` returned."""
        ...


@dataclass(slots=True)
class VenueHealth:
    """How things stand with the venue, for people."""

    stream_up: bool = False
    heard_ms: int | None = None
    """When it last said anything: an answer, or a report of its stream."""
    reconciled_ms: int | None = None
    """When orders, executions and balances were last compared and nothing was in doubt."""
    fault: str = ""
    """What the venue last refused us as a whole: a key, the clock, a ban. Empty once it answers again."""
    account: VenueAccount | None = None
    """What it last said of balances and positions."""
    differences: tuple[Difference, ...] = ()
    """Where that was not what the ledger expects, as far as it was compared."""


@dataclass(slots=True)
class Ledger:
    """What the dealer may look at and let happen: the desk's state, and its turns."""

    state: Callable[[], DeskState]
    decide: Decide
    quotes: Callable[[], tuple[tuple[str, Decimal], ...]]
    """The freshest prices; empty while the desk is catching up."""
    blocked: Blocked | None = None
    """Where order books are followed: the pairs on which nothing may be opened."""


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
        self.health = VenueHealth()
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._spool = spool
        self._note = note
        self._doubts = asyncio.Event()
        """Set where something should be asked about soon."""
        self._ids: dict[str, str] = {}
        """tag -> client id."""
        self.put_off: dict[str, set[str]] = {}
        """pair -> executions that may be ours or not: they are asked for again once the order in doubt is known."""
        self.cleared: set[str] = set()
        """Orders held for void that the venue was asked about once more, and knew nothing of."""
        self.strange: set[str] = set()
        """Executions after which every stop of ours on the pair was seen waiting: somebody else's."""
        self._venue_ids: dict[tuple[str, str], str] = {}
        """(pair, venue id) -> client id, as orders of ours were told since this process began."""
        self._spoken_of: asyncio.Queue[tuple[str, int, VenueOrder | VenueFill]] = asyncio.Queue()
        """Executions that are to be asked for: of which pair, since when, and who spoke of them."""
        self.courier = Courier(venue, self, clock)
        self._bare: dict[tuple[str, str], int] = {}
        """(portfolio, pair) -> since when its position has no stop at the venue, or none that is sure to rest."""
        self._listening = False
        """Whether anybody hears the venue: a desk that is handing over no longer does."""
        self.out_of_sight = 0
        """Counts how often something may have happened at the venue unheard; 0: all of it has been asked for since."""

    @property
    def state(self) -> DeskState:
        """The desk's state, as it is now."""
        return self._ledger.state()

    async def run(self, reconcile: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        """Work for good; `reconcile` does so too, at once whenever its event is set.

        Raises what stops the desk: a journal that cannot be written, a mistake of ours.
        """
        for client_id in (*self.state.orders, *self.state.ended):
            self.know(client_id)
        await self._ledger.decide(hearing.lose_sight_of_sent)
        await self._take_spool()
        self._listening = True
        self.out_of_sight += 1
        work = [
            asyncio.create_task(self._listen(), name="the venue's stream"),
            asyncio.create_task(self._fetch_spoken_of(), name="executions that the stream speaks of"),
            asyncio.create_task(self._look(), name="prices of open trades"),
            asyncio.create_task(reconcile(self._doubts), name="reconciliation"),
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

    def know(self, client_id: str) -> str:
        """The tag of a client order id, remembered so that reports find their order."""
        tag = self.venue.tag(client_id)
        self._ids[tag] = client_id
        return tag

    def client_id(self, tag: str) -> str | None:
        """Whose tag this is; None for somebody else's order."""
        return self._ids.get(tag) if tag else None

    async def decide(self, act: Callable[[Turn], R]) -> R:
        """Let something happen in a turn of the desk."""
        return await self._ledger.decide(act)

    def follow(self, events: Sequence[ev.Event], pending: Pending) -> None:
        """Carry out what a batch asks for, as soon as it is durable."""
        self.courier.follow(events, pending)

    def ask_soon(self) -> None:
        """Something is in doubt, or may have been missed: reconciliation asks at once."""
        self._doubts.set()

    async def hear(self, *told: VenueOrder | VenueFill) -> None:
        """Take the venue's word, and ask for executions it speaks of."""
        for pair, since_ms in (await self._believe(told)).items():
            await self._fetch_fills(pair, since_ms, [each for each in told if each.pair == pair])

    async def _believe(self, told: Sequence[VenueOrder | VenueFill]) -> dict[str, int]:
        """Take the venue's word; kept on disk while the journal is away. Gives what `_take` gives."""
        self.health.heard_ms = self._clock.now_ms()
        try:
            return await self._ledger.decide(partial(self._take, told=told))
        except Unavailable:
            for each in told:
                self._spool.keep(each)
            raise

    async def _hear_stream(self, report: VenueOrder | VenueFill) -> None:
        """Take the stream's word. What it only speaks of is asked for aside: the next word must not wait for that."""
        for pair, since_ms in (await self._believe((report,))).items():
            self.put_off.setdefault(pair, set())
            self._spoken_of.put_nowait((pair, since_ms, report))
        foreign = isinstance(report, VenueOrder) and self.client_id(report.tag) is None
        if foreign and await self.decide(partial(hearing.fireable, pair=report.pair)):
            self.put_off.setdefault(report.pair, set())
        if self.put_off:
            self._doubts.set()

    async def _fetch_spoken_of(self) -> None:
        while True:
            pair, since_ms, report = await self._spoken_of.get()
            await self._fetch_fills(pair, since_ms, [report])
            if self.put_off:
                self._doubts.set()

    async def _fetch_fills(self, pair: str, since_ms: int, told: Iterable[VenueOrder | VenueFill]) -> None:
        try:
            fills = await self.venue.fills(pair, since_ms=since_ms - FILLS_OVERLAP_MS)
        except VenueFault as error:
            self.trouble(error)
            self._doubts.set()
            return
        if await self._ledger.decide(partial(self._take, told=(*fills, *told))):
            self._doubts.set()
        elif not self.put_off.get(pair):
            self.put_off.pop(pair, None)

    def _take(self, turn: Turn, told: Sequence[VenueOrder | VenueFill]) -> dict[str, int]:
        """Pair -> since when, where executions were spoken of that nobody has told yet."""
        missing: dict[str, int] = {}
        for each in told:
            client_id = self.client_id(each.tag) or self._by_venue_id(each.pair, each.venue_id)
            if isinstance(each, VenueFill):
                self._take_fill(turn, client_id, each)
            elif client_id is None:
                hearing.see_external(turn, each)
            else:
                self._venue_ids[each.pair, each.venue_id] = client_id
                if hearing.hear_order(turn, client_id, each):
                    order = turn.state.orders.get(client_id) or turn.state.ended[client_id]
                    missing[each.pair] = min(missing.get(each.pair, order.sent_ms), order.sent_ms)
        return missing

    def _take_fill(self, turn: Turn, client_id: str | None, told: VenueFill) -> None:
        if client_id is not None:
            hearing.hear_fill(turn, client_id, told)
        elif self._may_be_ours(turn, told):
            self.put_off.setdefault(told.pair, set()).add(execution_key(told))
        else:
            hearing.see_external_fill(turn, told)

    def _may_be_ours(self, turn: Turn, told: VenueFill) -> bool:
        """Whether an execution that carries no tag of ours may be of an order in doubt, or of a stop that fired."""
        if set(hearing.nameless(turn, told.pair)) - self.cleared:
            return True
        key = execution_key(told)
        return key not in self.strange and key not in turn.state.executions and bool(hearing.fireable(turn, told.pair))

    def _by_venue_id(self, pair: str, venue_id: str) -> str | None:
        if not venue_id:
            return None
        if (pair, venue_id) in self._venue_ids:
            return self._venue_ids[pair, venue_id]
        known = (*self.state.orders.items(), *self.state.ended.items())
        of_pair = (each for each in known if each[1].intent.pair == pair)
        return next((client_id for client_id, order in of_pair if order.venue_id == venue_id), None)

    async def _take_spool(self) -> None:
        kept = self._spool.kept()
        if kept:
            self._note(f"{len(kept)} reports of the venue were kept while the journal was away; they are booked now.")
            await self._ledger.decide(partial(self._take, told=kept))
        self._spool.clear()

    async def _listen(self) -> None:
        while True:
            try:
                async for report in self.venue.reports():
                    if isinstance(report, StreamUp | StreamLost):
                        self.out_of_sight += 1
                        self.health.stream_up = isinstance(report, StreamUp)
                        if self.health.stream_up:
                            self.health.heard_ms = self._clock.now_ms()
                        # What happened before the stream was up, or while it was away, has to be asked for.
                        self._doubts.set()
                    else:
                        await self._hear_stream(report)
            except VenueFault as error:
                self.trouble(error)
            self.health.stream_up = False
            self.out_of_sight += 1
            await asyncio.sleep(STREAM_PAUSE_S)

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
            self.trouble(f"the desk stood still for {late_s:.1f} s: this machine has too little time for it")
            self._doubts.set()

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
        """Positions whose stops may have fired unheard: the venue was away, or executions wait for their order."""
        if not self.venue.keeps_stops or not self._listening:
            return set()
        away = self.out_of_sight > 0 or not self.health.stream_up
        return {
            (portfolio, pair)
            for pair, held in turn.state.positions.items()
            if away or pair in self.put_off
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
                    self.trouble(error)
            await asyncio.sleep(seconds / 3 if wanted else LOOK_S)

    def trouble(self, error: BaseException | str) -> None:
        """Something stands between us and the venue as a whole: told once, and shown until it answers again."""
        words = str(error) or type(error).__name__
        if words != self.health.fault:
            self._note(f"{self.venue.name}: {words}")
        self.health.fault = words
