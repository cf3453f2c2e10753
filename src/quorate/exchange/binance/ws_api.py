"""The WebSocket API: the same questions and orders as over REST, and what happens to an account, on one connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.doors import check_signed, decoded, encoded
from quorate.exchange.binance.errors import BinanceError, bad_key, bad_key_format
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.keys import ApiKey
from quorate.exchange.binance.parameters import Parameters
from quorate.exchange.binance.sessions import Hub, Send
from quorate.exchange.engine.refusals import OrderRefused

OK = 200
BAD_METHOD = (-1601, "Method not found.")
SUBSCRIPTIONS_MAX = 100


class ApiSession:
    """One connection to the WebSocket API. It may log on once, and then need not sign."""

    def __init__(self, exchange: BinanceExchange, hub: Hub, send: Send, *, address: str) -> None:
        self._exchange = exchange
        self._hub = hub
        self._face = hub.face
        self._send = send
        self._address = address
        self._key: ApiKey | None = None
        self._logged_on_ms = 0
        self._subscriptions: dict[int, str] = {}
        self._subscriptions_made = 0
        self._own: dict[str, Callable[[Parameters, int], object]] = {
            "session.logon": self._log_on,
            "session.status": self._status,
            "session.logout": self._log_out,
            "userDataStream.subscribe": self._subscribe,
            "userDataStream.subscribe.signature": self._subscribe_signed,
            "userDataStream.unsubscribe": self._unsubscribe,
            "session.subscriptions": self._list,
        }

    def take(self, raw: str | bytes) -> None:
        """Carry out one request and send its answer."""
        at_ms = self._exchange.now_ms()
        asked = decoded(raw)
        if asked is None:
            self._send(encoded(_failure(None, BinanceError(-1135, "Invalid JSON Request"))))
            return
        told_id = asked.get("id")
        try:
            result = self._result(asked, at_ms)
            answer: Told = {"id": told_id, "status": OK, "result": result}
        except OrderRefused as error:
            answer = _failure(told_id, self._face.refused(error))
        except BinanceError as error:
            answer = _failure(told_id, error)
        if _wants_rates(asked):
            answer["rateLimits"] = self._rates(at_ms)
        self._send(encoded(answer))

    def close(self) -> None:
        """Hear of no account any more."""
        for number, account in self._subscriptions.items():
            self._hub.leave_account(account, (self, number))
        self._subscriptions.clear()

    def _result(self, asked: Mapping[str, object], at_ms: int) -> object:
        method = asked.get("method")
        parameters = Parameters(_texts(asked.get("params", {})))
        own = self._own.get(method) if isinstance(method, str) else None
        if own is not None:
            self._exchange.rates.weigh(self._address, 2, at_ms)
            return own(parameters, at_ms)
        route = self._face.routes.get(self._face.methods.get(str(method), ("", "")))
        if route is None:
            raise BinanceError(*BAD_METHOD)
        self._exchange.rates.weigh(self._address, route.weight_of(parameters), at_ms)
        account = self._let_in(route, parameters, at_ms)
        if route.orders:
            self._exchange.rates.count_order(account, at_ms, route.orders)
        return route.handler(Call(exchange=self._exchange, parameters=parameters, at_ms=at_ms, account=account))

    def _let_in(self, route: Route, parameters: Parameters, at_ms: int) -> str:
        if route.security is Security.NONE:
            return ""
        if route.security is Security.KEY:
            return self._exchange.keys.find(parameters.text("apiKey")).account
        if self._key is not None and not parameters.has("apiKey"):
            if route.security is Security.TRADE and not self._key.can_trade:
                raise bad_key()
            return self._key.account
        return self._signed(parameters, at_ms, trades=route.security is Security.TRADE).account

    def _signed(self, parameters: Parameters, at_ms: int, *, trades: bool) -> ApiKey:
        told = parameters.optional("apiKey")
        if told is None:
            raise bad_key_format()
        key = self._exchange.keys.find(told)
        signature = parameters.optional("signature") or ""
        check_signed(key, parameters, at_ms=at_ms, signed=parameters.sorted_text(), signature=signature, trades=trades)
        return key

    def _log_on(self, parameters: Parameters, at_ms: int) -> Told:
        self._key = self._signed(parameters, at_ms, trades=False)
        self._logged_on_ms = at_ms
        return self._status(parameters, at_ms)

    def _log_out(self, parameters: Parameters, at_ms: int) -> Told:
        self._key = None
        return self._status(parameters, at_ms)

    def _status(self, parameters: Parameters, at_ms: int) -> Told:
        key = self._key
        return {
            "apiKey": key.key if key else None,
            "authorizedSince": self._logged_on_ms if key else None,
            "connectedSince": self._logged_on_ms or at_ms,
            "returnRateLimits": True,
            "serverTime": at_ms,
            "userDataStream": bool(self._subscriptions),
        }

    def _subscribe(self, parameters: Parameters, at_ms: int) -> Told:
        if self._key is None:
            raise BinanceError(-2015, "The session is not logged on.", status=401)
        return self._follow(self._key.account)

    def _subscribe_signed(self, parameters: Parameters, at_ms: int) -> Told:
        return self._follow(self._signed(parameters, at_ms, trades=False).account)

    def _follow(self, account: str) -> Told:
        if len(self._subscriptions) >= SUBSCRIPTIONS_MAX:
            raise BinanceError(-2035, "Too many subscriptions on this connection.")
        number = self._subscriptions_made
        self._subscriptions_made += 1
        self._subscriptions[number] = account

        def hear(told: Told) -> None:
            self._send(encoded({"subscriptionId": number, "event": told}))

        self._hub.hear_account(account, hear, (self, number))
        return {"subscriptionId": number}

    def _unsubscribe(self, parameters: Parameters, at_ms: int) -> Told:
        chosen = list(self._subscriptions)
        if parameters.has("subscriptionId"):
            chosen = [parameters.integer("subscriptionId")]
        for number in chosen:
            account = self._subscriptions.pop(number, None)
            if account is None:
                raise BinanceError(-2036, "There is no such subscription on this connection.")
            self._hub.leave_account(account, (self, number))
        return {}

    def _list(self, parameters: Parameters, at_ms: int) -> list[Told]:
        return [{"subscriptionId": number, "subscriptionType": "userData"} for number in self._subscriptions]

    def _rates(self, at_ms: int) -> list[Told]:
        told = self._exchange.rates.told()[0]
        return [{**told, "count": self._exchange.rates.weight_used(self._address, at_ms)}]


def _texts(params: object) -> dict[str, str]:
    """Parameters as REST would have them: text for numbers and words, JSON for lists."""
    if not isinstance(params, dict):
        raise BinanceError(-1135, "Invalid JSON Request")
    told: dict[str, str] = {}
    for name, value in cast("dict[str, object]", params).items():
        if isinstance(value, bool):
            told[name] = "true" if value else "false"
        elif isinstance(value, str):
            told[name] = value
        elif isinstance(value, int):
            told[name] = str(value)
        elif isinstance(value, float):
            told[name] = f"{value:.8f}".rstrip("0").rstrip(".")
        elif value is not None:
            told[name] = encoded(value).decode()
    return told


def _wants_rates(asked: Mapping[str, object]) -> bool:
    params = asked.get("params")
    told = cast("dict[str, object]", params).get("returnRateLimits") if isinstance(params, dict) else None
    return told is not False


def _failure(told_id: object, error: BinanceError) -> Told:
    return {"id": told_id, "status": error.status, "error": error.body()}
