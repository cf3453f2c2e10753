"""Whatever a client sends, it is answered; nothing it sends breaks the exchange or makes money."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from quorate.exchange.kraken.accounts import PRIVATE
from quorate.exchange.kraken.public import PUBLIC
from quorate.exchange.kraken.socket_orders import METHODS
from tests.exchange.kraken.krakens import Client, Heard, made_exchange

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
plausible: dict[str, st.SearchStrategy[Any]] = {
    "pair": st.sampled_from(["XBTUSD", "BTC/USD", "ETHUSD"]),
    "symbol": st.sampled_from(["BTC/USD", "ETH/BTC", ["BTC/USD"], ["BTC/USD", 7]]),
    "type": st.sampled_from(["buy", "sell"]),
    "side": st.sampled_from(["buy", "sell"]),
    "ordertype": st.sampled_from(["limit", "market", "stop-loss", "trailing-stop", "take-profit-limit"]),
    "order_type": st.sampled_from(["limit", "market", "stop-loss-limit", "trailing-stop-limit"]),
    "volume": st.sampled_from(["0.01", "1", "1e5", "-3", "0.123456789"]),
    "order_qty": st.sampled_from([0.01, 1, 1e30, -3, "0.1"]),
    "price": st.sampled_from(["90", "+5%", "-1", "+1e9", "0", "100.1"]),
    "price2": st.sampled_from(["90", "+5", "-1"]),
    "limit_price": st.sampled_from([90, 100.1, "90", -5, 1e300]),
    "triggers": st.sampled_from([{"price": 80}, {"price": 5, "price_type": "pct"}, {"price": "x"}, []]),
    "txid": st.sampled_from(["OTY3XT-OL7JJ-6BL445", "7", "x", ""]),
    "order_id": st.sampled_from([["OTY3XT-OL7JJ-6BL445"], "x", [7], []]),
    "orders": st.sampled_from([[], [{}], [{}, {}], [7, 7], "x"]),
    "timeout": st.sampled_from(["60", 60, -1, "x", 1e9]),
    "channel": st.sampled_from(["book", "ticker", "ohlc", "trade", "instrument", "executions", "balances", "x"]),
    "depth": st.sampled_from([10, 11, "10", True, 1000]),
    "interval": st.sampled_from([1, 5, 7, "1", True]),
    "expiretm": st.sampled_from(["0", "+5", "99999999999", "x"]),
    "oflags": st.sampled_from(["post", "viqc", "fcib", "post,fciq", ","]),
    "userref": st.sampled_from([7, "7", 2**40, "x"]),
    "start": st.sampled_from(["0", "x", 1e300, "OTY3XT-OL7JJ-6BL445"]),
    "since": st.sampled_from(["0", "x", "1e9", "-5", "999999999999999999"]),
    "ofs": st.sampled_from([0, "x", -1]),
    "count": st.sampled_from([1, "500", 0, "x"]),
    "asset": st.sampled_from(["XBT", "ZUSD", "FOO"]),
}
arguments = st.fixed_dictionaries({}, optional={name: values | chosen for name, chosen in plausible.items()})


@given(st.sampled_from(sorted(PRIVATE)), arguments)
def test_every_private_method_answers_whatever_it_is_asked(method: str, asked: dict[str, Any]):
    exchange = made_exchange()
    client = Client(exchange)
    client.order(price=90, volume="0.1")
    before = exchange.engine.totals()
    told = client.ask(client.signed(method, asked, as_json=True))
    assert ("result" in told) is not bool(told["error"])
    assert exchange.engine.totals() == before


@given(st.sampled_from(sorted(PUBLIC)), st.dictionaries(st.sampled_from(sorted(plausible)), st.text(max_size=8)))
def test_every_public_method_answers_whatever_it_is_asked(method: str, asked: dict[str, str]):
    told = Client(made_exchange()).public(method, **asked)
    assert ("result" in told) is not bool(told["error"])


@given(st.sampled_from([*sorted(METHODS), "subscribe", "unsubscribe", "ping"]), arguments)
def test_every_request_over_the_socket_is_answered(method: str, asked: dict[str, Any]):
    exchange = made_exchange()
    token = Client(exchange).private("GetWebSocketsToken")["result"]["token"]
    heard = Heard(exchange)
    before = exchange.engine.totals()
    told = heard.say(method, None, **{**asked, "token": token})
    assert any(message.get("method") in {method, "pong"} for message in told)
    assert exchange.engine.totals() == before


frames = st.fixed_dictionaries({}, optional={"method": values, "params": values, "req_id": values})


@given(st.binary(max_size=60) | (values | frames).map(msgspec.json.encode))
def test_every_frame_is_answered(frame: bytes):
    heard = Heard(made_exchange())
    before = len(heard.messages)
    heard.session.take(frame)
    assert len(heard.messages) > before
