"""Health as a value: what `ops` finds out and the API tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quorate.store.readers.roles import BudgetState, ProviderState, SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class PartHealth:
    """One part of the desk. `state` is up, degraded, down, off or unknown; `age_ms` that of its last sign of life."""

    name: str
    state: str
    detail: str
    age_ms: int | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHealth:
    """Where market data comes from. `key` names it in candles and quotes; state: starting, up, stale, down, ended."""

    key: str | None
    kind: str | None
    label: str
    state: str
    age_ms: int | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """Every part at one instant. Ready: the database answers, a worker is alive, and the feed is not down."""

    account: str
    mode: str
    ready: bool
    status: str
    feed: FeedHealth
    parts: tuple[PartHealth, ...]
    context: tuple[SourceState, ...] = ()
    """Sources of context as the running worker sees them; ages are of now."""
    providers: tuple[ProviderState, ...] = ()
    """Providers of models as it sees them."""
    budget: BudgetState | None = None
