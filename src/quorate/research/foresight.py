"""Everything a lookout would say of recorded candles: setups for whole columns at once, the rest when it is asked for.

A desk that runs on it decides as one that runs behind a lookout: a setup depends on its bar and earlier ones only, and
regimes and facts are measured on the same windows. What no decision looks at is never measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from quorate.analysts.base import Setups, Strategy, evaluate, setup_at
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.votes import Facts, Regime, Setup
from quorate.kernel import readings
from quorate.kernel.bars import Bars, IntArray, to_ticks
from quorate.kernel.regimes import (
    BREADTH_TIMEFRAME,
    REGIME_TIMEFRAME,
    MarketMood,
    SymbolMood,
    bitcoin_of,
    market_mood,
    over_average,
    symbol_mood,
)
from quorate.kernel.resample import resample
from quorate.kernel.windows import WINDOW_BARS
from quorate.research.columns import Columns


@dataclass(frozen=True, slots=True)
class Sighting:
    """One setup, by its place among those of a strategy on a pair."""

    strategy: Strategy
    bars: Bars
    setups: Setups
    place: int


class Foresight:
    """The columns of every pair, what strategies see in them, and moods and facts as they are asked for."""

    def __init__(self, columns: Mapping[str, Columns], markets: Mapping[str, Market]) -> None:
        """`columns` are of one timeframe, by pair. BadInput where there are none, or of several."""
        bases = {each.bars.timeframe for each in columns.values()}
        if len(bases) != 1:
            told = ", ".join(sorted(bases)) or "none"
            raise BadInput(f"One timeframe of candles is needed, not {told}.", hint="Give all pairs the same one.")
        self.base = bases.pop()
        self.markets = {pair: markets[pair] for pair in sorted(columns)}
        self.columns = {pair: columns[pair] for pair in self.markets}
        self.instants: IntArray = np.unique(np.concatenate([each.close_ms for each in self.columns.values()]))
        """Every instant at which a candle closes, ascending, UTC milliseconds."""
        self._bars = {(pair, self.base): each.bars for pair, each in self.columns.items()}
        self._closes: dict[tuple[str, str], IntArray] = {}
        self._windows: dict[tuple[str, str], tuple[int, Bars]] = {}
        self._moods: dict[str, tuple[Bars, SymbolMood]] = {}
        self._over: dict[str, tuple[Bars, bool | None]] = {}
        self._bitcoin = bitcoin_of({pair: market.base for pair, market in self.markets.items()})

    def sightings(self, strategy: Strategy) -> Iterator[tuple[int, str, Sighting]]:
        """(place among the instants, pair, setup) of everything a strategy sees. Raises `StrategyFault`."""
        for pair, market in self.markets.items():
            bars = self._whole(pair, strategy.timeframe)
            setups = evaluate(strategy, bars, market)
            closes = self._closes[pair, strategy.timeframe][setups.rows]
            # A bar that closed inside a hole of the candles is seen with the next one that is there.
            places = np.searchsorted(self.instants, closes)
            for place, instant in enumerate(places.tolist()):
                if instant < len(self.instants):
                    yield instant, pair, Sighting(strategy, bars, setups, place)

    def setup(self, pair: str, sighting: Sighting) -> Setup | None:
        """The exact setup; None where the market's ticks are too coarse for it. Raises `StrategyFault`."""
        return setup_at(sighting.strategy, sighting.bars, self.markets[pair], sighting.setups, sighting.place)

    def window(self, pair: str, timeframe: str, at_ms: int) -> Bars:
        """The last closed bars at an instant, at most a decision's window; the same object until one more closes."""
        whole = self._whole(pair, timeframe)
        end = int(self._closes[pair, timeframe].searchsorted(at_ms, side="right"))
        known = self._windows.get((pair, timeframe))
        if known is None or known[0] != end:
            known = self._windows[pair, timeframe] = (end, whole.between(max(0, end - WINDOW_BARS), end))
        return known[1]

    def regime(self, pair: str, at_ms: int) -> Regime:
        """The pair's regime at an instant."""
        return self._mood(pair, at_ms).regime

    def mood(self, at_ms: int) -> MarketMood:
        """The regime of the whole market at an instant."""
        over = {pair: self._over_average(pair, at_ms) for pair in self.markets}
        return market_mood(over, self._mood(self._bitcoin, at_ms) if self._bitcoin else None)

    def facts(self, pair: str, timeframe: str, at_ms: int) -> Facts:
        """What is measured about the pair at its newest bar of the timeframe, from columns as a whole (RULES 1)."""
        bars, market = self._whole(pair, timeframe), self.markets[pair]
        row = int(self._closes[pair, timeframe].searchsorted(at_ms, side="right")) - 1
        columns = (readings.rsi(bars), readings.macd(bars)[1], readings.atr(bars), readings.volume_ratio(bars))
        newest: list[float] = readings.at(np.array([row]), *columns)[:, 0].tolist()
        rsi, signal, atr, ratio = (None if isnan(value) else value for value in newest)
        close = market.price(int(to_ticks(bars.close[row : row + 1], market.tick)[0]))
        return Facts(pair, self.regime(pair, at_ms), close, rsi, signal, atr, ratio)

    def _whole(self, pair: str, timeframe: str) -> Bars:
        key = pair, timeframe
        if key not in self._bars:
            self._bars[key] = resample(self._bars[pair, self.base], timeframe)
        if key not in self._closes:
            self._closes[key] = self._bars[key].close_ms
        return self._bars[key]

    def _mood(self, pair: str, at_ms: int) -> SymbolMood:
        window = self.window(pair, REGIME_TIMEFRAME, at_ms)
        known = self._moods.get(pair)
        if known is None or known[0] is not window:
            known = self._moods[pair] = (window, symbol_mood(window))
        return known[1]

    def _over_average(self, pair: str, at_ms: int) -> bool | None:
        window = self.window(pair, BREADTH_TIMEFRAME, at_ms)
        known = self._over.get(pair)
        if known is None or known[0] is not window:
            known = self._over[pair] = (window, over_average(window))
        return known[1]


class Told(Mapping[tuple[str, str], Facts]):
    """Facts of an instant, measured when they are looked at."""

    def __init__(self, foresight: Foresight, at_ms: int, keys: Sequence[tuple[str, str]]) -> None:
        self._foresight = foresight
        self._at_ms = at_ms
        self._keys = keys
        self._known: dict[tuple[str, str], Facts] = {}

    def __getitem__(self, key: tuple[str, str]) -> Facts:
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._known:
            self._known[key] = self._foresight.facts(*key, self._at_ms)
        return self._known[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
