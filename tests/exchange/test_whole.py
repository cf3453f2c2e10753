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
async def test_both_protocols_trade_on_one_port_over_the_same_market(tmp_path):
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
        try:
            bought = await binance.create_order("BTC/USDT", "market", "buy", 0.01)
            assert (bought["status"], bought["filled"]) == ("closed", 0.01)
            assert bought["fees"][0]["cost"] == pytest.approx(0.01 * 0.0005)
            candles = await binance.fetch_ohlcv("BTC/USDT", "1h", limit=500)
            assert len(candles) == 500
            sold = await kraken.create_order("BTC/USD", "market", "buy", 0.01)
            assert (await kraken.fetch_order(sold["id"]))["filled"] == 0.01
            last = [
                (await client.fetch_ticker(pair))["last"]
                for client, pair in ((binance, "BTC/USDT"), (kraken, "BTC/USD"))
            ]
            assert last[0] == pytest.approx(last[1], rel=0.01)
            async with httpx.AsyncClient() as http:
                shown = (await http.get(f"{base}/control/")).json()
            assert list(shown["venues"]) == ["binance", "kraken"]
            assert shown["faults"][0]["holds"] == "never"
        finally:
            await binance.close()
            await kraken.close()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--user", "alice"], "--user alice is no KEY:SECRET"),
        (["--balance", "USDT"], "--balance USDT is no ASSET=AMOUNT"),
        (["--balance", "USDT=-1"], "is no ASSET=AMOUNT"),
        (["--fees", "cheap"], "--fees cheap is no MAKER,TAKER"),
        (["--faults", "/no/such/file"], "cannot be read"),
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
