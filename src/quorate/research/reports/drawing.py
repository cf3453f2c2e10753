"""What all drawings share: the sheet, its axes, lines and areas. Colours are classes, which themes change."""

from collections.abc import Sequence

import numpy as np

from quorate.kernel.bars import FloatArray
from quorate.research.reports.markup import Html, joined, tag
from quorate.research.reports.scales import Scale, ticks, time_ticks
from quorate.research.reports.words import NARROW, number

WIDTH = 960
LEFT, RIGHT = 72, 16
"""Room for the names of values, and beside the last point."""


def sheet(alternative: str, height: float, *children: str, width: float = WIDTH) -> Html:
    """The whole drawing; `alternative` says in words what it shows to those who do not see it."""
    return tag(
        "svg",
        *children,
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_label=alternative,
    )


def text(x: float, y: float, words: str, *, class_: str = "", anchor: str | None = None) -> Html:
    """Words on a drawing; `anchor` is the end that lies at x: middle or end."""
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", class_=class_ or None, text_anchor=anchor)


def rule(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    """A straight line."""
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=class_)


def block(x: float, y: float, width: float, height: float, class_: str, *, title: str = "") -> Html:
    """A filled rectangle; `title` shows when the pointer rests on it."""
    inside = (tag("title", title),) if title else ()
    return tag(
        "rect",
        *inside,
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{max(width, 0.0):.1f}",
        height=f"{max(height, 0.0):.1f}",
        class_=class_,
    )


def points(x: FloatArray, y: FloatArray) -> str:
    """The way through all points, in tenths of a pixel; points on the same tenth are told once."""
    told, before = list[str](), ""
    for here in (f"{left:.1f} {top:.1f}" for left, top in zip(x.tolist(), y.tolist(), strict=True)):
        if here != before:
            told.append(here)
        before = here
    return "L".join(told)


def line(x: FloatArray, y: FloatArray, class_: str) -> Html:
    """A line through all points."""
    return tag("path", d=f"M{points(x, y)}", class_=class_) if len(x) else Html("")


def area(x: FloatArray, y: FloatArray, base: float, class_: str) -> Html:
    """What lies between a line and `base`."""
    if len(x) == 0:
        return Html("")
    return tag("path", d=f"M{x[0]:.1f} {base:.1f}L{points(x, y)}L{x[-1]:.1f} {base:.1f}Z", class_=class_)


def between(x: FloatArray, low: FloatArray, high: FloatArray, class_: str) -> Html:
    """What lies between two lines."""
    return tag("path", d=f"M{points(x, high)}L{points(x[::-1], low[::-1])}Z", class_=class_) if len(x) else Html("")


def value_axis(scale: Scale, words: Sequence[tuple[float, str]], *, right: float = WIDTH - RIGHT) -> Html:
    """Hairlines across the drawing with their values to the left."""
    return joined(
        joined(
            (
                rule(LEFT, scale(value), right, scale(value), "grid"),
                text(LEFT - 8, scale(value) + 4, name, anchor="end"),
            )
        )
        for value, name in words
    )


def time_axis(scale: Scale, top: float, bottom: float, *, most: int = 12) -> Html:
    """Marks of time under the drawing, with hairlines through it."""
    pieces = list[str]()
    for at_ms, name in time_ticks(int(scale.low), int(scale.high), most=most):
        x = scale(at_ms)
        pieces.append(rule(x, top, x, bottom, "grid"))
        if scale.at_low + 14 <= x <= scale.at_high - 14:
            pieces.append(text(x, bottom + 16, name, anchor="middle"))
    return joined(pieces)


def named(values: Sequence[float], *, percent: bool = False, signed: bool = False) -> list[tuple[float, str]]:
    """Values of an axis with their names, all with as many decimals as the finest of them needs."""
    shown = [value * 100 if percent else value for value in values]
    places = next((count for count in range(6) if all(abs(round(each, count) - each) < 1e-9 for each in shown)), 6)
    unit = f"{NARROW}%" if percent else ""
    return [(value, number(each, places, signed=signed) + unit) for value, each in zip(values, shown, strict=True)]


def round_values(scale: Scale, about: int = 5) -> list[float]:
    """The round values that its axis names."""
    low, high = min(scale.low, scale.high), max(scale.low, scale.high)
    return ticks(low, high, about=about)


def legend(*entries: tuple[str, str]) -> Html:
    """Samples of lines or areas by class, with what they are."""
    return tag(
        "ul",
        *(
            tag(
                "li",
                tag(
                    "svg",
                    tag("path", d="M0 6L22 6", class_=class_)
                    if "line" in class_
                    else tag("rect", x=0, y=1, width=22, height=10, class_=class_),
                    width=22,
                    height=12,
                    viewBox="0 0 22 12",
                    aria_hidden="true",
                ),
                name,
            )
            for class_, name in entries
        ),
        class_="legend",
    )


def array(values: Sequence[float]) -> FloatArray:
    """The values as a column."""
    return np.asarray(values, np.float64)
