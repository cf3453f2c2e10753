"""What every strategy promises whoever runs it, tried on made-up markets: for a user's own test, and for ours.

A strategy that keeps these promises can be read by the desk and the backtester. Whether it makes money is another
question (`quorate verify`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import numpy as np

from quorate.analysts.base import Hasty, Setups, Strategy, StrategyFault, evaluate, faults_named, setup_at
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.kernel.bars import Bars
from quorate.kernel.windows import WINDOW_BARS
from quorate.research.lookahead import FULL, check

MADE_MARKET = Market("MADE/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), 200)
BARS = WINDOW_BARS + 600
"""Enough for a window of a desk to be shorter than the whole."""
SEEDS = (1, 2, 3)
SHOWN_MAX = 3
"""Broken promises of a kind that are told."""
FIRST_MS = 1_704_067_200_000
"""2024-01-01 00:00 UTC."""


def made_bars(timeframe: str, *, seed: int = 1, count: int = BARS) -> Bars:
    """A made-up market with calm and wild days, trends, gaps and thin hours; the same for the same seed."""
    dice = np.random.default_rng(seed)
    hours = TIMEFRAME_MS[timeframe] / 3_600_000
    usual = 0.006 * max(hours, 1 / 60) ** 0.5
    mood = np.repeat(dice.choice((0.5, 1.0, 2.5), count // 50 + 1), 50)[:count]
    drift = np.repeat(dice.normal(0, 0.25, count // 80 + 1), 80)[:count]
    moves = usual * mood * (dice.standard_t(4, count) * 0.7 + drift)
    close = 150.0 * np.exp(np.cumsum(moves))
    gaps = np.exp(usual * 0.2 * dice.normal(0, 1, count) * (dice.random(count) < 0.1))
    opened = np.concatenate(([150.0], close[:-1])) * gaps
    reach = usual * mood * np.abs(dice.normal(0, 0.5, (2, count)))
    high, low = np.maximum(opened, close) * (1 + reach[0]), np.minimum(opened, close) * (1 - reach[1])
    volume = dice.lognormal(8.5, 0.8, count) * mood * (1 + 20 * (dice.random(count) < 0.02))
    open_ms = FIRST_MS + np.arange(count, dtype=np.int64) * TIMEFRAME_MS[timeframe]
    bars = Bars(MADE_MARKET.pair, timeframe, open_ms, opened, high, low, close, np.round(volume, 3))
    return bars.on_ticks(MADE_MARKET.tick)


def still_bars(timeframe: str, *, count: int = 400) -> Bars:
    """A market in which nothing happens: one price, no volume."""
    open_ms = FIRST_MS + np.arange(count, dtype=np.int64) * TIMEFRAME_MS[timeframe]
    price, volume = np.full(count, 150.0), np.zeros(count)
    return Bars(MADE_MARKET.pair, timeframe, open_ms, price, price, price, price, volume)


def broken_promises(strategy: Strategy) -> tuple[str, ...]:
    """Every promise that a strategy breaks, in words; empty for one that keeps them all. Never raises for its sake."""
    promises: tuple[Callable[[Strategy], Iterator[str]], ...] = (
        _speaks,
        _is_readable,
        _bears_anything,
        _says_the_same_twice,
        _answers_what_is_asked,
        _is_quick_without_loss,
        _does_not_look_ahead,
    )
    found: list[str] = []
    for promise in promises:
        try:
            found += list(promise(strategy))[:SHOWN_MAX]
        except StrategyFault as fault:
            found.append(fault.message)
            break
    return tuple(dict.fromkeys(found))


def _speaks(strategy: Strategy) -> Iterator[str]:
    if not any(len(evaluate(strategy, each, MADE_MARKET)) for each in _markets(strategy)):
        yield f"{strategy.name} finds nothing in {len(SEEDS)} made-up markets of {BARS:,} bars: it may never speak."


def _is_readable(strategy: Strategy) -> Iterator[str]:
    """Every setup becomes an exact one, with a reason in words."""
    for bars in _markets(strategy):
        setups = evaluate(strategy, bars, MADE_MARKET)
        made = [setup_at(strategy, bars, MADE_MARKET, setups, place) for place in range(len(setups))]
        if any(setup is not None and not setup.reason.strip() for setup in made):
            yield f"{strategy.name} gives no reason: `explain` is one sentence."


def _bears_anything(strategy: Strategy) -> Iterator[str]:
    """No bars, one bar, too few, a market that stands still, a market without a spread: no error, and no nonsense."""
    usual = made_bars(strategy.timeframe)
    for count in (0, 1, max(strategy.warm_up - 1, 0), strategy.warm_up):
        evaluate(strategy, usual.between(0, min(count, len(usual))), MADE_MARKET)
    still = still_bars(strategy.timeframe)
    setups = evaluate(strategy, still, MADE_MARKET)
    for place in range(min(len(setups), SHOWN_MAX)):
        setup_at(strategy, still, MADE_MARKET, setups, place)
    free = replace(MADE_MARKET, spread_ppm=0)
    evaluate(type(strategy)(parameters=strategy.parameters, costs=Costs()), usual, free)  # pyright: ignore[reportCallIssue]
    yield from ()


def _says_the_same_twice(strategy: Strategy) -> Iterator[str]:
    bars = made_bars(strategy.timeframe)
    first = evaluate(strategy, bars.between(0, len(bars)), MADE_MARKET)
    again = evaluate(strategy, bars.between(0, len(bars)), MADE_MARKET)
    if not _same(first, again, since=0):
        yield f"{strategy.name} says something else when it is asked the same again: it must depend on its bars alone."


def _answers_what_is_asked(strategy: Strategy) -> Iterator[str]:
    bars = made_bars(strategy.timeframe)
    since = len(bars) - 200
    whole, newest = (evaluate(strategy, bars, MADE_MARKET, since=start) for start in (0, since))
    if not _same(whole, newest, since=since):
        yield f"{strategy.name} says something else of the newest bars when only they are asked for (`since`)."


def _is_quick_without_loss(strategy: Strategy) -> Iterator[str]:
    if not isinstance(strategy, Hasty):
        return
    bars = made_bars(strategy.timeframe)
    for row in evaluate(strategy, bars, MADE_MARKET).rows[-50:].tolist():
        part = bars.between(0, row + 1)
        with faults_named(strategy, part):
            if not strategy.quick(part, MADE_MARKET):
                yield f"{strategy.name} would miss a setup: `quick` is False where `setups` has one."


def _does_not_look_ahead(strategy: Strategy) -> Iterator[str]:
    found = check(strategy, made_bars(strategy.timeframe), MADE_MARKET, samples=FULL)
    yield from (f"It looks ahead: {offence}." for offence in found.offences)
    yield from found.drifts


def _markets(strategy: Strategy) -> Iterator[Bars]:
    return (made_bars(strategy.timeframe, seed=seed) for seed in SEEDS)


def _same(one: Setups, other: Setups, *, since: int) -> bool:
    one, other = one.where(one.rows >= since), other.where(other.rows >= since)
    if not np.array_equal(one.rows, other.rows):
        return False
    names = ("side", "confidence", "entry", "stop")
    columns = [(getattr(one, name), getattr(other, name)) for name in names]
    columns += list(zip(one.targets, other.targets, strict=True))
    columns += [
        (ours, theirs) for ours, theirs in ((one.trail, other.trail), (one.size, other.size)) if ours is not None
    ]
    return all(theirs is not None and np.allclose(ours, theirs, rtol=1e-9, atol=0.0) for ours, theirs in columns)
