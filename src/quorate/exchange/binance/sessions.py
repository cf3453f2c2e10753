"""WebSocket connections as plain objects: text goes in, and what is to be sent comes out through `send`."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.doors import decoded, encoded
from quorate.exchange.binance.exchange import BinanceExchange
from quorate.exchange.binance.face import SPOT, Face
from quorate.exchange.binance.streams import Streams

Send = Callable[[bytes], None]
Ear = Callable[[Told], None]
STREAMS_MAX = 1_024
"""Streams that one connection listens to."""


class MarketSession:
    """One connection to the market streams, or to an account by its listen key."""

    def __init__(self, hub: Hub, send: Send, *, combined: bool) -> None:
        self._hub = hub
        self._send = send
        self._combined = combined
        self.streams: dict[str, None] = {}

    def open(self, names: list[str]) -> None:
        """Listen to what the address of the connection names; names that are no stream stay silent."""
        for name in names:
            self._add(name)

    def take(self, raw: str | bytes) -> None:
        """Carry out what the client has sent: SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS, GET_ and SET_PROPERTY."""
        asked = decoded(raw)
        if asked is None:
            self._refuse(2, "Invalid JSON: expected value", None)
            return
        method, told_id, params = asked.get("method"), asked.get("id"), asked.get("params", [])
        if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            self._change(str(method), params, told_id)
        elif method == "LIST_SUBSCRIPTIONS":
            self._answer(list(self.streams), told_id)
        elif method == "GET_PROPERTY":
            self._answer(self._combined, told_id)
        elif method == "SET_PROPERTY" and isinstance(params, list) and len(cast("list[object]", params)) == 2:
            self._combined = bool(cast("list[object]", params)[1])
            self._answer(None, told_id)
        else:
            self._refuse(2, f"Invalid request: unknown variant `{method}`", told_id)

    def hear(self, name: str, told: object) -> None:
        """Send what a stream says."""
        self._send(encoded({"stream": name, "data": told} if self._combined else told))

    def close(self) -> None:
        """Listen to nothing any more."""
        for name in list(self.streams):
            self._remove(name)

    def _change(self, method: str, params: object, told_id: object) -> None:
        names = cast("list[object]", params) if isinstance(params, list) else None
        if names is None or not all(isinstance(name, str) for name in names):
            self._refuse(2, "Invalid request: params must be a list of strings", told_id)
            return
        wanted = [str(name) for name in names]
        unknown = [
            name for name in wanted if not self._hub.streams.knows(name) and not self._hub.knows_listen_key(name)
        ]
        if unknown and method == "SUBSCRIBE":
            self._refuse(2, f"Invalid request: unknown stream {unknown[0]}", told_id)
            return
        for name in wanted:
            if method == "SUBSCRIBE":
                self._add(name)
            else:
                self._remove(name)
        self._answer(None, told_id)

    def _add(self, name: str) -> None:
        if name not in self.streams and len(self.streams) < STREAMS_MAX:
            self.streams[name] = None
            self._hub.join(name, self)

    def _remove(self, name: str) -> None:
        if name in self.streams:
            del self.streams[name]
            self._hub.leave(name, self)

    def _answer(self, result: object, told_id: object) -> None:
        self._send(encoded({"result": result, "id": told_id}))

    def _refuse(self, number: int, message: str, told_id: object) -> None:
        told: Told = {"error": {"code": number, "msg": message}}
        self._send(encoded({**told, "id": told_id} if told_id is not None else told))


class Hub:
    """Brings what streams and accounts say to the connections that listen."""

    def __init__(self, exchange: BinanceExchange, face: Face = SPOT) -> None:
        self.face = face
        self._exchange = exchange
        self._sessions: dict[str, dict[MarketSession, None]] = {}
        self._ears: dict[str, dict[object, Ear]] = {}
        self._reporter = face.reporter()
        self.streams = Streams(exchange, self._publish, face.words)
        exchange.listen(lambda events: self._tell_accounts(self._reporter.reports(events)))

    def join(self, name: str, session: MarketSession) -> None:
        """Let a connection hear a stream, or an account by its listen key."""
        account = self._exchange.account_of_listen_key(name, self._exchange.clock())
        if account is not None:
            self.hear_account(account, lambda told: session.hear(name, told), (name, session))
            return
        self._sessions.setdefault(name, {})[session] = None
        if self.streams.knows(name):
            self.streams.want(name)

    def leave(self, name: str, session: MarketSession) -> None:
        """The end of that."""
        for ears in self._ears.values():
            ears.pop((name, session), None)
        listeners = self._sessions.get(name, {})
        if session in listeners:
            del listeners[session]
            if self.streams.knows(name):
                self.streams.unwant(name)

    def knows_listen_key(self, name: str) -> bool:
        """Whether this is a listen key that has not run out."""
        return self._exchange.account_of_listen_key(name, self._exchange.clock()) is not None

    def hear_account(self, account: str, ear: Ear, name: object) -> None:
        """Tell `ear` what happens to an account, until `leave_account` with the same name."""
        self._ears.setdefault(account, {})[name] = ear

    def leave_account(self, account: str, name: object) -> None:
        """The end of that."""
        self._ears.get(account, {}).pop(name, None)

    def tick(self, at_ms: int) -> None:
        """Let streams speak whose time has come, and tell whoever hears by a listen key that this has run out."""
        self.streams.tick(at_ms)
        for ears in self._ears.values():
            for name in list(ears):
                key = _listen_key_of(name)
                if key is not None and self._exchange.account_of_listen_key(key, at_ms) is None:
                    ears.pop(name)({"e": "listenKeyExpired", "E": at_ms, "listenKey": key})

    def _publish(self, name: str, told: object) -> None:
        for session in list(self._sessions.get(name, {})):
            session.hear(name, told)

    def _tell_accounts(self, reports: list[tuple[str, Told]]) -> None:
        for account, told in reports:
            for ear in list(self._ears.get(account, {}).values()):
                ear(told)


def _listen_key_of(name: object) -> str | None:
    """The listen key by which somebody hears an account; None where a subscription is by signature."""
    first = cast("tuple[object, ...]", name)[0] if isinstance(name, tuple) else None
    return first if isinstance(first, str) else None
