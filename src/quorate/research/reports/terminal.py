"""A backtest in a terminal: the verdict first, then figures, months, symbols and what was assumed; wide or narrow."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from quorate.research.findings import GROUPS, Figure, Findings, Study
from quorate.research.reports import words
from quorate.research.reports.breakdowns import TOTAL, Breakdown, breakdowns, months_of
from quorate.research.reports.evidence import VERDICTS, cost_steps, money_of
from quorate.research.reports.markup import CONTROL
from quorate.research.reports.sections import ENGINES, MONTHS, verdict_of
from quorate.research.result import Backtest

WIDE = 100
"""Columns from which tables stand side by side."""
TONES = {"promising": "green", "unproven": "yellow", "against": "red"}
SIDES = {"up": "green", "down": "red", "flat": ""}
ROWS_MOST = 12
"""Symbols that are listed; the rest are in the document."""


def plain(text: str, style: str = "") -> Text:
    """Text of anybody: no markup is read in it, and what a terminal would obey is taken out."""
    return Text(CONTROL.sub("\ufffd", text), style=style)


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """A backtest as rich prints it: `console.print(Summary(study))`."""

    study: Study

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Everything, as wide as there is room."""
        backtest, findings = self.study.backtest, self.study.findings
        wide = options.max_width >= WIDE
        yield from _head(backtest, findings)
        yield from _figures(backtest, findings, wide=wide)
        yield from _months(backtest, wide=wide)
        for each in breakdowns(backtest.trades):
            if each.by in ("Symbol", "Regime at entry") and len(each.parts) > 1:
                yield ""
                yield _breakdown(each, words.quote_of(backtest), wide=wide)
        yield from _evidence(backtest, findings)
        yield from _assumptions(backtest)


def _head(backtest: Backtest, findings: Findings) -> Iterable[RenderableType]:
    verdict = verdict_of(backtest, findings)
    pairs = ", ".join(backtest.pairs[:4]) + (f" and {len(backtest.pairs) - 4} more" if len(backtest.pairs) > 4 else "")
    period = f"{words.day(backtest.start_ms)} to {words.day(backtest.end_ms)}"
    yield plain(backtest.title, "bold")
    yield plain(f"{period}, {pairs}, {backtest.timeframe}, {ENGINES[backtest.engine]}", "dim")
    yield ""
    yield plain(verdict.headline, f"bold {TONES[verdict.tone]}")
    for sentence in verdict.sentences:
        yield plain(sentence)
    for warning in backtest.warnings:
        yield plain(f"Warning: {warning}", "yellow")


def _figures(backtest: Backtest, findings: Findings, *, wide: bool) -> Iterable[RenderableType]:
    quote = words.quote_of(backtest)
    groups = [(name, [each for each in findings.figures if each.group == name]) for name in GROUPS]
    tables = [_group(name, own, findings, quote, wide=wide) for name, own in groups if own]
    yield from _beside(tables, wide=wide)


def _group(name: str, own: Sequence[Figure], findings: Findings, quote: str, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(name, overflow="fold", no_wrap=wide)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", style="dim", no_wrap=wide)
    for each in own:
        interval = findings.interval(each.name)
        side = SIDES[words.sign_of(each.value)] if each.group == "Return" else ""
        told = "" if interval is None else words.bounds(interval, each.unit, quote)
        table.add_row(plain(each.label), plain(words.told(each, quote), side), plain(told))
    return table


def _beside(tables: Sequence[Table], *, wide: bool) -> Iterable[RenderableType]:
    """Two and two beside one another where there is room."""
    if not wide:
        for table in tables:
            yield ""
            yield table
        return
    for place in range(0, len(tables), 2):
        grid = Table.grid(expand=False, padding=(0, 6, 0, 0))
        row = tables[place : place + 2]
        grid.add_row(*row)
        yield ""
        yield grid


def _months(backtest: Backtest, *, wide: bool) -> Iterable[RenderableType]:
    total = backtest.curves.get(TOTAL)
    found = () if total is None else months_of(total)
    if not found:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("Month, %" if not wide else "Months, %")
    told = {(month.year, month.month): _change(month.change, whole=month.whole) for month in found}
    if wide:
        for name in MONTHS:
            table.add_column(name, justify="right")
        for year in sorted({month.year for month in found}):
            table.add_row(str(year), *(told.get((year, place), Text("")) for place in range(1, 13)))
    else:
        table.add_column("", justify="right")
        for (year, month), text in told.items():
            table.add_row(f"{MONTHS[month - 1]} {year}", text)
    yield ""
    yield table
    if not all(month.whole for month in found):
        yield Text("* not the whole month", style="dim")


def _change(change: float, *, whole: bool) -> Text:
    text = words.number(change * 100, signed=True) + ("" if whole else "*")
    return Text(text, style=SIDES[words.sign_of(change)])


def _breakdown(each: Breakdown, quote: str, *, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(each.by, overflow="fold")
    heads = ["Trades", "Won", "Mean R", f"P&L, {quote}"] + (["Profit factor", f"Costs, {quote}"] if wide else [])
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for part in each.parts[:ROWS_MOST]:
        factor = "–" if part.profit_factor is None else words.number(part.profit_factor)
        table.add_row(
            plain(part.name),
            f"{part.trades:,}",
            words.share(part.win_rate, places=1),
            words.number(part.mean_r, 3, signed=True),
            Text(words.number(part.pnl, signed=True), style=SIDES[words.sign_of(part.pnl)]),
            *([factor, words.number(part.costs)] if wide else []),
        )
    if len(each.parts) > ROWS_MOST:
        table.add_row(Text(f"and {len(each.parts) - ROWS_MOST} more", style="dim"))
    return table


def _evidence(backtest: Backtest, findings: Findings) -> Iterable[RenderableType]:
    quote = words.quote_of(backtest)
    steps = [(name, value) for name, value, _ in cost_steps(money_of(backtest))] if backtest.trades else []
    lines = [
        (
            "Where the money went",
            ", ".join(f"{name.lower()} {words.number(value, signed=True)}" for name, value in steps),
        )
    ]
    for each in findings.baselines:
        beaten = "" if each.percentile is None else f", better than {words.number(each.percentile, 1)} % of draws"
        own = words.measured(each.value, each.unit, quote, signed=True)
        lines.append((each.label, each.sentence or f"{each.measure} {own}{beaten}"))
    if not findings.baselines:
        lines.append(("Luck", "No baseline was run: whether it beats luck is not known."))
    found = findings.look_ahead
    lines.append(
        ("Look-ahead", VERDICTS["not_checked"] if found is None else found.sentence or VERDICTS[found.verdict])
    )
    if findings.monte_carlo is not None:
        lines.append(("Monte Carlo", findings.monte_carlo.sentence or findings.monte_carlo.method))
    silent = sorted(backtest.silent.items(), key=lambda entry: (-entry[1], entry[0]))
    lines.append(("No trade", "; ".join(f"{count:,} {why.replace('_', ' ')}" for why, count in silent)))
    lines.append(("Still open", f"{backtest.open_trades:,}" if backtest.open_trades else ""))
    yield ""
    yield _pairs(lines)


def _assumptions(backtest: Backtest) -> Iterable[RenderableType]:
    facts = [(name.replace("_", " ").capitalize(), value) for name, value in backtest.costs.items()]
    facts += [(name.replace("_", " ").capitalize(), value) for name, value in backtest.conventions.items()]
    facts.append(("Estimated", ", ".join(backtest.estimated).replace("_", " ") or "nothing"))
    facts.append(("Candles", f"{words.counted(backtest.bars, 'candle')}, {backtest.source}"))
    facts.append(("Took", f"{backtest.elapsed_s:.2f} s" if backtest.elapsed_s else ""))
    yield ""
    yield Text("Assumed", style="bold")
    yield Padding(_pairs(facts), (0, 0, 0, 0))


def _pairs(lines: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in lines:
        if value:
            table.add_row(plain(name), plain(value))
    return table
