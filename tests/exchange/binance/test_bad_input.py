"""Whatever comes through a door is answered: nothing makes the exchange fall over, and no money goes astray."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.exchange.binance import ApiSession, Hub, MarketSession, Request
from quorate.exchange.binance.face import METHODS, ROUTES
from tests.exchange.binance.binances import NOW_MS, Counter, signature_of, signed_query, small_exchange

# fmt: off
NAMES = st.sampled_from(
    [
        "symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "trailingDelta",
        "newClientOrderId", "orderId", "limit", "origClientOrderId", "interval", "startTime", "endTime", "fromId",
        "recvWindow", "timestamp", "signature", "cancelReplaceMode", "symbols", "windowSize", "newOrderRespType",
        "aboveType", "belowType", "abovePrice", "belowStopPrice", "orderListId", "listenKey", "newQty", "icebergQty"
    ]
)
WORDS = st.sampled_from(
    [
        "BTCUSDT", "ETHUSDT", "NOSUCH", "BUY", "SELL", "LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS",
        "STOP_LOSS_LIMIT", "TAKE_PROFIT", "GTC", "IOC", "FOK", "1", "0", "0.1", "0.00001", "50000", "60000.5",
        "1e5", "-1", "NaN", "Infinity", "99999999999999999999", "0.123456789", "1m", "1M", "FULL", "ACK",
        "STOP_ON_FAILURE", "true", '["BTCUSDT"]', "[1]", "{}", "q1", "quorate000000001"
    ]
)
# fmt: on
VALUES = st.one_of(WORDS, st.text(max_size=20))
PARAMETERS = st.dictionaries(NAMES, VALUES, max_size=9)
PLACES = st.sampled_from(sorted(ROUTES))


@given(st.lists(st.tuples(PLACES, PARAMETERS), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_every_signed_request_is_answered_with_success_or_a_code_and_money_stays(asked):
    counter = Counter()
    totals = counter.exchange.engine.totals()
    for (method, path), params in asked:
        clean = {name: value for name, value in params.items() if name not in ("timestamp", "signature")}
        status, body = counter.signed(method, path, **clean)
        assert status == 200 or (isinstance(body, dict) and body["code"] < 0 and body["msg"])
        assert status in (200, 400, 401, 403, 404, 405, 409, 418, 429)
    assert counter.exchange.engine.totals() == totals
    for balance in counter.exchange.engine.accounts["demo"].balances.values():
        assert balance.free >= 0
        assert balance.locked >= 0


@given(
    st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
    st.one_of(st.sampled_from([path for _, path in ROUTES]), st.text(max_size=30)),
    st.text(max_size=60),
    st.text(max_size=60),
    st.dictionaries(st.just("x-mbx-apikey"), st.text(max_size=20)),
)
@settings(max_examples=150, deadline=None)
def test_any_request_at_all_is_answered(method, path, query, body, headers):
    answer = Counter().door.answer(Request(method=method, path=path, query=query, body=body, headers=headers))
    json.loads(answer.body)
    assert 200 <= answer.status < 500


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
FRAMES = st.one_of(
    st.text(max_size=40),
    st.binary(max_size=40),
    JSON.map(json.dumps),
    st.builds(
        lambda method, params, told_id: json.dumps({"method": method, "params": params, "id": told_id}),
        st.one_of(st.sampled_from([*METHODS, "session.logon", "SUBSCRIBE", "UNSUBSCRIBE", "SET_PROPERTY"]), JSON),
        st.one_of(JSON, PARAMETERS, st.lists(st.sampled_from(["btcusdt@trade", "x", "!ticker@arr"]))),
        JSON,
    ),
)


@given(st.lists(FRAMES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_frame_at_all_is_answered_on_every_kind_of_connection(frames):
    exchange = small_exchange(lambda: NOW_MS)
    hub = Hub(exchange)
    told: list[bytes] = []
    sessions = [
        MarketSession(hub, told.append, combined=True),
        ApiSession(exchange, hub, told.append, address="127.0.0.1"),
    ]
    for frame in frames:
        for session in sessions:
            before = len(told)
            session.take(frame)
            assert len(told) > before
    for session in sessions:
        session.close()
    for answer in told:
        json.loads(answer)


@given(st.integers(0, 40), st.integers(0, 255))
@settings(max_examples=50, deadline=None)
def test_a_signature_that_is_wrong_in_one_place_is_refused(place, character):
    counter = Counter()
    query = signed_query(NOW_MS, omitZeroBalances="true")
    head, _, signature = query.rpartition("=")
    wrong = signature[:place] + f"{character:02x}"[0] + signature[place + 1 :]
    headers = {"x-mbx-apikey": "demo"}
    answer = counter.door.answer(
        Request(method="GET", path="/api/v3/account", query=f"{head}={wrong}", headers=headers)
    )
    assert answer.status == (200 if wrong == signature else 400)
    assert signature == signature_of(query.rpartition("&")[0])
