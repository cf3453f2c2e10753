"""Equity through time, how far it lay under its peak, and what chance might have made of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quorate.kernel.bars import FloatArray
from quorate.research.findings import Findings, MonteCarlo
from quorate.research.reports import drawing as draw
from quorate.research.reports.markup import Html, joined, tag
from quorate.research.reports.scales import Scale, spread
from quorate.research.reports.thinning import outline
from quorate.research.reports.words import MINUS, day, instant, number, share
from quorate.research.result import Curve

SERIES = ("line one", "line two", "line three")
TOP, PLOT, GAP, UNDER, FOOT = 12, 250, 22, 96, 26
PIXELS = 420
"""Columns that an outline keeps four points of."""
READ_COLUMNS = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A curve with its name."""

    name: str
    curve: Curve


def baseline_lines(findings: Findings) -> list[Line]:
    """The baselines that have one path, as many as there are kinds of lines for them."""
    found = [
        Line(each.label, Curve(np.asarray(each.at_ms, np.int64), draw.array(each.equity)))
        for each in findings.baselines
        if len(each.equity) > 1
    ]
    return found[: len(SERIES) - 1]


def change_of(curve: Curve) -> float:
    """What it made of what it began with: 0.01 is one percent."""
    return float(curve.equity[-1] / curve.equity[0] - 1.0)


def drawdown(equity: FloatArray) -> FloatArray:
    """How far each point lies under the peak so far, as a share of it, 0 to 1."""
    peak = np.maximum.accumulate(equity)
    return 1.0 - equity / np.where(peak > 0, peak, 1.0)


def equity_drawing(own: Curve, quote: str) -> Html:
    """Equity above, drawdown below, on the same time."""
    across = _time([own])
    up = Scale(*spread(float(own.equity.min()), float(own.equity.max())), TOP + PLOT, TOP)
    fall = drawdown(own.equity)
    base = TOP + PLOT + GAP
    down = Scale(0.0, max(float(fall.max()) * 1.05, 0.001), base, base + UNDER)
    start = up(float(own.equity[0]))
    places = outline(own.at_ms, -fall, columns=PIXELS)
    x, y = across.all(own.at_ms[places].astype(np.float64)), down.all(fall[places])
    falls = [(value, f"{MINUS}{name}" if value else name) for value, name in _percents(down, 3)]
    return draw.sheet(
        _told(own, fall, quote),
        base + UNDER + FOOT,
        draw.time_axis(across, TOP, base + UNDER),
        draw.value_axis(up, draw.named(draw.round_values(up))),
        draw.value_axis(down, falls),
        draw.rule(draw.LEFT, start, draw.WIDTH - draw.RIGHT, start, "zero"),
        _drawn(own, across, up, SERIES[0]),
        draw.area(x, y, base, "fall"),
        draw.line(x, y, "line fall-edge"),
    )


def reader(own: Curve, quote: str) -> Html:
    """What the page's script needs to read the drawing at any instant; nothing is shown without the script."""
    fall = drawdown(own.equity)
    places = outline(own.at_ms, own.equity, columns=READ_COLUMNS)
    across = _time([own])
    data = {
        "x": [round(value, 1) for value in across.all(own.at_ms[places].astype(np.float64)).tolist()],
        "told": [
            f"{instant(at_ms)} UTC: equity {number(equity)} {quote}, drawdown {share(-under)}"
            for at_ms, equity, under in zip(
                own.at_ms[places].tolist(), own.equity[places].tolist(), fall[places].tolist(), strict=True
            )
        ],
        "top": TOP,
        "bottom": TOP + PLOT + GAP + UNDER,
    }
    # Inside a script element only "<" could end it.
    safe = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")
    return Html(f'<script type="application/json" class="readings">{safe}</script>')


def overlay_drawing(lines: Sequence[Line], alternative: str) -> Html:
    """Several curves from the same zero: what each has made of what it began with."""
    across = _time([each.curve for each in lines])
    changes = [each.curve.equity / each.curve.equity[0] - 1.0 for each in lines]
    low = min(0.0, *(float(change.min()) for change in changes))
    high = max(0.0, *(float(change.max()) for change in changes))
    up = Scale(*spread(low, high), TOP + PLOT, TOP)
    drawn = [
        _drawn(Curve(each.curve.at_ms, change), across, up, SERIES[place % len(SERIES)])
        for place, (each, change) in enumerate(zip(lines, changes, strict=True))
    ]
    return draw.sheet(
        alternative,
        TOP + PLOT + FOOT,
        draw.time_axis(across, TOP, TOP + PLOT),
        draw.value_axis(up, _percents(up, 5)),
        draw.rule(draw.LEFT, up(0.0), draw.WIDTH - draw.RIGHT, up(0.0), "zero"),
        *reversed(drawn),
    )


def spark(curve: Curve) -> Html:
    """A curve the size of a word; the table it stands in tells its numbers."""
    places = outline(curve.at_ms, curve.equity, columns=60)
    values = curve.equity[places]
    across = Scale(float(curve.at_ms[0]), float(curve.at_ms[-1]), 1, 119)
    up = Scale(float(values.min()), float(values.max()), 23, 1)
    x = across.all(curve.at_ms[places].astype(np.float64))
    drawn = draw.line(x, up.all(values), "line one")
    start = draw.rule(1, up(float(values[0])), 119, up(float(values[0])), "zero")
    return tag("svg", start, drawn, viewBox="0 0 120 24", width=120, height=24, aria_hidden="true", class_="spark")


def fan_drawing(luck: MonteCarlo, own: FloatArray) -> Html:
    """Bands of equity after each trade or day, with the way it really went on top where its steps are the same."""
    bands = {float(name): draw.array(values) for name, values in luck.bands.items()}
    names = sorted(bands)
    count = len(bands[names[0]])
    shown = own if len(own) == count else own[:0]
    low = min(float(band.min()) for band in bands.values())
    high = max(float(band.max()) for band in bands.values())
    if len(shown):
        low, high = min(low, float(shown.min())), max(high, float(shown.max()))
    across = Scale(0.0, float(max(count - 1, 1)), draw.LEFT, draw.WIDTH - draw.RIGHT)
    up = Scale(*spread(low, high), TOP + PLOT, TOP)
    places = np.unique(np.linspace(0, count - 1, min(count, 400)).astype(np.int64))
    x = across.all(places.astype(np.float64))
    pairs = [(names[place], names[-1 - place]) for place in range(len(names) // 2)]
    filled = [
        draw.between(x, up.all(bands[under][places]), up.all(bands[over][places]), f"band b{place}")
        for place, (under, over) in enumerate(pairs)
    ]
    middle = bands.get(50.0)
    own_places = outline(np.arange(len(shown), dtype=np.int64), shown, columns=PIXELS) if len(shown) else places[:0]
    return draw.sheet(
        f"Fan of {luck.runs} draws: {luck.sentence or luck.method}",
        TOP + PLOT + FOOT + 14,
        *filled,
        draw.value_axis(up, draw.named(draw.round_values(up))),
        draw.rule(draw.LEFT, up(luck.start_equity), draw.WIDTH - draw.RIGHT, up(luck.start_equity), "zero"),
        *([draw.line(x, up.all(middle[places]), "line two")] if middle is not None else []),
        draw.line(across.all(own_places.astype(np.float64)), up.all(shown[own_places]), "line one"),
        joined(
            draw.text(across(value), TOP + PLOT + 16, number(value, 0), anchor="middle")
            for value in draw.round_values(across, 8)
        ),
        draw.text(draw.WIDTH - draw.RIGHT, TOP + PLOT + 34, f"{luck.step}s", anchor="end", class_="axis-name"),
    )


def _time(curves: Sequence[Curve]) -> Scale:
    first = min(int(curve.at_ms[0]) for curve in curves)
    last = max(int(curve.at_ms[-1]) for curve in curves)
    return Scale(float(first), float(max(last, first + 1)), draw.LEFT, draw.WIDTH - draw.RIGHT)


def _drawn(curve: Curve, across: Scale, up: Scale, class_: str) -> Html:
    places = outline(curve.at_ms, curve.equity, columns=PIXELS)
    return draw.line(across.all(curve.at_ms[places].astype(np.float64)), up.all(curve.equity[places]), class_)


def _percents(scale: Scale, about: int) -> list[tuple[float, str]]:
    return draw.named(draw.round_values(scale, about), percent=True)


def _told(own: Curve, fall: FloatArray, quote: str) -> str:
    first, last = (f"{number(float(own.equity[at]))} {quote} on {day(int(own.at_ms[at]))}" for at in (0, -1))
    low, high = number(float(own.equity.min())), number(float(own.equity.max()))
    deepest = f"{share(float(fall.max()))} on {day(int(own.at_ms[int(np.argmax(fall))]))}"
    return f"Equity from {first} to {last}; lowest {low}, highest {high}. Deepest drawdown {deepest}."
