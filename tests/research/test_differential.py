"""The compiled runner makes the very trades of the desk: same decisions, prices, lots, fees, funding, reasons and R."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal, localcontext

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from quorate.analysts.base import Strategy, evaluate, setup_at
from quorate.analysts.lookout import Lookout
from quorate.analysts.registry import STRATEGIES, make_strategy
from quorate.domain.market import Market, MarketKind
from quorate.domain.money import MONEY_STEP
from quorate.domain.policy import Costs, Pacing, PerpPolicy
from quorate.domain.snapshot import Settlement, Snapshot, Step
from quorate.domain.votes import EntryKind, Facts, MarketRegime, Regime, Setup
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult
from tests.analysts.synthetic import candles_of
from tests.examples import tried
from tests.research.beside_the_desk import (
    Account,
    Story,
    candles_by_step,
    charter_of,
    differences,
    told_by_desk,
    told_by_runner,
    worth,
)
from tests.research.recorded import COINS, FUNDED, recorded, recorded_funding
from tests.research.scripted import START_MS, Line, made_bars, rules, speaking

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
RICH = Account(equity=Decimal(10) ** 7, risk=Decimal("0.0005"), leverage=Decimal(3))

GRIDS = [
    (Decimal("0.01"), Decimal("0.001"), 1_000),
    (Decimal("0.0005"), Decimal(1), 60),
    (Decimal("0.5"), Decimal("0.00025"), 400),
    (Decimal("0.0000001"), Decimal("0.3"), 90_000),
    (Decimal(1), Decimal(10), 40),
]
"""Tick, lot and price in ticks; the fourth has lots worth less than the ledger's smallest step at one tick."""

ROUNDINGS = [ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, ROUND_FLOOR, ROUND_CEILING]
"""What the thread's decimal context may be left at: ccxt sets half-up for good whenever it tells a price."""

percent = st.sampled_from([Decimal("0.25"), Decimal("0.33"), Decimal("0.5"), Decimal("0.999")])


@st.composite
def exit_rules(draw: st.DrawFn):
    parts = draw(st.lists(percent, max_size=2))
    count = len(parts) + 1
    distance = st.none() | st.sampled_from([Decimal("0.5"), Decimal(1), Decimal("1.25")])
    return rules(
        fractions=(*parts, Decimal(1)),
        break_even_target=draw(st.integers(0, count)),
        break_even_r=draw(distance),
        trail_target=draw(st.integers(0, count)),
        trail_r=draw(distance),
        expires_bars=draw(st.none() | st.integers(0, 6)),
    )


few = st.none() | st.integers(0, 4)


@st.composite
def scripts(draw: st.DrawFn, name: str, bars: int):
    """A strategy that speaks often, of 5m or 15m bars."""
    exits = draw(exit_rules())
    minutes = draw(st.sampled_from([5, 5, 15]))
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    reach, trails = draw(st.integers(1, 9)), draw(st.booleans())
    spoken = np.flatnonzero(dice.random(bars) < draw(st.sampled_from([0.1, 0.5, 1.0])))
    script = {
        START_MS + int(place) * minutes * MINUTE_MS: Line(
            side=int(dice.choice([1, -1])),
            stop=int(dice.integers(1, reach + 1)),
            targets=tuple(np.cumsum(dice.integers(1, reach + 1, len(exits.fractions))).tolist()),
            trail=int(dice.integers(1, reach + 1)) if trails else 0,
            entry=int(dice.integers(-1, 4)),
            confidence=int(dice.integers(0, 101)),
            share=int(dice.choice([100, 50, 7])),
        )
        for place in spoken
    }
    pacing = Pacing(
        cooldown_bars=draw(st.integers(0, 2)),
        losses_pause=draw(st.none() | st.integers(1, 3)),
        pause_ms=draw(st.sampled_from([0, 300_000, 1_500_000])),
        per_hour_max=draw(few),
        per_day_max=draw(st.none() | st.integers(0, 30)),
    )
    kind, timeframe = draw(st.sampled_from(list(EntryKind))), f"{minutes}m"
    return speaking(name=name, script=script, exits=exits, entry_kind=kind, pacing=pacing, timeframe=timeframe)


@st.composite
def candles(draw: st.DrawFn, market: Market, *, price: int, bars: int):
    """A walk of a few ticks, full of touches and ties, with gaps in price and holes in time."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    body, wick, gap = draw(st.integers(0, 6)), draw(st.integers(0, 6)), draw(st.sampled_from([0, 0, 3, 30]))
    holes = dice.random(bars) < draw(st.sampled_from([0.0, 0.0, 0.1, 0.6]))
    holes[0] = False
    return made_bars(
        market,
        list(
            zip(
                dice.integers(-gap, gap + 1, bars).tolist(),
                dice.integers(-body, body + 1, bars).tolist(),
                dice.integers(0, wick + 1, bars).tolist(),
                dice.integers(0, wick + 1, bars).tolist(),
                holes.tolist(),
                strict=True,
            )
        ),
        price=price,
    )


rates = st.integers(-5_000_000, 5_000_000).map(lambda ppb: Decimal(ppb).scaleb(-9))


@st.composite
def worlds(draw: st.DrawFn):
    """One or two markets with their candles, two strategies, an account and funding."""
    account = Account(
        costs=Costs(
            maker_fee_ppm=draw(st.sampled_from([0, 200, 3_333])),
            taker_fee_ppm=draw(st.sampled_from([0, 500, 7_777])),
            slippage_ppm=draw(st.sampled_from([0, 100, 2_345])),
        ),
        kind=draw(st.sampled_from([MarketKind.PERP, MarketKind.PERP, MarketKind.SPOT])),
        leverage=draw(st.sampled_from([Decimal(1), Decimal(3), Decimal(10), Decimal(25)])),
        perps=PerpPolicy(liquidation_reserve_ppm=draw(st.sampled_from([0, 5_000]))),
        risk=draw(st.sampled_from([Decimal("0.0001"), Decimal("0.006"), Decimal("0.05")])),
        cap=draw(st.sampled_from([Decimal("0.001"), Decimal("0.40")])),
    )
    bars = draw(st.integers(20, 150))
    columns: dict[str, Columns] = {}
    markets: list[Market] = []
    for pair in ("AAA/USDT", "BBB/USDT")[: draw(st.integers(1, 2))]:
        tick, lot, price = draw(st.sampled_from(GRIDS))
        market = Market(pair, tick, lot, Decimal("0.5"), draw(st.sampled_from([0, 200, 5_001])))
        columns[pair] = Columns.of(draw(candles(market, price=price, bars=bars)), market)
        markets.append(market)
    instants = st.integers(0, bars * 10).map(lambda half_minutes: START_MS + half_minutes * 30_000)
    due = st.builds(Settlement, st.sampled_from([market.pair for market in markets]), instants, rates)
    settlements = {(s.pair, s.at_ms): s for s in draw(st.lists(due, max_size=30))}
    strategies = [draw(scripts(name, bars)) for name in ("alpha", "omega")]
    return account, columns, markets, list(settlements.values()), strategies


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # else it would stand in front of what failed
@tried(100)
@given(worlds(), st.sampled_from(ROUNDINGS))
def test_on_made_up_candles_the_compiled_runner_makes_the_desks_trades(world, left_by_a_library: str):
    account, columns, markets, settlements, strategies = world
    lookout = Lookout(markets, "5m", strategies)
    closed = [candle for market in markets for candle in candles_of(columns[market.pair].bars, market)]
    steps = [Step(at_ms, together) for at_ms, together in candles_by_step(closed)]
    charter = charter_of(account, strategies, "5m")
    with localcontext(rounding=left_by_a_library):
        stories = told_by_desk(charter, markets, map(lookout.observe, steps), settlements)
    assert all("not all positive" in trouble.message for trouble in lookout.troubles.values())
    steps_ms = np.array([step.at_ms for step in steps])
    for strategy in strategies:
        results: list[CompiledResult] = []
        for market in markets:
            desk = stories[strategy.name, market.pair]
            runner, result = told_by_runner(
                strategy,
                columns[market.pair],
                market,
                account,
                desk.decided,
                settlements=settlements,
                steps_ms=steps_ms,
            )
            results.append(result)
            assert differences(desk, runner) == []
            for ended in desk.ended:
                event(ended.reason)
                event(f"funding {ended.funding != 0}")
            for reason in desk.lost.values():
                event(reason)
        assert_equity(stories[strategy.name, ""].equity, results, account)


@pytest.mark.parametrize("left_by_a_library", ROUNDINGS)
@pytest.mark.parametrize(("gained", "r_ppm"), [(1, 7_812), (3, 23_438)])
def test_r_between_two_millionths_is_the_even_one_whatever_a_library_left_behind(gained, r_ppm, left_by_a_library):
    """1 tick of a risk of 128 is 7,812.5 millionths, 3 are 23,437.5."""
    market = Market("AAA/USDT", Decimal(1), Decimal(1), Decimal(1), spread_ppm=0)
    account = Account(costs=Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=0), equity=Decimal(10) ** 6)
    still, reaching = (0, 0, 0, 0, False), (0, gained, 1, 0, False)
    columns = Columns.of(made_bars(market, [still, still, reaching], price=1_000), market)
    script = {START_MS + 5 * MINUTE_MS: Line(side=1, stop=128, targets=(gained,))}
    strategy = speaking(script=script, exits=rules())
    lookout = Lookout([market], "5m", [strategy])
    steps = (Step(candle.close_ms, (candle,)) for candle in candles_of(columns.bars, market))
    with localcontext(rounding=left_by_a_library):
        desk = told_by_desk(charter_of(account, [strategy], "5m"), [market], map(lookout.observe, steps))
    told = desk[strategy.name, market.pair]
    runner, _ = told_by_runner(strategy, columns, market, account, told.decided)
    assert [ended.r_ppm for ended in told.ended] == [ended.r_ppm for ended in runner.ended] == [r_ppm]


def assert_equity(desk: Mapping[int, Decimal], results: Sequence[CompiledResult], account: Account) -> None:
    """Worth is the same at every close of all pairs, but for open positions, which the desk does not round to money.

    In a hole of one pair's candles the desk may learn of its funding at a step of another.
    """
    shared = set.intersection(*(set(result.columns.close_ms.tolist()) for result in results))
    runner = worth(results, np.array(sorted(shared)), account)
    half = len(results) * MONEY_STEP / 2
    assert {at_ms: (desk[at_ms], runner[at_ms]) for at_ms in runner if abs(desk[at_ms] - runner[at_ms]) > half} == {}


def on_five_minutes(name: str) -> Strategy:
    """A strategy of the house on the shortest bars: as many trades as it can make."""
    return make_strategy(name, costs=Costs(), parameters={"timeframe": "5m"})


def spoken(
    strategies: Sequence[Strategy], columns: Mapping[str, Columns], markets: Sequence[Market]
) -> Iterator[Snapshot]:
    """Snapshots with every setup as the desk's own rule makes it, from whole columns."""
    setups: dict[int, list[Setup]] = {}
    for market in markets:
        column = columns[market.pair]
        for strategy in strategies:
            found = evaluate(strategy, column.bars, market)
            for place, row in enumerate(found.rows.tolist()):
                setup = setup_at(strategy, column.bars, market, found, place)
                if setup is not None:
                    setups.setdefault(int(column.close_ms[row]), []).append(setup)
    facts = {
        (market.pair, "5m"): Facts(market.pair, Regime.NEUTRAL, Decimal(1), None, None, None, None)
        for market in markets
    }
    candles = (candle for market in markets for candle in candles_of(columns[market.pair].bars, market))
    for at_ms, together in candles_by_step(candles):
        heard = tuple(sorted(setups.get(at_ms, ()), key=lambda setup: (setup.pair, setup.strategy)))
        yield Snapshot(Step(at_ms, together), heard, facts, {}, MarketRegime.NEUTRAL, "")


def compared(
    stories: Mapping[tuple[str, str], Story],
    strategies: Sequence[Strategy],
    columns: Mapping[str, Columns],
    markets: Sequence[Market],
    settlements: Sequence[Settlement],
) -> int:
    """Trades that both made alike; asserts that there are no others."""
    steps_ms = np.unique(np.concatenate([columns[market.pair].close_ms for market in markets]))
    count = 0
    for strategy in strategies:
        results: list[CompiledResult] = []
        for market in markets:
            desk = stories[strategy.name, market.pair]
            runner, result = told_by_runner(
                strategy,
                columns[market.pair],
                market,
                RICH,
                desk.decided,
                settlements=settlements,
                steps_ms=steps_ms,
            )
            assert differences(desk, runner) == [], f"{strategy.name} on {market.pair}"
            results.append(result)
            count += len(desk.ended)
        assert_equity(stories[strategy.name, ""].equity, results, RICH)
    return count


def alike_on_five_minutes(coin: str, *, until_ms: int | None = None) -> int:
    """Trades that both make alike of a coin, every strategy on 5m candles, setups from whole columns."""
    column, market = recorded(coin, until_ms=until_ms)
    columns, markets = {market.pair: column}, [market]
    settlements = recorded_funding([coin])
    assert (len(settlements) > 800) == (coin in FUNDED)
    strategies = [on_five_minutes(name) for name in sorted(STRATEGIES)]
    charter = charter_of(RICH, strategies, "5m")
    stories = told_by_desk(charter, markets, spoken(strategies, columns, markets), settlements)
    return compared(stories, strategies, columns, markets, settlements)


def alike_through_windows(coins: Sequence[str], *, until_ms: int) -> int:
    """The same of several coins at once, each strategy on its own timeframe, setups from windows that grow candle by
    candle: nothing is shared.
    """
    found = [recorded(coin, until_ms=until_ms) for coin in coins]
    columns = {market.pair: column for column, market in found}
    markets = sorted((market for _, market in found), key=lambda market: market.pair)
    strategies = [make_strategy(name, costs=Costs()) for name in sorted(STRATEGIES)]
    lookout = Lookout(markets, "5m", strategies)
    candles = (candle for market in markets for candle in candles_of(columns[market.pair].bars, market))
    steps = (Step(at_ms, together) for at_ms, together in candles_by_step(candles))
    settlements = recorded_funding(coins)
    stories = told_by_desk(charter_of(RICH, strategies, "5m"), markets, map(lookout.observe, steps), settlements)
    assert lookout.troubles == {}
    return compared(stories, strategies, columns, markets, settlements)


@pytest.mark.real_data
def test_a_fortnight_of_a_coin_gives_both_the_same_trades():
    assert alike_on_five_minutes("SOL", until_ms=START_MS + 14 * DAY_MS) > 900


@pytest.mark.real_data
def test_a_week_seen_through_the_desks_own_windows_gives_both_the_same_trades():
    assert alike_through_windows(["DOGE", "SOL"], until_ms=START_MS + 7 * DAY_MS) > 100


@pytest.mark.long
@pytest.mark.real_data
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("coin", COINS)
def test_nine_months_of_a_coin_give_both_the_same_trades(coin: str, record_property):
    count = alike_on_five_minutes(coin)
    record_property("trades", count)
    assert count > 2_000


@pytest.mark.long
@pytest.mark.real_data
@pytest.mark.timeout(3_600)
def test_a_quarter_seen_through_the_desks_own_windows_gives_both_the_same_trades(record_property):
    count = alike_through_windows(COINS, until_ms=START_MS + 90 * DAY_MS)
    record_property("trades", count)
    assert count > 2_000
