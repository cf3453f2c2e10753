"""Hears a real venue, by its private stream and by its answers, and takes its word into the ledger.

Whose an order or an execution is follows from our tag, or from the venue's id where that was told once. What may be
ours or not waits until the order in doubt is known; a word that only speaks of executions has them asked for. While
the journal is away the venue's word is kept on disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Protocol, TypeVar

from quorate.desk import hearing
from quorate.desk.book_faults import Blocked
from quorate.desk.evolve_orders import execution_key
from quorate.desk.ports import Clock, Spool, Venue
from quorate.desk.reckoning import Difference
from quorate.desk.state import DeskState
from quorate.desk.turn import Turn
from quorate.domain.errors import Unavailable
from quorate.domain.venue import (
    StreamLost,
    StreamUp,
    VenueAccount,
    VenueFault,
    VenueFill,
    VenueOrder,
)

R = TypeVar("R")
STREAM_PAUSE_S = 1.0
FILLS_OVERLAP_MS = 300_000
"""Executions are asked for from so long before the last question: venues tell some late."""


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


class Listener:
    """What one desk hears of one venue. `listen` and `fetch` beside the desk, for good."""

    def __init__(
        self, venue: Venue, ledger: Ledger, *, clock: Clock, spool: Spool, note: Callable[[str], None]
    ) -> None:
        self.venue = venue
        self.health = VenueHealth()
        self._ledger = ledger
        self._clock = clock
        self._spool = spool
        self._note = note
        self.doubts = asyncio.Event()
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
        self.out_of_sight = 1
        """Counts how often something may have happened at the venue unheard; 0: all of it has been asked for since."""

    @property
    def state(self) -> DeskState:
        """The desk's state, as it is now."""
        return self._ledger.state()

    def unsure_of(self, pair: str) -> bool:
        """Whether orders on a pair may have moved unheard: the venue was away, or executions wait for their order."""
        return self.out_of_sight > 0 or not self.health.stream_up or pair in self.put_off

    async def decide(self, act: Callable[[Turn], R]) -> R:
        """Let something happen in a turn of the desk."""
        return await self._ledger.decide(act)

    def know(self, client_id: str) -> str:
        """The tag of a client order id, remembered so that reports find their order."""
        tag = self.venue.tag(client_id)
        self._ids[tag] = client_id
        return tag

    def client_id(self, tag: str) -> str | None:
        """Whose tag this is; None for somebody else's order."""
        return self._ids.get(tag) if tag else None

    def ask_soon(self) -> None:
        """Something is in doubt, or may have been missed: reconciliation asks at once."""
        self.doubts.set()

    def trouble(self, error: BaseException | str) -> None:
        """Something stands between us and the venue as a whole: told once, and shown until it answers again."""
        words = str(error) or type(error).__name__
        if words != self.health.fault:
            self._note(f"{self.venue.name}: {words}")
        self.health.fault = words

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
            self.doubts.set()

    async def fetch(self) -> None:
        """Ask for the executions that the stream only speaks of, for good."""
        while True:
            pair, since_ms, report = await self._spoken_of.get()
            await self._fetch_fills(pair, since_ms, [report])
            if self.put_off:
                self.doubts.set()

    async def _fetch_fills(self, pair: str, since_ms: int, told: Iterable[VenueOrder | VenueFill]) -> None:
        try:
            fills = await self.venue.fills(pair, since_ms=since_ms - FILLS_OVERLAP_MS)
        except VenueFault as error:
            self.trouble(error)
            self.doubts.set()
            return
        if await self._ledger.decide(partial(self._take, told=(*fills, *told))):
            self.doubts.set()
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

    async def take_spool(self) -> None:
        """Book what was kept while the journal was away."""
        kept = self._spool.kept()
        if kept:
            self._note(f"{len(kept)} reports of the venue were kept while the journal was away; they are booked now.")
            await self._ledger.decide(partial(self._take, told=kept))
        self._spool.clear()

    async def listen(self) -> None:
        """Take everything that the stream brings, for good."""
        while True:
            try:
                async for report in self.venue.reports():
                    if isinstance(report, StreamUp | StreamLost):
                        self.out_of_sight += 1
                        self.health.stream_up = isinstance(report, StreamUp)
                        if self.health.stream_up:
                            self.health.heard_ms = self._clock.now_ms()
                        # What happened before the stream was up, or while it was away, has to be asked for.
                        self.doubts.set()
                    else:
                        await self._hear_stream(report)
            except VenueFault as error:
                self.trouble(error)
            self.health.stream_up = False
            self.out_of_sight += 1
            await asyncio.sleep(STREAM_PAUSE_S)
