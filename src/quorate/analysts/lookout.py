"""The lookout: turns steps into snapshots. The one place where floats take part in a decision.

A snapshot is a function of the windows of bars and of nothing else: what is remembered between steps is only there to
save work, so that a desk that was killed and warmed again makes the same snapshots.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from types import MappingProxyType

import numpy as np

from quorate.analysts.base import Hasty, Strategy, StrategyFault, faults_named, last_setup
from quorate.domain.market import Market
from quorate.domain.policy import Pacing
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Facts, Regime, Setup
from quorate.kernel import readings
from quorate.kernel.bars import Bars, to_ticks
from quorate.kernel.regimes import (
    BREADTH_TIMEFRAME,
    REGIME_TIMEFRAME,
    SymbolMood,
    bitcoin_of,
    market_mood,
    over_average,
    symbol_mood,
)
from quorate.kernel.windows import History, Windows, warm

COUNCIL_TIMEFRAME = "1h"
"""Timeframe of the facts that go with the council's decisions."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A strategy's latest fault, and how often it has failed since the process began. Its setups there are ignored."""

    strategy: str
    message: str
    at_ms: int
    count: int


class Lookout:
    """Keeps the windows, asks strategies when their bars close, measures regimes and facts."""

    def __init__(
        self,
        markets: Sequence[Market],
        timeframe: str,
        strategies: Sequence[Strategy],
        *,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`timeframe` is the feed's base; strategies on shorter ones stay silent (see `silent`).

        `note` is told of strategies that fail: the first time, the tenth, the hundredth and so on.
        """
        self.markets: Mapping[str, Market] = {market.pair: market for market in sorted(markets, key=lambda m: m.pair)}
        self.windows = Windows(self.markets, timeframe)
        self.strategies = tuple(sorted(strategies, key=lambda strategy: strategy.name))
        names = [strategy.name for strategy in self.strategies]
        assert len(set(names)) == len(names), "every strategy has a name of its own"
        self._bitcoin = bitcoin_of({pair: market.base for pair, market in self.markets.items()})
        self._hasty = {strategy.name: strategy for strategy in self.strategies if isinstance(strategy, Hasty)}
        self._editions: dict[tuple[str, str], int] = {}
        self._moods: dict[str, SymbolMood] = {}
        self._over: dict[str, bool | None] = {}
        self._facts: dict[tuple[str, str], Facts] = {}
        self._regimes: Mapping[str, Regime] = {}
        self._market = market_mood({}, None)
        self._troubles: dict[str, Trouble] = {}
        self._note = note

    async def warm(self, feed: History, *, origin_ms: int, resume_ms: int) -> None:
        """Fill the windows as if every step up to `resume_ms` had been observed (see `quorate.kernel.windows.warm`)."""
        await warm(self.windows, feed, origin_ms=origin_ms, resume_ms=resume_ms)
        for key in [(pair, timeframe) for pair in self.markets for timeframe in self.windows.timeframes]:
            self._editions[key] = self._editions.get(key, 0) + 1
        self._moods, self._over = {}, {}

    @property
    def pacing(self) -> Mapping[str, Pacing]:
        """How often each strategy may open, by name."""
        return {strategy.name: strategy.pacing for strategy in self.strategies}

    @property
    def silent(self) -> Mapping[str, str]:
        """Strategies that this feed can never wake, and why."""
        return {
            strategy.name: f"It reads {strategy.timeframe} bars; the feed gives {self.windows.base} and longer."
            for strategy in self.strategies
            if strategy.timeframe not in self.windows.timeframes
        }

    @property
    def troubles(self) -> Mapping[str, Trouble]:
        """The latest fault of every strategy that has failed, by name."""
        return MappingProxyType(self._troubles)

    def newest(self, pair: str) -> Bars:
        """The last closed bars of the pair in the base timeframe; none for a pair that is not watched."""
        return self.windows.bars(pair, self.windows.base)

    def edition(self, pair: str, timeframe: str) -> int:
        """A number that changes whenever a bar of the pair and timeframe closes; for caches only."""
        return self._editions.get((pair, timeframe), 0)

    def observe(self, step: Step) -> Snapshot:
        """Take in a step and measure everything the desk may need for it."""
        closed = self.windows.absorb(step, self.markets)
        self._measure(closed)
        setups = self._setups(closed, step.at_ms) if step.fresh else ()
        facts: Mapping[tuple[str, str], Facts] = self._facts
        extra = {(setup.pair, setup.timeframe) for setup in setups if (setup.pair, setup.timeframe) not in self._facts}
        if extra:
            facts = {**facts, **{key: self._facts_of(*key) for key in sorted(extra)}}
        return Snapshot(
            step=step,
            setups=setups,
            facts=facts,
            regimes=self._regimes,
            market_regime=self._market.regime,
            market_why=self._market.why,
        )

    def _measure(self, closed: Sequence[tuple[str, str]]) -> None:
        """Measure anew the regimes and the council's facts of pairs whose bars changed or that never were measured."""
        for pair, timeframe in closed:
            self._editions[pair, timeframe] = self.edition(pair, timeframe) + 1
            if timeframe == REGIME_TIMEFRAME:
                self._moods.pop(pair, None)
            if timeframe == BREADTH_TIMEFRAME:
                self._over.pop(pair, None)
        if len(self._moods) == len(self._over) == len(self.markets):
            return
        stale = [pair for pair in self.markets if pair not in self._moods]
        for pair in stale:
            self._moods[pair] = symbol_mood(self.windows.bars(pair, REGIME_TIMEFRAME))
        for pair in self.markets:
            if pair not in self._over:
                self._over[pair] = over_average(self.windows.bars(pair, BREADTH_TIMEFRAME))
        self._market = market_mood(self._over, self._moods[self._bitcoin] if self._bitcoin else None)
        if stale:
            # New mappings: snapshots that were handed out keep what they said.
            self._regimes = {pair: self._moods[pair].regime for pair in self.markets}
            known = [pair for pair in stale if len(self.windows.bars(pair, COUNCIL_TIMEFRAME))]
            self._facts = self._facts | {
                (pair, COUNCIL_TIMEFRAME): self._facts_of(pair, COUNCIL_TIMEFRAME) for pair in known
            }

    def _setups(self, closed: Sequence[tuple[str, str]], at_ms: int) -> tuple[Setup, ...]:
        """Setups at the bars that just closed, sorted by pair, then strategy."""
        found: list[Setup] = []
        for pair, timeframe in closed:
            bars: Bars | None = None
            for strategy in self.strategies:
                if strategy.timeframe == timeframe:
                    bars = bars or self.windows.bars(pair, timeframe)
                    setup = self._setup(strategy, bars, at_ms)
                    if setup is not None:
                        found.append(setup)
        found.sort(key=lambda setup: (setup.pair, setup.strategy))
        return tuple(found)

    def _setup(self, strategy: Strategy, bars: Bars, at_ms: int) -> Setup | None:
        """The strategy's setup at the newest bar. One that fails is put aside for this bar and told in `troubles`.

        It is asked again at its next bar, whatever happened before: an exclusion that lasted would be forgotten by a
        restart and make its results differ.
        """
        market = self.markets[bars.pair]
        try:
            hasty = self._hasty.get(strategy.name)
            if hasty is not None:
                with faults_named(strategy, bars):
                    if not hasty.quick(bars, market):
                        return None
            return last_setup(strategy, bars, market)
        except StrategyFault as fault:
            self._put_aside(strategy, fault, at_ms)
            return None

    def _put_aside(self, strategy: Strategy, fault: StrategyFault, at_ms: int) -> None:
        known = self._troubles.get(strategy.name)
        count = known.count + 1 if known else 1
        self._troubles[strategy.name] = Trouble(strategy.name, fault.message, at_ms, count)
        if str(count).strip("0") == "1":
            often = "" if count == 1 else f" It has failed {count} times since the desk was started."
            self._note(f"{fault.message} {fault.hint or 'Its setups are ignored at this bar.'}{often}")

    def _facts_of(self, pair: str, timeframe: str) -> Facts:
        """What is measured about the pair at its newest bar of the timeframe."""
        bars, market = self.windows.bars(pair, timeframe), self.markets[pair]
        columns = (readings.rsi(bars), readings.macd(bars)[1], readings.atr(bars), readings.volume_ratio(bars))
        newest: list[float] = readings.at(np.array([len(bars) - 1]), *columns)[:, 0].tolist()
        rsi, signal, atr, ratio = (None if isnan(value) else value for value in newest)
        close = market.price(int(to_ticks(np.array([bars.close[-1]]), market.tick)[0]))
        return Facts(pair, self._moods[pair].regime, close, rsi, signal, atr, ratio)
