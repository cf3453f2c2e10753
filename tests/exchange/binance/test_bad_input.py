"""Whatever comes through a door is answered: nothing makes the exchange fall over, and no money goes astray."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.exchange.binance import Hub, Request
from quorate.exchange.binance.face import METHODS, ROUTES
from tests.exchange.bad_input import check_frames, check_refusals, check_request, frames, requests
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
        check_refusals(status, body)
    assert counter.exchange.engine.totals() == totals
    for balance in counter.exchange.engine.accounts["demo"].balances.values():
        assert balance.free >= 0
        assert balance.locked >= 0


@given(requests(ROUTES))
@settings(max_examples=150, deadline=None)
def test_any_request_at_all_is_answered(sent):
    check_request(Counter().door, sent)


@given(st.lists(frames(METHODS, PARAMETERS, ["btcusdt@trade", "x", "!ticker@arr"]), max_size=6))
@settings(max_examples=150, deadline=None)
def test_any_frame_at_all_is_answered_on_every_kind_of_connection(sent):
    exchange = small_exchange(lambda: NOW_MS)
    check_frames(exchange, Hub(exchange), sent)


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
