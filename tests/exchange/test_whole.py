"""The whole exchange over a feed: what `quorate exchange` opens, and what it refuses to open."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt
import ccxt.async_support
import httpx
import pytest

from quorate.cli.main import outcome
from quorate.exchange import Fees
from quorate.exchange.faults import Fault, FaultKind
from quorate.settings_sources import Given, load_settings
from quorate.wiring.exchange import DEMO, ExchangeOptions, User, exchange_on_feed
from tests.exchange.binanceusdm.test_clients import ccxt_options
from tests.exchange.serving import served

FEED = {"feed.kind": "simulated", "feed.pairs": ["BTC/USDT", "ETH/USDT"], "feed.timeframe": "1m"}


def simulated(tmp_path: Path) -> Any:
    """Settings of a simulated market with two pairs."""
    given = [Given(name, value, f"--{name}") for name, value in FEED.items()]
    return load_settings(environment={}, folder=tmp_path, config=None, options=given)


def urls(address: str) -> dict[str, Any]:
    base = f"http://{address}"
    return {"public": f"{base}/api/v3", "private": f"{base}/api/v3", "sapi": f"{base}/sapi/v1"}


@pytest.mark.slow  # opens a simulated market with its past
async def test_every_face_trades_on_one_port_over_the_same_market(tmp_path):
    options = ExchangeOptions(
        users=(DEMO, User(key="ann", secret="wonderland")),
        balances={"USDT": Decimal(50_000), "USD": Decimal(50_000)},
        fees=Fees(maker_ppm=200, taker_ppm=500),
        faults=[Fault(kind=FaultKind.ANSWER_LOST, holds="never")],
    )
    async with exchange_on_feed(simulated(tmp_path), options) as (house, _), served(house.app) as address:
        binance: Any = ccxt.async_support.binance(
            {
                "apiKey": "ann",
                "secret": "wonderland",
                "urls": {"api": urls(address)},
                "options": {"fetchMarkets": ["spot"], "fetchCurrencies": False, "fetchMargins": False},
            }
        )
        base = f"http://{address}"
        kraken: Any = ccxt.async_support.kraken(
            {"apiKey": "demo", "secret": DEMO.kraken_secret, "urls": {"api": {"public": base, "private": base}}}
        )
        options: Any = {**ccxt_options(address), "apiKey": "ann", "secret": "wonderland"}
        usdm: Any = ccxt.async_support.binanceusdm(options)
        try:
            opened = await usdm.create_order("BTC/USDT:USDT", "market", "buy", 0.01)
            assert (opened["status"], opened["filled"]) == ("closed", 0.01)
            assert (await usdm.fetch_positions())[0]["contracts"] == 0.01
            assert (await usdm.fetch_balance())["USDT"]["total"] == pytest.approx(50_000 - opened["cost"] * 0.0005)
            assert len(await usdm.fetch_ohlcv("BTC/USDT:USDT", "1h", limit=500)) == 500
            bought = await binance.create_order("BTC/USDT", "market", "buy", 0.01)
            assert (bought["status"], bought["filled"]) == ("closed", 0.01)
            assert bought["fees"][0]["cost"] == pytest.approx(0.01 * 0.0005)
            candles = await binance.fetch_ohlcv("BTC/USDT", "1h", limit=500)
            assert len(candles) == 500
            sold = await kraken.create_order("BTC/USD", "market", "buy", 0.01)
            assert (await kraken.fetch_order(sold["id"]))["filled"] == 0.01
            last = [
                (await client.fetch_ticker(pair))["last"]
                for client, pair in ((binance, "BTC/USDT"), (kraken, "BTC/USD"), (usdm, "BTC/USDT:USDT"))
            ]
            assert last == [pytest.approx(last[0], rel=0.01)] * 3
            async with httpx.AsyncClient() as http:
                shown = (await http.get(f"{base}/control/")).json()
                funded = await http.post(
                    f"{base}/control/binanceusdm/funding/BTCUSDT", json={"rate": "0.001", "settle": True}
                )
                coins = await http.post(f"{base}/control/binance/funding/BTCUSDT", json={"rate": "0.001"})
            assert list(shown["venues"]) == ["binance", "kraken", "binanceusdm"]
            assert shown["faults"][0]["holds"] == "never"
            assert funded.json() == {"symbol": "BTCUSDT", "rate_ppb": 1_000_000}
            assert coins.status_code == 400
            assert (await usdm.fetch_funding_history("BTC/USDT:USDT"))[0]["amount"] < 0
        finally:
            await usdm.close()
            await binance.close()
            await kraken.close()


@pytest.mark.slow  # opens a simulated market with its past
async def test_only_the_faces_that_are_asked_for_are_open(tmp_path):
    options = ExchangeOptions(faces=("binanceusdm",))
    async with (
        exchange_on_feed(simulated(tmp_path), options) as (house, _),
        served(house.app) as address,
        httpx.AsyncClient(base_url=f"http://{address}") as http,
    ):
        assert (await http.get("/fapi/v1/time")).status_code == 200
        assert (await http.get("/api/v3/time")).status_code == 404
        assert (await http.get("/0/public/Time")).status_code == 404
        assert list((await http.get("/control/")).json()["venues"]) == ["binanceusdm"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--user", "alice"], "--user alice is no KEY:SECRET"),
        (["--balance", "USDT"], "--balance USDT is no ASSET=AMOUNT"),
        (["--balance", "USDT=-1"], "is no ASSET=AMOUNT"),
        (["--fees", "cheap"], "--fees cheap is no MAKER,TAKER"),
        (["--faults", "/no/such/file"], "cannot be read"),
        (["--face", "nasdaq"], "'nasdaq' is not one of"),
        (["--feed", "replay"], "folder"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_before_anything_opens(arguments, said, capsys):
    assert outcome(["exchange", "--port", "0", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_list_of_faults_that_is_none_is_refused(tmp_path, capsys):
    file = tmp_path / "faults.json"
    file.write_text('[{"kind": "no-such-thing"}]')
    assert outcome(["exchange", "--port", "0", "--faults", str(file)]) == 2
    assert "is no list of faults" in capsys.readouterr().err
