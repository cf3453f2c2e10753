"""Many parameter sets of a strategy over the same candles: what a sweep is made of.

    found = over_grid(factory, grid(channel=range(10, 60, 2), stop_atr=(1.0, 1.5, 2.0)), columns, market)

Candles are turned into ticks once, and indicators are shared by the points that use the same ones. A sweep over many
processes gives each of them its own part of the points.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeAlias

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.market import Market
from quorate.domain.money import MONEY_STEP
from quorate.kernel.bars import FloatArray
from quorate.research import equity, tables
from quorate.research.columns import Columns
from quorate.research.compiled import DESK, OWN_EQUITY, USUAL, run
from quorate.research.conventions import Conventions, RunCosts, Sizing
from quorate.research.jit import compiled

Point: TypeAlias = Mapping[str, object]
"""One set of parameters."""
MEMO_MAX = 64
"""Columns of indicators kept for the next points; beyond, all are let go of."""


@dataclass(frozen=True, slots=True, eq=False)
class GridResult:
    """What each point came to, in the order of the points. `tallies` are records of `tables.Tally`."""

    points: tuple[Point, ...]
    tallies: Any

    @property
    def pnl(self) -> FloatArray:
        """Profit of each point net of every cost, quote units."""
        return np.multiply(self.tallies["pnl"], float(MONEY_STEP), dtype=np.float64)

    @property
    def mean_r(self) -> FloatArray:
        """Mean R of each point's trades; NaN without trades."""
        count = self.tallies["trades"]
        return np.divide(self.tallies["sum_r"], count, out=np.full(len(count), np.nan), where=count > 0)


def grid(**values: Iterable[object]) -> tuple[Point, ...]:
    """Every combination of the values, the last name running fastest."""
    names = tuple(values)
    return tuple(dict(zip(names, chosen, strict=True)) for chosen in product(*values.values()))


def over_grid(
    make: Callable[[Point], Strategy],
    points: Sequence[Point],
    columns: Columns,
    market: Market,
    *,
    conventions: Conventions = DESK,
    costs: RunCosts = USUAL,
    sizing: Sizing = OWN_EQUITY,
) -> GridResult:
    """Run the strategy that `make` makes of each point. Raises what `run` raises, at the first point that does."""
    tallies = np.zeros(len(points), tables.TALLY)
    start = int(sizing.start_equity / MONEY_STEP)
    for place, point in enumerate(points):
        if len(columns.bars.memo) > MEMO_MAX:
            columns = columns.forgetful()
        result = run(make(point), columns, market, conventions, costs, sizing)
        compiled(equity.tally)(start, result.trades, tallies[place])
    return GridResult(tuple(points), tallies)
