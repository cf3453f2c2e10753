"""What the Binance door answers, without sockets: shapes, codes, limits."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from quorate.exchange import Filters, Side, Trading
from quorate.exchange.binance import BinanceExchange, RateLimits, Request, RestDoor
from quorate.exchange.binance.figures import UNIT
from tests.exchange.binance.binances import NOW_MS, Counter, quote, small_exchange

ORDER = "/api/v3/order"
LIMIT = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1", "price": "50000"}


def code(answer: tuple[int, object]) -> tuple[int, int]:
    """HTTP status and Binance's code of a refusal."""
    status, body = answer
    return status, cast("dict[str, int]", body)["code"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"symbol": "NOSUCH"}, (400, -1121)),
        ({"symbol": "btc usdt"}, (400, -1100)),
        ({"symbol": ""}, (400, -1105)),
        ({"side": "HOLD"}, (400, -1117)),
        ({"type": "MAYBE"}, (400, -1116)),
        ({"timeInForce": "XYZ"}, (400, -1115)),
        ({"price": None}, (400, -1102)),
        ({"quantity": None}, (400, -1102)),
        ({"timeInForce": None}, (400, -1102)),
        ({"quantity": "abc"}, (400, -1100)),
        ({"quantity": "-1"}, (400, -1100)),
        ({"quantity": "1e3"}, (400, -1100)),
        ({"quantity": "NaN"}, (400, -1100)),
        ({"quantity": "0"}, (400, -1013)),
        ({"quantity": "0.123456789"}, (400, -1111)),
        ({"price": "50000.123456789"}, (400, -1111)),
        ({"price": "50000.001"}, (400, -1013)),
        ({"quantity": "0.000001"}, (400, -1013)),
        ({"quantity": "0.00001"}, (400, -1013)),
        ({"price": "400000"}, (400, -1013)),
        ({"price": "11000"}, (400, -1013)),
        ({"quantity": "10"}, (400, -2010)),
        ({"stopPrice": "1"}, (400, -1106)),
        ({"nonsense": "1"}, (400, -1104)),
        ({"newClientOrderId": "no spaces"}, (400, -1100)),
        ({"type": "LIMIT_MAKER", "timeInForce": None, "price": "61000"}, (400, -2010)),
        ({"type": "STOP_LOSS", "timeInForce": None, "price": None, "stopPrice": "59000"}, (400, -2010)),
        ({"type": "MARKET", "timeInForce": None, "price": None, "quoteOrderQty": "100"}, (400, -1128)),
        ({"icebergQty": "0.01"}, (400, -1013)),
        ({"selfTradePreventionMode": "SOMETIMES"}, (400, -1013)),
        ({"newOrderRespType": "SOME"}, (400, -1127)),
        ({"recvWindow": "60001"}, (400, -1131)),
    ],
)
def test_a_bad_order_is_refused_with_binances_own_code_and_nothing_happens(changes, expected):
    counter = Counter()
    asked = {name: value for name, value in {**LIMIT, **changes}.items() if value is not None}
    assert code(counter.signed("POST", ORDER, **asked)) == expected
    assert counter.exchange.engine.open_orders("demo") == []


def test_a_request_must_be_signed_with_a_known_key_in_time():
    counter = Counter()

    def ask(query: str, key: str = "demo") -> tuple[int, int]:
        headers = {"x-mbx-apikey": key} if key else {}
        answer = counter.door.answer(Request(method="GET", path="/api/v3/account", query=query, headers=headers))
        return answer.status, json.loads(answer.body)["code"]

    signed = f"timestamp={NOW_MS}&signature={'0' * 64}"
    assert ask(signed, key="") == (401, -2014)
    assert ask(signed, key="a b") == (401, -2014)
    assert ask(signed, key="stranger") == (401, -2015)
    assert ask(signed) == (400, -1022)
    assert ask(f"timestamp={NOW_MS}") == (400, -1102)
    assert ask("signature=00") == (400, -1102)
    assert code(counter.signed("GET", "/api/v3/account", timestamp=NOW_MS - 5_001)) == (400, -1021)
    assert code(counter.signed("GET", "/api/v3/account", timestamp=NOW_MS + 1_000)) == (400, -1021)
    assert counter.signed("GET", "/api/v3/account", timestamp=NOW_MS - 5_000)[0] == 200


def test_unknown_orders_have_one_code_for_questions_and_another_for_cancels():
    counter = Counter()
    assert code(counter.signed("GET", ORDER, symbol="BTCUSDT", orderId=99)) == (400, -2013)
    assert code(counter.signed("DELETE", ORDER, symbol="BTCUSDT", origClientOrderId="x")) == (400, -2011)
    assert code(counter.signed("DELETE", "/api/v3/openOrders", symbol="BTCUSDT")) == (400, -2011)
    assert code(counter.signed("GET", ORDER, symbol="BTCUSDT")) == (400, -1102)


def test_an_address_that_asks_too_much_is_warned_and_then_banned():
    exchange = small_exchange(lambda: NOW_MS, limits=RateLimits(weight_per_minute=50, warnings_max=2))
    door = RestDoor(exchange)
    ask = Request(method="GET", path="/api/v3/exchangeInfo")
    first = door.answer(ask)
    assert first.headers["X-MBX-USED-WEIGHT-1M"] == "20"
    answers = [door.answer(ask) for _ in range(6)]
    assert [answer.status for answer in answers] == [200, 429, 429, 418, 418, 418]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert json.loads(answers[-1].body)["code"] == -1003
    assert door.answer(Request(method="GET", path="/api/v3/ping", address="10.0.0.2")).status == 200


def test_too_many_orders_are_refused_and_counted_in_headers():
    exchange = small_exchange(lambda: NOW_MS, limits=RateLimits(orders_per_10s=2))
    counter = Counter()
    counter.exchange, counter.door = exchange, RestDoor(exchange)
    for _ in range(2):
        assert counter.signed("POST", ORDER, **LIMIT)[0] == 200
    assert code(counter.signed("POST", ORDER, **LIMIT)) == (429, -1015)
    status, rates = counter.signed("GET", "/api/v3/rateLimit/order")
    assert (status, cast("list[dict[str, Any]]", rates)[0]["count"]) == (200, 3)


def test_cancel_and_replace_says_what_became_of_each():
    counter = Counter()
    _, placed = counter.signed("POST", ORDER, **LIMIT)
    order_id = cast("dict[str, Any]", placed)["orderId"]
    path = "/api/v3/order/cancelReplace"
    both = {**LIMIT, "cancelReplaceMode": "STOP_ON_FAILURE", "price": "51000", "cancelOrderId": order_id}
    status, body = counter.signed("POST", path, **both)
    done = cast("dict[str, Any]", body)
    assert (status, done["cancelResult"], done["newOrderResult"]) == (200, "SUCCESS", "SUCCESS")
    status, body = counter.signed("POST", path, **both)
    failed = cast("dict[str, Any]", body)
    assert (status, failed["code"]) == (400, -2022)
    assert failed["data"]["newOrderResult"] == "NOT_ATTEMPTED"
    both["cancelReplaceMode"] = "ALLOW_FAILURE"
    status, body = counter.signed("POST", path, **both)
    partly = cast("dict[str, Any]", body)
    assert (status, partly["code"], partly["data"]["newOrderResult"]) == (409, -2021, "SUCCESS")


def test_an_order_can_lose_quantity_and_keep_its_place():
    counter = Counter()
    _, placed = counter.signed("POST", ORDER, **LIMIT)
    order_id = cast("dict[str, Any]", placed)["orderId"]
    path = "/api/v3/order/amend/keepPriority"
    status, body = counter.signed("PUT", path, symbol="BTCUSDT", orderId=order_id, newQty="0.05")
    assert (status, cast("dict[str, Any]", body)["amendedOrder"]["qty"]) == (200, "0.05000000")
    assert code(counter.signed("PUT", path, symbol="BTCUSDT", orderId=order_id, newQty="0.06")) == (400, -2038)


def test_a_market_that_is_closed_takes_no_orders_and_one_that_is_delisted_is_gone():
    counter = Counter()
    engine = counter.exchange.engine
    engine.set_trading("BTCUSDT", Trading.CANCEL_ONLY, at_ms=NOW_MS)
    assert code(counter.signed("POST", ORDER, **LIMIT)) == (400, -1013)
    engine.set_trading("BTCUSDT", Trading.DELISTED, at_ms=NOW_MS)
    assert code(counter.signed("POST", ORDER, **LIMIT)) == (400, -1121)
    _, info = counter.ask("GET", "/api/v3/exchangeInfo")
    assert [listed["symbol"] for listed in cast("dict[str, Any]", info)["symbols"]] == ["ETHUSDT"]


def test_filters_that_change_are_told_and_hold_at_once():
    counter = Counter()
    listing = counter.exchange.engine.listing("BTCUSDT")
    counter.exchange.engine.change_filters(
        "BTCUSDT", Filters(price_step=10 * UNIT, price_min=UNIT, lots_min=1), at_ms=NOW_MS
    )
    assert code(counter.signed("POST", ORDER, **{**LIMIT, "price": "50005"})) == (400, -1013)
    _, info = counter.ask("GET", "/api/v3/exchangeInfo", symbol="BTCUSDT")
    assert cast("Any", info)["symbols"][0]["filters"][0]["tickSize"] == "10.00000000"
    assert listing.spec.filters.price_step == 10 * UNIT


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "/api/v3/klines", {"symbol": "BTCUSDT", "interval": "7m"}),
        ("GET", "/api/v3/klines", {"symbol": "BTCUSDT"}),
        ("GET", "/api/v3/depth", {"symbol": "BTCUSDT", "limit": "many"}),
        ("GET", "/api/v3/trades", {}),
        ("GET", "/api/v3/ticker/price", {"symbols": "BTCUSDT"}),
        ("GET", "/api/v3/ticker/price", {"symbols": '["BTCUSDT"]', "symbol": "BTCUSDT"}),
        ("GET", "/api/v3/ticker", {"symbol": "BTCUSDT", "windowSize": "soon"}),
        ("GET", "/nowhere", {}),
        ("PATCH", "/api/v3/order", {}),
    ],
)
def test_a_bad_question_is_answered_with_a_code(method, path, params):
    status, body = Counter().ask(method, path, **params)
    assert 400 <= status < 500
    assert cast("dict[str, int]", body)["code"] < 0


def test_the_fills_of_an_order_are_told_in_order_and_are_its_own():
    counter = Counter()
    counter.signed("POST", ORDER, symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.5")
    counter.at_ms += 1
    _, body = counter.signed("POST", ORDER, symbol="BTCUSDT", side="SELL", type="MARKET", quantity="2.3")
    fills = cast("dict[str, Any]", body)["fills"]
    assert [(fill["price"], fill["qty"]) for fill in fills] == [
        ("59999.00000000", "2.00000000"),
        ("59998.00000000", "0.30000000"),
    ]


def test_services_that_were_never_used_have_nothing_to_tell():
    assert Counter().signed("GET", "/sapi/v1/capital/config/getall") == (200, [])


def test_figures_of_the_day_and_candles_come_from_the_trades():
    counter = Counter()
    for step, price in enumerate((60_100, 59_500, 60_050)):
        counter.at_ms = NOW_MS + 60_000 * (step + 1)
        quote(counter.exchange, "BTCUSDT", Decimal(price))
    _, day = counter.ask("GET", "/api/v3/ticker/24hr", symbol="BTCUSDT")
    figures = cast("dict[str, Any]", day)
    assert (figures["openPrice"], figures["highPrice"], figures["lowPrice"], figures["lastPrice"]) == (
        "60000.00000000",
        "60100.00000000",
        "59500.00000000",
        "60050.00000000",
    )
    _, rows = counter.ask("GET", "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=2)
    assert [row[4] for row in cast("Any", rows)] == ["59500.00000000", "60050.00000000"]
    _, hours = counter.ask("GET", "/api/v3/klines", symbol="BTCUSDT", interval="2h")
    assert cast("Any", hours)[-1][2] == "60100.00000000"


FIXTURES = Path(os.environ.get("QUORATE_TEST_DATA", "/nowhere")) / "exchange-fixtures/binance/nautilus"


def shape(value: object) -> object:
    """Names and kinds of a JSON value; of lists, those of their first entry."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [shape(inner) for inner in cast("list[object]", value)[:1]]
    return type(value).__name__


def lacking(told: object, recorded: object) -> list[str]:
    """Names of a recorded answer that ours does not have, or has as something else."""
    if isinstance(recorded, dict) and isinstance(told, dict):
        found: list[str] = []
        for name, inner in cast("dict[str, object]", recorded).items():
            if name not in told:
                found.append(name)
            else:
                found += [f"{name}.{deeper}" for deeper in lacking(cast("Any", told)[name], inner)]
        return found
    if isinstance(recorded, list) and isinstance(told, list):
        return lacking(told[0], recorded[0]) if recorded and told else []
    return [] if told == recorded else [f"is {told}, not {recorded}"]


def answers(exchange: BinanceExchange, counter: Counter) -> dict[str, object]:
    """One answer of each kind that there is a recording of."""
    _, full = counter.signed("POST", ORDER, **{**LIMIT, "price": "60001"})
    _, resting = counter.signed("POST", ORDER, **LIMIT)
    order_id = cast("dict[str, Any]", resting)["orderId"]
    _, known = counter.signed("GET", ORDER, symbol="BTCUSDT", orderId=order_id)
    _, still_open = counter.signed("GET", "/api/v3/openOrders", symbol="BTCUSDT")
    _, cancelled = counter.signed("DELETE", ORDER, symbol="BTCUSDT", orderId=order_id)
    symbol = {"symbol": "BTCUSDT"}
    return {
        "new_order_full": full,
        "order": known,
        "open_orders": still_open,
        "cancel_order": cancelled,
        "account": counter.signed("GET", "/api/v3/account")[1],
        "account_trades": counter.signed("GET", "/api/v3/myTrades", **symbol)[1],
        "all_orders": counter.signed("GET", "/api/v3/allOrders", **symbol)[1],
        "avg_price": counter.ask("GET", "/api/v3/avgPrice", **symbol)[1],
        "book_ticker": counter.ask("GET", "/api/v3/ticker/bookTicker", **symbol)[1],
        "depth": counter.ask("GET", "/api/v3/depth", **symbol)[1],
        "exchange_info": counter.ask("GET", "/api/v3/exchangeInfo")[1],
        "klines": counter.ask("GET", "/api/v3/klines", interval="1m", **symbol)[1],
        "ping": counter.ask("GET", "/api/v3/ping")[1],
        "server_time": counter.ask("GET", "/api/v3/time")[1],
        "ticker_24hr": counter.ask("GET", "/api/v3/ticker/24hr", **symbol)[1],
        "ticker_price": counter.ask("GET", "/api/v3/ticker/price", **symbol)[1],
        "trades": counter.ask("GET", "/api/v3/trades", **symbol)[1],
    }


@pytest.mark.real_data
@pytest.mark.skipif(not FIXTURES.is_dir(), reason="no recorded answers: set QUORATE_TEST_DATA")
def test_every_answer_holds_all_that_the_recorded_one_holds():
    counter = Counter()
    for name, told in answers(counter.exchange, counter).items():
        recorded = json.loads((FIXTURES / f"http_json/{name}_response.json").read_text())
        assert lacking(shape(told), shape(recorded)) == [], name


def test_prices_rest_on_the_outside_market_and_a_sale_meets_its_bids():
    counter = Counter()
    status, body = counter.signed("POST", ORDER, symbol="BTCUSDT", side="SELL", type="MARKET", quantity="1.5")
    sold = cast("dict[str, Any]", body)
    assert (status, sold["status"], sold["cummulativeQuoteQty"]) == (200, "FILLED", "89998.50000000")
    assert sold["fills"][0]["commissionAsset"] == "USDT"
    assert counter.exchange.engine.listing("BTCUSDT").tape.trades[-1].taker_side is Side.SELL
