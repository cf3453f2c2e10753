"""Perpetuals on the desk: funding falls on what is held at its instant, a loss ends with the margin, cash is exact."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from quorate.domain import events as ev
from quorate.domain.market import MarketKind
from quorate.domain.money import ceil_to_step
from quorate.domain.policy import STRATEGIES, Costs, DeskPolicy, PortfolioPolicy
from quorate.domain.portfolio import Position
from quorate.domain.signals import Tier
from quorate.domain.snapshot import Settlement
from quorate.domain.votes import EntryKind, ExitPlan, Side
from quorate.journal.codec import decode, encode
from tests.desk.desks import BTC, FREE, MINUTE_5, Bench, of_kind, open_desk, plan, setup

D = Decimal
NAME = "p"
FLAT = "100 100 100 100"
EIGHT_H = 8 * 3_600_000
RATE = D("0.0001")


def policy(leverage: str = "10", *, costs: Costs = FREE, market: MarketKind = MarketKind.PERP) -> DeskPolicy:
    book = PortfolioPolicy(
        name=NAME,
        sources=(STRATEGIES,),
        tiers=(Tier.SINGLE,),
        market=market,
        base_share=D("0.40"),
        leverage=D(leverage),
        daily_loss_limit=D(1),
        weekly_loss_limit=D(1),
        drawdown_limit=D(1),
    )
    return DeskPolicy(portfolios=(book,), costs=costs)


def holding(
    side: Side = Side.LONG, *, leverage: str = "10", stop: str = "95", told: DeskPolicy | None = None
) -> tuple[Bench, Position]:
    """A desk that holds BTC from an entry near 100."""
    bench = open_desk(told or policy(leverage))
    bench.step(FLAT)
    target = "120" if side is Side.LONG else "80"
    bench.step(FLAT, setups=[setup(side, "100", plan(stop, (target, "1")))])
    bench.step(FLAT)
    return bench, held(bench)


def held(bench: Bench) -> Position:
    position = bench.state.position(NAME, BTC.pair)
    assert position is not None
    return position


def due(bench: Bench, *, in_bars: int = 1, rate: Decimal = RATE) -> Settlement:
    """A settlement at the close of a bar to come."""
    return Settlement(BTC.pair, bench.at_ms + in_bars * MINUTE_5, rate)


# Leverage and liquidation


def test_a_position_has_the_leverage_of_its_portfolio_and_knows_where_it_ends() -> None:
    _, long = holding(leverage="10")
    assert (long.entry, long.leverage, long.liquidation) == (D("100.01"), 10, D("90.91")), "90 of 0.99, rounded up"
    _, short = holding(Side.SHORT, leverage="10", stop="105")
    assert (short.entry, short.liquidation) == (D("99.99"), D("108.90")), "109.989 of 1.01, rounded down"
    _, plain = holding(leverage="1")
    assert plain.liquidation is None, "a long without leverage cannot be liquidated"
    _, spot = holding(told=policy("10", market=MarketKind.SPOT))
    assert (spot.leverage, spot.liquidation) == (1, None)


def test_a_gap_beyond_the_liquidation_price_costs_the_margin_and_the_fee_and_no_more() -> None:
    bench, position = holding(told=policy("10", costs=Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=0)))
    events = bench.step("60 70 50 65")
    trade = of_kind(events, ev.TradeClosed)[0].trade
    bankrupt = D("90.00")  # 100.01 less a margin of 10.01, rounded up
    fee = (bankrupt * position.quantity * D("0.0005")).quantize(D("0.00000001"))
    assert (trade.reason, trade.exit, trade.leverage) == ("liquidation", bankrupt, 10)
    assert trade.pnl == -D("10.01") * position.quantity - fee
    assert bench.state.positions == {}


def test_inside_a_bar_the_stop_comes_before_the_liquidation() -> None:
    bench, _ = holding()
    trade = of_kind(bench.step("100 101 50 60"), ev.TradeClosed)[0].trade
    assert (trade.reason, trade.exit) == ("stop", D("94.99"))
    bench, _ = holding()
    trade = of_kind(bench.step("93 94 92 93"), ev.TradeClosed)[0].trade
    assert (trade.reason, trade.exit) == ("stop", D("92.99")), "a gap that stays short of the liquidation price"


def test_the_costs_of_getting_out_never_cost_more_than_the_margin() -> None:
    costly = policy("10", costs=Costs(maker_fee_ppm=0, taker_fee_ppm=0, slippage_ppm=20_000))
    costly = replace(costly, limits=replace(costly.limits, slippage_bps_max=9_999))
    for expires, reason in ((None, "stop"), (3 * MINUTE_5, "expiry")):
        bench = open_desk(costly)
        bench.step(FLAT)
        exits = plan("95", ("120", "1"))
        if expires is not None:
            exits = replace(exits, expires_ms=bench.at_ms + expires)
        bench.step(FLAT, setups=[setup(Side.LONG, "100", exits)])
        bench.step("100 103 100 102")
        assert held(bench).entry == D("102.01")
        bench.step("102 102 102 102")
        trade = of_kind(bench.step("93 93 93 93"), ev.TradeClosed)[0].trade
        assert (trade.reason, trade.exit) == (reason, D("91.80")), "93 less 2.01 % would be 91.13"


def test_a_closing_order_cannot_save_what_a_gap_has_taken() -> None:
    bench = open_desk(policy())
    bench.step(FLAT)
    exits = replace(plan("95", ("120", "1")), expires_ms=bench.at_ms + 3 * MINUTE_5)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", exits)])
    bench.step(FLAT)
    bench.step(FLAT)
    assert [order.intent.purpose for order in bench.state.orders.values()] == ["expiry"]
    events = bench.step("60 60 60 60")
    assert [gone.reason for gone in of_kind(events, ev.OrderCancelled)] == ["the venue liquidated the position"]
    assert of_kind(events, ev.TradeClosed)[0].trade.reason == "liquidation"
    assert not bench.state.orders


def test_an_entry_whose_stop_the_liquidation_would_forestall_is_refused_and_says_so() -> None:
    bench = open_desk(policy("10"))
    bench.step(FLAT)
    events = bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("91", ("120", "1")))])
    stake = of_kind(events, ev.SignalPublished)[0].signal.stakes[0]
    assert stake.blocked_by == (
        "C7: stop 91, liquidation at 90.91 with leverage 10 "
        "(limit a stop more than 0.5 % of the entry price before the liquidation)"
    )
    assert stake.quantity == 0
    assert of_kind(events, ev.ShadowChanged), "its record is kept all the same"


def test_an_entry_that_fills_where_its_stop_would_come_too_late_is_not_made() -> None:
    bench = open_desk(policy("10"))
    bench.step(FLAT)
    signal = bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("92", ("120", "1")))])
    assert of_kind(signal, ev.SignalPublished)[0].signal.stakes[0].blocked_by is None
    events = bench.step("102 102 102 102")
    assert "liquidation at" in of_kind(events, ev.OrderCancelled)[0].reason
    assert not of_kind(events, ev.OrderFilled)


# Funding


def test_a_settlement_at_the_close_falls_on_what_is_held_at_the_close() -> None:
    bench, position = holding()
    cash = bench.state.portfolios[NAME].cash
    events = bench.step("100 111 99 110", settled=[due(bench)])
    paid = of_kind(events, ev.FundingPaid)[0]
    assert (paid.notional, paid.rate, paid.at_ms) == (110 * position.quantity, RATE, bench.at_ms)
    assert paid.amount == -(110 * position.quantity * RATE).quantize(D("0.00000001"))
    assert paid.cash == bench.state.portfolios[NAME].cash == cash + paid.amount
    after = held(bench)
    assert (after.funding, after.realized) == (paid.amount, position.realized + paid.amount)
    names = [type(told).__name__ for told in events]
    assert names.index("FundingPaid") + 1 == names.index("PositionChanged") < names.index("StepClosed")


def test_shorts_receive_what_longs_pay() -> None:
    bench, _ = holding(Side.SHORT, stop="105")
    bench.step(FLAT, settled=[due(bench)])
    assert held(bench).funding > 0
    bench.step(FLAT, settled=[due(bench, rate=-RATE)])
    assert held(bench).funding == 0


def test_what_the_bar_opened_is_held_at_its_close_and_what_it_closed_is_not() -> None:
    bench = open_desk(policy())
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", plan("95", ("120", "1")))])
    assert of_kind(bench.step(FLAT, settled=[due(bench)]), ev.FundingPaid), "opened in this very bar"
    assert not of_kind(bench.step("100 100 90 92", settled=[due(bench)]), ev.FundingPaid), "stopped out in this bar"


def test_a_hole_pays_every_settlement_it_spans_at_the_last_price_before_it() -> None:
    bench, position = holding()
    hole = 3 * EIGHT_H
    instants = [bench.at_ms + MINUTE_5 + n * EIGHT_H for n in range(3)]
    settled = [Settlement(BTC.pair, at_ms, RATE) for at_ms in instants]
    events = bench.step("100 109 99 108", skip_ms=hole, settled=settled)
    paid = of_kind(events, ev.FundingPaid)
    assert [one.at_ms for one in paid] == instants
    assert {one.notional for one in paid} == {100 * position.quantity}
    assert events.index(paid[-1]) < next(n for n, told in enumerate(events) if isinstance(told, ev.StepClosed))


def test_a_position_that_a_later_bar_stops_out_has_paid_for_the_hole_before_it() -> None:
    bench, _ = holding()
    settled = [Settlement(BTC.pair, bench.at_ms + EIGHT_H, RATE)]
    events = bench.step("94 95 93 94", skip_ms=2 * EIGHT_H, settled=settled)
    trade = of_kind(events, ev.TradeClosed)[0].trade
    assert trade.funding == of_kind(events, ev.FundingPaid)[0].amount < 0


def test_steps_that_are_caught_up_settle_too() -> None:
    bench, _ = holding()
    assert of_kind(bench.step(FLAT, fresh=False, settled=[due(bench)]), ev.FundingPaid)


def test_a_settlement_is_applied_once_however_often_it_is_told() -> None:
    bench, _ = holding()
    told = due(bench)
    assert of_kind(bench.step(FLAT, settled=[told]), ev.FundingPaid)
    assert not of_kind(bench.step(FLAT, settled=[told]), ev.FundingPaid)
    assert not of_kind(bench.step(FLAT, settled=[due(bench, in_bars=5)]), ev.FundingPaid), "not before its instant"


def test_a_desk_that_lost_a_batch_comes_to_the_same_payments() -> None:
    bench, _ = holding()
    told = due(bench)
    before = list(bench.events)
    once = bench.step(FLAT, settled=[told])
    again = Bench(type(bench.desk)(bench.desk.charter))
    for written in before:
        again.desk.replay(decode(type(written).__name__, encode(written)))
    again.at_ms = bench.at_ms - MINUTE_5
    assert again.step(FLAT, settled=[told]) == once
    assert again.state == bench.state


def test_without_a_rate_nothing_is_paid_and_spot_never_pays() -> None:
    bench, _ = holding()
    assert not of_kind(bench.step(FLAT), ev.FundingPaid)
    assert not of_kind(bench.step(FLAT, settled=[due(bench, rate=D(0))]), ev.FundingPaid)
    assert not of_kind(bench.step(FLAT, settled=[Settlement("ETH/USDT", bench.at_ms, RATE)]), ev.FundingPaid)
    spot, _ = holding(told=policy(market=MarketKind.SPOT))
    earned = {key: shadow.earned_r for key, shadow in spot.state.shadows[BTC.pair].items()}
    assert not of_kind(spot.step(FLAT, settled=[due(spot)]), ev.FundingPaid)
    assert {key: shadow.earned_r for key, shadow in spot.state.shadows[BTC.pair].items()} == earned


def test_a_trade_tells_its_funding_and_its_r_counts_it() -> None:
    bench, position = holding()
    bench.step(FLAT, settled=[due(bench)])
    bench.step(FLAT, settled=[due(bench)])
    trade = of_kind(bench.step("94 94 94 94"), ev.TradeClosed)[0].trade
    assert trade.funding == -2 * (100 * position.quantity * RATE).quantize(D("0.00000001"))
    lost = (D("93.99") - D("100.01")) * position.quantity
    assert trade.pnl == lost + trade.funding - trade.fees
    assert trade.r == (trade.pnl / (position.quantity * D("5.01"))).quantize(D("0.000001"))


def test_shadow_trades_pay_funding_on_what_is_left_of_them() -> None:
    bench = open_desk(policy())
    bench.step(FLAT)
    exits = plan("95", ("110", "0.5"), ("120", "1"))
    bench.step(FLAT, setups=[setup(Side.LONG, "100", exits, kind=EntryKind.MARKET)])
    key = "bar_reaction|LONG"
    assert not of_kind(bench.step("98 98 98 98"), ev.ShadowClosed)
    risk = bench.state.shadows[BTC.pair][key].filled
    assert risk is not None
    risk -= 95
    bench.step(FLAT, settled=[due(bench)])
    whole = bench.state.shadows[BTC.pair][key].earned_r
    assert whole == -(100 * RATE / risk + D("0.0000005")).quantize(D("0.000001")), "rounded against it"
    bench.step("100 111 100 110")
    before = bench.state.shadows[BTC.pair][key].earned_r
    bench.step("110 110 110 110", settled=[due(bench, rate=D("-0.002"))])
    gained = bench.state.shadows[BTC.pair][key].earned_r - before
    assert gained == pytest.approx(D("0.002") * 110 / risk / 2, abs=D("0.000002"))


# What always holds


PRICE = st.integers(2_000, 30_000) | st.integers(8_500, 11_500)
BARS = st.lists(st.tuples(PRICE, PRICE, PRICE, PRICE, st.integers(-3_000_000, 3_000_000)), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(
    side=st.sampled_from([Side.LONG, Side.SHORT]),
    leverage=st.integers(1, 60),
    stop_share=st.integers(1, 90),
    part=st.sampled_from(["0.25", "0.5", "0.9"]),
    slippage_ppm=st.sampled_from([0, 100, 20_000]),
    expires=st.integers(2, 6),
    bars=BARS,
)
def test_no_position_loses_more_than_its_margin_and_cash_is_the_sum_of_events(
    side: Side,
    leverage: int,
    stop_share: int,
    part: str,
    slippage_ppm: int,
    expires: int,
    bars: list[tuple[int, int, int, int, int]],
) -> None:
    told = policy(str(leverage), costs=Costs(slippage_ppm=slippage_ppm))
    bench = open_desk(replace(told, limits=replace(told.limits, slippage_bps_max=9_999)))
    bench.step(FLAT)
    exits = _plan(side, stop_share, leverage, part)
    bench.step(FLAT, setups=[setup(side, "100", replace(exits, expires_ms=bench.at_ms + expires * MINUTE_5))])
    bench.step(FLAT)
    event(f"entered: {bool(of_kind(bench.events, ev.OrderFilled))}")
    for opened, high, low, closed, rate in bars:
        prices = (opened, max(opened, high, low, closed), min(opened, high, low, closed), closed)
        bench.step(" ".join(str(D(price) / 100) for price in prices), settled=[due(bench, rate=D(rate).scaleb(-9))])
    trades = [ended.trade for ended in of_kind(bench.events, ev.TradeClosed)]
    for trade in trades:
        event(trade.reason)
        margin = ceil_to_step(trade.entry / leverage, BTC.tick) * trade.quantity
        assert trade.pnl - trade.funding >= -(margin + trade.fees)
    portfolio = bench.state.portfolios[NAME]
    realized = sum((filled.realized for filled in of_kind(bench.events, ev.OrderFilled)), D(0))
    funding = sum((paid.amount for paid in of_kind(bench.events, ev.FundingPaid)), D(0))
    assert portfolio.cash == 10_000 + realized + funding
    still_open = bench.state.positions_of(NAME)
    assert portfolio.cash == 10_000 + sum((it.pnl for it in trades), D(0)) + sum(
        (it.realized for it in still_open), D(0)
    )
    assert funding == sum((it.funding for it in [*trades, *still_open]), D(0))
    assert bench.rebuilt() == bench.state


def _plan(side: Side, stop_share: int, leverage: int, part: str) -> ExitPlan:
    """A stop at so many percent of the way to the bankruptcy price, and two targets."""
    away = (D(100) * stop_share / 100 / leverage).quantize(D("0.01")) + D("0.05")
    targets = ((str(100 + 10 * side.sign), part), (str(100 + 60 * side.sign), "1"))
    return plan(str(100 - away * side.sign), *targets)
