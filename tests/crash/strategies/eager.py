"""Two strategies that trade at nearly every bar: for desks that are to have orders on their way whenever they die."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import numpy as np

from quorate.analysts.base import ExitRules, Setups, rows_where
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars

EXITS = ExitRules(fractions=(Decimal("0.5"), Decimal(1)), break_even_target=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EagerParameters:
    """Distances as shares of the price; `base` is the only coin it trades."""

    timeframe: str = "1m"
    base: str
    stop: float = 0.003
    targets: tuple[float, float] = (0.002, 0.004)


def long_wherever_it_moved(bars: Bars, market: Market, p: EagerParameters, since: int) -> Setups:
    """LONG at every close that differs from the one before it: a market that stands still leaves the desk in peace."""
    moved = np.zeros(len(bars), np.bool_)
    if market.base == p.base:
        moved[1:] = bars.close[1:] != bars.close[:-1]
    rows = rows_where(moved, since)
    close = bars.close[rows]
    return Setups(
        rows=rows,
        side=np.ones(len(rows), np.int8),
        confidence=np.full(len(rows), 0.8),
        entry=close,
        stop=close * (1 - p.stop),
        targets=tuple(close * (1 + share) for share in p.targets),
        measures={"close": close},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Eager:
    """Takes the market in BTC."""

    parameters: EagerParameters = field(default_factory=lambda: EagerParameters(base="BTC"))
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "eager"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = EXITS
    pacing: ClassVar[Pacing] = Pacing(cooldown_bars=0)

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """This bar and the one before it."""
        return 2

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar."""
        return long_wherever_it_moved(bars, market, self.parameters, since)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side."""
        return f"The price of {measures['close']:.10g} is another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Rests in the book of ETH."""

    parameters: EagerParameters = field(default_factory=lambda: EagerParameters(base="ETH"))
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "patient"
    entry_kind: ClassVar[EntryKind] = EntryKind.MAKER
    exits: ClassVar[ExitRules] = EXITS
    pacing: ClassVar[Pacing] = Pacing(cooldown_bars=0)

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """This bar and the one before it."""
        return 2

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar."""
        return long_wherever_it_moved(bars, market, self.parameters, since)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side."""
        return f"The price of {measures['close']:.10g} is another one."
