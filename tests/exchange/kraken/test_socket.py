"""Kraken's WebSocket v2 in process: every channel, every request, and books that others can check."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.clock import ManualClock
from quorate.exchange import Side, Trading
from quorate.exchange.kraken import KrakenExchange
from quorate.exchange.kraken.hub import Hub
from quorate.exchange.kraken.keys import TOKEN_MS
from quorate.exchange.kraken.market_channels import DEPTHS
from quorate.exchange.kraken.session import Session
from quorate.venues.books.kraken import KrakenBook
from quorate.venues.books.shelf import kraken_shelf
from quorate.venues.books.status import BookState
from tests.exchange.kraken.krakens import BTC, KEY, OTHER, START_MS, Client, Heard, made_exchange


@pytest.fixture
def heard(exchange: KrakenExchange) -> Heard:
    return Heard(exchange)


@pytest.fixture
def token(exchange: KrakenExchange) -> str:
    told = Client(exchange).private("GetWebSocketsToken")["result"]
    assert told["expires"] == 900
    return told["token"]


LIMIT: dict[str, Any] = {"order_type": "limit", "side": "buy", "symbol": "BTC/USD", "order_qty": 0.5, "limit_price": 90}


def test_a_connection_hears_the_status_and_is_answered_when_it_pings(heard: Heard):
    assert heard.messages[0]["channel"] == "status"
    assert heard.messages[0]["data"][0]["system"] == "online"
    (pong,) = heard.say("ping", req_id=42)
    assert (pong["method"], pong["req_id"]) == ("pong", 42)


def test_heartbeats_come_only_to_those_who_listen(heard: Heard):
    heard.session.beat(START_MS)
    assert len(heard.messages) == 1
    heard.say("subscribe", channel="ticker", symbol=["BTC/USD"])
    heard.session.beat(START_MS)
    assert heard.messages[-1] == {"channel": "heartbeat"}


@pytest.mark.parametrize("frame", ["", "{", "[]", "7", b"\xff", "x" * 70_000, "null"])
def test_frames_that_are_no_requests_are_answered_and_nothing_breaks(heard: Heard, frame: str | bytes):
    heard.session.take(frame)
    assert heard.messages[-1]["error"] == "Malformed request"
    assert heard.say("ping")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "Channel is missing"),
        ({"channel": "gossip", "symbol": ["BTC/USD"]}, "Channel not supported"),
        ({"channel": "ticker"}, "Symbol(s) not found"),
        ({"channel": "ticker", "symbol": []}, "Symbol(s) not found"),
        ({"channel": "ticker", "symbol": ["XBT/USD"]}, "Currency pair not supported XBT/USD"),
        ({"channel": "ticker", "symbol": [7]}, "Currency pair not supported 7"),
        ({"channel": "book", "symbol": ["BTC/USD"], "depth": 11}, "Subscription depth not supported"),
        ({"channel": "book", "symbol": ["BTC/USD"], "depth": "10"}, "Subscription depth not supported"),
        ({"channel": "ohlc", "symbol": ["BTC/USD"], "interval": 2}, "Subscription interval not supported"),
        ({"channel": "executions"}, "ESession:Invalid session"),
        ({"channel": "balances", "token": "forged"}, "ESession:Invalid session"),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused(heard: Heard, params: dict[str, Any], words: str):
    (told,) = heard.say("subscribe", req_id=3, **params)
    assert (told["success"], told["error"], told["req_id"]) == (False, words, 3)
    assert not heard.session.listens


def test_a_channel_is_joined_once_and_left_once(heard: Heard):
    ack, snapshot = heard.say("subscribe", channel="ticker", symbol=["BTC/USD"])
    assert (ack["success"], snapshot["type"]) == (True, "snapshot")
    assert heard.say("subscribe", channel="ticker", symbol=["BTC/USD"])[0]["error"].startswith("Already subscribed")
    assert heard.say("unsubscribe", channel="ticker", symbol=["BTC/USD"])[0]["success"]
    assert heard.say("unsubscribe", channel="ticker", symbol=["BTC/USD"])[0]["error"] == "Subscription Not Found"


def test_each_symbol_is_acknowledged_for_itself(heard: Heard):
    told = heard.say("subscribe", channel="trade", symbol=["BTC/USD", "FOO/USD", "ETH/USD"], snapshot=False)
    assert [message["success"] for message in told] == [True, False, True]


class TestMarketChannels:
    def test_trades_ticker_and_candles_follow_a_trade(self, exchange: KrakenExchange, heard: Heard):
        for channel, more in (("trade", {}), ("ticker", {}), ("ohlc", {"interval": 5})):
            heard.say("subscribe", channel=channel, symbol=["BTC/USD"], **more)
        exchange.engine.print_trade(BTC.symbol, Side.BUY, 1001, 10**8, at_ms=START_MS + 5)
        (trade,) = heard.channel("trade", "update")
        assert trade["data"][0] == {
            "symbol": "BTC/USD",
            "side": "buy",
            "price": 100.1,
            "qty": 1.0,
            "ord_type": "market",
            "trade_id": 2,
            "timestamp": "2023-11-14T22:13:20.005000Z",
        }
        (ticker,) = heard.channel("ticker", "update")
        assert (ticker["data"][0]["last"], ticker["data"][0]["bid"], ticker["data"][0]["ask"]) == (100.1, 99.9, 100.2)
        (candle,) = heard.channel("ohlc", "update")
        assert (candle["data"][0]["interval_begin"], candle["data"][0]["high"], candle["data"][0]["trades"]) == (
            "2023-11-14T22:10:00.000000Z",
            100.1,
            2,
        )

    def test_a_ticker_by_quotes_follows_quotes_too(self, exchange: KrakenExchange, heard: Heard):
        heard.say("subscribe", channel="ticker", symbol=["BTC/USD"], event_trigger="bbo")
        exchange.engine.quote(BTC.symbol, [(998, 10**8)], [(1002, 10**8)], at_ms=START_MS)
        assert heard.channel("ticker", "update")[-1]["data"][0]["bid"] == 99.8

    def test_f27_everybody_hears_when_the_exchange_closes_and_opens(self, exchange: KrakenExchange, heard: Heard):
        for trading in (Trading.CANCEL_ONLY, Trading.OPEN):
            for symbol in exchange.engine.listings:
                exchange.engine.set_trading(symbol, trading, at_ms=START_MS)
        systems = [message["data"][0]["system"] for message in heard.channel("status")]
        assert systems == ["online", "cancel_only", "online"]

    def test_f28_instruments_tell_when_a_pair_changes(self, exchange: KrakenExchange, heard: Heard):
        _, snapshot = heard.say("subscribe", channel="instrument")
        assert {pair["symbol"] for pair in snapshot["data"]["pairs"]} >= {"BTC/USD", "ETH/BTC"}
        exchange.engine.set_trading(BTC.symbol, Trading.CANCEL_ONLY, at_ms=START_MS)
        (update,) = heard.channel("instrument", "update")
        assert [(pair["symbol"], pair["status"]) for pair in update["data"]["pairs"]] == [("BTC/USD", "cancel_only")]


class Followed:
    """The desk's own book, fed with what a subscriber hears: it takes every checksum as the truth."""

    def __init__(self, exchange: KrakenExchange, depth: int) -> None:
        self.book = KrakenBook("BTC/USD", "BTC/USD", price_decimals=1, quantity_decimals=8, depth=depth, at_ms=START_MS)
        self._shelf = kraken_shelf([self.book])
        session = Session(exchange, Hub(exchange), self._hear, connection=1)
        params = {"channel": "book", "symbol": ["BTC/USD"], "depth": depth}
        session.take(msgspec.json.encode({"method": "subscribe", "params": params}))

    def _hear(self, frame: bytes) -> None:
        assert self._shelf.take(frame, START_MS)


quotes = st.lists(st.tuples(st.integers(980, 1020), st.integers(1, 14), st.integers(1, 5)), max_size=12)


@given(quotes, st.sampled_from(DEPTHS[:2]))
def test_f22_a_book_that_follows_the_stream_agrees_with_every_checksum(changes: list[tuple[int, int, int]], depth: int):
    exchange = made_exchange()
    followed = Followed(exchange, depth)
    for middle, levels, lots in changes:
        bids = [(middle - step, lots * step * 10**7) for step in range(1, levels + 1)]
        asks = [(middle + step, lots * step * 10**7) for step in range(1, levels + 3)]
        exchange.engine.quote(BTC.symbol, bids, asks, at_ms=START_MS)
    listing = exchange.engine.listings[BTC.symbol]
    assert followed.book.integrity.faults == 0
    assert followed.book.integrity.state is BookState.LIVE
    assert followed.book.book.bids.top(depth) == listing.bids.depth(depth)
    assert followed.book.book.asks.top(depth) == listing.asks.depth(depth)


class TestTrading:
    def test_an_order_is_told_from_its_acceptance_to_its_last_fill(
        self, exchange: KrakenExchange, heard: Heard, token: str
    ):
        heard.say("subscribe", channel="executions", token=token, snap_trades=True)
        told = heard.say("add_order", req_id=9, token=token, **LIMIT, cl_ord_id="q-1", order_userref=7)
        answer = next(message for message in told if message.get("method") == "add_order")
        assert (answer["success"], answer["req_id"], answer["result"]["cl_ord_id"]) == (True, 9, "q-1")
        exchange.engine.quote(BTC.symbol, [(899, 10**8)], [(905, 10**8)], at_ms=START_MS)
        exchange.engine.print_trade(BTC.symbol, Side.SELL, 900, 4 * 10**7, at_ms=START_MS + 1)
        exchange.engine.print_trade(BTC.symbol, Side.SELL, 900, 4 * 10**9, at_ms=START_MS + 2)
        rows = [row for message in heard.channel("executions", "update") for row in message["data"]]
        assert [(row["exec_type"], row["order_status"], row["cum_qty"]) for row in rows] == [
            ("pending_new", "pending_new", 0.0),
            ("new", "new", 0.0),
            ("trade", "partially_filled", 0.4),
            ("trade", "filled", 0.5),
            ("filled", "filled", 0.5),
        ]
        assert all(row["cl_ord_id"] == "q-1" and row["order_userref"] == 7 for row in rows)
        trade = rows[2]
        assert (trade["last_qty"], trade["last_price"], trade["liquidity_ind"]) == (0.4, 90.0, "m")
        assert trade["fees"] == [{"asset": "USD", "qty": 0.09}]
        sequences = [message["sequence"] for message in heard.channel("executions")]
        assert sequences == list(range(1, len(sequences) + 1))

    def test_a_new_subscriber_is_told_open_orders_and_recent_trades(
        self, exchange: KrakenExchange, heard: Heard, token: str
    ):
        client = Client(exchange)
        resting = client.order(price=90, volume="0.1")
        taken = client.order(ordertype="market", volume="0.1")
        _, snapshot = heard.say("subscribe", channel="executions", token=token, snap_trades=True)
        assert [(row["order_id"], row["exec_type"]) for row in snapshot["data"]] == [
            (resting, "new"),
            (taken, "trade"),
        ]
        other = Heard(exchange)
        told = other.say("subscribe", channel="executions", token=token, snap_orders=False)
        assert len(told) == 1

    @pytest.mark.parametrize(
        ("asked", "words"),
        [
            ({"order_qty": 5_000}, "EOrder:Insufficient funds"),
            ({"order_qty": 0.00001}, "EOrder:Order minimum not met"),
            ({"order_qty": "many"}, "EGeneral:Invalid arguments:order_qty"),
            ({"order_qty": True}, "EGeneral:Invalid arguments:order_qty"),
            ({"order_qty": None}, "EGeneral:Invalid arguments:order_qty"),
            ({"limit_price": None}, "EGeneral:Invalid arguments:price"),
            ({"limit_price": -1}, "EOrder:Invalid price"),  # not a distance from the last price: its type says static
            ({"limit_price": 90.123}, "EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals."),
            ({"side": "hold"}, "EGeneral:Invalid arguments:type"),
            ({"order_type": "wish"}, "EGeneral:Invalid arguments:ordertype"),
            ({"symbol": "XBT/USD"}, "EGeneral:Invalid arguments:Currency pair not supported XBT/USD"),
            ({"triggers": 7, "order_type": "stop-loss"}, "EGeneral:Invalid arguments:triggers"),
            ({"post_only": True, "limit_price": 101}, "EOrder:Post only order"),
            ({"token": "forged"}, "ESession:Invalid session"),
            (
                {"margin": True},
                "EOrder:Insufficient margin (exchange does not have sufficient funds to allow margin trading)",
            ),
            ({"conditional": {"order_type": "limit"}}, "EGeneral:Invalid arguments:close"),
            ({"expire_time": "never", "time_in_force": "gtd"}, "EGeneral:Invalid arguments:expire_time"),
        ],
    )
    def test_what_cannot_be_an_order_is_refused_in_krakens_words(
        self, exchange: KrakenExchange, heard: Heard, token: str, asked: dict[str, Any], words: str
    ):
        (told,) = heard.say("add_order", req_id=1, **{**LIMIT, "token": token, **asked})
        assert (told["success"], told["error"], told["req_id"]) == (False, words, 1)
        assert exchange.engine.open_orders("demo") == []

    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            ({"order_type": "market", "limit_price": None}, "buy 0.50000000 XBTUSD @ market"),
            ({"order_type": "market", "limit_price": None, "order_qty": None, "cash_order_qty": 50},
             "buy 50.00000 XBTUSD @ market"),
            ({"order_type": "stop-loss", "triggers": {"price": 120}}, "buy 0.50000000 XBTUSD @ stop loss 120.0"),
            ({"order_type": "take-profit-limit", "triggers": {"price": 80}, "limit_price": 81},
             "buy 0.50000000 XBTUSD @ take profit 80.0 -> limit 81.0"),
            ({"order_type": "trailing-stop", "triggers": {"price": 5, "price_type": "pct"}, "limit_price": None},
             "buy 0.50000000 XBTUSD @ trailing stop +5%"),
            ({"limit_price": -10, "limit_price_type": "quote"}, "buy 0.50000000 XBTUSD @ limit 90.0"),
        ],
    )  # fmt: skip
    def test_every_kind_of_order_is_taken(
        self, exchange: KrakenExchange, heard: Heard, token: str, asked: dict[str, Any], sentence: str
    ):
        (told,) = heard.say("add_order", None, **{**LIMIT, "token": token, **asked})
        order_id = told["result"]["order_id"]
        orders = Client(exchange).private("QueryOrders", txid=order_id)["result"]
        assert orders[order_id]["descr"]["order"] == sentence

    def test_orders_are_amended_and_cancelled_by_each_of_their_names(
        self, exchange: KrakenExchange, heard: Heard, token: str
    ):
        first = heard.say("add_order", token=token, **LIMIT)[-1]["result"]["order_id"]
        heard.say("add_order", token=token, **LIMIT, cl_ord_id="q-2")
        heard.say("add_order", token=token, **LIMIT, order_userref=9)
        (amended,) = heard.say("amend_order", token=token, cl_ord_id="q-2", order_qty=0.25)
        assert amended["result"]["amend_id"]
        assert [order.lots for order in exchange.engine.open_orders("demo")] == [5 * 10**7, 25 * 10**6, 5 * 10**7]
        told = heard.say(
            "cancel_order", req_id=4, token=token, order_id=[first, first], cl_ord_id=["q-2"], order_userref=[9]
        )
        assert [message.get("error") for message in told] == [None, "EOrder:Unknown order", None, None]
        assert exchange.engine.open_orders("demo") == []

    def test_a_batch_takes_what_it_can_and_says_what_it_cannot(
        self, exchange: KrakenExchange, heard: Heard, token: str
    ):
        leg = {name: value for name, value in LIMIT.items() if name != "symbol"}
        orders = [{**leg, "cl_ord_id": "O-A"}, {**leg, "order_qty": 5_000, "cl_ord_id": "O-B"}]
        (told,) = heard.say("batch_add", req_id=45, symbol="BTC/USD", orders=orders, token=token)
        good, bad = told["result"]["orders"]
        assert (told["success"], told["req_id"], good["success"], good["cl_ord_id"]) == (True, 45, True, "O-A")
        assert bad == {"cl_ord_id": "O-B", "success": False, "error": "EOrder:Insufficient funds"}
        (told,) = heard.say("batch_cancel", orders=[good["order_id"], "OAAAAA-AAAAA-AAAAAA"], token=token)
        assert told["result"] == {"orders_cancelled": 1}
        assert exchange.engine.open_orders("demo") == []

    @pytest.mark.parametrize(
        ("method", "params", "words"),
        [
            ("cancel_order", {}, "EGeneral:Invalid arguments:order_id"),
            ("cancel_order", {"order_id": "x"}, "EGeneral:Invalid arguments:order_id"),
            ("cancel_order", {"order_id": ["x"]}, "EOrder:Unknown order"),
            ("amend_order", {}, "EGeneral:Invalid arguments:order_id"),
            ("batch_add", {"symbol": "XBT/USD", "orders": []}, "EGeneral:Invalid arguments:symbol"),
            ("batch_add", {"symbol": "BTC/USD", "orders": 7}, "EGeneral:Invalid arguments:orders"),
            ("batch_add", {"symbol": "BTC/USD", "orders": [{}]}, "EGeneral:Invalid arguments:orders"),
            ("batch_cancel", {"orders": []}, "EGeneral:Invalid arguments:orders"),
            ("cancel_all_orders_after", {"timeout": -1}, "EGeneral:Invalid arguments:timeout"),
            ("cancel_all_orders_after", {}, "EGeneral:Invalid arguments:timeout"),
            ("fly", {}, "EGeneral:Unknown method"),
        ],
    )
    def test_requests_that_make_no_sense_are_refused(
        self, heard: Heard, token: str, method: str, params: dict[str, Any], words: str
    ):
        assert heard.say(method, token=token, **params)[0]["error"] == words

    def test_c17_everything_is_cancelled_at_once(self, exchange: KrakenExchange, heard: Heard, token: str):
        for _ in range(3):
            heard.say("add_order", token=token, **LIMIT)
        assert heard.say("cancel_all", token=token)[-1]["result"] == {"count": 3}
        assert exchange.engine.open_orders("demo") == []

    def test_c19_the_dead_mans_switch_is_the_same_one_as_rests(
        self, clock: ManualClock, exchange: KrakenExchange, heard: Heard, token: str
    ):
        heard.say("add_order", token=token, **LIMIT)
        heard.say("cancel_all_orders_after", token=token, timeout=30)
        clock.advance(29)
        exchange.now_ms()
        assert exchange.engine.open_orders("demo")
        clock.advance(1)
        exchange.now_ms()
        assert not exchange.engine.open_orders("demo")

    def test_balances_tell_what_a_trade_moved_and_what_it_cost(
        self, exchange: KrakenExchange, heard: Heard, token: str
    ):
        _, snapshot = heard.say("subscribe", channel="balances", token=token)
        assert {row["asset"]: row["balance"] for row in snapshot["data"]} == {"BTC": 10.0, "USD": 10_000.0}
        heard.say("add_order", token=token, **LIMIT)  # sets money aside: no entry of the ledger
        assert heard.channel("balances", "update") == []
        Client(exchange).order(ordertype="market", volume="1")
        (update,) = heard.channel("balances", "update")
        rows = {row["asset"]: (row["amount"], row["fee"], row["balance"]) for row in update["data"]}
        assert rows == {"USD": (-100.1, 0.4004, 9_899.4996), "BTC": (1.0, 0.0, 11.0)}

    def test_a_deposit_is_told_as_one(self, exchange: KrakenExchange, heard: Heard, token: str):
        heard.say("subscribe", channel="balances", token=token)
        exchange.deposit("demo", "USD", Decimal(5), START_MS)
        (update,) = heard.channel("balances", "update")
        assert (update["data"][0]["type"], update["data"][0]["amount"]) == ("deposit", 5.0)

    def test_nobody_hears_of_the_orders_of_another(self, exchange: KrakenExchange, heard: Heard):
        theirs = Client(exchange, OTHER).private("GetWebSocketsToken")["result"]["token"]
        heard.say("subscribe", channel="executions", token=theirs)
        Client(exchange).order(price=90, volume="0.1")
        assert heard.channel("executions", "update") == []


class TestTokens:
    def test_a_token_runs_out_unless_a_connection_uses_it(
        self, clock: ManualClock, exchange: KrakenExchange, heard: Heard, token: str
    ):
        heard.say("subscribe", channel="executions", token=token)
        for _ in range(3):
            clock.advance(TOKEN_MS / 1000 - 1)
            heard.session.beat(clock.now_ms())
        assert heard.say("add_order", token=token, **LIMIT)[-1]["success"]
        heard.session.close()
        clock.advance(TOKEN_MS / 1000 + 1)
        assert heard.say("add_order", token=token, **LIMIT)[-1]["error"] == "ESession:Invalid session"

    def test_f26_a_key_that_is_gone_takes_its_tokens_along(self, exchange: KrakenExchange, heard: Heard, token: str):
        exchange.keys.remove(KEY.key)
        assert heard.say("add_order", token=token, **LIMIT)[0]["error"] == "ESession:Invalid session"

    def test_i7_secrets_are_in_nothing_that_is_shown(self, exchange: KrakenExchange, heard: Heard, token: str):
        heard.say("add_order", token=token, **LIMIT)
        assert KEY.secret not in repr(KEY)
        assert KEY.secret not in json.dumps(heard.messages)
