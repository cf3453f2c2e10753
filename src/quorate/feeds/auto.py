"""`auto`: the exchange where it answers, else the simulated market, and in one sentence why."""

from __future__ import annotations

from dataclasses import dataclass

from quorate.feeds.exchange import ExchangeFeed
from quorate.feeds.simulated import SimulatedFeed

PROBE_S = 5.0


@dataclass(frozen=True, slots=True)
class Choice:
    """The feed to open, and the sentence that says why it is this one: for console, API and page."""

    feed: ExchangeFeed | SimulatedFeed
    reason: str


async def choose(exchange: ExchangeFeed, simulated: SimulatedFeed, *, timeout_s: float = PROBE_S) -> Choice:
    """`exchange` if it answers within `timeout_s`, else `simulated`. Opens neither; closes the one not chosen."""
    name = exchange.exchange
    fault = await exchange.probe(timeout_s)
    if fault is None:
        return Choice(exchange, f"{name} answers, so its live market is used.")
    await exchange.close()
    return Choice(simulated, f"{name} cannot be used, so the market is simulated: {fault}")
