"""Finds the feed that the settings ask for, and says plainly which one it became and why."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.clock import SystemClock
from quorate.domain.errors import Unavailable
from quorate.feeds.auto import choose
from quorate.feeds.exchange import ExchangeFeed, ExchangeOptions
from quorate.feeds.logged import Source
from quorate.feeds.replay import ReplayFeed, ReplayOptions
from quorate.feeds.simulated import SimulatedFeed, SimulatedOptions
from quorate.feeds.stored import StoredFeed
from quorate.settings import Settings, account_of
from quorate.store.readers import roles

if TYPE_CHECKING:
    from quorate.wiring.stores import Stores

HOUR_MS = 3_600_000
MAX_SPEED = "max"


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """An open feed, the account its desk trades, and why it is this one."""

    source: Source
    account: str
    reason: str


async def find_feed(settings: Settings, clock: SystemClock) -> FoundFeed:
    """Open the feed of the settings; `auto` is the exchange if that answers in time, else the simulated market."""
    feed, reason = settings.feed, ""
    if feed.kind == "replay":
        return await _replay(settings, clock)
    source: Source
    if feed.kind == "auto":
        exchange, simulated = _exchange(settings, clock), _simulated(settings, clock)
        choice = await choose(exchange, simulated, timeout_s=feed.probe_timeout_s)
        source, reason = choice.feed, choice.reason
    else:
        source = _exchange(settings, clock) if feed.kind == "exchange" else _simulated(settings, clock)
    await source.open()
    return FoundFeed(source, account_of(settings, kind=source.kind), reason)


async def find_stored_feed(settings: Settings, stores: Stores, clock: SystemClock) -> FoundFeed:
    """The feed that a feed role in another process writes down: the newest of the kind that the settings ask for."""
    wanted = settings.feed.kind
    said = [row.state for row in await roles.newest(stores.pool) if row.role == "feed"]
    state = next((one for one in said if one.feed and wanted in ("auto", one.kind)), None)
    if state is None or state.feed is None:
        kind = "" if wanted == "auto" else f" of kind {wanted}"
        raise Unavailable(f"No feed role{kind} has reported to this database.", hint="Start `quorate feed` first.")
    source = StoredFeed(stores.database, stores.pool, feed=state.feed, clock=clock)
    await source.open()
    account = state.account or account_of(settings, kind=source.kind)
    return FoundFeed(source, settings.account or account, "written by a feed role")


async def _replay(settings: Settings, clock: SystemClock) -> FoundFeed:
    feed = settings.feed
    assert feed.data is not None, "settings refuse a replay without its folder"
    options = ReplayOptions(
        folder=feed.data,
        pairs=feed.pairs,
        timeframe=feed.timeframe,
        timerange=feed.timerange,
        speed=MAX_SPEED if feed.pace is None else feed.pace,
        # The default says where a live desk trades, not whose recordings these are.
        exchange=feed.exchange if "exchange" in feed.model_fields_set else None,
    )
    source = ReplayFeed(options, costs=settings.desk.costs, clock=clock)
    await source.open()
    return FoundFeed(source, account_of(settings, kind="replay", recording=source.fingerprint()), "")


def _simulated(settings: Settings, clock: SystemClock) -> SimulatedFeed:
    feed = settings.feed
    options = SimulatedOptions(
        seed=feed.seed,
        pairs=feed.pairs,
        timeframe=feed.timeframe,
        timerange=feed.timerange,
        speed=MAX_SPEED if feed.pace is None else feed.pace,
        lookback_ms=feed.lookback_hours * HOUR_MS,
    )
    return SimulatedFeed(options, clock=clock)


def _exchange(settings: Settings, clock: SystemClock) -> ExchangeFeed:
    feed = settings.feed
    options = ExchangeOptions(
        exchange=feed.exchange,
        pairs=feed.pairs,
        universe_size=feed.universe_size,
        timeframe=feed.timeframe,
        urls=feed.urls,
        lookback_ms=feed.lookback_hours * HOUR_MS,
    )
    return ExchangeFeed(options, costs=settings.desk.costs, clock=clock, chance=random.random)
