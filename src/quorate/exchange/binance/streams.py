"""Market streams: which there are, and what each of them tells.

Streams that tell every event speak at once; those that tell a state speak when `Streams.tick` is called, which a server
does every 100 ms and a simulator whenever its clock says so. Nothing is put together that nobody listens to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.figures import text
from quorate.exchange.binance.history import INTERVALS, Candle, closes_at
from quorate.exchange.binance.public import best_prices, day_figures
from quorate.exchange.engine.events import Event, LevelChanged, Traded
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Trade
from quorate.exchange.engine.words import Side, Trading

Told = dict[str, object]
Publish = Callable[[str, object], None]
STREAM = re.compile(r"(?P<symbol>[a-z0-9_.-]{1,20})@(?P<kind>[A-Za-z0-9]+)(?P<more>[_@].+)?")
OF_ALL = re.compile(r"!(?P<kind>ticker|miniTicker|bookTicker|markPrice|forceOrder)(@arr)?(@[0-9]+m?s)?")
FAST_MS, SLOW_MS = 100, 1_000
PARTIAL = {"depth5": 5, "depth10": 10, "depth20": 20}


@dataclass(slots=True)
class Changes:
    """Levels that have changed since a depth stream last spoke, newest figure of each."""

    every_ms: int
    first: int
    spoke_ms: int
    bids: dict[int, int] = field(default_factory=dict[int, int])
    asks: dict[int, int] = field(default_factory=dict[int, int])
    last: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamWords:
    """Which streams a face of the exchange has beyond those of candles and tickers, and how it words them."""

    depth_ms: Mapping[str, int]
    """How often a stream of the book speaks, by the end of its name."""
    changes: Callable[[str, Changes, int], Told]
    trade: Callable[[Trade], Told]
    aggregate: Callable[[Trade], Told]
    best: Callable[[Listing, int], Told]
    partial: Callable[[Listing, int, int], Told]
    states: Mapping[str, Callable[[Listing, int], Told]]
    """Further streams that tell the state of a market each second, by kind."""
    heard: Callable[[Event], Sequence[tuple[str, Told]]]
    """Further streams that tell an event: their names, and what they say."""
    others: frozenset[str]
    """Kinds of those."""


def is_stream(name: str, words: StreamWords) -> bool:
    """Whether a face of the exchange has a stream of that name, whatever its market."""
    of_all = OF_ALL.fullmatch(name)
    if of_all is not None:
        return of_all["kind"] in ("ticker", "miniTicker", "bookTicker", *words.states, *words.others)
    found = STREAM.fullmatch(name)
    if found is None:
        return False
    kind, more = found["kind"], found["more"] or ""
    if kind == "kline":
        return more.removeprefix("_").partition("@")[0] in INTERVALS
    if kind == "depth" or kind in PARTIAL:
        return more in words.depth_ms
    if kind in words.states:
        return more in ("", "@1s")
    return kind in ("trade", "aggTrade", "bookTicker", "miniTicker", "ticker", *words.others) and not more


class Streams:
    """Speaks for the markets of an exchange to whoever `publish` reaches; told by name what is listened to."""

    def __init__(self, exchange: BinanceExchange, publish: Publish, words: StreamWords) -> None:
        self._words = words
        self._exchange = exchange
        self._publish = publish
        self._wanted: dict[str, int] = {}
        self._changes: dict[str, Changes] = {}
        self._slow_ms = 0
        self._fast_ms = 0
        self._traded: dict[str, None] = {}
        self._forming: dict[str, int] = {}
        """Open time of the candle that each candle stream has told last."""
        exchange.listen(self._hear)

    def knows(self, name: str) -> bool:
        """Whether there is a stream of that name, whatever its market."""
        return is_stream(name, self._words)

    def want(self, name: str) -> None:
        """Somebody listens to a stream from now on."""
        self._wanted[name] = self._wanted.get(name, 0) + 1
        found = STREAM.fullmatch(name)
        if found is not None and found["kind"] == "depth" and name not in self._changes:
            listing = self._exchange.engine.listings.get(found["symbol"].upper())
            if listing is not None:
                every_ms = self._words.depth_ms[found["more"] or ""]
                self._changes[name] = Changes(every_ms, listing.sequence + 1, self._exchange.engine.now_ms)

    def unwant(self, name: str) -> None:
        """One listener less."""
        left = self._wanted.get(name, 0) - 1
        if left > 0:
            self._wanted[name] = left
        else:
            self._wanted.pop(name, None)
            self._changes.pop(name, None)
            self._forming.pop(name, None)

    def tick(self, at_ms: int) -> None:
        """Let those streams speak whose time has come."""
        for name, changes in self._changes.items():
            if changes.last and at_ms - changes.spoke_ms >= changes.every_ms:
                self._tell_changes(name, changes, at_ms)
        slow = at_ms - self._slow_ms >= SLOW_MS
        if at_ms - self._fast_ms >= FAST_MS:
            self._fast_ms = at_ms
            for name in list(self._wanted):
                self._tell_state(name, at_ms, slow=slow)
        if slow:
            self._slow_ms = at_ms
            self._traded.clear()

    def _hear(self, events: Sequence[Event]) -> None:
        if not self._wanted:
            return
        best: dict[str, int] = {}
        for event in events:
            if isinstance(event, LevelChanged):
                best[event.symbol] = event.at_ms
                self._note(event)
            elif isinstance(event, Traded):
                self._tell_trade(event.trade)
            for name, told in self._words.heard(event):
                if name in self._wanted:
                    self._publish(name, told)
        for symbol, at_ms in best.items():
            self._tell_best(symbol, at_ms)

    def _note(self, event: LevelChanged) -> None:
        low = event.symbol.lower()
        for more in self._words.depth_ms:
            changes = self._changes.get(f"{low}@depth{more}")
            if changes is not None:
                side = changes.bids if event.side is Side.BUY else changes.asks
                side[event.ticks] = event.lots
                changes.last = event.sequence

    def _tell_changes(self, name: str, changes: Changes, at_ms: int) -> None:
        self._publish(name, self._words.changes(name.partition("@")[0].upper(), changes, at_ms))
        changes.first, changes.last, changes.spoke_ms = changes.last + 1, 0, at_ms
        changes.bids.clear()
        changes.asks.clear()

    def _tell_trade(self, trade: Trade) -> None:
        low = trade.symbol.lower()
        self._traded[trade.symbol] = None
        if f"{low}@trade" in self._wanted:
            self._publish(f"{low}@trade", self._words.trade(trade))
        if f"{low}@aggTrade" in self._wanted:
            self._publish(f"{low}@aggTrade", self._words.aggregate(trade))

    def _tell_best(self, symbol: str, at_ms: int) -> None:
        low = symbol.lower()
        names = [name for name in (f"{low}@bookTicker", "!bookTicker") if name in self._wanted]
        if names:
            listing = self._exchange.engine.listings[symbol]
            for name in names:
                self._publish(name, self._words.best(listing, at_ms))

    def _tell_state(self, name: str, at_ms: int, *, slow: bool) -> None:
        of_all = OF_ALL.fullmatch(name)
        if of_all is not None:
            state = self._words.states.get(of_all["kind"])
            if state is not None:
                if slow:
                    self._publish(name, [state(listing, at_ms) for listing in self._exchange.engine.listings.values()])
            elif slow and of_all["kind"] in ("ticker", "miniTicker") and self._traded:
                row = self._mini if of_all["kind"] == "miniTicker" else self._ticker
                self._publish(name, [row(self._exchange.engine.listings[symbol], at_ms) for symbol in self._traded])
            return
        found = STREAM.fullmatch(name)
        listing = self._exchange.engine.listings.get(found["symbol"].upper()) if found else None
        if found is None or listing is None or listing.trading is Trading.DELISTED:
            return
        kind, more = found["kind"], found["more"] or ""
        if kind in PARTIAL and (slow or more != ""):
            self._publish(name, self._words.partial(listing, PARTIAL[kind], at_ms))
        elif kind == "kline" and slow:
            self._tell_kline(name, listing, more.removeprefix("_"), at_ms)
        elif kind == "miniTicker" and slow:
            self._publish(name, self._mini(listing, at_ms))
        elif kind == "ticker" and slow:
            self._publish(name, self._ticker(listing, at_ms))
        elif kind in self._words.states and slow:
            self._publish(name, self._words.states[kind](listing, at_ms))

    def _tell_kline(self, name: str, listing: Listing, interval: str, at_ms: int) -> None:
        """The forming candle, and once after its end the one that has closed."""
        candles = self._exchange.history[listing.spec.symbol].candles(interval, now_ms=at_ms)
        if not candles:
            return
        told_ms = self._forming.get(name)
        if told_ms is not None and told_ms != candles[-1].open_ms and len(candles) > 1:
            self._publish(name, told_kline(listing, candles[-2], interval, at_ms, closed=True))
        self._forming[name] = candles[-1].open_ms
        self._publish(name, told_kline(listing, candles[-1], interval, at_ms, closed=False))

    def _mini(self, listing: Listing, at_ms: int) -> Told:
        figures = self._figures(listing, at_ms)
        return {
            "e": "24hrMiniTicker",
            "E": at_ms,
            "s": listing.spec.symbol,
            "c": figures["lastPrice"],
            "o": figures["openPrice"],
            "h": figures["highPrice"],
            "l": figures["lowPrice"],
            "v": figures["volume"],
            "q": figures["quoteVolume"],
        }

    def _ticker(self, listing: Listing, at_ms: int) -> Told:
        day = self._exchange.history[listing.spec.symbol].day(at_ms)
        figures, best = self._figures(listing, at_ms), best_prices(listing)
        newest = listing.tape.trades[-1] if listing.tape.trades else None
        return {
            **self._mini(listing, at_ms),
            "e": "24hrTicker",
            "p": figures["priceChange"],
            "P": figures["priceChangePercent"],
            "w": figures["weightedAvgPrice"],
            "x": figures["openPrice"],
            "Q": text(newest.lots if newest else 0),
            "b": best["bidPrice"],
            "B": best["bidQty"],
            "a": best["askPrice"],
            "A": best["askQty"],
            "O": at_ms - 86_400_000,
            "C": at_ms,
            "F": day.first_id if day else -1,
            "L": day.last_id if day else -1,
            "n": day.trades if day else 0,
        }

    def _figures(self, listing: Listing, at_ms: int) -> Told:
        return day_figures(listing, self._exchange.history[listing.spec.symbol].day(at_ms))


def told_changes(symbol: str, changes: Changes, at_ms: int) -> Told:
    """What has changed in the book."""
    return {
        "e": "depthUpdate",
        "E": at_ms,
        "s": symbol,
        "U": changes.first,
        "u": changes.last,
        "b": [[text(ticks), text(lots)] for ticks, lots in changes.bids.items()],
        "a": [[text(ticks), text(lots)] for ticks, lots in changes.asks.items()],
    }


def told_mean(listing: Listing, at_ms: int) -> Told:
    """The mean price of the last five minutes."""
    told = {"e": "avgPrice", "E": at_ms, "s": listing.spec.symbol, "i": "5m"}
    return {**told, "w": text(listing.tape.mean_ticks(at_ms)), "T": at_ms}


def told_trade(trade: Trade) -> Told:
    """A trade on its stream."""
    return {
        "e": "trade",
        "E": trade.at_ms,
        "s": trade.symbol,
        "t": trade.id,
        "p": text(trade.ticks),
        "q": text(trade.lots),
        "T": trade.at_ms,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def told_agg_trade(trade: Trade) -> Told:
    """A trade on the stream of gathered trades; here each is told by itself, as soon as it happens."""
    return {
        "e": "aggTrade",
        "E": trade.at_ms,
        "s": trade.symbol,
        "a": trade.id,
        "p": text(trade.ticks),
        "q": text(trade.lots),
        "f": trade.id,
        "l": trade.id,
        "T": trade.at_ms,
        "m": trade.buyer_is_maker,
        "M": True,
    }


def told_best(listing: Listing, at_ms: int) -> Told:
    """Best bid and ask on their stream."""
    best = best_prices(listing)
    return {
        "u": listing.sequence,
        "s": listing.spec.symbol,
        "b": best["bidPrice"],
        "B": best["bidQty"],
        "a": best["askPrice"],
        "A": best["askQty"],
    }


def told_partial(listing: Listing, levels: int, at_ms: int) -> Told:
    """The top of the book."""
    return {
        "lastUpdateId": listing.sequence,
        "bids": [[text(ticks), text(lots)] for ticks, lots in listing.bids.depth(levels)],
        "asks": [[text(ticks), text(lots)] for ticks, lots in listing.asks.depth(levels)],
    }


def told_kline(listing: Listing, candle: Candle, interval: str, at_ms: int, *, closed: bool) -> Told:
    """A candle on its stream."""
    return {
        "e": "kline",
        "E": at_ms,
        "s": listing.spec.symbol,
        "k": {
            "t": candle.open_ms,
            "T": closes_at(interval, candle.open_ms),
            "s": listing.spec.symbol,
            "i": interval,
            "f": candle.first_id,
            "L": candle.last_id,
            "o": text(candle.open),
            "c": text(candle.close),
            "h": text(candle.high),
            "l": text(candle.low),
            "v": text(candle.lots),
            "n": candle.trades,
            "x": closed,
            "q": text(candle.value),
            "V": text(candle.taker_lots),
            "Q": text(candle.taker_value),
            "B": "0",
        },
    }


SPOT_WORDS = StreamWords(
    depth_ms={"": SLOW_MS, "@100ms": FAST_MS, "@1000ms": SLOW_MS},
    changes=told_changes,
    trade=told_trade,
    aggregate=told_agg_trade,
    best=told_best,
    partial=told_partial,
    states={"avgPrice": told_mean},
    heard=lambda event: (),
    others=frozenset(),
)
