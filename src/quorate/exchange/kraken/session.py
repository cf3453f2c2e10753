"""One WebSocket v2 connection: reads requests, answers them, and keeps what it has subscribed to. No transport here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from quorate.exchange import OrderRefused
from quorate.exchange.kraken import socket_orders
from quorate.exchange.kraken.errors import KrakenRefusal, words_for
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.figures import flag
from quorate.exchange.kraken.frames import Body, encode, failed, pong, succeeded
from quorate.exchange.kraken.hub import Hub, Subscriber, Tell, Topic
from quorate.exchange.kraken.keys import ApiKey, Permission, require
from quorate.exchange.kraken.market_channels import is_depth, is_interval, tradable

FRAME_MAX = 65_536
SYMBOLS_MAX = 500
PRIVATE = frozenset({"executions", "balances"})
PUBLIC = frozenset({"ticker", "book", "ohlc", "trade", "instrument"})
HEARTBEAT = encode({"channel": "heartbeat"})


class Session:
    """A connection. `tell` takes the bytes of every message for it, in order."""

    def __init__(self, exchange: KrakenExchange, hub: Hub, tell: Tell, *, connection: int) -> None:
        self._exchange = exchange
        self._hub = hub
        self._tell = tell
        self._tokens: set[str] = set()
        self.subscriber = Subscriber(tell, connection=connection)
        hub.come(self.subscriber)

    @property
    def listens(self) -> bool:
        """Whether it has subscribed to anything: only then it hears heartbeats."""
        return bool(self.subscriber.topics)

    def close(self) -> None:
        """The connection ended."""
        self._hub.gone(self.subscriber)

    def beat(self, at_ms: int) -> None:
        """A second without other messages: say that we live, and that the tokens in use do."""
        for token in self._tokens:
            self._exchange.keys.keep(token, at_ms)
        if self.listens:
            self._tell(HEARTBEAT)

    def take(self, frame: str | bytes) -> None:
        """One frame of the client; never raises on what it holds."""
        at_ms = self._exchange.now_ms()
        body = _request(frame)
        if body is None:
            self._say({"error": "Malformed request", "success": False, **_instant(at_ms)})
            return
        method = body.get("method")
        req_id = body.get("req_id")
        number = req_id if isinstance(req_id, int) and not isinstance(req_id, bool) else None
        name = method if isinstance(method, str) else ""
        arguments = body.get("params")
        params = cast("dict[str, object]", arguments) if isinstance(arguments, dict) else {}
        try:
            for answer in self._answers(name, params, number, at_ms):
                self._say(answer)
        except KrakenRefusal as refusal:
            self._say(failed(name, refusal.words, req_id=number, at_ms=at_ms))
        except OrderRefused as refusal:
            self._say(failed(name, words_for(refusal), req_id=number, at_ms=at_ms))

    def _answers(self, method: str, params: dict[str, object], req_id: int | None, at_ms: int) -> list[Body]:
        if method == "ping":
            return [pong(req_id, at_ms)]
        if method in {"subscribe", "unsubscribe"}:
            return self._subscription(method, params, req_id, at_ms)
        trading = socket_orders.METHODS.get(method)
        if trading is None:
            raise KrakenRefusal("EGeneral:Unknown method")
        key = self._holder(params, at_ms)
        self._exchange.refuse_in_maintenance()
        require(key, *trading.permissions)
        request = socket_orders.Request(self._exchange, key.account, params, at_ms)
        return [
            failed(method, outcome, req_id=req_id, at_ms=at_ms)
            if isinstance(outcome, str)
            else succeeded(method, outcome, req_id=req_id, at_ms=at_ms)
            for outcome in trading.answer(request)
        ]

    def _holder(self, params: Mapping[str, object], at_ms: int) -> ApiKey:
        token = params.get("token")
        key = self._exchange.keys.holder(token, at_ms)
        self._tokens.add(str(token))
        return key

    def _subscription(self, method: str, params: dict[str, object], req_id: int | None, at_ms: int) -> list[Body]:
        told = params.get("channel")
        channel = told if isinstance(told, str) else ""
        if channel in PRIVATE:
            return self._private(method, channel, params, req_id, at_ms)
        if channel not in PUBLIC:
            raise KrakenRefusal("Channel not supported" if told else "Channel is missing")
        if channel == "instrument":
            result: Body = {"channel": "instrument", "snapshot": params.get("snapshot", True)}
            return self._switched(method, Topic("instrument"), result, params, req_id, at_ms)
        symbols = params.get("symbol")
        if not isinstance(symbols, list) or not 0 < len(cast("list[object]", symbols)) <= SYMBOLS_MAX:
            raise KrakenRefusal("Symbol(s) not found")
        answers: list[Body] = []
        for symbol in cast("list[object]", symbols):
            answers += self._market(method, channel, symbol, params, req_id, at_ms)
        return answers

    def _market(
        self, method: str, channel: str, symbol: object, params: dict[str, object], req_id: int | None, at_ms: int
    ) -> list[Body]:
        pair = self._exchange.pairs.streamed(symbol)
        if pair is None or not tradable(self._exchange.engine.listings[pair.symbol]):
            words = f"Currency pair not supported {symbol}"
            return [failed(method, words, req_id=req_id, at_ms=at_ms, symbol=str(symbol))]
        result: Body = {"channel": channel, "symbol": pair.symbol, "snapshot": params.get("snapshot", True)}
        detail = 0
        if channel == "book":
            detail = result["depth"] = _chosen(params, "depth", 10, is_depth)
        elif channel == "ohlc":
            detail = result["interval"] = _chosen(params, "interval", 1, is_interval)
        elif channel == "ticker":
            result["event_trigger"] = params.get("event_trigger", "trades")
            detail = int(result["event_trigger"] == "bbo")
        return self._switched(method, Topic(channel, pair.symbol, detail), result, params, req_id, at_ms)

    def _switched(
        self, method: str, topic: Topic, result: Body, params: dict[str, object], req_id: int | None, at_ms: int
    ) -> list[Body]:
        """Join or leave a public topic; the answer comes before the snapshot."""
        if method == "unsubscribe":
            if not self._hub.leave(self.subscriber, topic):
                return [failed(method, "Subscription Not Found", req_id=req_id, at_ms=at_ms)]
            return [succeeded(method, _left(result), req_id=req_id, at_ms=at_ms)]
        if self._has_another(topic) or not self._hub.join(self.subscriber, topic):
            words = f"Already subscribed to one {topic.channel} on the same symbol"
            return [failed(method, words, req_id=req_id, at_ms=at_ms)]
        answers = [succeeded(method, result, req_id=req_id, at_ms=at_ms)]
        if params.get("snapshot", True) is not False:
            answers.append(self._hub.market_snapshot(topic, at_ms))
        return answers

    def _has_another(self, topic: Topic) -> bool:
        """Books and tickers come once for each pair; candles may come at several intervals."""
        return topic.channel != "ohlc" and any(
            (known.channel, known.subject) == (topic.channel, topic.subject) for known in self.subscriber.topics
        )

    def _private(
        self, method: str, channel: str, params: dict[str, object], req_id: int | None, at_ms: int
    ) -> list[Body]:
        key = self._holder(params, at_ms)
        needed = Permission.QUERY_FUNDS if channel == "balances" else Permission.QUERY_OPEN
        require(key, needed)
        topic = Topic(channel, key.account)
        result: Body = {"channel": channel}
        if method == "unsubscribe":
            if not self._hub.leave(self.subscriber, topic):
                return [failed(method, "Subscription Not Found", req_id=req_id, at_ms=at_ms)]
            return [succeeded(method, result, req_id=req_id, at_ms=at_ms)]
        if not self._hub.join(self.subscriber, topic):
            return [failed(method, f"Already subscribed to {channel}", req_id=req_id, at_ms=at_ms)]
        orders = params.get("snap_orders", True) is not False
        trades = flag(params.get("snap_trades"))
        if channel == "balances":
            result["snapshot"] = params.get("snapshot", True)
            wanted = result["snapshot"] is not False
        else:
            result |= {"maxratecount": 180, "snap_orders": orders, "snap_trades": trades}
            wanted = orders or trades
        answers = [succeeded(method, result, req_id=req_id, at_ms=at_ms)]
        if wanted:
            told = self._hub.account_snapshot(self.subscriber, channel, key.account, orders=orders, trades=trades)
            answers.append(told)
        return answers

    def _say(self, body: Body) -> None:
        self._tell(encode(body))


def _request(frame: str | bytes) -> dict[str, Any] | None:
    """A frame as an object; None for everything else."""
    if len(frame) > FRAME_MAX:
        return None
    try:
        told: object = msgspec.json.decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return cast("dict[str, Any]", told) if isinstance(told, dict) else None


def _chosen(params: Mapping[str, object], name: str, default: int, allowed: Callable[[object], bool]) -> int:
    told = params.get(name, default)
    if isinstance(told, bool) or not allowed(told):
        raise KrakenRefusal(f"Subscription {name} not supported")
    return int(str(told))


def _left(result: Body) -> Body:
    return {name: value for name, value in result.items() if name != "snapshot"}


def _instant(at_ms: int) -> Body:
    answered = pong(None, at_ms)
    return {"time_in": answered["time_in"], "time_out": answered["time_out"]}
