"""What a backtest assumed, its figures, its equity and its months, as parts of a page."""

import re
from collections.abc import Mapping

from quorate.kernel.statistics import max_drawdown
from quorate.research.findings import GROUPS, Figure, Findings, Verdict
from quorate.research.reports import curves, words
from quorate.research.reports.breakdowns import TOTAL, Month, money_of, months_of
from quorate.research.reports.drawing import legend
from quorate.research.reports.markup import Html, figure, paragraphs, section, table, tag, unfolding
from quorate.research.result import Backtest

KEY_FIGURES = (
    "total_return",
    "net_return",
    "return",
    "max_drawdown",
    "sharpe",
    "profit_factor",
    "expectancy_r",
    "trades",
    "expectancy",
)
KEY_MOST = 6
SPARKS_MOST = 40
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ENGINES = {"compiled": "compiled runner", "event": "event runner: the real desk"}


def _minus(sentence: str) -> str:
    """A sentence with the minus sign that the figures beside it have."""
    return re.sub(r"(?<![\w.])-(?=\d)", "−", sentence)


def head(backtest: Backtest, findings: Findings) -> Html:
    """What it is, what is to be thought of it, and the figures one looks at first."""
    quote = words.quote_of(backtest)
    pairs = ", ".join(backtest.pairs[:4]) + (f" and {len(backtest.pairs) - 4} more" if len(backtest.pairs) > 4 else "")
    period = f"{words.day(backtest.start_ms)} to {words.day(backtest.end_ms)}"
    kind = f"Backtest · {period} · {pairs} · {backtest.timeframe} · {ENGINES[backtest.engine]}"
    verdict = verdict_of(backtest, findings)
    said = tag(
        "div",
        *(tag("p", _minus(each)) for each in (verdict.headline, *verdict.sentences)),
        class_=f"verdict {verdict.tone}",
    )
    off = [name for name, text in backtest.costs.items() if text.lower().startswith("off")]
    notes = [*backtest.warnings, *([f"Switched off, so not paid for: {', '.join(off)}."] if off else [])]
    warnings = tag("ul", *(tag("li", each) for each in notes), class_="notes") if notes else ""
    shown = [each for name in KEY_FIGURES if (each := findings.figure(name)) is not None][:KEY_MOST]
    keys = tag("dl", *(_key(each, findings, quote) for each in shown), class_="key") if shown else ""
    return tag("header", tag("p", kind, class_="kind"), tag("h1", backtest.title), said, warnings, keys)


def verdict_of(backtest: Backtest, findings: Findings) -> Verdict:
    """The verdict that was found, or the plain facts with a word on what was not looked at."""
    if findings.look_ahead is not None and findings.look_ahead.verdict == "found":
        said = "It looks ahead: nothing below can be believed."
        return Verdict(headline=said, tone="against", sentences=(findings.look_ahead.sentence,))
    if findings.verdict is not None:
        return findings.verdict
    count, money = len(backtest.trades), money_of(backtest)
    quote = words.quote_of(backtest)
    period = words.span(backtest.end_ms - backtest.start_ms)
    if not count:
        headline = f"No trade was closed in {period}: there is nothing to judge."
    else:
        did = "made" if money.net > 0 else "lost"
        amount = f"{words.number(abs(money.net))}{words.NARROW}{quote}"
        headline = f"{words.counted(count, 'trade')} {did} {amount} net of every cost in {period}."
    against_luck = "" if findings.baselines else "It was not compared with luck or with buying and holding."
    return Verdict(headline=headline, tone="unproven", sentences=(against_luck,) if against_luck else ())


def _key(each: Figure, findings: Findings, quote: str) -> Html:
    interval = findings.interval(each.name)
    side = words.sign_of(each.value) if each.group == "Return" else None
    under = ""
    if interval is not None and (told := words.bounds(interval, each.unit, quote)) != words.UNTOLD:
        under = tag("small", f"{words.share(interval.level, places=0)} interval: {told}")
    return tag(
        "div",
        tag("dt", each.label, title=each.definition),
        tag("dd", tag("span", words.told(each, quote), class_=side), under),
    )


def assumptions(backtest: Backtest) -> Html:
    """Costs, conventions, and what was modelled and not measured."""
    quote = words.quote_of(backtest)
    facts = {
        "Candles": f"{backtest.source}; {backtest.timeframe}; {words.counted(backtest.bars, 'candle')}",
        "Time": f"{words.instant(backtest.start_ms)} to {words.instant(backtest.end_ms)} UTC",
        "Pairs": ", ".join(backtest.pairs),
        "Start equity": f"{words.number(backtest.start_equity)}{words.NARROW}{quote}",
        "Variants tried": f"{backtest.variants_tried:,}",
    }
    parameters = [
        (name, key.replace("_", " "), str(value))
        for name, values in backtest.parameters.items()
        for key, value in values.items()
    ]
    guessed = ", ".join(backtest.estimated).replace("_", " ")
    estimated = "Nothing was estimated: every part was measured or given."
    if guessed:
        estimated = f"Modelled and not measured: {guessed}. Treat what depends on it as a guess."
    costs = (
        _facts("Costs, on unless it says off", backtest.costs)
        if backtest.costs
        else paragraphs(("No costs are named.",))
    )
    return section(
        "assumptions",
        "What was assumed",
        tag("div", costs, _facts("Conventions", backtest.conventions) if backtest.conventions else "", class_="pair"),
        tag("p", estimated, class_="after"),
        _facts("What was run", facts),
        *(
            [
                unfolding(
                    f"Parameters of {words.counted(len(backtest.parameters), 'strategy', 'strategies')}",
                    table(
                        "Parameters", ("Strategy", "Parameter", "Value"), parameters, align=("text", "text", "number")
                    ),
                )
            ]
            if parameters
            else []
        ),
    )


def figures(backtest: Backtest, findings: Findings) -> Html:
    """Every figure with its interval; its definition and basis unfold."""
    quote = words.quote_of(backtest)
    if not findings.figures:
        return section("figures", "Figures", paragraphs(("No figures were computed for this backtest.",)))
    pieces = list[str]()
    for group in GROUPS:
        own = [each for each in findings.figures if each.group == group]
        has_intervals = any(findings.interval(each.name) is not None for each in own)
        rows = [_figure_row(each, findings, quote, has_intervals) for each in own]
        if rows:
            heads = ("Figure", "Value", "Interval") if has_intervals else ("Figure", "Value")
            pieces.append(table(group, heads, rows, class_="figures"))
    hint = tag("p", "Unfold a figure for its definition and what it was computed from.", class_="hint")
    return section("figures", "Figures", hint, tag("div", *pieces, class_="pair"))


def _figure_row(each: Figure, findings: Findings, quote: str, has_intervals: bool) -> list[str]:
    basis = tag("p", f"From {each.basis}." if each.basis else "")
    interval = findings.interval(each.name)
    method = tag("p", f"Interval: {interval.method}") if interval is not None and interval.method else ""
    name = unfolding(each.label, tag("p", each.definition), basis if each.basis else "", method)
    value = tag("span", words.told(each, quote), class_=words.sign_of(each.value) if each.group == "Return" else None)
    if not has_intervals:
        return [name, value]
    return [name, value, "" if interval is None else words.bounds(interval, each.unit, quote)]


def equity(backtest: Backtest, findings: Findings) -> Html:
    """Equity and drawdown beside what holding would have made, and each curve that the total is the sum of."""
    own = backtest.curves.get(TOTAL)
    if own is None or len(own.at_ms) < 2:
        return section("equity", "Equity and drawdown", paragraphs(("This backtest carries no equity of its total.",)))
    quote = words.quote_of(backtest)
    drawn = figure(
        curves.equity_drawing(own, quote),
        "Equity marked to market above, drawdown from the highest point so far below. Every peak and every fall of the "
        "run is drawn.",
        legend(("line one", f"equity, {quote}"), ("fall", "drawdown")),
        curves.reader(own, quote),
    )
    parts = {name: curve for name, curve in backtest.curves.items() if name != TOTAL and len(curve.at_ms) > 1}
    return section(
        "equity", "Equity and drawdown", drawn, _beside(own, findings), _parts(parts) if len(parts) > 1 else ""
    )


def _beside(own: curves.Curve, findings: Findings) -> Html:
    """The change since the start beside that of baselines with a path of their own."""
    others = curves.baseline_lines(findings)
    if not others:
        return Html("")
    lines = [curves.Line("The strategy", own), *others]
    ends = "; ".join(f"{each.name} {words.share(curves.change_of(each.curve), signed=True)}" for each in lines)
    return figure(
        curves.overlay_drawing(lines, f"Change of equity since the start. {ends}."),
        f"Change since the start, on one scale. At the end: {ends}.",
        legend(*((class_, each.name) for class_, each in zip(curves.SERIES, lines, strict=False))),
    )


def _parts(parts: Mapping[str, curves.Curve]) -> Html:
    rows = [
        (
            name,
            curves.spark(curve),
            _signed(curves.change_of(curve)),
            words.share(-max_drawdown(curve.equity)),
        )
        for name, curve in list(parts.items())[:SPARKS_MOST]
    ]
    left = len(parts) - len(rows)
    note = f"; {left} more are in the JSON document" if left else ""
    made = table(
        f"What the total is the sum of{note}",
        ("Curve", "Equity", "Return", "Deepest drawdown"),
        rows,
        align=("text", "text", "number", "number"),
    )
    return unfolding(f"Each of {len(parts)} curves", made)


def months(backtest: Backtest) -> Html:
    """Returns by month and year."""
    own = backtest.curves.get(TOTAL)
    found = () if own is None else months_of(own)
    if not found:
        return Html("")
    rows = list[list[str]]()
    for year in sorted({month.year for month in found}):
        own_months = {month.month: month for month in found if month.year == year}
        whole = 1.0
        for month in own_months.values():
            whole *= 1.0 + month.change
        rows.append([str(year), *(_month(own_months.get(place)) for place in range(1, 13)), _percent(whole - 1.0)])
    partly = any(not month.whole for month in found)
    note = " An asterisk marks a month the backtest does not cover whole." if partly else ""
    made = table(f"Net return of each month, percent.{note}", ("Year", *MONTHS, "Year"), rows, class_="months")
    return section("months", "Months", made)


def _month(month: Month | None) -> str:
    if month is None:
        return ""
    return _percent(month.change, after="" if month.whole else "*")


def _percent(change: float, after: str = "") -> Html:
    return tag("span", words.number(change * 100, signed=True) + after, class_=words.sign_of(change))


def _signed(value: float) -> Html:
    return tag("span", words.share(value, signed=True), class_=words.sign_of(value))


def _facts(caption: str, facts: Mapping[str, str]) -> Html:
    rows = [(name.replace("_", " ").capitalize(), value) for name, value in facts.items()]
    return table(caption, ("What", "Set to"), rows, align=("text", "text"), class_="facts")
