"""One turn of the desk: the state, the inputs of this instant, and the events they lead to.

Everything a deciding function may look at is here; everything it decides leaves through `emit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState
from quorate.desk.walk import Plans
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.orders import Fill, Intent, Liquidity
from quorate.domain.policy import DeskPolicy, Pacing, PortfolioPolicy
from quorate.domain.promotion import PromotionPolicy
from quorate.domain.signals import Mode
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Action
from quorate.risk.breaker_board import BreakerState


class CandleVenue(Protocol):
    """A venue that answers inside the step: what the desk needs of paper trading."""

    def match(self, intent: Intent, market: Market, candle: Candle) -> tuple[int, Liquidity] | None:
        """Price in ticks and liquidity at which a resting order fills inside the candle, if it does."""
        ...

    def taking(self, action: int, market: Market, ticks: int) -> int:
        """Price in ticks that an order which takes at `ticks` really gets."""
        ...

    def fill(
        self, intent: Intent, market: Market, *, ticks: int, lots: int, liquidity: Liquidity, ordinal: int, at_ms: int
    ) -> Fill:
        """The execution report of a fill."""
        ...

    def fee(self, notional: Decimal, liquidity: Liquidity) -> Decimal:
        """Fee on a notional, in quote units."""
        ...

    def round_trip_ppm(self, market: Market) -> int:
        """Costs of getting in and out, in ppm of the price."""
        ...


class Depth(Protocol):
    """How deep the venue's order books are just now. What it tells is journalled before anything is decided on it."""

    def __call__(self, pair: str, action: Action, *, within_bps: int) -> Decimal | None:
        """Notional that can be taken within so many bps of the middle, in quote units; None where no book is live."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RealVenue:
    """What a decision may depend on of the real venue that orders go to."""

    name: str
    keeps_stops: bool
    """Whether a protective stop can rest there; else the desk watches it itself."""
    spot: bool
    """Coins themselves: what is sold must be free, and an open order locks it. Else perpetuals."""


@dataclass(frozen=True)
class Charter:
    """What does not change while a desk runs: who it is and what it was told."""

    account: str
    mode: Mode
    feed_kind: str
    timeframe: str
    """Base timeframe of the feed's candles."""
    paced: bool
    """False when steps come as fast as they are taken: slots at which nothing changed are then not written down."""
    policy: DeskPolicy
    pacing: Mapping[str, Pacing]
    """Pacing of every enabled strategy."""
    venue: CandleVenue
    scanner_cron: str
    monitor_cron: str
    evaluator_cron: str
    optimizer_cron: str
    records: Mapping[str, str] = field(default_factory=dict[str, str])
    """Key of the record of every rule-based analyst."""
    keys: Mapping[str, str] = field(default_factory=dict[str, str])
    """source -> identity of what trades under its name now: the promotion ladder counts for it alone."""
    stake: Decimal | None = None
    """Notional that one canary may have in play at a real venue, in quote units; None on paper, where all may trade."""
    promotion: PromotionPolicy = field(default_factory=PromotionPolicy)
    real_venue: RealVenue | None = None
    """Where orders really go; None: they are traded on paper, inside the step, by `venue`."""
    depth: Depth | None = None
    """Asked for market entries, where books of the venue are followed; without them slippage is modelled."""
    jobs_enabled: bool = True
    """Whether the built-in schedule runs; jobs by hand run all the same."""

    @cached_property
    def policies(self) -> Mapping[str, PortfolioPolicy]:
        """The portfolios' policies by name."""
        return {policy.name: policy for policy in self.policy.portfolios}


@dataclass(slots=True)
class Turn:
    """The desk at work on one snapshot."""

    charter: Charter
    state: DeskState
    snapshot: Snapshot
    plans: Plans
    events: list[ev.Event] = field(default_factory=list[ev.Event])
    breakers: dict[str, tuple[BreakerState, ...]] = field(default_factory=dict[str, tuple[BreakerState, ...]])
    """Breakers measured in this turn, by portfolio."""
    between_ms: InitVar[int | None] = None
    """Feed time of a turn between two steps."""
    at_ms: int = field(init=False)
    """Feed time of this turn."""
    policy: DeskPolicy = field(init=False)
    """The owner's policy."""

    def __post_init__(self, between_ms: int | None) -> None:
        """Read once what every deciding function asks for again and again."""
        self.at_ms = self.snapshot.at_ms if between_ms is None else between_ms
        self.policy = self.charter.policy

    def market(self, pair: str) -> Market:
        """The market of a pair that the feed has listed."""
        return self.state.markets[pair]

    def emit(self, event: ev.Event) -> None:
        """Let an event happen: it changes the state at once and is journalled with the rest of the turn."""
        evolve(self.state, event)
        self.events.append(event)
