"""What anybody may send to a door of Binance's kind, and what holds whatever it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from quorate.exchange.binance import ApiSession, BinanceExchange, Hub, MarketSession, Request, RestDoor

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)


def requests(routes: Iterable[tuple[str, str]]) -> st.SearchStrategy[Request]:
    """Any request at all, now and then to a path that there is."""
    return st.builds(
        Request,
        method=st.sampled_from(METHODS),
        path=st.one_of(st.sampled_from([path for _, path in routes]), st.text(max_size=30)),
        query=st.text(max_size=60),
        body=st.text(max_size=60),
        headers=st.dictionaries(st.just("x-mbx-apikey"), st.text(max_size=20)),
    )


def frames(
    methods: Iterable[str], parameters: st.SearchStrategy[Any], streams: list[str]
) -> st.SearchStrategy[str | bytes]:
    """Anything that may come over a connection, now and then in the form of a request."""
    own = [*methods, "session.logon", "SUBSCRIBE", "UNSUBSCRIBE", "SET_PROPERTY"]
    return st.one_of(
        st.text(max_size=40),
        st.binary(max_size=40),
        JSON.map(json.dumps),
        st.builds(
            lambda method, params, told_id: json.dumps({"method": method, "params": params, "id": told_id}),
            st.one_of(st.sampled_from(own), JSON),
            st.one_of(JSON, parameters, st.lists(st.sampled_from(streams))),
            JSON,
        ),
    )


def check_refusals(status: int, body: Any) -> None:
    """A request succeeds, or is refused with a code, a sentence and a status that Binance has."""
    assert status == 200 or (isinstance(body, dict) and body["code"] < 0 and body["msg"])
    assert status in (200, 400, 401, 403, 404, 405, 409, 418, 429)


def check_request(door: RestDoor, request: Request) -> None:
    """A request is answered in JSON, and is never a fault of the exchange."""
    answer = door.answer(request)
    json.loads(answer.body)
    assert 200 <= answer.status < 500


def check_frames(exchange: BinanceExchange, hub: Hub, sent: Iterable[str | bytes]) -> None:
    """Every frame is answered at once on every kind of connection, and all that is told is JSON."""
    told: list[bytes] = []
    sessions = [
        MarketSession(hub, told.append, combined=True),
        ApiSession(exchange, hub, told.append, address="127.0.0.1"),
    ]
    for frame in sent:
        for session in sessions:
            before = len(told)
            session.take(frame)
            assert len(told) > before
    hub.tick(exchange.clock() + 5_000)
    for session in sessions:
        session.close()
    for answer in told:
        json.loads(answer)
