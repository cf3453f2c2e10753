"""Every analyst's record over its closed shadow trades, kept up one trade at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from quorate.domain.money import ZERO
from quorate.domain.votes import Side

RECENT_MAX = 200
"""Closed trades of one analyst that are kept one by one, for the sizing chain."""
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one shadow trade ended: `r` net of costs, `confidence` as it was voted."""

    closed_ms: int
    r: Decimal
    confidence: Decimal
    pair: str = ""
    side: Side = Side.FLAT


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalystRecord:
    """What one analyst's closed shadow trades add up to. Rates are None while there is nothing to divide by.

    A trade wins when it earned more than nothing after costs. `streak` is positive for wins in a row, negative for
    losses. Entries that were never reached are counted apart and decide nothing.
    """

    wins: int = 0
    losses: int = 0
    unfilled: int = 0
    won_r: Decimal = ZERO
    """Sum of R over the wins."""
    lost_r: Decimal = ZERO
    """Sum of R over the losses, as a positive number."""
    squared_error: Decimal = ZERO
    """Sum of (confidence - outcome)^2, outcome 1 for a win and 0 for a loss."""
    streak: int = 0
    recent: tuple[Outcome, ...] = ()
    """The newest closed trades, oldest first."""

    @property
    def closed(self) -> int:
        """How many trades were closed."""
        return self.wins + self.losses

    @property
    def win_rate(self) -> Decimal | None:
        """Share of closed trades that won, 0 to 1."""
        return Decimal(self.wins) / self.closed if self.closed else None

    @property
    def average_r(self) -> Decimal | None:
        """Mean R of a closed trade: the expectancy, win rate × mean win - loss rate × mean loss."""
        return (self.won_r - self.lost_r) / self.closed if self.closed else None

    @property
    def profit_factor(self) -> Decimal | None:
        """R won over R lost; None while nothing was lost."""
        return self.won_r / self.lost_r if self.lost_r else None

    @property
    def brier(self) -> Decimal | None:
        """Mean squared error of the confidence as a forecast of winning: 0 is perfect, 0.25 is a coin's."""
        return self.squared_error / self.closed if self.closed else None

    def after(self, outcome: Outcome) -> "AnalystRecord":
        """The record with one more closed trade."""
        won = outcome.r > 0
        error = outcome.confidence - (ONE if won else ZERO)
        return replace(
            self,
            wins=self.wins + won,
            losses=self.losses + (not won),
            won_r=self.won_r + (outcome.r if won else ZERO),
            lost_r=self.lost_r - (ZERO if won else outcome.r),
            squared_error=self.squared_error + error * error,
            streak=max(self.streak, 0) + 1 if won else min(self.streak, 0) - 1,
            recent=(*self.recent, outcome)[-RECENT_MAX:],
        )

    def after_unfilled(self) -> "AnalystRecord":
        """The record after an entry that was never reached."""
        return replace(self, unfilled=self.unfilled + 1)


def history(records: Mapping[str, AnalystRecord], analysts: Iterable[str], *, count: int) -> tuple[Decimal, ...]:
    """R of the newest `count` closed trades of these analysts together, oldest first: what the sizing chain reads.

    Trades that closed at one instant stand in the order of analyst, pair and side, so that the cut is always the same.
    """
    merged = sorted(
        (outcome.closed_ms, name, outcome.pair, outcome.side, outcome.r)
        for name in analysts
        if name in records
        for outcome in records[name].recent
    )
    return tuple(entry[-1] for entry in merged[-count:])
