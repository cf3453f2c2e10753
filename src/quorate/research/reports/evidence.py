"""The trades themselves, where their money went, and what luck would have made of them, as parts of a page."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import isnan

import numpy as np

from quorate.kernel.bars import Bars
from quorate.research.findings import Baseline, Findings, MonteCarlo
from quorate.research.reports import bars as hist
from quorate.research.reports import candles as near
from quorate.research.reports import curves, words
from quorate.research.reports.breakdowns import Breakdown, Money, breakdowns, money_of
from quorate.research.reports.drawing import array, legend
from quorate.research.reports.markup import Html, figure, joined, paragraphs, section, table, tag, unfolding
from quorate.research.result import Backtest, ClosedTrade

PAIRS_MOST = 4
NEAR_EACH = 2
"""Worst, best and last trades that are shown from near, of each."""
OPEN_PARTS = 12
"""A breakdown with more parts is folded."""
LUCK_BINS_SMALLEST = 20
MANY = f"With more than {near.DRAWN_TRADES} trades lines would hide one another: only the sums below are drawn."
VERDICTS = {
    "clean": "No look-ahead found.",
    "found": "Look-ahead found: these results cannot be trusted.",
    "not_checked": "Look-ahead was not checked.",
}


def trades(backtest: Backtest, candles: Mapping[str, Bars]) -> Html:
    """The trades on the candles: whole markets, and the worst, best and last from near."""
    if not backtest.trades:
        return section("trades", "Trades on the candles", paragraphs(("No trade was closed.",)))
    busy: dict[str, list[ClosedTrade]] = {}
    for trade in backtest.trades:
        busy.setdefault(trade.pair, []).append(trade)
    inside = {pair: _inside(candles[pair], backtest) for pair in busy if pair in candles}
    shown = sorted((pair for pair in inside if len(inside[pair])), key=lambda pair: (-len(busy[pair]), pair))
    if not shown:
        words_ = "This report was written without candles, so the trades are not drawn on them."
        return section("trades", "Trades on the candles", paragraphs((words_,)), _chosen_table(backtest))
    shown, left = shown[:PAIRS_MOST], len(busy) - len(shown[:PAIRS_MOST])
    few = any(len(busy[pair]) <= near.DRAWN_TRADES for pair in shown)
    notes = ["Rising candles are hollow, falling ones filled."]
    notes += [MANY] if any(len(busy[pair]) > near.DRAWN_TRADES for pair in shown) else []
    notes += [f"{words.counted(left, 'symbol')} with fewer trades or without candles left out."] if left else []
    return section(
        "trades",
        "Trades on the candles",
        *(figure(*near.overview(inside[pair], busy[pair])) for pair in shown),
        legend(("way up line", "trade that won, entry to average exit"), ("way down line", "trade that lost"))
        if few
        else "",
        tag("p", " ".join(notes), class_="quiet"),
        *_from_near(backtest, inside),
    )


def _inside(bars: Bars, backtest: Backtest) -> Bars:
    first, last = np.searchsorted(bars.open_ms, (backtest.start_ms, backtest.end_ms)).tolist()
    return bars.between(first, last)


def chosen(trades: Sequence[ClosedTrade]) -> list[tuple[str, ClosedTrade]]:
    """The worst, the best and the last trades by R, each once, with what each is."""
    ranked = sorted(trades, key=lambda trade: (trade.r, trade.closed_ms))
    wanted = [("Worst", ranked[:NEAR_EACH]), ("Best", ranked[::-1][:NEAR_EACH]), ("Last", trades[::-1][:NEAR_EACH])]
    found, seen = list[tuple[str, ClosedTrade]](), set[int]()
    for name, each in wanted:
        for trade in each:
            if id(trade) not in seen:
                seen.add(id(trade))
                found.append((name, trade))
    return found


def _from_near(backtest: Backtest, candles: Mapping[str, Bars]) -> list[Html]:
    drawn = list[Html]()
    for name, trade in chosen(backtest.trades):
        made = near.nearby(candles[trade.pair], trade) if trade.pair in candles else None
        if made is not None:
            drawn.append(figure(made, _in_words(name, trade, words.quote_of(backtest))))
    return [tag("h3", "From near: worst, best and last"), tag("div", *drawn, class_="pair near")] if drawn else []


def _in_words(name: str, trade: ClosedTrade, quote: str) -> Html:
    result = f"{words.number(trade.r, signed=True)} R, {words.number(trade.pnl, signed=True)} {quote}"
    held = words.span(trade.closed_ms - trade.opened_ms)
    return joined(
        (
            tag("strong", f"{name}: {trade.pair} {trade.side.lower()} "),
            tag("span", result, class_=words.sign_of(trade.pnl)),
            f". {words.instant(trade.opened_ms)} UTC, held {held}, ended by {trade.reason.replace('_', ' ')}.",
        )
    )


def _chosen_table(backtest: Backtest) -> Html:
    rows = [
        (
            f"{name}: {trade.pair} {trade.side.lower()}",
            words.instant(trade.opened_ms),
            words.instant(trade.closed_ms),
            words.price(trade.entry),
            words.price(trade.exit),
            words.number(trade.r, signed=True),
            words.number(trade.pnl, signed=True),
            trade.reason.replace("_", " "),
        )
        for name, trade in chosen(backtest.trades)
    ]
    quote = words.quote_of(backtest)
    heads = ("Trade", "Opened, UTC", "Closed, UTC", "Entry", "Exit", "R", f"P&L, {quote}", "Ended by")
    return table("Worst, best and last trades by R", heads, rows)


def results(backtest: Backtest) -> Html:
    """How the results are spread, and the trades by what they have in common."""
    if not backtest.trades:
        return Html("")
    values = array([float(trade.r) for trade in backtest.trades])
    bins, mean = hist.binned(values, also=(0.0,)), float(values.mean())
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
    told = (
        f"Results of {words.counted(len(values), 'trade')} in R, net of every cost: mean {words.number(mean, 3)}, "
        f"median {words.number(middle, 3)}, one in twenty under {words.number(low)}, one in twenty over "
        f"{words.number(high)}."
    )
    mark = hist.Mark(mean, f"mean {words.number(mean, 3)} R")
    drawn = figure(hist.histogram(bins, told, "R", marks=(mark,)), told, _bins_table(bins))
    groups = [_group(each, words.quote_of(backtest)) for each in breakdowns(backtest.trades)]
    return section("results", "Results of the trades", drawn, tag("h3", "By what they have in common"), *groups)


def _bins_table(bins: hist.Bins) -> Html:
    rows = [(bins.name(place), f"{count:,}") for place, count in enumerate(bins.counts) if count]
    return unfolding("Numbers behind this figure", table("Trades by result", ("R", "Trades"), rows))


def _group(each: Breakdown, quote: str) -> Html:
    heads = (each.by, "Trades", "Won", "Mean R", f"P&L, {quote}", "Profit factor", f"Costs, {quote}")
    rows = [
        (
            part.name,
            f"{part.trades:,}",
            words.share(part.win_rate, places=1),
            words.number(part.mean_r, 3, signed=True),
            tag("span", words.number(part.pnl, signed=True), class_=words.sign_of(part.pnl)),
            "–" if part.profit_factor is None else words.number(part.profit_factor),
            words.number(part.costs),
        )
        for part in each.parts
    ]
    made = table(f"By {each.by[0].lower()}{each.by[1:]}", heads, rows, class_="group bare")
    return unfolding(f"By {each.by[0].lower()}{each.by[1:]}", made) if len(rows) > OPEN_PARTS else tag("div", made)


def costs(backtest: Backtest) -> Html:
    """The steps from what the candles' prices would have given to what was left."""
    if not backtest.trades:
        return Html("")
    money, quote = money_of(backtest), words.quote_of(backtest)
    steps = cost_steps(money)
    eaten = _eaten(money)
    drawn = hist.waterfall(
        [hist.Step(name, float(value), whole) for name, value, whole in steps], f"Waterfall. {eaten}"
    )
    rows = [(name, words.number(value, signed=True)) for name, value, _ in steps]
    if money.still_open is not None:
        rows.append(("Trades still open at the end, and rounding", words.number(money.still_open, signed=True)))
    made = unfolding("Numbers behind this figure", table(f"From gross to net, {quote}", ("Step", quote), rows))
    return section(
        "costs", "Where the money went", paragraphs((eaten,)), figure(drawn, f"From gross to net, {quote}."), made
    )


def cost_steps(money: Money) -> list[tuple[str, "words.Number", bool]]:
    """The steps by name; wholes stand on the ground."""
    return [
        ("Gross", money.gross, True),
        ("Fees", -money.fees, False),
        ("Spread and slippage", -money.spread_and_slippage, False),
        ("Funding", -money.funding, False),
        ("Net", money.net, True),
    ]


def _eaten(money: Money) -> str:
    whole = money.fees + money.spread_and_slippage + money.funding
    if money.gross <= 0:
        return (
            f"The trades lost {words.number(-money.gross)} before any cost; costs took another {words.number(whole)}."
        )
    if money.net <= 0:
        return f"Costs of {words.number(whole)} took more than the {words.number(money.gross)} made before them."
    return (
        f"Costs took {words.share(whole / money.gross, places=1)} of the {words.number(money.gross)} made before them."
    )


def certainty(backtest: Backtest, findings: Findings) -> Html:
    """Intervals of the figures."""
    quote, rows = words.quote_of(backtest), list[hist.Whisker]()
    for interval in findings.intervals:
        each = findings.figure(interval.name)
        if each is None or each.value is None or interval.low is None or interval.high is None:
            continue
        told = f"{words.told(each, quote)}  ({words.bounds(interval, each.unit, quote)})"
        rows.append(hist.Whisker(each.label, float(each.value), interval.low, interval.high, told))
    rows = [row for row in rows if not any(isnan(value) for value in (row.value, row.low, row.high))]
    if not rows:
        return Html("")
    methods = list(dict.fromkeys(interval.method for interval in findings.intervals if interval.method))
    levels = sorted({interval.level for interval in findings.intervals})
    level = " and ".join(words.share(level, places=0) for level in levels)
    unclear = [row.name for row in rows if row.low <= 0 <= row.high]
    said = (
        f"Zero lies within the interval of {', '.join(unclear)}: chance alone may explain what was measured."
        if unclear
        else ""
    )
    alternative = "; ".join(f"{row.name} {row.told}" for row in rows)
    drawn = figure(
        hist.whiskers(rows, alternative),
        f"Intervals at {level}, each on its own scale; the upright hairline is zero. {' '.join(methods)}",
    )
    return section("certainty", "How sure the figures are", paragraphs((said,)), drawn)


def luck(backtest: Backtest, findings: Findings) -> Html:
    """Baselines, other orders of the same trades, and the prefix test."""
    quote = words.quote_of(backtest)
    pieces: list[str] = [_baseline(each, quote) for each in findings.baselines]
    if not pieces:
        pieces = [paragraphs(("No baseline was run: whether it beats luck is not known.",))]
    if findings.monte_carlo is not None:
        pieces.append(_monte_carlo(backtest, findings.monte_carlo, quote))
    pieces.append(_look_ahead(findings))
    return section("luck", "Against luck and doing nothing", *pieces)


def _baseline(each: Baseline, quote: str) -> Html:
    own = words.measured(each.value, each.unit, quote, signed=True)
    said = paragraphs((each.sentence, each.definition))
    if len(each.told) < LUCK_BINS_SMALLEST:
        rows = [("The strategy", own)]
        rows += [(each.label, words.measured(value, each.unit, quote, signed=True)) for value in each.told]
        return joined(
            (tag("h3", each.label), said, table(each.measure.capitalize(), ("Who", "Value"), rows, class_="facts"))
        )
    scale = 100.0 if each.unit == "share" else 1.0
    values = array(each.told) * scale
    marks = () if each.value is None else (hist.Mark(each.value * scale, f"the strategy: {own}"),)
    bins = hist.binned(values, also=[mark.value for mark in marks])
    better = "" if each.percentile is None else f" The strategy beat {words.number(each.percentile, 1)} % of them."
    median = words.measured(float(np.median(array(each.told))), each.unit, quote, signed=True)
    draws = words.counted(len(values), "draw")
    told = f"{each.measure.capitalize()} of {draws}: median {median}, the strategy {own}.{better}"
    axis = f"{each.measure}, %" if each.unit == "share" else each.measure
    drawn = hist.histogram(bins, told, axis, marks=marks, signed=False, unit="draws")
    return joined((tag("h3", each.label), said, figure(drawn, told)))


def _monte_carlo(backtest: Backtest, found: MonteCarlo, quote: str) -> Html:
    net = list(accumulate((float(trade.pnl) for trade in backtest.trades), initial=found.start_equity))
    own = array(net if found.step == "trade" else [])
    drawn = figure(
        curves.fan_drawing(found, own),
        f"{found.method} {words.counted(found.runs, 'draw')}.",
        legend(*_bands(found), ("line two", "median"), *([("line one", "as it went")] if len(own) else [])),
    )
    ends = [(f"{name} %", words.number(values[-1])) for name, values in sorted(found.bands.items(), key=_percent)]
    falls = [(f"{name} %", words.share(value)) for name, value in sorted(found.max_drawdown.items(), key=_percent)]
    tables = [table(f"Equity at the end, {quote}", ("Draws under it", "Equity"), ends)]
    tables += [table("Deepest drawdown", ("Draws under it", "Drawdown"), falls)] if falls else []
    return joined((tag("h3", "Monte Carlo"), paragraphs((found.sentence,)), drawn, tag("div", *tables, class_="pair")))


def _percent(entry: tuple[str, object]) -> float:
    return float(entry[0])


def _bands(found: MonteCarlo) -> list[tuple[str, str]]:
    names = sorted(found.bands, key=float)
    pairs = [(names[place], names[-1 - place]) for place in range(len(names) // 2)]
    return [(f"band b{place}", f"{low} to {high} % of draws") for place, (low, high) in enumerate(pairs)]


def _look_ahead(findings: Findings) -> Html:
    found = findings.look_ahead
    if found is None:
        said = paragraphs((VERDICTS["not_checked"],))
    else:
        offences = tag("ul", *(tag("li", each) for each in found.offences)) if found.offences else ""
        said = joined((tag("p", tag("strong", found.sentence or VERDICTS[found.verdict])), offences))
    return joined((tag("h3", "Prefix test"), said))


def silent(backtest: Backtest) -> Html:
    """Setups that became no trade, by why."""
    if not backtest.silent and not backtest.open_trades:
        return Html("")
    rows = [
        (why.replace("_", " "), f"{count:,}")
        for why, count in sorted(backtest.silent.items(), key=lambda each: (-each[1], each[0]))
    ]
    still = f"{words.counted(backtest.open_trades, 'trade')} still open at the end." if backtest.open_trades else ""
    made = table("Setups that became no trade, by why", ("Why", "Setups"), rows, class_="bare") if rows else ""
    return section("silent", "Setups that became no trade", paragraphs((still,)), made)
