"""Who is let in at Kraken's private door, how often, and what each key may do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quorate.clock import ManualClock
from quorate.exchange.kraken import KrakenExchange, Permission, RateLimits
from quorate.exchange.kraken.keys import TRADING
from quorate.exchange.kraken.rest import RestRequest
from tests.exchange.kraken.krakens import KEY, Client, made_exchange

LIMIT = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "90", "volume": "0.01"}


class TestSignatures:
    def test_an_unknown_key_a_wrong_signature_and_an_old_nonce_are_told_apart(self, client: Client):
        request = client.signed("Balance", {})
        stranger = RestRequest(path=request.path, headers={**request.headers, "api-key": "x"}, body=request.body)
        assert client.ask(stranger) == {"error": ["EAPI:Invalid key"]}
        forged = RestRequest(path=request.path, headers={**request.headers, "api-sign": "AAAA"}, body=request.body)
        assert client.ask(forged) == {"error": ["EAPI:Invalid signature"]}
        assert client.ask(request)["error"] == []
        assert client.ask(request) == {"error": ["EAPI:Invalid nonce"]}

    @pytest.mark.parametrize("sign", ["", "not base64!", "é"])
    def test_what_is_no_signature_is_an_invalid_one(self, client: Client, sign: str):
        request = client.signed("Balance", {})
        forged = RestRequest(path=request.path, headers={**request.headers, "api-sign": sign}, body=request.body)
        assert client.ask(forged) == {"error": ["EAPI:Invalid signature"]}

    def test_the_signature_covers_path_and_body(self, client: Client):
        request = client.signed("Balance", {})
        elsewhere = RestRequest(path="/0/private/CancelAll", headers=request.headers, body=request.body)
        assert client.ask(elsewhere) == {"error": ["EAPI:Invalid signature"]}
        changed = RestRequest(path=request.path, headers=request.headers, body=request.body + b"&x=1")
        assert client.ask(changed) == {"error": ["EAPI:Invalid signature"]}

    @pytest.mark.parametrize("nonce", ["-1", "0", "1.5", "x", "9" * 30])
    def test_a_nonce_counts_up(self, client: Client, nonce: str):
        assert client.private("Balance", nonce=nonce)["error"][0] in {"EAPI:Invalid nonce", "EAPI:Invalid signature"}

    def test_a_request_without_a_nonce_is_malformed(self, client: Client):
        request = client.signed("Balance", {})
        bare = RestRequest(path=request.path, headers=request.headers, body=b"")
        assert client.ask(bare) == {"error": ["EGeneral:Invalid arguments:nonce"]}

    @pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"[1]", b"null"])
    def test_bodies_that_are_no_fields_are_malformed(self, client: Client, body: bytes):
        headers = {"api-key": "demo", "content-type": "application/json"}
        told = client.ask(RestRequest(path="/0/private/Balance", headers=headers, body=body))
        assert told == {"error": ["EGeneral:Invalid arguments"]}

    def test_json_bodies_are_signed_like_forms(self, client: Client):
        assert client.ask(client.signed("AddOrder", LIMIT, as_json=True))["error"] == []

    def test_a_method_that_does_not_exist_is_unknown(self, client: Client):
        assert client.private("Teleport") == {"error": ["EGeneral:Unknown method"]}
        assert client.public("Teleport") == {"error": ["EGeneral:Unknown method"]}
        assert client.ask(RestRequest(path="/1/elsewhere", headers={})) == {"error": ["EGeneral:Unknown method"]}


class TestPermissions:
    def test_f26_a_trading_key_may_not_withdraw_and_is_told_so(self, client: Client):
        assert client.private("WithdrawInfo", asset="XBT", key="cold", amount="1") == {
            "error": ["EGeneral:Permission denied"]
        }
        assert client.private("Withdraw", asset="XBT", key="cold", amount="1") == {
            "error": ["EGeneral:Permission denied"]
        }

    def test_a_key_that_may_withdraw_is_told_what_it_could_and_nothing_ever_leaves(self, exchange: KrakenExchange):
        exchange.keys.add(replace(KEY, permissions=TRADING | {Permission.WITHDRAW}))
        client = Client(exchange)
        told = client.private("WithdrawInfo", asset="XBT", key="cold", amount="1")["result"]
        assert told["limit"] == "10.0000000000"
        assert client.private("WithdrawInfo", asset="XBT", key="cold", amount="11")["error"]
        assert client.private("WithdrawInfo", asset="FOO", key="cold", amount="1")["error"]
        assert client.private("Withdraw", asset="XBT", key="cold", amount="1")["error"]

    @pytest.mark.parametrize(
        ("lost", "method"),
        [
            (Permission.QUERY_FUNDS, "Balance"),
            (Permission.QUERY_OPEN, "OpenOrders"),
            (Permission.QUERY_CLOSED, "TradesHistory"),
            (Permission.MODIFY, "AddOrder"),
            (Permission.SOCKETS, "GetWebSocketsToken"),
        ],
    )
    def test_f26_a_permission_that_was_taken_away_is_missed_at_once(
        self, exchange: KrakenExchange, client: Client, lost: Permission, method: str
    ):
        assert client.private(method)["error"] != ["EGeneral:Permission denied"]
        exchange.keys.add(replace(KEY, permissions=KEY.permissions - {lost}))
        assert client.private(method) == {"error": ["EGeneral:Permission denied"]}


class TestRates:
    def test_f26_calls_are_counted_and_cool_down(self, clock: ManualClock):
        client = Client(made_exchange(clock, limits=RateLimits(calls_max=3, calls_decay=1)))
        assert [client.private("Balance")["error"] for _ in range(4)][2:] == [[], ["EAPI:Rate limit exceeded"]]
        clock.advance(1)
        assert client.private("Balance")["error"] == []

    def test_f26_cancels_go_through_whatever_was_counted(self, clock: ManualClock):
        client = Client(made_exchange(clock, limits=RateLimits(calls_max=1, orders_max=2)))
        ids = [client.order(price=90, volume="0.01") for _ in range(2)]
        assert client.private("AddOrder", **LIMIT) == {"error": ["EOrder:Rate limit exceeded"]}
        assert [client.private("CancelOrder", txid=txid)["error"] for txid in ids] == [[], []]
