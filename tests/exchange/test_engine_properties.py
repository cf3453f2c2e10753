from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.exchange import (
    Engine,
    FeeIn,
    Fees,
    Kind,
    NewOrder,
    NewPair,
    OrderFilled,
    OrderRefused,
    SelfTrade,
    Side,
    TimeInForce,
    Traded,
)
from tests.exchange.houses import Told, coin_engine, limit, order

SIDES = st.sampled_from(Side)
NAMES = st.sampled_from(["ann", "bob", "eve"])
TICKS = st.integers(90, 110)
LOTS = st.integers(1, 400)


@dataclass(frozen=True)
class Step:
    """One thing that happens to an exchange."""

    what: str
    asked: Any = None
    place: int = 0


@st.composite
def orders(draw: st.DrawFn) -> NewOrder:
    kind = draw(st.sampled_from(Kind))
    by_value = kind is Kind.MARKET and draw(st.booleans())
    priced = kind in (Kind.LIMIT, Kind.STOP_LOSS_LIMIT, Kind.TAKE_PROFIT_LIMIT)
    trails = kind in (Kind.STOP_LOSS, Kind.TAKE_PROFIT) and draw(st.booleans())
    return NewOrder(
        account=draw(NAMES),
        symbol="COINCASH",
        side=draw(SIDES),
        kind=kind,
        lots=0 if by_value else draw(LOTS),
        quote_atoms=draw(st.integers(1, 50_000)) if by_value else 0,
        ticks=draw(TICKS) if priced else 0,
        stop_ticks=0 if kind in (Kind.LIMIT, Kind.MARKET) or trails else draw(TICKS),
        trail_ppm=draw(st.integers(10_000, 90_000)) if trails else 0,
        time_in_force=draw(st.sampled_from(TimeInForce)),
        expires_ms=draw(st.sampled_from([0, 0, 0, 20, 40])),
        post_only=kind is Kind.LIMIT and draw(st.booleans()),
        self_trade=draw(st.sampled_from(SelfTrade)),
        fee_in=draw(st.sampled_from(FeeIn)),
    )


@st.composite
def pairs(draw: st.DrawFn) -> NewPair:
    account, side, lots = draw(NAMES), draw(SIDES), draw(LOTS)
    resting = limit(account, side, 105 if side is Side.SELL else 95, lots)
    stop = order(account, side, Kind.STOP_LOSS, lots=lots, stop_ticks=95 if side is Side.SELL else 105)
    above, below = (resting, stop) if side is Side.SELL else (stop, resting)
    return NewPair(above=above, below=below)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    middle = draw(st.integers(92, 108))
    bids = [(middle - step, draw(LOTS)) for step in range(1, draw(st.integers(0, 4)) + 1)]
    asks = [(middle + step, draw(LOTS)) for step in range(draw(st.integers(0, 4)))]
    return bids, asks


STEPS = st.one_of(
    st.builds(Step, st.just("submit"), orders()),
    st.builds(Step, st.just("submit"), orders()),
    st.builds(Step, st.just("pair"), pairs()),
    st.builds(Step, st.just("quote"), ladders()),
    st.builds(Step, st.just("print"), st.tuples(SIDES, TICKS, LOTS)),
    st.builds(Step, st.just("cancel"), st.none(), st.integers(0, 50)),
    st.builds(Step, st.just("amend"), st.tuples(LOTS, TICKS), st.integers(0, 50)),
    st.builds(Step, st.just("cancel-all"), NAMES),
)


def act(engine: Engine, step: Step, at_ms: int) -> None:
    """Carry one step out; a refusal is an answer like any other."""
    still_open = [found for name in sorted(engine.accounts) for found in engine.open_orders(name)]
    chosen = still_open[step.place % len(still_open)] if still_open else None
    try:
        if step.what == "submit":
            engine.submit(step.asked, at_ms=at_ms)
        elif step.what == "pair":
            engine.submit_pair(step.asked, at_ms=at_ms)
        elif step.what == "quote":
            engine.quote("COINCASH", *step.asked, at_ms=at_ms)
        elif step.what == "print":
            engine.print_trade("COINCASH", *step.asked, at_ms=at_ms)
        elif step.what == "cancel-all":
            engine.cancel_all(step.asked, at_ms=at_ms)
        elif chosen is not None and step.what == "cancel":
            engine.cancel(chosen, at_ms=at_ms)
        elif chosen is not None:
            engine.amend(chosen, lots=step.asked[0], ticks=step.asked[1] if chosen.ticks else 0, at_ms=at_ms)
    except OrderRefused:
        pass


def check_books(engine: Engine) -> None:
    """The book is not crossed, and holds exactly the open orders that rest; locks are what those need."""
    listing = engine.listing("COINCASH")
    bid, ask = listing.bids.best_ticks(), listing.asks.best_ticks()
    assert bid is None or ask is None or bid < ask
    in_book = {
        found.id: found
        for side in (listing.bids, listing.asks)
        for level in side.walk()
        for found in level.orders.values()
    }
    for side in (listing.bids, listing.asks):
        for level in side.walk():
            assert level.lots == sum(found.left for found in level.orders.values()) > 0
    clients = {found.id for found in in_book.values() if not found.account.outside}
    still_open = [found for name in engine.accounts for found in engine.open_orders(name)]
    assert clients == {found.id for found in still_open if not found.waiting}
    outside = {found.id for found in in_book.values() if found.account.outside}
    assert outside == {found.id for side in listing.outside.values() for found in side.values()}


def check_money(engine: Engine, totals: dict[str, int]) -> None:
    """Nothing is made or lost, nobody has less than nothing, and what is locked belongs to open orders."""
    assert engine.totals() == totals
    for account in engine.accounts.values():
        locked = {"COIN": 0, "CASH": 0}
        for found in account.open.values():
            locked["CASH" if found.side is Side.BUY else "COIN"] += found.locked
        for asset, balance in account.balances.items():
            assert balance.free >= 0
            assert balance.locked == locked[asset]


FEES = st.builds(Fees, maker_ppm=st.integers(0, 30_000), taker_ppm=st.integers(0, 30_000))


@given(st.lists(STEPS, max_size=40), FEES, st.sampled_from([None, "COIN", "CASH"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_money_is_made_or_lost_and_the_book_is_what_is_open(steps, fees, fee_asset, at_once):
    engine = coin_engine("ann", "bob", "eve", fees=fees, trigger_at_once=at_once)
    engine.accounts["eve"].fee_asset = fee_asset
    engine.print_trade("COINCASH", Side.BUY, 100, 1, at_ms=0)
    totals = engine.totals()
    for at_ms, step in enumerate(steps, start=1):
        act(engine, step, at_ms)
        check_books(engine)
        check_money(engine, totals)
    for name in engine.accounts:
        engine.cancel_all(name, at_ms=100)
        assert all(balance.locked == 0 for balance in engine.accounts[name].balances.values())


@given(st.lists(STEPS, max_size=30))
@settings(max_examples=50, deadline=None)
def test_the_same_steps_always_lead_to_the_same_trades_and_balances(steps):
    told: list[list[object]] = []
    for _ in range(2):
        engine = coin_engine("ann", "bob", "eve")
        ear = Told(engine)
        engine.print_trade("COINCASH", Side.BUY, 100, 1, at_ms=0)
        for at_ms, step in enumerate(steps, start=1):
            act(engine, step, at_ms)
        told.append([fact.trade for fact in ear.of(Traded)])
        told.append(
            [
                (name, engine.accounts[name].balance(asset).total)
                for name in ["ann", "bob", "eve"]
                for asset in ("COIN", "CASH")
            ]
        )
    assert told[0] == told[2]
    assert told[1] == told[3]


@given(st.lists(st.tuples(NAMES, SIDES, TICKS, LOTS), max_size=40))
@settings(max_examples=100, deadline=None)
def test_every_trade_is_with_the_best_price_and_the_oldest_order_there(asks):
    engine = coin_engine("ann", "bob", "eve")
    waiting: list[tuple[int, int, Side]] = []  # (ticks, id, side) of what rests, by a book as simple as can be
    asked: dict[int, int] = {}
    filled: dict[int, int] = {}
    for at_ms, (name, side, ticks, lots) in enumerate(asks, start=1):
        ear = Told(engine)
        try:
            taken = engine.submit(limit(name, side, ticks, lots), at_ms=at_ms)
        except OrderRefused:
            continue
        for fact in ear.of(Traded):
            others = [row for row in waiting if row[2] is side.other]
            best = min(others, key=lambda row: (row[0] if side is Side.BUY else -row[0], row[1]))
            assert (fact.trade.ticks, fact.trade.maker_order) == best[:2]
            filled[best[1]] += fact.trade.lots
            if filled[best[1]] == asked[best[1]]:
                waiting.remove(best)
            assert fact.trade.ticks <= ticks if side is Side.BUY else fact.trade.ticks >= ticks
        asked[taken.id], filled[taken.id] = lots, taken.filled_lots
        if taken.open:
            waiting.append((ticks, taken.id, side))


@given(st.lists(st.tuples(SIDES, TICKS, LOTS), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_fills_heard_in_any_order_add_up_to_the_same_position(asks, chance):
    engine = coin_engine("ann", "bob")
    ear = Told(engine)
    for at_ms, (side, ticks, lots) in enumerate(asks):
        for name, way in (("ann", side), ("bob", side.other)):
            try:
                engine.submit(limit(name, way, ticks, lots), at_ms=at_ms)
            except OrderRefused:
                continue
    fills = [fact for fact in ear.of(OrderFilled) if fact.order.account.name == "ann"]
    chance.shuffle(fills)
    coins = sum(fact.trade.lots if fact.order.side is Side.BUY else -fact.trade.lots for fact in fills)
    cash = sum(fact.trade.atoms if fact.order.side is Side.SELL else -fact.trade.atoms for fact in fills)
    balances = engine.accounts["ann"].balances
    assert balances["COIN"].total == 1_000 + coins
    assert balances["CASH"].total == 1_000_000 + cash


@given(st.lists(st.tuples(NAMES, LOTS), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_traded_quantity_and_value_at_one_price_do_not_depend_on_who_comes_first(asks, chance):
    sums: set[tuple[int, int]] = set()
    for _ in range(3):
        engine = coin_engine("ann", "bob", "eve")
        ear = Told(engine)
        engine.quote("COINCASH", [], [(100, 700)], at_ms=0)
        for at_ms, (name, lots) in enumerate(asks, start=1):
            engine.submit(limit(name, Side.BUY, 100, lots), at_ms=at_ms)
        sums.add((sum(fact.trade.lots for fact in ear.of(Traded)), sum(fact.trade.atoms for fact in ear.of(Traded))))
        chance.shuffle(asks)
    assert len(sums) == 1
