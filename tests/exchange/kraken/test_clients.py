"""Strangers trade on the Kraken door over loopback sockets: ccxt, ccxt.pro and python-kraken-sdk, all unmodified."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from kraken.spot import Market, SpotOrderBookClient, SpotWSClient, Trade, User

from quorate.exchange.kraken import KrakenExchange
from tests.exchange.kraken.krakens import BTC, SECRET, quote, running

ccxt: Any = pytest.importorskip("ccxt.pro")
PATIENCE_S = 10.0
CHECKS = 60


@asynccontextmanager
async def trading() -> AsyncGenerator[tuple[KrakenExchange, Any]]:
    """ccxt.pro's client for Kraken, at home on this exchange."""
    async with running() as (exchange, address):
        door, socket = f"http://{address}", f"ws://{address}/v2"
        sockets = dict.fromkeys(("public", "private", "publicV2", "privateV2"), socket)
        urls = {"api": {"public": door, "private": door, "ws": sockets}}
        client = ccxt.kraken({"apiKey": "demo", "secret": SECRET, "urls": urls, "enableRateLimit": False})
        try:
            await client.load_markets()
            yield exchange, client
        finally:
            await client.close()


async def soon(awaitable: Any) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return await awaitable


async def test_ccxt_reads_markets_prices_books_candles_and_trades():
    async with trading() as (_, client):
        market = client.market("BTC/USD")
        assert (market["id"], market["precision"], market["limits"]["amount"]["min"]) == (
            "XXBTZUSD",
            {"amount": 1e-8, "price": 0.1},
            0.0001,
        )
        assert market["taker"] == 0.004
        assert abs(await client.fetch_time() / 1000 - client.milliseconds() / 1000) < 5
        assert (await client.fetch_status())["status"] == "ok"
        ticker = await client.fetch_ticker("BTC/USD")
        assert (ticker["bid"], ticker["ask"], ticker["last"]) == (99.9, 100.1, 100.0)
        assert (await client.fetch_order_book("BTC/USD"))["asks"][0][:2] == [100.1, 1.0]
        assert (await client.fetch_ohlcv("BTC/USD", "1m"))[-1][1:] == [100.0, 100.0, 100.0, 100.0, 0.01]
        assert (await client.fetch_trades("BTC/USD"))[0]["price"] == 100.0


async def test_ccxt_trades_from_order_to_fee():
    async with trading() as (_, client):
        order = await client.create_order("BTC/USD", "limit", "buy", 0.01, 90.0, {"clientOrderId": "q-1"})
        told = await client.fetch_order(order["id"], "BTC/USD")
        assert (told["status"], told["clientOrderId"], told["price"], told["amount"]) == ("open", "q-1", 90.0, 0.01)
        await client.edit_order(order["id"], "BTC/USD", "limit", "buy", 0.02, 91.0)
        (told,) = await client.fetch_open_orders("BTC/USD")
        assert (told["price"], told["amount"]) == (91.0, 0.02)
        await client.cancel_order(order["id"], "BTC/USD")
        assert (await client.fetch_order(order["id"], "BTC/USD"))["status"] == "canceled"
        with pytest.raises(ccxt.OrderNotFound):
            await client.cancel_order(order["id"], "BTC/USD")

        taken = await client.create_order("BTC/USD", "market", "buy", 1.5)
        told = await client.fetch_order(taken["id"], "BTC/USD")
        assert (told["status"], told["filled"], float(told["fee"]["cost"])) == ("closed", 1.5, 0.6008)
        trades = await client.fetch_my_trades("BTC/USD")
        assert sorted(trade["price"] for trade in trades) == [100.1, 100.2]
        assert (await client.fetch_balance())["BTC"]["total"] == 11.5


async def test_ccxt_understands_stops_and_what_is_refused():
    async with trading() as (_, client):
        stop = await client.create_order("BTC/USD", "market", "sell", 0.5, None, {"stopLossPrice": 80})
        told = await client.fetch_order(stop["id"], "BTC/USD")
        assert (told["stopLossPrice"], told["status"]) == (80.0, "open")
        limited = await client.create_order("BTC/USD", "limit", "sell", 0.5, 79, {"stopLossPrice": 80})
        told = await client.fetch_order(limited["id"], "BTC/USD")
        assert (told["stopLossPrice"], told["price"]) == (80.0, 79.0)
        assert (await client.create_order("BTC/USD", "market", "sell", 0.5, None, {"trailingPercent": "5"}))["id"]
        with pytest.raises(ccxt.InsufficientFunds):
            await client.create_order("BTC/USD", "limit", "buy", 1_000, 99)
        with pytest.raises(ccxt.InvalidOrder):
            await client.create_order("BTC/USD", "limit", "buy", 0.00001, 99)
        client.secret = "b3RoZXI="
        with pytest.raises(ccxt.ExchangeError, match="EAPI:Invalid signature"):
            await client.fetch_balance()
        client.secret = SECRET
        assert len(await client.cancel_all_orders()) == 1
        assert (await client.cancel_all_orders_after(60_000))["result"]["triggerTime"] != "0"


async def test_ccxt_pro_follows_market_and_orders_over_the_socket():
    async with trading() as (exchange, client):
        assert (await soon(client.watch_ticker("BTC/USD")))["last"] == 100.0
        book = await soon(client.watch_order_book("BTC/USD", 10))
        assert (book["bids"][0], len(book["asks"])) == ([99.9, 1.0], 10)
        waiting = asyncio.create_task(client.watch_order_book("BTC/USD", 10))
        await asyncio.sleep(0)
        quote(exchange, middle="101")
        assert (await soon(waiting))["bids"][0] == [100.9, 1.0]
        assert (await soon(client.watch_trades("BTC/USD")))[0]["price"] == 100.0
        assert (await soon(client.watch_ohlcv("BTC/USD", "1m")))[-1][4] == 101.0
        assert (await soon(client.watch_balance()))["BTC"]["total"] == 10.0

        placed = await soon(client.create_order_ws("BTC/USD", "limit", "buy", 0.01, 90.0, {"clientOrderId": "q-ws"}))
        (order,) = await soon(client.watch_orders("BTC/USD"))
        assert (order["id"], order["status"], order["info"]["cl_ord_id"]) == (placed["id"], "open", "q-ws")
        waiting = asyncio.create_task(client.watch_orders("BTC/USD"))
        await asyncio.sleep(0)
        await soon(client.cancel_order_ws(placed["id"]))
        (order,) = await soon(waiting)
        assert (order["id"], order["status"]) == (placed["id"], "canceled")

        waiting = asyncio.create_task(client.watch_my_trades("BTC/USD"))
        await asyncio.sleep(0)
        await soon(client.create_order_ws("BTC/USD", "market", "buy", 0.5))
        (trade, *_) = await soon(waiting)
        assert (trade["price"], trade["amount"], trade["fee"]["currency"]) == (101.1, 0.5, "USD")


async def test_python_kraken_sdk_reads_and_trades():
    def act(url: str) -> None:
        market, user = Market(url=url), User(key="demo", secret=SECRET, url=url)
        trade = Trade(key="demo", secret=SECRET, url=url)
        assert market.get_asset_pairs(pair="XBTUSD")["XXBTZUSD"]["altname"] == "XBTUSD"
        assert market.get_recent_spreads(pair="XBTUSD")["XXBTZUSD"]
        assert user.get_balance(currency="XBT")["available_balance"] == 10.0
        placed = trade.create_order(
            ordertype="limit", side="buy", volume=0.01, pair="XBTUSD", price=90, userref=77, truncate=False
        )
        (order,) = user.get_open_orders(userref=77)["open"].values()
        assert order["descr"]["order"] == "buy 0.01000000 XBTUSD @ limit 90.0"
        edited = trade.edit_order(txid=placed["txid"][0], pair="XBTUSD", volume=0.02, price=91)
        assert edited["originaltxid"] == placed["txid"][0]
        orders = [{"ordertype": "limit", "price": price, "type": "buy", "volume": 0.01} for price in (90, 90.1)]
        batch = [row["txid"] for row in trade.create_order_batch(orders=orders, pair="BTC/USD")["orders"]]
        assert trade.cancel_order_batch(orders=batch) == {"count": 2}
        trade.create_order(ordertype="market", side="buy", volume=1.2, pair="XBTUSD", truncate=False)
        history = user.get_trades_history()["trades"]
        assert set(user.get_trades_info(txid=list(history))) == set(history)
        assert trade.cancel_all_orders() == {"count": 1}
        assert trade.cancel_all_orders_after_x(timeout=0)["triggerTime"] == "0"

    async with running() as (_, address):
        await asyncio.to_thread(act, f"http://{address}")


class CheckedBook(SpotOrderBookClient):
    """The sdk's own order book, which checks every CRC32; it only learns where the pairs are described."""

    def __init__(self, url: str) -> None:
        super().__init__(depth=10)
        self._SpotOrderBookClient__market = Market(url=url)
        self.verdicts: list[bool] = []
        self.enough = asyncio.Event()

    async def on_book_update(self, pair: str, message: Any) -> None:
        book = self.get(pair=pair)
        self.verdicts.append(book is not None and book["valid"])
        if len(self.verdicts) >= CHECKS:
            self.enough.set()


async def test_python_kraken_sdk_finds_every_checksum_of_the_stream_right():
    """Its client runs in a thread of its own, because it asks for the pair by a call that blocks."""

    async def follow(address: str) -> list[bool]:
        book = CheckedBook(f"http://{address}")
        feed = SpotWSClient(callback=book.on_message, rest_url=f"http://{address}", ws_url=f"ws://{address}")
        await feed.start()
        await feed.subscribe(params={"channel": "book", "symbol": ["BTC/USD"], "depth": 10})
        async with asyncio.timeout(PATIENCE_S * 2):
            await book.enough.wait()
        await feed.close()
        await book.close()
        return book.verdicts

    async with running() as (exchange, address):
        following = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(follow(address))))
        dice = np.random.default_rng(7)
        while not following.done():
            quote(exchange, BTC, f"{100 + int(dice.integers(-8, 9)) / 10:.1f}", int(dice.integers(3, 15)))
            await asyncio.sleep(0.01)
        verdicts = await following
    assert len(verdicts) >= CHECKS
    assert all(verdicts)
