"""Two backtests side by side as a page, and in a terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from quorate.research.reports import curves, words
from quorate.research.reports.breakdowns import TOTAL
from quorate.research.reports.comparing import Comparison, FigurePair
from quorate.research.reports.drawing import legend
from quorate.research.reports.markup import Html, figure, joined, paragraphs, section, table, tag
from quorate.research.reports.page import page
from quorate.research.reports.terminal import plain
from quorate.research.result import ClosedTrade

ROWS_MOST = 100
"""Trades that are listed of each kind; the sums tell of all."""
TERMINAL_ROWS_MOST = 10


def comparison_html(found: Comparison) -> str:
    """The page as text. The same backtests give the same bytes."""
    title = f"{found.names[0]} and {found.names[1]}"
    said = tag("div", *(tag("p", each) for each in found.sentences), class_="verdict")
    head = tag("header", tag("p", "Two backtests", class_="kind"), tag("h1", title), said)
    return page(
        title,
        head,
        _curves(found),
        _figures(found),
        _assumptions(found),
        _trades(found),
        foot=tag(
            "p", "Differences are the second less the first. Times are UTC; results are net of every cost that is on."
        ),
    )


def _curves(found: Comparison) -> Html:
    lines = [
        curves.Line(name, curve)
        for name, study in zip(found.names, (found.first, found.second), strict=True)
        if (curve := study.backtest.curves.get(TOTAL)) is not None and len(curve.at_ms) > 1
    ]
    if not lines:
        return section("curves", "Equity", paragraphs(("Neither carries equity of its total.",)))
    ends = "; ".join(f"{each.name} {words.share(curves.change_of(each.curve), signed=True)}" for each in lines)
    drawn = curves.overlay_drawing(lines, f"Change of equity since the start. {ends}.")
    samples = legend(*((class_, each.name) for class_, each in zip(curves.SERIES, lines, strict=False)))
    return section("curves", "Equity", figure(drawn, f"Change since the start. At the end: {ends}.", samples))


def _figures(found: Comparison) -> Html:
    if not found.figures:
        return section("figures", "Figures", paragraphs(("No figures were computed for either.",)))
    rows = [(pair.label, *_values(pair, found), _difference(pair, found)) for pair in found.figures]
    made = table("Figures of both", ("Figure", "First", "Second", "Difference"), rows, class_="bare")
    names = paragraphs((f"First: {found.names[0]}.", f"Second: {found.names[1]}."), class_="quiet")
    return section("figures", "Figures", names, made)


def _values(pair: FigurePair, found: Comparison) -> tuple[str, str]:
    studies = (found.first, found.second)
    one, other = (
        "–" if each is None else words.told(each, words.quote_of(study.backtest))
        for each, study in zip((pair.first, pair.second), studies, strict=True)
    )
    return one, other


def _difference(pair: FigurePair, found: Comparison) -> str:
    value, one = pair.difference, pair.first or pair.second
    if value is None or one is None:
        return "–"
    told = words.measured(value, one.unit, words.quote_of(found.first.backtest), signed=True)
    return told.replace("%", "points") if one.unit == "share" else told


def _assumptions(found: Comparison) -> Html:
    if not found.assumptions:
        return section("assumptions", "What was assumed", paragraphs(("Both assume the same.",)))
    heads = ("What", "First", "Second")
    made = table("What was assumed otherwise", heads, found.assumptions, align=("text", "text", "text"), class_="bare")
    return section("assumptions", "What was assumed otherwise", made)


def _trades(found: Comparison) -> Html:
    quote = words.quote_of(found.first.backtest)
    pieces = [
        _only("Only in the first", found.only_first, quote),
        _only("Only in the second", found.only_second, quote),
    ]
    if found.changed:
        rows = [(*_named(one), *_results(one), *_results(other)) for one, other in found.changed[:ROWS_MOST]]
        heads = ("Trade", "Opened", "First: R", f"First: P&L, {quote}", "Second: R", f"Second: P&L, {quote}")
        pieces.append(
            joined(
                (
                    tag("h3", "In both, with another result"),
                    _more(len(found.changed)),
                    table("Trades with another result", heads, rows, class_="bare"),
                )
            )
        )
    if not any(pieces):
        pieces = [paragraphs(("Every trade is in both, and equal.",))]
    return section("trades", "Trades", *pieces)


def _only(name: str, trades: Sequence[ClosedTrade], quote: str) -> Html:
    if not trades:
        return Html("")
    total = words.number(sum(float(trade.pnl) for trade in trades), signed=True)
    said = paragraphs((f"{words.counted(len(trades), 'trade')}, together {total} {quote}.",))
    rows = [(*_named(trade), *_results(trade), _ended(trade)) for trade in trades[:ROWS_MOST]]
    heads = ("Trade", "Opened", "R", f"P&L, {quote}", "Ended by")
    return joined((tag("h3", name), said, _more(len(trades)), table(name, heads, rows, class_="bare")))


def _more(count: int) -> Html:
    return paragraphs((f"The first {ROWS_MOST} are listed.",), class_="quiet") if count > ROWS_MOST else Html("")


def _named(trade: ClosedTrade) -> tuple[str, str]:
    return f"{trade.pair} {trade.side.lower()}, {trade.strategy}", words.instant(trade.opened_ms)


def _results(trade: ClosedTrade) -> tuple[str, str]:
    pnl = tag("span", words.number(trade.pnl, signed=True), class_=words.sign_of(trade.pnl))
    return words.number(trade.r, 3, signed=True), pnl


def _ended(trade: ClosedTrade) -> str:
    return trade.reason.replace("_", " ")


@dataclass(frozen=True, slots=True, eq=False)
class ComparedSummary:
    """Two backtests as rich prints them: `console.print(ComparedSummary(compare(a, b)))`."""

    found: Comparison

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Everything, as wide as there is room."""
        found = self.found
        yield plain(f"First:  {found.names[0]}", "bold")
        yield plain(f"Second: {found.names[1]}", "bold")
        yield ""
        for sentence in found.sentences:
            yield plain(sentence)
        yield ""
        figures = _rows(("Figure", "First", "Second", "Difference"))
        for pair in found.figures:
            figures.add_row(*(plain(each) for each in (pair.label, *_values(pair, found), _difference(pair, found))))
        if found.figures:
            yield figures
        if found.assumptions:
            assumed = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
            for name in ("Assumed otherwise", "First", "Second"):
                assumed.add_column(name, overflow="fold")
            for row in found.assumptions:
                assumed.add_row(*(plain(each) for each in row))
            yield ""
            yield assumed
        for name, trades in (("Only in the first", found.only_first), ("Only in the second", found.only_second)):
            if trades:
                yield ""
                yield _listed(name, trades)


def _listed(name: str, trades: Sequence[ClosedTrade]) -> Table:
    made = _rows((name, "Opened", "R", "P&L"))
    for trade in trades[:TERMINAL_ROWS_MOST]:
        trade_name, opened = _named(trade)
        made.add_row(
            plain(trade_name), opened, words.number(trade.r, 3, signed=True), words.number(trade.pnl, signed=True)
        )
    if len(trades) > TERMINAL_ROWS_MOST:
        made.add_row(Text(f"and {len(trades) - TERMINAL_ROWS_MOST:,} more", style="dim"))
    return made


def _rows(heads: Sequence[str]) -> Table:
    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    made.add_column(heads[0], overflow="fold")
    for head in heads[1:]:
        made.add_column(head, justify="right", no_wrap=True)
    return made
