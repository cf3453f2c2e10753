"""Orders over whole columns are, row by row, what the desk's own rule makes of a setup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import cast

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from quorate.analysts.base import ExitRules, Setups, Strategy, StrategyFault, evaluate, setup_at
from quorate.analysts.registry import STRATEGIES, make_strategy
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.money import to_ppm
from quorate.domain.policy import Costs, Pacing
from quorate.domain.votes import EntryKind, Side
from quorate.kernel.bars import Bars
from quorate.research import tables, ticks
from quorate.research.columns import Columns
from quorate.research.conventions import Conventions, RunCosts, Sizing, rules_of
from quorate.research.jit import compiled
from quorate.research.orders import OrderBook, orders_of
from tests.analysts.synthetic import NoParameters, wild_bars
from tests.examples import tried
from tests.research.recorded import recorded
from tests.research.scripted import START_MS, rules

TICKS = [Decimal(text) for text in ("0.01", "0.0005", "1", "0.25", "0.00000001", "3", "100", "0.0000007")]


@dataclass(frozen=True)
class Numbers:
    """A strategy that says the numbers it is given, good or bad."""

    columns: Setups
    name: str = "numbers"
    entry_kind: EntryKind = EntryKind.MARKET
    exits: ExitRules = field(default_factory=lambda: rules(fractions=(Decimal("0.5"), Decimal(1))))
    pacing: Pacing = field(default_factory=Pacing)
    timeframe: str = "5m"
    warm_up: int = 1
    parameters: NoParameters = field(default_factory=NoParameters)

    def setups(self, bars: Bars, market: Market, *, since: int = 0) -> Setups:
        return self.columns

    def explain(self, side: Side, measures: Mapping[str, float]) -> str:
        return ""


def saying(columns: Setups, *, timeframe: str = "5m") -> Strategy:
    """A strategy of these numbers."""
    return cast("Strategy", Numbers(columns, timeframe=timeframe))


def read(strategy: Strategy, columns: Columns, market: Market) -> OrderBook:
    book = orders_of(strategy, columns, market)
    book.read(rules_of(Conventions(), RunCosts(), Sizing(), strategy, columns, market))
    return book


def same_as_the_desk(strategy: Strategy, columns: Columns, market: Market) -> int:
    """Setups compared; asserts that none differs."""
    book, bars = read(strategy, columns, market), columns.bars
    for place, order in enumerate(book.orders):
        try:
            setup = setup_at(strategy, bars, market, book.setups, place)
        except StrategyFault:
            assert order.state == tables.BROKEN
            continue
        if setup is None:
            assert order.state in {tables.COARSE, tables.BROKEN}
            continue
        plan = setup.plan
        if max(
            setup.entry, plan.stop, plan.trail_distance or 0, *(target.price for target in plan.targets)
        ) > market.price(2**62):
            assert order.state == tables.BROKEN
            continue
        assert order.state == tables.SOUND
        assert market.price(int(order.entry)) == setup.entry
        assert market.price(int(order.stop)) == plan.stop
        assert [market.price(target) for target in book.targets[place].tolist()] == [t.price for t in plan.targets]
        assert (None if order.trail == tables.NONE else market.price(int(order.trail))) == plan.trail_distance
        assert (None if order.expires_ms == tables.NEVER else order.expires_ms) == plan.expires_ms
        assert order.side == setup.side.sign
        assert order.confidence == int(setup.confidence * 1_000_000)
        assert order.share == int(setup.size * 1_000_000)
    return len(book)


odd = st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e300, 5e-324])


@st.composite
def numbers(draw: st.DrawFn, around: float):
    """A price, mostly one that rounds with difficulty: ties, few digits, many digits, odd ones."""
    kind = draw(st.sampled_from(["many", "few", "tie", "tie", "odd"]))
    if kind == "odd":
        return draw(odd)
    value = around * draw(st.floats(0.5, 2.0))
    if kind == "few":
        return float(f"{value:.{draw(st.integers(2, 6))}g}")
    if kind == "tie":
        return float(f"{value:.10g}") * draw(st.sampled_from([0.5, 1.5, 2.5, 0.6]))
    return value


@tried(150)
@given(st.data(), st.sampled_from(TICKS), st.integers(-9, 11))
def test_any_numbers_become_the_orders_of_the_desk(data: st.DataObject, tick: Decimal, power: int) -> None:
    market = Market("AAA/USDT", tick, Decimal(1), Decimal(0), 0)
    base = 10.0**power
    count = data.draw(st.integers(1, 6))
    flat = np.full(count, float(tick))
    bars = Bars(market.pair, "5m", START_MS + np.arange(count) * 300_000, flat, flat, flat, flat, flat)
    side = np.array(data.draw(st.lists(st.sampled_from([1, -1, 1, -1, 0, 2]), min_size=count, max_size=count)), np.int8)
    line = np.array([[data.draw(numbers(base)) for _ in range(count)] for _ in range(4)])
    if data.draw(st.booleans()):
        # Mostly in order, so that something comes of them.
        line = np.sort(line, axis=0)
        line[:, side < 0] = line[::-1, side < 0]
    some = st.lists(
        st.sampled_from([0.0, 0.33, 0.5, 1.0, 1.5, float("nan"), 0.1234567]), min_size=count, max_size=count
    )
    setups = Setups(
        rows=np.arange(count, dtype=np.intp),
        side=side,
        confidence=np.array(data.draw(some)),
        entry=line[1],
        stop=line[0],
        targets=(line[2], line[3]),
        trail=None if data.draw(st.booleans()) else np.array([data.draw(numbers(base)) for _ in range(count)]),
        size=None if data.draw(st.booleans()) else np.array(data.draw(some)),
    )
    strategy = saying(setups)
    columns = Columns.of(bars, market)
    same_as_the_desk(strategy, columns, market)
    for order in read(strategy, columns, market).orders:
        event(f"state {order.state}")


@tried(400)
@given(st.data(), st.integers(1, 10**6), st.integers(0, 12), st.integers(-13, 14), st.booleans())
def test_steps_of_a_number_are_those_of_its_decimal(data, mantissa, decimals, power, up) -> None:
    value = data.draw(numbers(10.0**power).filter(lambda number: 0 <= number < 1e290))
    guess = data.draw(st.integers(-22, 22))
    exponent = ticks.exponent_of(value, guess) if value else 0
    steps = ticks.steps_of(value, exponent, mantissa, decimals, int(up))
    if steps == ticks.DOUBTFUL:
        event("left to decimals")
        return
    exact = Decimal(f"{value:.10g}") / Decimal(mantissa).scaleb(-decimals)
    assert steps == int(exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR))


def test_only_numbers_at_the_edge_of_doubles_are_left_to_decimals() -> None:
    dice = np.random.default_rng(7)
    values = np.exp(dice.normal(0, 3, 20_000)) * dice.choice([1.0, 1.5, 0.6], 20_000)
    left = sum(ticks.steps_of(v, ticks.exponent_of(v, 0), 1, 8, 1) == ticks.DOUBTFUL for v in values.tolist())
    assert left == 0


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_setups_of_a_strategy_on_a_wild_market_become_the_orders_of_the_desk(name: str) -> None:
    market = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)
    strategy = make_strategy(name, costs=Costs())
    columns = Columns.of(wild_bars(5, 8_000, timeframe=strategy.timeframe), market)
    assert same_as_the_desk(strategy, columns, market) > 20


@pytest.mark.real_data
@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_setups_on_recorded_candles_become_the_orders_of_the_desk(name: str) -> None:
    column, market = recorded("ADA")
    part = Columns.of(column.bars.tail(30_000), market)
    strategy = make_strategy(name, costs=Costs(), parameters={"timeframe": "5m"})
    assert same_as_the_desk(strategy, part, market) > 100


def test_a_bar_of_an_hour_is_decided_on_when_the_first_step_at_or_after_its_end_comes() -> None:
    market = Market("AAA/USDT", Decimal("0.01"), Decimal(1), Decimal(0), 0)
    hour = 3_600_000
    # The candles from 00:55 to 02:20 are missing: 00:00 and 01:00 end before the first step after that.
    minutes = [minute for minute in range(0, 240, 5) if not 55 <= minute < 140]
    open_ms = START_MS + np.array(minutes) * 60_000
    flat = np.full(len(minutes), 100.0)
    columns = Columns.of(Bars(market.pair, "5m", open_ms, flat, flat, flat, flat, flat), market)
    hours = columns.signal_bars("1h")
    assert ((hours.open_ms - START_MS) // hour).tolist() == [0, 2, 3]
    line = np.array([[90.0], [100.0], [110.0], [120.0]]) * np.ones(3)
    setups = Setups(
        rows=np.arange(3, dtype=np.intp),
        side=np.ones(3, np.int8),
        confidence=np.full(3, 0.5),
        entry=line[1],
        stop=line[0],
        targets=(line[2], line[3]),
    )
    book = orders_of(saying(setups, timeframe="1h"), columns, market)
    decided = (book.orders["at_ms"] - START_MS) / hour
    # 00:00 is decided on at 02:25, the close of the first candle after the hole.
    assert decided.tolist() == [2 + 25 / 60, 3.0, 4.0]
    assert (columns.close_ms[book.orders["row"]] == book.orders["at_ms"]).all()
    # With steps of other markets in the hole it is decided on in time, at the newest candle there is.
    steps = START_MS + np.arange(5, 245, 5) * 60_000
    book = orders_of(saying(setups, timeframe="1h"), columns, market, steps_ms=steps)
    assert ((book.orders["at_ms"] - START_MS) / hour).tolist() == [1.0, 3.0, 4.0]
    assert book.orders["row"][0] == 10


def test_of_two_bars_that_ended_unseen_only_the_newer_is_looked_at() -> None:
    market = Market("AAA/USDT", Decimal("0.01"), Decimal(1), Decimal(0), 0)
    # One candle in each of the first two hours, the second at its very end: both bars end by the same step.
    open_ms = START_MS + np.array([50, 115, 120]) * 60_000
    flat = np.full(3, 100.0)
    columns = Columns.of(Bars(market.pair, "5m", open_ms, flat, flat, flat, flat, flat), market)
    line = np.array([[90.0], [100.0], [110.0], [120.0]]) * np.ones(3)
    setups = Setups(
        rows=np.arange(3, dtype=np.intp),
        side=np.ones(3, np.int8),
        confidence=np.full(3, 0.5),
        entry=line[1],
        stop=line[0],
        targets=(line[2], line[3]),
    )
    book = orders_of(saying(setups, timeframe="1h"), columns, market)
    assert book.places.tolist() == [1]
    assert evaluate(saying(setups, timeframe="1h"), columns.signal_bars("1h"), market) is setups


def test_a_strategy_of_shorter_bars_than_the_candles_is_refused() -> None:
    market = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)
    columns = Columns.of(wild_bars(1, 100, timeframe="1h"), market)
    with pytest.raises(BadInput, match="reads 5m bars"):
        orders_of(make_strategy("bar_reaction", costs=Costs()), columns, market)


def test_reading_all_orders_in_machine_code_and_in_python_is_one() -> None:
    market = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)
    strategy = make_strategy("momentum", costs=Costs())
    columns = Columns.of(wild_bars(3, 3_000, timeframe="1h"), market)
    terms = rules_of(Conventions(), RunCosts(), Sizing(), strategy, columns, market)
    books = [orders_of(strategy, columns, market) for _ in range(2)]
    for book, work in zip(books, (compiled(ticks.read_all), ticks.read_all), strict=True):
        work(terms, tables.record(tables.COUNTS), book.orders, book.goals, book.targets)
    assert len(books[0]) > 20
    assert (books[0].orders == books[1].orders).all()
    assert (books[0].targets == books[1].targets).all()
    assert to_ppm(strategy.exits.fractions[0]) == 500_000
