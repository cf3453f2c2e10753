"""Downloads through the real ccxt from a small exchange on this machine: only what is missing, and nothing half."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput, Unavailable
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.download_plan import Reach, windows
from quorate.feeds.candles.downloading import Downloaded, DownloadOptions, download
from quorate.feeds.candles.gaps import Gap
from quorate.feeds.candles.merging import MergeCounts
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from quorate.feeds.candles.sifting import Reason
from quorate.feeds.timerange import TimeRange, parse_timerange
from tests.feeds.candles.conftest import BTC, DAY, FUNDING, H1, M5, T0, candles, rates, same, with_cell
from tests.feeds.candles.contracts import LoopbackContracts
from tests.feeds.conftest import FakeClock
from tests.feeds.loopback import LoopbackKraken, Row, served

NOW = T0 + 40 * DAY + 60_000
"""A minute into a candle."""
COUNT = 40 * 288
"""Candles that have closed by then."""
PERP_5M = Series("binance", SeriesKind.PERP, "BTC/USDT:USDT", "5m")
MARK_5M = Series("binance", SeriesKind.MARK, "BTC/USDT:USDT", "5m")
ETH = Series("binance", SeriesKind.SPOT, "ETH/USDT", "5m")
WHOLE = Reach(timerange=TimeRange(T0, None))


def told(rows: Rows) -> list[Row]:
    """Rows as the loopback exchange keeps them."""
    return [(at, *values) for at, values in zip(rows.stamps.tolist(), rows.values.T.tolist(), strict=True)]


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


@pytest.fixture
async def exchange() -> AsyncGenerator[LoopbackContracts]:
    loopback = LoopbackContracts(lambda: NOW)
    loopback.rows["BTC"] = told(candles(COUNT + 1))  # the last one is still forming
    loopback.rows["ETH"] = told(candles(COUNT, level=50.0))
    loopback.marks["BTC"] = told(candles(COUNT, level=101.0))
    loopback.funding["BTC"] = [
        (at + 7, f"{rate:.8f}") for at, rate in zip(rates(121).stamps.tolist(), rates(121).values[0], strict=True)
    ]
    async with served(loopback):
        yield loopback


async def bring(
    exchange: LoopbackContracts | LoopbackKraken, store: CandleStore, series: Sequence[Series], reach: Reach = WHOLE
) -> list[Downloaded]:
    options = DownloadOptions(exchange=exchange.exchange, series=series, reach=reach, urls=exchange.urls(), pause_ms=1)
    return await download(
        options, store, clock=FakeClock(NOW), sleep=at_once, chance=lambda: 0.5, tell=lambda *_, **__: None
    )


class TestWholes:
    """What an exchange has is stored as it has it."""

    async def test_every_closed_candle_and_never_the_forming_one(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        (one,) = await bring(exchange, store, [BTC])
        assert (one.asked, one.missing, one.error) == (COUNT, 0, None)
        assert one.counts == MergeCounts(added=COUNT)
        assert same(store.rows(BTC), candles(COUNT))
        assert [path.stem for path in store.parts(BTC)] == ["2025-01", "2025-02"]

    async def test_contracts_mark_prices_and_funding(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        done = await bring(exchange, store, [BTC, PERP_5M, MARK_5M, FUNDING])
        assert [one.error for one in done] == [None] * 4
        assert same(store.rows(PERP_5M), candles(COUNT))
        marks = candles(COUNT, level=101.0)
        marks.values[4] = 0.0
        assert same(store.rows(MARK_5M), marks)
        assert same(store.rows(FUNDING), Rows(rates(121).stamps, np.round(rates(121).values, 8)))

    async def test_progress_ends_at_the_whole(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        seen: dict[str, list[tuple[int, int]]] = {}

        def tell(series: Series, *, done: int, total: int, at_ms: int) -> None:
            seen.setdefault(series.label, []).append((done, total))
            assert T0 <= at_ms <= NOW

        options = DownloadOptions(
            exchange="binance", series=[BTC, FUNDING], reach=WHOLE, urls=exchange.urls(), pause_ms=1
        )
        await download(options, store, clock=FakeClock(NOW), sleep=at_once, chance=lambda: 0.5, tell=tell)
        for steps in seen.values():
            assert [done for done, _ in steps] == sorted(done for done, _ in steps)
            assert steps[-1][0] == steps[-1][1]

    async def test_an_exchange_that_keeps_little_gives_what_it_has_and_the_rest_is_told(
        self, store: CandleStore
    ) -> None:
        kraken = LoopbackKraken(lambda: NOW)
        kraken.rows["BTC"] = told(candles(700, start_ms=T0 + (COUNT - 700) * M5))
        series = Series("kraken", SeriesKind.SPOT, "BTC/USDT", "5m")
        async with served(kraken):
            (one,) = await bring(kraken, store, [series], Reach(timerange=TimeRange(NOW - 6 * DAY, None)))
        assert one.counts.added == 700
        assert one.missing == one.asked - 700
        assert one.first_missing_ms == (NOW - 6 * DAY) // M5 * M5 + M5
        assert store.facts(series).last_ms == T0 + (COUNT - 1) * M5


class TestResuming:
    """A second run asks for what is missing and for nothing else."""

    async def test_what_is_stored_is_not_asked_for_again(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        store.write(BTC, candles(5_000), overwrite=False)
        (one,) = await bring(exchange, store, [BTC], Reach())
        assert one.asked == COUNT - 5_000
        assert min(at for _, _, at in exchange.asked) == T0 + 5_000 * M5
        assert same(store.rows(BTC), candles(COUNT))
        exchange.asked.clear()
        (again,) = await bring(exchange, store, [BTC], Reach())
        assert (again.asked, again.counts, exchange.asked) == (0, MergeCounts(), [])

    async def test_holes_in_the_range_are_filled_and_those_outside_are_left(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        there = np.ones(COUNT, np.bool_)
        there[100:110] = there[4_000] = there[9_000:9_003] = False
        store.write(BTC, candles(COUNT).at(there), overwrite=False)
        reach = Reach(timerange=parse_timerange("20250105-"))
        (one,) = await bring(exchange, store, [BTC], reach)
        assert (one.asked, one.counts.added) == (4, 4)
        assert len(exchange.asked) == 2
        assert store.facts(BTC).missing == 10

    async def test_without_a_range_it_goes_on_after_the_last_and_leaves_holes(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        store.write(BTC, candles(COUNT - 5).at(np.arange(COUNT - 5) != 77), overwrite=False)
        (one,) = await bring(exchange, store, [BTC], Reach())
        assert one.counts.added == 5
        assert store.facts(BTC).missing == 1

    async def test_a_series_nothing_is_stored_of_begins_thirty_days_back(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        (one,) = await bring(exchange, store, [BTC], Reach())
        assert one.asked == 30 * 288
        (less,) = await bring(exchange, store, [ETH], Reach(days=2))
        assert less.asked == 2 * 288

    async def test_funding_goes_on_after_the_last_rate(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        store.write(FUNDING, Rows(rates(60).stamps, np.round(rates(60).values, 8)), overwrite=False)
        (one,) = await bring(exchange, store, [FUNDING], Reach())
        assert one.counts == MergeCounts(added=61)
        (again,) = await bring(exchange, store, [FUNDING], Reach())
        assert again.counts == MergeCounts()

    async def test_funding_from_before_the_contract_was_begun(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        (one,) = await bring(exchange, store, [FUNDING], Reach(timerange=TimeRange(T0 - 400 * DAY, None)))
        assert one.counts == MergeCounts(added=121)

    async def test_with_overwrite_everything_is_asked_again_and_the_exchange_wins(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        wrong = with_cell(candles(COUNT), 50, 3, float(candles(COUNT).values[3, 50]) + 0.1)
        store.write(BTC, wrong, overwrite=False)
        (kept,) = await bring(exchange, store, [BTC])
        assert (kept.asked, kept.counts) == (0, MergeCounts())
        (one,) = await bring(exchange, store, [BTC], Reach(timerange=TimeRange(T0, None), overwrite=True))
        assert one.counts == MergeCounts(same=COUNT - 1, replaced=1)
        assert same(store.rows(BTC), candles(COUNT))


class TestTrouble:
    """What goes wrong is said, and what came before it is kept."""

    async def test_an_exchange_that_fails_half_way_leaves_what_came_and_the_next_run_goes_on(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        exchange.fails_at_ms = T0 + 33 * DAY
        btc, eth = await bring(exchange, store, [BTC, ETH])
        assert isinstance(btc.error, Unavailable)
        assert isinstance(eth.error, Unavailable)
        stored = store.rows(BTC)
        assert same(stored, candles(COUNT).part(0, len(stored)))
        assert 31 * 288 <= len(stored) < COUNT
        assert btc.missing == COUNT - len(stored)
        exchange.fails_at_ms = None
        btc, eth = await bring(exchange, store, [BTC, ETH])
        assert (btc.counts.added, btc.error) == (COUNT - len(stored), None)
        assert same(store.rows(BTC), candles(COUNT))
        assert same(store.rows(ETH), candles(COUNT, level=50.0))

    async def test_being_throttled_is_waited_out(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)
            await asyncio.sleep(0)

        exchange.throttles_at = 3
        options = DownloadOptions(exchange="binance", series=[BTC], reach=WHOLE, urls=exchange.urls(), pause_ms=1)
        (one,) = await download(
            options, store, clock=FakeClock(NOW), sleep=sleep, chance=lambda: 0.5, tell=lambda *_, **__: None
        )
        assert one.error is None
        assert 2.0 in slept, "what the exchange asked for"
        assert same(store.rows(BTC), candles(COUNT))

    async def test_impossible_candles_are_left_out_and_counted(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        exchange.rows["BTC"] = told(with_cell(candles(COUNT), 700, 2, -1.0))
        (one,) = await bring(exchange, store, [BTC])
        assert one.refused == ((Reason.NOT_POSITIVE, 1),)
        assert (one.missing, one.first_missing_ms) == (1, T0 + 700 * M5)
        assert store.facts(BTC).missing == 1

    async def test_nonsense_is_an_answer_nobody_stores(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        exchange.nonsense = [[T0, "x", None, [], {}, "1"], ["never", 1, 1, 1, 1, 1], [T0 + M5]]
        (one,) = await bring(exchange, store, [BTC], Reach(timerange=parse_timerange("20250101-20250102")))
        assert one.counts == MergeCounts()
        assert one.missing == one.asked == 288

    async def test_what_the_exchange_does_not_have_is_said_before_anything_is_asked(
        self, exchange: LoopbackContracts, store: CandleStore
    ) -> None:
        nothing = Series("binance", SeriesKind.SPOT, "BTC/EUR", "5m")
        with pytest.raises(BadInput, match=r"does not trade BTC/EUR.*With BTC it trades BTC/USDT"):
            await bring(exchange, store, [BTC, nothing])
        odd = Series("binance", SeriesKind.SPOT, "BTC/USDT", "10m")
        with pytest.raises(BadInput, match="no 10m candles"):
            await bring(exchange, store, [odd])
        assert exchange.asked == []

    async def test_kinds_an_exchange_does_not_give_are_said(self, store: CandleStore) -> None:
        kraken = LoopbackKraken(lambda: NOW)
        async with served(kraken):
            with pytest.raises(BadInput, match="does not trade BTC/USDT:USDT"):
                await bring(kraken, store, [Series("kraken", SeriesKind.FUNDING, "BTC/USDT:USDT", "")])

    async def test_being_stopped_writes_what_came_first(self, exchange: LoopbackContracts, store: CandleStore) -> None:
        exchange.stalls_after = 10
        running = asyncio.create_task(bring(exchange, store, [BTC]))
        async with asyncio.timeout(60):
            await exchange.stalled.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert same(store.rows(BTC), candles(COUNT).part(0, 10_000))
        assert [path.name for path in BTC.folder(store.root).iterdir() if path.suffix == ".tmp"] == []


class TestPlan:
    """Which questions are asked."""

    @given(st.sets(st.integers(0, 400)), st.integers(1, 60))
    def test_windows_cover_every_hole_once_and_stay_small(self, there: set[int], rows_max: int) -> None:
        stamps = T0 + np.array(sorted(there), np.int64) * M5
        reach = Reach(timerange=TimeRange(T0, T0 + 401 * M5))
        holes = reach.holes(stamps, M5, now_ms=NOW)
        found = list(windows(holes, rows_max))
        covered = [k for window in found for k in range(401) if window.start_ms <= T0 + k * M5 < window.stop_ms]
        assert len(covered) == len(set(covered))
        assert set(range(401)) - there <= set(covered)
        assert sum(window.wanted for window in found) == 401 - len(there)
        for window in found:
            assert 0 < (window.stop_ms - window.start_ms) // M5 <= rows_max

    def test_holes_close_to_one_another_share_a_question(self) -> None:
        holes = [Gap(T0, T0 + M5, M5), Gap(T0 + 5 * M5, T0 + 6 * M5, M5), Gap(T0 + 900 * M5, T0 + 1_500 * M5, M5)]
        found = list(windows(holes, 1_000))
        assert [(w.start_ms, w.stop_ms, w.wanted) for w in found] == [
            (T0, T0 + 1_000 * M5, 102),
            (T0 + 1_000 * M5, T0 + 1_500 * M5, 500),
        ]

    def test_a_candle_is_asked_for_once_it_has_settled(self) -> None:
        none = np.empty(0, np.int64)
        for now_ms, last in ((T0 + H1, T0 + H1 - 2 * M5), (T0 + H1 + 2_000, T0 + H1 - M5)):
            reach = Reach(days=1).of(none, M5, now_ms=now_ms)
            assert reach.stop_ms == last + M5

    def test_ranges_off_the_grid_take_whole_candles(self) -> None:
        asked = Reach(timerange=TimeRange(T0 + 1, T0 + H1 - 1))
        assert asked.of(np.empty(0, np.int64), M5, now_ms=NOW) == TimeRange(T0 + M5, T0 + H1)
