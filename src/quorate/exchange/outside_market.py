"""The market of a feed as liquidity: bids and asks around its price, trades where it trades, candles as paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.exchange.engine.engine import Engine
from quorate.exchange.engine.words import Side, Trading

LEVELS = 20
MONEY = frozenset({"USD", "USDT", "USDC", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "FDUSD", "BUSD", "TUSD", "DAI"})
LEVEL_WORTH, LEVEL_WORTH_IN_COINS = Decimal(25_000), Decimal("0.5")
"""What the best level holds, in a quote currency that is money, and in one that is a coin."""
TRADE_SHARE = Decimal("0.1")
"""Of the best level: about as much is traded at each move of the price."""


@dataclass(frozen=True, slots=True)
class Point:
    """A price on the path of a candle, and the quantity traded there."""

    share: float
    """How far into the candle, from 0 to 1."""
    ticks: int
    volume: float


def path(candle: Candle, points: int) -> Iterator[Point]:
    """The way through a candle: from its open to the extreme that lies against its direction, the other, its close.

    `points` are spread evenly; the corners are always among them, so that open, high, low and close come out exact.
    """
    rises = candle.close >= candle.open
    low, high = candle.low, candle.high
    corners = (candle.open, low, high, candle.close) if rises else (candle.open, high, low, candle.close)
    per_leg = max(1, points // 3)
    volume = candle.volume / (3 * per_leg + 1)
    yield Point(0.0, corners[0], volume)
    for leg in range(3):
        begin, end = corners[leg], corners[leg + 1]
        for place in range(1, per_leg + 1):
            ticks = begin + (end - begin) * place // per_leg
            yield Point((leg + place / per_leg) / 3, ticks, volume)


class OutsideMarket:
    """Puts one market of a feed into the book of one market of an engine. `chance` gives numbers from 0 up to 1."""

    def __init__(self, engine: Engine, symbol: str, market: Market, *, chance: Callable[[], float]) -> None:
        self.pair = market.pair
        self.symbol = symbol
        self.market = market
        self._engine = engine
        self._chance = chance
        self._worth = LEVEL_WORTH if market.quote in MONEY else LEVEL_WORTH_IN_COINS

    def move(
        self, last: Decimal, *, bid: Decimal | None, ask: Decimal | None, volume: Decimal | None, at_ms: int
    ) -> None:
        """Let the outside market trade at `last` and then bid and ask around it; without both, around a usual spread.

        `volume` is what is traded, in base units; None is some. Nothing happens where the market takes no orders.
        """
        listing = self._engine.listings[self.symbol]
        if last <= 0 or listing.trading in (Trading.HALTED, Trading.DELISTED):
            return
        spec, filters = listing.spec, listing.spec.filters
        step = filters.price_step
        ticks = max(step, round(int(last / spec.tick) / step) * step)
        half = max(step, int(last * self.market.spread_ppm / 2_000_000 / spec.tick) // step * step)
        best_bid = ticks - half if bid is None else _steps(bid / spec.tick, step, ROUND_FLOOR)
        best_ask = ticks + half if ask is None else _steps(ask / spec.tick, step, ROUND_CEILING)
        best_ask = max(best_ask, best_bid + step)
        lots = self._lots(last)
        bids = [(best_bid - half * place, self._level(lots, place)) for place in range(LEVELS)]
        asks = [(best_ask + half * place, self._level(lots, place)) for place in range(LEVELS)]
        side = Side.BUY if ticks >= (listing.last_ticks or ticks) else Side.SELL
        traded = self._traded(lots, volume)
        self._engine.quote(self.symbol, [row for row in bids if row[0] > 0], asks, at_ms=at_ms)
        self._engine.print_trade(self.symbol, side, ticks, traded, at_ms=at_ms)
        if self._engine.margin is not None:
            self._engine.mark(self.symbol, ticks, at_ms=at_ms)

    def play(self, point: Point, *, at_ms: int) -> None:
        """Let the outside market stand at a point of a candle's path."""
        volume = Decimal(str(round(point.volume, 8)))
        self.move(self.market.price(point.ticks), bid=None, ask=None, volume=volume, at_ms=at_ms)

    def _lots(self, price: Decimal) -> int:
        """What the best level holds."""
        spec = self._engine.listings[self.symbol].spec
        return max(_steps(self._worth / price / spec.lot, spec.filters.lot_step, ROUND_FLOOR), spec.filters.lot_step)

    def _level(self, lots: int, place: int) -> int:
        """What a level holds: more further out, and never quite the same."""
        step = self._engine.listings[self.symbol].spec.filters.lot_step
        wanted = lots * (10 + 5 * place) // 10
        return max(step, int(wanted * (0.75 + 0.5 * self._chance())) // step * step)

    def _traded(self, lots: int, volume: Decimal | None) -> int:
        spec = self._engine.listings[self.symbol].spec
        step = spec.filters.lot_step
        if volume is None:
            return max(step, int(lots * TRADE_SHARE * Decimal(str(2 * self._chance()))) // step * step)
        return max(step, _steps(volume / spec.lot, step, ROUND_FLOOR))


def _steps(count: Decimal, step: int, rounding: str) -> int:
    """A number of grid units as a multiple of the step, at least one."""
    return max(step, int((count / step).to_integral_value(rounding)) * step)
