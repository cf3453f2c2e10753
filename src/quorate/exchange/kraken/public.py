"""Kraken's public REST answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from quorate.exchange import Fees, Listing, Side, Trading
from quorate.exchange.kraken import names
from quorate.exchange.kraken.errors import KrakenRefusal, invalid
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.figures import absent, fixed, number, rfc3339, seconds, whole
from quorate.exchange.kraken.history import DAY_MS, INTERVALS, Day
from quorate.exchange.kraken.pairs import FIAT_DECIMALS, KrakenPair, decimals_of

Arguments = Mapping[str, object]
DEPTH_DEFAULT, DEPTH_MAX = 100, 500
TRADES_MAX = 1_000
SHOWN_DECIMALS = 5
"""Tickers and depth tell prices with at least so many."""
DEPTH_LOT_DECIMALS = 3
PAIR_STATES = {
    Trading.OPEN: "online",
    Trading.POST_ONLY: "post_only",
    Trading.LIMIT_ONLY: "limit_only",
    Trading.CANCEL_ONLY: "cancel_only",
    Trading.HALTED: "maintenance",
    Trading.DELISTED: "delisted",
}
NS = 1_000_000


def tell_time(exchange: KrakenExchange, _: Arguments) -> dict[str, Any]:
    """Time."""
    unixtime = exchange.now_ms() // 1000
    return {"unixtime": unixtime, "rfc1123": f"{datetime.fromtimestamp(unixtime, UTC):%a, %d %b %y %H:%M:%S +0000}"}


def system_status(exchange: KrakenExchange, _: Arguments) -> dict[str, Any]:
    """SystemStatus."""
    return {"status": exchange.system, "timestamp": rfc3339(exchange.now_ms())[:19] + "Z"}


def assets(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """Assets, all or those asked for."""
    wanted = _listed(arguments, "asset")
    known = exchange.pairs.assets
    chosen = known if wanted is None else [names.asset_of(name) for name in wanted]
    if any(asset not in known for asset in chosen):
        raise KrakenRefusal("EQuery:Unknown asset")
    return {names.asset_id(asset): _asset(asset) for asset in chosen}


def _asset(asset: str) -> dict[str, Any]:
    decimals = decimals_of(asset)
    return {
        "aclass": "currency",
        "altname": names.asset_altname(asset),
        "decimals": decimals,
        "display_decimals": 2 if decimals == FIAT_DECIMALS else 5,
        "status": "enabled",
    }


def asset_pairs(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """AssetPairs, all or those asked for; delisted ones are not there any more."""
    told: dict[str, Any] = {}
    for key, pair in _asked_pairs(exchange, arguments).items():
        told[key] = pair_told(pair, exchange.engine.listings[pair.symbol])
    return told


def _asked_pairs(exchange: KrakenExchange, arguments: Arguments) -> dict[str, KrakenPair]:
    """The pairs asked for, or all, by the key they are answered under; delisted ones are not there any more."""
    wanted = _listed(arguments, "pair")
    if wanted is not None:
        return {_key(name, pair := exchange.pairs.named(name)): _traded(exchange, pair) for name in wanted}
    listings = exchange.engine.listings
    return {pair.id: pair for pair in exchange.pairs if listings[pair.symbol].trading is not Trading.DELISTED}


def _traded(exchange: KrakenExchange, pair: KrakenPair) -> KrakenPair:
    exchange.listing(pair)
    return pair


def _key(name: str, pair: KrakenPair) -> str:
    """A name with a slash is answered under itself, every other one under the pair's id."""
    return name if "/" in name else pair.id


def pair_told(pair: KrakenPair, listing: Listing) -> dict[str, Any]:
    """A pair as AssetPairs describes it, with the filters that hold now."""
    spec = listing.spec
    fees: Fees = spec.fees
    return {
        "altname": pair.altname,
        "wsname": pair.wsname,
        "aclass_base": "currency",
        "base": names.asset_id(pair.base),
        "aclass_quote": "currency",
        "quote": names.asset_id(pair.quote),
        "lot": "unit",
        "cost_decimals": pair.cost_decimals,
        "pair_decimals": pair.price_decimals,
        "lot_decimals": pair.lot_decimals,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, fees.taker_ppm / 10_000]],
        "fees_maker": [[0, fees.maker_ppm / 10_000]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": _plain(spec.quantity(spec.filters.lots_min)),
        "costmin": _plain(Decimal(spec.filters.notional_min).scaleb(-pair.cost_decimals)),
        "tick_size": _plain(spec.price(spec.filters.price_step)),
        "status": PAIR_STATES[listing.trading],
    }


def ticker(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """Ticker of the pairs asked for, or of all."""
    now_ms = exchange.now_ms()
    return {key: _ticker(exchange, pair, now_ms) for key, pair in _asked_pairs(exchange, arguments).items()}


def _ticker(exchange: KrakenExchange, pair: KrakenPair, now_ms: int) -> dict[str, Any]:
    listing, history = exchange.listing(pair), exchange.history[pair.symbol]
    today, day = history.since(now_ms - now_ms % DAY_MS), history.since(now_ms - DAY_MS)
    last = listing.tape.trades[-1] if listing.tape.trades else None

    def both(pick: Callable[[Day], str | int]) -> list[str | int]:
        return [pick(today), pick(day)]

    return {
        "a": _best(pair, listing.asks.depth(1)),
        "b": _best(pair, listing.bids.depth(1)),
        "c": [shown(pair, last.ticks if last else 0), _lots(pair, last.lots if last else 0)],
        "v": both(lambda figures: _lots(pair, figures.lots)),
        "p": both(lambda figures: shown(pair, figures.mean)),
        "t": both(lambda figures: figures.trades),
        "l": both(lambda figures: shown(pair, figures.low)),
        "h": both(lambda figures: shown(pair, figures.high)),
        "o": shown(pair, today.open),
    }


def _best(pair: KrakenPair, levels: list[tuple[int, int]]) -> list[str]:
    ticks, lots = levels[0] if levels else (0, 0)
    quantity = Decimal(lots).scaleb(-pair.lot_decimals)
    return [shown(pair, ticks), str(int(quantity)), fixed(quantity, DEPTH_LOT_DECIMALS)]


def ohlc(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """OHLC: up to 720 candles, the forming one last; `last` is the one before it."""
    key, pair = _one_pair(exchange, arguments)
    minutes = whole(arguments.get("interval", 1), "interval", low=1, high=INTERVALS[-1])
    if minutes not in INTERVALS:
        raise invalid("interval")
    since_s = number(arguments.get("since", 0) or 0, "since")
    candles = exchange.history[pair.symbol].candles(minutes, exchange.now_ms())
    rows = [
        [
            candle.open_ms // 1000,
            *(_price(pair, ticks) for ticks in (candle.open, candle.high, candle.low, candle.close)),
            _price(pair, candle.mean) if candle.trades else "0.0",
            _lots(pair, candle.lots),
            candle.trades,
        ]
        for candle in candles
        if candle.open_ms // 1000 > since_s or not since_s
    ]
    last = candles[-2].open_ms // 1000 if len(candles) > 1 else 0
    return {key: rows, "last": last}


def depth(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """Depth: up to 500 levels of each side."""
    key, pair = _one_pair(exchange, arguments)
    count = whole(arguments.get("count", DEPTH_DEFAULT), "count", low=1, high=DEPTH_MAX)
    listing, now_s = exchange.listing(pair), exchange.now_ms() // 1000

    def levels(side: list[tuple[int, int]]) -> list[list[Any]]:
        scale = -pair.lot_decimals
        return [
            [shown(pair, ticks), fixed(Decimal(lots).scaleb(scale), DEPTH_LOT_DECIMALS), now_s] for ticks, lots in side
        ]

    return {key: {"asks": levels(listing.asks.depth(count)), "bids": levels(listing.bids.depth(count))}}


def trades(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """Trades: those after `since` (ns, or seconds), or the newest; `last` continues from there."""
    key, pair = _one_pair(exchange, arguments)
    count = whole(arguments.get("count", TRADES_MAX), "count", low=1, high=TRADES_MAX)
    since = number(arguments.get("since", 0) or 0, "since")
    since_ns = int(since if since > 10**12 else since * 10**9)
    known = list(exchange.listing(pair).tape.trades)
    chosen = [trade for trade in known if trade.at_ms * NS > since_ns][:count] if since_ns else known[-count:]
    rows = [
        [
            shown(pair, trade.ticks),
            _lots(pair, trade.lots),
            seconds(trade.at_ms),
            "b" if trade.taker_side is Side.BUY else "s",
            exchange.teller.taker_kind(trade)[0],
            "",
            trade.id,
        ]
        for trade in chosen
    ]
    return {key: rows, "last": str(chosen[-1].at_ms * NS if chosen else since_ns)}


def spread(exchange: KrakenExchange, arguments: Arguments) -> dict[str, Any]:
    """Spread: how the best prices went."""
    key, pair = _one_pair(exchange, arguments)
    since_s = number(arguments.get("since", 0) or 0, "since")
    known = exchange.history[pair.symbol].spreads
    rows = [
        [at_ms // 1000, shown(pair, bid), shown(pair, ask)] for at_ms, bid, ask in known if at_ms // 1000 >= since_s
    ]
    return {key: rows, "last": rows[-1][0] if rows else int(since_s)}


PUBLIC: dict[str, Callable[[KrakenExchange, Arguments], dict[str, Any]]] = {
    "Time": tell_time,
    "SystemStatus": system_status,
    "Assets": assets,
    "AssetPairs": asset_pairs,
    "Ticker": ticker,
    "OHLC": ohlc,
    "Depth": depth,
    "Trades": trades,
    "Spread": spread,
}


def shown(pair: KrakenPair, ticks: int) -> str:
    """A price with at least five decimals."""
    return fixed(Decimal(ticks).scaleb(-pair.price_decimals), max(SHOWN_DECIMALS, pair.price_decimals))


def _price(pair: KrakenPair, ticks: int) -> str:
    return fixed(Decimal(ticks).scaleb(-pair.price_decimals), pair.price_decimals)


def _lots(pair: KrakenPair, lots: int) -> str:
    return fixed(Decimal(lots).scaleb(-pair.lot_decimals), pair.lot_decimals)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _listed(arguments: Arguments, name: str) -> list[str] | None:
    told = arguments.get(name)
    return None if absent(told) or told == "all" else [part for part in str(told).split(",") if part]


def _one_pair(exchange: KrakenExchange, arguments: Arguments) -> tuple[str, KrakenPair]:
    """The one pair that a question is about, and the key it is answered under."""
    told = str(arguments.get("pair") or "")
    if not told:
        raise KrakenRefusal("EGeneral:Invalid arguments")
    pair = exchange.pairs.named(told)
    return _key(told, pair), _traded(exchange, pair)
