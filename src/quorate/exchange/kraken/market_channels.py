"""The public channels of WebSocket v2: what each says at first, and what it says when something happened."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from quorate.exchange import Listing, Trade, Trading
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.figures import rfc3339
from quorate.exchange.kraken.frames import Body, channel_message, figure
from quorate.exchange.kraken.history import DAY_MS, INTERVALS, MINUTE_MS, Candle
from quorate.exchange.kraken.pairs import KrakenPair, decimals_of
from quorate.exchange.kraken.public import PAIR_STATES

DEPTHS = (10, 25, 100, 500, 1000)
CHECKED_LEVELS = 10
TRADES_SHOWN = 50
Levels = list[tuple[int, int]]


def checksum(asks: Iterable[tuple[int, int]], bids: Iterable[tuple[int, int]]) -> int:
    """CRC32 over the ten best asks, then bids: grid units are the digits without point and leading zeros."""
    text = "".join(f"{ticks}{lots}" for side in (asks, bids) for ticks, lots in side)
    return zlib.crc32(text.encode())


class BookView:
    """One pair's book at one depth, as its subscribers have it."""

    def __init__(self, pair: KrakenPair, listing: Listing, depth: int) -> None:
        self._pair = pair
        self._listing = listing
        self._depth = depth
        self._asks: Levels = listing.asks.depth(depth)
        self._bids: Levels = listing.bids.depth(depth)

    def snapshot(self, at_ms: int) -> Body:
        """Everything, for a new subscriber: as of the last update, so that the next one follows it."""
        return self._message("snapshot", self._asks, self._bids, at_ms)

    def update(self, at_ms: int) -> Body | None:
        """What changed since the last update; None where nothing within the depth did.

        A level that others pushed beyond the depth is not told: clients cut their own books there.
        """
        asks, bids = self._listing.asks.depth(self._depth), self._listing.bids.depth(self._depth)
        asks_changed = _changes(self._asks, asks, 1, full=len(asks) == self._depth)
        bids_changed = _changes(self._bids, bids, -1, full=len(bids) == self._depth)
        self._asks, self._bids = asks, bids
        if not asks_changed and not bids_changed:
            return None
        return self._message("update", asks_changed, bids_changed, at_ms)

    def _message(self, kind: str, asks: Levels, bids: Levels, at_ms: int) -> Body:
        data: Body = {
            "symbol": self._pair.symbol,
            "bids": self._told(bids),
            "asks": self._told(asks),
            "checksum": checksum(self._asks[:CHECKED_LEVELS], self._bids[:CHECKED_LEVELS]),
        }
        if kind == "update":
            data["timestamp"] = rfc3339(at_ms)
        return channel_message("book", kind, [data])

    def _told(self, levels: Levels) -> list[Body]:
        pair = self._pair
        return [
            {"price": figure(ticks, pair.price_decimals), "qty": figure(lots, pair.lot_decimals)}
            for ticks, lots in levels
        ]


def _changes(before: Levels, after: Levels, sign: int, *, full: bool) -> Levels:
    """Levels that are new or different, and, empty, those that went, unless they lie beyond a full side."""
    known, now = dict(before), dict(after)
    gone = [(ticks, 0) for ticks in known if ticks not in now and not (full and ticks * sign > after[-1][0] * sign)]
    return gone + [(ticks, lots) for ticks, lots in after if known.get(ticks) != lots]


def trades_told(exchange: KrakenExchange, pair: KrakenPair, trades: Sequence[Trade], kind: str) -> Body:
    """The trade channel."""
    rows = [
        {
            "symbol": pair.symbol,
            "side": trade.taker_side.value,
            "price": figure(trade.ticks, pair.price_decimals),
            "qty": figure(trade.lots, pair.lot_decimals),
            "ord_type": exchange.teller.taker_kind(trade),
            "trade_id": trade.id,
            "timestamp": rfc3339(trade.at_ms),
        }
        for trade in trades
    ]
    return channel_message("trade", kind, rows)


def ticker_told(exchange: KrakenExchange, pair: KrakenPair, kind: str, at_ms: int) -> Body:
    """The ticker channel."""
    listing, day = exchange.engine.listings[pair.symbol], exchange.history[pair.symbol].since(at_ms - DAY_MS)
    (ask, ask_lots), (bid, bid_lots) = _best(listing.asks.depth(1)), _best(listing.bids.depth(1))
    last, price, lots = listing.last_ticks, pair.price_decimals, pair.lot_decimals
    change = last - day.open
    data = {
        "symbol": pair.symbol,
        "bid": figure(bid, price),
        "bid_qty": figure(bid_lots, lots),
        "ask": figure(ask, price),
        "ask_qty": figure(ask_lots, lots),
        "last": figure(last, price),
        "volume": figure(day.lots, lots),
        "vwap": figure(day.mean, price),
        "low": figure(day.low, price),
        "high": figure(day.high, price),
        "change": figure(change, price),
        "change_pct": round(change * 100 / day.open, 2) if day.open else 0.0,
        "timestamp": rfc3339(at_ms),
    }
    return channel_message("ticker", kind, [data])


def candles_told(pair: KrakenPair, minutes: int, candles: Sequence[Candle], kind: str, at_ms: int) -> Body:
    """The ohlc channel."""
    price, lots = pair.price_decimals, pair.lot_decimals
    rows = [
        {
            "symbol": pair.symbol,
            "open": figure(candle.open, price),
            "high": figure(candle.high, price),
            "low": figure(candle.low, price),
            "close": figure(candle.close, price),
            "vwap": figure(candle.mean, price),
            "trades": candle.trades,
            "volume": figure(candle.lots, lots),
            "interval_begin": rfc3339(candle.open_ms),
            "interval": minutes,
            "timestamp": rfc3339(candle.open_ms + minutes * MINUTE_MS),
        }
        for candle in candles
    ]
    return channel_message("ohlc", kind, rows, timestamp=rfc3339(at_ms))


def instruments_told(exchange: KrakenExchange, kind: str, pairs: Iterable[KrakenPair] | None = None) -> Body:
    """The instrument channel: assets and pairs, or the pairs that changed."""
    chosen = list(exchange.pairs) if pairs is None else list(pairs)
    data: dict[str, Any] = {
        "assets": [_asset(asset) for asset in exchange.pairs.assets] if pairs is None else [],
        "pairs": [_pair(pair, exchange.engine.listings[pair.symbol]) for pair in chosen],
    }
    return channel_message("instrument", kind, data)


def _asset(asset: str) -> Body:
    return {
        "id": asset,
        "status": "enabled",
        "precision": decimals_of(asset),
        "precision_display": min(5, decimals_of(asset)),
        "borrowable": False,
        "collateral_value": 0.0,
        "margin_rate": 0.0,
    }


def _pair(pair: KrakenPair, listing: Listing) -> Body:
    filters, spec = listing.spec.filters, listing.spec
    return {
        "symbol": pair.symbol,
        "base": pair.base,
        "quote": pair.quote,
        "status": PAIR_STATES[listing.trading],
        "qty_precision": pair.lot_decimals,
        "qty_increment": figure(1, pair.lot_decimals),
        "qty_min": figure(filters.lots_min, pair.lot_decimals),
        "price_precision": pair.price_decimals,
        "price_increment": figure(filters.price_step, pair.price_decimals),
        "tick_size": figure(filters.price_step, pair.price_decimals),
        "cost_precision": pair.cost_decimals,
        "cost_min": figure(filters.notional_min, pair.cost_decimals),
        "marginable": False,
        "has_index": spec.base == "BTC",
    }


def status_told(exchange: KrakenExchange, connection: int) -> Body:
    """The status channel, which every connection hears at first."""
    system = exchange.system
    data = {"version": "2.0.10", "system": system, "api_version": "v2", "connection_id": connection}
    return channel_message("status", "update", [data])


def _best(levels: Levels) -> tuple[int, int]:
    return levels[0] if levels else (0, 0)


def is_depth(told: object) -> bool:
    """Whether a book may be subscribed to at this depth."""
    return isinstance(told, int) and told in DEPTHS


def is_interval(told: object) -> bool:
    """Whether candles may be subscribed to at this interval, in minutes."""
    return isinstance(told, int) and told in INTERVALS


def tradable(listing: Listing) -> bool:
    """Whether the market still exists."""
    return listing.trading is not Trading.DELISTED
