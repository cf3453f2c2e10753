"""Streams of Binance's futures without sockets: the numbered book, marks, liquidations, and what an account hears."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from quorate.exchange import Side
from quorate.exchange.binance import ApiSession, MarketSession
from quorate.exchange.binance.figures import UNIT
from tests.exchange.binanceusdm.futureses import ALGO, Counter


class Heard(Counter):
    """An exchange with connections that keep what they are told."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.told: list[Any] = []

    def listen(self, *names: str) -> MarketSession:
        session = MarketSession(self.hub, lambda raw: self.told.append(json.loads(raw)), combined=False)
        session.open(list(names))
        return session

    def own(self) -> str:
        """Hear the demo account by its listen key."""
        key = self.done("POST", "/fapi/v1/listenKey")["listenKey"]
        self.listen(key)
        return key

    def later(self, ms: int) -> None:
        self.at_ms += ms
        self.hub.tick(self.exchange.now_ms())

    def take(self) -> list[Any]:
        told, self.told = self.told, []
        return told

    def kinds(self) -> list[str]:
        """What was heard of the account, each with its state."""
        return [
            f"{row['e']} {row['o'].get('x', '')}/{row['o']['X']}" if "o" in row else row["e"] for row in self.take()
        ]


def test_changes_of_the_book_are_numbered_and_name_the_one_before():
    heard = Heard()
    heard.listen("btcusdt@depth@100ms")
    snapshot = heard.ask("GET", "/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    book = {side: dict(snapshot[side]) for side in ("bids", "asks")}
    last = snapshot["lastUpdateId"]
    for price in ("60001", "60010", "59990", "60000"):
        heard.move(price)
        heard.later(100)
    changes = heard.take()
    assert len(changes) == 4
    for change in changes:
        assert (change["e"], change["s"], change["pu"]) == ("depthUpdate", "BTCUSDT", last)
        assert change["U"] == last + 1 <= change["u"]
        last = change["u"]
        for side, name in (("b", "bids"), ("a", "asks")):
            book[name].update(change[side])
    now = heard.ask("GET", "/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
    for side in ("bids", "asks"):
        assert {price: lots for price, lots in book[side].items() if float(lots)} == dict(now[side])


def test_books_speak_as_often_as_their_name_says():
    heard = Heard()
    for name, every_ms in (("btcusdt@depth", 250), ("btcusdt@depth@500ms", 500)):
        session = heard.listen(name)
        heard.later(1_000)
        heard.take()
        count = 0
        for step in range(20):
            heard.move(str(60_000 + step % 2))
            heard.later(50)
            count += len(heard.take())
        assert count == 1_000 // every_ms
        session.close()


def test_marks_tickers_and_trades_are_told():
    heard = Heard()
    heard.listen("btcusdt@markPrice@1s", "btcusdt@aggTrade", "btcusdt@bookTicker", "btcusdt@depth5@100ms")
    heard.move("60005")
    heard.later(1_000)
    told = {row["e"]: row for row in heard.take()}
    assert told["aggTrade"]["p"] == "60005.00000000"
    assert (told["bookTicker"]["b"], told["bookTicker"]["e"]) == ("60004.00000000", "bookTicker")
    assert (told["markPriceUpdate"]["p"], told["markPriceUpdate"]["r"]) == ("60005.00000000", "0.00010000")
    assert len(told["depthUpdate"]["b"]) == 5


def test_an_account_hears_of_its_order_its_fill_and_what_they_made_of_it():
    heard = Heard()
    heard.own()
    heard.order("BUY", "0.1", newClientOrderId="mine")
    order, fill, account = heard.take()
    assert (order["o"]["x"], order["o"]["X"], order["o"]["c"]) == ("NEW", "NEW", "mine")
    row = fill["o"]
    assert (row["x"], row["X"], row["l"], row["z"], row["L"], row["ap"]) == (
        "TRADE", "FILLED", "0.10000000", "0.10000000", "60001.00000000", "60001.00000000",
    )  # fmt: skip
    assert (row["n"], row["N"], row["rp"]) == ("3.00005000", "USDT", "0.00000000")
    assert account["a"]["m"] == "ORDER"
    assert account["a"]["B"] == [{"a": "USDT", "wb": "9996.99995000", "cw": "9996.99995000", "bc": "0.00000000"}]
    (position,) = account["a"]["P"]
    assert (position["pa"], position["ep"], position["up"]) == ("0.10000000", "60001.00000000", "-0.10000000")
    heard.order("SELL", "0.1")
    *_, fill, account = heard.take()
    assert (fill["o"]["rp"], account["a"]["P"][0]["cr"]) == ("-0.20000000", "-0.20000000")


def test_a_stop_is_heard_from_its_placing_over_its_firing_to_its_end():
    heard = Heard()
    heard.order("BUY", "0.1")
    heard.own()
    stop = heard.stop("SELL", "0.1", "59000", reduceOnly="true")
    assert heard.kinds() == ["ALGO_UPDATE /NEW"]
    heard.move("58900")
    told = heard.take()
    assert [row["o"]["X"] for row in told[:4]] == ["TRIGGERED", "NEW", "FILLED", "FINISHED"]
    assert told[0]["o"]["aid"] == stop["algoId"]
    assert told[0]["o"]["ai"] == str(told[1]["o"]["i"])
    assert (told[2]["o"]["ot"], told[2]["o"]["o"]) == ("STOP_MARKET", "MARKET")
    heard.stop("SELL", "0.1", "58000", reduceOnly="true", clientAlgoId="gone")
    heard.done("DELETE", ALGO, clientAlgoId="gone")
    assert heard.kinds() == ["ALGO_UPDATE /NEW", "ALGO_UPDATE /CANCELED"]
    heard.stop("SELL", "0.1", "58000", reduceOnly="true")
    heard.move("57000")
    assert heard.kinds() == ["ALGO_UPDATE /NEW", "ALGO_UPDATE /REJECTED"]


def test_cancels_changes_and_ends_are_heard():
    heard = Heard()
    heard.own()
    first = heard.order("BUY", "0.1", "58000")
    words = {"symbol": "BTCUSDT", "orderId": first["orderId"]}
    heard.done("PUT", "/fapi/v1/order", **words, side="BUY", quantity="0.2", price="58000")
    heard.done("DELETE", "/fapi/v1/order", **words)
    heard.order("BUY", "0.1", "60001", timeInForce="IOC")
    assert heard.kinds() == [
        "ORDER_TRADE_UPDATE NEW/NEW", "ORDER_TRADE_UPDATE AMENDMENT/NEW", "ORDER_TRADE_UPDATE CANCELED/CANCELED",
        "ORDER_TRADE_UPDATE NEW/NEW", "ORDER_TRADE_UPDATE TRADE/FILLED", "ACCOUNT_UPDATE",
    ]  # fmt: skip


def test_funding_and_deposits_say_what_they_are():
    heard = Heard()
    heard.order("BUY", "0.1")
    heard.own()
    heard.house.contracts.settle("BTCUSDT", at_ms=heard.at_ms)
    heard.engine.move("demo", "USDT", Decimal(5), at_ms=heard.at_ms)
    heard.engine.move("demo", "USDT", Decimal(-5), at_ms=heard.at_ms)
    told = [(row["a"]["m"], row["a"]["B"][0]["bc"]) for row in heard.take()]
    assert told == [("FUNDING_FEE", "-0.60000000"), ("DEPOSIT", "5.00000000"), ("WITHDRAW", "-5.00000000")]


def test_a_liquidation_is_heard_by_the_account_and_by_everybody():
    heard = Heard(cash=400)
    heard.order("BUY", "0.1")
    heard.own()
    heard.listen("!forceOrder@arr", "btcusdt@forceOrder")
    heard.move("56000")
    told = heard.take()
    forced = [row for row in told if row["e"] == "forceOrder"]
    assert [row["o"]["S"] for row in forced] == ["SELL", "SELL"]
    (fill,) = [row["o"] for row in told if row["e"] == "ORDER_TRADE_UPDATE" and row["o"]["x"] == "CALCULATED"]
    assert (fill["o"], fill["X"]) == ("LIQUIDATION", "FILLED")
    assert fill["c"].startswith("autoclose-")
    (account,) = [row for row in told if row["e"] == "ACCOUNT_UPDATE"]
    assert (account["a"]["P"][0]["pa"], account["a"]["B"][0]["wb"]) == ("0.00000000", "0.00000000")
    kinds = [row["incomeType"] for row in heard.done("GET", "/fapi/v1/income")]
    assert kinds[-1] == "INSURANCE_CLEAR"


def test_a_listen_key_lives_an_hour_is_renewed_and_says_when_it_is_over():
    heard = Heard()
    key = heard.own()
    heard.later(59 * 60_000)
    assert heard.done("PUT", "/fapi/v1/listenKey")["listenKey"] == key
    heard.later(59 * 60_000)
    assert [row for row in heard.take() if row["e"] == "listenKeyExpired"] == []
    heard.later(60_001)
    assert heard.take() == [{"e": "listenKeyExpired", "E": heard.at_ms, "listenKey": key}]
    heard.order("BUY", "0.1")
    assert heard.take() == []
    assert heard.refused("PUT", "/fapi/v1/listenKey") == -1125


def test_the_websocket_api_trades_and_asks():
    heard = Heard()
    session = ApiSession(heard.exchange, heard.hub, lambda raw: heard.told.append(json.loads(raw)), address="127.0.0.1")

    def ask(method: str, **params: object) -> Any:
        session.take(json.dumps({"id": 1, "method": method, "params": {**signed_words(heard, params)}}))
        return heard.take()[-1]

    placed = ask("order.place", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.1", newOrderRespType="RESULT")
    assert (placed["status"], placed["result"]["status"]) == (200, "FILLED")
    assert ask("v2/account.position")["result"][0]["positionAmt"] == "0.10000000"
    assert ask("order.place", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.0001")["error"]["code"] == -1111
    stop = {"algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.1"}
    told = ask("algoOrder.place", **stop, triggerPrice="59000")["result"]
    assert ask("algoOrder.cancel", algoId=told["algoId"])["result"]["msg"] == "success"


def signed_words(heard: Heard, params: dict[str, object]) -> dict[str, object]:
    """Parameters as the WebSocket API wants them signed."""
    words = {"apiKey": "demo", "timestamp": heard.at_ms, **params}
    text = "&".join(f"{name}={words[name]}" for name in sorted(words))
    return {**words, "signature": hmac.new(b"demo", text.encode(), hashlib.sha256).hexdigest()}


@pytest.mark.parametrize("name", ["btcusdt@depth@1000ms", "btcusdt@avgPrice", "btcusdt@markPrice@5s", "nonsense"])
def test_a_stream_that_futures_do_not_have_is_refused(name: str):
    heard = Heard()
    session = heard.listen()
    session.take(json.dumps({"method": "SUBSCRIBE", "params": [name], "id": 1}))
    assert "error" in heard.take()[-1]


def test_open_interest_counts_what_clients_hold():
    heard = Heard()
    heard.order("BUY", "0.3")
    heard.signed("POST", "/fapi/v1/order", key="eve", symbol="BTCUSDT", side="SELL", type="MARKET", quantity="0.1")
    told = heard.ask("GET", "/fapi/v1/openInterest", symbol="BTCUSDT")
    assert told["openInterest"] == "0.30000000"
    bust: Callable[..., Any] = heard.engine.bust
    trade = heard.engine.accounts["demo"].trades[0]
    bust("BTCUSDT", trade.id, at_ms=heard.at_ms)
    assert heard.ask("GET", "/fapi/v1/openInterest", symbol="BTCUSDT")["openInterest"] == "0.00000000"
    assert heard.engine.accounts["demo"].balance("USDT").free == 10_000 * UNIT
    assert trade.taker_side is Side.BUY
