"""Unmodified clients of Binance trade on the exchange over loopback sockets."""

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
from binance_common.configuration import ConfigurationRestAPI
from binance_sdk_spot.rest_api import SpotRestAPI

from tests.exchange.binance.binances import quote, running

with warnings.catch_warnings():  # it still imports names that its own WebSocket library has put away
    warnings.simplefilter("ignore", DeprecationWarning)
    from binance import AsyncClient, BinanceSocketManager
    from binance.exceptions import BinanceAPIException

WAIT_S = 20.0
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def ccxt_options(address: str) -> dict[str, Any]:
    """How ccxt is pointed at the exchange."""
    base, ws = f"http://{address}", f"ws://{address}"
    return {
        "apiKey": "demo",
        "secret": "demo",
        "enableRateLimit": False,
        "urls": {
            "api": {
                "public": f"{base}/api/v3",
                "private": f"{base}/api/v3",
                "sapi": f"{base}/sapi/v1",
                "ws": {"spot": f"{ws}/ws", "ws-api": {"spot": f"{ws}/ws-api/v3"}},
            }
        },
        "options": {"fetchMarkets": ["spot"], "fetchCurrencies": False, "fetchMargins": False},
    }


@asynccontextmanager
async def client(kind: Any, address: str) -> AsyncGenerator[Any]:
    made = kind(ccxt_options(address))
    try:
        yield made
    finally:
        await made.close()


async def test_ccxt_reads_the_market_and_trades():
    async with running() as (_, address), client(ccxt.async_support.binance, address) as binance:
        markets = await binance.load_markets()
        precision = markets["BTC/USDT"]["precision"]
        assert (precision["amount"], precision["price"]) == (1e-05, 0.01)
        assert markets["BTC/USDT"]["limits"]["cost"]["min"] == 5
        assert (await binance.fetch_ticker("BTC/USDT"))["last"] == 60_000
        assert (await binance.fetch_order_book("BTC/USDT"))["bids"][0] == [59_999.0, 2.0]
        assert len(await binance.fetch_trades("BTC/USDT")) == 1
        assert (await binance.fetch_ohlcv("BTC/USDT", "5m"))[-1][4] == 60_000
        bought = await binance.create_order("BTC/USDT", "market", "buy", 0.5)
        assert (bought["status"], bought["filled"], bought["average"]) == ("closed", 0.5, 60_001)
        resting = await binance.create_order("BTC/USDT", "limit", "buy", 0.1, 50_000, {"clientOrderId": "q-1"})
        stop = await binance.create_order("BTC/USDT", "limit", "sell", 0.1, 55_000, {"stopLossPrice": 56_000})
        assert {order["id"] for order in await binance.fetch_open_orders("BTC/USDT")} == {resting["id"], stop["id"]}
        found = await binance.fetch_order(None, "BTC/USDT", {"origClientOrderId": "q-1"})
        assert (found["id"], found["status"]) == (resting["id"], "open")
        balance = await binance.fetch_balance()
        assert (balance["USDT"]["used"], balance["BTC"]["used"]) == (5_000, 0.1)
        assert balance["BTC"]["total"] == pytest.approx(2.4995)
        await binance.cancel_order(resting["id"], "BTC/USDT")
        assert len(await binance.cancel_all_orders("BTC/USDT")) == 1
        (trade,) = await binance.fetch_my_trades("BTC/USDT")
        assert (trade["fee"]["cost"], trade["fee"]["currency"]) == (0.0005, "BTC")


async def test_ccxt_tells_its_own_errors_apart():
    async with running() as (_exchange, address), client(ccxt.async_support.binance, address) as binance:
        await binance.load_markets()
        with pytest.raises(ccxt.InsufficientFunds):
            await binance.create_order("BTC/USDT", "limit", "buy", 10, 59_000)
        with pytest.raises(ccxt.OrderImmediatelyFillable):
            await binance.create_order("BTC/USDT", "limit", "buy", 0.1, 61_000, {"postOnly": True})
        with pytest.raises(ccxt.OrderNotFound):
            await binance.fetch_order("999", "BTC/USDT")
        with pytest.raises(ccxt.OrderNotFound):
            await binance.cancel_order("999", "BTC/USDT")
        binance.secret = "wrong"
        with pytest.raises(ccxt.AuthenticationError):
            await binance.fetch_balance()
        binance.secret, binance.apiKey = "demo", "stranger"
        with pytest.raises(ccxt.AuthenticationError):
            await binance.fetch_balance()


async def test_ccxt_pro_watches_book_trades_candles_and_its_own_orders():
    async with running() as (exchange, address), client(ccxt.pro.binance, address) as binance:
        await binance.load_markets()
        async with asyncio.timeout(WAIT_S):
            moving = asyncio.create_task(_move(exchange))
            book = await binance.watch_order_book("BTC/USDT")
            for _ in range(3):
                book = await binance.watch_order_book("BTC/USDT")
            assert book["bids"][0][0] < book["asks"][0][0]
            assert (await binance.watch_trades("BTC/USDT"))[-1]["price"] > 0
            assert (await binance.watch_ticker("BTC/USDT"))["last"] > 0
            assert (await binance.watch_ohlcv("BTC/USDT", "1m"))[-1][4] > 0
            orders = asyncio.create_task(binance.watch_orders("BTC/USDT"))
            await asyncio.sleep(0.5)
            placed = await binance.create_order("BTC/USDT", "limit", "buy", 0.01, 50_000)
            (told,) = await orders
            assert (told["id"], told["status"]) == (placed["id"], "open")
            trades = asyncio.create_task(binance.watch_my_trades("BTC/USDT"))
            await asyncio.sleep(0.2)
            await binance.create_order("BTC/USDT", "market", "buy", 0.01)
            assert (await trades)[0]["amount"] == 0.01
            placed = await binance.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 51_000)
            cancelled = await binance.cancel_order_ws(placed["id"], "BTC/USDT")
            assert cancelled["status"] == "canceled"
            moving.cancel()


async def _move(exchange: Any) -> None:
    """Let the market move a little, ten times a second."""
    for step in range(100_000):
        quote(exchange, "BTCUSDT", Decimal(60_000 + step % 5))
        await asyncio.sleep(0.1)


@pytest.mark.slow  # this client takes ten seconds to let go of each of its sockets
async def test_python_binance_trades_and_hears_of_it():
    async with running() as (_exchange, address):
        binance = await _python_binance(address)
        manager = BinanceSocketManager(binance)
        manager.STREAM_URL = f"ws://{address}/"
        try:
            assert (await binance.get_symbol_ticker(symbol="BTCUSDT"))["price"] == "60000.00000000"
            assert (await binance.get_symbol_info("BTCUSDT"))["status"] == "TRADING"
            async with (
                asyncio.timeout(WAIT_S),
                manager.user_socket() as user,
                manager.trade_socket("BTCUSDT") as trades,
            ):
                order = await binance.order_market_buy(symbol="BTCUSDT", quoteOrderQty="600")
                assert order["status"] == "FILLED"
                assert (await trades.recv())["p"] == "60001.00000000"
                heard = [await user.recv() for _ in range(3)]
                assert [event["e"] for event in heard] == ["executionReport"] * 2 + ["outboundAccountPosition"]
                assert heard[1]["X"] == "FILLED"
            pair = await binance.create_oco_order(
                symbol="BTCUSDT",
                side="SELL",
                quantity="0.5",
                aboveType="LIMIT_MAKER",
                abovePrice="66000",
                belowType="STOP_LOSS",
                belowStopPrice="55000",
            )
            assert [report["type"] for report in pair["orderReports"]] == ["LIMIT_MAKER", "STOP_LOSS"]
            cancelled = await binance.cancel_order(symbol="BTCUSDT", orderId=pair["orders"][0]["orderId"])
            assert cancelled["listOrderStatus"] == "ALL_DONE"
            with pytest.raises(BinanceAPIException) as refused:
                await binance.order_limit_buy(symbol="BTCUSDT", quantity="0.000001", price="50000")
            assert (refused.value.code, refused.value.status_code) == (-1013, 400)
        finally:
            await binance.close_connection()


async def _python_binance(address: str) -> Any:
    made: Any = AsyncClient("demo", "demo")
    made.API_URL = f"http://{address}/api"
    made.MARGIN_API_URL = f"http://{address}/sapi"
    made.WS_API_URL = f"ws://{address}/ws-api/v3"
    made.ws_api._url = made.WS_API_URL
    await made.ping()
    return made


async def test_binances_own_library_reads_every_answer_with_its_strict_models():
    async with running() as (_exchange, address):
        settings = ConfigurationRestAPI(api_key="demo", api_secret="demo", base_path=f"http://{address}", retries=0)
        rest: Any = SpotRestAPI(settings)  # its models check what comes in; its hints for what goes out are enums
        assert (await asyncio.to_thread(rest.ping)).status == 200
        assert (await asyncio.to_thread(rest.time)).data().server_time > 0
        info = (await asyncio.to_thread(rest.exchange_info)).data()
        assert {listed.symbol for listed in info.symbols} == {"BTCUSDT", "ETHUSDT"}
        assert len((await asyncio.to_thread(rest.depth, "BTCUSDT")).data().bids) == 5
        assert len((await asyncio.to_thread(rest.klines, "BTCUSDT", "1h")).data()) >= 1
        placed = (
            await asyncio.to_thread(
                rest.new_order, "BTCUSDT", "BUY", "LIMIT", time_in_force="GTC", quantity=0.1, price=60_001.0
            )
        ).data()
        assert (placed.status, placed.fills[0].price) == ("FILLED", "60001.00000000")
        account = (await asyncio.to_thread(rest.get_account)).data()
        assert {balance.asset: balance.free for balance in account.balances}["BTC"] == "2.09990000"
        resting = (
            await asyncio.to_thread(
                rest.new_order,
                "BTCUSDT",
                "BUY",
                "LIMIT",
                time_in_force="GTC",
                quantity=0.1,
                price=50_000.0,
                new_order_resp_type="RESULT",
            )
        ).data()
        found = (await asyncio.to_thread(rest.get_order, "BTCUSDT", order_id=resting.order_id)).data()
        assert (found.status, found.is_working) == ("NEW", True)
        assert len((await asyncio.to_thread(rest.get_open_orders)).data()) == 1
        assert len((await asyncio.to_thread(rest.my_trades, "BTCUSDT")).data()) == 1
        gone = (await asyncio.to_thread(rest.delete_order, "BTCUSDT", order_id=resting.order_id)).data()
        assert gone.status == "CANCELED"
        assert len((await asyncio.to_thread(rest.all_orders, "BTCUSDT")).data()) == 2
        assert (await asyncio.to_thread(rest.ticker24hr, "BTCUSDT")).data() is not None
        assert (await asyncio.to_thread(rest.rate_limit_order)).data()[0].count == 2
