"""`data check`: every kind of flaw is found, and a sound series has none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from quorate.feeds.candles.agreement import disagreements
from quorate.feeds.candles.candle_store import CandleStore
from quorate.feeds.candles.checking import Flaw, Grade, check_series, early_ends
from quorate.feeds.candles.gathering import Holes, gather
from quorate.feeds.candles.parts import write_part
from quorate.feeds.candles.rows import Rows
from quorate.feeds.candles.series import Series, SeriesKind
from tests.feeds.candles.conftest import BTC, DAY, FUNDING, H1, M5, PERP, T0, candles, rates, with_cell

COUNT = 600


def found(store: CandleStore, series: Series = BTC) -> dict[str, Flaw]:
    return {flaw.name: flaw for flaw in check_series(store, series).flaws}


def tampered(store: CandleStore, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Write the stored month anew as `change` makes it: as a stranger would, without a checksum."""
    store.write(BTC, candles(COUNT), overwrite=False)
    (part,) = store.parts(BTC)
    change(pl.read_parquet(part)).write_parquet(part)


def test_a_sound_series_has_no_flaws(store: CandleStore) -> None:
    store.write(BTC, candles(20_000), overwrite=False)
    store.write(FUNDING, rates(100), overwrite=False)
    assert [check_series(store, series).verdict for series in (BTC, FUNDING)] == ["ok", "ok"]
    checked = check_series(store, BTC)
    assert (checked.count, checked.first_ms, checked.last_ms) == (20_000, T0, T0 + 19_999 * M5)


class TestErrors:
    """What cannot be true."""

    def test_a_damaged_part_is_named_and_the_others_are_looked_at(self, store: CandleStore) -> None:
        store.write(BTC, candles(20_000), overwrite=False)
        part = store.parts(BTC)[1]
        part.write_bytes(part.read_bytes()[:500])
        checked = check_series(store, BTC)
        assert checked.verdict == "error"
        assert checked.count == 31 * 288 + (20_000 - 59 * 288)
        flaws = {flaw.name: flaw for flaw in checked.flaws}
        assert "2025-02.parquet is damaged" in flaws["damaged_file"].detail
        assert flaws["gaps"].detail.startswith(f"{28 * 288:,} candles missing")

    def test_a_changed_number_is_damage(self, store: CandleStore) -> None:
        store.write(BTC, candles(COUNT), overwrite=False)
        (part,) = store.parts(BTC)
        told = pl.read_parquet_metadata(part)
        frame = pl.read_parquet(part).with_columns(close=pl.col("close") + 1e-9)
        frame.write_parquet(part, metadata={key: value for key, value in told.items() if key.startswith("quorate")})
        assert "not those that were written" in found(store)["damaged_file"].detail

    @pytest.mark.parametrize(
        ("name", "count", "change"),
        [
            ("duplicates", 2, lambda f: pl.concat([f, f.slice(5, 2)]).sort("ts")),
            ("out of order", 1, lambda f: pl.concat([f.slice(300), f.slice(0, 300)])),
            ("off grid", 1, lambda f: moved(f, 7, 1_000)),
            ("not finite", 1, lambda f: set_cell(f, "open", float("nan"))),
            ("impossible", 1, lambda f: set_cell(f, "low", -1.0)),
            ("impossible", 1, lambda f: set_cell(f, "high", 99.0)),
            ("impossible", 1, lambda f: set_cell(f, "volume", -1.0)),
            ("absurd", 1, lambda f: set_cell(f, "high", 450.0)),
        ],
    )
    def test_what_a_stranger_did_to_a_part(
        self, store: CandleStore, name: str, count: int, change: Callable[[pl.DataFrame], pl.DataFrame]
    ) -> None:
        tampered(store, change)
        flaw = found(store)[name]
        assert (flaw.grade, flaw.count) == (Grade.ERROR, count)

    def test_a_part_of_another_month_is_damage(self, store: CandleStore) -> None:
        tampered(store, lambda frame: frame)
        (part,) = store.parts(BTC)
        part.rename(part.with_name("2025-03.parquet"))
        assert "another month than 2025-03" in found(store)["damaged_file"].detail

    def test_a_rate_beyond_the_position(self, store: CandleStore) -> None:
        path = FUNDING.folder(store.root) / "2025-01.parquet"
        write_part(path, with_cell(rates(5), 3, 0, -2.0), FUNDING.kind.columns)
        assert found(store, FUNDING)["impossible"].grade is Grade.ERROR


class TestWarnings:
    """What may well have happened."""

    def test_gaps_with_their_lengths(self, store: CandleStore) -> None:
        rows = candles(COUNT)
        store.write(BTC, rows.at(np.array([k for k in range(COUNT) if k not in (5, 6, 50)])), overwrite=False)
        flaw = found(store)["gaps"]
        assert (flaw.grade, flaw.count) == (Grade.WARNING, 2)
        assert flaw.detail == "3 candles missing; longest 2 from 2025-01-01 00:25, 1 from 2025-01-01 04:10"

    @pytest.mark.parametrize(("run", "told"), [(11, False), (12, True), (30, True)])
    def test_runs_without_a_trade(self, store: CandleStore, run: int, told: bool) -> None:
        rows = candles(COUNT)
        rows.values[4, 100 : 100 + run] = 0.0
        store.write(BTC, rows, overwrite=False)
        assert ("zero volume" in found(store)) is told
        if told:
            assert found(store)["zero volume"].detail.startswith(
                f"{run} candles without a trade; longest run {run} from"
            )

    def test_runs_at_one_price(self, store: CandleStore) -> None:
        rows = candles(COUNT)
        rows.values[:4, 100:140] = 100.0
        rows.values[:4, 300:310] = 100.0
        store.write(BTC, rows, overwrite=False)
        assert "longest run 39 from" in found(store)["stale"].detail

    def test_jumps_and_wicks_beyond_so_many_sigmas_but_not_across_a_hole(self, store: CandleStore) -> None:
        rows = candles(COUNT)
        rows.values[2, 50] = 60.0
        rows.values[1, 90] = 180.0
        rows.values[:4, 400:] *= 1.7
        at = np.array([k for k in range(COUNT) if k != 399])
        store.write(BTC, rows.at(at), overwrite=False)
        flaw = found(store)["jumps"]
        assert (flaw.grade, flaw.count) == (Grade.WARNING, 2)
        assert "beyond 50 robust sigmas" in flaw.detail
        assert "jumps" not in {flaw.name for flaw in check_series(store, BTC, sigmas=1e6).flaws}

    def test_where_most_do_not_move_those_that_do_are_the_measure(self, store: CandleStore) -> None:
        values = np.ones((5, COUNT))
        values[:4, ::9] = 1.0001
        values[2] = np.minimum(values[2], values[0])
        values[1, 77] = 1.1
        store.write(BTC, Rows(T0 + np.arange(COUNT) * M5, values), overwrite=False)
        assert found(store)["jumps"].count == 1

    def test_a_mark_price_needs_no_volume(self, store: CandleStore) -> None:
        mark = Series("binance", SeriesKind.MARK, "BTC/USDT:USDT", "1h")
        rows = candles(50, length_ms=H1)
        rows.values[4] = 0.0
        store.write(mark, rows, overwrite=False)
        assert check_series(store, mark).verdict == "ok"

    def test_a_series_that_ends_before_the_others(self, store: CandleStore) -> None:
        luna = Series("binance", SeriesKind.SPOT, "LUNA/USDT", "5m")
        other = Series("kraken", SeriesKind.SPOT, "LUNA/USDT", "5m")
        store.write(BTC, candles(10 * 288), overwrite=False)
        for series in (luna, other):
            store.write(series, candles(7 * 288), overwrite=False)
        told = early_ends([check_series(store, series) for series in store.series()])
        assert {one.series: one.verdict for one in told} == {BTC: "ok", luna: "warning", other: "ok"}
        (flaw,) = next(one.flaws for one in told if one.series == luna)
        assert flaw.detail.startswith("ends 2025-01-07 23:55, others 2025-01-10 23:55: delisted")


class TestAgreement:
    """Timeframes of one pair have to tell the same story."""

    def test_what_was_gathered_agrees(self, store: CandleStore) -> None:
        h1 = Series("binance", SeriesKind.SPOT, "BTC/USDT", "1h")
        store.write(BTC, candles(COUNT), overwrite=False)
        store.write(h1, gather(candles(COUNT), source="5m", target="1h", holes=Holes.UNKNOWN).rows, overwrite=False)
        assert disagreements(store, h1) == ()
        assert disagreements(store, BTC) == ()
        assert disagreements(store, FUNDING) == ()

    def test_a_different_price_is_told_with_its_place(self, store: CandleStore) -> None:
        h1 = Series("binance", SeriesKind.SPOT, "BTC/USDT", "1h")
        rows = gather(candles(COUNT), source="5m", target="1h", holes=Holes.UNKNOWN).rows
        store.write(BTC, candles(COUNT), overwrite=False)
        store.write(h1, with_cell(rows, 7, 1, 150.0), overwrite=False)
        (flaw,) = disagreements(store, h1)
        assert (flaw.name, flaw.count, flaw.grade) == ("disagrees with 5m", 1, Grade.WARNING)
        assert flaw.detail == "of 50 candles that 5m has too, first at 2025-01-01 07:00"

    def test_a_contract_is_not_compared_with_its_coin(self, store: CandleStore) -> None:
        store.write(BTC, candles(COUNT), overwrite=False)
        store.write(PERP, candles(9, length_ms=H1, level=200.0), overwrite=False)
        assert disagreements(store, PERP) == ()


def moved(frame: pl.DataFrame, place: int, by_ms: int) -> pl.DataFrame:
    return frame.with_columns(ts=pl.when(pl.int_range(pl.len()) == place).then(pl.col("ts") + by_ms).otherwise("ts"))


def set_cell(frame: pl.DataFrame, column: str, value: float) -> pl.DataFrame:
    return frame.with_columns(pl.when(pl.int_range(pl.len()) == 9).then(value).otherwise(column).alias(column))


def test_a_day_is_longer_than_the_patience_for_early_ends(tmp_path: Path) -> None:
    store = CandleStore(tmp_path)
    for pair, days in (("BTC/USDT", 10), ("ETH/USDT", 9)):
        series = Series("binance", SeriesKind.SPOT, pair, "1d")
        store.write(series, candles(days, length_ms=DAY), overwrite=False)
    assert {one.verdict for one in early_ends([check_series(store, one) for one in store.series()])} == {"ok"}
