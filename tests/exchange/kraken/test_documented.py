"""Requests as Kraken documents them are taken, and answered in the shape it documents."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quorate.exchange.kraken import KrakenExchange
from tests.exchange.kraken.krakens import Client, Heard, made_exchange, quote

pytestmark = pytest.mark.real_data


def documented(name: str) -> Any:
    """A message from the developer data set."""
    named = os.environ.get("QUORATE_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[4] / "shared" / "data"
    path = folder / "exchange-fixtures" / "kraken" / "nautilus" / name
    if not path.is_file():
        pytest.skip(f"no message of Kraken {name}: set QUORATE_TEST_DATA to the folder of recorded data")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def exchange() -> KrakenExchange:
    exchange = made_exchange()
    quote(exchange, middle="40000")
    return exchange


class Said:
    """A client that says documented requests with a token and ids of its own."""

    def __init__(self, exchange: KrakenExchange) -> None:
        self._token = Client(exchange).private("GetWebSocketsToken")["result"]["token"]
        self._heard = Heard(exchange)

    def __call__(self, name: str, **params: object) -> dict[str, Any]:
        request = documented(name)
        request["params"] |= {"token": self._token, **params}
        before = len(self._heard.messages)
        self._heard.session.take(msgspec.json.encode(request))
        return self._heard.messages[before]


def test_orders_are_placed_amended_and_cancelled_as_documented(exchange: KrakenExchange):
    say = Said(exchange)
    placed = say("ws_add_order_request.json")
    theirs = documented("ws_add_order_response_success.json")
    assert (placed.keys(), placed["result"].keys()) == (theirs.keys(), theirs["result"].keys())
    assert (placed["req_id"], placed["result"]["cl_ord_id"]) == (42, "O-20260505-000001")
    order_id = placed["result"]["order_id"]
    assert say("ws_amend_order_request.json", order_id=order_id)["result"]["amend_id"]
    assert say("ws_cancel_order_request.json", order_id=[order_id])["success"]
    assert exchange.engine.open_orders("demo") == []


def test_a_refused_order_is_answered_as_documented(exchange: KrakenExchange):
    refused = Said(exchange)("ws_add_order_request.json", order_qty=1_000)
    theirs = documented("ws_add_order_response_failure.json")
    assert (refused.keys(), refused["error"]) == (theirs.keys(), theirs["error"])


def test_a_batch_is_answered_as_documented(exchange: KrakenExchange):
    request = documented("ws_batch_add_request.json")["params"]["orders"]
    request[1]["limit_price"] = -1
    told = Said(exchange)("ws_batch_add_request.json", orders=request)
    theirs = documented("ws_batch_add_response_partial.json")
    assert told.keys() == theirs.keys()
    assert [row.keys() for row in told["result"]["orders"]] == [row.keys() for row in theirs["result"]["orders"]]
    assert told["result"]["orders"][1]["error"] == theirs["result"]["orders"][1]["error"] == "EOrder:Invalid price"


def test_public_messages_have_the_documented_shape(exchange: KrakenExchange):
    heard = Heard(exchange)
    (pong,) = heard.say("ping", req_id=42)
    assert pong.keys() == documented("ws_pong.json").keys()
    ack, ticker = heard.say("subscribe", req_id=1, channel="ticker", symbol=["BTC/USD"])
    theirs = documented("ws_subscribe_response.json")
    assert ack.keys() == theirs.keys()
    assert ack["result"].keys() >= theirs["result"].keys()
    assert ticker["data"][0].keys() == documented("ws_ticker_snapshot.json")["data"][0].keys()
    _, trades = heard.say("subscribe", channel="trade", symbol=["BTC/USD"])
    assert trades["data"][0].keys() == documented("ws_trade_update.json")["data"][0].keys()
    _, candles = heard.say("subscribe", channel="ohlc", symbol=["BTC/USD"], interval=1)
    assert candles["data"][0].keys() >= documented("ws_ohlc_update.json")["data"][0].keys()
    _, book = heard.say("subscribe", channel="book", symbol=["BTC/USD"])
    theirs = documented("ws_book_snapshot.json")["data"][0]
    assert theirs.keys() - book["data"][0].keys() <= {"timestamp"}


@pytest.mark.parametrize(
    ("method", "name", "path"),
    [
        ("OpenOrders", "http_open_orders.json", "open"),
        ("ClosedOrders", "http_closed_orders.json", "closed"),
        ("TradesHistory", "http_trades_history.json", "trades"),
    ],
)
def test_private_rest_tells_every_documented_field(exchange: KrakenExchange, method: str, name: str, path: str):
    client = Client(exchange)
    client.order(price=30_000, volume="0.01")
    client.order(ordertype="market", volume="0.01")
    (ours, *_) = client.private(method)["result"][path].values()
    (theirs, *_) = documented(name)["result"][path].values()
    assert ours.keys() >= theirs.keys()
    for key, value in theirs.items():
        assert isinstance(ours[key], type(value)) or value is None or ours[key] is None, key
    if "descr" in theirs:
        assert ours["descr"].keys() == theirs["descr"].keys()


def test_an_order_over_rest_is_answered_with_what_is_documented(exchange: KrakenExchange):
    told = Client(exchange).private("AddOrder", pair="XBTUSD", type="buy", ordertype="limit", price=30_000, volume=0.01)
    theirs = documented("http_add_order_spot.json")
    assert told.keys() == theirs.keys()
    assert told["result"].keys() == theirs["result"].keys()
    assert told["result"]["descr"]["order"] == "buy 0.01000000 XBTUSD @ limit 30000.0"
