"""A signal: a consensus, or a strategy's setup, that was published, with what every portfolio makes of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quorate.domain.votes import Action, EntryKind, ExitPlan, Facts, Regime, Side, Vote

COUNCIL = "council"
"""The source name of signals that a quorum agreed on; every other source is a strategy's name."""


class Tier(StrEnum):
    """How many agreed: all, a quorum, or one strategy on its own."""

    GOLD = "gold"
    SILVER = "silver"
    SINGLE = "single"


class Mode(StrEnum):
    """Where orders go."""

    PAPER = "paper"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class VerdictOutcome:
    """What became of a pair on which a quorum agreed: published, or why not."""

    pair: str
    side: Side
    tier: Tier
    confidence: Decimal
    agreeing: tuple[str, ...]
    dissenting: tuple[str, ...]
    signal: str
    """Id of the signal it became; empty where it became none."""
    kept_back: str
    """Why it was not published: refused, vetoed, cooling down; empty where it was."""


@dataclass(frozen=True, slots=True)
class Factor:
    """One link of the sizing chain: its name, its value and the sentence that explains it."""

    name: str
    value: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Stake:
    """What one portfolio does with a signal: its size with every factor, or why it stays out.

    A portfolio that stays out by a rule of its own is not sized: then there are no factors.
    """

    portfolio: str
    size_usd: Decimal
    quantity: Decimal
    final_risk_pct: Decimal
    """Share of equity taken as notional, 0 to 1."""
    factors: tuple[Factor, ...]
    blocked_by: str | None
    """None when the portfolio takes the trade; else the control, breaker or rule that stopped it."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A published signal, complete: nothing about it needs another look-up."""

    id: str
    mode: Mode
    source: str
    tier: Tier
    pair: str
    side: Side
    action: Action
    strategy: str
    regime: Regime
    confidence: Decimal
    entry: Decimal
    entry_kind: EntryKind
    plan: ExitPlan
    risk_reward_ratio: Decimal
    stakes: tuple[Stake, ...]
    facts: Facts
    votes: tuple[Vote, ...]
    at_ms: int
    """Feed time of the decision, UTC milliseconds."""
    snapshot: str
    """SHA-256 of the decision's stored inputs."""
    model_version: str
    estimated: tuple[str, ...]
