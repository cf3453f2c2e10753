"""Trades on the candles they were made in: a whole market at a glance, and single trades from near."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from quorate.domain.candle import TIMEFRAME_MS
from quorate.kernel.bars import Bars
from quorate.research.reports import drawing as draw
from quorate.research.reports.markup import Html, joined, tag
from quorate.research.reports.scales import Scale, spread
from quorate.research.reports.thinning import fewer_candles
from quorate.research.reports.words import MINUS, counted, number, price, span
from quorate.research.result import ClosedTrade

OVERVIEW_CANDLES = 300
PRICES, LANE = 234, 56
"""Heights of the two parts of an overview."""
DRAWN_TRADES = 400
"""More lines than this on one drawing hide one another, and what is drawn last would win."""
NEAR_CANDLES = 90
NEAR_WIDTH, NEAR_HEIGHT = 460, 210
AROUND_CANDLES = 16
"""Candles shown before and after a trade, at least."""
AROUND_SHARE = 0.4
"""Of the trade's own length."""
TELLING_R = Decimal("0.01")
"""Results nearer to zero do not tell where the stop was: R has six digits."""


def overview(bars: Bars, trades: Sequence[ClosedTrade]) -> tuple[Html, str]:
    """All candles of a market, put together where they are too many, with its trades; and what is seen, in words.

    Below lies what the trades that ended within each candle came to. Where lines from entry to exit would cover one
    another, that is all that is drawn of them.
    """
    fewer, length_ms = fewer_candles(bars, OVERVIEW_CANDLES)
    across = Scale(
        float(fewer.open_ms[0]), float(fewer.open_ms[-1] + length_ms), draw.LEFT, float(draw.WIDTH - draw.RIGHT)
    )
    up = Scale(*spread(float(fewer.low.min()), float(fewer.high.max())), PRICES, 10)
    won = [trade for trade in trades if trade.pnl > 0]
    lost = [trade for trade in trades if trade.pnl <= 0]
    told = (
        f"{bars.pair}: {counted(len(trades), 'trade')}, {len(won):,} won, on candles of {span(length_ms)}. Below, what "
        "the trades that ended within each candle came to, in R."
    )
    few = len(trades) <= DRAWN_TRADES
    drawn = draw.sheet(
        told,
        PRICES + LANE + 40,
        draw.time_axis(across, 10, PRICES + LANE + 14),
        draw.value_axis(up, draw.named(draw.round_values(up))),
        _candles(fewer, across, up, length_ms),
        tag("path", d=_ways(lost, across, up), class_="way down") if few else "",
        tag("path", d=_ways(won, across, up), class_="way up") if few else "",
        _lane(fewer, trades, across, length_ms),
    )
    return drawn, told


def _lane(bars: Bars, trades: Sequence[ClosedTrade], across: Scale, length_ms: int) -> Html:
    """The sum of R of the trades that closed within each candle, as bars up and down."""
    closed = np.array([trade.closed_ms for trade in trades], np.int64)
    results = np.array([float(trade.r) for trade in trades])
    # A trade that ended at a candle's close ended within it.
    place = np.maximum(np.searchsorted(bars.open_ms, closed, side="left") - 1, 0)
    sums = np.bincount(place, weights=results, minlength=len(bars))
    most = max(float(np.abs(sums).max()), 1e-9)
    up = Scale(-most, most, PRICES + 12 + LANE, PRICES + 12)
    wide = max((across(length_ms) - across(0)) * 0.8, 0.6)
    middle = up(0.0)
    paths: dict[bool, list[str]] = {True: [], False: []}
    for at_ms, total in zip(bars.open_ms.tolist(), sums.tolist(), strict=True):
        if total:
            paths[total > 0].append(f"M{across(at_ms):.1f} {middle:.1f}h{wide:.1f}V{up(total):.1f}h-{wide:.1f}Z")
    marks = [(PRICES + 16, f"+{most:.3g} R"), (PRICES + 16 + LANE, f"{MINUS}{most:.3g} R")]
    return joined(
        (
            draw.rule(draw.LEFT, middle, draw.WIDTH - draw.RIGHT, middle, "zero"),
            tag("path", d="".join(paths[True]), class_="lane up"),
            tag("path", d="".join(paths[False]), class_="lane down"),
            *(draw.text(draw.LEFT - 8, y, name, anchor="end") for y, name in marks),
        )
    )


def nearby(bars: Bars, trade: ClosedTrade) -> Html | None:
    """One trade from near: candles around it, where it began, ended, and where its stop was. None without candles."""
    length_ms = TIMEFRAME_MS[bars.timeframe]
    room = max(AROUND_CANDLES * length_ms, int((trade.closed_ms - trade.opened_ms) * AROUND_SHARE))
    first = int(np.searchsorted(bars.open_ms, trade.opened_ms - room))
    last = int(np.searchsorted(bars.open_ms, trade.closed_ms + room))
    if last - first < 2:
        return None
    shown, each_ms = fewer_candles(bars.between(first, last), NEAR_CANDLES)
    stop = stop_of(trade)
    prices = [float(trade.entry), float(trade.exit), *([] if stop is None else [float(stop)])]
    low, high = spread(min(float(shown.low.min()), *prices), max(float(shown.high.max()), *prices), room=0.08)
    up = Scale(low, high, NEAR_HEIGHT - 24, 8)
    right = NEAR_WIDTH - 104
    across = Scale(float(shown.open_ms[0]), float(shown.open_ms[-1] + each_ms), 8, float(right))
    began, ended = across(trade.opened_ms), across(trade.closed_ms)
    side = "up" if trade.pnl > 0 else "down"
    levels = [("entry", trade.entry, "level entry"), ("exit", trade.exit, f"level {side}")]
    levels += [] if stop is None else [("stop", stop, "level stop")]
    return draw.sheet(
        f"{trade.pair} {trade.side.lower()}, entry {price(trade.entry)}, average exit {price(trade.exit)}, "
        f"{number(trade.r, signed=True)} R, on candles of {span(each_ms)}.",
        NEAR_HEIGHT,
        draw.block(began, 8, max(ended - began, 1.0), NEAR_HEIGHT - 32, f"held {side}"),
        _near_times(across),
        _candles(shown, across, up, each_ms),
        *(draw.rule(8, up(float(value)), right, up(float(value)), class_) for _, value, class_ in levels),
        *_level_names([(f"{name} {_name(float(value))}", up(float(value))) for name, value, _ in levels], right + 6),
        _arrow(began, up(float(trade.entry)), trade.side),
        tag("circle", cx=f"{ended:.1f}", cy=f"{up(float(trade.exit)):.1f}", r="3.5", class_=f"end {side}"),
        width=NEAR_WIDTH,
    )


def stop_of(trade: ClosedTrade) -> Decimal | None:
    """The first stop, worked back from the result in R; None where that is too near to zero to tell."""
    if abs(trade.r) < TELLING_R or trade.quantity == 0:
        return None
    distance = trade.pnl / (trade.r * trade.quantity)
    return trade.entry - distance if trade.side == "LONG" else trade.entry + distance


def _candles(bars: Bars, across: Scale, up: Scale, length_ms: int) -> Html:
    """Rising candles hollow, falling ones filled."""
    half = max((across(length_ms) - across(0)) * 0.32, 0.4)
    wicks, rising, falling = list[str](), list[str](), list[str]()
    x = across.all(bars.open_ms.astype(np.float64) + length_ms / 2).tolist()
    rows = zip(x, *(up.all(column).tolist() for column in (bars.open, bars.high, bars.low, bars.close)), strict=True)
    for middle, opened, high, low, closed in rows:
        top, bottom = min(opened, closed), max(opened, closed)
        bottom = max(bottom, top + 0.6)
        wicks.append(f"M{middle:.1f} {high:.1f}V{top:.1f}M{middle:.1f} {bottom:.1f}V{low:.1f}")
        body = f"M{middle - half:.1f} {top:.1f}H{middle + half:.1f}V{bottom:.1f}H{middle - half:.1f}Z"
        (rising if closed <= opened else falling).append(body)
    shapes = ((wicks, "wick"), (rising, "body rising"), (falling, "body falling"))
    return joined(tag("path", d="".join(paths), class_=class_) for paths, class_ in shapes if paths)


def _ways(trades: Sequence[ClosedTrade], across: Scale, up: Scale) -> str:
    return "".join(
        f"M{across(trade.opened_ms):.1f} {up(float(trade.entry)):.1f}"
        f"L{max(across(trade.closed_ms), across(trade.opened_ms) + 0.8):.1f} {up(float(trade.exit)):.1f}"
        for trade in trades
    )


def _arrow(x: float, y: float, side: str) -> Html:
    """A triangle that points where the trade hopes to go."""
    tip, foot = (y - 5, y + 4) if side == "LONG" else (y + 5, y - 4)
    return tag("path", d=f"M{x:.1f} {tip:.1f}L{x + 5:.1f} {foot:.1f}L{x - 5:.1f} {foot:.1f}Z", class_="arrow")


def _near_times(across: Scale) -> Html:
    return joined(
        draw.text(across(at_ms), NEAR_HEIGHT - 6, name, anchor="middle")
        for at_ms, name in draw.time_ticks(int(across.low), int(across.high), most=4)
        if across.at_low + 30 <= across(at_ms) <= across.at_high - 30
    )


def _level_names(levels: Sequence[tuple[str, float]], x: float) -> list[Html]:
    """Names beside their lines, pushed apart where they would lie on one another."""
    placed, found = -100.0, list[Html]()
    for name, y in sorted(levels, key=lambda level: level[1]):
        placed = max(y + 4, placed + 13)
        found.append(draw.text(x, placed, name, class_="level-name"))
    return found


def _name(value: float) -> str:
    return f"{value:,.6g}"
