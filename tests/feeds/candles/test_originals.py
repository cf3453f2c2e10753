"""Real files of other programs, one of every kind there is, and real series: rebuilt, compared, found fault with."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quorate.feeds.candles.agreement import disagreements
from quorate.feeds.candles.candle_store import CandleStore, Wanted
from quorate.feeds.candles.checking import check_series
from quorate.feeds.candles.gathering import Holes, gather
from quorate.feeds.candles.importers.names import Layout, Told
from quorate.feeds.candles.importers.shapes import Mapped, parse_columns
from quorate.feeds.candles.importing import Imported, ImportRules, find_files, import_file
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from tests.feeds.candles.conftest import DAY, H1, T0, candles, same

pytestmark = pytest.mark.real_data
NOW = T0 + 700 * DAY
PLAIN = Mapped()
MAIN = ("BTC", "ETH", "SOL", "XRP", "BNB", "DOGE", "ADA")


def brought(path: Path, store: CandleStore, mapped: Mapped = PLAIN, **said: object) -> list[Imported]:
    told = [
        one
        for file in find_files([path])
        for one in import_file(file, store, ImportRules(choice=Told(**said), mapped=mapped), now_ms=NOW)  # type: ignore[arg-type]
    ]
    assert [str(one.error) for one in told if one.error] == []
    return told


def spot(exchange: str, pair: str, timeframe: str) -> Series:
    return Series(exchange, SeriesKind.SPOT, pair, timeframe)


def flat(folder: Path, name: str) -> Rows:
    """A file of the normalised set, which somebody else made of the same originals."""
    frame = pl.read_parquet(folder / f"{name}.parquet")
    return Rows(
        frame["ts"].to_numpy(), np.stack([frame[c].to_numpy() for c in ("open", "high", "low", "close", "volume")])
    )


class TestImports:
    def test_freqtrade_spot(self, originals: Path, recorded_candles: Path, store: CandleStore) -> None:
        told = brought(originals / "freqtrade-feather/spot", store, exchange="binance")
        assert len(told) == 61
        assert {one.layout for one in told} == {Layout.FREQTRADE}
        assert not any(one.refused for one in told)
        for coin in MAIN:
            for timeframe in ("5m", "1h", "1d"):
                stored = store.rows(spot("binance", f"{coin}/USDT", timeframe))
                assert same(stored, flat(recorded_candles, f"binance_{coin}USDT_{timeframe}"))

    def test_freqtrade_contracts_mark_prices_and_funding(
        self, originals: Path, recorded_candles: Path, store: CandleStore
    ) -> None:
        assert len(brought(originals / "freqtrade-feather/futures", store, exchange="binance")) == 20
        perp = Series("binance", SeriesKind.PERP, "BTC/USDT:USDT", "1h")
        assert same(store.rows(perp), flat(recorded_candles, "binanceusdm_BTCUSDT_1h"))
        expected = pl.read_parquet(recorded_candles.parent / "funding/binanceusdm_BTCUSDT_funding.parquet")
        paid = store.funding("binance", "BTC/USDT")
        assert paid.stamps.tolist() == expected["ts"].to_list()
        assert paid.values[0].tolist() == expected["funding_rate"].to_list()

    def test_freqtrade_old_files(self, originals: Path, recorded_candles: Path, store: CandleStore) -> None:
        folder = originals / "freqtrade-testdata"
        for name in ("ETH_BTC-5m", "XLM_BTC-5m", "XRP_ETH-1m", "XRP_ETH-5m"):
            brought(folder / f"{name}.feather", store, exchange="binance")
        assert same(store.rows(spot("binance", "ETH/BTC", "5m")), flat(recorded_candles, "ftlegacy_ETHBTC_5m"))
        told = brought(folder / "futures", store, exchange="binance")
        assert sorted(str(one.series.kind) for one in told if one.series) == ["funding", "mark", "perp"]
        paid = store.funding("binance", "XRP/USDT")
        assert len(paid) == 91
        assert np.all(paid.stamps % (8 * H1) == 0), "the file's own stamps are some ms late"

    def test_a_json_file_whose_name_lies(self, originals: Path, store: CandleStore) -> None:
        path = originals / "freqtrade-testdata/UNITTEST_BTC-8m.json.gz"
        (told,) = import_file(path, store, ImportRules(choice=Told(exchange="binance")), now_ms=NOW)
        assert "looks like 1m" in str(told.error)
        (told,) = brought(path, store, exchange="binance", timeframe="1m")
        assert told.counts.added == told.read == 13_681

    @pytest.mark.parametrize("suffix", ["feather", "parquet", "json.gz"])
    def test_trades_make_the_candles_that_freqtrade_made_of_them(
        self, originals: Path, store: CandleStore, suffix: str
    ) -> None:
        folder = originals / "freqtrade-testdata"
        brought(folder / "XRP_ETH-1m.feather", store, exchange="binance")
        (told,) = brought(folder / f"XRP_ETH-trades.{suffix}", store, exchange="binance", timeframe="1m")
        assert (told.read, told.counts.same, told.counts.added, told.edges) == (12_477, 2_467, 0, 2)

    def test_trades_with_a_header(self, originals: Path, store: CandleStore) -> None:
        path = originals / "freqtrade-testdata/orderflow/public_trades_list.csv"
        (told,) = brought(path, store, exchange="binance", pair="ETH/USDT", timeframe="1m")
        assert (told.layout, told.read, told.counts.added) == (Layout.FREQTRADE_TRADES, 1_000, 2)

    def test_kraken_trades(self, originals: Path, store: CandleStore) -> None:
        told = brought(originals / "freqtrade-testdata/kraken/trades_csv", store, timeframe="5m")
        assert [one.layout for one in told] == [Layout.KRAKEN_TRADES] * 2
        series = spot("kraken", "BCH/EUR", "5m")
        rows = store.rows(series)
        frame = pl.read_csv(originals / "freqtrade-testdata/kraken/trades_csv/BCHEUR.csv", has_header=False)
        stamps, prices, amounts = (frame.to_series(place).to_list() for place in range(3))
        at = int(rows.stamps[5])
        inside = [k for k, second in enumerate(stamps) if at <= second * 1_000 < at + 300_000]
        inner = [prices[k] for k in inside]
        assert rows.values[:4, 5].tolist() == [inner[0], max(inner), min(inner), inner[-1]]
        assert rows.values[4, 5] == pytest.approx(sum(amounts[k] for k in inside), rel=1e-15)

    def test_binance_vision(self, originals: Path, recorded_candles: Path, store: CandleStore) -> None:
        for day in ("27", "28"):
            brought(originals / f"nautilus/ADABTC-1m-2021-11-{day}.csv", store)
        assert same(store.rows(spot("binance", "ADA/BTC", "1m")), flat(recorded_candles, "binance_ADABTC_1m"))

    def test_lean(self, originals: Path, recorded_candles: Path, store: CandleStore) -> None:
        crypto = originals / "lean/crypto"
        for path in [p for p in find_files([crypto]) if "_trade" in p.name]:
            brought(path, store)
        for series, name in (
            (spot("coinbase", "BTC/USD", "1d"), "coinbase_BTCUSD_1d"),
            (spot("coinbase", "BTC/USD", "1m"), "coinbase_BTCUSD_1m"),
            (spot("coinbase", "ETH/USD", "1m"), "coinbase_ETHUSD_1m"),
            (spot("bitfinex", "BTC/USD", "1h"), "bitfinex_BTCUSD_1h"),
        ):
            assert same(store.rows(series), flat(recorded_candles, name))
        (quotes,) = import_file(crypto / "coinbase/daily/btcusd_quote.zip", store, ImportRules(), now_ms=NOW)
        assert "bids and asks, not trades" in str(quotes.error)

    def test_lean_funding_as_a_table(self, originals: Path, store: CandleStore) -> None:
        path = originals / "lean/cryptofuture/binance/margin_interest/btcusd.csv"
        mapped = Mapped(parse_columns("ts=0,rate=1"))
        (told,) = brought(path, store, mapped, kind=SeriesKind.FUNDING, pair="BTC/USD:BTC")
        assert told.series == Series("binance", SeriesKind.FUNDING, "BTC/USD:BTC", "")
        assert store.funding("binance", "BTC/USD:BTC").values[0, 1] == 0.00046053

    def test_octobot_without_the_candles_that_were_still_forming(
        self, originals: Path, recorded_candles: Path, store: CandleStore
    ) -> None:
        path = originals / "octobot-sqlite/AbstractExchangeHistoryCollector_1581774962.1269426.data"
        told = brought(path, store)
        assert {one.series.timeframe for one in told if one.series} >= {"1m", "5m", "15m", "1h", "4h", "1d"}
        day = store.rows(spot("binance", "BTC/USDT", "1d"))
        normalised = flat(recorded_candles, "binanceOB1581_BTCUSDT_1d")
        assert same(day, normalised.part(0, len(normalised) - 1)), "its last day was ten hours old"
        four = originals / "octobot-sqlite/ExchangeHistoryDataCollector_1711122002.311132.data"
        assert len(brought(four, store)) == 4

    def test_a_table_with_text_for_times(self, originals: Path, recorded_candles: Path, store: CandleStore) -> None:
        path = originals / "nautilus/btc-perp-20211231-20220201_1m.csv"
        brought(path, store, exchange="somewhere", pair="BTC/USD:USD", timeframe="1m")
        perp = Series("somewhere", SeriesKind.PERP, "BTC/USD:USD", "1m")
        assert same(store.rows(perp), flat(recorded_candles, "unknownperp_BTCPERP_1m"))

    def test_months_are_not_taken_for_days(self, originals: Path, store: CandleStore) -> None:
        choice = Told(exchange="bitstamp", timeframe="1d")
        (told,) = import_file(originals / "backtestingpy/BTCUSD.csv", store, ImportRules(choice=choice), now_ms=NOW)
        assert "No two rows are 1d apart, the closest ones 28 days" in str(told.error)

    def test_the_whole_normalised_folder(self, recorded_candles: Path, store: CandleStore) -> None:
        told = [
            one
            for path in find_files([recorded_candles])
            for one in import_file(path, store, ImportRules(), now_ms=NOW)
        ]
        bad = {one.file.rpartition("_")[2] for one in told if one.error}
        assert bad == {"3d.parquet", "1w.parquet", "1M.parquet", "INDEX.csv"}
        assert sum(one.counts.added for one in told) > 1_000_000


class TestTruth:
    def test_longer_candles_rebuilt_from_shorter_ones_are_the_exchanges_own_bit_for_bit(
        self, recorded_candles: Path
    ) -> None:
        compared = 0
        for coin in (*MAIN, "USD1"):
            for source, target in (("5m", "15m"), ("5m", "1h"), ("5m", "1d"), ("1h", "4h"), ("1h", "1d")):
                paths = [recorded_candles / f"binance_{coin}USDT_{length}.parquet" for length in (source, target)]
                if not all(path.exists() for path in paths):
                    continue
                told = flat(recorded_candles, paths[1].stem)
                made = gather(flat(recorded_candles, paths[0].stem), source=source, target=target, holes=Holes.UNKNOWN)
                both, here, there = np.intersect1d(told.stamps, made.rows.stamps, return_indices=True)
                assert np.array_equal(told.values[:, here], made.rows.values[:, there])
                compared += len(both)
        assert compared > 200_000

    def test_the_dirt_that_is_there_is_found_and_sound_series_are_sound(
        self, originals: Path, recorded_candles: Path, store: CandleStore
    ) -> None:
        for name in ("binance_USD1USDT_5m", "kraken_XBTUSDT_1m", "binance_SOLUSDT_15m", "coinbase_BTCUSD_1d"):
            brought(recorded_candles / f"{name}.parquet", store)
        checked = {one.pair: check_series(store, one) for one in store.series()}
        flaws = {pair: {flaw.name: flaw for flaw in one.flaws} for pair, one in checked.items()}
        assert checked["SOL/USDT"].verdict == "ok"
        assert set(flaws["USD1/USDT"]) == {"jumps"}
        assert "2025-06-15" in flaws["USD1/USDT"]["jumps"].detail
        assert (flaws["BTC/USD"]["gaps"].count, checked["BTC/USD"].verdict) == (8, "error")
        assert "longest 20 from 2014-12-19" in flaws["BTC/USD"]["gaps"].detail
        assert "first at 2017-04-15" in flaws["BTC/USD"]["absurd"].detail
        assert checked["BTC/USDT"].verdict == "ok"

    def test_timeframes_of_real_series_agree(self, recorded_candles: Path, store: CandleStore) -> None:
        for name in ("5m", "15m", "1h", "4h", "1d"):
            brought(recorded_candles / f"binance_BTCUSDT_{name}.parquet", store)
        assert [disagreements(store, one) for one in store.series(Wanted(pairs=["BTC/USDT"]))] == [()] * 5


def test_a_year_of_eighty_symbols_is_read_in_a_moment(store: CandleStore) -> None:
    """A bound against reading row by row, not a measure: docs/data.md has that."""
    rows = candles(365 * 288)
    series = [spot("binance", f"C{place}/USDT", "5m") for place in range(4)]
    for one in series:
        store.write(one, rows, overwrite=False)
    began = time.process_time()
    for one in series:
        assert len(store.columns("binance", one.pair, "5m").close) == 365 * 288
    assert (time.process_time() - began) * 20 < 10.0
