"""Whatever comes through a door of the futures is answered, and no money and no contract goes astray."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.exchange.binanceusdm.face import METHODS
from tests.exchange.bad_input import check_frames, check_refusals, check_request, frames, requests
from tests.exchange.binanceusdm.futureses import Counter

ROUTES = sorted(Counter().house.face.routes)
# fmt: off
NAMES = st.sampled_from(
    [
        "symbol", "side", "type", "timeInForce", "quantity", "price", "triggerPrice", "callbackRate", "activatePrice",
        "newClientOrderId", "orderId", "limit", "origClientOrderId", "interval", "startTime", "endTime", "fromId",
        "recvWindow", "clientAlgoId", "algoId", "algoType", "reduceOnly", "closePosition", "workingType", "leverage",
        "marginType", "dualSidePosition", "countdownTime", "batchOrders", "orderIdList", "incomeType", "goodTillDate",
        "positionSide", "selfTradePreventionMode", "newOrderRespType", "symbols",
    ]
)
WORDS = st.sampled_from(
    [
        "BTCUSDT", "ETHUSDT", "NOSUCH", "BUY", "SELL", "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT_MARKET",
        "TRAILING_STOP_MARKET", "GTC", "IOC", "FOK", "GTX", "GTD", "1", "0", "0.1", "0.001", "59000", "60000.5",
        "61000", "1e5", "-1", "NaN", "Infinity", "99999999999999999999", "0.123456789", "1m", "RESULT", "true", "false",
        "CONDITIONAL", "CONTRACT_PRICE", "MARK_PRICE", "CROSSED", "[1]", "[{}]", "{}", "q1", "quorate000000001", "125",
        "fired000000001", "2000000001",
    ]
)
# fmt: on
PARAMETERS = st.dictionaries(NAMES, st.one_of(WORDS, WORDS, st.text(max_size=12)), max_size=10)
ORDERS = st.fixed_dictionaries(
    {
        "symbol": st.sampled_from(["BTCUSDT", "ETHUSDT"]),
        "side": st.sampled_from(["BUY", "SELL"]),
        "type": st.sampled_from(["LIMIT", "MARKET", "STOP_MARKET", "TAKE_PROFIT", "TRAILING_STOP_MARKET"]),
        "quantity": st.sampled_from(["0.1", "0.5", "2", "0.003"]),
        "algoType": st.just("CONDITIONAL"),
    },
    optional={
        "price": st.sampled_from(["59000", "60001", "61000", "3000"]),
        "timeInForce": st.sampled_from(["GTC", "IOC", "GTX"]),
        "triggerPrice": st.sampled_from(["59500", "60500", "2990"]),
        "callbackRate": st.just("1"),
        "reduceOnly": st.sampled_from(["true", "false"]),
    },
)
PLACES = st.one_of(
    st.tuples(st.sampled_from(ROUTES), PARAMETERS),
    st.tuples(st.sampled_from([("POST", "/fapi/v1/order"), ("POST", "/fapi/v1/algoOrder")]), ORDERS),
)


@given(st.lists(PLACES, min_size=1, max_size=8), st.sampled_from(["60000", "57000", "63000", "40000"]))
@settings(max_examples=150, deadline=None)
def test_every_signed_request_is_answered_with_success_or_a_code_and_money_stays(asked, price):
    counter = Counter(cash=3_000)
    totals = counter.engine.totals()
    for (method, path), params in asked:
        status, body = counter.signed(method, path, **params)
        check_refusals(status, body)
    counter.move(price)
    assert counter.engine.totals() == totals
    for name in ("/fapi/v2/account", "/fapi/v3/positionRisk", "/fapi/v1/openOrders", "/fapi/v1/openAlgoOrders"):
        counter.done("GET", name)


@given(requests(ROUTES))
@settings(max_examples=100, deadline=None)
def test_any_request_at_all_is_answered(sent):
    check_request(Counter().door, sent)


@given(st.lists(frames(METHODS, PARAMETERS, ["btcusdt@markPrice", "x", "!forceOrder@arr"]), max_size=6))
@settings(max_examples=100, deadline=None)
def test_any_frame_at_all_is_answered_on_every_kind_of_connection(sent):
    counter = Counter()
    check_frames(counter.exchange, counter.hub, sent)
