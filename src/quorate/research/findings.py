"""What was found out about a backtest: its figures, how sure they are, and what luck would have made of it.

Whoever examines a backtest fills this in, reports show it. Everything is optional: what is not there was not looked at,
and a report says so where it matters. Only plain numbers and text, so that it can be written to JSON and read back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isfinite
from typing import Literal

from quorate.research.result import Backtest

Unit = Literal["share", "money", "ratio", "r", "count", "days"]
"""`share`: 0.01 is one percent. `money`: quote currency. `ratio`: a plain number. `r`: multiples of initial risk."""
Group = Literal["Return", "Risk", "Trades", "Activity"]
GROUPS: tuple[Group, ...] = ("Return", "Risk", "Trades", "Activity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with what it means."""

    name: str
    """Stable name for programs: `sharpe`, `max_drawdown`, …"""
    label: str
    """For people: "Sharpe ratio"."""
    value: Decimal | float | int | None
    """None (or NaN) where it cannot be told; infinite where it has no bound, as a profit factor without losses."""
    unit: Unit
    definition: str
    """One sentence: how it is computed."""
    basis: str = ""
    """What it was computed from: "272 daily returns, year of 365 days"."""
    group: Group = "Return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The confidence interval of the figure of the same name."""

    name: str
    low: float | None
    high: float | None
    """None (or NaN) where it cannot be told."""
    level: float = 0.95
    method: str = ""
    """One sentence: how it was drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What something simpler, or nobody, would have made of the same candles and costs."""

    name: str
    """`buy_and_hold`, `random_entry`, …"""
    label: str
    measure: str
    """What is compared: "net return"."""
    unit: Unit
    value: float | None
    """The strategy's own."""
    distribution: tuple[float, ...]
    """The baseline's: one value, or one of each draw. Draws that cannot be told are left out wherever it is shown."""
    percentile: float | None = None
    """Share of the distribution that the strategy beat, in percent; None for a single value."""
    sentence: str = ""
    """What follows from it, in words."""
    definition: str = ""
    """How the baseline trades."""
    at_ms: tuple[int, ...] = ()
    equity: tuple[float, ...] = ()
    """Its own equity at instants, to be drawn beside the strategy's; empty where there is no one path."""

    @property
    def told(self) -> tuple[float, ...]:
        """The finite values of the distribution."""
        return tuple(value for value in self.distribution if isfinite(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAhead:
    """Whether setups change when the candles after them are taken away (the prefix test)."""

    verdict: Literal["clean", "found", "not_checked"]
    sentence: str
    checks: int = 0
    """Bars at which it was looked for."""
    offences: tuple[str, ...] = ()
    """Each in words: strategy, pair, instant, what changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonteCarlo:
    """What the same trades might have come to in another order, or drawn anew."""

    method: str
    """One sentence: what was drawn, and how."""
    runs: int
    start_equity: float
    bands: Mapping[str, tuple[float, ...]]
    """Equity at quantiles, by percent as text ("5", "25", "50", "75", "95"): first the start, then after each step."""
    step: Literal["trade", "day"] = "trade"
    """What one place further in a band means."""
    max_drawdown: Mapping[str, float] = field(default_factory=dict[str, float])
    """Deepest fall, as a share, at quantiles by percent as text."""
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is to be thought of it, in words."""

    headline: str
    """One sentence: "Does not beat luck: …"."""
    tone: Literal["promising", "unproven", "against"]
    sentences: tuple[str, ...] = ()
    """What supports it, most important first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that was found out about one backtest."""

    figures: tuple[Figure, ...] = ()
    """In the order they are to be shown."""
    intervals: tuple[Bounds, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    look_ahead: LookAhead | None = None
    monte_carlo: MonteCarlo | None = None
    verdict: Verdict | None = None

    def figure(self, name: str) -> Figure | None:
        """The figure of that name, if there is one."""
        return next((figure for figure in self.figures if figure.name == name), None)

    def interval(self, name: str) -> Bounds | None:
        """The interval of the figure of that name, if it has one."""
        return next((bounds for bounds in self.intervals if bounds.name == name), None)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Study:
    """A backtest with what was found out about it."""

    backtest: Backtest
    findings: Findings
