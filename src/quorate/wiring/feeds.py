"""Finds the feed that the settings ask for, and says plainly which one it became and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.clock import SystemClock
from quorate.domain.errors import Unavailable
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
    """An open feed, the account its desk trades, its name in the tables, and why it is this one."""

    source: Source
    account: str
    key: str
    reason: str


async def find_feed(settings: Settings, clock: SystemClock) -> FoundFeed:
    """Open the feed of the settings; `auto` is the exchange if that answers in time, else the simulated market."""
    kind, reason = settings.feed.kind, ""
    if kind == "auto":
        from quorate.feeds.auto import choose

        exchange = _exchange(settings, clock)
        chosen = await choose(exchange, _simulated(settings, clock), timeout_s=settings.feed.probe_timeout_s)
        source, reason = chosen.feed, chosen.reason
    elif kind == "exchange":
        source = _exchange(settings, clock)
    elif kind == "simulated":
        source = _simulated(settings, clock)
    else:
        return await _replay(settings, clock)
    await source.open()
    account = account_of(settings, kind=source.kind)
    return FoundFeed(source, account, _key(settings, source.kind), reason)


async def find_stored_feed(settings: Settings, stores: Stores, clock: SystemClock) -> FoundFeed:
    """The feed that a feed role in another process writes down: the one of the settings, else the newest there is."""
    kind = settings.feed.kind
    if kind in ("auto", "replay"):
        said = next((row.state for row in await roles.newest(stores.pool) if row.role == "feed"), None)
        if said is None or said.feed is None or said.kind is None:
            raise Unavailable("No feed role has reported to this database.", hint="Start `quorate feed` first.")
        key, kind = said.feed, said.kind
    else:
        key = _key(settings, kind)
    source = StoredFeed(stores.database, stores.pool, feed=key, clock=clock)
    await source.open()
    account = key if kind == "replay" and settings.account is None else account_of(settings, kind=kind)
    return FoundFeed(source, account, key, "written by a feed role")


def _key(settings: Settings, kind: str) -> str:
    """The feed's name in the tables: the same market data has the same name."""
    feed = settings.feed
    return f"simulated-{feed.seed}-{feed.timeframe}" if kind == "simulated" else f"{feed.exchange}-{feed.timeframe}"


async def _replay(settings: Settings, clock: SystemClock) -> FoundFeed:
    feed = settings.feed
    assert feed.data is not None, "settings refuse a replay without its folder"
    options = ReplayOptions(
        folder=feed.data,
        pairs=feed.pairs,
        timeframe=feed.timeframe,
        timerange=feed.timerange,
        speed=MAX_SPEED if feed.pace is None else feed.pace,
    )
    source = ReplayFeed(options, costs=settings.desk.costs, clock=clock)
    await source.open()
    account = account_of(settings, kind="replay", recording=source.fingerprint())
    return FoundFeed(source, account, account, "")


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


def _exchange(settings: Settings, clock: SystemClock) -> Source:
    from quorate.feeds.exchange import ExchangeFeed, ExchangeOptions

    feed = settings.feed
    options = ExchangeOptions(
        exchange=feed.exchange,
        pairs=feed.pairs,
        universe_size=feed.universe_size,
        timeframe=feed.timeframe,
        urls=feed.urls,
    )
    return ExchangeFeed(options, costs=settings.desk.costs, clock=clock)
