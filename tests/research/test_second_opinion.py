"""Every convention and cost beyond those of the desk, held against a second opinion and against plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from quorate.analysts.base import Strategy
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Settlement
from quorate.domain.votes import EntryKind
from quorate.kernel.bars import Bars
from quorate.kernel.resample import resample
from quorate.research import compiled as runner
from quorate.research import tables
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult, run
from quorate.research.conventions import Conventions, RunCosts, Sizing
from quorate.research.orders import OrderBook, orders_of
from tests.examples import tried
from tests.research.by_hand import Bar, Walker, Ways, Wish
from tests.research.scripted import START_MS, Line, bars_of, made_bars, rules, speaking
from tests.research.small_worlds import MARKET, MINUTE_MS, fills


@dataclass(frozen=True)
class World:
    base: Columns
    fine: Columns
    strategy: Strategy
    lots: tuple[int, ...]


@st.composite
def worlds(draw: st.DrawFn):
    """1m candles, the 5m candles they make up, and a strategy that speaks on those."""
    dice = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = 5 * draw(st.integers(4, 40))
    body, wick = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    holes = dice.random(count) < draw(st.sampled_from([0.0, 0.2]))
    holes[::5] = False
    shapes = zip(
        dice.integers(-2, 3, count).tolist(),
        dice.integers(-body, body + 1, count).tolist(),
        dice.integers(0, wick + 1, count).tolist(),
        dice.integers(0, wick + 1, count).tolist(),
        [False] * count,
        strict=True,
    )
    minutes = made_bars(MARKET, list(shapes), price=1_000, timeframe="1m")
    minutes.volume[:] = dice.choice([0.0, 30.0, 400.0], count)
    some = np.flatnonzero(~holes)
    if draw(st.booleans()):
        # Whole candles may be without finer ones, and their first minute may be missing too.
        some = some[dice.random(len(some)) < 0.7]
    parts = draw(st.lists(st.sampled_from([Decimal("0.25"), Decimal("0.5")]), max_size=2))
    exits = rules(
        fractions=(*parts, Decimal(1)),
        break_even_target=draw(st.integers(0, 2)),
        trail_target=draw(st.integers(0, 2)),
        expires_bars=draw(st.none() | st.integers(0, 4)),
    )
    trails = draw(st.booleans())
    script = {
        START_MS + int(place) * 5 * MINUTE_MS: Line(
            side=int(dice.choice([1, -1])),
            stop=int(dice.integers(1, 12)),
            targets=tuple(np.cumsum(dice.integers(1, 8, len(exits.fractions))).tolist()),
            trail=int(dice.integers(1, 8)) if trails else 0,
            entry=int(dice.integers(-1, 4)),
        )
        for place in np.flatnonzero(dice.random(count // 5) < 0.5)
    }
    kind = draw(st.sampled_from(list(EntryKind)))
    strategy = speaking(script=script, exits=exits, entry_kind=kind)
    base = Columns.of(resample(minutes, "5m"), MARKET)
    fine = bars_of(MARKET, "1m", minutes.open_ms[some], np.array(columns_of(minutes))[:, some])
    return World(base, Columns.of(fine, MARKET), strategy, tuple(dice.integers(0, 9, len(script)).tolist()))


def columns_of(bars: Bars) -> list[np.ndarray]:
    return [bars.open, bars.high, bars.low, bars.close, bars.volume]


def candles_of(columns: Columns) -> list[Bar]:
    return [Bar(*(number.item() for number in candle)) for candle in columns.tape]


def second_opinion(world: World, book: OrderBook, lots: list[int], ways: Ways, *, finer: bool) -> list:
    bars = candles_of(world.base)
    inside = [[bar] for bar in bars]
    if finer:
        minutes = candles_of(world.fine)
        for row, bar in enumerate(bars):
            found = [fine for fine in minutes if 0 <= fine.open_ms - bar.open_ms < 5 * MINUTE_MS]
            inside[row] = found or [bar]
    wishes = [
        Wish(
            row=int(order.row),
            at_ms=int(order.at_ms),
            side=int(order.side),
            entry=int(order.entry),
            stop=int(order.stop),
            targets=tuple(book.targets[place].tolist()),
            trail=int(order.trail) if order.trail != tables.NONE else None,
            expires_ms=int(order.expires_ms) if order.expires_ms != tables.NEVER else None,
            lots=lots[place],
        )
        for place, order in enumerate(book.orders)
        if order.state == tables.SOUND
    ]
    return Walker(bars, inside, 5 * MINUTE_MS, ways).run(wishes)


@tried(200)
@given(
    worlds(),
    st.sampled_from(["next_open", "this_close"]),
    st.sampled_from(["pessimistic", "optimistic"]),
    st.booleans(),
    st.sampled_from(["through", "touch", "volume"]),
    st.sampled_from([(0, 0), (1, 0), (0, 1), (0, 90_000), (1, 90_000)]),
    st.sampled_from([None, Decimal("0.5"), Decimal(3)]),
)
def test_every_convention_agrees_with_a_second_opinion(world, entry, tie, finer, queue, latency, impact):
    latency = (0, 0) if entry == "this_close" else latency
    costs = RunCosts(
        rates=Costs(slippage_ppm=250),
        slippage="constant" if impact is None else "square_root",
        impact=impact or Decimal(1),
        latency_bars=latency[0],
        latency_ms=latency[1],
        queue="volume" if queue == "volume" else "through",
        queue_multiple=Decimal(2),
    ).without("liquidation")
    costs = costs.without("queue") if queue == "touch" else costs
    book = orders_of(world.strategy, world.base, MARKET)
    lots = [world.lots[place] for place in range(len(book))]
    result = run(
        world.strategy,
        world.base,
        MARKET,
        Conventions(entry=entry, tie=tie),
        costs,
        Sizing(by="lots", lots=lots),
        finer=world.fine if finer else None,
        book=book,
    )
    book.read(result.rules)
    exits = world.strategy.exits
    ways = Ways(
        maker=world.strategy.entry_kind is EntryKind.MAKER,
        fractions=tuple(int(fraction * 1_000_000) for fraction in exits.fractions),
        this_close=entry == "this_close",
        optimistic=tie == "optimistic",
        half_spread=200,
        slippage=250,
        impact=float(impact or 0),
        lot=0.5,
        latency_bars=latency[0],
        latency_ms=latency[1],
        queue={"through": None, "touch": 0.0, "volume": 2.0}[queue],
        even_after=exits.break_even_target,
        trail_after=exits.trail_target,
        round_trip=1_400,
    )
    expected = second_opinion(world, book, lots, ways, finer=finer)
    assert fills(result) == expected
    for _, why, _, _ in expected:
        event(why)


@tried(60)
@given(
    worlds(),
    st.sampled_from(["next_open", "this_close"]),
    st.sampled_from(["pessimistic", "optimistic"]),
    st.sampled_from(["risk", "equity", "amount"]),
    st.sampled_from([Decimal(1), Decimal(20)]),
    st.booleans(),
)
def test_machine_code_and_plain_python_are_one(world, entry, tie, by, leverage, finer) -> None:
    """The kernel is plain Python: run as it stands it says the same, only slower."""
    due = [Settlement(MARKET.pair, START_MS + n * 7 * MINUTE_MS, Decimal("0.0013") * (-1) ** n) for n in range(9)]
    costs = RunCosts(leverage=leverage, settlements=tuple(due))
    sizing = Sizing(by=by, share=Decimal("0.05"), amount=Decimal(500), by_confidence="yes")
    fine = world.fine if finer else None

    def told() -> CompiledResult:
        return run(world.strategy, world.base, MARKET, Conventions(entry=entry, tie=tie), costs, sizing, finer=fine)

    quick = told()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "compiled", lambda function: function)
        plain = told()
        worth = plain.equity()
    assert quick.cash == plain.cash
    assert quick.outcomes.tolist() == plain.outcomes.tolist()
    for name in ("trades", "unfinished", "parts"):
        assert getattr(quick, name).tolist() == getattr(plain, name).tolist()
    assert quick.equity().tolist() == worth.tolist()
    event(f"funding {bool((quick.trades['funding'] != 0).any())}")
