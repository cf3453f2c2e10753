"""Faults on demand: what goes wrong between a client and this exchange, scripted or by chance, always reproducible.

    faults = Faults(chance=random.Random(7).random)
    faults.arm(Fault(kind=FaultKind.ANSWER_LOST, path="/api/v3/order", method="POST", times=1))
    fate = faults.for_request(RequestFacts(venue="binance", method="POST", path="/api/v3/order"), at_ms=now_ms)

`Faults` only decides; `FaultyApp` carries its decisions out around any ASGI application, and a simulator that talks to
the exchange in process carries them out itself (`Fate`, `StreamFaults`). What an exchange does to its clients on its
own account, such as busting a trade, delisting or changing filters, the engine does, asked by the control endpoint.
"""

from quorate.exchange.faults.asgi import ConnectionGone, FaultyApp
from quorate.exchange.faults.faults import Faults, Struck
from quorate.exchange.faults.knobs import Fate, Fault, FaultKind, RequestFacts
from quorate.exchange.faults.messages import Delivery, StreamFaults

__all__ = [
    "ConnectionGone",
    "Delivery",
    "Fate",
    "Fault",
    "FaultKind",
    "Faults",
    "FaultyApp",
    "RequestFacts",
    "StreamFaults",
    "Struck",
]
