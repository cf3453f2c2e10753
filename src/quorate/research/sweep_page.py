"""One HTML file that tells a sweep: its best points, a map of two parameters, and how much of it is luck."""

from collections.abc import Mapping
from math import inf, isnan
from pathlib import Path

from quorate.research.figures import LABELS, Figures
from quorate.research.heat_map import drawn, heat_map
from quorate.research.report import page
from quorate.research.reports import words
from quorate.research.reports.markup import Html, figure, joined, section, table, tag
from quorate.research.space import Point
from quorate.research.sweep import SweepResult

ROWS_MAX = 200
HEAD = ("Trades", "Win rate", "Expectancy R", "Profit factor", "Net return", "Sharpe", "Fall (daily)", "Calmar")


def write_sweep_page(result: SweepResult, path: Path, *, across: str | None = None, up: str | None = None) -> None:
    """Write the page. The map shows the first two axes that vary unless others are named. Raises OSError, BadInput."""
    path.write_text(sweep_page(result, across=across, up=up), encoding="utf-8", newline="\n")


def sweep_page(result: SweepResult, *, across: str | None = None, up: str | None = None) -> str:
    """The page as text. The same result gives the same bytes."""
    sweep, choice = result.sweep, result.sweep.choice
    title = f"Sweep of {sweep.strategy.name} on {', '.join(sweep.materials.pairs)}"
    period = f"{words.day(sweep.materials.start_ms)} to {words.day(sweep.materials.end_ms)}"
    kind = f"Sweep · {period} · {sweep.materials.source} · {len(result.trials):,} points by {choice.method}"
    missing = (
        [] if result.complete else [f"It was stopped: {len(result.trials):,} of {result.total:,} points are done."]
    )
    notes = [*missing, *sweep.materials.notes]
    return page(
        title,
        tag(
            "header",
            tag("p", kind, class_="kind"),
            tag("h1", title),
            tag("div", tag("p", result.verdict), class_="verdict unproven"),
            tag("ul", *(tag("li", note) for note in notes), class_="notes") if notes else "",
        ),
        section("luck", "Luck", luck_table(result)),
        _map(result, across, up),
        section("points", "Points", _points(result)),
        _failed(result),
        assumptions_section(result.costs, result.conventions, result.estimated),
        foot="A sweep looks for what fitted these candles best. That is partly luck, and this page says how much.",
    )


def luck_rows(result: SweepResult) -> list[tuple[str, str]]:
    """How much of the best is luck, in names and words."""
    rows = [("Tries counted", f"{result.tried:,}, every one on these candles with this code")]
    if result.deflated is not None:
        deflated = result.deflated
        rows += [
            ("Sharpe ratio of the best", f"{deflated.sharpe:.4f} a day"),
            ("Expected of the luckiest without skill", f"{deflated.expected_best:.4f} a day"),
            ("Deflated Sharpe ratio", f"{deflated.probability:.4f}: probability of more than luck"),
            ("Probability of being luck", f"{100 * deflated.luck:.1f} %"),
        ]
    else:
        rows.append(("Deflated Sharpe ratio", "cannot be told: no ranked point, or too few days"))
    if result.overfitting is not None:
        cross = result.overfitting
        rows += [
            ("Probability of overfitting (PBO)", f"{100 * cross.probability:.1f} %, {cross.splits:,} splits"),
            ("The best of one half loses in the other", f"{100 * cross.loss:.1f} % of the splits"),
        ]
    else:
        rows.append(("Probability of overfitting (PBO)", "cannot be told: too few ranked points, or too few days"))
    return rows


def luck_table(result: SweepResult) -> Html:
    """The same as a table."""
    return table("How much of the best point is luck", ("What", "Value"), luck_rows(result), align=("text", "text"))


def assumptions_section(costs: Mapping[str, str], conventions: Mapping[str, str], estimated: tuple[str, ...]) -> Html:
    """What every run assumed."""
    rows = [*costs.items(), *conventions.items(), ("estimated", ", ".join(estimated) or "nothing")]
    told = table("Assumed in every run", ("What", "How"), rows, align=("text", "text"), class_="facts")
    return section("assumptions", "Assumptions", told)


def figure_cells(figures: Figures) -> list[str]:
    """Figures as text, in the order of `HEAD`."""
    return [
        f"{figures.trades:,}",
        _told(figures.win_rate, "{:.1%}"),
        _told(figures.expectancy, "{:+.3f}"),
        "∞" if figures.profit_factor == inf else _told(figures.profit_factor, "{:.2f}"),
        _told(figures.net_return, "{:+.2%}"),
        _told(figures.sharpe, "{:.2f}"),
        _told(figures.daily_drawdown, "{:.2%}"),
        _told(figures.calmar, "{:.2f}"),
    ]


def point_text(point: Point) -> str:
    """A point in one line."""
    return ", ".join(f"{name}={value}" for name, value in point.items())


def _told(value: float, form: str) -> str:
    return "–" if isnan(value) else form.format(value)


def _map(result: SweepResult, across: str | None, up: str | None) -> Html:
    choice = result.sweep.choice
    varying = [axis.name for axis in choice.space.axes if len(axis.values) != 1]
    if len(varying) < 2 and (across is None or up is None):
        return Html("")
    first = across or next(name for name in varying if name != up)
    second = up or next(name for name in varying if name != first)
    heat = heat_map(
        result.trials,
        choice.space,
        across=first,
        up=second,
        objective=choice.objective,
        min_trades=choice.min_trades,
    )
    told = (
        f"Mean {LABELS[choice.objective]} over all other parameters; points with too few trades left out; ★ the best."
    )
    return section("map", f"{second} against {first}", figure(drawn(heat), told))


def _points(result: SweepResult) -> Html:
    names = result.sweep.choice.space.names
    shown = [trial for trial in result.trials if trial.figures is not None][:ROWS_MAX]
    rows = [
        [str(place), *(str(trial.point[name]) for name in names), *figure_cells(trial.figures)]
        for place, trial in enumerate(shown, start=1)
        if trial.figures is not None
    ]
    caption = f"The best {len(rows):,} of {len(result.trials):,} points by {LABELS[result.sweep.choice.objective]}"
    return table(caption, ("Rank", *names, *HEAD), rows)


def _failed(result: SweepResult) -> Html:
    if not result.failed:
        return Html("")
    rows = [(point_text(trial.point), trial.fault or "") for trial in result.failed[:ROWS_MAX]]
    caption = f"The strategy failed at {len(result.failed):,} points; they count as tried"
    return joined([section("failed", "Failed", table(caption, ("Point", "Why"), rows, align=("text", "text")))])
