"""Funding and open interest: through the real ccxt from a loopback exchange, and from recorded files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from quorate.domain.errors import BadInput
from quorate.feeds.context.ccxt_derivatives import CcxtDerivatives
from quorate.feeds.context.contract_names import pairs_of_contract
from quorate.feeds.context.derivatives import (
    Funding,
    FundingRates,
    read_funding_file,
    read_funding_folder,
)
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.lane import Lane
from quorate.feeds.context.settings import DerivativesSettings
from tests.feeds.context.conftest import NOW_MS
from tests.feeds.context.stranger import Reply, Stranger

HOUR_MS = 3_600_000
EIGHT_MS = 8 * HOUR_MS
DAY_MS = 24 * HOUR_MS


def contract(symbol: str, base: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "pair": symbol,
        "contractType": "PERPETUAL",
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.10", "minPrice": "1", "maxPrice": "1000000"}],
    }


def premium(symbol: str, rate: object) -> dict[str, object]:
    return {"symbol": symbol, "markPrice": "100", "lastFundingRate": rate, "nextFundingTime": NOW_MS, "time": NOW_MS}


@pytest.fixture
def exchange(stranger: Stranger) -> Stranger:
    """What binanceusdm answers, in its shapes."""
    symbols = [contract("BTCUSDT", "BTC"), contract("1000PEPEUSDT", "1000PEPE"), contract("BLZUSDT", "BLZ")]
    stranger.answers("/fapi/v1/exchangeInfo", json.dumps({"symbols": symbols}))
    stranger.answers("/fapi/v1/fundingInfo", json.dumps([{"symbol": "BLZUSDT", "fundingIntervalHours": 4}]))
    rates = [premium("BTCUSDT", "0.00010000"), premium("1000PEPEUSDT", "-0.00123456"), premium("BLZUSDT", "0.001")]
    stranger.answers("/fapi/v1/premiumIndex", json.dumps(rates))
    stranger.answers(
        "/fapi/v1/openInterest", json.dumps({"symbol": "BTCUSDT", "openInterest": "81234.567", "time": NOW_MS})
    )
    return stranger


@pytest.fixture
async def derivatives(exchange: Stranger) -> AsyncIterator[CcxtDerivatives]:
    urls: Mapping[str, object] = {
        "api": {"fapiPublic": f"{exchange.url}/fapi/v1", "dapiPublic": f"{exchange.url}/dapi/v1"}
    }
    made = CcxtDerivatives(DerivativesSettings(urls=urls))
    yield made
    await made.close()


async def test_rates_are_exact_and_brought_to_eight_hours(derivatives: CcxtDerivatives):
    rates = await derivatives.funding()
    assert (rates["BTC/USDT"].per_8h, rates["BTC/USDT"].hours_assumed) == (Decimal("0.0001"), True)
    assert (rates["BLZ/USDT"].per_8h, rates["BLZ/USDT"].hours_assumed) == (Decimal("0.002"), False)
    assert rates["PEPE/USDT"].rate == rates["1000PEPE/USDT"].rate == Decimal("-0.00123456")


async def test_open_interest_is_asked_for_the_pairs_that_have_a_contract(derivatives: CcxtDerivatives):
    told = await derivatives.open_interest(["BTC/USD", "NONE/USDT"])
    assert told["BTC/USD"].amount == Decimal("81234.567")
    assert list(told) == ["BTC/USD"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=503), "down"),
        (Reply(cut=True), "down"),
        (Reply(b'{"code":-1003,"msg":"Too many requests."}', status=429, headers={"Retry-After": "7"}), "throttled"),
        (Reply(b"<html>"), "malformed"),
        (Reply(json.dumps([premium("BTCUSDT", "9999")]).encode()), "malformed"),
        (Reply(json.dumps([premium("BTCUSDT", "NaN")]).encode()), "malformed"),
    ],
)
async def test_every_bad_answer_is_a_fault_of_a_kind(
    exchange: Stranger, derivatives: CcxtDerivatives, lane: Callable[..., Lane], reply: Reply, kind: str
):
    exchange.answers("/fapi/v1/premiumIndex", reply)
    with pytest.raises(SourceFault) as caught:
        await lane(attempts_max=1).call(derivatives.funding)
    assert caught.value.kind == kind
    assert caught.value.retry_after_s == (7.0 if kind == "throttled" else None)


@pytest.mark.parametrize("exchange_id", ["nonsense", "__class__", "base", "mexc"])
async def test_an_exchange_without_funding_is_refused(exchange_id: str):
    derivatives = CcxtDerivatives(DerivativesSettings(exchange=exchange_id))
    with pytest.raises(SourceFault) as caught:
        await derivatives.funding()
    assert caught.value.kind == "refused"
    await derivatives.close()


def test_a_contract_on_a_thousand_coins_stands_for_the_coin():
    assert pairs_of_contract("1000PEPE/USDT:USDT") == ("1000PEPE/USDT", "PEPE/USDT")
    assert pairs_of_contract("1INCH/USDT:USDT") == ("1INCH/USDT",)
    assert pairs_of_contract("BTC/USDT:USDT") == ("BTC/USDT",)


def test_a_pair_in_another_dollar_gets_the_rate_of_the_same_coin():
    rates = FundingRates()
    rates.take({"BTC/USDT": Funding(rate=Decimal("0.001"), hours=8)}, NOW_MS)
    for pair in ("BTC/USDT", "BTC/USD", "BTC/USDC", "BTC/USDT:USDT"):
        assert rates.at(pair, NOW_MS, age_ms_max=0) is not None
    for pair in ("BTC/EUR", "ETH/USDT", "ETH/BTC"):
        assert rates.at(pair, NOW_MS, age_ms_max=0) is None


def write(folder: Path, name: str, **columns: list[Any]) -> Path:
    path = folder / name
    pl.DataFrame(columns, strict=False).write_parquet(path)
    return path


def test_a_recorded_rate_is_known_from_its_stamp_on_and_not_before(tmp_path: Path):
    stamps = [NOW_MS + n * EIGHT_MS for n in range(3)]
    write(tmp_path, "binanceusdm_BTCUSDT_funding.parquet", ts=stamps, funding_rate=[0.0001, -0.0005, 0.002])
    rates = read_funding_folder(tmp_path)
    assert rates.at("BTC/USDT", NOW_MS - 1, age_ms_max=DAY_MS) is None
    found = rates.at("BTC/USDT", NOW_MS + EIGHT_MS - 1, age_ms_max=DAY_MS)
    assert found is not None
    assert (found.value.per_8h, found.age_ms) == (Decimal("0.0001"), EIGHT_MS - 1)
    found = rates.at("BTC/USDT", NOW_MS + EIGHT_MS, age_ms_max=DAY_MS)
    assert found is not None
    assert found.value.per_8h == Decimal("-0.0005")


def test_a_recorded_interval_is_judged_from_the_past_alone(tmp_path: Path):
    path = write(
        tmp_path, "a.parquet", ts=[NOW_MS, NOW_MS + EIGHT_MS, NOW_MS + EIGHT_MS + HOUR_MS], funding_rate=[0.01] * 3
    )
    hours = [(point.hours, point.hours_assumed) for _, point in read_funding_file(path).points()]
    assert hours == [(8, True), (8, False), (1, False)]


def test_recorded_rows_that_make_no_sense_are_left_out(tmp_path: Path):
    path = write(
        tmp_path,
        "a.parquet",
        ts=[NOW_MS, None, 5, NOW_MS, NOW_MS + 1, NOW_MS + 2],
        funding_rate=[0.01, 0.01, 0.01, 0.99, float("nan"), 50.0],
    )
    assert [point.rate for _, point in read_funding_file(path).points()] == [Decimal("0.01")]


def test_freqtrades_funding_columns_are_understood(tmp_path: Path):
    path = tmp_path / "a.parquet"
    frame = pl.DataFrame({"date": [NOW_MS], "open": [0.0003]}).with_columns(
        pl.from_epoch("date", "ms").dt.replace_time_zone("UTC")
    )
    frame.write_parquet(path)
    assert [(at_ms, point.rate) for at_ms, point in read_funding_file(path).points()] == [(NOW_MS, Decimal("0.0003"))]


def test_a_folder_or_a_file_without_funding_says_so(tmp_path: Path):
    with pytest.raises(BadInput, match="no recorded funding"):
        read_funding_folder(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="no columns"):
        read_funding_file(write(tmp_path, "a.parquet", x=[1]))
    (tmp_path / "b.parquet").write_bytes(b"not parquet")
    with pytest.raises(BadInput, match="cannot be read"):
        read_funding_file(tmp_path / "b.parquet")


@pytest.mark.real_data
def test_the_recorded_series_are_whole_and_never_tell_the_future(recorded: Path):
    rates = read_funding_folder(recorded / "funding")
    assert rates.pairs == ("BTC/USDT", "DOGE/USDT", "ETH/USDT", "SOL/USDT", "XRP/USDT")
    frame = pl.read_parquet(recorded / "funding" / "binanceusdm_BTCUSDT_funding.parquet")
    for at_ms, rate in zip(frame["ts"].to_list(), frame["funding_rate"].to_list(), strict=True):
        found = rates.at("BTC/USDT", at_ms, age_ms_max=EIGHT_MS)
        assert found is not None
        assert float(found.value.rate) == rate
        before = rates.at("BTC/USDT", at_ms - 1, age_ms_max=DAY_MS)
        assert before is None or before.age_ms > 7 * HOUR_MS
