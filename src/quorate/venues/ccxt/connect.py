"""Makes the venue that settings name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quorate.domain.errors import BadInput
from quorate.venues.ccxt import library
from quorate.venues.ccxt.binance import Binance
from quorate.venues.ccxt.kraken import Kraken
from quorate.venues.ccxt.stream import Dial, dial

if TYPE_CHECKING:
    from quorate.desk.ports import Clock
    from quorate.venues.ccxt.settings import VenueSettings
    from quorate.venues.ccxt.transport import Transport

RealVenue = Binance | Kraken
VENUES: dict[str, type[Binance | Kraken]] = {"binance": Binance, "binanceusdm": Binance, "kraken": Kraken}


async def connect(
    settings: VenueSettings,
    *,
    clock: Clock,
    chance: Callable[[], float],
    transport: Transport | None = None,
    dialling: Dial = dial,
) -> RealVenue:
    """The venue; nothing is asked of it yet, its markets and its time are when they are first needed.

    `chance` draws uniformly from 0 to 1. `transport` and `dialling` take the place of sockets: for an exchange in this
    process. Errors: BadInput for an exchange that is not supported.
    """
    if settings.exchange not in VENUES:
        raise BadInput(f"No orders go to {settings.exchange}.", hint=f"Take one of {', '.join(VENUES)}.")
    module = await library.load()
    return VENUES[settings.exchange](settings, module, clock=clock, transport=transport, dial=dialling, chance=chance)
