"""What everybody may ask of futures beyond what spot answers alike: contracts, mark prices, funding, open interest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from quorate.exchange.binance import listening
from quorate.exchange.binance import public as spot
from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.figures import text
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.binance.private import order_rates
from quorate.exchange.binance.public import rows
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.markets import told_market
from quorate.exchange.engine.listing import Listing

Answer = Callable[[Contracts, Call], object]
Table = dict[tuple[str, str], tuple[Answer, Security, Callable[[Parameters], int] | int]]
INTEREST_PPB = 100_000
"""The interest part of a rate: 0.01 %."""


def share(ppb: int) -> str:
    """A rate in thousand-millionths with eight decimals."""
    sign = "-" if ppb < 0 else ""
    whole, part = divmod(abs(ppb), 1_000_000_000)
    return f"{sign}{whole}.{part // 10:08d}"


def exchange_info(contracts: Contracts, call: Call) -> Told:
    """Limits, contracts and their filters."""
    return {
        "timezone": "UTC",
        "serverTime": call.at_ms,
        "futuresType": "U_MARGINED",
        "rateLimits": call.exchange.rates.told(),
        "exchangeFilters": [],
        "assets": [{"asset": contracts.margin.rules.asset, "marginAvailable": True, "autoAssetExchange": "0"}],
        "symbols": [told_market(listing, contracts.margin.rules) for listing in spot.asked_listings(call)],
    }


def depth(contracts: Contracts, call: Call) -> Told:
    """The book, and when it stood like that."""
    return {**spot.depth(call), "E": call.at_ms, "T": call.at_ms}


def ticker_price(contracts: Contracts, call: Call) -> object:
    """The last price, of one contract or of many."""

    def row(listing: Listing) -> Told:
        return {"symbol": listing.spec.symbol, "price": text(listing.last_ticks), "time": call.at_ms}

    return spot.one_or_many(call, row)


def book_ticker(contracts: Contracts, call: Call) -> object:
    """Best bid and ask, of one contract or of many."""

    def row(listing: Listing) -> Told:
        told = {"lastUpdateId": listing.sequence, "symbol": listing.spec.symbol, **spot.best_prices(listing)}
        return {**told, "time": call.at_ms}

    return spot.one_or_many(call, row)


def premium_index(contracts: Contracts, call: Call) -> object:
    """Mark price and the funding to come, of one contract or of many."""
    return spot.one_or_many(call, lambda listing: told_premium(contracts, listing, call.at_ms))


def told_premium(contracts: Contracts, listing: Listing, at_ms: int) -> Told:
    """Mark price and the funding to come; the index is the mark."""
    mark = text(listing.mark)
    return {
        "symbol": listing.spec.symbol,
        "markPrice": mark,
        "indexPrice": mark,
        "estimatedSettlePrice": mark,
        "lastFundingRate": share(contracts.rate_ppb(listing.spec.symbol)),
        "interestRate": share(INTEREST_PPB),
        "nextFundingTime": contracts.next_funding_ms,
        "time": at_ms,
    }


def funding_rates(contracts: Contracts, call: Call) -> list[Told]:
    """Funding that was settled, oldest first."""
    limit = rows(call.parameters, 100)
    start_ms, end_ms = call.parameters.integer("startTime", 0), call.parameters.integer("endTime", call.at_ms)
    told: list[Told] = [
        {
            "symbol": listing.spec.symbol,
            "fundingTime": each.at_ms,
            "fundingRate": share(each.rate_ppb),
            "markPrice": text(each.mark),
        }
        for listing in spot.asked_listings(call)
        for each in contracts.settled.get(listing.spec.symbol, ())
        if start_ms <= each.at_ms <= end_ms
    ]
    told.sort(key=lambda row: int(str(row["fundingTime"])))
    return told[:limit] if start_ms else told[-limit:]


def funding_info(contracts: Contracts, call: Call) -> list[Told]:
    """Contracts whose funding is unlike others: there are none."""
    return []


def open_interest(contracts: Contracts, call: Call) -> Told:
    """What clients hold of a contract, long positions counted."""
    symbol = call.listing().spec.symbol
    accounts = contracts.engine.accounts.values()
    held = [account.positions[symbol].lots for account in accounts if symbol in account.positions]
    return {"openInterest": text(sum(max(lots, 0) for lots in held)), "symbol": symbol, "time": call.at_ms}


def _depth_weight(parameters: Parameters) -> int:
    """What a question about depth weighs."""
    limit = parameters.integer("limit", 500)
    return 2 if limit <= 50 else 5 if limit <= 100 else 10 if limit <= 500 else 20


def _klines_weight(parameters: Parameters) -> int:
    limit = parameters.integer("limit", 500)
    return 1 if limit < 100 else 2 if limit < 500 else 5


def _by_symbol(one: int, all_of_them: int) -> Callable[[Parameters], int]:
    return lambda parameters: one if parameters.has("symbol") else all_of_them


NONE = Security.NONE
SHARED: dict[tuple[str, str], Route] = {
    ("GET", "/fapi/v1/ping"): Route(handler=spot.ping),
    ("GET", "/fapi/v1/time"): Route(handler=spot.time),
    ("GET", "/fapi/v1/trades"): Route(handler=spot.trades, weight=5),
    ("GET", "/fapi/v1/historicalTrades"): Route(handler=spot.historical_trades, weight=200),
    ("GET", "/fapi/v1/aggTrades"): Route(handler=spot.agg_trades, weight=20),
    ("GET", "/fapi/v1/klines"): Route(handler=spot.klines, weight=_klines_weight),
    ("GET", "/fapi/v1/ticker/24hr"): Route(handler=spot.ticker_day, weight=_by_symbol(1, 40)),
    ("GET", "/fapi/v1/markPriceKlines"): Route(handler=spot.klines, weight=_klines_weight),
    ("GET", "/fapi/v1/rateLimit/order"): Route(handler=order_rates, security=Security.SIGNED),
    ("POST", "/fapi/v1/listenKey"): Route(handler=listening.start, security=Security.KEY),
}
"""What spot answers in the same words. Candles of the mark price are those of the trades here."""
PUBLIC: Table = {
    ("GET", "/fapi/v1/exchangeInfo"): (exchange_info, NONE, 1),
    ("GET", "/fapi/v1/depth"): (depth, NONE, _depth_weight),
    ("GET", "/fapi/v1/ticker/price"): (ticker_price, NONE, _by_symbol(1, 2)),
    ("GET", "/fapi/v2/ticker/price"): (ticker_price, NONE, _by_symbol(1, 2)),
    ("GET", "/fapi/v1/ticker/bookTicker"): (book_ticker, NONE, _by_symbol(2, 5)),
    ("GET", "/fapi/v1/premiumIndex"): (premium_index, NONE, _by_symbol(1, 10)),
    ("GET", "/fapi/v1/fundingRate"): (funding_rates, NONE, 1),
    ("GET", "/fapi/v1/fundingInfo"): (funding_info, NONE, 1),
    ("GET", "/fapi/v1/openInterest"): (open_interest, NONE, 1),
}


def bound(table: Table, contracts: Contracts) -> dict[tuple[str, str], Route]:
    """A table of answers as routes to one exchange's contracts."""
    return {
        place: Route(handler=partial(answer, contracts), security=security, weight=weight)
        for place, (answer, security, weight) in table.items()
    }


def counted(routes: dict[tuple[str, str], Route], *places: tuple[str, str]) -> dict[tuple[str, str], Route]:
    """The same, with these counted as orders."""
    return {place: replace(route, orders=1) if place in places else route for place, route in routes.items()}
