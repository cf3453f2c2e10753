"""The trades of a backtest by what they have in common, its months, and where its money went."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite

import numpy as np

from quorate.domain.money import ZERO
from quorate.kernel.statistics import profit_factor
from quorate.research.reports.thinning import value_at
from quorate.research.result import Backtest, ClosedTrade, Curve

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The trades that have something in common."""

    name: str
    trades: int
    wins: int
    """Trades that made money net of every cost."""
    pnl: Decimal
    costs: Decimal
    """Fees, spread, slippage and funding together; positive where they cost."""
    mean_r: float
    profit_factor: float | None
    """None without trades that lost, or without any that won or lost."""

    @property
    def win_rate(self) -> float:
        """Share of trades that won, 0 to 1."""
        return self.wins / self.trades


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """All trades by one thing."""

    by: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What a month made of the equity it began with."""

    year: int
    month: int
    """1 to 12."""
    change: float
    """Simple return."""
    whole: bool
    """Whether the backtest covers all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """From what the candles' prices would have given to what was left. Costs are positive where they cost."""

    gross: Decimal
    fees: Decimal
    spread_and_slippage: Decimal
    funding: Decimal
    net: Decimal
    """Of the trades that ended."""
    still_open: Decimal | None
    """What the equity changed by beyond that: trades still open, and rounding. None without a curve of the total."""


def money_of(backtest: Backtest) -> Money:
    """Where the money of the closed trades went."""
    fees, taken, funding, net = ZERO, ZERO, ZERO, ZERO
    for trade in backtest.trades:
        fees += trade.fees
        taken += trade.spread_and_slippage
        funding -= trade.funding
        net += trade.pnl
    total, left = backtest.curves.get(TOTAL), None
    if total is not None and len(total.equity):
        left = Decimal(str(float(total.equity[-1]))) - Decimal(str(float(total.equity[0]))) - net
    return Money(
        gross=net + fees + taken + funding,
        fees=fees,
        spread_and_slippage=taken,
        funding=funding,
        net=net,
        still_open=left,
    )


def breakdowns(trades: Sequence[ClosedTrade]) -> tuple[Breakdown, ...]:
    """By everything that tells trades apart; what all of them share is left out, hours and weekdays never are."""
    if not trades:
        return ()
    names: tuple[tuple[str, Callable[[ClosedTrade], str]], ...] = (
        ("Book", lambda trade: trade.portfolio),
        ("Strategy", lambda trade: trade.strategy),
        ("Symbol", lambda trade: trade.pair),
        ("Side", lambda trade: trade.side.lower()),
        ("How it ended", lambda trade: trade.reason.replace("_", " ")),
        ("Regime at entry", lambda trade: trade.regime.lower().replace("_", " ") or "not measured"),
    )
    found = [Breakdown(by=by, parts=_parts(trades, key)) for by, key in names]
    if found[0].parts == found[1].parts:
        del found[0]  # every strategy has a book of its own
    told = [each for each in found if len(each.parts) > 1 or each.by in ("Symbol", "Side", "How it ended")]
    hours = _parts(trades, lambda trade: f"{_moment(trade.opened_ms).hour:02}:00", sort=lambda part: (0, part.name))
    days = _parts(
        trades,
        lambda trade: WEEKDAYS[_moment(trade.opened_ms).weekday()],
        sort=lambda part: (WEEKDAYS.index(part.name), ""),
    )
    return (*told, Breakdown(by="Hour of entry, UTC", parts=hours), Breakdown(by="Weekday of entry", parts=days))


def months_of(curve: Curve) -> tuple[Month, ...]:
    """Every month the curve touches, by its equity at the month's ends."""
    if len(curve.at_ms) == 0:
        return ()
    first, last = int(curve.at_ms[0]), int(curve.at_ms[-1])
    began = _moment(first)
    place, found = began.year * 12 + began.month - 1, list[Month]()
    while (start := _month_ms(place)) < last or not found:
        end = _month_ms(place + 1)
        ends = np.array([max(start, first), min(end, last)], np.int64)
        before, after = value_at(curve, ends).tolist()
        change = after / before - 1.0 if before > 0 else float("nan")
        whole = start >= first - 1 and end <= last
        found.append(Month(year=place // 12, month=place % 12 + 1, change=change, whole=whole))
        place += 1
    return tuple(found)


def _parts(
    trades: Iterable[ClosedTrade],
    key: Callable[[ClosedTrade], str],
    *,
    sort: Callable[[Part], tuple[int, str]] = lambda part: (-part.trades, part.name),
) -> tuple[Part, ...]:
    groups: dict[str, list[ClosedTrade]] = {}
    for trade in trades:
        groups.setdefault(key(trade), []).append(trade)
    return tuple(sorted((_part(name, each) for name, each in groups.items()), key=sort))


def _part(name: str, trades: Sequence[ClosedTrade]) -> Part:
    factor = profit_factor(np.array([float(trade.pnl) for trade in trades]))
    return Part(
        name=name,
        trades=len(trades),
        wins=sum(trade.pnl > 0 for trade in trades),
        pnl=sum((trade.pnl for trade in trades), ZERO),
        costs=sum((trade.fees + trade.spread_and_slippage - trade.funding for trade in trades), ZERO),
        mean_r=float(sum((trade.r for trade in trades), ZERO)) / len(trades),
        profit_factor=factor if isfinite(factor) else None,
    )


def _moment(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


def _month_ms(place: int) -> int:
    """When the month begins that lies `place` months after January of the year 0."""
    return int(datetime(place // 12, place % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)
