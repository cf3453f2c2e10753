"""What something simpler, or nobody, would have made of the same candles at the same costs."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from quorate.kernel.bars import FloatArray
from quorate.kernel.statistics import sharpe
from quorate.research.backtesting import TOTAL, Tested
from quorate.research.chance import TRADERS, TRIES, Chance, random_entries, tossed_sides
from quorate.research.conventions import RunCosts
from quorate.research.findings import Baseline
from quorate.research.held import HeldCosts, held_curve
from quorate.research.legs import Leg
from quorate.research.resampling import DAYS_A_YEAR, daily_returns
from quorate.research.result import Curve

BEATS_LUCK_PERCENT = 95.0
"""Share of random traders that has to be beaten before anybody may speak of skill."""


def held_baselines(tested: Tested, costs: RunCosts) -> tuple[Baseline, ...]:
    """Buying equal parts of all pairs and holding them, never and daily made equal again; and its Sharpe ratio."""
    backtest, start = tested.backtest, float(tested.backtest.start_equity)
    own, at = backtest.curves[TOTAL], HeldCosts.of(tested.materials, costs)
    many = len(backtest.pairs) > 1
    never = held_curve(tested.materials, at, start=start, rebalanced="never")
    label = "Equal parts, bought and held" if many else "Buy and hold"
    how = "Equal parts of all pairs are" if many else f"{backtest.pairs[0]} is"
    definition = f"{how} bought at the first open with all equity and sold at the last close, at taker costs."
    found = [_held("buy_and_hold", label, definition, own, never)]
    if many:
        daily = held_curve(tested.materials, at, start=start, rebalanced="daily")
        definition = f"{definition} At the end of every UTC day the parts are made equal again, which is paid for."
        found.append(_held("equal_weight_daily", "Equal parts, made equal again every day", definition, own, daily))
    found.append(_risk_adjusted(own, never, label))
    return tuple(found)


def _held(name: str, label: str, definition: str, own: Curve, held: Curve) -> Baseline:
    ours, theirs = _net(own), _net(held)
    word = "more" if ours > theirs else "less"
    return Baseline(
        name=name,
        label=label,
        measure="net return",
        unit="share",
        value=ours,
        distribution=(theirs,),
        sentence=f"It earned {ours:+.1%}, {word} than the {theirs:+.1%} of {label.lower()}.",
        definition=definition,
        at_ms=tuple(held.at_ms.tolist()),
        equity=tuple(held.equity.tolist()),
    )


def _risk_adjusted(own: Curve, held: Curve, label: str) -> Baseline:
    ours, theirs = (sharpe(daily_returns(curve), periods_a_year=DAYS_A_YEAR) for curve in (own, held))
    word = "did better" if ours > theirs else "did not do better"
    return Baseline(
        name="buy_and_hold_sharpe",
        label=f"{label}, for its risk",
        measure="Sharpe ratio",
        unit="ratio",
        value=None if isnan(ours) else ours,
        distribution=() if isnan(theirs) else (theirs,),
        sentence=f"For its risk it {word}: a Sharpe ratio of {ours:.2f} against {theirs:.2f}.",
        definition="Mean over standard deviation of daily returns, times √365, of both.",
    )


def chance_baselines(tested: Tested, *, traders: int = TRADERS) -> tuple[Baseline, ...]:
    """Random entries and tossed sides for each strategy over all pairs. None for the desk's engine."""
    found: list[Baseline] = []
    for name in tested.backtest.strategies:
        legs = legs_of(tested, name)
        if sum(len(leg.result.trades) for leg in legs) == 0:
            continue
        found.append(_random_entry(name, legs, random_entries(legs, traders=traders)))
        found.append(_tossed(name, legs, tossed_sides(legs, traders=traders)))
    return tuple(found)


def legs_of(tested: Tested, strategy: str) -> list[Leg]:
    """The legs of one strategy."""
    return [leg for leg in tested.legs if leg.strategy.name == strategy]


def own_r(legs: Sequence[Leg]) -> FloatArray:
    """R of all trades of these legs."""
    return np.concatenate([leg.result.r for leg in legs])


def percent_beaten(own: float, theirs: FloatArray) -> float:
    """Share of `theirs` below `own` in percent; equals count half."""
    known = theirs[np.isfinite(theirs)]
    if not len(known) or isnan(own):
        return float("nan")
    return 100.0 * float((known < own).mean() + 0.5 * (known == own).mean())


def _random_entry(name: str, legs: Sequence[Leg], chance: Chance) -> Baseline:
    own, theirs = own_r(legs), chance.mean_r
    beaten = percent_beaten(float(own.mean()), theirs)
    made = f"{int(np.median(chance.trades)):,}"
    return Baseline(
        name=f"random_entry:{name}",
        label=f"Random entry with the exits of {name}",
        measure="mean R of a trade",
        unit="r",
        value=float(own.mean()),
        distribution=tuple(np.sort(theirs[np.isfinite(theirs)]).tolist()),
        percentile=beaten,
        sentence=_said(name, "random traders", own, theirs, beaten),
        definition=(
            f"{len(theirs)} traders make {made} trades each, as many as {name} on every pair and as often on each side,"
            " with its exits in ATRs and its costs: all trades of a day are moved to another day about as volatile,"
            f" each to a bar about as volatile. A trade may try {TRIES} bars to stay clear of the others; cool-downs"
            " and pauses do not bind them."
        ),
    )


def _tossed(name: str, legs: Sequence[Leg], chance: Chance) -> Baseline:
    own, theirs = own_r(legs), chance.mean_r
    beaten = percent_beaten(float(own.mean()), theirs)
    return Baseline(
        name=f"tossed_sides:{name}",
        label=f"The entries of {name} with the sides tossed",
        measure="mean R of a trade",
        unit="r",
        value=float(own.mean()),
        distribution=tuple(np.sort(theirs[np.isfinite(theirs)]).tolist()),
        percentile=beaten,
        sentence=_said(name, "coin tossers", own, theirs, beaten),
        definition=(
            f"{len(theirs)} traders enter where {name} did and toss a coin every day for its side of all trades or the"
            " other; stop, targets and trail are mirrored. A mirrored entry that would not have filled earns nothing,"
            " and a mirrored trade may last into the next."
        ),
    )


def _said(name: str, whom: str, own: FloatArray, theirs: FloatArray, beaten: float) -> str:
    mean, typical = float(own.mean()), float(np.nanmedian(theirs))
    start = "Beats luck" if beaten >= BEATS_LUCK_PERCENT else "Does not beat luck"
    ending = "" if mean > 0 else " Both lose money." if typical <= 0 else " It loses money."
    return (
        f"{start}: {name} made {mean:+.3f} R a trade, better than {beaten:.1f} % of {whom} ({typical:+.3f} R).{ending}"
    )


def _net(curve: Curve) -> float:
    return float(curve.equity[-1] / curve.equity[0]) - 1.0
