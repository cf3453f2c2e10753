"""Whatever happens to contracts: every wallet is explained, no margin is missing, nothing reduces past nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.exchange import (
    BalanceMoved,
    Cleared,
    Engine,
    Fees,
    FundingPaid,
    Kind,
    NewOrder,
    OrderFilled,
    OrderRefused,
    Position,
    SelfTrade,
    Side,
    TimeInForce,
)
from quorate.exchange.engine.brackets import maintenance
from tests.exchange.houses import Told
from tests.exchange.test_engine_margin import BRACKETS, contracts, figures, held, wallet


@given(st.integers(0, 400_000))
def test_the_margin_to_be_kept_grows_with_the_position_and_never_jumps(value):
    more, less = maintenance(BRACKETS, value + 1), maintenance(BRACKETS, value)
    assert 0 <= more - less <= 2
    assert less <= value


@given(st.lists(st.tuples(st.integers(-50, 50).filter(bool), st.integers(1, 200)), max_size=30))
def test_the_entry_price_is_the_weighted_mean_of_what_is_open_and_profit_the_rest(fills):
    position = Position("ann", "COINCASH", 1)
    open_lots: list[tuple[int, int]] = []
    cash = 0
    for lots, ticks in fills:
        before = position.lots
        position.take(lots, lots * ticks)
        cash -= lots * ticks
        if not before or (before > 0) is (lots > 0):
            open_lots.append((lots, ticks))
        elif abs(lots) >= abs(before):
            open_lots = [(before + lots, ticks)] if before + lots else []
        if (
            open_lots
            and (not before or (before > 0) is (lots > 0))
            and all((each > 0) is (lots > 0) for each, _ in open_lots)
            and sum(each for each, _ in open_lots) == position.lots
        ):
            assert position.cost == sum(each * price for each, price in open_lots)
        elif not position.lots:
            assert position.cost == 0
        assert position.realised - position.cost == cash, "what is not open is realised, to the last atom"
        if position.lots:
            assert (position.cost > 0) is (position.lots > 0)


SIDES, NAMES = st.sampled_from(Side), st.sampled_from(["ann", "bob", "eve"])
SYMBOLS = st.sampled_from(["COINCASH", "GOLDCASH"])


@st.composite
def orders(draw: st.DrawFn) -> NewOrder:
    kind = draw(st.sampled_from(Kind))
    triggered = kind not in (Kind.LIMIT, Kind.MARKET)
    closes = kind in (Kind.STOP_LOSS, Kind.TAKE_PROFIT) and draw(st.booleans())
    priced = kind in (Kind.LIMIT, Kind.STOP_LOSS_LIMIT, Kind.TAKE_PROFIT_LIMIT)
    return NewOrder(
        account=draw(NAMES), symbol=draw(SYMBOLS), side=draw(SIDES), kind=kind,
        lots=0 if closes else draw(st.integers(1, 300)), ticks=draw(st.integers(80, 120)) if priced else 0,
        stop_ticks=draw(st.integers(80, 120)) if triggered else 0, reduce_only=closes or draw(st.booleans()),
        close_position=closes, by_mark=triggered and draw(st.booleans()),
        time_in_force=draw(st.sampled_from(TimeInForce)), post_only=kind is Kind.LIMIT and draw(st.booleans()),
        self_trade=draw(st.sampled_from(SelfTrade)),
    )  # fmt: skip


STEPS = st.one_of(
    orders(),
    orders(),
    st.tuples(st.just("cancel"), NAMES, st.integers(0, 20)),
    st.tuples(st.just("amend"), NAMES, st.integers(0, 20), st.integers(1, 300), st.integers(80, 120)),
    st.tuples(st.just("market"), SYMBOLS, st.integers(60, 140), st.integers(1, 400)),
    st.tuples(st.just("print"), SYMBOLS, SIDES, st.integers(70, 130), st.integers(1, 400)),
    st.tuples(st.just("mark"), SYMBOLS, st.integers(40, 160)),
    st.tuples(st.just("fund"), SYMBOLS, st.integers(-20_000_000, 20_000_000)),
    st.tuples(st.just("leverage"), NAMES, SYMBOLS, st.integers(0, 60)),
    st.tuples(st.just("move"), NAMES, st.integers(-3_000, 3_000)),
    st.tuples(st.just("bust"), SYMBOLS, st.integers(1, 20)),
)


def act(engine: Engine, step: Any, at_ms: int) -> None:
    """Do a step; where the engine refuses, nothing is done."""
    try:
        if isinstance(step, NewOrder):
            engine.submit(step, at_ms=at_ms)
            return
        match step:
            case ("cancel", name, place):
                standing = engine.open_orders(name)
                if standing:
                    engine.cancel(standing[place % len(standing)], at_ms=at_ms)
            case ("amend", name, place, lots, ticks):
                standing = engine.open_orders(name)
                if standing:
                    chosen = standing[place % len(standing)]
                    engine.amend(chosen, lots=lots, ticks=ticks if chosen.ticks else 0, at_ms=at_ms)
            case ("market", symbol, middle, lots):
                engine.quote(symbol, [(middle - 1, lots)], [(middle + 1, lots)], at_ms=at_ms)
            case ("print", symbol, side, ticks, lots):
                engine.print_trade(symbol, side, ticks, lots, at_ms=at_ms)
            case ("mark", symbol, ticks):
                engine.mark(symbol, ticks, at_ms=at_ms)
            case ("fund", symbol, rate):
                engine.fund(symbol, rate, at_ms=at_ms)
            case ("leverage", name, symbol, leverage):
                engine.set_leverage(name, symbol, leverage, at_ms=at_ms)
            case ("move", name, amount):
                engine.move(name, "CASH", Decimal(amount), at_ms=at_ms)
            case ("bust", symbol, trade_id):
                engine.bust(symbol, trade_id, at_ms=at_ms)
            case _:
                raise AssertionError(step)
    except OrderRefused:
        pass


@given(st.lists(STEPS, max_size=40), st.integers(0, 5_000), st.integers(0, 5_000))
@settings(max_examples=200, deadline=None)
def test_every_wallet_is_the_sum_of_what_was_told_and_nobody_is_left_without_margin(steps, maker_ppm, taker_ppm):
    engine = contracts("ann", "bob", "eve", fees=Fees(maker_ppm=maker_ppm, taker_ppm=taker_ppm), cash=5_000)
    ear = Told(engine)
    totals = engine.totals()
    moved = 0
    busted = False
    for at_ms, step in enumerate(steps, start=1):
        act(engine, step, at_ms)
        busted = busted or (isinstance(step, tuple) and step[0] == "bust")
        moved = sum(fact.atoms for fact in ear.of(BalanceMoved))
        assert engine.totals() == {**totals, "CASH": totals["CASH"] + moved}
        for name in engine.accounts:
            assert not (figures(engine, name).maintenance > figures(engine, name).balance), "it would be liquidated"
            if not busted:
                assert wallet(engine, name) == 5_000 + told_of(ear, name)
    assert all(found.left >= 0 for name in engine.accounts for found in engine.accounts[name].orders.values())


def told_of(ear: Told, name: str) -> int:
    """What the facts say that a wallet has gained: profits, fees, funding, clearing, deposits."""
    fills = [fact for fact in ear.of(OrderFilled) if fact.order.account.name == name]
    traded = sum(fact.trade.charge(is_maker=fact.is_maker)[2] - fact.fee_atoms for fact in fills)
    others = [fact for fact in ear.of(FundingPaid, Cleared, BalanceMoved) if fact.account == name]
    return traded + sum(fact.atoms for fact in others)


@given(st.lists(STEPS, max_size=40))
@settings(max_examples=200, deadline=None)
def test_a_fill_that_only_reduces_never_enlarges_a_position_or_turns_it_around(steps):
    engine = contracts("ann", "bob", "eve", cash=5_000)
    lots: dict[tuple[str, str], int] = {}
    ear = Told(engine)
    for at_ms, step in enumerate(steps, start=1):
        if isinstance(step, tuple) and step[0] == "bust":
            continue
        seen = len(ear.events)
        act(engine, step, at_ms)
        for fact in ear.events[seen:]:
            if not isinstance(fact, OrderFilled):
                continue
            key = fact.order.account.name, fact.order.symbol
            before = lots.get(key, 0)
            after = lots[key] = before + fact.order.sign * fact.trade.lots
            crossed = fact.trade.maker_account == fact.trade.taker_account
            if fact.order.asked.reduce_only and not crossed:
                assert abs(after) <= abs(before)
                assert after == 0 or (after > 0) is (before > 0)
        for (name, symbol), count in lots.items():
            assert held(engine, name, symbol).lots == count


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=50, deadline=None)
def test_the_same_steps_always_lead_to_the_same_positions_and_wallets(steps):
    ends: list[Any] = []
    for _ in range(2):
        engine = contracts("ann", "bob", "eve", cash=5_000)
        for at_ms, step in enumerate(steps, start=1):
            act(engine, step, at_ms)
        ends.append(
            [(wallet(engine, name), held(engine, name).lots, held(engine, name).cost) for name in engine.accounts]
        )
    assert ends[0] == ends[1]
