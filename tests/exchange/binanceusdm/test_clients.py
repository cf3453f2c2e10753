"""Unmodified clients of Binance's futures trade on the exchange over loopback sockets."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import ccxt
import ccxt.async_support
import ccxt.pro
import pytest

from tests.exchange.binanceusdm.futureses import move, running

with warnings.catch_warnings():  # it still imports names that its own WebSocket library has put away
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance import AsyncClient
    from binance.exceptions import BinanceAPIException

WAIT_S = 30.0
PAIR = "BTC/USDT:USDT"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def ccxt_options(address: str) -> dict[str, Any]:
    """How ccxt is pointed at the exchange."""
    base, ws = f"http://{address}/fapi", f"ws://{address}"
    api = {f"fapi{kind}{suffix}": f"{base}/v{version}" for kind in ("Public", "Private") for suffix, version in (
        ("", 1), ("V2", 2), ("V3", 3),
    )}  # fmt: skip
    return {
        "apiKey": "demo",
        "secret": "demo",
        "enableRateLimit": False,
        "urls": {"api": {**api, "ws": {"linear": f"{ws}/ws", "ws-api": {"linear": f"{ws}/ws-fapi/v1"}}}},
        "options": {
            "fetchMarkets": {"types": ["linear"]},
            "fetchCurrencies": False,
            "fetchMargins": False,
            "watchPositions": {"fetchPositionsSnapshot": False},
        },
    }


@asynccontextmanager
async def client(kind: Any, address: str) -> AsyncGenerator[Any]:
    made = kind(ccxt_options(address))
    try:
        await made.load_markets()
        yield made
    finally:
        await made.close()


async def test_ccxt_reads_the_market():
    async with running() as (_, address), client(ccxt.async_support.binanceusdm, address) as usdm:
        market = usdm.markets[PAIR]
        assert (market["swap"], market["linear"], market["settle"]) == (True, True, "USDT")
        assert (market["precision"]["amount"], market["precision"]["price"]) == (0.001, 0.1)
        assert market["limits"]["cost"]["min"] == 100
        assert (await usdm.fetch_ticker(PAIR))["last"] == 60_000
        assert (await usdm.fetch_order_book(PAIR))["bids"][0] == [59_999.0, 5.0]
        assert len(await usdm.fetch_trades(PAIR)) == 1
        assert (await usdm.fetch_ohlcv(PAIR, "5m"))[-1][4] == 60_000
        assert (await usdm.fetch_mark_ohlcv(PAIR, "5m"))[-1][4] == 60_000
        assert (await usdm.fetch_bids_asks([PAIR]))[PAIR]["ask"] == 60_001
        rate = await usdm.fetch_funding_rate(PAIR)
        assert (rate["markPrice"], rate["fundingRate"]) == (60_000, 0.0001)
        assert (await usdm.fetch_open_interest(PAIR))["openInterestAmount"] == 0
        assert await usdm.fetch_time() > 0


async def test_ccxt_opens_protects_reduces_and_flattens():
    async with running() as (house, address), client(ccxt.async_support.binanceusdm, address) as usdm:
        await usdm.set_leverage(10, PAIR)
        opened = await usdm.create_order(PAIR, "market", "buy", 0.1, None, {"clientOrderId": "q-1"})
        assert (opened["status"], opened["filled"], opened["average"]) == ("closed", 0.1, 60_001)
        (position,) = await usdm.fetch_positions([PAIR])
        assert (position["side"], position["contracts"], position["entryPrice"]) == ("long", 0.1, 60_001)
        assert (position["initialMargin"], position["marginMode"]) == (600.0, "cross")
        assert position["liquidationPrice"] is None, "it has more money than the position could lose"
        stop = await usdm.create_order(PAIR, "market", "sell", 0.1, None, {"stopLossPrice": 59_000, "reduceOnly": True})
        target = await usdm.create_order(PAIR, "market", "sell", 0.1, None, {"takeProfitPrice": 66_000})
        assert (stop["status"], stop["triggerPrice"], stop["type"]) == ("open", 59_000, "market")
        waiting = await usdm.fetch_open_orders(PAIR, None, None, {"trigger": True})
        assert {order["id"] for order in waiting} == {stop["id"], target["id"]}
        half = await usdm.create_order(PAIR, "limit", "sell", 0.05, 59_999, {"reduceOnly": True})
        assert (half["status"], half["reduceOnly"]) == ("closed", True)
        resting = await usdm.create_order(PAIR, "limit", "buy", 0.01, 58_000, {"postOnly": True})
        assert (resting["status"], resting["postOnly"]) == ("open", True)
        edited = await usdm.edit_order(resting["id"], PAIR, "limit", "buy", 0.02, 58_100)
        assert (edited["amount"], edited["price"]) == (0.02, 58_100)
        balance = await usdm.fetch_balance()
        assert balance["USDT"]["used"] > 300
        await usdm.cancel_order(target["id"], PAIR, {"trigger": True})
        await usdm.cancel_all_orders(PAIR)
        assert await usdm.fetch_open_orders(PAIR) == []
        move(house, "BTCUSDT", Decimal(58_900))
        fired = await usdm.fetch_order(stop["id"], PAIR, {"trigger": True})
        assert (fired["status"], fired["info"]["algoStatus"]) == ("closed", "FINISHED")
        assert await usdm.fetch_positions([PAIR]) == []
        trades = await usdm.fetch_my_trades(PAIR)
        assert [trade["side"] for trade in trades] == ["buy", "sell", "sell"]
        sums = {kind: Decimal(0) for kind in ("REALIZED_PNL", "COMMISSION")}
        for row in await usdm.fapiPrivateGetIncome({"limit": 1_000}):
            sums[row["incomeType"]] += Decimal(row["income"])
        wallet = Decimal((await usdm.fapiPrivateV3GetBalance())[0]["balance"])
        assert wallet == 10_000 + sum(sums.values())
        assert float(sums["COMMISSION"]) == pytest.approx(-sum(trade["fee"]["cost"] for trade in trades))


async def test_ccxt_pays_funding_is_liquidated_and_its_dead_man_cancels():
    async with running(cash=700) as (house, address), client(ccxt.async_support.binanceusdm, address) as usdm:
        await usdm.set_leverage(20, PAIR)
        await usdm.create_order(PAIR, "market", "buy", 0.2)
        house.contracts.set_rate("BTCUSDT", 250_000)
        house.contracts.settle("BTCUSDT", at_ms=house.exchange.clock())
        (paid,) = await usdm.fetch_funding_history(PAIR)
        assert paid["amount"] == pytest.approx(-0.2 * 60_000 * 0.00025)
        assert (await usdm.fetch_funding_rate_history(PAIR))[-1]["fundingRate"] == 0.00025
        await usdm.create_order(PAIR, "limit", "sell", 0.01, 65_000, {"reduceOnly": True})
        await usdm.fapiPrivatePostCountdownCancelAll({"symbol": "BTCUSDT", "countdownTime": 300})
        await _until(lambda: not house.exchange.engine.open_orders("demo"))
        assert await usdm.fetch_open_orders(PAIR) == []
        (position,) = await usdm.fetch_positions([PAIR])
        assert 56_000 < position["liquidationPrice"] < 60_000
        move(house, "BTCUSDT", Decimal(round(position["liquidationPrice"])) + 20)
        assert len(await usdm.fetch_positions([PAIR])) == 1
        move(house, "BTCUSDT", Decimal(round(position["liquidationPrice"])) - 20)
        assert await usdm.fetch_positions([PAIR]) == []
        kinds = {row["incomeType"] for row in await usdm.fapiPrivateGetIncome()}
        assert kinds >= {"FUNDING_FEE", "REALIZED_PNL", "INSURANCE_CLEAR"}
        assert 0 <= (await usdm.fetch_balance())["USDT"]["total"] < 100


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("limit", "buy", 9, 59_000), -2019),
        (("market", "sell", 0.1, None, {"stopLossPrice": 60_500}), -2021),
        (("market", "sell", 0.1, None, {"reduceOnly": True}), -2022),
        (("limit", "buy", 0.1, 60_005, {"postOnly": True}), -5022),
    ],
)
async def test_ccxt_passes_on_the_codes_of_futures(asked, code):
    """It has names for them at Binance's own address only; anywhere else it raises ExchangeError with the answer."""
    async with running() as (_, address), client(ccxt.async_support.binanceusdm, address) as usdm:
        with pytest.raises(ccxt.ExchangeError, match=f'"code":{code},'):
            await usdm.create_order(PAIR, *asked)


async def test_ccxt_tells_unknown_orders_and_wrong_keys_apart():
    async with running() as (_, address), client(ccxt.async_support.binanceusdm, address) as usdm:
        with pytest.raises(ccxt.OrderNotFound):
            await usdm.fetch_order("999", PAIR)
        with pytest.raises(ccxt.OrderNotFound):
            await usdm.cancel_order("999", PAIR, {"trigger": True})
        usdm.secret = "wrong"
        with pytest.raises(ccxt.AuthenticationError):
            await usdm.fetch_balance()
        usdm.secret, usdm.apiKey = "demo", "stranger"
        with pytest.raises(ccxt.AuthenticationError):
            await usdm.fetch_balance()


async def test_ccxt_pro_watches_the_market_and_its_own_orders_positions_and_money():
    async with running() as (house, address), client(ccxt.pro.binanceusdm, address) as usdm:
        async with asyncio.timeout(WAIT_S):
            moving = asyncio.create_task(_move(house))
            book = await usdm.watch_order_book(PAIR)
            for _ in range(3):
                book = await usdm.watch_order_book(PAIR)
            assert book["bids"][0][0] < book["asks"][0][0]
            assert (await usdm.watch_trades(PAIR))[-1]["price"] > 0
            assert (await usdm.watch_ticker(PAIR))["last"] > 0
            assert (await usdm.watch_bids_asks([PAIR]))[PAIR]["bid"] > 0
            assert (await usdm.watch_mark_price(PAIR))["markPrice"] > 0
            assert (await usdm.watch_ohlcv(PAIR, "1m"))[-1][4] > 0
            watching = {
                name: asyncio.create_task(make())
                for name, make in {
                    "orders": lambda: usdm.watch_orders(PAIR),
                    "positions": lambda: usdm.watch_positions([PAIR]),
                    "balance": usdm.watch_balance,
                    "trades": lambda: usdm.watch_my_trades(PAIR),
                }.items()
            }
            await _until(lambda: house.exchange.listen_keys)
            await asyncio.sleep(0.5)
            await usdm.create_order(PAIR, "market", "buy", 0.01)
            told = {name: await task for name, task in watching.items()}
            assert told["orders"][-1]["symbol"] == PAIR
            assert told["trades"][-1]["amount"] == 0.01
            assert (told["positions"][-1]["contracts"], told["positions"][-1]["side"]) == (0.01, "long")
            assert 9_990 < told["balance"]["USDT"]["total"] < 10_000
            placed = await usdm.create_order_ws(PAIR, "limit", "buy", 0.01, 58_000)
            cancelled = await usdm.cancel_order_ws(placed["id"], PAIR)
            assert cancelled["status"] == "canceled"
            stop = await usdm.create_order_ws(PAIR, "market", "sell", 0.01, None, {"stopLossPrice": 50_000})
            assert (await usdm.fetch_order(stop["id"], PAIR, {"trigger": True}))["status"] == "open"
            moving.cancel()


async def _until(true: Any) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110 - the exchange tells nobody but its clients
            await asyncio.sleep(0.02)


async def _move(house: Any) -> None:
    """Let the market move a little, ten times a second."""
    for step in range(100_000):
        move(house, "BTCUSDT", Decimal(60_000 + step % 5))
        await asyncio.sleep(0.1)


async def test_python_binance_trades_futures():
    async with running() as (house, address):
        binance: Any = AsyncClient("demo", "demo")
        binance.FUTURES_URL = f"http://{address}/fapi"
        try:
            assert (await binance.futures_symbol_ticker(symbol="BTCUSDT"))["price"] == "60000.00000000"
            info = await binance.futures_exchange_info()
            assert {row["symbol"] for row in info["symbols"]} == {"BTCUSDT", "ETHUSDT"}
            assert (await binance.futures_mark_price(symbol="BTCUSDT"))["markPrice"] == "60000.00000000"
            changed = await binance.futures_change_leverage(symbol="BTCUSDT", leverage=5)
            assert (changed["leverage"], changed["maxNotionalValue"]) == (5, "480000000")
            await binance.futures_create_order(symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.1")
            (held,) = await binance.futures_position_information(symbol="BTCUSDT")
            assert (held["positionAmt"], held["entryPrice"]) == ("-0.10000000", "59999.00000000")
            stop = await binance.futures_create_order(
                symbol="BTCUSDT", side="BUY", type="STOP_MARKET", stopPrice="61000", closePosition="true"
            )
            assert (stop["algoStatus"], stop["closePosition"]) == ("NEW", True)
            assert len(await binance.futures_get_open_algo_orders(symbol="BTCUSDT")) == 1
            move(house, "BTCUSDT", Decimal(61_001))
            account = await binance.futures_account()
            assert account["totalInitialMargin"] == "0.00000000"
            assert {row["positionAmt"] for row in account["positions"]} == {"0.00000000"}
            balances = await binance.futures_account_balance()
            assert balances[0]["asset"] == "USDT"
            assert len(await binance.futures_account_trades(symbol="BTCUSDT")) == 2
            assert len(await binance.futures_income_history()) == 3
            with pytest.raises(BinanceAPIException) as refused:
                await binance.futures_create_order(symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.0001")
            assert (refused.value.code, refused.value.status_code) == (-1111, 400)
        finally:
            await binance.close_connection()
