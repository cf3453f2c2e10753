"""From strategies, candles and an engine to a filled `Backtest`.

`backtest_legs` runs every strategy and pair on its own equity with the compiled runner; the real desk, whose portfolios
share what they hold, is in `quorate.research.desk_backtesting`. Both say what they assumed and what became of every
setup.
"""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

import quorate
from quorate.analysts.base import Strategy
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.money import ZERO
from quorate.research import assumptions
from quorate.research.booked import closed_trades
from quorate.research.foresight import Foresight
from quorate.research.legs import Leg, run_leg
from quorate.research.materials import Materials
from quorate.research.orders import fault_of
from quorate.research.result import Backtest, ClosedTrade, Curve
from quorate.research.spans import Terms

TOTAL = "total"
FEW_TRADES = 30
"""Fewer closed trades than this prove nothing, and are said to."""
Monotonic = Callable[[], float]
Step = Callable[[str, int, int], None]
"""Told before each piece of work: what it is about, how many are done, how many there are."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tested:
    """A backtest, and what it was made from: whoever examines it needs both."""

    backtest: Backtest
    strategies: tuple[Strategy, ...]
    materials: Materials
    legs: tuple[Leg, ...] = ()
    """Of the compiled engine; the desk has none."""


def backtest_legs(
    strategies: Sequence[Strategy], materials: Materials, terms: Terms, *, monotonic: Monotonic, step: Step
) -> Tested:
    """Run every strategy on every pair on its own equity. Raises `StrategyFault`, BadInput."""
    began = monotonic()
    foresight = Foresight(materials.columns, materials.markets)
    legs: list[Leg] = []
    trades: list[ClosedTrade] = []
    faults: list[str] = []
    every = [(strategy, pair) for strategy in by_name(strategies) for pair in materials.pairs]
    for place, (strategy, pair) in enumerate(every):
        step(f"{strategy.name} {pair}", place, len(every))
        leg = run_leg(strategy, materials, pair, terms)
        legs.append(leg)
        fault = fault_of(strategy, leg.columns, leg.market, leg.result.book)
        faults += [f"{fault} They were ignored, as the desk ignores them."] if fault is not None else []
        trades += closed_trades(leg, foresight)
    trades.sort(key=lambda trade: (trade.closed_ms, trade.pair, trade.strategy))
    curves = {leg.name: leg.curve() for leg in legs}
    outcomes = sum((Counter(leg.result.counts) for leg in legs), Counter[str]())
    told = (assumptions.costs_told(terms.costs, materials), assumptions.conventions_told(terms, materials))
    made = backtest_of(
        strategies,
        materials,
        trades=trades,
        curves={**curves, TOTAL: total_of(list(curves.values()))},
        told=told,
        silent={text: outcomes[word] for word, text in assumptions.SILENT_WORDS.items() if outcomes[word]},
    )
    made = replace(
        made,
        start_equity=terms.sizing.start_equity * len(legs),
        warnings=(*faults, *made.warnings),
        open_trades=sum(len(leg.result.unfinished) for leg in legs),
        estimated=tuple(dict.fromkeys(name for leg in legs for name in leg.result.estimated)),
        digest=digest_of("compiled", strategies, materials, _plain_terms(terms)),
        elapsed_s=monotonic() - began,
    )
    return Tested(backtest=made, strategies=by_name(strategies), materials=materials, legs=tuple(legs))


def total_of(curves: Sequence[Curve]) -> Curve:
    """The sum of curves that begin together, at every instant of any; one without a point there carries its last."""
    first = curves[0]
    if all(len(one.at_ms) == len(first.at_ms) and bool((one.at_ms == first.at_ms).all()) for one in curves):
        return Curve(first.at_ms, np.sum([one.equity for one in curves], axis=0))
    at_ms = np.unique(np.concatenate([one.at_ms for one in curves]))
    parts = [one.equity[np.maximum(np.searchsorted(one.at_ms, at_ms, side="right") - 1, 0)] for one in curves]
    return Curve(at_ms, np.sum(parts, axis=0))


def backtest_of(
    strategies: Sequence[Strategy],
    materials: Materials,
    *,
    trades: Sequence[ClosedTrade],
    curves: Mapping[str, Curve],
    told: tuple[dict[str, str], dict[str, str]],
    silent: Mapping[str, int],
) -> Backtest:
    """What both engines have in common; what only one of them knows is laid over it.

    `told`: costs and conventions in words; `silent`: setups that became no trade, by why.
    """
    names = tuple(strategy.name for strategy in by_name(strategies))
    costs, conventions = told
    return Backtest(
        title=f"{_listed(names)} on {_listed(materials.pairs)}",
        engine="compiled",
        strategies=names,
        parameters={
            strategy.name: {"timeframe": strategy.timeframe} | asdict(strategy.parameters) for strategy in strategies
        },
        pairs=materials.pairs,
        timeframe=materials.timeframe,
        source=materials.source,
        start_ms=materials.start_ms,
        end_ms=materials.end_ms,
        bars=materials.bars,
        start_equity=ZERO,
        trades=tuple(trades),
        open_trades=0,
        curves=curves,
        costs=costs,
        conventions=conventions,
        estimated=(),
        silent=silent,
        warnings=_warnings(strategies, materials, trades),
    )


def _warnings(strategies: Sequence[Strategy], materials: Materials, trades: Sequence[ClosedTrade]) -> tuple[str, ...]:
    found = list(materials.notes)
    first_ms = {pair: int(columns.bars.open_ms[0]) for pair, columns in materials.columns.items() if len(columns)}
    cold = {
        strategy.name: [pair for pair in first_ms if first_ms[pair] > materials.start_ms - _warm_up_ms(strategy)]
        for strategy in by_name(strategies)
    }
    if names := [name for name, pairs in cold.items() if pairs]:
        pairs = sorted({pair for each in cold.values() for pair in each})
        found.append(
            f"{_listed(names)} had to warm up inside the range on {_listed(pairs)}: there are no earlier candles,"
            " and no trade before they know enough."
        )
    counts = Counter(trade.strategy for trade in trades)
    if few := [f"{one.name} ({counts[one.name]})" for one in by_name(strategies) if counts[one.name] < FEW_TRADES]:
        found.append(f"Fewer than {FEW_TRADES} closed trades prove nothing: {_listed(few)}.")
    return tuple(found)


def _warm_up_ms(strategy: Strategy) -> int:
    return strategy.warm_up * TIMEFRAME_MS[strategy.timeframe]


def _plain_terms(terms: Terms) -> str:
    costs = replace(terms.costs, settlements=(), off=frozenset())
    return repr((terms.conventions, costs, sorted(terms.costs.off), terms.sizing))


def digest_of(engine: str, strategies: Sequence[Strategy], materials: Materials, terms: str) -> str:
    """SHA-256 over all that a result follows from, in hex; `terms` are the engine's own assumptions as text."""
    told = hashlib.sha256(f"{quorate.__version__} {engine} {materials.digest()} {terms}".encode())
    for strategy in by_name(strategies):
        told.update(f"{strategy.name} {strategy.timeframe} {asdict(strategy.parameters)!r} ".encode())
        told.update(repr((strategy.exits, strategy.pacing, strategy.entry_kind)).encode())
        told.update(code_of(strategy))
    return told.hexdigest()


def code_of(strategy: Strategy) -> bytes:
    """The source of the file that the strategy comes from, where there is one."""
    path = getattr(sys.modules.get(type(strategy).__module__), "__file__", None)
    return Path(path).read_bytes() if path and Path(path).is_file() else b""


def by_name(strategies: Sequence[Strategy]) -> tuple[Strategy, ...]:
    """Strategies in the order of their names."""
    return tuple(sorted(strategies, key=lambda strategy: strategy.name))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:4])
    return shown if len(names) <= 4 else f"{shown} and {len(names) - 4} more"
