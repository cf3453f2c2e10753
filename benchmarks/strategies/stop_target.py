"""What a user's first strategy looks like: one way in, one stop, one target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import numpy as np

from quorate.analysts.base import ExitRules, Setups, no_setups, tradable
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel import readings
from quorate.kernel.bars import Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTargetParameters:
    """Period in bars, distances in ATRs."""

    channel: int = 20
    stop_atr: float = 2.0
    target_atr: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTarget:
    """A close beyond the range of the bars before; one stop, one target."""

    parameters: StopTargetParameters = field(default_factory=StopTargetParameters)
    costs: Costs = field(default_factory=Costs)
    name: ClassVar[str] = "stop_target"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal(1),))
    pacing: ClassVar[Pacing] = Pacing()

    @property
    def timeframe(self) -> str:
        return "5m"

    @property
    def warm_up(self) -> int:
        return self.parameters.channel + 50

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        p = self.parameters
        rows, side, _ = readings.breaks(bars, p.channel).since(since)
        if len(rows) == 0:
            return no_setups(1)
        (atr,) = readings.at(rows, readings.atr(bars))
        entry = bars.close[rows]
        found = Setups(
            rows=rows,
            side=side,
            confidence=np.full(len(rows), 0.6),
            entry=entry,
            stop=entry - side * (p.stop_atr * atr),
            targets=(entry + side * (p.target_atr * atr),),
        )
        return tradable(found, kind=self.entry_kind, costs=self.costs, market=market)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        return ""
