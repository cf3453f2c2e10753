"""Quotes, candles and indicators of the feed an account trades on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import msgspec
import numpy as np

from quorate.api.answers.rows import instant, instant_or_none, milliseconds, plain_or_none
from quorate.api.problems import NOT_FOUND, ProblemRaised, field_problem
from quorate.api.schemas.market import Candles, FeedState, IndicatorColumns, Price, Prices, Series
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.money import plain
from quorate.kernel import indicators
from quorate.kernel.bars import Bars, FloatArray
from quorate.store.readers import accounts, feeds, market

if TYPE_CHECKING:
    from quorate.api.resources import Resources
    from quorate.api.schemas.queries import CandlesQuery, IndicatorsQuery
    from quorate.store.readers.health import FeedHealth

WARM_UP_BARS = 500
"""Bars read before the first one shown, so that averages have settled."""
PERIOD_MIN, PERIOD_MAX = 2, 400
NAME = re.compile(r"([a-z]+)(?:_([0-9]{1,3}))?")
DIGITS = 10
SIMULATED = "simulated"

_decode_market = msgspec.json.Decoder(Market).decode


def feed_state_of(feed: FeedHealth) -> FeedState:
    """The feed as the page shows it."""
    return FeedState.model_validate(
        {
            "kind": feed.kind,
            "label": feed.label,
            "simulated": feed.kind == SIMULATED,
            "state": feed.state,
            "age_ms": feed.age_ms,
            "at": instant_or_none(feed.at),
        }
    )


async def prices_of(given: Resources, account: str, pairs: str | None) -> Prices:
    """The newest quote of every pair asked for, with what it did in the last 24 h of feed time."""
    feed = await feeds.of_account(given.pool, account)
    report = await given.health.report(account)
    asked = None if pairs is None else pairs.split(",")
    quotes = [] if feed is None else await market.quotes(given.pool, feed.key, asked)
    markets = await accounts.markets(given.pool, account)
    changes = {} if feed is None or not quotes else await _day_changes(given, feed, quotes)
    # Feed time is the wall clock on a live feed only; elsewhere an age in wall time would mean nothing.
    now_ms = given.clock.now_ms() if report.feed.kind == "exchange" else None
    return Prices(
        feed=feed_state_of(report.feed),
        prices=[_price(quote, changes.get(quote.pair), markets.get(quote.pair), now_ms) for quote in quotes],
    )


async def _day_changes(
    given: Resources, feed: feeds.FeedRow, quotes: list[market.QuoteRow]
) -> dict[str, market.DayChange]:
    """What the pairs did in a day; looked up anew once the newest quote belongs to another candle."""
    newest_ms = max(milliseconds(quote.at) for quote in quotes)
    candle = newest_ms // TIMEFRAME_MS[feed.timeframe]
    kept = given.memory.day_changes.get(feed.key)
    if kept is None or kept[0] != candle or any(quote.pair not in kept[1] for quote in quotes):
        found = await market.day_changes(given.pool, feed.key, base=feed.timeframe, at_ms=newest_ms)
        kept = given.memory.day_changes[feed.key] = (candle, found)
    return kept[1]


def _price(quote: market.QuoteRow, day: market.DayChange | None, market_json: str | None, now_ms: int | None) -> Price:
    change = None
    if day is not None and day.close_before:
        change = float((quote.last / day.close_before - 1) * 100)
    return Price(
        pair=quote.pair,
        last=plain(quote.last),
        bid=plain_or_none(quote.bid),
        ask=plain_or_none(quote.ask),
        change_24h_pct=change,
        volume_24h=None if day is None else day.volume,
        at=instant(quote.at),
        age_ms=None if now_ms is None else max(0, now_ms - milliseconds(quote.at)),
        estimated=[] if market_json is None else list(_decode_market(market_json).estimated),
    )


async def candles_of(given: Resources, account: str, query: CandlesQuery) -> Candles:
    """Closed candles, oldest first."""
    rows, estimated = await _rows(given, account, query, query.limit)
    return Candles(
        pair=query.pair,
        timeframe=query.timeframe,
        candles=[
            (row.open_ms, plain(row.open), plain(row.high), plain(row.low), plain(row.close), row.volume)
            for row in rows
        ],
        estimated=estimated,
    )


async def indicators_of(given: Resources, account: str, query: IndicatorsQuery) -> IndicatorColumns:
    """The indicators asked for, aligned with the candles of the same question."""
    wanted = [(name, _indicator(name)) for name in dict.fromkeys(query.names.split(","))]
    rows, _ = await _rows(given, account, query, query.limit + WARM_UP_BARS)
    bars = _bars(query.pair, query.timeframe, rows)
    shown = slice(max(0, len(rows) - query.limit), None)
    series = [
        Series(name=label, values=_values(column[shown]))
        for name, compute in wanted
        for label, column in compute(name, bars).items()
    ]
    return IndicatorColumns(
        pair=query.pair,
        timeframe=query.timeframe,
        open_ms=[row.open_ms for row in rows[shown]],
        series=series,
    )


async def _rows(given: Resources, account: str, query: CandlesQuery, count: int) -> tuple[list[market.CandleRow], bool]:
    """Candles and whether any part of this market is a model's; a problem for a pair that the account does not know."""
    markets = await accounts.markets(given.pool, account)
    if query.pair not in markets:
        raise ProblemRaised(NOT_FOUND, f"The account {account} has no market {query.pair}.")
    estimated = "candles" in _decode_market(markets[query.pair]).estimated
    feed = await feeds.of_account(given.pool, account)
    if feed is None:
        return [], estimated
    wanted = market.Wanted(
        feed=feed.key,
        pair=query.pair,
        timeframe=query.timeframe,
        before_ms=None if query.before is None else milliseconds(query.before),
        count=count,
    )
    if TIMEFRAME_MS[query.timeframe] <= TIMEFRAME_MS[feed.timeframe]:
        return await market.candles(given.pool, wanted), estimated
    return await market.gathered(given.pool, wanted, base=feed.timeframe), estimated


def _bars(pair: str, timeframe: str, rows: list[market.CandleRow]) -> Bars:
    prices = np.array([[row.open, row.high, row.low, row.close] for row in rows], np.float64).reshape(-1, 4).T
    open_, high, low, close = (np.ascontiguousarray(column) for column in prices)
    return Bars(
        pair,
        timeframe,
        np.array([row.open_ms for row in rows], np.int64),
        open_,
        high,
        low,
        close,
        np.array([row.volume for row in rows], np.float64),
    )


Compute = Callable[[str, Bars], dict[str, FloatArray]]


def _bollinger(_: str, bars: Bars) -> dict[str, FloatArray]:
    upper, middle, lower = indicators.bollinger(bars.close)
    return {"bollinger_upper": upper, "bollinger_middle": middle, "bollinger_lower": lower}


def _macd(_: str, bars: Bars) -> dict[str, FloatArray]:
    line, signal, histogram = indicators.macd(bars.close)
    return {"macd": line, "macd_signal": signal, "macd_histogram": histogram}


def _period(name: str) -> int:
    return int(name.rpartition("_")[2])


WHOLE: dict[str, Compute] = {"bollinger": _bollinger, "macd": _macd}
BY_PERIOD: dict[str, Compute] = {
    "ema": lambda name, bars: {name: indicators.ema(bars.close, _period(name))},
    "sma": lambda name, bars: {name: indicators.sma(bars.close, _period(name))},
    "rsi": lambda name, bars: {name: indicators.rsi(bars.close, _period(name))},
    "atr": lambda name, bars: {name: indicators.atr(bars.high, bars.low, bars.close, _period(name))},
    "adx": lambda name, bars: {name: indicators.adx(bars.high, bars.low, bars.close, _period(name))},
}


def _indicator(name: str) -> Compute:
    match = NAME.fullmatch(name)
    word, period = match.groups() if match else ("", None)
    if period is None and word in WHOLE:
        return WHOLE[word]
    if period is not None and word in BY_PERIOD and PERIOD_MIN <= int(period) <= PERIOD_MAX:
        return BY_PERIOD[word]
    known = ", ".join([*(f"{each}_N" for each in BY_PERIOD), *WHOLE])
    raise field_problem(
        "names", f"There is no indicator {name}; there are {known} (N from {PERIOD_MIN} to {PERIOD_MAX})."
    )


def _values(column: FloatArray) -> list[float | None]:
    numbers = cast("list[float]", column.tolist())
    return [float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None for value in numbers]
