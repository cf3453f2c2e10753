"""Market streams of futures: what they word otherwise than spot, and mark prices and liquidations."""

from __future__ import annotations

from quorate.exchange.binance import streams as spot
from quorate.exchange.binance.answers import SIDES, STATUSES, Told
from quorate.exchange.binance.figures import text
from quorate.exchange.binance.streams import FAST_MS, Changes, StreamWords
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.public import share
from quorate.exchange.engine.clearing import LIQUIDATION
from quorate.exchange.engine.events import Event, OrderFilled
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.orders import Trade

DEPTH_MS = {"": 250, "@100ms": FAST_MS, "@250ms": 250, "@500ms": 500}


def told_changes(symbol: str, changes: Changes, at_ms: int) -> Told:
    """What has changed in the book, with the number of the change before (`pu`)."""
    told = spot.told_changes(symbol, changes, at_ms)
    return {**told, "T": at_ms, "pu": changes.first - 1}


def told_trade(trade: Trade) -> Told:
    """A trade on its stream."""
    told = spot.told_trade(trade)
    del told["M"]
    return {**told, "X": "MARKET"}


def told_aggregate(trade: Trade) -> Told:
    """A trade on the stream of gathered trades."""
    told = spot.told_agg_trade(trade)
    del told["M"]
    return told


def told_best(listing: Listing, at_ms: int) -> Told:
    """Best bid and ask."""
    return {"e": "bookTicker", **spot.told_best(listing, at_ms), "T": at_ms, "E": at_ms}


def told_partial(listing: Listing, levels: int, at_ms: int) -> Told:
    """The top of the book, in the form of a change."""
    return {
        "e": "depthUpdate",
        "E": at_ms,
        "T": at_ms,
        "s": listing.spec.symbol,
        "U": listing.sequence,
        "u": listing.sequence,
        "pu": listing.sequence,
        "b": [[text(ticks), text(lots)] for ticks, lots in listing.bids.depth(levels)],
        "a": [[text(ticks), text(lots)] for ticks, lots in listing.asks.depth(levels)],
    }


def told_liquidations(event: Event) -> list[tuple[str, Told]]:
    """A fill that liquidates, for the stream of its contract and that of all."""
    if not isinstance(event, OrderFilled) or event.order.asked.tag != LIQUIDATION:
        return []
    order, trade = event.order, event.trade
    told: Told = {
        "e": "forceOrder",
        "E": event.at_ms,
        "o": {
            "s": order.symbol,
            "S": SIDES[order.side],
            "o": "LIMIT",
            "f": "IOC",
            "q": text(order.lots),
            "p": text(trade.ticks),
            "ap": text(trade.ticks),
            "X": STATUSES[event.status],
            "l": text(trade.lots),
            "z": text(event.filled_lots),
            "T": event.at_ms,
        },
    }
    return [(f"{order.symbol.lower()}@forceOrder", told), ("!forceOrder@arr", told)]


def words_of(contracts: Contracts) -> StreamWords:
    """The words of the streams of an exchange's futures."""

    def told_mark(listing: Listing, at_ms: int) -> Told:
        mark = text(listing.mark)
        return {
            "e": "markPriceUpdate",
            "E": at_ms,
            "s": listing.spec.symbol,
            "p": mark,
            "ap": mark,
            "P": mark,
            "i": mark,
            "r": share(contracts.rate_ppb(listing.spec.symbol)),
            "T": contracts.next_funding_ms,
        }

    return StreamWords(
        depth_ms=DEPTH_MS,
        changes=told_changes,
        trade=told_trade,
        aggregate=told_aggregate,
        best=told_best,
        partial=told_partial,
        states={"markPrice": told_mark},
        heard=told_liquidations,
        others=frozenset({"forceOrder"}),
    )
