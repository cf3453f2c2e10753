"""A trade from signal to its end, bar by bar."""

from dataclasses import replace
from decimal import Decimal

from quorate.domain import events as ev
from quorate.domain.policy import DeskPolicy, Pacing
from quorate.domain.votes import EntryKind, Side
from tests.desk.desks import BTC, FREE, MINUTE_5, Bench, of_kind, open_desk, plan, setup

D = Decimal
NO_COSTS = DeskPolicy(costs=FREE)
UP = plan("90", ("110", "0.5"), ("120", "1"))
NAME = "strategies"


def with_position(policy: DeskPolicy = NO_COSTS, exits: object = UP) -> Bench:
    """A desk that holds BTC from an entry at 100 in the portfolio of strategies."""
    bench = open_desk(policy)
    bench.step("100 100 100 100")
    bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", exits)])  # pyright: ignore[reportArgumentType]
    bench.step("100 100 100 100")
    assert bench.state.position(NAME, BTC.pair) is not None
    return bench


def test_a_market_entry_fills_at_the_next_open_and_pays_for_it() -> None:
    bench = open_desk()
    bench.step("100 100 100 100")
    signal = of_kind(bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", UP)]), ev.SignalPublished)[0].signal
    assert signal.stakes[0].blocked_by is None
    assert bench.state.position(NAME, BTC.pair) is None, "nothing fills on the bar it was decided on"
    filled = of_kind(bench.step("101 102 100 101"), ev.OrderFilled)[0]
    assert filled.fill.price == D("101.03"), "half the spread and slippage, rounded against the order"
    assert filled.fill.fee == D("101.03") * filled.fill.quantity * D("0.0005")


def test_the_stop_is_looked_at_before_the_target() -> None:
    bench = with_position()
    events = bench.step("100 115 90 112")
    trade = of_kind(events, ev.TradeClosed)[0].trade
    assert (trade.exit, trade.reason) == (D("89.99"), "stop"), "the level, less half the spread"


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    trade = of_kind(with_position().step("80 95 79 94"), ev.TradeClosed)[0].trade
    assert trade.exit == D("79.99")
    assert trade.r == -2, "twice the risk taken at the average fill of 100.01"


def test_targets_close_their_parts_and_the_last_takes_all() -> None:
    bench = with_position()
    opened = bench.state.position(NAME, BTC.pair)
    assert opened is not None
    bench.step("100 111 99 110")
    left = bench.state.position(NAME, BTC.pair)
    assert left is not None
    assert left.targets_hit == 1
    assert left.quantity == opened.quantity - BTC.quantity(BTC.lots_floor(opened.quantity) // 2)
    trade = of_kind(bench.step("110 121 109 120"), ev.TradeClosed)[0].trade
    assert trade.reason == "target"
    assert trade.quantity == opened.quantity
    assert bench.state.position(NAME, BTC.pair) is None


def test_both_targets_can_fall_in_one_bar() -> None:
    events = with_position().step("100 121 99 120")
    assert [fill.fill.price for fill in of_kind(events, ev.OrderFilled)] == [D(110), D(120)]
    assert len(of_kind(events, ev.TradeClosed)) == 1


def test_break_even_and_trailing_move_the_stop_only_at_a_close_and_only_up() -> None:
    exits = plan("90", ("150", "1"), break_even_r=D("0.8"), trail_r=D("0.8"), trail_distance=D(5))
    bench = with_position(exits=exits)
    bench.step("100 109 99 107")
    assert _stop(bench) == 90
    bench.step("107 109 106 108.5")
    assert _stop(bench) == D("103.5"), "0.8 R at the close: break-even, and the trail is tighter"
    bench.step("108 110 107 109.5")
    assert _stop(bench) == D("104.5")
    bench.step("109 109 105 106")
    assert _stop(bench) == D("104.5")
    trade = of_kind(bench.step("106 106 100 101"), ev.TradeClosed)[0].trade
    assert (trade.reason, trade.exit) == ("trailing_stop", D("104.48"))


def _stop(bench: Bench) -> Decimal:
    position = bench.state.position(NAME, BTC.pair)
    assert position is not None
    return position.stop


def test_an_untouched_maker_entry_is_cancelled_after_the_next_bar() -> None:
    bench = open_desk(NO_COSTS)
    bench.step("100 100 100 100")
    bench.step("100 100 100 100", setups=[setup(Side.LONG, "99.99", UP, kind=EntryKind.MAKER)])
    events = bench.step("100 101 99.99 100")
    assert of_kind(events, ev.OrderCancelled)[0].reason == "untouched by the next bar"
    assert of_kind(events, ev.ShadowClosed)[0].r is None
    assert not bench.state.orders


def test_on_the_bar_of_a_maker_entry_only_the_stop_counts() -> None:
    for prices, exited in (("100 125 99 124", False), ("100 101 90 91", True)):
        bench = open_desk(NO_COSTS)
        bench.step("100 100 100 100")
        bench.step("100 100 100 100", setups=[setup(Side.LONG, "99.99", UP, kind=EntryKind.MAKER)])
        events = bench.step(prices)
        assert of_kind(events, ev.OrderFilled)[0].fill.price == D("99.99")
        assert bool(of_kind(events, ev.TradeClosed)) is exited


def test_an_entry_whose_stop_was_passed_is_not_made() -> None:
    bench = open_desk(NO_COSTS)
    bench.step("100 100 100 100")
    bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", UP)])
    events = bench.step("89 95 88 94")
    assert of_kind(events, ev.OrderCancelled)
    assert not of_kind(events, ev.OrderFilled)


def test_an_expired_trade_is_closed_at_the_next_open() -> None:
    bench = open_desk(NO_COSTS)
    bench.step("100 100 100 100")
    ends = bench.at_ms + 3 * MINUTE_5
    bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", replace(UP, expires_ms=ends))])
    bench.step("100 101 99 100")
    assert not bench.state.orders
    bench.step("100 101 99 100")
    assert len(bench.state.orders) == 1
    trade = of_kind(bench.step("103 104 103 103"), ev.TradeClosed)[0].trade
    assert (trade.reason, trade.exit) == ("expiry", D("102.98"))


def test_cash_is_the_sum_of_what_fills_earned_and_positions_are_the_sum_of_fills() -> None:
    bench = with_position(DeskPolicy())
    bench.step("100 111 99 110")
    fills = of_kind(bench.events, ev.OrderFilled)
    assert bench.state.portfolios[NAME].cash == 10_000 + sum(fill.realized for fill in fills)
    held = sum(fill.fill.quantity * fill.fill.action.sign for fill in fills)
    position = bench.state.position(NAME, BTC.pair)
    assert position is not None
    assert position.quantity == held


def test_a_strategy_rests_after_three_losses_for_half_an_hour() -> None:
    pacing = {"bar_reaction": Pacing(cooldown_bars=0, losses_pause=3, pause_ms=1_800_000)}
    bench = open_desk(NO_COSTS, pacing=pacing)
    bench.step("100 100 100 100")
    for _ in range(3):
        bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", UP)])
        bench.step("100 100 89 89")
        bench.step("100 100 100 100")
    assert of_kind(bench.events, ev.StrategyPaused)
    assert not of_kind(bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", UP)]), ev.SignalPublished)
    late = bench.step("100 100 100 100", setups=[setup(Side.LONG, "100", UP)], skip_ms=1_800_000)
    assert of_kind(late, ev.SignalPublished)


def test_a_strategy_keeps_to_its_signals_an_hour() -> None:
    bench = open_desk(NO_COSTS, pacing={"bar_reaction": Pacing(cooldown_bars=0, per_hour_max=2)})
    bench.step("100 100 100 100")
    for _ in range(6):
        bench.step("100 100 100 100", setups=[setup(Side.LONG, "98", UP, kind=EntryKind.MAKER)])
        bench.step("100 100 100 100")
    assert len(of_kind(bench.events, ev.SignalPublished)) == 2


def test_while_its_trade_is_on_a_strategy_is_silent() -> None:
    bench = with_position()
    assert not of_kind(bench.step("100 101 99 100", setups=[setup(Side.LONG, "100", UP)]), ev.SignalPublished)


def test_candles_that_fill_a_gap_end_trades_but_open_none() -> None:
    bench = with_position()
    events = bench.step("100 100 85 86", setups=[setup(Side.LONG, "86", UP)], fresh=False)
    assert of_kind(events, ev.TradeClosed)
    assert not of_kind(events, ev.SignalPublished)
