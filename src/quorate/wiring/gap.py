"""Runs the backtester over the time that an account has traded, and holds the two beside one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from quorate.desk.scanner import COUNCIL_TIMEFRAME
from quorate.domain import events as ev
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.lessons import RULES
from quorate.domain.signals import Mode
from quorate.kernel.bars import Bars
from quorate.kernel.windows import WINDOW_BARS
from quorate.research.columns import Columns
from quorate.research.council_votes import ballots_in
from quorate.research.desk_backtesting import run_desk
from quorate.research.gap import Gap, explain_gap, ran_of
from quorate.research.gap_candles import Candles
from quorate.research.materials import Materials
from quorate.research.spans import columns_until, rows_until
from quorate.wiring.analysts import strategy, strategy_classes
from quorate.wiring.desks import charter_of, open_lookout
from quorate.wiring.feeds import FoundFeed
from quorate.wiring.replaying import as_it_ran, feed_of, notes_on, span_of
from quorate.wiring.research import recorded_settlements
from quorate.wiring.stores import open_stores
from quorate.wiring.stories import Story, account_named, story_of
from quorate.wiring.sweep import read_materials
from quorate.wiring.tools import Silent

if TYPE_CHECKING:
    from pathlib import Path

    from quorate.analysts.base import Strategy
    from quorate.domain.votes import Ballot
    from quorate.feeds.stored import StoredFeed
    from quorate.settings import Settings

Step = Callable[[str, int, int], None]


async def gap_of(settings: Settings, *, funding: Path | None, step: Step) -> tuple[str, Gap]:
    """The account of the settings, or the only one there is, beside the backtester on the settings' candles.

    Errors: BadInput where account or candles are missing, and those of database, strategies and settings.
    """
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, Silent(), redis=False))
        story = await story_of(stores.pool, await account_named(stores.pool, settings.account))
        source = await feed_of(stores, story)
        stack.push_async_callback(source.close)
        seen = await _seen(source, story, step)
        return story.account, _beside(settings, story, source, seen, funding, step)


async def _seen(source: StoredFeed, story: Story, step: Step) -> dict[str, Bars]:
    """The candles that the desk was given, by pair."""
    first_ms, last_ms = span_of(story)
    count = (last_ms - first_ms) // TIMEFRAME_MS[source.timeframe] + 1
    found: dict[str, Bars] = {}
    for place, market in enumerate(source.markets):
        step(f"candles of {market.pair}", place, len(source.markets))
        bars = await source.history(market.pair, source.timeframe, before_ms=last_ms, count=count)
        found[market.pair] = bars
    return found


def _beside(
    settings: Settings, story: Story, source: StoredFeed, seen: dict[str, Bars], funding: Path | None, step: Step
) -> Gap:
    own = as_it_ran(settings, kind=source.kind)
    events = [entry.event for entry in story.entries]
    began_ms = next(entry.at_ms for entry in story.entries if isinstance(entry.event, ev.WriterChanged))
    _, last_ms = span_of(story)
    # Research trades on paper, whatever the account does.
    own_charter = charter_of(own, FoundFeed(source, story.account, ""), open_lookout(own, source))
    charter = replace(own_charter, paced=False, mode=Mode.PAPER)
    materials = _materials(own, source, events, funding, began_ms=began_ms, last_ms=last_ms)
    classes = strategy_classes(own)
    members = [strategy(own, classes, name) for name in own.desk.strategies]
    ballots: dict[int, Ballot] = {ballot.at_ms: ballot for ballot in ballots_in(events)}
    result = run_desk(members, materials, charter, ballots, step=step)
    known = {pair: columns.bars for pair, columns in materials.columns.items()}
    return explain_gap(
        ran_of(events),
        ran_of(result.events),
        Candles.beside(seen, known, start_ms=began_ms, end_ms=last_ms),
        reach_ms=_reach(members),
        notes=(*_notes(own, story, source), *materials.notes, *result.faults),
    )


def _materials(
    settings: Settings,
    source: StoredFeed,
    events: list[ev.Event],
    funding: Path | None,
    *,
    began_ms: int,
    last_ms: int,
) -> Materials:
    """The recorded candles of the account's markets and time, on the ticks that its desk had."""
    markets = {event.market.pair: event.market for event in events if isinstance(event, ev.MarketListed)}
    feed = settings.feed.model_copy(
        update={"kind": "replay", "pairs": tuple(sorted(markets)), "timeframe": source.timeframe, "timerange": None}
    )
    read = read_materials(settings.model_copy(update={"feed": feed}))
    columns = {
        pair: Columns.of(columns_until(each, rows_until(each, last_ms)).bars, markets[pair])
        for pair, each in read.columns.items()
    }
    materials = replace(
        read,
        columns=columns,
        markets={pair: markets[pair] for pair in columns},
        start_ms=began_ms,
        end_ms=last_ms,
    )
    if funding is None and not any(isinstance(event, ev.FundingPaid | ev.VenuePaid) for event in events):
        return materials
    return replace(materials, settlements=recorded_settlements(settings, materials, funding))


def _reach(members: list[Strategy]) -> Callable[[str], int]:
    lengths = {member.name: TIMEFRAME_MS[member.timeframe] for member in members}
    return lambda source: WINDOW_BARS * lengths.get(source, TIMEFRAME_MS[COUNCIL_TIMEFRAME])


def _notes(settings: Settings, story: Story, source: StoredFeed) -> Iterator[str]:
    yield from notes_on(settings, source)
    events = [entry.event for entry in story.entries]
    if any(isinstance(event, ev.PositionsEvaluated) and event.by != RULES for event in events):
        yield "A model looked after open trades; in the backtester the rules did."
    acts = sum(
        isinstance(event, ev.TradingStateChanged)
        or (isinstance(event, ev.KillSwitchRearmed) and not event.by.startswith("rule"))
        for event in events
    )
    if acts:
        yield f"People acted {acts} times on this account; nobody does in the backtester."
    if not any(isinstance(event, ev.VotesCast) for event in events):
        yield "Its council never spoke."
