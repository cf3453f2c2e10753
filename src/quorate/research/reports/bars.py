"""How results are spread, where luck stands, how sure figures are, and the steps from gross to net."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from quorate.kernel.bars import FloatArray
from quorate.research.reports import drawing as draw
from quorate.research.reports.markup import Html, joined
from quorate.research.reports.scales import Scale, spread
from quorate.research.reports.words import MINUS, number

TOP, PLOT, FOOT = 26, 190, 38
BINS = 40
EDGE_SHARE = 0.005
"""Results beyond these quantiles are gathered in the outermost bars, which say so."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value pointed out on a histogram."""

    value: float
    name: str
    class_: str = "mark"


@dataclass(frozen=True, slots=True)
class Bins:
    """Values counted in bars of equal width. The outermost bars also hold what lies beyond them."""

    edges: FloatArray
    counts: tuple[int, ...]
    below: int
    """Values under the first edge, counted in the first bar."""
    above: int

    def name(self, place: int) -> str:
        """What a bar holds, in words."""
        low, high = float(self.edges[place]), float(self.edges[place + 1])
        if place == 0 and self.below:
            return f"under {_short(high)}"
        if place == len(self.counts) - 1 and self.above:
            return f"{_short(low)} and over"
        return f"{_short(low)} to {_short(high)}"


def binned(values: FloatArray, *, also: Sequence[float] = ()) -> Bins:
    """The values in bars of a round width, with an edge at zero; `also` must lie inside."""
    low, high = np.quantile(values, [EDGE_SHARE, 1.0 - EDGE_SHARE]).tolist()
    low, high = min(low, *also, high), max(high, *also, low)
    if high <= low:
        low, high = spread(low, high)
    power = 10.0 ** np.floor(np.log10((high - low) / BINS))
    width = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power * BINS >= (high - low) * 0.999)
    first, last = int(np.floor(low / width)), int(np.ceil(high / width))
    edges = np.arange(first, max(last, first + 1) + 1) * width
    place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(place, minlength=len(edges) - 1)
    beyond = int((values < edges[0]).sum()), int((values >= edges[-1]).sum())
    return Bins(edges, tuple(int(count) for count in counts), *beyond)


def histogram(
    bins: Bins, alternative: str, axis: str, *, marks: Sequence[Mark] = (), signed: bool = True, unit: str = "trades"
) -> Html:
    """The bars, coloured by side of zero where `signed`, with marks on top."""
    across = Scale(float(bins.edges[0]), float(bins.edges[-1]), draw.LEFT, draw.WIDTH - draw.RIGHT)
    up = Scale(0.0, max(bins.counts) * 1.05 or 1.0, TOP + PLOT, TOP)
    drawn = list[str]()
    for place, count in enumerate(bins.counts):
        left, right = across(float(bins.edges[place])), across(float(bins.edges[place + 1]))
        middle = float(bins.edges[place] + bins.edges[place + 1]) / 2
        class_ = "plain" if not signed else "up" if middle > 0 else "down"
        if count:
            title = f"{bins.name(place)}: {count:,} {unit}"
            drawn.append(
                draw.block(left + 0.5, up(count), right - left - 1, TOP + PLOT - up(count), class_, title=title)
            )
    whole = [value for value in draw.round_values(up, 4) if value == int(value)]
    return draw.sheet(
        alternative,
        TOP + PLOT + FOOT,
        draw.value_axis(up, [(value, number(value, 0)) for value in whole]),
        *drawn,
        draw.rule(draw.LEFT, TOP + PLOT, draw.WIDTH - draw.RIGHT, TOP + PLOT, "zero"),
        joined(
            draw.text(across(value), TOP + PLOT + 16, _short(value), anchor="middle")
            for value in draw.round_values(across, 10)
        ),
        draw.text(draw.WIDTH - draw.RIGHT, TOP + PLOT + 34, axis, anchor="end", class_="axis-name"),
        *(_marked(mark, across) for mark in marks),
    )


def _marked(mark: Mark, across: Scale) -> Html:
    x = across(mark.value)
    anchor = "end" if x > draw.WIDTH * 0.75 else "start"
    return joined(
        (
            draw.rule(x, TOP - 6, x, TOP + PLOT, mark.class_),
            draw.text(x + (-6 if anchor == "end" else 6), TOP - 10, mark.name, anchor=anchor, class_="mark-name"),
        )
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall. A `whole` stands on the ground, others on the step before."""

    name: str
    value: float
    whole: bool = False


def waterfall(steps: Sequence[Step], alternative: str) -> Html:
    """From the first whole to the last, step by step."""
    at, reached = 0.0, [0.0]
    spans = list[tuple[float, float]]()
    for step in steps:
        begin = 0.0 if step.whole else at
        at = step.value if step.whole else at + step.value
        spans.append((begin, at))
        reached.append(at)
    low, high = spread(min(reached), max(reached), room=0.1)
    up = Scale(low, high, TOP + PLOT, TOP)
    each = (draw.WIDTH - draw.LEFT - draw.RIGHT) / len(steps)
    drawn = list[str]()
    for place, (step, (begin, end)) in enumerate(zip(steps, spans, strict=True)):
        left, top, bottom = draw.LEFT + place * each + each * 0.2, up(max(begin, end)), up(min(begin, end))
        class_ = ("whole" if step.whole else "step") + (" up" if step.value >= 0 else " down")
        drawn.append(draw.block(left, top, each * 0.6, max(bottom - top, 1.0), class_))
        middle = left + each * 0.3
        drawn.append(draw.text(middle, top - 7, number(step.value, signed=True), anchor="middle", class_="value"))
        drawn.append(draw.text(middle, TOP + PLOT + 18, step.name, anchor="middle"))
        if place + 1 < len(steps):
            drawn.append(draw.rule(left + each * 0.6, up(end), left + each * 1.0, up(end), "join"))
    return draw.sheet(
        alternative,
        TOP + PLOT + 28,
        draw.value_axis(up, [(value, number(value, 0)) for value in draw.round_values(up, 4)]),
        draw.rule(draw.LEFT, up(0.0), draw.WIDTH - draw.RIGHT, up(0.0), "zero"),
        *drawn,
    )


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval, each on a scale of its own."""

    name: str
    value: float
    low: float
    high: float
    told: str


def whiskers(rows: Sequence[Whisker], alternative: str) -> Html:
    """One row each: the interval as a bar, the value as a dot, zero as a line where it lies in sight."""
    height, left, right = 34, 240, 640
    drawn = list[str]()
    for place, row in enumerate(rows):
        if not all(isfinite(value) for value in (row.value, row.low, row.high)):
            continue
        y = 16 + place * height
        low, high = spread(min(row.low, row.value, 0.0), max(row.high, row.value, 0.0), room=0.06)
        across = Scale(low, high, left, right)
        side = "up" if row.low > 0 else "down" if row.high < 0 else "flat"
        drawn += [
            draw.text(left - 14, y + 4, row.name, anchor="end"),
            draw.rule(left, y, right, y, "grid"),
            draw.rule(across(0.0), y - 11, across(0.0), y + 11, "zero"),
            draw.block(across(row.low), y - 4, across(row.high) - across(row.low), 8, f"whisker {side}"),
            draw.rule(across(row.value), y - 8, across(row.value), y + 8, "mark"),
            draw.text(right + 14, y + 4, row.told, class_="value"),
        ]
    return draw.sheet(alternative, len(rows) * height + 4, *drawn)


def _short(value: float) -> str:
    return f"{value:.6g}".replace("-", MINUS)
