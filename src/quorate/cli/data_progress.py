"""Progress of long work on the candle store: bars on stderr, on a terminal only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from rich.console import Console as Screen
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TaskProgressColumn, TextColumn
from rich.progress import TimeRemainingColumn as Remaining

if TYPE_CHECKING:
    from quorate.feeds.candles.series import Series


class StepBar:
    """One bar over pieces of work. Call it before each piece; leave the context when all are done."""

    def __init__(self, screen: Screen | None = None) -> None:
        screen = screen or Screen(stderr=True)
        self._bar = Progress(
            BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, about: str, done: int, total: int) -> None:
        """The next piece is about `about`; `done` of `total` are done."""
        if self._task is None:
            self._task = self._bar.add_task(about)
        self._bar.update(self._task, description=about, completed=done, total=total)


class SeriesBars:
    """A bar for each series that is being downloaded; a finished one makes room."""

    def __init__(self, screen: Screen | None = None) -> None:
        screen = screen or Screen(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
            TaskProgressColumn(),
            TextColumn("{task.fields[at]}"),
            Remaining(compact=True),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._tasks: dict[Series, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def __call__(self, series: Series, *, done: int, total: int, at_ms: int) -> None:
        """So much of a series was asked for, up to the instant `at_ms`."""
        if series not in self._tasks:
            self._tasks[series] = self._bars.add_task(series.label, total=total, at="")
        day = f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"
        self._bars.update(self._tasks[series], completed=done, total=total, at=day, visible=done < total)
