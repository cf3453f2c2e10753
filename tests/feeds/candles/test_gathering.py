"""Longer candles from shorter ones: exact, from whole pieces only, one result by whatever way."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.faults import Conflict
from quorate.feeds.candles.gathering import Holes, gather, gather_trades
from quorate.feeds.candles.merging import MergeCounts
from quorate.feeds.candles.resampling import resample_series
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.kernel.bars import Bars
from quorate.kernel.resample import resample
from tests.feeds.candles.conftest import BTC, FUNDING, H1, M5, PERP, T0, candles, rates, same

MINUTE = 60_000
ticks = st.integers(1, 10**6)
lots = st.integers(0, 10**12)


@st.composite
def minutes(draw: st.DrawFn, most: int = 200) -> Rows:
    """One-minute candles on ticks and lots, some missing, some without a trade."""
    there = sorted(draw(st.sets(st.integers(0, most), min_size=1, max_size=80)))
    places = draw(st.sampled_from([0, 2, 8]))
    cells: list[list[float]] = []
    for _ in there:
        if draw(st.booleans()):
            prices = sorted(draw(st.tuples(ticks, ticks, ticks, ticks)))
            inner = [prices[1], prices[2]] if draw(st.booleans()) else [prices[2], prices[1]]
            quad, volume = [inner[0], prices[3], prices[0], inner[1]], draw(lots)
        else:
            quad, volume = [draw(ticks)] * 4, draw(st.sampled_from([0, 5]))
        cells.append([*(float(price) / 100 for price in quad), volume / 10**places])
    return Rows(T0 + np.array(there) * MINUTE, np.array(cells).T)


def gathered(rows: Rows, source: str, target: str, holes: Holes = Holes.UNKNOWN) -> Rows:
    return gather(rows, source=source, target=target, holes=holes).rows


def full(rows: Rows, until: int = 240) -> Rows:
    """The same with every hole before and between filled with a candle without a trade."""
    filled: list[list[float]] = []
    known = dict(zip(rows.stamps.tolist(), rows.values.T.tolist(), strict=True))
    last = float(rows.values[0, 0])
    for place in range(until):
        values = known.get(T0 + place * MINUTE, [last, last, last, last, 0.0])
        last = values[3]
        filled.append(values)
    return Rows(T0 + np.arange(until) * MINUTE, np.array(filled).T)


@given(minutes(), st.sampled_from([("5m", "1h"), ("15m", "4h"), ("3m", "15m"), ("30m", "1h")]))
def test_by_way_of_a_middle_timeframe_or_straight_the_result_is_the_same(rows: Rows, way: tuple[str, str]) -> None:
    middle, target = way
    whole = full(rows)
    straight = gathered(whole, "1m", target)
    assert len(straight) >= 1
    assert same(gathered(gathered(whole, "1m", middle), middle, target), straight)


@given(minutes())
def test_volumes_are_the_exact_sums_of_the_decimals_they_stand_for(rows: Rows) -> None:
    whole = full(rows)
    told = gathered(whole, "1m", "1h")
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for at, volume in zip(whole.stamps.tolist(), whole.values[4].tolist(), strict=True):
        sums[at - at % H1] += Decimal(repr(volume))
    assert told.values[4].tolist() == [float(sums[at]) for at in told.stamps.tolist()]


@given(minutes())
def test_only_intervals_with_every_piece_are_made(rows: Rows) -> None:
    outcome = gather(rows, source="1m", target="5m", holes=Holes.UNKNOWN)
    there = set(rows.stamps.tolist())
    whole = {at - at % M5 for at in there if all(at - at % M5 + k * MINUTE in there for k in range(5))}
    assert set(outcome.rows.stamps.tolist()) == whole
    assert outcome.incomplete == len({at - at % M5 for at in there}) - len(whole)


@given(minutes())
def test_where_holes_are_quiet_only_the_edges_can_be_incomplete(rows: Rows) -> None:
    outcome = gather(rows, source="1m", target="5m", holes=Holes.QUIET)
    first, last = int(rows.stamps[0]), int(rows.stamps[-1])
    expected = {at - at % M5 for at in rows.stamps.tolist()}
    expected = {at for at in expected if at >= first and at + M5 <= last + MINUTE}
    assert set(outcome.rows.stamps.tolist()) == expected


@given(minutes())
def test_it_agrees_with_the_desks_own_bars_where_every_candle_traded(rows: Rows) -> None:
    whole = full(rows)
    whole.values[4] += 1
    bars = resample(Bars("BTC/USDT", "1m", whole.stamps, *whole.values), "1h")
    told = gathered(whole, "1m", "1h")
    assert told.stamps.tolist() == bars.open_ms.tolist()
    assert np.array_equal(told.values[:4], np.stack((bars.open, bars.high, bars.low, bars.close)))
    assert np.allclose(told.values[4], bars.volume, rtol=1e-12)


def test_a_candle_without_a_trade_has_no_say_beside_one_with() -> None:
    quiet, busy = [90.0, 90.0, 90.0, 90.0, 0.0], [100.0, 101.0, 99.0, 100.5, 2.0]
    rows = Rows(T0 + np.arange(5) * MINUTE, np.array([quiet, quiet, busy, quiet, quiet]).T)
    assert gathered(rows, "1m", "5m").values[:, 0].tolist() == busy
    rows = Rows(T0 + np.arange(5) * MINUTE, np.array([quiet] * 5).T)
    assert gathered(rows, "1m", "5m").values[:, 0].tolist() == quiet


def test_where_nothing_has_a_volume_every_price_counts() -> None:
    flat, moving = [90.0, 90.0, 90.0, 90.0, 0.0], [100.0, 101.0, 99.0, 100.5, 0.0]
    rows = Rows(T0 + np.arange(5) * MINUTE, np.array([flat, moving, moving, moving, flat]).T)
    assert gathered(rows, "1m", "5m").values[:, 0].tolist() == [90.0, 101.0, 90.0, 90.0, 0.0]


def test_volumes_of_too_many_places_are_rounded_once() -> None:
    volumes = [0.1 + 0.2, 1 / 3, 2 / 3, 1e-9 / 7, 5.0]
    rows = Rows(T0 + np.arange(5) * MINUTE, np.array([[1.0, 1.0, 1.0, 1.0, v] for v in volumes]).T)
    exact = sum(Decimal(v) for v in volumes)
    assert gathered(rows, "1m", "5m").values[4, 0] == float(exact)


@given(st.lists(st.tuples(st.integers(0, 1_200_000), ticks, st.integers(1, 10**6)), min_size=1, max_size=60))
def test_trades_make_the_candles_that_taking_them_one_by_one_makes(trades: list[tuple[int, int, int]]) -> None:
    trades.sort(key=lambda trade: trade[0])
    rows = Rows(T0 + np.array([at for at, _, _ in trades]), np.array([[p / 100, a / 1_000] for _, p, a in trades]).T)
    told = gather_trades(rows, timeframe="5m")
    expected: dict[int, list[Decimal]] = {}
    for at, price, amount in trades:
        value, size = Decimal(price) / 100, Decimal(amount) / 1_000
        bar = expected.setdefault(T0 + at - at % M5, [value, value, value, value, Decimal(0)])
        bar[1], bar[2], bar[3], bar[4] = max(bar[1], value), min(bar[2], value), value, bar[4] + size
    assert told.stamps.tolist() == sorted(expected)
    assert told.values.T.tolist() == [[float(v) for v in expected[at]] for at in sorted(expected)]


def test_no_rows_make_no_candles() -> None:
    assert len(gathered(Rows.none(5), "1m", "5m")) == 0
    assert len(gather_trades(Rows.none(2), timeframe="5m")) == 0


@pytest.mark.parametrize(("source", "target"), [("5m", "5m"), ("5m", "1m"), ("15m", "20m"), ("1h", "90m")])
def test_what_cannot_be_made_of_it_is_said(source: str, target: str) -> None:
    with pytest.raises(BadInput, match=r"cannot be made from|not kept"):
        gathered(candles(3), source, target)


class TestStored:
    """`data resample`: made from what covers most, stored beside it."""

    def test_it_is_made_of_what_covers_most(self, store: CandleStore) -> None:
        m15 = Series("binance", SeriesKind.SPOT, "BTC/USDT", "15m")
        store.write(BTC, candles(120), overwrite=False)
        store.write(m15, gathered(candles(12), "5m", "15m"), overwrite=False)
        told = resample_series(store, BTC, "1h", source=None, holes=Holes.UNKNOWN, overwrite=False)
        assert (told.source, told.made, told.incomplete, told.counts) == (BTC, 10, 0, MergeCounts(added=10))
        assert same(store.rows(told.target), gathered(candles(120), "5m", "1h"))
        again = resample_series(store, BTC, "1h", source=None, holes=Holes.UNKNOWN, overwrite=False)
        assert again.counts == MergeCounts(same=10)
        named = resample_series(store, BTC, "1h", source="15m", holes=Holes.UNKNOWN, overwrite=False)
        assert (named.source, named.counts) == (m15, MergeCounts(same=1))

    def test_what_an_exchange_said_itself_is_not_replaced_silently(self, store: CandleStore) -> None:
        store.write(BTC, candles(24), overwrite=False)
        h1 = Series("binance", SeriesKind.SPOT, "BTC/USDT", "1h")
        store.write(h1, candles(2, length_ms=H1), overwrite=False)
        with pytest.raises(Conflict):
            resample_series(store, BTC, "1h", source=None, holes=Holes.UNKNOWN, overwrite=False)
        told = resample_series(store, BTC, "1h", source=None, holes=Holes.UNKNOWN, overwrite=True)
        assert told.counts == MergeCounts(replaced=2)

    def test_what_is_not_there_cannot_be_gathered(self, store: CandleStore) -> None:
        store.write(PERP, candles(24, length_ms=H1), overwrite=False)
        store.write(FUNDING, rates(3), overwrite=False)
        with pytest.raises(BadInput, match="no shorter timeframe"):
            resample_series(store, PERP, "15m", source=None, holes=Holes.UNKNOWN, overwrite=False)
        with pytest.raises(BadInput, match="no candles"):
            resample_series(store, FUNDING, "1d", source=None, holes=Holes.UNKNOWN, overwrite=False)
