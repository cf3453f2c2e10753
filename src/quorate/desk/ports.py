"""What the desk needs from outside, as narrow protocols. Adapters implement them; the desk imports none of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from quorate.domain.evaluation import Evaluation
    from quorate.domain.events import Event
    from quorate.domain.lessons import Lesson
    from quorate.domain.market import Market
    from quorate.domain.minds import MindAnswer, MindRequest, MindSilence, ModelSpec
    from quorate.domain.portfolio import Position
    from quorate.domain.snapshot import Snapshot, Step
    from quorate.domain.venue import OrderRequest, Report, VenueAccount, VenueFill, VenueOrder, WalletPayment
    from quorate.domain.votes import Ballot
    from quorate.kernel.bars import Bars


class Clock(Protocol):
    """The wall clock, for leases, deadlines and log stamps only: decisions run on the feed's time."""

    def now_ms(self) -> int:
        """UTC milliseconds."""
        ...


class Feed(Protocol):
    """Where market data comes from.

    A feed is opened once, tells its markets, gives history for warm-up, and then delivers steps in order.
    """

    @property
    def kind(self) -> str:
        """exchange, replay or simulated."""
        ...

    @property
    def label(self) -> str:
        """What to call it in front of people, e.g. "replay of binance 5m, 2025-01-01 to 2025-09-30"."""
        ...

    @property
    def timeframe(self) -> str:
        """The base timeframe of its steps."""
        ...

    @property
    def paced(self) -> bool:
        """True when steps come at the pace of a clock; False when they come as fast as they are taken."""
        ...

    async def open(self) -> None:
        """Connect or read; raises a `QuorateError` that says what to do when there is nothing to feed from."""
        ...

    @property
    def markets(self) -> Sequence[Market]:
        """The markets of this feed, sorted by pair; known once it is open."""
        ...

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        """Up to `count` closed bars of the pair, oldest first, whose close is at or before `before_ms`."""
        ...

    def steps(self, after_ms: int | None) -> AsyncIterator[Step]:
        """Every step later than `after_ms`, oldest first (None: from the feed's own start). Ends when the feed does."""
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...


class Lookout(Protocol):
    """Turns steps into snapshots: keeps the windows of bars, asks strategies, measures regimes."""

    def observe(self, step: Step) -> Snapshot:
        """Take in a step and measure everything the desk may need for it."""
        ...


class Council(Protocol):
    """The panel of analysts."""

    @property
    def asks_models(self) -> bool:
        """Whether asking leaves the house: then the desk goes on meanwhile. Else the votes are there at once."""
        ...

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """Ask every analyst; those that fail abstain. Returns within the cycle's deadline.

        Whatever it needs of the snapshot, and of the lookout that made it, it takes in before it first waits.
        """
        ...


class Evaluator(Protocol):
    """Looks after open trades: hold, tighten the stop, or get out (see `quorate.desk.evaluator` for what is done)."""

    @property
    def asks_models(self) -> bool:
        """Whether asking leaves the house: then the desk goes on meanwhile."""
        ...

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        """Advice on `positions`, those open now, and better sentences for `lessons`, whose trades have closed.

        Returns within its deadline, and never raises for a model's sake. `open_trades` and `lessons_offered` of
        `quorate.desk.evaluator` say what to hand in.
        """
        ...


@dataclass(frozen=True, slots=True, order=True)
class JournalPosition:
    """A place in the journal: ids as text are `epoch-seq`."""

    epoch: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.seq}"


class Journal(Protocol):
    """The account's journal, as the desk that holds its lease sees it. A batch is durable as a whole, or not at all."""

    def append(self, events: Sequence[Event], *, at_ms: int) -> Pending:
        """Queue one batch, never blocking; await the result to know that it is durable."""
        ...

    async def room(self) -> None:
        """Wait until not too much is queued."""
        ...

    async def flush(self) -> object:
        """Wait until everything queued is durable; raises the failure of a batch that nobody awaited."""
        ...


class Pending(Protocol):
    """A batch on its way."""

    def __await__(self) -> Generator[object, None, JournalPosition]:
        """Its position once it is durable; raises why it is not."""
        ...

    def done(self) -> bool:
        """Whether its fate is known."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """Something another process, or a person, asks the desk to do. Asked twice under one id, it is done once."""

    id: str
    kind: str
    body: Mapping[str, object]


class Inbox(Protocol):
    """Where commands to the desk come in and replies go out."""

    def commands(self) -> AsyncIterator[Command]:
        """Commands as they come, oldest first; also those that a desk before us had taken and not answered."""
        ...

    async def done_before(self, command: Command) -> str | None:
        """The report of a command that was already carried out and journalled, but never answered."""
        ...

    async def answer(self, command: Command, reply: Mapping[str, object], *, failed: bool) -> None:
        """Answer a command; the answer stays and is given again to whoever asks again."""
        ...


class Mind(Protocol):
    """Asks one model: budget, deadline, retries, fallbacks and the record of what was said are its business."""

    async def ask(self, spec: ModelSpec, request: MindRequest, *, deadline_s: float) -> MindAnswer | MindSilence:
        """The model's answer, or why there is none, within `deadline_s`; never raises for a model's sake.

        With a deadline of 0 nobody is asked, and that is on record too. An operating error is what it raises: then the
        cycle cannot go on at all, such as where a replay finds no record.
        """
        ...


class Spool(Protocol):
    """Where a venue's word is kept while the journal cannot take it: on disk, before anything else happens (F17)."""

    def keep(self, report: VenueOrder | VenueFill) -> None:
        """Write it down; it is on disk when this returns. Raises Unavailable where the disk does not take it."""
        ...

    def kept(self) -> Sequence[VenueOrder | VenueFill]:
        """Everything that is written down, oldest first."""
        ...

    def clear(self) -> None:
        """Forget it: the journal has it now."""
        ...


class Venue(Protocol):
    """One account at one real venue. Every call has a total deadline, and says honestly what it does not know.

    Errors of every call are `VenueFault`s: VenueBusy, KeyFault, ClockSkew, and of questions VenueUnreachable. Cancels
    and questions are let through a venue's rate limit where entries no longer are.
    """

    @property
    def name(self) -> str:
        """The venue, as people know it."""
        ...

    @property
    def keeps_stops(self) -> bool:
        """Whether a protective stop can rest at the venue. Else the desk watches it itself."""
        ...

    @property
    def settles_ms(self) -> int:
        """How long after a request's deadline an order may still come to light: before, an absence proves nothing."""
        ...

    def tag(self, client_id: str) -> str:
        """The form in which a client order id is sent there; the same for the same id, and never another's."""
        ...

    async def place(self, request: OrderRequest) -> VenueOrder:
        """Place an order. The venue holds or has executed it when this returns.

        Errors: NotSent and VenueRefused (no order exists), OutcomeUnknown (ask by the tag).
        """
        ...

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        """Ask for an order's end, by the venue's id where it is known, else by our tag. What comes of it is reported.

        Errors: OrderGone, OutcomeUnknown.
        """
        ...

    async def cancel_all(self) -> None:
        """Ask for the end of every open order of the account, ours or not. Errors: OutcomeUnknown."""
        ...

    async def find(self, *, tag: str, pair: str, since_ms: int) -> VenueOrder | None:
        """The order of this tag, wherever the venue keeps it: open, closed, or told by its executions only.

        None only where each of these was asked, and none knows it.
        """
        ...

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """Every open order of the account, ours or not."""
        ...

    async def fills(self, pair: str, *, since_ms: int) -> tuple[VenueFill, ...]:
        """Every execution on the pair at or after `since_ms`, oldest first."""
        ...

    async def payments(self, *, since_ms: int) -> tuple[WalletPayment, ...]:
        """What moved the wallet of perpetuals at or after `since_ms` beside executions, oldest first; none on spot."""
        ...

    async def account(self) -> VenueAccount:
        """Balances and positions."""
        ...

    def reports(self) -> AsyncIterator[Report]:
        """The private stream, for good: it connects again by itself, and says when it was away."""
        ...

    async def keep_alive(self, seconds: int) -> None:
        """Renew the venue's dead-man switch: unless renewed, it cancels every order after `seconds`. 0 switches it off.

        Does nothing where the venue has none (`has_dead_man`).
        """
        ...

    @property
    def has_dead_man(self) -> bool:
        """Whether there is such a switch."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
