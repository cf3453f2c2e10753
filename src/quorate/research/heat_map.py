"""A heat map of two parameters: what the objective comes to where both have these values, whatever the others are."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from quorate.domain.errors import BadInput
from quorate.kernel.bars import FloatArray
from quorate.research.figures import Objective
from quorate.research.reports.drawing import sheet, text
from quorate.research.reports.markup import Html, tag
from quorate.research.space import Space, Value
from quorate.research.trials import Trial

BINS = 12
"""Columns or rows of an axis that has more values than this, or no steps."""
LEFT, TOP, BOTTOM, WIDTH, HEIGHT = 96, 8, 44, 864, 32
LABEL_WIDTH_MIN = 44
"""Width of a cell from which on its value is written into it."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HeatMap:
    """Means over cells. `values[row, column]` is NaN where nothing was tried, or nothing could be told."""

    across: str
    up: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    values: FloatArray
    counts: FloatArray
    """How many points the mean of a cell is of."""
    best: tuple[int, int] | None
    """Row and column of the best point."""


def heat_map(
    trials: Sequence[Trial], space: Space, *, across: str, up: str, objective: Objective, min_trades: int
) -> HeatMap:
    """The map of two axes; `trials` have the best one first. BadInput where there are no such axes."""
    axes = {axis.name: axis for axis in space.axes}
    for name in (across, up):
        if name not in axes:
            raise BadInput(f"{name} is no axis of this sweep.", hint=f"Its axes are {', '.join(axes)}.")
    if across == up:
        raise BadInput("A map takes two different parameters.", hint=f"Choose from {', '.join(axes)}.")
    cells = [(trial.point[up], trial.point[across]) for trial in trials]
    rows, columns = _names([cell[0] for cell in cells]), _names([cell[1] for cell in cells])
    sums, counts = np.zeros((2, len(rows.names), len(columns.names)))
    best = None
    for trial, (row, column) in zip(trials, cells, strict=True):
        value = nan if trial.figures is None else trial.figures.objective(objective, min_trades)
        if isnan(value):
            continue
        at = rows.place(row), columns.place(column)
        best = at if best is None else best
        sums[at] += value
        counts[at] += 1
    values = np.divide(sums, counts, out=np.full_like(sums, nan), where=counts > 0)
    return HeatMap(
        across=across, up=up, columns=columns.names, rows=rows.names, values=values, counts=counts, best=best
    )


def drawn(heat: HeatMap) -> Html:
    """The map as a drawing: above zero in one colour, below in the other, the stronger the further."""
    width = WIDTH / len(heat.columns)
    height = TOP + HEIGHT * len(heat.rows) + BOTTOM
    largest = float(np.nanmax(np.abs(heat.values))) if not np.isnan(heat.values).all() else 0.0
    pieces: list[Html] = []
    for row, name in enumerate(heat.rows):
        y = TOP + HEIGHT * (len(heat.rows) - 1 - row)
        pieces.append(text(LEFT - 8, y + HEIGHT / 2 + 4, name, anchor="end"))
        pieces += [
            _cell(heat, (row, column), (LEFT + width * column, y), width=width, largest=largest)
            for column in range(len(heat.columns))
        ]
    foot = TOP + HEIGHT * len(heat.rows)
    every = max(1, round(56 / width))
    for column, name in enumerate(heat.columns):
        if column % every == 0:
            pieces.append(text(LEFT + width * (column + 0.5), foot + 18, name, anchor="middle"))
    pieces.append(text(LEFT + WIDTH / 2, foot + 38, heat.across, class_="axis-name", anchor="middle"))
    pieces.append(text(4, TOP + 12, heat.up, class_="axis-name"))
    told = f"{heat.up} against {heat.across}"
    if largest:
        told += f": from {np.nanmin(heat.values):.3g} to {np.nanmax(heat.values):.3g}"
    return sheet(told, height, *pieces)


def _cell(heat: HeatMap, place: tuple[int, int], corner: tuple[float, float], *, width: float, largest: float) -> Html:
    (row, column), (x, y) = place, corner
    value, count = float(heat.values[row, column]), int(heat.counts[row, column])
    where = f"{heat.up} {heat.rows[row]}, {heat.across} {heat.columns[column]}"
    if isnan(value):
        return tag("g", tag("title", f"{where}: not told"))
    strength = 0.08 + 0.62 * abs(value) / largest if largest else 0.08
    marked = heat.best == place
    box = tag(
        "rect",
        tag("title", f"{where}: {value:.4g}, mean of {count}" + (", the best point is here" if marked else "")),
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{width - 1:.1f}",
        height=f"{HEIGHT - 1}",
        fill="currentColor",
        fill_opacity=f"{strength:.2f}",
        stroke="currentColor" if marked else None,
        stroke_width="3" if marked else None,
    )
    label = f"{value:.3g}" + (" ★" if marked else "")
    written = text(x + width / 2, y + HEIGHT / 2 + 4, label, class_="value", anchor="middle")
    return tag("g", box, written if width >= LABEL_WIDTH_MIN or marked else "", class_="up" if value >= 0 else "down")


@dataclass(frozen=True, slots=True)
class _Names:
    """The values along an axis, or bins of them where there are many."""

    names: tuple[str, ...]
    values: tuple[Value, ...]
    low: float
    width: float

    def place(self, value: Value) -> int:
        if not self.width or isinstance(value, str):
            return self.values.index(value)
        return min(int((float(value) - self.low) / self.width), len(self.names) - 1)


def _names(found: Sequence[Value]) -> _Names:
    words = any(isinstance(value, str) for value in found)
    values = tuple(sorted(set(found), key=str if words else float))
    if words or len(values) <= BINS:
        return _Names(tuple(_text(value) for value in values), values, 0.0, 0.0)
    low, high = float(values[0]), float(values[-1])
    width = (high - low) / BINS
    return _Names(tuple(f"{low + width * (place + 0.5):.4g}" for place in range(BINS)), values, low, width)


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
