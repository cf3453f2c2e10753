"""Streams, listen keys and the WebSocket API, without sockets: sessions are plain objects."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from quorate.exchange import Kind, NewOrder, Side
from quorate.exchange.binance import ApiSession, BinanceExchange, Hub, MarketSession
from quorate.exchange.binance.figures import UNIT
from quorate.exchange.binance.streams import SPOT_WORDS, is_stream
from tests.exchange.binance.binances import NOW_MS, quote, signature_of, small_exchange


class Market:
    """An exchange whose clock a test moves, with connections that keep what they are told."""

    def __init__(self) -> None:
        self.at_ms = NOW_MS
        self.exchange: BinanceExchange = small_exchange(lambda: self.at_ms)
        self.hub = Hub(self.exchange)
        self.told: list[Any] = []

    def listen(self, *names: str, combined: bool = False) -> MarketSession:
        session = MarketSession(self.hub, self._keep, combined=combined)
        session.open(list(names))
        return session

    def api(self) -> ApiSession:
        return ApiSession(self.exchange, self.hub, self._keep, address="127.0.0.1")

    def ask(self, session: ApiSession, method: str, **params: object) -> Any:
        """One request over the WebSocket API, unsigned, and its answer."""
        session.take(json.dumps({"id": "1", "method": method, "params": params}))
        return next(told for told in reversed(self.told) if "id" in told)

    def signed(self, session: ApiSession, method: str, **params: object) -> Any:
        """The same, signed."""
        whole = {"apiKey": "demo", "timestamp": self.at_ms, **params}
        text = "&".join(f"{name}={whole[name]}" for name in sorted(whole))
        return self.ask(session, method, **whole, signature=signature_of(text))

    def pass_time(self, milliseconds: int) -> None:
        self.at_ms += milliseconds
        self.hub.streams.tick(self.at_ms)

    def take(self) -> list[Any]:
        """What was told since this was last asked."""
        told, self.told[:] = list(self.told), []
        return told

    def _keep(self, raw: bytes) -> None:
        self.told.append(json.loads(raw))


def test_a_book_kept_from_snapshot_and_changes_is_the_exchanges_own_and_its_sequence_has_no_gap():
    market = Market()
    market.listen("btcusdt@depth@100ms")
    listing = market.exchange.engine.listing("BTCUSDT")
    book = {side: dict(getattr(listing, side).depth(5_000)) for side in ("bids", "asks")}
    last = listing.sequence
    for step in range(12):
        quote(market.exchange, "BTCUSDT", Decimal(60_000 + 7 * step % 30))
        market.pass_time(100)
        for event in market.take():
            assert event["U"] == last + 1
            assert event["u"] >= event["U"]
            last = event["u"]
            for name, side in (("b", "bids"), ("a", "asks")):
                for price, quantity in event[name]:
                    book[side][round(Decimal(price) * UNIT)] = round(Decimal(quantity) * UNIT)
    kept = {side: {ticks: lots for ticks, lots in levels.items() if lots} for side, levels in book.items()}
    assert kept == {side: dict(getattr(listing, side).depth(5_000)) for side in ("bids", "asks")}
    assert last == listing.sequence


def test_each_stream_tells_its_own_event_at_its_own_pace():
    market = Market()
    names = ["trade", "aggTrade", "bookTicker", "miniTicker", "ticker", "kline_1m", "depth5", "avgPrice"]
    market.listen(*(f"btcusdt@{name}" for name in names), "!miniTicker@arr", combined=True)
    quote(market.exchange, "BTCUSDT", Decimal(60_050))
    at_once = {told["stream"] for told in market.take()}
    assert at_once == {"btcusdt@trade", "btcusdt@aggTrade", "btcusdt@bookTicker"}
    market.pass_time(1_000)
    told = {row["stream"]: row["data"] for row in market.take()}
    assert set(told) == {*(f"btcusdt@{name}" for name in names[3:]), "!miniTicker@arr"}
    assert told["btcusdt@ticker"]["c"] == "60050.00000000"
    assert told["btcusdt@kline_1m"]["k"]["x"] is False
    assert told["!miniTicker@arr"][0]["s"] == "BTCUSDT"


def test_a_candle_is_told_once_more_when_it_has_closed():
    market = Market()
    market.listen("btcusdt@kline_1m")
    market.pass_time(1_000)
    opened_ms = market.take()[-1]["k"]["t"]
    market.pass_time(60_000)
    closed, forming = market.take()
    assert (closed["k"]["t"], closed["k"]["x"]) == (opened_ms, True)
    assert (forming["k"]["t"], forming["k"]["x"]) == (opened_ms + 60_000, False)


def test_streams_are_joined_left_and_listed_on_an_open_connection():
    market = Market()
    session = market.listen()
    session.take('{"method":"SUBSCRIBE","params":["btcusdt@trade","ethusdt@trade"],"id":1}')
    session.take('{"method":"UNSUBSCRIBE","params":["ethusdt@trade"],"id":2}')
    session.take('{"method":"LIST_SUBSCRIPTIONS","id":3}')
    assert market.take() == [
        {"result": None, "id": 1},
        {"result": None, "id": 2},
        {"result": ["btcusdt@trade"], "id": 3},
    ]
    session.close()
    quote(market.exchange, "BTCUSDT", Decimal(60_050))
    assert market.take() == []


@pytest.mark.parametrize(
    "sent",
    [
        "no json",
        "[]",
        '{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}',
        '{"method":"SUBSCRIBE","params":[7],"id":1}',
        '{"method":"SUBSCRIBE","params":["btcusdt@gossip"],"id":1}',
        '{"method":"DANCE","id":1}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_request_is_answered_with_an_error(sent):
    market = Market()
    market.listen().take(sent)
    (told,) = market.take()
    assert told["error"]["code"] == 2


def test_names_of_streams_are_known_or_not():
    known = ["btcusdt@depth", "btcusdt@depth@100ms", "btcusdt@depth20@100ms", "btcusdt@kline_1M", "!ticker@arr"]
    unknown = ["btcusdt", "btcusdt@depth@50ms", "btcusdt@depth7", "btcusdt@kline_2m", "!trade@arr", "BTCUSDT@trade"]
    assert [is_stream(name, SPOT_WORDS) for name in known + unknown] == [True] * 5 + [False] * 6


def placed(market: Market) -> None:
    """An order of the account that trades at once."""
    market.exchange.engine.submit(
        NewOrder(account="demo", symbol="BTCUSDT", side=Side.BUY, kind=Kind.MARKET, lots=UNIT // 10, client_id="q1"),
        at_ms=market.at_ms,
    )


def test_an_account_is_heard_by_its_listen_key_until_that_runs_out():
    market = Market()
    name = market.exchange.give_listen_key("demo", market.at_ms)
    session = market.listen(name)
    placed(market)
    events = market.take()
    assert [event["e"] for event in events] == ["executionReport", "executionReport", "outboundAccountPosition"]
    assert (events[0]["x"], events[0]["X"], events[0]["z"]) == ("NEW", "NEW", "0.00000000")
    assert (events[1]["x"], events[1]["X"], events[1]["l"], events[1]["N"]) == ("TRADE", "FILLED", "0.10000000", "BTC")
    assert {row["a"] for row in events[2]["B"]} == {"BTC", "USDT"}
    session.close()
    placed(market)
    assert market.take() == []
    assert market.exchange.account_of_listen_key(name, market.at_ms + 3_600_000) is None


def test_the_websocket_api_trades_and_tells_events_wrapped():
    market = Market()
    api = market.api()
    assert market.ask(api, "ping")["result"] == {}
    assert market.signed(api, "userDataStream.subscribe.signature")["result"] == {"subscriptionId": 0}
    order = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.1"}
    answer = market.signed(api, "order.place", price="50000", **order)
    assert (answer["status"], answer["result"]["status"]) == (200, "NEW")
    assert answer["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"
    wrapped = [told for told in market.take() if "subscriptionId" in told]
    assert [told["event"]["e"] for told in wrapped] == ["executionReport", "outboundAccountPosition"]
    order_id = answer["result"]["orderId"]
    assert market.signed(api, "order.status", symbol="BTCUSDT", orderId=order_id)["result"]["isWorking"] is True
    assert market.signed(api, "order.cancel", symbol="BTCUSDT", orderId=order_id)["result"]["status"] == "CANCELED"
    api.close()
    market.take()
    placed(market)
    assert market.take() == []


def test_a_session_that_has_logged_on_need_not_sign():
    market = Market()
    api = market.api()
    assert market.ask(api, "account.status", timestamp=NOW_MS)["error"]["code"] == -2014
    assert market.ask(api, "userDataStream.subscribe")["error"]["code"] == -2015
    assert market.signed(api, "session.logon")["result"]["apiKey"] == "demo"
    assert market.ask(api, "account.status")["status"] == 200
    assert market.ask(api, "userDataStream.subscribe")["result"] == {"subscriptionId": 0}
    assert market.ask(api, "session.logout")["result"]["apiKey"] is None
    assert market.ask(api, "account.status")["error"]["code"] == -2014


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"id": 1, "method": "order.guess"}, -1601),
        ({"id": 1}, -1601),
        ({"id": 1, "method": ["ping"]}, -1601),
        ({"id": 1, "method": "depth", "params": []}, -1135),
        ({"id": 1, "method": "depth", "params": {}}, -1102),
        ({"id": 1, "method": "order.place", "params": {"apiKey": "stranger"}}, -2015),
        ({"id": 1, "method": "order.place", "params": {"apiKey": "demo", "timestamp": NOW_MS}}, -1102),
        (
            {"id": 1, "method": "order.place", "params": {"apiKey": "demo", "timestamp": NOW_MS, "signature": "0"}},
            -1022,
        ),
    ],
)
def test_a_bad_request_to_the_websocket_api_is_answered_with_its_code(asked, code):
    market = Market()
    market.api().take(json.dumps(asked))
    assert market.take()[0]["error"]["code"] == code


def test_pairs_are_told_with_their_end():
    market = Market()
    api = market.api()
    market.signed(api, "userDataStream.subscribe.signature")
    pair = {"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.5"}
    above = {"aboveType": "LIMIT_MAKER", "abovePrice": "66000"}
    below = {"belowType": "STOP_LOSS", "belowStopPrice": "55000"}
    market.signed(api, "orderList.place.oco", **pair, **above, **below)
    quote(market.exchange, "BTCUSDT", Decimal(54_000))
    events = [told["event"] for told in market.take() if "event" in told]
    lists = [(event["l"], event["L"]) for event in events if event["e"] == "listStatus"]
    assert lists == [("EXEC_STARTED", "EXECUTING"), ("ALL_DONE", "ALL_DONE")]
    reports = [(event["o"], event["x"], event["X"]) for event in events if event["e"] == "executionReport"]
    assert ("LIMIT_MAKER", "EXPIRED", "EXPIRED") in reports
    assert reports[-1] == ("STOP_LOSS", "TRADE", "FILLED")
