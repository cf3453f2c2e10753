"""Two backtests side by side: which figures differ and by how much, what was assumed otherwise, which trades differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite

from quorate.domain.money import ZERO
from quorate.research.findings import Figure, Study
from quorate.research.reports import words
from quorate.research.result import Backtest, ClosedTrade

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigurePair:
    """The same figure of both; None where one has it not."""

    label: str
    first: Figure | None
    second: Figure | None

    @property
    def difference(self) -> float | None:
        """Second less first; None where it cannot be told."""
        values = [
            None if each is None or each.value is None else float(each.value) for each in (self.first, self.second)
        ]
        if values[0] is None or values[1] is None or not all(isfinite(value) for value in values if value is not None):
            return None
        return values[1] - values[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two backtests and what tells them apart."""

    first: Study
    second: Study
    names: tuple[str, str]
    """Of both, told apart where their titles are equal."""
    figures: tuple[FigurePair, ...]
    assumptions: tuple[tuple[str, str, str], ...]
    """What was set otherwise: name, first, second."""
    only_first: tuple[ClosedTrade, ...]
    only_second: tuple[ClosedTrade, ...]
    changed: tuple[tuple[ClosedTrade, ClosedTrade], ...]
    """Trades that both opened at the same instant and that came to something else."""
    same: int
    """Trades that are equal in both."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is to be said first."""
        return tuple(_sentences(self))


def compare(first: Study, second: Study) -> Comparison:
    """Put two backtests side by side. Trades are matched by pair, strategy, side and instant of entry.

    Where both come from the same engine, by portfolio as well.
    """
    ours, theirs = first.backtest, second.backtest
    by_portfolio = ours.engine == theirs.engine
    left, right = _keyed(ours.trades, by_portfolio=by_portfolio), _keyed(theirs.trades, by_portfolio=by_portfolio)
    both = [(trade, right[key]) for key, trade in left.items() if key in right]
    changed = tuple(pair for pair in both if not _alike(*pair))
    titles = (ours.title, theirs.title)
    return Comparison(
        first=first,
        second=second,
        names=titles if titles[0] != titles[1] else (f"{titles[0]} (first)", f"{titles[1]} (second)"),
        figures=tuple(_figures(first, second)),
        assumptions=tuple(_differing(_assumed(ours), _assumed(theirs))),
        only_first=tuple(trade for key, trade in left.items() if key not in right),
        only_second=tuple(trade for key, trade in right.items() if key not in left),
        changed=changed,
        same=len(both) - len(changed),
    )


def _keyed(trades: Iterable[ClosedTrade], *, by_portfolio: bool) -> dict[Key, ClosedTrade]:
    """Trades by what names them; those that share a name are counted."""
    found: dict[Key, ClosedTrade] = {}
    for trade in trades:
        book = (trade.portfolio,) if by_portfolio else ()
        name = (*book, trade.pair, trade.strategy, trade.side, str(trade.opened_ms))
        count = 0
        while (*name, str(count)) in found:
            count += 1
        found[*name, str(count)] = trade
    return found


def _alike(one: ClosedTrade, other: ClosedTrade) -> bool:
    """Equal in all that both engines tell: prices, sizes, money, and how they ended."""
    names = ("closed_ms", "entry", "exit", "quantity", "pnl", "fees", "funding", "reason")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _figures(first: Study, second: Study) -> Iterable[FigurePair]:
    names = dict.fromkeys(each.name for study in (first, second) for each in study.findings.figures)
    for name in names:
        ours, theirs = first.findings.figure(name), second.findings.figure(name)
        one = ours or theirs
        if one is not None:
            yield FigurePair(label=one.label, first=ours, second=theirs)


def _assumed(backtest: Backtest) -> dict[str, str]:
    """Everything a result follows from, by name."""
    facts = {
        "engine": backtest.engine,
        "candles": f"{backtest.source}, {backtest.timeframe}",
        "pairs": ", ".join(backtest.pairs),
        "time": f"{words.instant(backtest.start_ms)} to {words.instant(backtest.end_ms)}",
        "start equity": str(backtest.start_equity),
        "strategies": ", ".join(backtest.strategies),
    }
    for name, values in backtest.parameters.items():
        facts |= {f"{name}: {key}": str(value) for key, value in values.items()}
    facts |= {f"cost: {name}": text for name, text in backtest.costs.items()}
    return facts | {f"convention: {name}": text for name, text in backtest.conventions.items()}


def _differing(first: Mapping[str, str], second: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    for name in dict.fromkeys((*first, *second)):
        ours, theirs = first.get(name, "not there"), second.get(name, "not there")
        if ours != theirs:
            yield name.replace("_", " "), ours, theirs


def _net(backtest: Backtest) -> Decimal:
    return sum((trade.pnl for trade in backtest.trades), ZERO)


def _sentences(found: Comparison) -> Iterable[str]:
    ours, theirs = found.first.backtest, found.second.backtest
    quote = words.quote_of(ours)
    if ours.digest and ours.digest == theirs.digest:
        yield "Both follow from the same candles, rules and assumptions: they must be equal."
    elif (ours.source, ours.pairs, ours.timeframe, ours.start_ms, ours.end_ms) != (
        theirs.source,
        theirs.pairs,
        theirs.timeframe,
        theirs.start_ms,
        theirs.end_ms,
    ):
        yield "They did not run on the same candles: a difference may come from the market and not from the rules."
    if quote == words.quote_of(theirs):
        more = _net(theirs) - _net(ours)
        did = (
            "the same net as"
            if more == 0
            else f"{words.number(abs(more))} {quote} {'more' if more > 0 else 'less'} than"
        )
        yield f"The second made {did} the first."
    yield (
        f"{words.counted(found.same, 'trade')} equal, {len(found.changed):,} with another result, "
        f"{len(found.only_first):,} only in the first, {len(found.only_second):,} only in the second."
    )
