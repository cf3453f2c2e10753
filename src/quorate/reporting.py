"""What the house tells the person who started it: values and a narrow port, between wiring and the command line.

Wiring knows what happens and the command line knows how to show it; neither needs the other's libraries for that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUp:
    """What a desk that has just come up says of itself. No secret is in it: addresses come without passwords."""

    mode: str
    account: str
    feed: str
    """The feed's label."""
    feed_reason: str
    """Why it is this feed, e.g. "binance did not answer within 5 s"; empty when it was asked for."""
    simulated: bool
    roles: Sequence[str]
    url: str | None
    """Where the page is; None without the role `api`."""
    data_dir: Path
    database: str
    redis: str
    panel: Sequence[str] = ()
    portfolios: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioResult:
    """How one portfolio stands at the end of a run. Money in quote units, `return_pct` in percent of the start."""

    name: str
    equity: Decimal
    cash: Decimal
    return_pct: Decimal
    trades: int
    """Closed trades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run has come to: counts, results, and the hash by which two runs are compared."""

    account: str
    feed: str
    """The feed's label."""
    candles: int
    steps: int
    signals: int
    gold: int
    silver: int
    single: int
    trades: int
    quarantined: Mapping[str, int]
    """Pair -> candles that were refused, since they could not be true."""
    portfolios: tuple[PortfolioResult, ...]
    state_hash: str
    journal: str
    """Position of the last entry, `epoch-seq`."""
    elapsed_s: float
    candles_per_s: float


class Reporter(Protocol):
    """Whom the house tells how it goes. None of these wait, and none of them fail."""

    def started(self, facts: StartUp) -> None:
        """Everything is up."""
        ...

    def progress(self, *, at_ms: int, start_ms: int, stop_ms: int, candles: int) -> None:
        """A run with an end has come to `at_ms` of feed time; cheap enough to be called at every step."""
        ...

    def notice(self, text: str) -> None:
        """One sentence worth knowing."""
        ...

    def warning(self, text: str) -> None:
        """One sentence about something that is not as it should be."""
        ...


class Health(StrEnum):
    """How a thing that `doctor` looked at is."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, how it is, and what to do when it is not well."""

    name: str
    health: Health
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class StrategyFacts:
    """A strategy as a user sees it: its name, the timeframe it works on, how many bars it needs, its parameters."""

    name: str
    timeframe: str
    warmup: int
    parameters: Mapping[str, object]
