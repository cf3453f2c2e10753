"""Replay: the same candles every time, resumable at any step, whatever state the files are in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.domain.policy import Costs
from quorate.domain.snapshot import Step
from quorate.feeds.gate import Gate
from quorate.feeds.replay import ReplayFeed, ReplayOptions
from quorate.kernel.resample import resample
from tests.feeds.conftest import BASE_MS, T0, FakeClock, Row, row, write_rows

DAY = 86_400_000


async def opened(folder: Path, **options: object) -> ReplayFeed:
    clock = FakeClock()
    feed = ReplayFeed(ReplayOptions(folder=folder, **options), costs=Costs(), clock=clock, sleep=clock.sleep)  # type: ignore[arg-type]
    await feed.open()
    return feed


async def steps_of(feed: ReplayFeed, after_ms: int | None = None) -> list[Step]:
    return [step async for step in feed.steps(after_ms)]


def wave(count: int, level: float = 100.0) -> list[Row]:
    return [row(index, round(level * (1 + 0.01 * np.sin(index / 7)), 2)) for index in range(count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_rows(tmp_path, "binance_BTCUSDT_5m", wave(700))
    write_rows(tmp_path, "binance_ETHUSDT_5m", [r for r in wave(700, 50.0) if r[0] % 7 != 3])
    return tmp_path


async def test_two_replays_give_the_same_steps(folder: Path) -> None:
    first, second = [await steps_of(await opened(folder)) for _ in range(2)]
    assert first == second
    assert len(first) == 700
    assert [candle.pair for candle in first[0].candles] == ["BTC/USDT", "ETH/USDT"]


async def test_a_resumed_replay_continues_exactly(folder: Path) -> None:
    feed = await opened(folder)
    whole = await steps_of(feed)
    for cut in (0, 1, 287, 288, 289, 500, 699):
        assert whole[: cut + 1] + await steps_of(feed, whole[cut].at_ms) == whole


dirt = st.one_of(
    st.just(None),
    st.sampled_from(["duplicate", "conflict", "nan", "spike", "level", "hole", "off_grid", "inside_out", "no_volume"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(dirt, min_size=4, max_size=40), st.randoms(use_true_random=False), st.integers(0, 40))
async def test_a_dirty_file_gives_what_the_gate_gives_and_resumes_exactly(
    tmp_path: Path, marks: list[str | None], shuffle: object, cut: int
) -> None:
    rows: list[tuple[object, ...]] = []
    level = 100.0
    for index, mark in enumerate(marks):
        if mark == "level":
            level = 1000.0 if level == 100.0 else 100.0
        rows += soiled(row(index, level + index % 5), mark)
    path = write_rows(tmp_path, "binance_BTCUSDT_5m", rows)
    try:
        feed = await opened(tmp_path)
    except BadInput:
        return
    gate = Gate(feed.markets, "5m")
    for raw in sorted(rows, key=lambda raw: int(str(raw[0]))):
        gate.offer("BTC/USDT", raw)
    whole = await steps_of(feed)
    assert whole == gate.ready()
    shuffle.shuffle(rows)  # type: ignore[attr-defined]
    if "conflict" not in marks:
        write_rows(tmp_path, path.stem, rows)
        assert await steps_of(await opened(tmp_path)) == whole
    after_ms = T0 + cut * BASE_MS
    assert await steps_of(feed, after_ms) == [step for step in whole if step.at_ms > after_ms]


def soiled(clean: Row, mark: str | None) -> list[tuple[object, ...]]:
    at, open_, high, low, close, volume = clean
    variants: dict[str, list[tuple[object, ...]]] = {
        "duplicate": [clean, clean],
        "conflict": [clean, (at, open_, high + 1, low, close, volume)],
        "nan": [(at, open_, float("nan"), low, close, volume)],
        "spike": [(at, open_ * 20, high * 20, low * 20, close * 20, volume)],
        "hole": [],
        "off_grid": [clean, (at + 1234, open_, high, low, close, volume)],
        "inside_out": [(at, open_, low, high, close, volume)],
        "no_volume": [(at, open_, high, low, close, None)],
    }
    return variants.get(mark or "", [clean])


async def test_the_end_of_a_range_is_not_included_and_the_start_is(tmp_path: Path) -> None:
    write_rows(tmp_path, "binance_BTCUSDT_5m", wave(288 * 4))
    feed = await opened(tmp_path, timerange="20250102-20250103")
    steps = await steps_of(feed)
    assert len(steps) == feed.candle_count == 288
    assert (steps[0].candles[0].open_ms, steps[-1].at_ms) == (T0 + DAY, T0 + 2 * DAY)
    assert feed.label == "replay of binance 5m, 2025-01-02 to 2025-01-02"


@pytest.mark.parametrize(("text", "count"), [("20250103-", 2), ("-20250102", 1), (None, 4), ("1735776000-", 3)])
async def test_a_range_may_be_open_on_either_side(tmp_path: Path, text: str | None, count: int) -> None:
    write_rows(tmp_path, "binance_BTCUSDT_5m", wave(288 * 4))
    assert len(await steps_of(await opened(tmp_path, timerange=text))) == 288 * count


async def test_the_market_is_inferred_from_the_whole_file_not_from_the_range(tmp_path: Path) -> None:
    rows = wave(288) + [row(288 + k, 123.4567) for k in range(288)]
    write_rows(tmp_path, "binance_XYZUSDT_5m", rows)
    first = await opened(tmp_path, timerange="-20250102")
    last = await opened(tmp_path, timerange="20250102-")
    assert first.markets == last.markets
    (market,) = first.markets
    assert (market.tick, market.lot, market.spread_ppm) == (Decimal("0.0001"), Decimal("0.01"), 800)
    assert set(market.estimated) == {"tick", "lot", "min_notional", "spread"}


@pytest.mark.parametrize(
    ("price", "tick", "lot"),
    [(97_123.45, "0.01", "0.00001"), (0.1234, "0.0001", "1"), (0.0000123456, "1E-10", "1E+4"), (2.0, "0.1", "0.1")],
)
async def test_tick_and_lot_fit_the_price(tmp_path: Path, price: float, tick: str, lot: str) -> None:
    write_rows(tmp_path, "binance_XYZUSDT_5m", [(T0 + k * BASE_MS, price, price, price, price, 1.0) for k in range(5)])
    (market,) = (await opened(tmp_path)).markets
    expected = Decimal(1) if price == 2.0 else Decimal(tick)
    assert (market.tick, market.lot) == (expected, Decimal(lot))


async def test_prices_come_back_exactly(folder: Path) -> None:
    feed = await opened(folder)
    (step, *_) = await steps_of(feed)
    btc = feed.markets[0]
    assert [btc.price(t) for t in (step.candles[0].open, step.candles[0].close)] == [Decimal("99.5"), Decimal(100)]


async def test_history_after_the_start_is_what_the_steps_delivered(folder: Path) -> None:
    feed = await opened(folder, timerange="20250102-")
    steps = await steps_of(feed)
    now = steps[99].at_ms
    bars = await feed.history("ETH/USDT", "5m", before_ms=now, count=50)
    delivered = [c for step in steps[:100] for c in step.candles if c.pair == "ETH/USDT"][-50:]
    assert bars.open_ms.tolist() == [candle.open_ms for candle in delivered]
    tick = feed.markets[1].tick
    assert bars.close.tolist() == [float(candle.close * tick) for candle in delivered]
    hourly = await feed.history("ETH/USDT", "1h", before_ms=now, count=1000)
    base = await feed.history("ETH/USDT", "5m", before_ms=int(hourly.close_ms[-1]), count=10_000)
    np.testing.assert_array_equal(hourly.volume, resample(base, "1h").volume)


async def test_history_before_the_start_comes_from_the_file_of_its_timeframe(folder: Path) -> None:
    hours = [(T0 - (60 - k) * 3_600_000, 90.0, 91.0, 89.0, 90.0, float(k)) for k in range(60 + 24)]
    write_rows(folder, "binance_BTCUSDT_1h", hours)
    feed = await opened(folder, timerange="20250102-")
    bars = await feed.history("BTC/USDT", "1h", before_ms=T0 + DAY + 2 * 3_600_000, count=1000)
    assert len(bars) == 60 + 24 + 2
    assert bars.close[-3] == 90.0
    assert bars.close[-1] != 90.0
    assert np.all(np.diff(bars.open_ms) == 3_600_000)
    short = await feed.history("BTC/USDT", "1h", before_ms=T0 + DAY + 2 * 3_600_000, count=3)
    assert short.open_ms.tolist() == bars.open_ms[-3:].tolist()


@pytest.mark.parametrize(("factor", "offset"), [(1000, 0), (0.001, 0)])
async def test_micro_and_whole_seconds_are_understood(tmp_path: Path, factor: float, offset: int) -> None:
    rows = [(int(r[0] * factor) + offset, *r[1:]) for r in wave(10)]
    write_rows(tmp_path, "binance_BTCUSDT_5m", rows)
    (first, *_) = await steps_of(await opened(tmp_path))
    assert first.at_ms == T0 + BASE_MS


async def test_speed_holds_the_steps_to_the_clock(folder: Path) -> None:
    clock = FakeClock()
    options = ReplayOptions(folder=folder, speed=60, timerange="20250102-")
    feed = ReplayFeed(options, costs=Costs(), clock=clock, sleep=clock.sleep)
    await feed.open()
    seen = [clock.now_ms() async for _ in feed.steps(None)]
    assert feed.paced
    assert set(np.diff(seen).tolist()) == {5_000}


async def test_quotes_are_the_last_closes_with_the_modelled_spread(folder: Path) -> None:
    feed = await opened(folder)
    quote = feed.quotes(T0 + BASE_MS)[0]
    assert (quote.last, quote.at_ms) == (Decimal("100.00"), T0 + BASE_MS)
    assert quote.bid is not None
    assert quote.ask is not None
    assert quote.bid < quote.last < quote.ask


async def test_the_fingerprint_changes_with_any_byte(folder: Path) -> None:
    before = (await opened(folder)).fingerprint()
    assert (await opened(folder)).fingerprint() == before
    write_rows(folder, "binance_ETHUSDT_5m", wave(699, 50.0))
    assert (await opened(folder)).fingerprint() != before


async def test_one_exchange_is_chosen_and_several_have_to_be_named(tmp_path: Path) -> None:
    write_rows(tmp_path, "kraken_BTCUSDT_5m", wave(5))
    assert "kraken" in (await opened(tmp_path)).label
    write_rows(tmp_path, "okx_BTCUSDT_5m", wave(5))
    with pytest.raises(BadInput, match=r"several exchanges.*kraken, okx"):
        await opened(tmp_path)
    assert "okx" in (await opened(tmp_path, exchange="okx")).label
    write_rows(tmp_path, "binance_BTCUSDT_5m", wave(5))
    assert "binance" in (await opened(tmp_path)).label


BAD_INPUT = [
    ({"pairs": ["FOO/USDT"]}, r"FOO/USDT.*BTCUSDT, ETHUSDT"),
    ({"pairs": ["nonsense"]}, "not a pair"),
    ({"timeframe": "1h"}, "no 1h candles.*5m"),
    ({"timeframe": "7m"}, "1m, 5m"),
    ({"exchange": "okx"}, "no candles of okx.*binance"),
    ({"timerange": "20240101-20240201"}, "holds no candle.*2025-01-01 to 2025-01-03"),
    ({"timerange": "2025"}, "cannot be read"),
    ({"timerange": "-"}, "cannot be read"),
    ({"timerange": "20251301-"}, "does not exist"),
    ({"timerange": "20250202-20250201"}, "ends before"),
    ({"speed": "fast"}, "speed"),
    ({"speed": -1}, "speed"),
]


@pytest.mark.parametrize(("options", "sentence"), BAD_INPUT)
async def test_what_makes_no_sense_is_answered_with_what_to_do(
    folder: Path, options: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        await opened(folder, **options)


async def test_a_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no folder"):
        await opened(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="no candle files"):
        await opened(tmp_path)
    path = write_rows(tmp_path, "binance_BTCUSDT_5m", wave(500))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(BadInput, match=r"binance_BTCUSDT_5m.parquet cannot be read"):
        await opened(tmp_path)
    write_rows(tmp_path, "binance_BTCUSDT_5m", [])
    with pytest.raises(BadInput, match="holds no candles"):
        await opened(tmp_path)


async def test_a_file_with_other_columns_is_named(tmp_path: Path) -> None:
    import polars as pl

    pl.DataFrame({"ts": [1], "price": [2.0]}).write_parquet(tmp_path / "binance_BTCUSDT_5m.parquet")
    with pytest.raises(BadInput, match="lacks the columns open, high"):
        await opened(tmp_path)


@pytest.mark.real_data
async def test_seven_coins_of_nine_months_open_within_a_second_and_resume_exactly(recorded_candles: Path) -> None:
    pairs = [f"{coin}/USDT" for coin in ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA")]
    feed = await opened(recorded_candles, pairs=pairs)
    assert feed.candle_count == 552_384
    assert all(counts.refused == 0 for counts in feed.counts.values())
    assert {m.pair: str(m.tick) for m in feed.markets}["BTC/USDT"] == "0.01"
    cut = T0 + 200 * DAY + 7 * BASE_MS
    tail = await steps_of(feed, cut)
    assert tail == [step for step in await steps_of(feed) if step.at_ms > cut]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("options", "candles"),
    [
        ({"exchange": "coinbase", "timeframe": "1m"}, 12_423 + 5_329),
        ({"exchange": "bitfinex", "timeframe": "1h"}, 733),
        ({"pairs": ["USD1/USDT"]}, 78_756),
        ({"exchange": "kraken", "timeframe": "1m"}, 721),
    ],
)
async def test_holes_and_quiet_candles_of_real_files_are_no_obstacle(
    recorded_candles: Path, options: dict[str, object], candles: int
) -> None:
    feed = await opened(recorded_candles, **options)
    steps = await steps_of(feed)
    delivered = sum(len(step.candles) for step in steps)
    refused = sum(counts.refused for counts in feed.counts.values())
    assert delivered + refused == candles
    assert refused <= 6
