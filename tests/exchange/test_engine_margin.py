"""Perpetual contracts in the engine: positions, margin, funding, liquidation, and money that is accounted for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quorate.exchange import (
    Bracket,
    Cleared,
    Engine,
    Fees,
    Filters,
    FundingPaid,
    Kind,
    MarginRules,
    MarketSpec,
    NewOrder,
    OrderRefused,
    Position,
    Refusal,
    Side,
    Status,
    VenueRules,
    Why,
)
from tests.exchange.houses import NO_FEES, Told

BUY, SELL = Side.BUY, Side.SELL
WHOLE = Decimal(1)
BRACKETS = (
    Bracket(value_max=10_000, leverage_max=50, maintenance_ppm=10_000),
    Bracket(value_max=100_000, leverage_max=10, maintenance_ppm=50_000),
    Bracket(value_max=10**12, leverage_max=2, maintenance_ppm=250_000),
)
RULES = MarginRules(asset="CASH", brackets=BRACKETS, leverage=10, liquidation_fee_ppm=10_000)


def contracts(*names: str, fees: Fees = NO_FEES, cash: int = 10_000, rules: MarginRules = RULES) -> Engine:
    """Two contracts in whole numbers, marked at 100 with a book around it; each account has so much cash."""
    listed = [
        MarketSpec(
            symbol=symbol, base=symbol[:4], quote="CASH", tick=WHOLE, lot=WHOLE, fees=fees,
            filters=Filters(orders_max=0, triggers_max=0),
        )
        for symbol in ("COINCASH", "GOLDCASH")
    ]  # fmt: skip
    engine = Engine(listed, rules=VenueRules(default_decimals=0, margin=rules))
    for name in names or ("ann", "bob"):
        engine.open_account(name, {"CASH": Decimal(cash)})
    for spec in listed:
        engine.quote(spec.symbol, [(99, 1_000)], [(101, 1_000)], at_ms=0)
        engine.print_trade(spec.symbol, BUY, 100, 1, at_ms=0)
        engine.mark(spec.symbol, 100, at_ms=0)
    return engine


def order(side: Side, lots: int, ticks: int = 0, **more: Any) -> NewOrder:
    """An order of Ann's: at the market where it has no price."""
    kind = more.pop("kind", Kind.LIMIT if ticks else Kind.MARKET)
    return NewOrder(
        account=more.pop("account", "ann"), symbol=more.pop("symbol", "COINCASH"), side=side, kind=kind, lots=lots,
        ticks=ticks, **more,
    )  # fmt: skip


def held(engine: Engine, name: str = "ann", symbol: str = "COINCASH") -> Position:
    assert engine.margin is not None
    return engine.margin.position(engine.accounts[name], symbol)


def wallet(engine: Engine, name: str = "ann") -> int:
    return engine.accounts[name].balance("CASH").free


def figures(engine: Engine, name: str = "ann") -> Any:
    assert engine.margin is not None
    return engine.margin.account(engine.accounts[name])


def refusal(engine: Engine, asked: NewOrder) -> Refusal:
    with pytest.raises(OrderRefused) as refused:
        engine.submit(asked, at_ms=1)
    return refused.value.reason


def test_a_position_is_opened_enlarged_reduced_and_turned_around():
    engine = contracts(fees=Fees(maker_ppm=10_000, taker_ppm=10_000))
    engine.submit(order(BUY, 10), at_ms=1)
    assert (held(engine).lots, held(engine).cost, wallet(engine)) == (10, 1_010, 10_000 - 10)
    engine.quote("COINCASH", [(119, 1_000)], [(121, 1_000)], at_ms=2)
    engine.mark("COINCASH", 120, at_ms=2)
    engine.submit(order(BUY, 10), at_ms=2)
    assert (held(engine).lots, held(engine).cost) == (20, 1_010 + 1_210)
    assert figures(engine).unrealised == 20 * 120 - 2_220
    engine.submit(order(SELL, 5), at_ms=3)
    assert held(engine).realised == 5 * 119 - 2_220 // 4
    engine.submit(order(SELL, 25), at_ms=4)
    assert (held(engine).lots, held(engine).cost) == (-10, -10 * 119)
    assert held(engine).realised == 20 * 119 - 2_220


def test_margin_is_what_the_largest_position_needs_that_orders_could_lead_to():
    engine = contracts(cash=5_000)
    engine.submit(order(BUY, 100, 90), at_ms=1)
    assert (figures(engine).initial, figures(engine).order_initial) == (0, 900)
    engine.submit(order(SELL, 50, 110), at_ms=1)
    assert figures(engine).order_initial == 900, "the other side could not be larger"
    engine.submit(order(SELL, 150, 110), at_ms=1)
    assert figures(engine).order_initial == 200 * 110 // 10
    assert refusal(engine, order(SELL, 300, 110)) is Refusal.NO_FUNDS
    engine.cancel_all("ann", at_ms=2)
    assert figures(engine).available == 5_000
    engine.submit(order(BUY, 100), at_ms=3)
    assert (figures(engine).initial, figures(engine).order_initial) == (1_000, 0)
    engine.submit(order(SELL, 100, 110), at_ms=3)
    assert figures(engine).order_initial == 0, "closing needs no margin"


def test_what_a_leverage_does_not_allow_is_refused():
    engine = contracts(cash=10**6)
    assert refusal(engine, order(BUY, 999, 101)) is Refusal.POSITION_MAX
    with pytest.raises(OrderRefused) as refused:
        engine.set_leverage("ann", "COINCASH", 51, at_ms=1)
    assert refused.value.reason is Refusal.LEVERAGE_RANGE
    engine.set_leverage("ann", "COINCASH", 2, at_ms=1)
    engine.submit(order(BUY, 999, 101), at_ms=2)
    engine.mark("COINCASH", 110, at_ms=3)
    with pytest.raises(OrderRefused) as refused:
        engine.set_leverage("ann", "COINCASH", 10, at_ms=3)
    assert refused.value.reason is Refusal.POSITION_MAX


def test_less_leverage_needs_margin_that_must_be_there():
    engine = contracts(cash=2_000)
    engine.submit(order(BUY, 100), at_ms=1)
    with pytest.raises(OrderRefused) as refused:
        engine.set_leverage("ann", "COINCASH", 4, at_ms=2)
    assert refused.value.reason is Refusal.LEVERAGE_FUNDS
    assert held(engine).leverage == 10
    engine.set_leverage("ann", "COINCASH", 6, at_ms=2)


def test_money_that_margin_needs_cannot_be_withdrawn():
    engine = contracts()
    engine.submit(order(BUY, 90), at_ms=1)
    with pytest.raises(OrderRefused):
        engine.move("ann", "CASH", Decimal(-9_100), at_ms=2)
    engine.move("ann", "CASH", Decimal(-9_000), at_ms=2)
    assert wallet(engine) == 1_000


def test_an_order_that_only_reduces_is_refused_capped_expired_and_never_turns_a_position_around():
    engine = contracts()
    assert refusal(engine, order(SELL, 1, reduce_only=True)) is Refusal.REDUCE_ONLY
    engine.submit(order(BUY, 10), at_ms=1)
    assert refusal(engine, order(BUY, 1, reduce_only=True)) is Refusal.REDUCE_ONLY
    resting = engine.submit(order(SELL, 30, 105, reduce_only=True), at_ms=2)
    assert figures(engine).order_initial == 0
    closing = engine.submit(order(SELL, 25, reduce_only=True), at_ms=3)
    assert (closing.status, closing.lots, held(engine).lots) == (Status.FILLED, 10, 0)
    assert (resting.status, resting.why) == (Status.EXPIRED, Why.REDUCE_ONLY)


def test_a_resting_order_that_only_reduces_trades_no_more_than_there_is():
    engine = contracts()
    engine.submit(order(BUY, 10), at_ms=1)
    resting = engine.submit(order(SELL, 30, 105, reduce_only=True), at_ms=2)
    engine.print_trade("COINCASH", BUY, 105, 5_000, at_ms=3)
    assert (resting.filled_lots, resting.why, held(engine).lots) == (10, Why.REDUCE_ONLY, 0)


def test_a_stop_that_closes_the_position_takes_what_there_is_when_it_fires():
    engine = contracts()
    stop = engine.submit(
        order(SELL, 0, kind=Kind.STOP_LOSS, stop_ticks=95, reduce_only=True, close_position=True), at_ms=1
    )
    engine.submit(order(BUY, 17), at_ms=2)
    engine.quote("COINCASH", [(94, 1_000)], [(96, 1_000)], at_ms=3)
    engine.print_trade("COINCASH", SELL, 95, 1, at_ms=3)
    assert (stop.status, stop.filled_lots, held(engine).lots) == (Status.FILLED, 17, 0)


def test_a_stop_may_watch_the_mark_price():
    engine = contracts()
    engine.submit(order(BUY, 10), at_ms=1)
    stop = engine.submit(order(SELL, 10, kind=Kind.STOP_LOSS, stop_ticks=95, reduce_only=True, by_mark=True), at_ms=2)
    engine.print_trade("COINCASH", SELL, 99, 2_000, at_ms=3)
    engine.print_trade("COINCASH", SELL, 90, 1, at_ms=3)
    assert stop.waiting, "the last price is not what it watches"
    engine.quote("COINCASH", [(94, 1_000)], [(96, 1_000)], at_ms=4)
    engine.mark("COINCASH", 95, at_ms=4)
    assert stop.status is Status.FILLED


def test_funding_moves_from_longs_to_shorts_by_what_their_positions_are_worth():
    engine = contracts()
    ear = Told(engine)
    engine.submit(order(BUY, 100), at_ms=1)
    engine.submit(order(SELL, 40, account="bob"), at_ms=1)
    engine.fund("COINCASH", 10_000_000, at_ms=2)
    assert [(fact.account, fact.atoms) for fact in ear.of(FundingPaid)] == [("ann", -100), ("bob", 40)]
    assert (wallet(engine), wallet(engine, "bob")) == (10_000 - 100, 10_000 + 40)


def test_an_account_without_enough_margin_is_liquidated_at_its_liquidation_price_and_not_before():
    engine = contracts(cash=1_000)
    ear = Told(engine)
    resting = engine.submit(order(BUY, 1, 50), at_ms=1)
    engine.submit(order(BUY, 80), at_ms=1)
    margin = engine.margin
    assert margin is not None
    at_ticks = margin.liquidation_ticks(engine.accounts["ann"], "COINCASH")
    assert 0 < at_ticks < 95
    engine.quote("COINCASH", [(at_ticks, 30)], [(at_ticks + 2, 1_000)], at_ms=2)
    engine.mark("COINCASH", at_ticks + 1, at_ms=2)
    assert held(engine).lots == 80
    engine.mark("COINCASH", at_ticks - 1, at_ms=3)
    assert held(engine).lots == 0
    assert resting.why is Why.LIQUIDATED
    (cost,) = ear.of(Cleared)
    assert cost.atoms < 0 <= wallet(engine)
    closed = [each for each in engine.accounts["ann"].orders.values() if each.asked.tag]
    assert [(each.filled_lots, each.status) for each in closed] == [(80, Status.FILLED)]


def test_a_loss_beyond_the_wallet_is_made_good_by_the_venue():
    engine = contracts(cash=1_000)
    ear = Told(engine)
    engine.submit(order(BUY, 90), at_ms=1)
    totals = engine.totals()
    engine.quote("COINCASH", [(50, 1_000)], [(52, 1_000)], at_ms=2)
    engine.mark("COINCASH", 51, at_ms=2)
    assert (held(engine).lots, wallet(engine)) == (0, 0)
    (gift,) = ear.of(Cleared)
    assert gift.atoms == 90 * 101 - 90 * 50 - 1_000
    assert engine.totals() == totals


def test_the_dearest_position_goes_first_and_the_rest_stays_if_that_is_enough():
    engine = contracts(cash=2_000)
    engine.submit(order(BUY, 100), at_ms=1)
    engine.submit(order(BUY, 20, symbol="GOLDCASH"), at_ms=1)
    engine.quote("COINCASH", [(84, 1_000)], [(86, 1_000)], at_ms=2)
    engine.mark("COINCASH", 82, at_ms=2)
    assert held(engine).lots == 0
    assert held(engine, symbol="GOLDCASH").lots == 20


def test_a_busted_trade_gives_back_the_position_the_profit_and_the_fee():
    engine = contracts(fees=Fees(maker_ppm=10_000, taker_ppm=10_000))
    totals = engine.totals()
    engine.submit(order(BUY, 10), at_ms=1)
    (trade,) = engine.accounts["ann"].trades
    engine.bust("COINCASH", trade.id, at_ms=2)
    assert (held(engine).lots, held(engine).cost, wallet(engine)) == (0, 0, 10_000)
    assert engine.totals() == totals
