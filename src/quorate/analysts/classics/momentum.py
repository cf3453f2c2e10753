"""Momentum: MACD turns while RSI stands on the same side and has room left.

Sources: MACD, G. Appel, The Moving Average Convergence-Divergence Method, 1979; RSI, J. W. Wilder, New Concepts, 1978.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import numpy as np

from quorate.analysts.base import ExitRules, Setups, crossed, no_setups, rows_where, tradable
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel import readings
from quorate.kernel.bars import Bars
from quorate.kernel.indicators import round10


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentumParameters:
    """Distances in ATRs. The RSI must lie between 50 and `rsi_limit` for LONG, mirrored at 50 for SHORT."""

    timeframe: str = "1h"
    rsi_limit: float = 70.0
    stop_atr: float = 1.5
    targets_atr: tuple[float, float] = (1.5, 3.5)
    trail_atr: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Momentum:
    """LONG where the MACD histogram (12, 26, 9) turns positive with RSI(14) between 50 and 70; SHORT mirrored at 50.

    Confidence: 0.5 + 0.3 · clamp(|RSI − 50| / 20, 0, 1) + 0.2 · clamp(change of the histogram / 0.1 ATR, 0, 1). Half is
    taken at 1.5 ATR, then the stop goes to break-even and trails 1.5 ATR up to 3.5 ATR.
    """

    parameters: MomentumParameters = field(default_factory=MomentumParameters)
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "momentum"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(
        fractions=(Decimal("0.5"), Decimal(1)), break_even_target=1, trail_target=1, expires_bars=48
    )
    pacing: ClassVar[Pacing] = Pacing()

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """Five times the slow average of the MACD, after which its beginning no longer matters much."""
        return 130

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar (see the class)."""
        p = self.parameters
        histogram = round10(readings.macd(bars)[2])
        up, down = crossed(histogram > 0, histogram <= 0), crossed(histogram < 0, histogram >= 0)
        rows = rows_where(up | down, since)
        if len(rows) == 0:
            return no_setups(len(self.exits.fractions))
        side = np.where(up[rows], 1, -1).astype(np.int8)
        rsi, atr = readings.at(rows, readings.rsi(bars), readings.atr(bars))
        lean = (rsi - 50.0) * side
        entry, turn = bars.close[rows], (histogram[rows] - histogram[np.maximum(rows - 1, 0)]) * side
        with np.errstate(divide="ignore", invalid="ignore"):
            force = np.clip(turn / (0.1 * atr), 0.0, 1.0)
        setups = Setups(
            rows=rows,
            side=side,
            confidence=0.5 + 0.3 * np.clip(lean / 20.0, 0.0, 1.0) + 0.2 * force,
            entry=entry,
            stop=entry - side * (p.stop_atr * atr),
            targets=tuple(entry + side * (distance * atr) for distance in p.targets_atr),
            trail=p.trail_atr * atr,
            measures={"rsi": rsi, "histogram": histogram[rows]},
        ).where((lean > 0) & (lean <= p.rsi_limit - 50.0))
        return tradable(setups, kind=self.entry_kind, costs=self.costs, market=market)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, with the measured numbers."""
        turned = "positive" if side is Side.LONG else "negative"
        return f"The MACD histogram turned {turned} ({measures['histogram']:.4g}) with RSI {measures['rsi']:.1f}."
