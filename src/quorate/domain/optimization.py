"""What the optimizer has set: analysts' weights, portfolios' base risk, blocked regimes; a version for each change."""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.votes import Regime

OPTIMIZER = "optimizer"
"""Who made a version that the job made."""
WEIGHT_LEAST, WEIGHT_MOST = Decimal("0.01"), Decimal(100)
FACTOR_LEAST, FACTOR_MOST = Decimal("0.1"), Decimal(2)
"""What no version may leave, whatever the settings say: a configuration beyond them is damaged, not daring."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One value that was looked at: what it was measured by, what it was, what it is now, and why."""

    subject: str
    """`weight ANALYST`, `base PORTFOLIO` or `regime REGIME`."""
    count: int
    """Closed trades it was measured on."""
    expectancy_r: Decimal | None
    """Their expectancy in R as it was used (weighted by age, shrunk); None where there was nothing to measure."""
    win_rate: Decimal | None
    average_r: Decimal | None
    before: Decimal
    after: Decimal
    """For a regime 1 is open and 0 is blocked."""
    reason: str


@dataclass(frozen=True, slots=True)
class Optimization:
    """One version of the optimizer's configuration, complete: nothing about it needs an earlier one."""

    version: int
    """1 is the first; 0 stands for "as the settings say"."""
    at_ms: int
    by: str
    """`optimizer`, or who reverted."""
    weights: tuple[tuple[str, Decimal], ...]
    """(analyst, weight in the council), by name; 1 where absent."""
    base_factors: tuple[tuple[str, Decimal], ...]
    """(portfolio, factor on the base of its sizing chain), by name; 1 where absent."""
    blocked_regimes: tuple[Regime, ...]
    """Regimes of a symbol in which the council opens nothing, by name."""
    adjustments: tuple[Adjustment, ...] = ()
    reverts_to: int | None = None
    """The version whose values these are, where somebody went back to it."""
    bases: tuple[tuple[str, Decimal], ...] = ()
    """(portfolio, base that its factor came to with the settings of then), by name: for readers without settings."""

    def __post_init__(self) -> None:
        """ValueError where a version could not have been made: it is neither built nor read from a journal."""
        if self.version < 0:
            raise ValueError(f"an optimizer's configuration has no version {self.version}")
        _check(self.weights, "weight", WEIGHT_LEAST, WEIGHT_MOST)
        _check(self.base_factors, "base factor", FACTOR_LEAST, FACTOR_MOST)
        if list(self.blocked_regimes) != sorted(set(self.blocked_regimes)):
            raise ValueError("blocked regimes are named once each, in order")

    def weight(self, analyst: str) -> Decimal:
        """The analyst's weight."""
        return dict(self.weights).get(analyst, Decimal(1))

    def base_factor(self, portfolio: str) -> Decimal:
        """The portfolio's factor."""
        return dict(self.base_factors).get(portfolio, Decimal(1))


def base_of(setting: Decimal, factor: Decimal) -> Decimal:
    """Base of a sizing chain: the setting times the optimizer's factor, never more than the whole equity."""
    return min(setting * factor, Decimal(1))


def _check(values: tuple[tuple[str, Decimal], ...], what: str, least: Decimal, most: Decimal) -> None:
    names = [name for name, _ in values]
    if names != sorted(set(names)):
        raise ValueError(f"every {what} is named once, in order")
    for name, value in values:
        if not (value.is_finite() and least <= value <= most):
            raise ValueError(f"the {what} of {name} is {value}, outside {least} to {most}")


NOT_OPTIMIZED = Optimization(0, 0, "settings", (), (), ())
"""Before the optimizer has ever changed anything."""
