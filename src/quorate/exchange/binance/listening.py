"""Listen keys: the older way to hear what happens to an account."""

from __future__ import annotations

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Call, Route, Security
from quorate.exchange.binance.errors import BinanceError
from quorate.exchange.binance.exchange import LISTEN_KEY_MS

NO_LISTEN_KEY = (-1125, "This listenKey does not exist.")


def start(call: Call) -> Told:
    """A listen key, good for an hour."""
    return {"listenKey": call.exchange.give_listen_key(call.account, call.at_ms)}


def keep_alive(call: Call) -> Told:
    """Another hour for a listen key. Errors: -1125."""
    name = _own_key(call)
    call.exchange.listen_keys[name].until_ms = call.at_ms + LISTEN_KEY_MS
    return {}


def end(call: Call) -> Told:
    """The end of a listen key. Errors: -1125."""
    del call.exchange.listen_keys[_own_key(call)]
    return {}


def _own_key(call: Call) -> str:
    name = call.parameters.text("listenKey")
    if call.exchange.account_of_listen_key(name, call.at_ms) != call.account:
        raise BinanceError(*NO_LISTEN_KEY)
    return name


LISTENING = {
    ("POST", "/api/v3/userDataStream"): Route(handler=start, security=Security.KEY, weight=2),
    ("PUT", "/api/v3/userDataStream"): Route(handler=keep_alive, security=Security.KEY, weight=2),
    ("DELETE", "/api/v3/userDataStream"): Route(handler=end, security=Security.KEY, weight=2),
}
