"""What goes with the synthetic market's prices: order books, funding rates, and news of the jumps that happen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np

from quorate.domain.errors import BadInput
from quorate.feeds.quote import quote_around
from quorate.feeds.simulation.chance import Purpose, stream
from quorate.feeds.simulation.climate import DAY_MS, ORIGIN_MS, Climate
from quorate.feeds.simulation.coins import Coin
from quorate.feeds.simulation.hours import HOURS, hour_grid
from quorate.feeds.simulation.market import HOUR_MS, MINUTE_MS, SyntheticMarket, day_of
from quorate.feeds.simulation.minutes import MINUTES

BOOK_LEVELS = 20
BOOK_MS = 1_000
"""A book is redrawn once a second."""
BOOK_SHARE = 2e-4
"""Turnover of a day that rests on an average level."""
FUNDING_MS = 28_800_000
FUNDING_MAX = Decimal("0.003")
FUNDING_STEP = Decimal("0.000001")
NEWS_TOLD_MIN = 0.6
"""Jumps smaller than this share of a coin's daily volatility make no headline."""
NEWS_SPAN_MS_MAX = 7 * DAY_MS
"""Longest stretch of news told at once."""

GOOD = (
    "{coin} rallies after a large buyer steps in",
    "{coin} network upgrade goes live without a hitch",
    "Exchange announces new {coin} products, price jumps",
    "{coin} shorts are squeezed as funding turns",
)
BAD = (
    "{coin} drops as a large holder moves coins to an exchange",
    "Bug in a {coin} bridge halts withdrawals",
    "{coin} slides on rumours of a regulator's inquiry",
    "Long {coin} positions are liquidated in minutes",
)
MARKET_NEWS = {
    Climate.CRASH: ("Crypto market sells off sharply", -1.0),
    Climate.TREND_UP: ("Crypto market extends its gains", 0.5),
    Climate.TREND_DOWN: ("Crypto market keeps sliding", -0.5),
    Climate.CHOP: ("Crypto market swings without direction", 0.0),
    Climate.RANGE: ("Crypto market holds its range", 0.0),
}


@dataclass(frozen=True, slots=True)
class Level:
    """Price in quote units and quantity in base units resting there."""

    price: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """An order book at one instant, best prices first; never crossed."""

    pair: str
    at_ms: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """A simulated news item. `pair` is None for the whole market; `sentiment` runs from -1 to 1."""

    at_ms: int
    pair: str | None
    text: str
    sentiment: float


def book(market: SyntheticMarket, pair: str, at_ms: int) -> Book:
    """The order book of a pair at an instant, around its price there."""
    coin = market.coin(pair)
    listed = coin.market
    place = market.coins.index(coin)
    at_ms -= at_ms % BOOK_MS
    quote = quote_around(listed, int(market.last_ticks(at_ms)[place]), at_ms)
    assert quote.bid is not None, "a quote around a price has both sides"
    assert quote.ask is not None, "a quote around a price has both sides"
    chance = stream(market.seed, Purpose.BOOK, place=coin.place, block=(at_ms - ORIGIN_MS) // BOOK_MS)
    steps = 1 + chance.poisson(max(1.0, float(quote.last / listed.tick) * listed.spread_ppm / 2e6), (2, BOOK_LEVELS))
    steps[:, 0] = 0
    worth = (
        coin.turnover * BOOK_SHARE * chance.lognormal(0.0, 0.8, (2, BOOK_LEVELS)) * np.linspace(0.4, 2.0, BOOK_LEVELS)
    )
    sides: list[tuple[Level, ...]] = []
    for side, (best, sign) in enumerate(((quote.bid, -1), (quote.ask, 1))):
        offsets = np.cumsum(steps[side]).tolist()
        prices = [best + sign * offset * listed.tick for offset in offsets]
        sides.append(
            tuple(
                Level(price, max(listed.lot, listed.lots_floor(Decimal(value) / price) * listed.lot))
                for price, value in zip(prices, worth[side].tolist(), strict=True)
                if price > 0
            )
        )
    return Book(pair, at_ms, sides[0], sides[1])


def funding(market: SyntheticMarket, pair: str, at_ms: int) -> Decimal:
    """The funding rate of an instant's 8 h period, as a ratio: follows the last days' move, with surprises."""
    coin = market.coin(pair)
    day = day_of(at_ms)
    first = max(0, day - 3)
    days = market.chain.days(first, day + 1)
    place = market.chain.place_of(coin)
    move = days.level[day - first, place] - days.level[0, place]
    scale = float(np.hypot(coin.beta * days.factor_volatility[-1], days.own_volatility[-1, place])) * np.sqrt(3)
    chance = stream(market.seed, Purpose.FUNDING, place=coin.place, block=(at_ms - ORIGIN_MS) // FUNDING_MS)
    # Student's t with 3 degrees of freedom: now and then a rate that the funding breaker must see.
    rate = 1e-4 * (0.7 + 0.9 * float(np.tanh(move / scale)) + 0.8 * float(chance.standard_t(3)))
    return max(-FUNDING_MAX, min(FUNDING_MAX, Decimal(rate).quantize(FUNDING_STEP, ROUND_HALF_EVEN)))


def news(market: SyntheticMarket, after_ms: int, until_ms: int) -> list[Headline]:
    """Headlines later than `after_ms`, up to and including `until_ms`, oldest first: one a day on the market, and one
    within the hour of every large jump."""
    if until_ms - after_ms > NEWS_SPAN_MS_MAX:
        raise BadInput("More than a week of simulated news was asked for at once.", hint="Ask for less.")
    found = [
        headline
        for day in range(day_of(max(after_ms, ORIGIN_MS)), day_of(max(until_ms, ORIGIN_MS)) + 1)
        for headline in _news_of(market, day)
        if after_ms < headline.at_ms <= until_ms
    ]
    return sorted(found, key=lambda headline: (headline.at_ms, headline.pair or ""))


def _news_of(market: SyntheticMarket, day: int) -> list[Headline]:
    days = market.chain.days(day, day + 1)
    opening_ms = ORIGIN_MS + day * DAY_MS
    text, sentiment = MARKET_NEWS[Climate(int(days.climate[0]))]
    found = [Headline(opening_ms + 13 * HOUR_MS + (day % 7) * 11 * MINUTE_MS, None, text, sentiment)]
    grid = hour_grid(market.chain, market.coins, day, day + 1)
    volatility = days.own_volatility[0]
    for coin, jumps in zip(market.coins, grid.jump[:, 0], strict=True):
        for hour in np.flatnonzero(jumps).tolist():
            size = float(jumps[hour] / volatility[market.chain.place_of(coin)])
            if abs(size) >= NEWS_TOLD_MIN:
                found.append(_headline(market.seed, coin, opening_ms, hour, size, day))
    return found


def _headline(seed: int, coin: Coin, opening_ms: int, hour: int, size: float, day: int) -> Headline:
    chance = stream(seed, Purpose.NEWS, place=coin.place, block=day * HOURS + hour)
    templates = GOOD if size > 0 else BAD
    text = templates[int(chance.integers(len(templates)))].format(coin=coin.name)
    at_ms = opening_ms + hour * HOUR_MS + int(chance.integers(1, MINUTES)) * MINUTE_MS
    return Headline(at_ms, coin.market.pair, text, round(float(np.tanh(size)), 2))
