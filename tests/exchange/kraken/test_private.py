"""Kraken's private REST: what each request does, and the words of every refusal."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from quorate.clock import ManualClock
from quorate.exchange import Fees, Kind, Side, Trading
from quorate.exchange.kraken import ApiKey, KrakenExchange
from tests.exchange.kraken.krakens import BTC, KEY, OTHER, START_MS, Client, outside_order, quote

LIMIT = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "90", "volume": "0.01"}


def test_an_order_is_answered_with_its_sentence_and_its_id(client: Client):
    told = client.private("AddOrder", **LIMIT)
    assert told["error"] == []
    assert told["result"]["descr"] == {"order": "buy 0.01000000 XBTUSD @ limit 90.0"}
    (txid,) = told["result"]["txid"]
    order = client.private("OpenOrders")["result"]["open"][txid]
    assert (order["status"], order["vol"], order["descr"]["price"]) == ("open", "0.01000000", "90.0")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"ordertype": "market", "price": ""}, "buy 0.01000000 XBTUSD @ market"),
        ({"ordertype": "stop-loss", "price": "120"}, "buy 0.01000000 XBTUSD @ stop loss 120.0"),
        (
            {"ordertype": "stop-loss-limit", "price": "120", "price2": "121"},
            "buy 0.01000000 XBTUSD @ stop loss 120.0 -> limit 121.0",
        ),
        ({"ordertype": "take-profit", "price": "80"}, "buy 0.01000000 XBTUSD @ take profit 80.0"),
        (
            {"ordertype": "take-profit-limit", "price": "80", "price2": "81"},
            "buy 0.01000000 XBTUSD @ take profit 80.0 -> limit 81.0",
        ),
        ({"ordertype": "trailing-stop", "price": "+5"}, "buy 0.01000000 XBTUSD @ trailing stop +5"),
        ({"ordertype": "trailing-stop", "price": "+5.0%"}, "buy 0.01000000 XBTUSD @ trailing stop +5.0%"),
        (
            {"ordertype": "trailing-stop-limit", "price": "+5", "price2": "+1"},
            "buy 0.01000000 XBTUSD @ trailing stop +5 -> limit +1",
        ),
        ({"price": "-10"}, "buy 0.01000000 XBTUSD @ limit 90.0"),
        ({"price": "-10%"}, "buy 0.01000000 XBTUSD @ limit 90.0"),
        ({"ordertype": "market", "volume": "50", "oflags": "viqc"}, "buy 50.00000 XBTUSD @ market"),
    ],
)
def test_every_kind_of_order_has_its_sentence(client: Client, asked: dict[str, str], sentence: str):
    told = client.private("AddOrder", **{**LIMIT, **asked})
    assert told["error"] == []
    assert told["result"]["descr"]["order"] == sentence


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"pair": "FOOBAR"}, "EQuery:Unknown asset pair"),
    ({"type": "hold"}, "EGeneral:Invalid arguments:type"),
    ({"ordertype": "iceberg"}, "EGeneral:Invalid arguments:ordertype"),
    ({"volume": "x"}, "EGeneral:Invalid arguments:volume"),
    ({"volume": "NaN"}, "EGeneral:Invalid arguments:volume"),
    ({"volume": "1e400"}, "EGeneral:Invalid arguments:volume"),
    ({"volume": "-1"}, "EGeneral:Invalid arguments:volume"),
    ({"volume": "0.000000001"}, "EGeneral:Invalid arguments:volume"),
    ({"volume": "0"}, "EOrder:Order minimum not met"),
    ({"volume": "0.00009"}, "EOrder:Order minimum not met"),
    ({"volume": "0.0001", "price": "90"}, "EOrder:Cost minimum not met"),
    ({"volume": "1000"}, "EOrder:Insufficient funds"),
    ({"type": "sell", "volume": "11", "price": "200"}, "EOrder:Insufficient funds"),
    ({"price": ""}, "EGeneral:Invalid arguments:price"),
    ({"price": "0"}, "EGeneral:Invalid arguments:price"),
    (
        {"price": "90.123"},
        "EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.",
    ),
    ({"price": "100.1", "oflags": "post"}, "EOrder:Post only order"),
    ({"oflags": "magic"}, "EGeneral:Invalid arguments:oflags"),
    ({"oflags": "fcib,fciq"}, "EGeneral:Invalid arguments:oflags"),
    ({"oflags": "viqc"}, "EGeneral:Invalid arguments:oflags"),
    ({"timeinforce": "FOK"}, "EGeneral:Invalid arguments:timeinforce"),
    ({"timeinforce": "GTD"}, "EGeneral:Invalid arguments:expiretm"),
    ({"expiretm": "1"}, "EGeneral:Invalid arguments:expiretm"),
    ({"starttm": "+5"}, "EGeneral:Invalid arguments:starttm"),
    ({"userref": "2147483648"}, "EGeneral:Invalid arguments:userref"),
    ({"cl_ord_id": "much-too-long-for-a-free-text"}, "EGeneral:Invalid arguments:cl_ord_id"),
    ({"cl_ord_id": "café"}, "EGeneral:Invalid arguments:cl_ord_id"),
    ({"stptype": "none"}, "EGeneral:Invalid arguments:stptype"),
    ({"trigger": "moon"}, "EGeneral:Invalid arguments:trigger"),
    ({"deadline": "2001-01-01T00:00:00Z"}, "EService:Deadline elapsed"),
    ({"deadline": "2099-01-01T00:00:00Z"}, "EGeneral:Invalid arguments:deadline"),
    ({"deadline": "soon"}, "EGeneral:Invalid arguments:deadline"),
    ({"ordertype": "trailing-stop", "price": "5"}, "EGeneral:Invalid arguments:price"),
    ({"ordertype": "trailing-stop", "price": "+90%"}, "EGeneral:Invalid arguments:price"),
    ({"ordertype": "trailing-stop-limit", "price": "+5", "price2": "1"}, "EGeneral:Invalid arguments:price2"),
    ({"close[ordertype]": "limit"}, "EGeneral:Invalid arguments:close"),
    (
        {"leverage": "2:1"},
        "EOrder:Insufficient margin (exchange does not have sufficient funds to allow margin trading)",
    ),
]


@pytest.mark.parametrize(("asked", "words"), REFUSED)
def test_what_cannot_be_an_order_is_refused_in_krakens_words_and_changes_nothing(
    exchange: KrakenExchange, client: Client, asked: dict[str, object], words: str
):
    before = exchange.engine.totals()
    assert client.private("AddOrder", **{**LIMIT, **asked}) == {"error": [words]}
    assert client.private("OpenOrders")["result"] == {"open": {}}
    assert client.private("BalanceEx")["result"]["ZUSD"]["hold_trade"] == "0.00000"
    assert exchange.engine.totals() == before


def test_a_validated_order_is_checked_and_not_placed(client: Client):
    assert client.private("AddOrder", **LIMIT, validate="true")["result"] == {
        "descr": {"order": "buy 0.01000000 XBTUSD @ limit 90.0"}
    }
    assert client.private("AddOrder", **{**LIMIT, "volume": "0.00001"}, validate="true")["error"]
    assert client.private("OpenOrders")["result"] == {"open": {}}


class TestLife:
    def test_a_market_order_fills_level_by_level_and_pays_in_the_quote(self, exchange: KrakenExchange, client: Client):
        txid = client.order(ordertype="market", volume="1.5")
        order = client.private("QueryOrders", txid=txid, trades="true")["result"][txid]
        assert (order["status"], order["vol_exec"], order["cost"], order["fee"]) == (
            "closed",
            "1.50000000",
            "150.20000",
            "0.60080",
        )
        trades = client.private("QueryTrades", txid=",".join(order["trades"]))["result"]
        assert sorted(trade["price"] for trade in trades.values()) == ["100.1", "100.2"]
        assert all(trade["ordertxid"] == txid and trade["maker"] is False for trade in trades.values())
        balance = client.private("Balance")["result"]
        assert balance == {"XXBT": "11.5000000000", "ZUSD": "9849.19920"}
        spent = sum(Decimal(trade["cost"]) + Decimal(trade["fee"]) for trade in trades.values())
        assert Decimal(10_000) - Decimal(balance["ZUSD"]) == spent

    def test_an_order_rests_is_amended_under_its_id_and_cancelled(self, client: Client):
        txid = client.order(price=90, volume="0.5", cl_ord_id="q-1", userref=7)
        assert client.private("BalanceEx")["result"]["ZUSD"]["hold_trade"] == "45.18000"  # and the fee
        assert client.private("AmendOrder", txid=txid, order_qty="0.2", limit_price="91")["result"]["amend_id"]
        order = client.private("OpenOrders", userref=7)["result"]["open"][txid]
        assert (order["vol"], order["descr"]["price"], order["cl_ord_id"]) == ("0.20000000", "91.0", "q-1")
        assert client.private("CancelOrder", cl_ord_id="q-1")["result"] == {"count": 1}
        closed = client.private("ClosedOrders")["result"]
        assert (closed["count"], closed["closed"][txid]["status"]) == (1, "canceled")
        assert closed["closed"][txid]["reason"] == "User requested"
        assert client.private("CancelOrder", txid=txid) == {"error": ["EOrder:Unknown order"]}

    def test_an_edited_order_is_another_one(self, client: Client):
        txid = client.order(price=90, volume="0.5", userref=7)
        told = client.private("EditOrder", txid=txid, pair="XBTUSD", price="91")["result"]
        assert (told["status"], told["originaltxid"], told["orders_cancelled"]) == ("ok", txid, 1)
        assert told["txid"] != txid
        (order,) = client.private("OpenOrders")["result"]["open"].values()
        assert (order["descr"]["price"], order["vol"], order["userref"]) == ("91.0", "0.50000000", 7)

    def test_an_edit_that_is_refused_leaves_the_order_alone(self, client: Client):
        txid = client.order(price=90, volume="0.5")
        assert client.private("EditOrder", txid=txid, pair="XBTUSD", volume="0.00001")["error"]
        assert list(client.private("OpenOrders")["result"]["open"]) == [txid]

    def test_f12_all_orders_of_a_userref_are_cancelled_together(self, client: Client):
        for price in (80, 81):
            client.order(price=price, volume="0.1", userref=5)
        kept = client.order(price=82, volume="0.1", userref=6)
        assert client.private("CancelOrder", txid="5")["result"] == {"count": 2}
        assert list(client.private("OpenOrders")["result"]["open"]) == [kept]

    def test_a_batch_takes_what_it_can_and_says_what_it_cannot(self, client: Client):
        orders: list[dict[str, Any]] = [
            {"type": "buy", "ordertype": "limit", "price": "90", "volume": "0.1"},
            {"type": "buy", "ordertype": "limit", "price": "90", "volume": "9000"},
        ]
        told = client.ask(client.signed("AddOrderBatch", {"pair": "XBTUSD", "orders": orders}, as_json=True))
        good, bad = told["result"]["orders"]
        assert list(client.private("OpenOrders")["result"]["open"]) == [good["txid"]]
        assert bad == {"error": "EOrder:Insufficient funds"}
        batch = client.signed("CancelOrderBatch", {"orders": [good["txid"], "OAAAAA-AAAAA-AAAAAA"]}, as_json=True)
        assert client.ask(batch)["result"] == {"count": 1}

    @pytest.mark.parametrize("orders", [[], [LIMIT], [LIMIT] * 16, "x", [1, 2]])
    def test_batches_are_two_to_fifteen_orders(self, client: Client, orders: object):
        told = client.ask(client.signed("AddOrderBatch", {"pair": "XBTUSD", "orders": orders}, as_json=True))
        errors = told["error"] or [row["error"] for row in told["result"]["orders"]]
        assert set(errors) == {"EGeneral:Invalid arguments:orders"}

    def test_c12_an_id_of_the_clients_is_taken_once_while_its_order_is_open(self, client: Client):
        client.order(price=90, volume="0.1", cl_ord_id="q-1")
        assert client.private("AddOrder", **LIMIT, cl_ord_id="q-1")["error"] == [
            "EOrder:Invalid order:cl_ord_id is in use"
        ]
        assert client.private("AddOrder", **{**LIMIT, "pair": "ETHUSD"}, cl_ord_id="q-1")["error"] == [
            "EOrder:Invalid order:cl_ord_id is in use"
        ]
        client.private("CancelAll")
        assert client.private("AddOrder", **LIMIT, cl_ord_id="q-1")["error"] == []

    @pytest.mark.parametrize(
        "text", ["6d1b345e-2821-40e2-ad83-4ecb18a06876", "da8e4ad59b78481c93e589746b0cf91f", "q" * 18]
    )
    def test_ids_of_clients_are_uuids_or_short_texts(self, client: Client, text: str):
        txid = client.order(price=90, volume="0.1", cl_ord_id=text)
        assert list(client.private("QueryOrders", cl_ord_id=text)["result"]) == [txid]

    def test_c14_an_order_never_meets_one_of_its_own_account(self, exchange: KrakenExchange, client: Client):
        mine = client.order(type="sell", price="100", volume="0.5", pair="XBTUSD")
        told = client.private("AddOrder", **{**LIMIT, "price": "100", "volume": "0.5"})["result"]
        newest = client.private("QueryOrders", txid=told["txid"][0])["result"][told["txid"][0]]
        assert (newest["status"], newest["reason"]) == ("canceled", "Self trade prevention")
        assert list(client.private("OpenOrders")["result"]["open"]) == [mine]

    def test_an_ioc_order_does_not_rest(self, client: Client):
        txid = client.order(price="100.1", volume="3", timeinforce="IOC")
        order = client.private("QueryOrders", txid=txid)["result"][txid]
        assert (order["status"], order["vol_exec"], order["misc"]) == ("canceled", "1.00000000", "partial")

    def test_an_order_expires_when_it_said(self, clock: ManualClock, client: Client):
        txid = client.order(price=90, volume="0.1", timeinforce="GTD", expiretm="+10")
        clock.advance(9)
        assert txid in client.private("OpenOrders")["result"]["open"]
        clock.advance(1)
        assert client.private("QueryOrders", txid=txid)["result"][txid]["status"] == "expired"

    def test_c21_a_stop_waits_for_the_last_price_and_then_sells(self, exchange: KrakenExchange, client: Client):
        txid = client.order(type="sell", ordertype="stop-loss", price="95", volume="0.5")
        quote(exchange, middle="96")
        assert client.private("OpenOrders")["result"]["open"][txid]["stopprice"] == "95.0"
        quote(exchange, middle="94")
        order = client.private("QueryOrders", txid=txid)["result"][txid]
        assert (order["status"], order["vol_exec"], order["misc"]) == ("closed", "0.50000000", "stopped")

    def test_a_trailing_stop_follows_the_price_up_and_sells_on_the_way_down(
        self, exchange: KrakenExchange, client: Client
    ):
        txid = client.order(type="sell", ordertype="trailing-stop", price="+5", volume="0.5")
        for middle in ("104", "108", "104"):
            quote(exchange, middle=middle)
            assert txid in client.private("OpenOrders")["result"]["open"]
        quote(exchange, middle="103")
        assert client.private("QueryOrders", txid=txid)["result"][txid]["status"] == "closed"

    def test_f08_both_sides_of_a_trade_see_it_under_one_number(self, exchange: KrakenExchange, client: Client):
        maker = client.order(price="100.0", volume="0.5")
        outside_order(exchange, side=Side.SELL, kind=Kind.LIMIT, ticks=1_000, lots=50_000_000)
        mine = client.private("TradesHistory")["result"]["trades"]
        theirs = Client(exchange, OTHER).private("TradesHistory")["result"]["trades"]
        assert list(mine) == list(theirs)
        (trade,) = mine.values()
        assert (trade["ordertxid"], trade["maker"], trade["fee"]) == (maker, True, "0.12500")

    def test_f11_a_trade_that_is_declared_void_is_gone_from_history_and_its_money_is_back(
        self, exchange: KrakenExchange, client: Client
    ):
        client.order(ordertype="market", volume="0.5")
        (trade,) = client.private("TradesHistory")["result"]["trades"].values()
        exchange.engine.bust(BTC.symbol, trade["trade_id"], at_ms=START_MS)
        assert client.private("TradesHistory")["result"] == {"trades": {}, "count": 0}
        assert client.private("Balance")["result"] == {"XXBT": "10.0000000000", "ZUSD": "10000.00000"}

    def test_what_is_bought_and_sold_and_paid_adds_up_to_the_last_atom(self, exchange: KrakenExchange, client: Client):
        before = exchange.engine.totals()
        for volume in ("0.12345678", "1.1", "2.00000001"):
            client.order(ordertype="market", volume=volume)
            client.order(type="sell", ordertype="market", volume=volume)
        trades = client.private("TradesHistory")["result"]["trades"].values()
        sign = {"buy": -1, "sell": 1}
        dollars = sum(sign[trade["type"]] * Decimal(trade["cost"]) - Decimal(trade["fee"]) for trade in trades)
        assert Decimal(client.private("Balance")["result"]["ZUSD"]) == Decimal(10_000) + dollars
        assert exchange.engine.totals() == before

    def test_an_account_may_have_fees_of_its_own(self, exchange: KrakenExchange, client: Client):
        exchange.engine.open_account("small", {"USD": Decimal(1_000)}, fees=Fees(maker_ppm=0, taker_ppm=1_000))
        exchange.keys.add(ApiKey(key="small", secret=KEY.secret, account="small"))
        told = Client(exchange, ApiKey(key="small", secret=KEY.secret, account="small")).private(
            "TradeVolume", pair="XBTUSD"
        )["result"]
        assert (told["fees"]["XXBTZUSD"]["fee"], told["fees_maker"]["XXBTZUSD"]["fee"]) == ("0.1000", "0.0000")


class TestDeadMansSwitch:
    def test_c19_it_cancels_everything_stops_too_when_it_runs_out(self, clock: ManualClock, client: Client):
        client.order(price=90, volume="0.1")
        client.order(type="sell", ordertype="stop-loss", price="80", volume="0.1")
        told = client.private("CancelAllOrdersAfter", timeout="60")["result"]
        assert told == {"currentTime": "2023-11-14T22:13:20Z", "triggerTime": "2023-11-14T22:14:20Z"}
        clock.advance(59)
        assert len(client.private("OpenOrders")["result"]["open"]) == 2
        clock.advance(1)
        assert client.private("OpenOrders")["result"] == {"open": {}}

    def test_c19_it_is_wound_up_again_and_switched_off(self, clock: ManualClock, client: Client):
        client.order(price=90, volume="0.1")
        client.private("CancelAllOrdersAfter", timeout="60")
        clock.advance(50)
        client.private("CancelAllOrdersAfter", timeout="60")
        clock.advance(50)
        assert client.private("CancelAllOrdersAfter", timeout="0")["result"]["triggerTime"] == "0"
        clock.advance(1_000)
        assert len(client.private("OpenOrders")["result"]["open"]) == 1

    @pytest.mark.parametrize("timeout", ["", "-1", "86401", "x", "1.5"])
    def test_a_timeout_is_whole_seconds_up_to_a_day(self, client: Client, timeout: str):
        told = client.private("CancelAllOrdersAfter", timeout=timeout)
        assert told == {"error": ["EGeneral:Invalid arguments:timeout"]}


class TestMarketStates:
    @pytest.mark.parametrize(
        ("trading", "system", "words"),
        [
            (Trading.CANCEL_ONLY, "cancel_only", "EService:Market in cancel_only mode"),
            (Trading.POST_ONLY, "post_only", "EService:Market in post_only mode"),
            (Trading.HALTED, "maintenance", "EService:Unavailable"),
        ],
    )
    def test_f27_a_restricted_exchange_says_so_and_refuses(
        self, exchange: KrakenExchange, client: Client, trading: Trading, system: str, words: str
    ):
        resting = client.order(price=90, volume="0.1")
        for symbol in exchange.engine.listings:
            exchange.engine.set_trading(symbol, trading, at_ms=START_MS)
        assert client.public("SystemStatus")["result"]["status"] == system
        assert client.private("AddOrder", **{**LIMIT, "ordertype": "market"}) == {"error": [words]}
        cancelled = client.private("CancelOrder", txid=resting)
        assert (cancelled == {"error": ["EService:Unavailable"]}) is (trading is Trading.HALTED)

    def test_f28_a_delisted_pair_is_gone_and_its_orders_ended(self, exchange: KrakenExchange, client: Client):
        txid = client.order(price=90, volume="0.1")
        exchange.engine.set_trading(BTC.symbol, Trading.DELISTED, at_ms=START_MS)
        assert "XXBTZUSD" not in client.public("AssetPairs")["result"]
        assert client.public("Ticker", pair="XBTUSD") == {"error": ["EQuery:Unknown asset pair"]}
        assert client.private("AddOrder", **LIMIT) == {"error": ["EQuery:Unknown asset pair"]}
        assert client.private("QueryOrders", txid=txid)["result"][txid]["status"] == "canceled"

    def test_f28_another_tick_holds_from_the_next_order_on(self, exchange: KrakenExchange, client: Client):
        filters = replace(exchange.engine.listings[BTC.symbol].spec.filters, price_step=5)
        exchange.engine.change_filters(BTC.symbol, filters, at_ms=START_MS)
        assert client.public("AssetPairs", pair="XBTUSD")["result"]["XXBTZUSD"]["tick_size"] == "0.5"
        assert client.private("AddOrder", **{**LIMIT, "price": "90.1"}) == {"error": ["EOrder:Tick size check failed"]}


class TestPages:
    def test_history_comes_fifty_at_a_time_newest_first(self, clock: ManualClock, client: Client):
        ids = []
        for _ in range(60):
            clock.advance(1)
            ids.append(client.order(price=90, volume="0.01"))
            clock.advance(1)
            client.private("CancelOrder", txid=ids[-1])
        first = client.private("ClosedOrders")["result"]
        second = client.private("ClosedOrders", ofs=50)["result"]
        assert first["count"] == second["count"] == 60
        assert [*first["closed"], *second["closed"]] == ids[::-1]
        since = client.private("ClosedOrders", start=ids[-2])["result"]["closed"]
        assert list(since) == [ids[-1], ids[-2]]

    def test_orders_that_are_not_known_are_left_out_and_what_is_no_id_is_refused(self, client: Client):
        assert client.private("QueryOrders", txid="OAAAAA-AAAAA-AAAAAA")["result"] == {}
        assert client.private("QueryOrders", txid="7") == {"error": ["EOrder:Invalid order"]}
        assert client.private("QueryOrders") == {"error": ["EGeneral:Invalid arguments:txid"]}
        assert client.private("QueryTrades", txid="x") == {"error": ["EGeneral:Invalid arguments:txid"]}

    def test_nobody_sees_the_orders_of_another(self, exchange: KrakenExchange, client: Client):
        txid = client.order(price=90, volume="0.1")
        other = Client(exchange, OTHER)
        assert other.private("OpenOrders")["result"] == {"open": {}}
        assert other.private("CancelOrder", txid=txid) == {"error": ["EOrder:Unknown order"]}
