"""One HTML file that tells a walk-forward: what was chosen when, what came of it, and who chose as well at random."""

from math import isnan
from pathlib import Path

import numpy as np

from quorate.research.report import page
from quorate.research.reports import words
from quorate.research.reports.curves import equity_drawing
from quorate.research.reports.markup import Html, figure, section, table, tag
from quorate.research.sweep_page import HEAD, assumptions_section, figure_cells, point_text
from quorate.research.walk_forward import WalkResult


def write_walk_page(result: WalkResult, path: Path) -> None:
    """Write the page. Raises OSError."""
    path.write_text(walk_page(result), encoding="utf-8", newline="\n")


def walk_page(result: WalkResult) -> str:
    """The page as text. The same result gives the same bytes."""
    walk = result.walk
    title = f"Walk-forward of {walk.strategy.name} on {', '.join(walk.materials.pairs)}"
    period = f"{words.day(walk.windows[0].inside.start_ms)} to {words.day(walk.windows[-1].outside.end_ms)}"
    kind = f"Walk-forward · {period} · {walk.materials.source} · {result.total:,} points in {len(walk.windows)} windows"
    notes = walk.materials.notes
    return page(
        title,
        tag(
            "header",
            tag("p", kind, class_="kind"),
            tag("h1", title),
            tag("div", tag("p", result.verdict), class_="verdict unproven"),
            tag("ul", *(tag("li", note) for note in notes), class_="notes") if notes else "",
        ),
        section("result", "Where it counts", table("Everything that was applied", ("What", *HEAD), _stitched(result))),
        section("equity", "Equity", _equity(result)),
        section("luck", "Luck", table("Choosing", ("What", "Value"), walk_rows(result), align=("text", "text"))),
        section("windows", "Windows", _windows(result)),
        section("stability", "Stability", _stability(result)),
        assumptions_section(result.costs, result.conventions, result.estimated),
        foot="Only what was applied after choosing counts here; choosing never saw it.",
    )


def walk_rows(result: WalkResult) -> list[tuple[str, str]]:
    """What the choosing is worth, in names and words."""
    rows = [("Tries counted", f"{result.tried:,} points in each of {len(result.steps)} windows")]
    told = (
        "cannot be told: choosing promised nothing" if isnan(result.efficiency) else f"{100 * result.efficiency:.0f} %"
    )
    rows.append(("Efficiency: return applied over return promised", told))
    if len(result.random):
        low, middle, high = np.quantile(result.random, (0.05, 0.5, 0.95)).tolist()
        rows += [
            ("Beats who choose at random", f"{result.percentile:.1f} % of {len(result.random):,}"),
            ("Return of random choices", f"{middle:+.2%} ({low:+.2%} to {high:+.2%}); of these: {result.chained:+.2%}"),
        ]
    if result.sharpe is not None:
        rows.append(("Probability that the true Sharpe ratio is over 0", f"{100 * result.sharpe.probability:.1f} %"))
    ranks = [step.rank for step in result.steps if not isnan(step.rank)]
    if ranks:
        rows.append(("Points it beat where applied, mean", f"{100 * float(np.mean(ranks)):.0f} % (50 % is no better)"))
    return rows


def _stitched(result: WalkResult) -> list[list[str]]:
    return [["Stitched together", *figure_cells(result.stitched)]]


def _equity(result: WalkResult) -> Html:
    markets = result.walk.materials.markets
    quotes = {pair.partition("/")[2].partition(":")[0] for pair in markets}
    drawing = equity_drawing(result.curve, quotes.pop() if len(quotes) == 1 else "")
    return figure(drawing, "Stitched equity at the end of each day above, its fall from the peak below.")


def _windows(result: WalkResult) -> Html:
    rows: list[list[str]] = []
    for place, step in enumerate(result.steps, start=1):
        applied = f"{words.day(step.window.outside.start_ms)} to {words.day(step.window.outside.end_ms - 1)}"
        inside, outside = (
            figure_cells(one) if one is not None else ["–"] * len(HEAD) for one in (step.inside, step.outside)
        )
        chosen = "nothing: too few trades" if step.point is None else point_text(step.point)
        rank = "–" if isnan(step.rank) else f"{100 * step.rank:.0f} %"
        rows.append([str(place), applied, chosen, inside[2], outside[2], inside[4], outside[4], outside[0], rank])
    head = ("Window", "Applied", "Chosen", "R promised", "R applied", "Promised", "Applied", "Trades", "Beat")
    return table("What was chosen, what it promised, what came of it", head, rows)


def _stability(result: WalkResult) -> Html:
    rows = [
        [
            one.name,
            ", ".join("–" if value is None else str(value) for value in one.values),
            str(one.different),
            "–" if isnan(one.moved) else f"{100 * one.moved:.0f} %",
        ]
        for one in result.stability
    ]
    head = ("Parameter", "Chosen, window by window", "Different", "Mean step of its range")
    return table("How the choice moved", head, rows, align=("text", "text", "number", "number"))
