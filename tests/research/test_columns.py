"""Columns hold a market's candles in ticks, exactly as the desk's own candles do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.snapshot import Settlement
from quorate.kernel.bars import Bars, to_floats
from quorate.research.columns import Columns
from tests.analysts.synthetic import candles_of, wild_bars
from tests.research.scripted import START_MS, bars_of

MARKET = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)
MINUTE_MS = 60_000


def grid(prices: np.ndarray, tick: str, *, timeframe: str = "5m", start_ms: int = START_MS) -> tuple[Bars, Market]:
    market = replace(MARKET, tick=Decimal(tick))
    open_ms = start_ms + np.arange(len(prices)) * {"5m": 5, "1m": 1}[timeframe] * MINUTE_MS
    return bars_of(market, timeframe, open_ms, np.array([prices] * 4 + [np.ones(len(prices))])), market


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=20),
    st.sampled_from(["0.01", "0.00000001", "0.25", "0.0005", "5", "300", "1"]),
)
def test_the_tape_is_what_the_desks_candles_say(ticks: list[int], tick: str) -> None:
    bars, market = grid(to_floats(np.array(ticks), Decimal(tick)), tick)
    columns = Columns.of(bars, market)
    told = [(c.open_ms, c.open, c.high, c.low, c.close, c.volume) for c in candles_of(bars, market)]
    assert [tuple(row) for row in columns.tape.tolist()] == told
    assert columns.bars is bars
    assert columns.highest == max(ticks)


def test_prices_off_the_grid_are_put_on_it_as_a_feed_does() -> None:
    bars = wild_bars(3, 500, market=replace(MARKET, tick=Decimal("0.0001")))
    columns = Columns.of(bars, MARKET)
    expected = bars.on_ticks(MARKET.tick)
    assert (columns.bars.close == expected.close).all()
    assert (columns.bars.high == expected.high).all()
    assert (columns.bars.close != bars.close).any()


def test_prices_of_more_digits_than_a_double_holds_go_the_long_way() -> None:
    bars, market = grid(np.array([1e9, 2e9]), "0.00000001")
    columns = Columns.of(bars, market)
    assert columns.tape["close"].tolist() == [10**17, 2 * 10**17]


def test_candles_out_of_order_and_prices_under_one_tick_are_refused() -> None:
    bars, market = grid(np.array([100.0, 101.0]), "0.01")
    with pytest.raises(BadInput, match="order of time"):
        Columns.of(replace(bars, open_ms=bars.open_ms[::-1].copy()), market)
    with pytest.raises(BadInput, match="under one tick"):
        Columns.of(*grid(np.array([0.001]), "0.01"))


def test_no_candles_at_all_are_columns_too() -> None:
    assert len(Columns.of(Bars.empty("SOL/USDT", "5m"), MARKET)) == 0


def test_higher_bars_are_gathered_once_and_forgetful_columns_share_the_candles() -> None:
    columns = Columns.of(wild_bars(3, 500), MARKET)
    assert columns.signal_bars("1h") is columns.signal_bars("1h")
    assert columns.signal_bars("5m") is columns.bars
    columns.bars.memo["something",] = 1
    other = columns.forgetful()
    assert other.tape is columns.tape
    assert other.bars.memo == {}


def test_finer_candles_lie_inside_theirs_and_a_candle_without_any_stands_for_itself() -> None:
    base, market = grid(np.array([100.0, 100.0, 100.0]), "0.01")
    fine, _ = grid(np.full(3, 100.0), "0.01", timeframe="1m", start_ms=START_MS + 11 * MINUTE_MS)
    columns = Columns.of(base, market)
    path = columns.path(Columns.of(fine, market))
    assert path.first.tolist() == [0, 1, 2, 5]
    assert ((path.fine["open_ms"] - START_MS) // MINUTE_MS).tolist() == [0, 5, 11, 12, 13]
    assert columns.path(None).fine is columns.tape


def test_a_finer_candle_in_a_hole_is_nobodys() -> None:
    base, market = grid(np.array([100.0, 100.0]), "0.01")
    base = replace(base, open_ms=base.open_ms + np.array([0, 5 * MINUTE_MS]))
    fine, _ = grid(np.full(15, 100.0), "0.01", timeframe="1m")
    path = Columns.of(base, market).path(Columns.of(fine, market))
    assert path.first.tolist() == [0, 5, 10]
    assert ((path.fine["open_ms"] - START_MS) // MINUTE_MS).tolist() == [*range(5), *range(10, 15)]


def test_finer_candles_that_do_not_fit_are_refused() -> None:
    base, market = grid(np.array([100.0]), "0.01")
    columns = Columns.of(base, market)
    with pytest.raises(BadInput, match="leaves the range"):
        columns.path(Columns.of(grid(np.array([100.01]), "0.01", timeframe="1m")[0], market))
    with pytest.raises(BadInput, match="do not lie inside"):
        columns.path(columns)


def test_settlements_fall_on_the_candle_that_closes_then_or_the_newest_before() -> None:
    base, market = grid(np.array([100.0, 100.0, 100.0]), "0.01")
    columns = Columns.of(base, market)
    due = tuple(
        Settlement(pair, START_MS + minutes * MINUTE_MS, Decimal(rate))
        for pair, minutes, rate in [
            ("SOL/USDT", 12, "0.0003"),
            ("SOL/USDT", 10, "0.0002"),
            ("SOL/USDT", 4, "0.0009"),
            ("SOL/USDT", 16, "0.0009"),
            ("BTC/USDT", 10, "0.0009"),
            ("SOL/USDT", 15, "-0.0000000014"),
        ]
    )
    found = columns.settlements(due)
    assert found["row"].tolist() == [1, 1, 2]
    assert found["booked_row"].tolist() == [1, 2, 2]
    assert found["rate_ppb"].tolist() == [200_000, 300_000, -1]
    assert columns.settlements(due) is found
    assert len(columns.settlements(())) == 0
