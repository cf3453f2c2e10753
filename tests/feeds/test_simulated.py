"""The synthetic market: the same for everybody with the same seed, whichever part is looked at first; and lifelike."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest

from quorate.domain.candle import TIMEFRAME_MS, fault_in
from quorate.domain.errors import BadInput
from quorate.domain.snapshot import Step
from quorate.feeds.simulated import SimulatedFeed, SimulatedOptions
from quorate.feeds.simulation.climate import DAY_MS, ORIGIN_MS, Chain, Climate
from quorate.feeds.simulation.coins import all_coins
from quorate.feeds.simulation.market import SyntheticMarket, day_of
from quorate.kernel.bars import Bars
from quorate.kernel.resample import resample
from tests.feeds.conftest import BASE_MS, T0, FakeClock

NOW = T0 + 10 * DAY_MS + 7 * 3_600_000 + 123_456
FEW = ("BTC/USDT", "DOGE/USDT", "ETH/USDT", "PEPE/USDT")


async def opened(clock: FakeClock | None = None, **options: object) -> SimulatedFeed:
    clock = clock or FakeClock(NOW)
    feed = SimulatedFeed(SimulatedOptions(**options), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    await feed.open()
    return feed


async def first_steps(feed: SimulatedFeed, count: int, after_ms: int | None = None) -> list[Step]:
    found: list[Step] = []
    async for step in feed.steps(after_ms):
        found.append(step)
        if len(found) == count:
            break
    return found


def same(a: Bars, b: Bars) -> bool:
    names = ("open_ms", "open", "high", "low", "close", "volume")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


async def test_two_processes_see_the_same_market_and_another_seed_another() -> None:
    first, second, other = await opened(), await opened(), await opened(seed=8)
    steps = await first_steps(first, 600)
    assert steps == await first_steps(second, 600)
    assert steps != await first_steps(other, 600)
    assert first.markets == second.markets
    assert len(first.markets) == 80


async def test_a_restarted_feed_continues_exactly() -> None:
    steps = await first_steps(await opened(pairs=FEW), 900)
    for cut in (0, 100, 571, 700):
        assert await first_steps(await opened(pairs=FEW), 899 - cut, after_ms=steps[cut].at_ms) == steps[cut + 1 :]


async def test_a_pair_is_the_same_whether_it_is_alone_or_among_eighty() -> None:
    alone, among = await opened(pairs=("PEPE/USDT",)), await opened()
    mine = [step.candles[0] for step in await first_steps(alone, 50)]
    theirs = [c for step in await first_steps(among, 50) for c in step.candles if c.pair == "PEPE/USDT"]
    assert mine == theirs


def test_the_order_of_looking_changes_nothing() -> None:
    forwards, backwards = SyntheticMarket(3), SyntheticMarket(3)
    days = [day_of(NOW) + offset for offset in (-200, -65, -1, 0, 1)]
    a = {day: forwards.minutes(day) for day in days}
    b = {day: backwards.minutes(day) for day in reversed(days)}
    assert all(
        np.array_equal(a[day].close, b[day].close) and np.array_equal(a[day].counts, b[day].counts) for day in days
    )


@pytest.mark.parametrize("timeframe", ["15m", "1h", "4h", "1d"])
def test_longer_bars_are_exactly_their_shorter_ones(timeframe: str) -> None:
    market = SyntheticMarket(7)
    for pair in FEW:
        long = market.bars(pair, timeframe, before_ms=NOW, count=5)
        count = 5 * TIMEFRAME_MS[timeframe] // BASE_MS
        base = market.bars(pair, "5m", before_ms=int(long.close_ms[-1]), count=count)
        assert same(long, resample(base, timeframe))


async def test_history_is_exactly_what_the_steps_delivered() -> None:
    feed = await opened(pairs=FEW)
    steps = await first_steps(feed, 400)
    for place, market in enumerate(feed.markets):
        bars = await feed.history(market.pair, "5m", before_ms=steps[-1].at_ms, count=400)
        assert same(bars, Bars.of(market.pair, "5m", [step.candles[place] for step in steps], market.tick))


async def test_candles_are_possible_sorted_and_without_a_break() -> None:
    steps = await first_steps(await opened(), 300)
    for before, after in pairwise(steps):
        assert after.at_ms == before.at_ms + BASE_MS
        assert [c.open for c in after.candles] == [c.close for c in before.candles]
    assert all(fault_in(candle) is None for step in steps for candle in step.candles)
    assert all(step.fresh for step in steps)
    assert [c.pair for c in steps[0].candles] == sorted(c.pair for c in steps[0].candles)


async def test_it_begins_half_a_day_before_now_and_then_keeps_pace_with_the_clock() -> None:
    clock = FakeClock(NOW)
    feed = await opened(clock, pairs=("BTC/USDT",))
    stamps: list[tuple[int, int]] = []
    async for step in feed.steps(None):
        stamps.append((step.at_ms, clock.now_ms()))
        if len(stamps) == 150:
            break
    assert NOW - DAY_MS // 2 < stamps[0][0] <= NOW - DAY_MS // 2 + 2 * BASE_MS
    past = [at for at, wall in stamps if wall == NOW]
    assert past[-1] <= NOW < past[-1] + BASE_MS
    assert all(at <= wall < at + 1000 for at, wall in stamps[len(past) :])


async def test_speed_sixty_makes_five_minutes_five_seconds() -> None:
    clock = FakeClock(NOW)
    feed = await opened(clock, pairs=("BTC/USDT",), speed=60, lookback_ms=0)
    walls = [clock.now_ms() async for _ in _first(feed, 4)]
    assert np.diff(walls)[1:].tolist() == pytest.approx([5000] * 2, abs=2)
    resumed = await opened(FakeClock(NOW), pairs=("BTC/USDT",), speed=60)
    (step,) = await first_steps(resumed, 1, after_ms=NOW // BASE_MS * BASE_MS + 40 * BASE_MS)
    assert step.at_ms == NOW // BASE_MS * BASE_MS + 41 * BASE_MS


async def _first(feed: SimulatedFeed, count: int):
    number = 0
    async for step in feed.steps(None):
        yield step
        number += 1
        if number == count:
            return


async def test_a_time_range_has_an_end() -> None:
    feed = await opened(pairs=("BTC/USDT",), timerange="20250102-20250103", speed="max")
    steps = [step async for step in feed.steps(None)]
    assert len(steps) == 288
    assert (steps[0].candles[0].open_ms, steps[-1].at_ms) == (T0 + DAY_MS, T0 + 2 * DAY_MS)
    assert not feed.paced


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pairs": ("FOO/USDT",)}, "does not trade FOO/USDT"),
        ({"timeframe": "2m"}, "1m, 5m"),
        ({"timerange": "20250301-20250201"}, "ends before"),
        ({"timerange": "-20150101"}, "begins in 2020|holds no candle"),
    ],
)
async def test_what_makes_no_sense_is_answered(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        await opened(None, **options)


async def test_a_clock_before_the_market_began_is_said() -> None:
    with pytest.raises(BadInput, match="begins in 2020"):
        await opened(FakeClock(ORIGIN_MS - 1))


async def test_quotes_at_any_instant_lie_in_their_candle_and_end_at_its_close() -> None:
    feed = await opened(pairs=FEW)
    (step,) = await first_steps(feed, 1, after_ms=T0)
    spans = {c.pair: (c.low, c.high) for c in step.candles}
    ticks = {market.pair: market for market in feed.markets}
    for at_ms in range(T0, T0 + BASE_MS, 7_001):
        for quote in feed.quotes(at_ms):
            low, high = spans[quote.pair]
            assert low <= ticks[quote.pair].ticks_nearest(quote.last) <= high
            assert quote.bid is not None
            assert quote.ask is not None
            assert quote.bid <= quote.last <= quote.ask
            assert quote.bid < quote.ask
    closing = {q.pair: q.last for q in feed.quotes(step.at_ms)}
    assert closing == {c.pair: ticks[c.pair].price(c.close) for c in step.candles}


async def test_books_are_never_crossed_and_repeat() -> None:
    feed = await opened(pairs=FEW)
    for pair in FEW:
        book = feed.book(pair, NOW)
        assert book == feed.book(pair, NOW + 100)
        bids, asks = [level.price for level in book.bids], [level.price for level in book.asks]
        assert bids == sorted(set(bids), reverse=True)
        assert asks == sorted(set(asks))
        assert bids[0] < asks[0]
        assert all(level.quantity > 0 for level in (*book.bids, *book.asks))
    with pytest.raises(BadInput, match="does not trade"):
        feed.book("FOO/USDT", NOW)


async def test_funding_is_small_mostly_and_extreme_sometimes() -> None:
    feed = await opened()
    pairs = [market.pair for market in feed.markets]
    rates = [feed.funding(pair, NOW + k * 28_800_000) for pair in pairs for k in range(30)]
    assert rates[0] == feed.funding(pairs[0], NOW)
    assert 0.9 < sum(abs(rate) < Decimal("0.0005") for rate in rates) / len(rates) < 1
    assert any(abs(rate) > Decimal("0.001") for rate in rates)


async def test_news_tell_of_the_market_daily_and_of_jumps() -> None:
    feed = await opened()
    week = feed.news(NOW - 7 * DAY_MS, NOW)
    split = [*feed.news(NOW - 7 * DAY_MS, NOW - DAY_MS * 3), *feed.news(NOW - DAY_MS * 3, NOW)]
    assert week == split
    assert sum(headline.pair is None for headline in week) == 7
    assert sum(headline.pair is not None for headline in week) > 20
    assert all(-1 <= headline.sentiment <= 1 for headline in week)


def moves(market: SyntheticMarket, pair: str, days: int) -> np.ndarray:
    return np.diff(np.log(market.bars(pair, "5m", before_ms=NOW, count=288 * days).close))


def test_returns_have_heavy_tails_and_clustered_volatility() -> None:
    market = SyntheticMarket(11)
    for pair in FEW:
        returns = moves(market, pair, 40)
        sizes = np.abs(returns)
        kurtosis = float(np.mean((returns - returns.mean()) ** 4) / returns.var() ** 2)
        assert kurtosis > 5
        assert np.corrcoef(sizes[:-1], sizes[1:])[0, 1] > 0.1
        assert np.corrcoef(sizes[:-12], sizes[12:])[0, 1] > 0.05
        assert abs(np.corrcoef(returns[:-1], returns[1:])[0, 1]) < 0.1


def test_coins_move_with_the_market() -> None:
    market = SyntheticMarket(11)
    bitcoin = moves(market, "BTC/USDT", 30)
    links = [np.corrcoef(bitcoin, moves(market, f"{name}/USDT", 30))[0, 1] for name in ("ETH", "SOL", "DOGE", "KAVA")]
    assert all(link > 0.1 for link in links)
    assert max(links) > 0.4


def test_bars_are_as_lively_as_real_ones() -> None:
    market = SyntheticMarket(7)
    typical: list[float] = []
    for coin in all_coins():
        bars = market.bars(coin.market.pair, "5m", before_ms=NOW, count=288)
        typical.append(float(np.mean((bars.high - bars.low) / bars.close)))
    assert 0.001 < np.median(typical) < 0.01
    assert sum(0.0008 < value < 0.015 for value in typical) >= 75


def test_levels_stay_near_those_of_the_real_coins() -> None:
    days = Chain(7).days(0, 2500)
    assert np.abs(days.level).max() <= 1.11
    assert np.abs(np.mean(days.level)) < 0.3
    seen = set(days.climate.tolist())
    assert seen == {int(climate) for climate in Climate}
    assert days.climate.tolist().count(int(Climate.CRASH)) < 100


def test_a_crash_day_is_a_crash() -> None:
    days = Chain(7).days(0, 2500)
    crashes = days.factor[days.climate == Climate.CRASH]
    assert np.mean(crashes) < -0.04


async def test_eighty_coins_for_two_days_take_seconds_not_minutes() -> None:
    import time

    feed = await opened()
    begin = time.process_time()
    steps = await first_steps(feed, 576)
    assert sum(len(step.candles) for step in steps) == 576 * 80
    assert time.process_time() - begin < 4


def test_the_table_names_eighty_different_coins() -> None:
    coins = all_coins()
    assert len({coin.name for coin in coins}) == len(coins) == 80
    bitcoin = next(coin for coin in coins if coin.name == "BTC")
    assert (bitcoin.market.tick, bitcoin.market.lot) == (Decimal("0.01"), Decimal("0.00001"))
    assert bitcoin.market.estimated == ()
