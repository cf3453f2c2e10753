"""One HTML file that tells a backtest: what it did, what it assumed, and whether luck would have done as well.

The file needs nothing else: no network, no font, no library. Its drawings are SVG; its one script reads curves at an
instant, and its content policy lets nothing else in.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from quorate.kernel.bars import Bars
from quorate.research.findings import Findings, Study
from quorate.research.reports import comparison_page, evidence, sections
from quorate.research.reports.comparing import compare
from quorate.research.reports.markup import Html, joined, tag
from quorate.research.reports.page import page
from quorate.research.result import Backtest

NO_CANDLES: Mapping[str, Bars] = {}


def write_report(
    backtest: Backtest, findings: Findings, path: Path, *, candles: Mapping[str, Bars] = NO_CANDLES
) -> None:
    """Write the report as one HTML file. With `candles` by pair, trades are drawn on them. Raises OSError."""
    path.write_text(report_html(backtest, findings, candles=candles), encoding="utf-8", newline="\n")


def report_html(backtest: Backtest, findings: Findings, *, candles: Mapping[str, Bars] = NO_CANDLES) -> str:
    """The report as text. The same backtest and findings give the same bytes."""
    parts = [
        (sections.figures(backtest, findings), "figures", "Figures"),
        (sections.equity(backtest, findings), "equity", "Equity"),
        (sections.months(backtest), "months", "Months"),
        (evidence.luck(backtest, findings), "luck", "Luck"),
        (evidence.certainty(backtest, findings), "certainty", "Certainty"),
        (evidence.costs(backtest), "costs", "Costs"),
        (evidence.results(backtest), "results", "Results"),
        (evidence.trades(backtest, candles), "trades", "Trades"),
        (evidence.silent(backtest), "silent", "No trade"),
        (sections.assumptions(backtest), "assumptions", "Assumptions"),
    ]
    present = [(part, name, title) for part, name, title in parts if part]
    return page(
        backtest.title,
        sections.head(backtest, findings),
        _contents([(name, title) for _, name, title in present]),
        *(part for part, _, _ in present),
        foot=_foot(backtest),
    )


def write_comparison(first: Study, second: Study, path: Path) -> None:
    """Write two backtests side by side as one HTML file that needs nothing else. Raises OSError."""
    path.write_text(comparison_page.comparison_html(compare(first, second)), encoding="utf-8", newline="\n")


def _contents(entries: Iterable[tuple[str, str]]) -> Html:
    links = (tag("li", tag("a", title, href=f"#{name}")) for name, title in entries)
    return tag("nav", tag("ul", *links), aria_label="Contents")


def _foot(backtest: Backtest) -> Html:
    took = f" It took {backtest.elapsed_s:.2f} s." if backtest.elapsed_s else ""
    said = (
        f"A backtest shows what rules would have done with these candles under these assumptions, nothing more.{took} "
        "Times are UTC; results are net of every cost that is on."
    )
    digest = tag("p", "Digest of candles, rules, parameters and assumptions: ", tag("code", backtest.digest))
    return joined((tag("p", said), digest if backtest.digest else ""))
