"""The verbs that search parameters: many points at once, and again and again through time."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import click

from quorate.cli.desk_verbs import as_json_option
from quorate.cli.options import CANDLES, DATA_DIR, candle_settings, setting_options

if TYPE_CHECKING:
    from types import FrameType

    from quorate.research.space import Point
    from quorate.research.sweep import Choice
    from quorate.research.trials import Record, StrategySpec
    from quorate.settings import Settings
    from quorate.wiring.sweep import Workers

Verb = TypeVar("Verb", bound=Callable[..., Any])
OBJECTIVES = ("expectancy", "sharpe", "calmar", "net_return")
STOPPED_HINT = "What was tried is kept: the same command goes on from there."


def search_options(verb: Verb) -> Verb:
    """Give a verb the options that say what is searched, how, by what, and where."""
    path = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option("--html", type=path, metavar="FILE", help="Write a page with tables and drawings."),
        click.option("--ray", metavar="ADDRESS", help="A Ray cluster instead of processes here (extra `ray`)."),
        click.option("--workers", type=click.IntRange(1, 1024), help="Processes (default: as the work is worth)."),
        click.option("--seed", "search_seed", type=click.IntRange(0, 2**31 - 1), default=7, help="Default 7."),
        click.option("--min-trades", type=click.IntRange(1), default=30, help="Fewer are not ranked (default 30)."),
        click.option(
            "--objective", type=click.Choice(OBJECTIVES), default="expectancy", help="What the best has most of."
        ),
        click.option("--points", type=click.IntRange(1, 200_000), help="How many; a grid has its own number."),
        click.option("--space-file", type=path, metavar="FILE", help="TOML with a table [space]; --space wins."),
        click.option("--space", multiple=True, metavar="NAME=RANGE", help="channel=10:60:5, mode=trend,revert, …"),
        click.option("--strategy", required=True, metavar="NAME", help="`quorate strategy list` shows them."),
    ):
        verb = option(verb)
    return setting_options(*CANDLES, DATA_DIR)(verb)


@click.command(short_help="Try a strategy at many points of its parameters.")
@search_options
@click.option("--method", type=click.Choice(("grid", "sobol", "tpe")), default="grid", help="Default grid.")
@click.option("--top", type=click.IntRange(1), default=20, help="Points to show (default 20).")
@click.option("--map", "axes", metavar="ACROSS,UP", help="The two parameters of the page's heat map.")
@as_json_option
def sweep(*, top: int, axes: str | None, html: Path | None, as_json: bool, **given: Any) -> int:
    """Run a strategy at every point and show the best ones, with the probability that the very best is luck.

    \b
    quorate sweep --strategy breakout --space channel=10:60:5 --space stop_atr=1:4:0.5 --data DIR --pairs BTC/USDT

    Stop it whenever you like: the same command goes on. Every point ever tried on the same candles counts as a try.
    """
    from quorate.cli.console import Console

    settings, spec, choice, workers = _asked(given)
    from quorate.cli import sweep_tables as tables
    from quorate.research.sweep_page import write_sweep_page
    from quorate.wiring import sweep as wired

    across, up = _map_axes(axes)
    with _stopping() as asked, PointBar(choice) as bar:
        result = wired.sweep(settings, spec, choice, workers, told=bar, stop=asked.stopped)
    with Console(as_json=as_json) as console:
        if html is not None:
            write_sweep_page(result, html, across=across, up=up)
            console.notice(f"Wrote {html}.")
        if as_json:
            console.facts(tables.sweep_json(result, top))
        else:
            console.rows(tables.sweep_columns(result), tables.sweep_rows(result, top), name="points")
            console.facts(tables.sweep_facts(result))
        if not result.complete:
            console.notice(f"Stopped with {len(result.trials):,} of {result.total:,} points done. {STOPPED_HINT}")
    return 0 if result.complete else asked.exit_code


@click.command("walk-forward", short_help="Choose parameters again and again, and see what comes of it.")
@search_options
@click.option("--method", type=click.Choice(("grid", "sobol")), default="grid", help="Default grid.")
@click.option("--windows", type=click.IntRange(1, 200), default=12, help="Default 12.")
@click.option("--train-days", type=click.FloatRange(min=0, min_open=True), help="Default: three times the applying.")
@click.option("--embargo-days", type=click.FloatRange(min=0), default=1.0, help="Gap after choosing (default 1).")
@click.option("--anchored", is_flag=True, help="Choosing always begins at the start, instead of rolling along.")
@as_json_option
def walk_forward(*, html: Path | None, as_json: bool, **given: Any) -> int:
    """Choose the best point of a stretch of time, apply it to the next, and so on; only what was applied counts.

    \b
    quorate walk-forward --strategy breakout --space channel=10:60:5 --data DIR --pairs BTC/USDT --windows 12

    It is held against 2,000 who choose at random in every window. Stop it whenever you like: the same command goes on.
    """
    from quorate.cli.console import Console
    from quorate.research.windows import Layout

    layout = Layout(
        count=given.pop("windows"),
        train_days=given.pop("train_days"),
        anchored=given.pop("anchored"),
        embargo_days=given.pop("embargo_days"),
    )
    settings, spec, choice, workers = _asked(given)
    from quorate.cli import sweep_tables as tables
    from quorate.research.trying import Tried
    from quorate.research.walk_page import write_walk_page
    from quorate.wiring import sweep as wired

    with _stopping() as asked, PointBar(choice, show_best=False) as bar:
        result = wired.walk_forward(settings, spec, choice, layout, workers, told=bar, stop=asked.stopped)
    with Console(as_json=as_json) as console:
        if isinstance(result, Tried):
            console.notice(f"Stopped with {len(result.texts):,} of {result.total:,} points done. {STOPPED_HINT}")
            return asked.exit_code
        if html is not None:
            write_walk_page(result, html)
            console.notice(f"Wrote {html}.")
        if as_json:
            console.facts(tables.walk_json(result))
        else:
            console.rows(tables.WALK_COLUMNS, tables.walk_table(result), name="windows")
            console.facts(tables.walk_facts(result))
    return 0


def _asked(given: dict[str, Any]) -> tuple[Settings, StrategySpec, Choice, Workers]:
    """What the options ask for; the settings' own options are left in `given` for them."""
    names = ("strategy", "space", "space_file", "points", "objective", "min_trades", "search_seed", "method")
    chosen = {name: given.pop(name) for name in names}
    count, ray = given.pop("workers"), given.pop("ray")
    settings = candle_settings(given)
    from quorate.research.sweep import Choice
    from quorate.wiring import sweep as wired

    spec = wired.strategy_spec(settings, chosen["strategy"])
    choice = Choice(
        space=wired.space_of(spec, chosen["space"], chosen["space_file"]),
        method=chosen["method"],
        points=chosen["points"],
        seed=chosen["search_seed"],
        objective=chosen["objective"],
        min_trades=chosen["min_trades"],
    )
    return settings, spec, choice, wired.Workers(count=count, ray=ray)


def _map_axes(axes: str | None) -> tuple[str | None, str | None]:
    if axes is None:
        return None, None
    across, comma, up = axes.partition(",")
    if not comma:
        raise click.BadParameter("two parameters with a comma between, like channel,stop_atr", param_hint="--map")
    return across.strip(), up.strip()


class _Asked:
    """Whether somebody asked to stop, and by what."""

    def __init__(self) -> None:
        self.by: int | None = None

    def stopped(self) -> bool:
        """Whether the work is to end with what is under way."""
        return self.by is not None

    @property
    def exit_code(self) -> int:
        """What the process ends with."""
        return 1 if self.by is None else 128 + self.by

    def hear(self, number: int, _: FrameType | None) -> None:
        """The first signal asks; a second one ends the process at once, which is safe: what is done is on the disk."""
        if self.by is not None:
            os._exit(128 + number)
        self.by = number


@contextmanager
def _stopping() -> Generator[_Asked]:
    asked = _Asked()
    before = {number: signal.signal(number, asked.hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class PointBar:
    """Progress of a search on stderr, on a terminal only: points done, and the best objective so far."""

    def __init__(self, choice: Choice, *, show_best: bool = True) -> None:
        from rich.console import Console as Screen
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        screen = Screen(stderr=True)
        self._choice = choice
        self._show_best = show_best
        self._best: tuple[float, str] | None = None
        self._bar = Progress(
            BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(compact=True),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._task = self._bar.add_task("reading candles", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, *, done: int, total: int, newest: Sequence[tuple[Point, Record]]) -> None:
        """So many points are done; these are new."""
        from quorate.research.sweep_page import point_text
        from quorate.research.trials import figures_from

        if self._show_best:
            for point, record in newest:
                if "figures" in record:
                    value = figures_from(record["figures"]).objective(self._choice.objective, self._choice.min_trades)
                    if not isnan(value) and (self._best is None or value > self._best[0]):
                        self._best = (value, point_text(point))
        told = "" if self._best is None else f"best {self._choice.objective} {self._best[0]:.4g} at {self._best[1]}"
        self._bar.update(self._task, completed=done, total=total, description=told)
