"""Conventions and costs beyond those of the desk, one by one in small worlds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quorate.domain.errors import BadInput
from quorate.domain.policy import Pacing
from quorate.domain.votes import EntryKind
from quorate.research import tables
from quorate.research.columns import Columns
from quorate.research.compiled import run
from quorate.research.conventions import RunCosts, Sizing
from tests.research.scripted import START_MS, Line, rules, speaking
from tests.research.small_worlds import BUY, FREE, IDEAL, MARKET, MINUTE_MS, QUIET, fills, one, small, written


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


def test_pauses_count_losses_in_a_row() -> None:
    text = ", ".join([QUIET] + ["1000 1001 985 1000 100", QUIET] * 6)
    strategy, columns = small(text, BUY)
    lines = {START_MS + row * 5 * MINUTE_MS: BUY for row in range(0, 13, 2)}
    pacing = Pacing(cooldown_bars=0, losses_pause=2, pause_ms=20 * MINUTE_MS)
    strategy = speaking(script=lines, exits=rules(), pacing=pacing)
    result = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="lots", lots=[10] * 7))
    # Two are lost, candles 3 to 7 are rested, two more are lost.
    assert result.trades["entry_row"].tolist() == [1, 3, 9, 11]
