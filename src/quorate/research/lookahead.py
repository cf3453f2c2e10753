"""Does a strategy look ahead? Take the later candles away, and see whether anything it said before changes.

Two questions at sampled bars, each with the code that live runs on:

- the *prefix test*: from the bars up to one, the strategy must say there what it says of the whole column, and
  everything before must stay as it was;
- the *window test*: a desk computes on the last 1,000 bars alone. Where that gives something else though the prefix
  does not, the strategy needs a longer memory than it has live: no cheat, but its backtest is not what it will do.

A window that ends at a bar and says the same proves that bar clean by itself, as it holds no later candle. So `full`
asks every bar by its window, and by its prefix only where the window disagrees.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np

from quorate.analysts.base import Setups, Strategy, evaluate
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.kernel.bars import Bars, FloatArray, IntArray
from quorate.kernel.windows import WINDOW_BARS
from quorate.research.findings import LookAhead
from quorate.research.materials import Materials

SAMPLES = 20
"""Bars of each strategy and pair that are looked at."""
FULL = 0
"""Instead of a number of samples: every bar."""
WHOLE_PREFIXES = 3
"""Under `full`, bars whose prefix is compared even though their window agrees: earlier rows might still change."""
TOLD_MAX = 5
"""Offences told of one strategy and pair; after so many there is no doubt."""
DRIFT_MAX = 1e-9
"""Relative difference up to which columns of different length agree: what recursive averages keep of 1,000 bars ago."""

Columns: TypeAlias = dict[str, FloatArray]


@dataclass(slots=True)
class Checked:
    """What looking at one strategy on one pair has come to."""

    name: str
    bars: int = 0
    offences: list[str] = field(default_factory=list[str])
    drifts: list[str] = field(default_factory=list[str])


def look_ahead(
    strategies: Sequence[Strategy], materials: Materials, *, samples: int = SAMPLES
) -> tuple[LookAhead, tuple[str, ...]]:
    """The verdict of the prefix test over all strategies and pairs, and what the window test found, in words.

    `samples` is the number of bars for each strategy and pair, FULL for all. Raises `StrategyFault`.
    """
    if samples < 0:
        raise BadInput(f"{samples} bars cannot be looked at.", hint="Give a number above zero, or full.")
    every: list[Checked] = []
    for strategy in sorted(strategies, key=lambda one: one.name):
        for pair in materials.pairs:
            bars = whole_bars(strategy, materials, pair)
            every.append(check(strategy, bars, materials.markets[pair], samples=samples))
    return _verdict(every, samples), tuple(drift for one in every for drift in one.drifts[:1])


def whole_bars(strategy: Strategy, materials: Materials, pair: str) -> Bars:
    """The bars that a strategy reads, without a last one that had not closed when the candles ended."""
    columns = materials.columns[pair]
    bars = columns.signal_bars(strategy.timeframe)
    if len(bars) and len(columns) and int(bars.close_ms[-1]) > int(columns.close_ms[-1]):
        return bars.between(0, len(bars) - 1)
    return bars


def check(strategy: Strategy, bars: Bars, market: Market, *, samples: int = SAMPLES) -> Checked:
    """Look at one strategy on one pair. Raises `StrategyFault`."""
    checked = Checked(f"{strategy.name} on {bars.pair}")
    # Fresh columns: what an earlier run has computed of them must not stand in for an answer.
    bars = bars.between(0, len(bars))
    whole = evaluate(strategy, bars, market)
    rows = (
        np.arange(max(strategy.warm_up - 1, 0), len(bars))
        if samples == FULL
        else _sampled(strategy, bars, whole, samples)
    )
    prefixed = set(_spread(rows, WHOLE_PREFIXES).tolist()) if samples == FULL else set(rows.tolist())
    for row in rows.tolist():
        if len(checked.offences) >= TOLD_MAX:
            break
        checked.bars += 1
        agrees = _window_agrees(strategy, bars, market, whole, row)
        offence = _offence(strategy, bars, market, whole, row) if row in prefixed or not agrees else None
        if offence is not None:
            checked.offences.append(offence)
        elif not agrees:
            checked.drifts.append(
                f"{checked.name} says something else at {_when(bars, row)} from the last {WINDOW_BARS:,} bars than from"
                " the whole column: live it will not do what it did here. Shorten its memory."
            )
    return checked


def _sampled(strategy: Strategy, bars: Bars, whole: Setups, samples: int) -> IntArray:
    """Bars to look at: half of them where the strategy spoke, half anywhere; the same ones for the same candles."""
    first = max(strategy.warm_up - 1, 0)
    spoke = whole.rows.astype(np.int64)
    told = hashlib.sha256(f"{strategy.name} {bars.pair} {bars.timeframe} {len(bars)}".encode()).digest()
    dice = np.random.default_rng(int.from_bytes(told[:8], "big"))
    wanted = min((samples + 1) // 2, len(spoke))
    chosen = dice.choice(spoke, wanted, replace=False) if wanted else np.empty(0, np.int64)
    others = np.setdiff1d(np.arange(first, len(bars)), chosen, assume_unique=True)
    rest = dice.choice(others, min(samples - wanted, len(others)), replace=False)
    return np.sort(np.concatenate((chosen, rest)))


def _spread(rows: IntArray, count: int) -> IntArray:
    """So many of the rows, evenly apart, the last one among them."""
    places = np.linspace(0, len(rows) - 1, count + 1)[1:].astype(np.int64) if len(rows) else np.empty(0, np.int64)
    return rows[places]


def _window_agrees(strategy: Strategy, bars: Bars, market: Market, whole: Setups, row: int) -> bool:
    """Whether the bars a desk holds when this one closes say of it what the whole column does."""
    start = max(0, row + 1 - WINDOW_BARS)
    window = evaluate(strategy, bars.between(start, row + 1), market, since=row - start)
    return _alike(_at(whole, row), _at(window, row - start), drift=DRIFT_MAX)


def _offence(strategy: Strategy, bars: Bars, market: Market, whole: Setups, row: int) -> str | None:
    """What changes when everything after a bar is taken away, in words; None for nothing."""
    prefix = evaluate(strategy, bars.between(0, row + 1), market)
    known = whole.where(whole.rows <= row)
    if not _alike(_at(known, row), _at(prefix, row), drift=0.0):
        return f"{strategy.name} on {bars.pair} at {_when(bars, row)}: {_change(_at(known, row), _at(prefix, row))}"
    if len(known) != len(prefix) or not np.array_equal(known.rows, prefix.rows):
        changed = int(np.setxor1d(known.rows, prefix.rows)[0])
        return (
            f"{strategy.name} on {bars.pair}: its setups up to {_when(bars, row)} change once later candles are known,"
            f" first at {_when(bars, changed)}"
        )
    theirs = _columns(prefix)
    for name, column in _columns(known).items() if len(known) else ():
        differs = ~_equal(column, theirs.get(name, np.full(len(known), np.nan)), drift=0.0)
        if differs.any():
            changed = int(known.rows[np.argmax(differs)])
            return (
                f"{strategy.name} on {bars.pair}: {name} at {_when(bars, changed)} changes with candles that come later"
            )
    return None


def _at(setups: Setups, row: int) -> Setups | None:
    """The setup of one row, if there is one."""
    place = int(np.searchsorted(setups.rows, row))
    if place == len(setups) or setups.rows[place] != row:
        return None
    keep = np.zeros(len(setups), np.bool_)
    keep[place] = True
    return setups.where(keep)


def _columns(setups: Setups) -> Columns:
    """Everything a setup trades by, by name."""
    found: Columns = {"side": setups.side.astype(np.float64), "confidence": setups.confidence, "entry": setups.entry}
    found["stop"] = setups.stop
    found |= {f"target {place}": target for place, target in enumerate(setups.targets, 1)}
    if setups.trail is not None:
        found["trail"] = setups.trail
    if setups.size is not None:
        found["size"] = setups.size
    return found


def _alike(one: Setups | None, other: Setups | None, *, drift: float) -> bool:
    if one is None or other is None:
        return one is other
    theirs = _columns(other)
    return all(
        name in theirs and bool(_equal(column, theirs[name], drift=drift).all())
        for name, column in _columns(one).items()
    )


def _equal(one: FloatArray, other: FloatArray, *, drift: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Equal to 10 digits, as decisions are rounded, or to `drift` where that is more; NaN equals NaN."""
    return np.isclose(one, other, rtol=max(drift, 1e-10), atol=0.0, equal_nan=True)


def _change(whole: Setups | None, prefix: Setups | None) -> str:
    if whole is None or prefix is None:
        said, without = ("nothing", "a setup") if whole is None else ("a setup", "nothing")
        return f"{said} where later candles are known, {without} without them"
    ours, theirs = _columns(whole), _columns(prefix)
    for name, column in ours.items():
        if name not in theirs or not bool(_equal(column, theirs[name], drift=0.0).all()):
            value = theirs[name][0] if name in theirs else float("nan")
            return f"{name} is {column[0]:.10g} where later candles are known, {value:.10g} without them"
    return "its columns change"


def _when(bars: Bars, row: int) -> str:
    return f"{datetime.fromtimestamp(int(bars.open_ms[row]) / 1000, UTC):%Y-%m-%d %H:%M} ({bars.timeframe})"


def _verdict(every: Sequence[Checked], samples: int) -> LookAhead:
    looked = sum(one.bars for one in every)
    offences = tuple(offence for one in every for offence in one.offences)
    if offences:
        guilty = sorted({one.name for one in every if one.offences})
        sentence = f"It looks ahead: {', '.join(guilty)}. Nothing else in this result can be believed."
        return LookAhead(verdict="found", sentence=sentence, checks=looked, offences=offences)
    if not looked:
        return LookAhead(verdict="not_checked", sentence="There were too few bars to look for look-ahead.")
    how = "every bar" if samples == FULL else f"{looked:,} sampled bars"
    sentence = f"No look-ahead at {how}: taking later candles away changed nothing."
    return LookAhead(verdict="clean", sentence=sentence, checks=looked)
