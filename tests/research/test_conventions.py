"""Conventions and costs beyond those of the desk, against a second opinion, and one by one in small worlds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from quorate.analysts.base import Strategy
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.policy import Costs, Pacing, PortfolioPolicy, SizingPolicy
from quorate.domain.snapshot import Settlement
from quorate.domain.votes import EntryKind, MarketRegime, Regime
from quorate.kernel.bars import Bars
from quorate.kernel.resample import resample
from quorate.research import compiled as runner
from quorate.research import tables
from quorate.research.columns import Columns
from quorate.research.compiled import CompiledResult, run
from quorate.research.conventions import Conventions, RunCosts, Sizing
from quorate.research.orders import OrderBook, orders_of
from quorate.risk import sizing as risk
from tests.examples import tried
from tests.research.by_hand import Bar, Walker, Ways, Wish
from tests.research.scripted import START_MS, Line, bars_of, made_bars, rules, speaking

MINUTE_MS = 60_000
MARKET = Market("AAA/USDT", Decimal("0.01"), Decimal("0.5"), Decimal(0), 400)
FREE = Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=0)
IDEAL = RunCosts().without("fees", "spread", "slippage", "latency", "funding", "liquidation")


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


def fills(result: CompiledResult) -> list[tuple[int, str, int, int]]:
    return [(int(p.row), tables.REASONS[p.reason], int(p.ticks), int(p.lots)) for p in result.parts]


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


def written(text: str, timeframe: str, start_ms: int) -> Bars:
    """Candles "open high low close volume" in ticks."""
    candles = np.array([[float(number) for number in row.split()] for row in text.split(",")]).T
    open_ms = start_ms + np.arange(candles.shape[1]) * TIMEFRAME_MS[timeframe]
    return bars_of(MARKET, timeframe, open_ms, candles / np.array([[100], [100], [100], [100], [1]]))


def small(text: str, line: Line, *, kind: EntryKind = EntryKind.MARKET, **values: object) -> tuple[Strategy, Columns]:
    """Candles as `written`, and a strategy that speaks at the first."""
    bars = written(text, "5m", START_MS)
    strategy = speaking(script={START_MS: line}, exits=rules(**values), entry_kind=kind)
    return strategy, Columns.of(bars, MARKET)


def one(strategy: Strategy, columns: Columns, costs: RunCosts = IDEAL, **values: object) -> CompiledResult:
    conventions = Conventions(**values)  # pyright: ignore[reportArgumentType]
    return run(strategy, columns, MARKET, conventions, costs, Sizing(by="lots", lots=[10]))


QUIET = "1000 1000 1000 1000 100"
BUY = Line(side=1, stop=10, targets=(10,))


def test_a_candle_that_holds_stop_and_target_is_lost_by_default_and_won_where_kindness_is_asked_for() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1015 985 1000 100", BUY)
    assert fills(one(strategy, columns)) == [(1, "entry", 1_000, 10), (1, "stop", 990, 10)]
    assert fills(one(strategy, columns, tie="optimistic")) == [(1, "entry", 1_000, 10), (1, "target", 1_010, 10)]


def test_kindness_does_not_undo_a_gap() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1005 995 1000 100, 985 1015 980 1000 100", BUY)
    assert fills(one(strategy, columns, tie="optimistic"))[-1] == (2, "stop", 985, 10)


def test_finer_candles_tell_which_came_first() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1015 985 1000 100", BUY)
    inside = written("1000 1015 1000 1005 20, 1005 1005 985 1000 20", "1m", START_MS + 5 * MINUTE_MS)
    minutes = Columns.of(inside, MARKET)
    result = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="lots", lots=[10]), finer=minutes)
    assert fills(result)[-1] == (1, "target", 1_010, 10)
    assert result.finer is not None
    assert result.finer.bars.timeframe == "1m"


def test_a_resting_order_needs_price_to_trade_through_it_or_ten_times_its_size_at_it_or_nothing_but_a_touch() -> None:
    strategy, columns = small(f"{QUIET}, 1005 1005 1000 1002 600, 1002 1002 1001 1002 9", BUY, kind=EntryKind.MAKER)
    assert one(strategy, columns).counts["unfilled"] == 1
    # 10 lots of 0.5 are 5; 600 spread over 6 ticks are 100 at each.
    twenty = RunCosts(queue="volume", queue_multiple=Decimal(20), off=IDEAL.off)
    more = RunCosts(queue="volume", queue_multiple=Decimal("20.01"), off=IDEAL.off)
    assert one(strategy, columns, twenty).counts["filled"] == 1
    assert one(strategy, columns, more).counts["filled"] == 0
    assert one(strategy, columns, IDEAL.without("queue")).counts["filled"] == 1


def test_an_order_that_moves_the_market_pays_the_root_of_its_part_in_the_volume() -> None:
    strategy, columns = small("1000 1020 980 1000 500, 1000 1005 995 1000 100", BUY)
    still = RunCosts(rates=FREE, slippage="square_root").without("spread")
    # A range of 4 %, and 5 of 500: a tenth of it.
    assert fills(one(strategy, columns, still))[0] == (1, "entry", 1_004, 10)
    assert fills(one(strategy, columns, still.without("slippage")))[0] == (1, "entry", 1_000, 10)


def test_a_late_order_meets_a_later_open() -> None:
    strategy, columns = small(f"{QUIET}, 1001 1001 1001 1001 9, 1002 1002 1002 1002 9, 1003 1003 1003 1003 9", BUY)
    free = RunCosts(rates=FREE).without("spread", "slippage", "liquidation")
    for bars, ms, row in [(0, 0, 1), (1, 0, 2), (2, 0, 3), (0, 1, 2), (0, 300_000, 2), (0, 300_001, 3)]:
        late = RunCosts(rates=FREE, latency_bars=bars, latency_ms=ms, off=free.off)
        assert fills(one(strategy, columns, late)) == [(row, "entry", 1_000 + row, 10)]
        assert fills(one(strategy, columns, late.without("latency")))[0][0] == 1


def test_every_cost_can_be_switched_off_by_name_and_the_result_says_what_counted() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1000 100, 1000 1015 1000 1000 100", BUY)
    whole = one(strategy, columns, RunCosts())
    assert whole.trades[0].fees > 0
    assert whole.trades[0].entry == 1_001
    assert whole.estimated == ("queue", "slippage")
    assert one(strategy, columns, RunCosts().without("fees")).trades[0].fees == 0
    assert one(strategy, columns, RunCosts().without("spread", "slippage")).trades[0].entry == 1_000
    assert one(strategy, columns, RunCosts().without("slippage", "queue")).estimated == ()
    with pytest.raises(BadInput, match="No cost is called"):
        RunCosts().without("luck")  # pyright: ignore[reportArgumentType]


def test_what_contradicts_itself_is_refused() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1000 100", BUY)
    with pytest.raises(BadInput, match="come late"):
        one(strategy, columns, RunCosts(latency_bars=1), entry="this_close")
    with pytest.raises(BadInput, match="not negative"):
        one(strategy, columns, RunCosts(latency_bars=-1))
    with pytest.raises(BadInput, match="lots for 0"):
        run(strategy, columns, MARKET, sizing=Sizing(by="lots"))
    with pytest.raises(BadInput, match="between 0 and 1"):
        run(strategy, columns, MARKET, sizing=Sizing(share=Decimal(2)))
    with pytest.raises(BadInput, match="too large to count"):
        run(strategy, columns, MARKET, sizing=Sizing(by="lots", lots=[10**15]))
    with pytest.raises(BadInput, match="cannot be counted"):
        run(strategy, columns, MARKET, sizing=Sizing(start_equity=Decimal(10) ** 12))


def test_mae_and_mfe_span_the_prices_between_entry_and_exit() -> None:
    strategy, columns = small(
        f"{QUIET}, 1000 1004 997 1000 100, 1000 1009 993 1000 100, 1000 1015 970 1000 100", Line(1, 20, (30,))
    )
    trade = one(strategy, columns).trades[0]
    # The last candle is left at the stop: what it did before or after is not the trade's.
    assert (trade.lowest, trade.highest, trade.bars) == (980, 1_009, 3)


def test_a_trade_that_is_open_at_the_end_is_marked_and_not_counted() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1004 100", BUY)
    result = one(strategy, columns, RunCosts(rates=FREE).without("spread", "slippage"))
    assert len(result.trades) == 0
    assert result.unfinished[0].reason == tables.OPEN
    # 10 lots of 0.5, four ticks of 0.01 up.
    worth = result.money(result.equity())
    assert worth.tolist() == [10_000.0, 10_000.2]


@given(
    side=st.sampled_from([1, -1]),
    entry=st.integers(500, 5_000),
    away=st.integers(1, 400),
    confidence=st.integers(0, 100),
    share=st.sampled_from([100, 50, 7]),
    equity=st.decimals(Decimal(10), Decimal(100_000), places=2),
    risked=st.sampled_from([Decimal("0.006"), Decimal("0.00001"), Decimal("0.3")]),
    cap=st.sampled_from([Decimal("0.10"), Decimal("0.40")]),
)
def test_lots_are_those_of_the_desks_sizing_chain(side, entry, away, confidence, share, equity, risked, cap) -> None:
    market = Market("AAA/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), 0)
    line = Line(side, away, (away,), confidence=confidence, share=share)
    bars = made_bars(market, [(0, 0, 0, 0, False), (0, 0, 0, 0, False)], price=entry)
    strategy = speaking(script={START_MS: line}, exits=rules())
    sizing = Sizing(by="risk", start_equity=equity, share=risked, cap=cap, by_confidence="yes")
    result = run(strategy, Columns.of(bars, market), market, costs=IDEAL, sizing=sizing)
    policy = PortfolioPolicy(name="own", risk_per_trade=risked, position_cap=cap)
    sized = risk.size(
        policy,
        SizingPolicy(),
        equity=equity,
        price=market.price(entry),
        stop=market.price(entry - side * away),
        market=market,
        history=(),
        streak=0,
        market_regime=MarketRegime.NEUTRAL,
        regime=Regime.NEUTRAL,
        confidence=Decimal(confidence) / 100,
        size=Decimal(share) / 100,
    )
    if result.counts["unreadable"]:
        return
    taken = int(result.unfinished[0].lots) if len(result.unfinished) else 0
    assert taken == sized.lots


def test_equity_and_amount_size_by_what_they_say() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1004 100", Line(1, 10, (10,), share=50))
    half = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="equity", share=Decimal("0.2")))
    # A fifth of 10,000, half the normal size: 1,000 at 10.00, in lots of 0.5.
    assert half.unfinished[0].lots == 200
    fixed = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="amount", amount=Decimal(60)))
    assert fixed.unfinished[0].lots == 6
    sure = Sizing(by="amount", amount=Decimal(60), by_confidence="yes")
    assert run(strategy, columns, MARKET, costs=IDEAL, sizing=sure).unfinished[0].lots == 6
    capped = Sizing(by="equity", share=Decimal("0.9"), cap=Decimal("0.1"))
    assert run(strategy, columns, MARKET, costs=IDEAL, sizing=capped).unfinished[0].lots == 200


def test_a_market_without_room_for_the_smallest_order_blocks_it() -> None:
    dear = Market("AAA/USDT", Decimal("0.01"), Decimal("0.5"), Decimal(50), 400)
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1004 100", BUY)
    result = run(strategy, columns, dear, costs=IDEAL, sizing=Sizing(by="amount", amount=Decimal(49)))
    assert result.counts["blocked"] == 1


def test_pauses_count_losses_in_a_row() -> None:
    text = ", ".join([QUIET] + ["1000 1001 985 1000 100", QUIET] * 6)
    strategy, columns = small(text, BUY)
    lines = {START_MS + row * 5 * MINUTE_MS: BUY for row in range(0, 13, 2)}
    pacing = Pacing(cooldown_bars=0, losses_pause=2, pause_ms=20 * MINUTE_MS)
    strategy = speaking(script=lines, exits=rules(), pacing=pacing)
    result = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="lots", lots=[10] * 7))
    # Two are lost, candles 3 to 7 are rested, two more are lost.
    assert result.trades["entry_row"].tolist() == [1, 3, 9, 11]
