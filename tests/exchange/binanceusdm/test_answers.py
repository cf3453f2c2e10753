"""Binance's futures over REST, without sockets: what is taken, what it comes to, and which code refuses what."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quorate.exchange import Trading
from quorate.exchange.binance.figures import UNIT
from quorate.exchange.binanceusdm.contracts import FUNDING_MS
from quorate.exchange.binanceusdm.face import METHODS
from tests.exchange.binanceusdm.futureses import ALGO, ORDER, Counter

V3_ACCOUNT, RISK, INCOME = "/fapi/v3/account", "/fapi/v3/positionRisk", "/fapi/v1/income"
PLACED = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.1",
    "price": "59000",
}
STOPPED = {
    "algoType": "CONDITIONAL", "symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.1",
    "triggerPrice": "59000",
}  # fmt: skip


def test_an_order_is_told_with_everything_that_futures_tell():
    counter = Counter()
    told = counter.order("BUY", "0.1", "59000.5", newClientOrderId="mine")
    assert told == {
        "orderId": 1, "symbol": "BTCUSDT", "status": "NEW", "clientOrderId": "mine", "price": "59000.50000000",
        "avgPrice": "0.00000000", "origQty": "0.10000000", "executedQty": "0.00000000", "cumQty": "0.00000000",
        "cumQuote": "0.00000000", "timeInForce": "GTC", "type": "LIMIT", "reduceOnly": False, "closePosition": False,
        "side": "BUY", "positionSide": "BOTH", "stopPrice": "0.00000000", "workingType": "CONTRACT_PRICE",
        "priceProtect": False, "origType": "LIMIT", "priceMatch": "NONE", "selfTradePreventionMode": "NONE",
        "goodTillDate": 0, "updateTime": counter.at_ms,
    }  # fmt: skip
    found = counter.done("GET", ORDER, symbol="BTCUSDT", origClientOrderId="mine")
    assert found == {**told, "time": counter.at_ms}
    assert counter.done("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", orderId=1) == found
    cancelled = counter.done("DELETE", ORDER, symbol="BTCUSDT", orderId=1)
    assert (cancelled["status"], cancelled["clientOrderId"]) == ("CANCELED", "mine")
    assert counter.refused("DELETE", ORDER, symbol="BTCUSDT", orderId=1) == -2011
    assert counter.refused("GET", "/fapi/v1/openOrder", symbol="BTCUSDT", orderId=1) == -2013


def test_an_acknowledgement_tells_no_fill_and_a_result_does():
    counter = Counter()
    words = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.1"}
    told = counter.done("POST", ORDER, **words)
    assert (told["status"], told["executedQty"]) == ("NEW", "0.00000000")
    told = counter.done("POST", ORDER, newOrderRespType="RESULT", **words)
    assert (told["status"], told["avgPrice"]) == ("FILLED", "60001.00000000")


def test_positions_margin_and_money_are_told_to_the_last_digit():
    counter = Counter()
    counter.done("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=10)
    counter.order("SELL", "0.2")
    counter.move("61000")
    (position,) = counter.done("GET", RISK)
    assert (position["positionAmt"], position["entryPrice"]) == ("-0.20000000", "59999.00000000")
    assert (position["markPrice"], position["unRealizedProfit"]) == ("61000.00000000", "-200.20000000")
    assert (position["notional"], position["initialMargin"]) == ("-12200.00000000", "1220.00000000")
    assert position["maintMargin"] == "48.80000000"
    account = counter.done("GET", V3_ACCOUNT)
    fee = Decimal("0.2") * 59_999 * Decimal("0.0005")
    assert Decimal(account["totalWalletBalance"]) == 10_000 - fee
    assert Decimal(account["totalMarginBalance"]) == 10_000 - fee - Decimal("200.2")
    assert Decimal(account["availableBalance"]) == 10_000 - fee - Decimal("200.2") - 1_220
    assert [row["symbol"] for row in account["positions"]] == ["BTCUSDT"]
    old = counter.done("GET", "/fapi/v2/account")
    assert {row["symbol"]: row["leverage"] for row in old["positions"]} == {"BTCUSDT": "10", "ETHUSDT": "20"}
    counter.order("BUY", "0.2", reduceOnly="true")
    income = counter.done("GET", INCOME)
    assert [row["incomeType"] for row in income] == ["COMMISSION", "REALIZED_PNL", "COMMISSION"]
    assert Decimal(income[1]["income"]) == Decimal("0.2") * (59_999 - 61_001)
    (balance,) = counter.done("GET", "/fapi/v2/balance")
    assert Decimal(balance["balance"]) == 10_000 + sum(Decimal(row["income"]) for row in income)
    trades = counter.done("GET", "/fapi/v1/userTrades", symbol="BTCUSDT")
    assert [(row["side"], row["buyer"], row["maker"]) for row in trades] == [
        ("SELL", False, False),
        ("BUY", True, False),
    ]
    assert sum(Decimal(row["realizedPnl"]) for row in trades) == Decimal(income[1]["income"])


def test_a_stop_lives_apart_until_it_fires_and_is_an_order_of_its_own_then():
    counter = Counter()
    counter.order("BUY", "0.1")
    stop = counter.stop("SELL", "0.1", "59000", reduceOnly="true", clientAlgoId="guard")
    assert (stop["algoStatus"], stop["orderType"], stop["actualOrderId"]) == ("NEW", "STOP_MARKET", "")
    assert stop["algoId"] > 10**9
    assert counter.done("GET", "/fapi/v1/openOrders") == []
    assert counter.done("GET", "/fapi/v1/openAlgoOrders") == [counter.done("GET", ALGO, clientAlgoId="guard")]
    assert len(counter.done("GET", "/fapi/v1/allOrders", symbol="BTCUSDT")) == 1
    assert counter.refused("GET", ORDER, symbol="BTCUSDT", orderId=stop["algoId"]) == -2013
    counter.order("BUY", "0.1", "50000", newClientOrderId="guard")
    counter.move("58999")
    fired = counter.done("GET", ALGO, algoId=stop["algoId"])
    assert (fired["algoStatus"], fired["triggerTime"]) == ("FINISHED", counter.at_ms)
    became = counter.done("GET", ORDER, symbol="BTCUSDT", orderId=fired["actualOrderId"])
    assert (became["type"], became["origType"], became["status"]) == ("MARKET", "STOP_MARKET", "FILLED")
    assert counter.done("GET", ORDER, symbol="BTCUSDT", origClientOrderId=became["clientOrderId"]) == became
    assert counter.refused("DELETE", ALGO, algoId=stop["algoId"]) == -2011


def test_a_stop_that_could_not_become_an_order_says_why():
    counter = Counter()
    stop = counter.stop("SELL", "0.1", "59000", reduceOnly="true")
    counter.move("58000")
    told = counter.done("GET", ALGO, algoId=stop["algoId"])
    assert (told["algoStatus"], told["actualOrderId"]) == ("REJECTED", "")
    assert counter.done("GET", "/fapi/v1/allOrders", symbol="BTCUSDT") == []


@pytest.mark.parametrize(
    ("kind", "words", "side", "price"),
    [
        ("STOP", {"price": "58900"}, "SELL", "58990"),
        ("TAKE_PROFIT", {"price": "60900"}, "SELL", "61010"),
        ("TAKE_PROFIT_MARKET", {}, "SELL", "61010"),
        ("TRAILING_STOP_MARKET", {"callbackRate": "1.0"}, "SELL", "59000"),
    ],
)
def test_every_conditional_type_fires_at_its_price(kind: str, words: dict[str, str], side: str, price: str):
    counter = Counter()
    counter.order("BUY", "0.1")
    trigger = {} if kind.startswith("TRAILING") else {"triggerPrice": "61000" if "PROFIT" in kind else "59000"}
    told = counter.done(
        "POST", ALGO, algoType="CONDITIONAL", symbol="BTCUSDT", side=side, type=kind, quantity="0.1", **words, **trigger
    )
    assert told["orderType"] == kind
    counter.move("60100")
    assert counter.done("GET", ALGO, algoId=told["algoId"])["algoStatus"] == "NEW"
    counter.move(price)
    assert counter.done("GET", ALGO, algoId=told["algoId"])["algoStatus"] == "FINISHED"
    assert counter.done("GET", RISK) == []


def test_a_stop_without_a_quantity_closes_whatever_there_is():
    counter = Counter()
    counter.stop("SELL", "", "59000", closePosition="true")
    counter.order("BUY", "0.123")
    counter.move("58900")
    assert counter.done("GET", RISK) == []


def test_everything_in_a_market_is_cancelled_by_kind_and_by_the_dead_man_at_once():
    counter = Counter()
    for _ in range(2):
        counter.order("BUY", "0.01", "58000")
        counter.stop("SELL", "0.01", "55000")
    assert counter.done("DELETE", "/fapi/v1/allOpenOrders", symbol="BTCUSDT")["code"] == 200
    assert (counter.done("GET", "/fapi/v1/openOrders"), len(counter.done("GET", "/fapi/v1/openAlgoOrders"))) == ([], 2)
    assert counter.done("DELETE", "/fapi/v1/algoOpenOrders", symbol="BTCUSDT")["code"] == 200
    assert counter.done("GET", "/fapi/v1/openAlgoOrders") == []
    counter.order("BUY", "0.01", "58000")
    counter.stop("SELL", "0.01", "55000")
    counter.done("POST", "/fapi/v1/countdownCancelAll", symbol="BTCUSDT", countdownTime=5_000)
    counter.at_ms += 4_000
    counter.done("POST", "/fapi/v1/countdownCancelAll", symbol="BTCUSDT", countdownTime=5_000)
    counter.at_ms += 4_000
    assert len(counter.done("GET", "/fapi/v1/openOrders")) == 1
    counter.at_ms += 1_001
    assert counter.done("GET", "/fapi/v1/openOrders") == counter.done("GET", "/fapi/v1/openAlgoOrders") == []


def test_funding_is_settled_three_times_a_day_at_the_rate_that_is_told():
    counter = Counter()
    counter.order("BUY", "0.1")
    told = counter.ask("GET", "/fapi/v1/premiumIndex", symbol="BTCUSDT")
    assert (told["lastFundingRate"], told["nextFundingTime"] % FUNDING_MS) == ("0.00010000", 0)
    counter.house.contracts.set_rate("BTCUSDT", -200_000)
    counter.at_ms = told["nextFundingTime"] + 2 * FUNDING_MS
    paid = counter.done("GET", INCOME, incomeType="FUNDING_FEE", symbol="BTCUSDT")
    assert [row["income"] for row in paid] == ["1.20000000"] * 3
    rates = counter.ask("GET", "/fapi/v1/fundingRate", symbol="BTCUSDT", limit=10)
    assert [row["fundingRate"] for row in rates] == ["-0.00020000"] * 3


def test_an_order_is_modified_and_a_batch_is_answered_one_by_one():
    counter = Counter()
    placed = counter.order("BUY", "0.1", "58000")
    words = {"symbol": "BTCUSDT", "orderId": placed["orderId"], "side": "BUY"}
    assert counter.done("PUT", ORDER, **words, quantity="0.2", price="58100")["price"] == "58100.00000000"
    assert counter.refused("PUT", ORDER, **words, quantity="0.2", price="58100") == -5027
    batch = (
        '[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.1","price":"58000"},'
        '{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"900"}]'
    )
    told = counter.done("POST", "/fapi/v1/batchOrders", batchOrders=batch)
    assert (told[0]["status"], told[1]["code"]) == ("NEW", -2019)
    ids = f"[{told[0]['orderId']},999]"
    gone = counter.done("DELETE", "/fapi/v1/batchOrders", symbol="BTCUSDT", orderIdList=ids)
    assert (gone[0]["status"], gone[1]["code"]) == ("CANCELED", -2011)


def test_limits_are_futures_own():
    counter = Counter()
    told = counter.ask("GET", "/fapi/v1/exchangeInfo")["rateLimits"]
    assert [(row["rateLimitType"], row["interval"], row["limit"]) for row in told] == [
        ("REQUEST_WEIGHT", "MINUTE", 2_400), ("ORDERS", "SECOND", 300), ("ORDERS", "MINUTE", 1_200),
    ]  # fmt: skip
    said = [
        counter.signed("POST", ORDER, **{**PLACED, "quantity": "0.002", "price": str(58_000 + number / 10)})
        for number in range(301)
    ]
    assert [status == 429 for status, _ in said] == [False] * 300 + [True]
    assert said[-1][1]["code"] == -1015


SIGNED = sorted(
    (method, path)
    for (method, path), route in Counter().house.face.routes.items()
    if route.security.value in ("signed", "trade")
)
FULL: dict[str, str] = {
    **PLACED, "algoType": "CONDITIONAL", "triggerPrice": "59000", "orderId": "1", "algoId": "2000000001",
    "leverage": "5", "marginType": "CROSSED", "dualSidePosition": "false", "countdownTime": "1000",
    "batchOrders": "[{}]", "orderIdList": "[1]",
}  # fmt: skip


@pytest.mark.parametrize("place", SIGNED, ids=" ".join)
def test_every_private_endpoint_refuses_a_wrong_signature_an_old_time_and_a_stranger(place: tuple[str, str]):
    counter = Counter()
    status, body = counter.signed(*place, key="demo", timestamp=counter.at_ms - 5_001, **FULL)
    assert (status, body["code"]) == (400, -1021)
    status, body = counter.signed(*place, timestamp=counter.at_ms + 1_001, **FULL)
    assert (status, body["code"]) == (400, -1021)
    counter.exchange.keys.add(type(counter.exchange.keys.find("demo"))(key="demo", secret="other", account="demo"))
    status, body = counter.signed(*place, **FULL)
    assert (status, body["code"]) == (400, -1022)
    status, body = counter.signed(*place, key="nobody", **FULL)
    assert (status, body["code"]) == (401, -2015)


NEEDS_SYMBOL = [
    ("POST", ORDER), ("PUT", ORDER), ("GET", ORDER), ("DELETE", ORDER), ("POST", ALGO), ("GET", "/fapi/v1/allOrders"),
    ("GET", "/fapi/v1/userTrades"), ("GET", "/fapi/v1/openOrders"), ("GET", "/fapi/v1/openAlgoOrders"),
    ("GET", "/fapi/v1/allAlgoOrders"), ("DELETE", "/fapi/v1/allOpenOrders"), ("DELETE", "/fapi/v1/algoOpenOrders"),
    ("POST", "/fapi/v1/leverage"), ("POST", "/fapi/v1/marginType"), ("POST", "/fapi/v1/countdownCancelAll"),
    ("GET", "/fapi/v2/positionRisk"), ("GET", RISK), ("GET", "/fapi/v1/leverageBracket"), ("GET", INCOME),
    ("GET", "/fapi/v1/commissionRate"), ("GET", "/fapi/v1/symbolConfig"), ("GET", "/fapi/v1/openOrder"),
]  # fmt: skip


@pytest.mark.parametrize("place", NEEDS_SYMBOL, ids=" ".join)
def test_a_symbol_that_is_not_listed_is_refused_everywhere(place: tuple[str, str]):
    counter = Counter()
    assert counter.refused(*place, **{**FULL, "symbol": "NOSUCHUSDT"}) == -1121
    assert counter.refused(*place, **{**FULL, "symbol": "btc usdt"}) == -1100


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": "0.1001"}, -1111),
        ({"price": "59000.01"}, -1111),
        ({"quantity": "0"}, -4003),
        ({"price": "0"}, -4001),
        ({"quantity": "-1"}, -1100),
        ({"quantity": "1e3"}, -1100),
        ({"quantity": "9000000"}, -4004),
        ({"quantity": "0.001"}, -4164),
        ({"quantity": "4"}, -2019),
        ({"price": "63001"}, -4016),
        ({"side": "SELL", "price": "56999"}, -4024),
        ({"quantity": "9000"}, -2027),
        ({"side": "HOLD"}, -1117),
        ({"type": "ICEBERG"}, -1116),
        ({"type": "STOP_MARKET", "stopPrice": "59000"}, -4120),
        ({"timeInForce": "FOREVER"}, -1115),
        ({"timeInForce": "GTD", "goodTillDate": "1"}, -5040),
        ({"timeInForce": "FOK", "price": "60001", "quantity": "6"}, -5021),
        ({"timeInForce": "GTX", "price": "60001"}, -5022),
        ({"reduceOnly": "true"}, -2022),
        ({"reduceOnly": "perhaps"}, -1130),
        ({"positionSide": "LONG"}, -4061),
        ({"newClientOrderId": "x" * 37}, -4015),
        ({"newClientOrderId": "no spaces"}, -1100),
        ({"selfTradePreventionMode": "NEVER"}, -4182),
        ({"priceMatch": "QUEUE"}, -1106),
        ({"newOrderRespType": "EVERYTHING"}, -1127),
    ],
)
def test_an_order_that_cannot_be_is_refused_with_futures_own_code(changes: dict[str, str], code: int):
    counter = Counter()
    if "9000" in changes.values():
        counter.engine.move("demo", "USDT", Decimal(10**9), at_ms=counter.at_ms)
    if code == -5021:
        counter.engine.move("demo", "USDT", Decimal(10**6), at_ms=counter.at_ms)
    assert counter.refused("POST", ORDER, **{**PLACED, **changes}) == code
    assert counter.engine.accounts["demo"].orders == {}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"triggerPrice": "60000"}, -2021),
        ({"triggerPrice": "59000.01"}, -1111),
        ({"triggerPrice": "0"}, -4006),
        ({"algoType": "TWAP"}, -1102),
        ({"type": "LIMIT"}, -1116),
        ({"closePosition": "true"}, -4137),
        ({"workingType": "INDEX_PRICE"}, -1106),
        ({"type": "TRAILING_STOP_MARKET", "callbackRate": "50"}, -2007),
        ({"price": "59000"}, -1106),
    ],
)
def test_a_conditional_order_that_cannot_be_is_refused_with_futures_own_code(changes: dict[str, str], code: int):
    counter = Counter()
    words = {**STOPPED, **changes}
    if words["type"] == "TRAILING_STOP_MARKET":
        del words["triggerPrice"]
    assert counter.refused("POST", ALGO, **words) == code


def test_what_is_in_use_out_of_range_or_not_offered_is_refused():
    counter = Counter()
    counter.order("BUY", "0.01", "58000", newClientOrderId="one")
    assert counter.refused("POST", ORDER, **PLACED, newClientOrderId="one") == -4116
    counter.stop("SELL", "0.01", "55000", clientAlgoId="one")
    assert counter.refused("POST", ALGO, **STOPPED, clientAlgoId="one") == -4116
    assert counter.refused("POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=126) == -4028
    assert counter.refused("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="CROSSED") == -4046
    assert counter.refused("POST", "/fapi/v1/marginType", symbol="BTCUSDT", marginType="ISOLATED") == -4168
    assert counter.refused("POST", "/fapi/v1/positionSide/dual", dualSidePosition="false") == -4059
    assert counter.refused("POST", "/fapi/v1/positionSide/dual", dualSidePosition="true") == -4068
    assert counter.refused("GET", "/fapi/v1/allOrders", symbol="BTCUSDT", startTime=1, endTime=10**12) == -4166
    counter.engine.set_trading("BTCUSDT", Trading.CANCEL_ONLY, at_ms=counter.at_ms)
    assert counter.refused("POST", ORDER, **PLACED) == -4108
    assert counter.engine.accounts["demo"].balance("USDT").free == 10_000 * UNIT


def test_the_names_of_the_websocket_api_are_all_answered():
    routes = Counter().house.face.routes
    assert set(METHODS.values()) <= set(routes)


def test_what_is_not_there_says_so():
    counter = Counter()
    status, _ = counter.signed("GET", "/fapi/v1/nothing")
    assert status == 404
    status, body = counter.signed("PUT", INCOME)
    assert (status, body["code"]) == (405, -1099)
