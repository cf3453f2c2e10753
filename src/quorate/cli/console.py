"""What a person, or a program, gets to see of a run: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console as Screen
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

import quorate

if TYPE_CHECKING:
    from quorate.reporting import Finding, RunSummary, StartUp

PROGRESS_EVERY_S = 0.1
ROLES = 3
PIPED_COLUMNS = 160
"""Width of tables that no terminal shows: nothing a program looks for is folded or cut."""
MARKS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "fault": ("fault", "red")}


class Console:
    """A `Reporter` on the terminal. Use it as a context: leaving it takes the progress bar down."""

    def __init__(
        self, *, as_json: bool = False, open_page: bool = False, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._as_json = as_json
        self._open_page = open_page
        self._monotonic = monotonic
        self._screen = Screen(stderr=True, highlight=False, soft_wrap=True)
        self._bar: Progress | None = None
        self._shown_at = -PROGRESS_EVERY_S
        self._first: tuple[float, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._take_down()

    def started(self, facts: StartUp) -> None:
        """Show what has come up, once."""
        self._screen.print(Text(f"Quorate {quorate.__version__}", style="bold"), Text(f"{facts.mode} trading"))
        self._screen.print(_pairs_of(_lines(facts)))
        if facts.simulated:
            self._screen.print(Text("This market is simulated: no price here is real.", style="yellow"))
        if facts.url is not None and self._open_page:
            webbrowser.open(facts.url)

    def progress(self, *, at_ms: int, start_ms: int, stop_ms: int, candles: int) -> None:
        """Move the bar; shown ten times a second at most, and only on a terminal."""
        now = self._monotonic()
        if now - self._shown_at < PROGRESS_EVERY_S or not self._screen.is_terminal:
            return
        self._shown_at = now
        if self._first is None:
            self._first = (now, candles)
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None, complete_style="cyan", finished_style="cyan"),
                TaskProgressColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(compact=True),
                console=self._screen,
                transient=True,
            )
            self._bar.add_task("", total=max(stop_ms - start_ms, 1), rate="")
            self._bar.start()
        began, already = self._first
        rate = (candles - already) / (now - began) if now > began else 0.0
        self._bar.update(
            self._bar.task_ids[0],
            completed=at_ms - start_ms,
            description=f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}",
            rate=f"{rate:,.0f} candles/s" if rate else "",
        )

    def notice(self, text: str) -> None:
        """Print a sentence."""
        self._screen.print(Text(text))

    def warning(self, text: str) -> None:
        """Print a sentence that should not go unseen."""
        self._screen.print(Text(f"Warning: {text}", style="yellow"))

    def write_log(self, line: str) -> None:
        """Print a finished log line above the progress bar."""
        self._screen.print(Text(line.rstrip("\n")))

    def summary(self, summary: RunSummary) -> None:
        """Show what a run has come to, on stdout."""
        self._take_down()
        if self._as_json:
            _print_json(summary_json(summary))
            return
        screen = paper()
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("portfolio")
        for name in ("equity", "cash", "return", "trades"):
            table.add_column(name, justify="right")
        for entry in summary.portfolios:
            signed = f"{entry.return_pct:+.2f} %"
            table.add_row(entry.name, f"{entry.equity:,.2f}", f"{entry.cash:,.2f}", signed, f"{entry.trades:,}")
        refused = ", ".join(f"{pair} {count:,}" for pair, count in summary.quarantined.items())
        tiers = f"gold {summary.gold:,}, silver {summary.silver:,}, single {summary.single:,}"
        screen.print(table)
        screen.print()
        screen.print(
            _pairs_of(
                [
                    ("Market", summary.feed),
                    ("Account", summary.account),
                    ("Candles", f"{summary.candles:,} in {summary.steps:,} steps"),
                    *([("Quarantined", f"{refused}; the journal says why")] if refused else []),
                    ("Signals", f"{summary.signals:,} ({tiers})"),
                    ("Trades", f"{summary.trades:,}"),
                    ("Took", f"{summary.elapsed_s:,.1f} s, {summary.candles_per_s:,.0f} candles/s"),
                    ("Journal", f"at {summary.journal}"),
                    ("State hash", summary.state_hash),
                ]
            )
        )

    def facts(self, facts: Mapping[str, Any]) -> None:
        """Show names and values, on stdout."""
        if self._as_json:
            _print_json(facts)
        else:
            shown = [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in facts.items()]
            paper().print(_pairs_of(shown))

    def findings(self, findings: Sequence[Finding]) -> None:
        """Show what was looked at and how it is, on stdout."""
        if self._as_json:
            _print_json({"findings": [_finding_json(finding) for finding in findings]})
            return
        table = Table(box=None, show_header=False, pad_edge=False)
        for finding in findings:
            word, style = MARKS[finding.health.value]
            said = Text(finding.detail)
            if finding.advice:
                said.append(f"\n→ {finding.advice}", style="dim")
            table.add_row(Text(word, style=style), Text(finding.name, style="bold"), said)
        paper().print(table)

    def rows(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, name: str) -> None:
        """Show a list of like things, on stdout; `name` is what JSON calls the list."""
        if self._as_json:
            _print_json({name: list(rows)})
            return
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(str(row[column]) for column in columns))
        paper().print(table)

    def _take_down(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def paper() -> Screen:
    """Standard output, at a width of its own where no terminal gives one."""
    return Screen(highlight=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS)


def summary_json(summary: RunSummary) -> dict[str, Any]:
    """The one JSON object of a run: money as exact text, counts as numbers."""
    return {
        "account": summary.account,
        "feed": summary.feed,
        "candles": summary.candles,
        "steps": summary.steps,
        "signals": {
            "total": summary.signals,
            "gold": summary.gold,
            "silver": summary.silver,
            "single": summary.single,
        },
        "trades": summary.trades,
        "quarantined": dict(summary.quarantined),
        "portfolios": {
            entry.name: {
                "equity": str(entry.equity),
                "cash": str(entry.cash),
                "return_pct": str(entry.return_pct),
                "trades": entry.trades,
            }
            for entry in summary.portfolios
        },
        "state_hash": summary.state_hash,
        "journal": summary.journal,
        "elapsed_s": round(summary.elapsed_s, 3),
        "candles_per_s": round(summary.candles_per_s, 1),
    }


def _finding_json(finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "health": finding.health.value,
        "detail": finding.detail,
        "advice": finding.advice,
    }


def _print_json(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def _lines(facts: StartUp) -> list[tuple[str, str]]:
    feed = f"{facts.feed} ({facts.feed_reason})" if facts.feed_reason else facts.feed
    lines = [
        ("Market", feed),
        ("Account", facts.account),
        ("Roles", ", ".join(sorted(facts.roles)) if len(facts.roles) < ROLES else ""),
        ("Panel", ", ".join(facts.panel)),
        ("Portfolios", ", ".join(facts.portfolios)),
        ("Page", facts.url or ""),
        ("Data", _home(facts.data_dir)),
        ("Journal", facts.database),
        ("Redis", facts.redis),
    ]
    return [(name, value) for name, value in lines if value]


def _home(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


def _pairs_of(lines: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in lines:
        table.add_row(name, Text(value))
    return table
