"""What names say, and times: the same time however it is written."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.feeds.candles.importers.names import Layout, pair_of_symbol, told_by_name
from quorate.feeds.candles.importers.shapes import parse_columns
from quorate.feeds.candles.importers.stamps import StampUnit, check_timezone, milliseconds
from quorate.feeds.candles.series import SeriesKind
from tests.feeds.candles.conftest import DAY, NOW, T0


class TestStamps:
    """A time is the same time however it is written."""

    @given(st.integers(T0 - 400 * DAY, T0 + 4_000 * DAY))
    def test_numbers_of_every_unit(self, at_ms: int) -> None:
        at_ms -= at_ms % 1_000
        cells = [at_ms // 1_000, at_ms, at_ms * 1_000, at_ms * 1_000_000]
        assert milliseconds(pl.Series(cells)).tolist() == [at_ms] * 4
        assert milliseconds(pl.Series([str(cell) for cell in cells])).tolist() == [at_ms] * 4
        assert milliseconds(pl.Series([at_ms / 1_000.0])).tolist() == [at_ms]

    @pytest.mark.parametrize(
        "text",
        [
            "2025-01-01", "20250101", "2025-01-01 00:00", "2025-01-01 00:00:00", "2025-01-01T00:00:00Z",
            "2025-01-01 00:00:00.000000", "2025-01-01 01:00:00+01:00", "2024-12-31T19:00:00-05:00", "20250101 00:00",
            "2025/01/01 00:00:00", " 1735689600 ", "1735689600.0",
        ],
    )  # fmt: skip
    def test_text_of_every_shape(self, text: str) -> None:
        assert milliseconds(pl.Series([text])).tolist() == [T0]
        assert milliseconds(pl.Series([text, "never", None, ""])).tolist() == [T0, -1, -1, -1]

    def test_an_hour_that_a_zone_has_twice_or_never_is_no_time(self) -> None:
        told = milliseconds(pl.Series(["2025-03-30 02:30:00", "2025-10-26 02:30:00"]), timezone="Europe/Berlin")
        assert told.tolist() == [-1, -1]

    def test_a_unit_that_is_named_is_kept_to(self) -> None:
        assert milliseconds(pl.Series([1_735_689_600]), unit=StampUnit.SECONDS).tolist() == [T0]
        assert milliseconds(pl.Series([1_735_689_600]), unit=StampUnit.MILLISECONDS).tolist() == [1_735_689_600]

    @pytest.mark.parametrize("cell", [float("nan"), float("inf"), -1.0, 1e300, 9e18])
    def test_what_is_no_time_has_none_or_lies_far_off(self, cell: float) -> None:
        (told,) = milliseconds(pl.Series([cell])).tolist()
        assert told == -1 or told > NOW

    def test_a_zone_that_does_not_exist_is_said(self) -> None:
        with pytest.raises(BadInput, match="no timezone 'Mars'"):
            check_timezone("Mars")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("BTC_USDT-5m.feather", (Layout.FREQTRADE, "BTC/USDT", "5m")),
        ("1000SATS_USDT_USDT-1h-futures.json.gz", (Layout.FREQTRADE, "1000SATS/USDT:USDT", "1h")),
        ("BTCUSDT-15m-2025-01.zip", (Layout.BINANCE, "BTC/USDT", "15m")),
        ("binance_BTCUSDT_5m.parquet", (Layout.QUORATE, "BTC/USDT", "5m")),
        ("binanceusdm_BTCUSDT_1h.parquet", (Layout.QUORATE, "BTC/USDT:USDT", "1h")),
        ("binanceusdm_BTCUSDT_funding.parquet", (Layout.QUORATE, "BTC/USDT:USDT", None)),
        ("XBTUSD_60.csv", (Layout.KRAKEN, "BTC/USD", "1h")),
        ("BCHEUR.csv", (Layout.AUTO, "BCH/EUR", None)),
        ("prices.csv", (Layout.AUTO, None, None)),
    ],
)
def test_names_say_what_files_are(name: str, told: tuple[Layout, str | None, str | None]) -> None:
    found = told_by_name(Path("somewhere") / name, name)
    assert (found.layout, found.pair, found.timeframe) == told


def test_symbols_end_in_a_currency_that_is_known() -> None:
    assert pair_of_symbol("USD1USDT") == "USD1/USDT"
    assert pair_of_symbol("BTCUSD1") == "BTC/USD1"
    assert pair_of_symbol("ARBUSD_PERP", SeriesKind.PERP, exchange="binance") == "ARB/USD:ARB"
    assert pair_of_symbol("ARBUSD", exchange="coinbase") == "ARB/USD"
    assert pair_of_symbol("ARBBUSD", exchange="binance") == "ARB/BUSD"
    assert pair_of_symbol("XDGXBT", exchange="kraken") == "DOGE/BTC"
    assert pair_of_symbol("WHATEVER") is None


@pytest.mark.parametrize("text", ["ts", "ts=", "ts=a,ts=b", "when=a", "=a", "ts=a,,open=b"])
def test_columns_that_cannot_be_read_are_said(text: str) -> None:
    with pytest.raises(BadInput, match="--columns cannot be read"):
        parse_columns(text)
