"""Mean reversion: price left its band in a quiet market and comes back inside.

Source: J. Bollinger, Bollinger on Bollinger Bands, 2001 (tags of the bands that are not confirmed by a trend).
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
class MeanReversionParameters:
    """Period in bars, the band's width in standard deviations, the stop in ATRs."""

    timeframe: str = "1h"
    period: int = 20
    deviations: float = 2.0
    adx_max: float = 25.0
    stop_atr: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanReversion:
    """LONG at the close back over the lower Bollinger band (20, 2), with ADX(14) under 25; SHORT at the upper one.

    Half is taken at the middle band, the rest at the opposite band as they stand at the decision; break-even after the
    first; closed after 24 bars. Confidence: 0.5 + 0.3 · (25 − ADX) / 25 + 0.2 · clamp(room − 0.5, 0, 1), the room being
    the way to the middle band over the way to the stop.
    """

    parameters: MeanReversionParameters = field(default_factory=MeanReversionParameters)
    costs: Costs = field(default_factory=Costs)

    name: ClassVar[str] = "mean_reversion"
    entry_kind: ClassVar[EntryKind] = EntryKind.MARKET
    exits: ClassVar[ExitRules] = ExitRules(fractions=(Decimal("0.5"), Decimal(1)), break_even_target=1, expires_bars=24)
    pacing: ClassVar[Pacing] = Pacing()

    @property
    def timeframe(self) -> str:
        """The timeframe of the bars it reads."""
        return self.parameters.timeframe

    @property
    def warm_up(self) -> int:
        """The band, and bars for the ADX to settle."""
        return self.parameters.period + 80

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        """Its setup at every bar (see the class)."""
        p = self.parameters
        close = bars.close
        upper, middle, lower = map(round10, readings.bollinger(bars, p.period, p.deviations))
        up, down = crossed(close >= lower, close < lower), crossed(close <= upper, close > upper)
        rows = rows_where(up | down, since)
        if len(rows) == 0:
            return no_setups(len(self.exits.fractions))
        side = np.where(up[rows], 1, -1).astype(np.int8)
        adx, atr = readings.at(rows, readings.adx(bars), readings.atr(bars))
        entry, mean = close[rows], middle[rows]
        near = np.where(side > 0, lower[rows], upper[rows])
        far = np.where(side > 0, upper[rows], lower[rows])
        risk = p.stop_atr * atr
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.clip((mean - entry) * side / risk - 0.5, 0.0, 1.0)
        setups = Setups(
            rows=rows,
            side=side,
            confidence=0.5 + 0.3 * np.clip((p.adx_max - adx) / p.adx_max, 0.0, 1.0) + 0.2 * room,
            entry=entry,
            stop=entry - side * risk,
            targets=(mean, far),
            measures={"band": near, "mean": mean, "adx": adx},
        ).where(adx < p.adx_max)
        return tradable(setups, kind=self.entry_kind, costs=self.costs, market=market)

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        """Why it took that side, with the measured numbers."""
        band = "lower" if side is Side.LONG else "upper"
        return (
            f"The close came back inside the {band} Bollinger band ({measures['band']:.10g}) with ADX"
            f" {measures['adx']:.1f}; the mean is {measures['mean']:.10g}."
        )
