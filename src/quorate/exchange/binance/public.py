"""What everybody may ask: markets, book, trades, candles, tickers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.errors import BinanceError, illegal
from quorate.exchange.binance.figures import text
from quorate.exchange.binance.history import DAY_MS, HOUR_MS, INTERVALS, MINUTE_MS, Candle, closes_at
from quorate.exchange.binance.markets import told_market
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Trade
from quorate.exchange.engine.words import Trading

Told = dict[str, object]
DEPTH_MAX = 5_000
ROWS_MAX = 1_000
BAD_INTERVAL = (-1120, "Invalid interval.")
WINDOWS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def ping(call: Call) -> Told:
    """Nothing, quickly."""
    return {}


def time(call: Call) -> Told:
    """The exchange's clock."""
    return {"serverTime": call.at_ms}


def exchange_info(call: Call) -> Told:
    """Limits, markets and their filters."""
    call.parameters.optional("permissions")
    call.parameters.optional("showPermissionSets")
    call.parameters.optional("symbolStatus")
    return {
        "timezone": "UTC",
        "serverTime": call.at_ms,
        "rateLimits": [
            *call.exchange.rates.told(),
            {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 61_000},
        ],
        "exchangeFilters": [],
        "symbols": [told_market(listing) for listing in asked_listings(call)],
        "sors": [],
    }


def depth(call: Call) -> Told:
    """The book."""
    listing = call.listing()
    limit = min(call.parameters.integer("limit", 100) or 100, DEPTH_MAX)
    return {
        "lastUpdateId": listing.sequence,
        "bids": [[text(ticks), text(lots)] for ticks, lots in listing.bids.depth(limit)],
        "asks": [[text(ticks), text(lots)] for ticks, lots in listing.asks.depth(limit)],
    }


def trades(call: Call) -> list[Told]:
    """The newest trades, oldest first."""
    listing, limit = call.listing(), rows(call.parameters)
    return [told_public_trade(trade) for trade in list(listing.tape.trades)[-limit:]]


def historical_trades(call: Call) -> list[Told]:
    """Trades from an id on, as far as they are kept."""
    listing, limit = call.listing(), rows(call.parameters)
    if not call.parameters.has("fromId"):
        return trades(call)
    first = call.parameters.integer("fromId")
    return [told_public_trade(trade) for trade in listing.tape.trades if trade.id >= first][:limit]


def agg_trades(call: Call) -> list[Told]:
    """Trades of one taker at one price and instant, told as one."""
    listing, limit = call.listing(), rows(call.parameters)
    start_ms = call.parameters.integer("startTime", 0)
    end_ms = call.parameters.integer("endTime", call.at_ms)
    first = call.parameters.integer("fromId", 0)
    gathered = [
        told_aggregate(group)
        for group in aggregates(listing.tape.trades)
        if start_ms <= group[0].at_ms <= end_ms and group[0].id >= first
    ]
    forward = call.parameters.has("fromId") or call.parameters.has("startTime")
    return gathered[:limit] if forward else gathered[-limit:]


def klines(call: Call) -> list[list[object]]:
    """Candles, oldest first."""
    listing, limit = call.listing(), rows(call.parameters)
    interval = call.parameters.text("interval")
    call.parameters.optional("timeZone")
    if interval not in INTERVALS:
        raise BinanceError(*BAD_INTERVAL)
    start_ms = call.parameters.integer("startTime", 0)
    end_ms = call.parameters.integer("endTime", call.at_ms)
    candles = [
        candle
        for candle in call.exchange.history[listing.spec.symbol].candles(interval, now_ms=call.at_ms)
        if start_ms <= candle.open_ms <= end_ms
    ]
    chosen = candles[:limit] if start_ms else candles[-limit:]
    return [told_kline(candle, interval) for candle in chosen]


def average_price(call: Call) -> Told:
    """The mean price of the last five minutes."""
    listing = call.listing()
    mean = listing.tape.mean_ticks(call.at_ms)
    closed_ms = listing.tape.trades[-1].at_ms if listing.tape.trades else call.at_ms
    return {"mins": 5, "price": text(mean), "closeTime": closed_ms}


def ticker_price(call: Call) -> object:
    """The last price, of one market or of many."""
    return one_or_many(call, lambda listing: {"symbol": listing.spec.symbol, "price": text(listing.last_ticks)})


def book_ticker(call: Call) -> object:
    """Best bid and ask, of one market or of many."""
    return one_or_many(call, lambda listing: {"symbol": listing.spec.symbol, **best_prices(listing)})


def ticker_day(call: Call) -> object:
    """The last 24 hours, of one market or of many."""
    return one_or_many(call, lambda listing: _window(call, listing, DAY_MS))


def ticker_window(call: Call) -> object:
    """A window of up to seven days, told without the book."""
    told = call.parameters.optional("windowSize") or "1d"
    unit = WINDOWS.get(told[-1:])
    if unit is None or not told[:-1].isdigit():
        raise illegal("windowSize", "^[0-9]{1,2}[mhd]$")
    length_ms = min(int(told[:-1]) * unit, 7 * DAY_MS)
    book = ("prevClosePrice", "lastQty", "bidPrice", "bidQty", "askPrice", "askQty")

    def row(listing: Listing) -> Told:
        return {name: value for name, value in _window(call, listing, length_ms).items() if name not in book}

    return one_or_many(call, row)


def asked_listings(call: Call) -> list[Listing]:
    """The markets named by `symbol` or `symbols`, or all that are not delisted. Errors: -1101, -1100, -1121."""
    parameters, engine = call.parameters, call.exchange.engine
    if parameters.has("symbol") and parameters.has("symbols"):
        raise BinanceError(-1128, "Combination of optional parameters invalid.")
    if parameters.has("symbol"):
        return [call.listing()]
    if parameters.has("symbols"):
        return [engine.listing(symbol) for symbol in _symbols(parameters)]
    return [listing for listing in engine.listings.values() if listing.trading is not Trading.DELISTED]


def one_or_many(call: Call, row: Callable[[Listing], Told]) -> object:
    """A row where one symbol was asked for, else a list of rows."""
    call.parameters.optional("type")
    call.parameters.optional("symbolStatus")
    told = [row(listing) for listing in asked_listings(call)]
    return told[0] if call.parameters.has("symbol") else told


def best_prices(listing: Listing) -> Told:
    """Best bid and ask; zero where a side is empty."""
    bid, ask = listing.bids.best(), listing.asks.best()
    return {
        "bidPrice": text(bid.ticks if bid else 0),
        "bidQty": text(bid.lots if bid else 0),
        "askPrice": text(ask.ticks if ask else 0),
        "askQty": text(ask.lots if ask else 0),
    }


def told_public_trade(trade: Trade) -> Told:
    """A trade as everybody sees it."""
    return {
        "id": trade.id,
        "price": text(trade.ticks),
        "qty": text(trade.lots),
        "quoteQty": text(trade.atoms),
        "time": trade.at_ms,
        "isBuyerMaker": trade.buyer_is_maker,
        "isBestMatch": True,
    }


def aggregates(tape: Iterable[Trade]) -> list[list[Trade]]:
    """Trades gathered where taker, price and instant are the same."""
    groups: list[list[Trade]] = []
    for trade in tape:
        last = groups[-1][-1] if groups else None
        same = last is not None and (last.taker_order, last.ticks, last.at_ms) == (
            trade.taker_order,
            trade.ticks,
            trade.at_ms,
        )
        if same and trade.taker_order:
            groups[-1].append(trade)
        else:
            groups.append([trade])
    return groups


def told_aggregate(group: Sequence[Trade]) -> Told:
    """Some trades as one. Its id is that of its first trade, so that it stays the same as the tape moves on."""
    first, last = group[0], group[-1]
    return {
        "a": first.id,
        "p": text(first.ticks),
        "q": text(sum(trade.lots for trade in group)),
        "f": first.id,
        "l": last.id,
        "T": first.at_ms,
        "m": first.buyer_is_maker,
        "M": True,
    }


def told_kline(candle: Candle, interval: str) -> list[object]:
    """A candle as a row."""
    return [
        candle.open_ms,
        text(candle.open),
        text(candle.high),
        text(candle.low),
        text(candle.close),
        text(candle.lots),
        closes_at(interval, candle.open_ms),
        text(candle.value),
        candle.trades,
        text(candle.taker_lots),
        text(candle.taker_value),
        "0",
    ]


def rows(parameters: Parameters, default: int = 500) -> int:
    """How many rows are wanted, as many as are given. Errors: -1100, -1102."""
    limit = parameters.integer("limit", default)
    if not limit:
        raise BinanceError(-1130, "Data sent for parameter 'limit' is not valid.")
    return min(limit, ROWS_MAX)


def day_figures(listing: Listing, day: Candle | None) -> Told:
    """Prices, change and sums of a window."""
    last = listing.last_ticks or (day.close if day else 0)
    opened = day.open if day else last
    lots, value = (day.lots, day.value) if day else (0, 0)
    change = last - opened
    percent = change * 100_000 // opened if opened else 0
    return {
        "priceChange": text(change),
        "priceChangePercent": f"{percent / 1000:.3f}",
        "weightedAvgPrice": text(value * 10**8 // lots if lots else last),
        "openPrice": text(opened),
        "highPrice": text(max(day.high, last) if day else last),
        "lowPrice": text(min(day.low, last) if day else last),
        "lastPrice": text(last),
        "volume": text(lots),
        "quoteVolume": text(value),
    }


def _window(call: Call, listing: Listing, length_ms: int) -> Told:
    day = call.exchange.history[listing.spec.symbol].day(call.at_ms)
    newest = listing.tape.trades[-1] if listing.tape.trades else None
    figures = day_figures(listing, day)
    return {
        "symbol": listing.spec.symbol,
        **figures,
        "prevClosePrice": figures["openPrice"],
        "lastQty": text(newest.lots if newest else 0),
        **best_prices(listing),
        "openTime": call.at_ms - length_ms,
        "closeTime": call.at_ms,
        "firstId": day.first_id if day else -1,
        "lastId": day.last_id if day else -1,
        "count": day.trades if day else 0,
    }


def _symbols(parameters: Parameters) -> list[str]:
    told = parameters.text("symbols")
    try:
        read: object = json.loads(told)
    except ValueError:
        raise illegal("symbols", '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$') from None
    if not isinstance(read, list):
        raise illegal("symbols", '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$')
    return [str(symbol) for symbol in cast("list[object]", read)]


def _depth_weight(parameters: Parameters) -> int:
    limit = parameters.integer("limit", 100)
    return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1_000 else 250


def _ticker_weight(parameters: Parameters) -> int:
    return 2 if parameters.has("symbol") else 80


def _few_weight(parameters: Parameters) -> int:
    return 2 if parameters.has("symbol") else 4


PUBLIC = {
    ("GET", "/api/v3/ping"): Route(handler=ping),
    ("GET", "/api/v3/time"): Route(handler=time),
    ("GET", "/api/v3/exchangeInfo"): Route(handler=exchange_info, weight=20),
    ("GET", "/api/v3/depth"): Route(handler=depth, weight=_depth_weight),
    ("GET", "/api/v3/trades"): Route(handler=trades, weight=25),
    ("GET", "/api/v3/historicalTrades"): Route(handler=historical_trades, weight=25, security=Security.NONE),
    ("GET", "/api/v3/aggTrades"): Route(handler=agg_trades, weight=4),
    ("GET", "/api/v3/klines"): Route(handler=klines, weight=2),
    ("GET", "/api/v3/uiKlines"): Route(handler=klines, weight=2),
    ("GET", "/api/v3/avgPrice"): Route(handler=average_price, weight=2),
    ("GET", "/api/v3/ticker/24hr"): Route(handler=ticker_day, weight=_ticker_weight),
    ("GET", "/api/v3/ticker"): Route(handler=ticker_window, weight=_ticker_weight),
    ("GET", "/api/v3/ticker/price"): Route(handler=ticker_price, weight=_few_weight),
    ("GET", "/api/v3/ticker/bookTicker"): Route(handler=book_ticker, weight=_few_weight),
}
