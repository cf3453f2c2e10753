"""Windows: exact resampling, and the same windows after a restart as without one."""

import random
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.candle import TIMEFRAME_MS, Candle
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.kernel import windows as module
from quorate.kernel.bars import Bars
from quorate.kernel.resample import resample
from quorate.kernel.windows import Windows, warm
from tests.examples import tried

BASE_MS = TIMEFRAME_MS["5m"]
PAIRS = ("A/USDT", "B/USDT")
MARKETS = {pair: Market(pair, Decimal("0.001"), Decimal("0.01"), Decimal(5), 200) for pair in PAIRS}


def market_of(seed: int, count: int, *, missing: float) -> list[Candle]:
    """Random candles of two pairs, some of them missing, in the order of time."""
    dice = random.Random(seed)
    candles: list[Candle] = []
    for place in range(count):
        for pair in PAIRS:
            if dice.random() < missing:
                continue
            low, high = sorted((dice.randint(90_000, 110_000), dice.randint(90_000, 110_000)))
            edge = (dice.randint(low, high), dice.randint(low, high))
            candles.append(Candle(pair, "5m", place * BASE_MS, edge[0], high, low, edge[1], dice.random() * 10))
    return candles


def steps_of(candles: list[Candle]) -> list[Step]:
    at: dict[int, list[Candle]] = {}
    for candle in candles:
        at.setdefault(candle.close_ms, []).append(candle)
    return [Step(at_ms, tuple(group)) for at_ms, group in sorted(at.items())]


class RecordedFeed:
    """A feed of given candles; its higher timeframes are its own (here: built from all of its candles)."""

    def __init__(self, candles: list[Candle], timeframe: str = "5m") -> None:
        self.timeframe = timeframe
        self.markets = list(MARKETS.values())
        self._bars = {
            pair: Bars.of(pair, timeframe, [c for c in candles if c.pair == pair], MARKETS[pair].tick) for pair in PAIRS
        }

    async def history(self, pair: str, timeframe: str, *, before_ms: int, count: int) -> Bars:
        bars = resample(self._bars[pair], timeframe)
        return bars.between(0, int(np.searchsorted(bars.close_ms, before_ms, side="right"))).tail(count)


def same(left: Bars, right: Bars) -> bool:
    return all(
        np.array_equal(getattr(left, name), getattr(right, name))
        for name in ("open_ms", "open", "high", "low", "close", "volume")
    )


def assert_same_windows(left: Windows, right: Windows) -> None:
    for pair in PAIRS:
        for timeframe in left.timeframes:
            assert same(left.bars(pair, timeframe), right.bars(pair, timeframe)), (pair, timeframe)


@tried(40)
@given(st.integers(0, 2**32), st.integers(1, 600), st.integers(0, 700), st.sampled_from([0.0, 0.1, 0.7]), st.data())
async def test_a_restart_at_any_step_ends_in_the_same_windows_bit_for_bit(seed, origin, length, missing, data):
    candles = market_of(seed, origin + length, missing=missing)
    feed = RecordedFeed(candles)
    origin_ms = origin * BASE_MS
    later = [step for step in steps_of(candles) if step.at_ms > origin_ms]
    resume = data.draw(st.integers(0, len(later)))
    whole, resumed = Windows(PAIRS, "5m"), Windows(PAIRS, "5m")

    await warm(whole, feed, origin_ms=origin_ms, resume_ms=origin_ms)
    for step in later[:resume]:
        whole.absorb(step, MARKETS)
    await warm(resumed, feed, origin_ms=origin_ms, resume_ms=later[resume - 1].at_ms if resume else origin_ms)
    assert_same_windows(whole, resumed)
    for step in later[resume:]:
        assert whole.absorb(step, MARKETS) == resumed.absorb(step, MARKETS)
    assert_same_windows(whole, resumed)


async def test_a_restart_after_the_window_has_wrapped_is_the_same_too():
    candles = market_of(7, 5_000, missing=0.02)
    feed = RecordedFeed(candles)
    whole, resumed = Windows(PAIRS, "5m"), Windows(PAIRS, "5m")
    origin_ms = 333 * BASE_MS
    await warm(whole, feed, origin_ms=origin_ms, resume_ms=origin_ms)
    later = [step for step in steps_of(candles) if step.at_ms > origin_ms]
    for step in later[:4_000]:
        whole.absorb(step, MARKETS)
    await warm(resumed, feed, origin_ms=origin_ms, resume_ms=later[3_999].at_ms)
    assert_same_windows(whole, resumed)
    for step in later[4_000:]:
        whole.absorb(step, MARKETS)
        resumed.absorb(step, MARKETS)
    assert_same_windows(whole, resumed)
    assert len(whole.bars("A/USDT", "5m")) == module.WINDOW_BARS


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.2, 0.8]), st.sampled_from(["15m", "1h", "4h", "1d"]))
@tried(30)
def test_absorbed_bars_are_the_resampled_ones(seed, missing, timeframe):
    candles = market_of(seed, 600, missing=missing)
    windows = Windows(PAIRS, "5m")
    for step in steps_of(candles):
        windows.absorb(step, MARKETS)
    end = max(candle.close_ms for candle in candles)
    for pair in PAIRS:
        own = [candle for candle in candles if candle.pair == pair]
        expected = resample(Bars.of(pair, "5m", own, MARKETS[pair].tick), timeframe)
        whole = expected.between(0, int(np.searchsorted(expected.close_ms, end, side="right")))
        assert same(windows.bars(pair, timeframe), whole.tail(module.WINDOW_BARS))


def test_a_bar_is_told_once_at_the_step_that_closes_it_also_when_its_last_candle_is_missing():
    candles = [c for c in market_of(1, 30, missing=0.0) if not (c.pair == "A/USDT" and c.open_ms == 11 * BASE_MS)]
    windows = Windows(PAIRS, "5m")
    told: dict[tuple[str, str], list[int]] = {}
    for step in steps_of(candles):
        for key in windows.absorb(step, MARKETS):
            told.setdefault(key, []).append(step.at_ms // BASE_MS)
    assert told["A/USDT", "1h"] == told["B/USDT", "1h"] == [12, 24]
    assert told["A/USDT", "15m"] == [3, 6, 9, 12, 15, 18, 21, 24, 27, 30]


def test_a_bar_whose_end_no_step_saw_closes_at_the_next_step():
    candles = [c for c in market_of(1, 30, missing=0.0) if not 10 <= c.open_ms // BASE_MS < 14]
    windows = Windows(PAIRS, "5m")
    told = [
        (step.at_ms // BASE_MS, key)
        for step in steps_of(candles)
        for key in windows.absorb(step, MARKETS)
        if key[1] == "1h"
    ]
    assert told == [(15, ("A/USDT", "1h")), (15, ("B/USDT", "1h")), (24, ("A/USDT", "1h")), (24, ("B/USDT", "1h"))]


def test_views_handed_out_stay_what_they_were_and_cannot_be_written():
    windows = Windows(["A/USDT"], "5m")
    steps = steps_of([c for c in market_of(3, 4_100, missing=0.0) if c.pair == "A/USDT"])
    for step in steps[:1_500]:
        windows.absorb(step, MARKETS)
    bars = windows.bars("A/USDT", "5m")
    kept = bars.close.copy()
    for step in steps[1_500:]:
        windows.absorb(step, MARKETS)
    assert np.array_equal(bars.close, kept)
    with pytest.raises(ValueError, match="read-only"):
        bars.close[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        bars.open_ms[0] = 1


def test_a_candle_that_is_not_later_than_the_last_is_passed_over():
    windows = Windows(PAIRS, "5m")
    steps = steps_of(market_of(3, 5, missing=0.0))
    for step in steps:
        windows.absorb(step, MARKETS)
    before = windows.bars("A/USDT", "5m")
    assert windows.absorb(steps[2], MARKETS) == []
    assert same(before, windows.bars("A/USDT", "5m"))


def test_what_the_feed_does_not_give_is_empty():
    windows = Windows(PAIRS, "1h")
    assert windows.timeframes == ("1h", "4h", "1d")
    assert len(windows.bars("A/USDT", "5m")) == len(windows.bars("X/USDT", "1h")) == 0
