from decimal import Decimal

import pytest

from quorate.exchange import (
    FeeIn,
    Fees,
    Filters,
    Kind,
    NewPair,
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRefused,
    Refusal,
    SelfTrade,
    Side,
    Status,
    TimeInForce,
    Traded,
    Trading,
    Why,
)
from tests.exchange.houses import Told, coin_engine, limit, money, order

BUY, SELL = Side.BUY, Side.SELL


def test_a_better_price_trades_first_and_at_the_same_price_the_older_order():
    engine = coin_engine("ann", "bob", "eve")
    late = engine.submit(limit("ann", SELL, 101, 5), at_ms=1)
    first = engine.submit(limit("bob", SELL, 100, 5), at_ms=2)
    second = engine.submit(limit("ann", SELL, 100, 5), at_ms=3)
    taker = engine.submit(limit("eve", BUY, 101, 7), at_ms=4)
    assert (first.status, second.filled_lots, late.filled_lots) == (Status.FILLED, 2, 0)
    assert taker.status is Status.FILLED
    assert taker.filled_atoms == 700


def test_what_is_left_of_a_limit_order_rests_and_locks_only_its_own_money():
    engine = coin_engine()
    engine.submit(limit("ann", SELL, 100, 3), at_ms=1)
    resting = engine.submit(limit("bob", BUY, 105, 10), at_ms=2)
    assert resting.status is Status.PARTIALLY_FILLED
    assert engine.listing("COINCASH").bids.depth(5) == [(105, 7)]
    assert money(engine, "bob") == (1_003, 0, 1_000_000 - 300 - 735, 735)
    engine.cancel(resting, at_ms=3)
    assert money(engine, "bob") == (1_003, 0, 1_000_000 - 300, 0)


def test_a_market_order_takes_what_is_there_and_the_rest_expires():
    engine = coin_engine()
    engine.submit(limit("ann", SELL, 100, 3), at_ms=1)
    taker = engine.submit(order("bob", BUY, Kind.MARKET, lots=10), at_ms=2)
    assert (taker.status, taker.filled_lots, taker.why) == (Status.EXPIRED, 3, Why.NO_LIQUIDITY)
    assert money(engine, "bob") == (1_003, 0, 999_700, 0)


def test_a_market_order_by_value_spends_no_more_than_asked():
    engine = coin_engine()
    engine.submit(limit("ann", SELL, 100, 3), at_ms=1)
    engine.submit(limit("ann", SELL, 110, 30), at_ms=1)
    taker = engine.submit(order("bob", BUY, Kind.MARKET, quote_atoms=1_000), at_ms=2)
    assert (taker.status, taker.filled_lots, taker.filled_atoms) == (Status.FILLED, 9, 960)


def test_fill_or_kill_trades_whole_or_not_at_all():
    engine = coin_engine()
    engine.submit(limit("ann", SELL, 100, 3), at_ms=1)
    killed = engine.submit(limit("bob", BUY, 100, 4, time_in_force=TimeInForce.FOK), at_ms=2)
    filled = engine.submit(limit("bob", BUY, 100, 3, time_in_force=TimeInForce.FOK), at_ms=2)
    assert (killed.status, killed.filled_lots, killed.why) == (Status.EXPIRED, 0, Why.NOT_WHOLE)
    assert filled.status is Status.FILLED


def test_a_post_only_order_that_would_take_is_refused_and_nothing_changes():
    engine = coin_engine()
    engine.submit(limit("ann", SELL, 100, 3), at_ms=1)
    before = money(engine, "bob")
    with pytest.raises(OrderRefused) as refused:
        engine.submit(limit("bob", BUY, 100, 1, post_only=True), at_ms=2)
    assert refused.value.reason is Refusal.WOULD_TAKE
    assert money(engine, "bob") == before


def test_a_stop_waits_until_the_last_price_reaches_it():
    engine = coin_engine()
    told = Told(engine)
    engine.quote("COINCASH", [(99, 50), (94, 50)], [(101, 50)], at_ms=1)
    engine.print_trade("COINCASH", SELL, 100, 1, at_ms=1)
    stop = engine.submit(order("ann", SELL, Kind.STOP_LOSS, lots=5, stop_ticks=95), at_ms=2)
    assert (stop.status, stop.waiting) == (Status.NEW, True)
    assert money(engine, "ann")[:2] == (995, 5)
    engine.quote("COINCASH", [(94, 50)], [(96, 50)], at_ms=3)
    assert stop.waiting
    engine.print_trade("COINCASH", SELL, 95, 1, at_ms=4)
    assert (stop.status, stop.filled_atoms) == (Status.FILLED, 5 * 94)
    assert [type(fact) for fact in told.of(OrderAccepted, OrderFilled)] == [OrderAccepted, OrderFilled]


def test_a_stop_that_is_reached_already_is_refused_or_fires_at_once_as_the_venue_has_it():
    for at_once in (False, True):
        engine = coin_engine(trigger_at_once=at_once)
        engine.quote("COINCASH", [(99, 50)], [(101, 50)], at_ms=1)
        engine.print_trade("COINCASH", SELL, 100, 1, at_ms=1)
        asked = order("ann", SELL, Kind.STOP_LOSS, lots=5, stop_ticks=100)
        if at_once:
            assert engine.submit(asked, at_ms=2).status is Status.FILLED
        else:
            with pytest.raises(OrderRefused, match="trigger"):
                engine.submit(asked, at_ms=2)


def test_a_trailing_stop_follows_the_best_price_and_fires_when_it_has_fallen_back():
    engine = coin_engine(filters=Filters(trail_ppm_max=500_000))
    engine.quote("COINCASH", [(80, 50)], [(300, 50)], at_ms=1)
    engine.print_trade("COINCASH", SELL, 100, 1, at_ms=1)
    stop = engine.submit(order("ann", SELL, Kind.STOP_LOSS, lots=5, trail_ppm=100_000), at_ms=2)
    for ticks in (120, 150, 136):
        engine.print_trade("COINCASH", SELL, ticks, 1, at_ms=3)
        assert stop.waiting
    engine.print_trade("COINCASH", SELL, 135, 1, at_ms=4)
    assert (stop.status, stop.stop_ticks) == (Status.FILLED, 135)


def test_of_a_pair_one_order_cancels_the_other_and_money_is_set_aside_once():
    engine = coin_engine()
    told = Told(engine)
    engine.quote("COINCASH", [(99, 50)], [(101, 50)], at_ms=1)
    engine.print_trade("COINCASH", SELL, 100, 1, at_ms=1)
    pair = engine.submit_pair(
        NewPair(
            above=limit("ann", SELL, 110, 5, post_only=True),
            below=order("ann", SELL, Kind.STOP_LOSS, lots=5, stop_ticks=90),
        ),
        at_ms=2,
    )
    assert money(engine, "ann")[:2] == (995, 5)
    engine.quote("COINCASH", [(89, 50)], [(91, 50)], at_ms=3)
    engine.print_trade("COINCASH", SELL, 90, 1, at_ms=3)
    assert (pair.below.status, pair.above.status, pair.above.why) == (Status.FILLED, Status.EXPIRED, Why.OTHER_LEG)
    assert pair.done
    assert money(engine, "ann")[:2] == (995, 0)
    assert len(told.of(OrderEnded)) == 1


def test_the_limit_order_of_a_pair_that_trades_ends_the_stop():
    engine = coin_engine()
    engine.print_trade("COINCASH", SELL, 100, 1, at_ms=1)
    pair = engine.submit_pair(
        NewPair(
            above=limit("ann", SELL, 110, 5),
            below=order("ann", SELL, Kind.STOP_LOSS_LIMIT, lots=5, stop_ticks=90, ticks=88),
        ),
        at_ms=2,
    )
    engine.submit(limit("bob", BUY, 110, 2), at_ms=3)
    assert (pair.above.status, pair.below.status) == (Status.PARTIALLY_FILLED, Status.EXPIRED)
    assert money(engine, "ann") == (995, 3, 1_000_220, 0)
    engine.cancel(pair.above, at_ms=4)
    assert pair.done


@pytest.mark.parametrize(
    ("mode", "taker_status", "maker_status"),
    [
        (SelfTrade.ALLOW, Status.FILLED, Status.PARTIALLY_FILLED),
        (SelfTrade.EXPIRE_TAKER, Status.EXPIRED_IN_MATCH, Status.NEW),
        (SelfTrade.EXPIRE_MAKER, Status.NEW, Status.EXPIRED_IN_MATCH),
        (SelfTrade.EXPIRE_BOTH, Status.EXPIRED_IN_MATCH, Status.EXPIRED_IN_MATCH),
        (SelfTrade.DECREMENT, Status.EXPIRED_IN_MATCH, Status.NEW),
    ],
)
def test_an_account_meets_its_own_order_as_its_mode_says(mode, taker_status, maker_status):
    engine = coin_engine()
    maker = engine.submit(limit("ann", SELL, 100, 5), at_ms=1)
    taker = engine.submit(limit("ann", BUY, 100, 3, self_trade=mode), at_ms=2)
    assert (taker.status, maker.status) == (taker_status, maker_status)
    if mode is SelfTrade.DECREMENT:
        assert (maker.left, engine.listing("COINCASH").asks.depth(1)) == (2, [(100, 2)])
    engine.cancel_all("ann", at_ms=3)
    assert money(engine, "ann") == (1_000, 0, 1_000_000, 0)


def test_less_quantity_keeps_the_place_in_the_queue_and_another_price_loses_it():
    engine = coin_engine("ann", "bob", "eve")
    first = engine.submit(limit("ann", SELL, 100, 5), at_ms=1)
    second = engine.submit(limit("bob", SELL, 100, 5), at_ms=2)
    engine.amend(first, lots=4, at_ms=3)
    engine.submit(limit("eve", BUY, 100, 4), at_ms=4)
    assert (first.status, second.filled_lots) == (Status.FILLED, 0)
    third = engine.submit(limit("ann", SELL, 100, 5), at_ms=5)
    engine.amend(second, lots=6, at_ms=6)
    engine.submit(limit("eve", BUY, 100, 5), at_ms=7)
    assert (third.status, second.filled_lots) == (Status.FILLED, 0)
    engine.submit(limit("eve", BUY, 90, 2), at_ms=8)
    engine.amend(second, ticks=90, at_ms=9)
    assert second.filled_lots == 2


def test_fees_are_taken_where_the_order_says():
    fees = Fees(maker_ppm=10_000, taker_ppm=20_000)
    engine = coin_engine("ann", "bob", fees=fees)
    engine.submit(limit("ann", SELL, 100, 100, fee_in=FeeIn.QUOTE), at_ms=1)
    taker = engine.submit(limit("bob", BUY, 100, 50), at_ms=2)
    assert taker.fees == {"COIN": 1}
    second = engine.submit(limit("bob", BUY, 100, 50, fee_in=FeeIn.QUOTE), at_ms=3)
    assert second.fees == {"CASH": 100}
    assert money(engine, "ann") == (900, 0, 1_000_000 + 10_000 - 100, 0)
    assert money(engine, "bob") == (1_099, 0, 1_000_000 - 10_100, 0)


def test_fees_are_paid_in_the_accounts_own_asset_while_there_is_some():
    engine = coin_engine(fees=Fees(maker_ppm=10_000, taker_ppm=10_000))
    account = engine.open_account("eve", {"CASH": Decimal(100_000), "COIN": Decimal(5)}, fee_asset="COIN")
    engine.submit(limit("ann", SELL, 10, 1_000), at_ms=1)
    engine.print_trade("COINCASH", BUY, 5, 1, at_ms=1)
    first = engine.submit(limit("eve", BUY, 10, 100), at_ms=2)
    assert first.fees == {"COIN": 7 // 5}
    assert account.balance("COIN").free == 5 - 1 + 100


def test_a_client_id_is_unique_among_open_orders_and_found_after_its_end():
    engine = coin_engine()
    first = engine.submit(limit("ann", BUY, 100, 1, client_id="x"), at_ms=1)
    with pytest.raises(OrderRefused) as refused:
        engine.submit(limit("ann", BUY, 100, 1, client_id="x"), at_ms=2)
    assert refused.value.reason is Refusal.CLIENT_ID_TAKEN
    engine.cancel(first, at_ms=3)
    assert engine.order_by_client_id("ann", "COINCASH", "x") is first
    second = engine.submit(limit("ann", BUY, 100, 1, client_id="x"), at_ms=4)
    assert engine.order_by_client_id("ann", "COINCASH", "x") is second


@pytest.mark.parametrize(
    ("filters", "asked", "reason"),
    [
        (Filters(price_step=5), limit("ann", BUY, 101, 1), Refusal.PRICE_STEP),
        (Filters(price_max=50), limit("ann", BUY, 101, 1), Refusal.PRICE_RANGE),
        (Filters(lot_step=2), limit("ann", BUY, 101, 3), Refusal.LOT_STEP),
        (Filters(lots_min=4), limit("ann", BUY, 101, 3), Refusal.LOT_RANGE),
        (Filters(market_lots_max=4), order("ann", BUY, Kind.MARKET, lots=5), Refusal.MARKET_LOT_RANGE),
        (Filters(notional_min=500), limit("ann", BUY, 100, 4), Refusal.NOTIONAL_MIN),
        (Filters(notional_min=500), order("ann", BUY, Kind.MARKET, lots=4), Refusal.NOTIONAL_MIN),
        (Filters(notional_max=300), limit("ann", BUY, 100, 4), Refusal.NOTIONAL_MAX),
        (Filters(band_up_ppm=2_000_000), limit("ann", BUY, 201, 4), Refusal.PRICE_BAND),
        (Filters(band_down_ppm=500_000), limit("ann", BUY, 49, 4), Refusal.PRICE_BAND),
        (Filters(position_lots_max=1_003), limit("ann", BUY, 49, 4), Refusal.POSITION_MAX),
        (Filters(), limit("ann", BUY, 100, 20_000), Refusal.NO_FUNDS),
        (Filters(), order("ann", SELL, Kind.MARKET, lots=2_000), Refusal.NO_FUNDS),
        (Filters(), order("ann", BUY, Kind.LIMIT, lots=1), Refusal.PRICE_RANGE),
        (Filters(), order("ann", BUY, Kind.MARKET), Refusal.MALFORMED),
        (Filters(), limit("sue", BUY, 100, 1), Refusal.UNKNOWN_ACCOUNT),
    ],
)
def test_what_a_filter_forbids_is_refused_by_its_name(filters, asked, reason):
    engine = coin_engine(filters=filters)
    engine.quote("COINCASH", [(95, 5_000)], [(105, 5_000)], at_ms=1)
    engine.print_trade("COINCASH", BUY, 100, 1, at_ms=1)
    with pytest.raises(OrderRefused) as refused:
        engine.submit(asked, at_ms=2)
    assert refused.value.reason is reason


def test_an_account_holds_only_so_many_orders():
    engine = coin_engine(filters=Filters(orders_max=2, triggers_max=1))
    engine.print_trade("COINCASH", BUY, 100, 1, at_ms=1)
    stop = order("ann", SELL, Kind.STOP_LOSS, lots=1, stop_ticks=90)
    engine.submit(stop, at_ms=2)
    with pytest.raises(OrderRefused, match="trigger"):
        engine.submit(stop, at_ms=3)
    engine.submit(limit("ann", BUY, 90, 1), at_ms=3)
    with pytest.raises(OrderRefused, match="open orders"):
        engine.submit(limit("ann", BUY, 90, 1), at_ms=3)


def test_orders_expire_when_their_time_has_come():
    engine = coin_engine()
    resting = engine.submit(limit("ann", BUY, 100, 1, expires_ms=50), at_ms=1)
    engine.advance(49)
    assert resting.open
    engine.advance(50)
    assert (resting.status, resting.why) == (Status.EXPIRED, Why.TIME)


def test_a_market_refuses_what_its_state_does_not_allow():
    engine = coin_engine()
    resting = engine.submit(limit("ann", BUY, 100, 1), at_ms=1)
    for trading, asked in (
        (Trading.POST_ONLY, limit("ann", BUY, 100, 1)),
        (Trading.LIMIT_ONLY, order("ann", SELL, Kind.MARKET, lots=1)),
        (Trading.CANCEL_ONLY, limit("ann", BUY, 100, 1)),
        (Trading.HALTED, limit("ann", BUY, 100, 1)),
    ):
        engine.set_trading("COINCASH", trading, at_ms=2)
        with pytest.raises(OrderRefused):
            engine.submit(asked, at_ms=3)
    with pytest.raises(OrderRefused):
        engine.cancel(resting, at_ms=4)
    engine.set_trading("COINCASH", Trading.CANCEL_ONLY, at_ms=5)
    engine.cancel(resting, at_ms=6)
    engine.set_trading("COINCASH", Trading.DELISTED, at_ms=7)
    with pytest.raises(OrderRefused, match="market"):
        engine.listing("COINCASH")


def test_a_resting_order_fills_only_after_those_before_it_at_its_price():
    engine = coin_engine()
    engine.quote("COINCASH", [(99, 50)], [(101, 50)], at_ms=1)
    mine = engine.submit(limit("ann", BUY, 99, 5), at_ms=2)
    engine.print_trade("COINCASH", SELL, 99, 40, at_ms=3)
    assert mine.filled_lots == 0
    engine.print_trade("COINCASH", SELL, 99, 12, at_ms=4)
    assert mine.filled_lots == 2
    engine.quote("COINCASH", [(98, 50)], [(99, 50)], at_ms=5)
    assert mine.status is Status.FILLED
    assert engine.listing("COINCASH").asks.best_ticks() == 99


def test_a_busted_trade_gives_the_money_back():
    engine = coin_engine(fees=Fees(maker_ppm=10_000, taker_ppm=10_000))
    before = money(engine, "ann"), money(engine, "bob")
    totals = engine.totals()
    told = Told(engine)
    engine.submit(limit("ann", SELL, 100, 100), at_ms=1)
    engine.submit(limit("bob", BUY, 100, 100), at_ms=2)
    (traded,) = told.of(Traded)
    engine.bust("COINCASH", traded.trade.id, at_ms=3)
    assert (money(engine, "ann"), money(engine, "bob")) == before
    assert engine.totals() == totals
    with pytest.raises(OrderRefused):
        engine.bust("COINCASH", traded.trade.id, at_ms=4)
