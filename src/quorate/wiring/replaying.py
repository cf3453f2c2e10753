"""Makes an account's recorded decisions again, from its journal and the log of its feed."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from quorate.analysts.evaluating import RuleEvaluator
from quorate.clock import SystemClock
from quorate.desk.desk import Desk
from quorate.desk.state import DeskState
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.signals import Mode
from quorate.feeds.stored import StoredFeed
from quorate.research.rerun import Recording, Rerun, Seats, rerun
from quorate.settings import decision_digest
from quorate.store.readers.feed_marks import Mark, feed_with, last_step_ms
from quorate.wiring.council import DESKS, Room, records_folder, rule_names, seat_council
from quorate.wiring.desks import charter_of, open_lookout
from quorate.wiring.feeds import FoundFeed
from quorate.wiring.stores import Stores, open_stores
from quorate.wiring.stories import Story, account_named, story_of
from quorate.wiring.tools import Silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quorate.settings import Settings


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of making an account's decisions again."""

    account: str
    feed: str
    rerun: Rerun
    notes: tuple[str, ...]
    """What limits the answer."""


async def replay_verified(settings: Settings, *, told: Callable[[int, int, int], None]) -> Replayed:
    """Run the account of the settings, or the only one there is, again. `told`: feed time now, first and last.

    Errors: BadInput where there is no such account or its candles are not kept, and those of database and settings.
    """
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings, Silent(), redis=False))
        story = await story_of(stores.pool, await account_named(stores.pool, settings.account))
        refuse_live(story)
        source = await feed_of(stores, story)
        stack.push_async_callback(source.close)
        recording, notes = await _recording(settings, stores, story, source, stack)
        first_ms, last_ms = span_of(story)
        recording.told = lambda at_ms: told(at_ms, first_ms, last_ms)
        return Replayed(story.account, source.label, await rerun(recording), notes)


def refuse_live(story: Story) -> None:
    """BadInput for an account at a real venue: what that answered, and when, is nothing that a desk decides."""
    if any(isinstance(entry.event, ev.AccountOpened) and entry.event.mode == Mode.LIVE for entry in story.entries):
        raise BadInput(
            f"Account {story.account} trades at a real venue: what a venue answers cannot be made again.",
            hint="`quorate gap` holds its trades beside the backtester's.",
        )


def span_of(story: Story) -> tuple[int, int]:
    """Instants of the first and the last step of a story. BadInput where it has none."""
    steps = [entry.at_ms for entry in story.entries if isinstance(entry.event, ev.StepClosed)]
    if not steps:
        raise BadInput(f"Account {story.account} has not worked a single candle.", hint="Let its desk run first.")
    return steps[0], steps[-1]


async def feed_of(stores: Stores, story: Story) -> StoredFeed:
    """The log of the feed that an account traded: that of its kind with the first and the last of its marks.

    BadInput where there is none.
    """
    opened = next((entry.event for entry in story.entries if isinstance(entry.event, ev.AccountOpened)), None)
    marked = [entry.event for entry in story.entries if isinstance(entry.event, ev.StepClosed) and entry.event.marks]
    marks = [Mark(pair, step.at_ms, price) for step in (*marked[:1], *marked[-1:]) for pair, price in step.marks]
    key = None if opened is None or not marks else await feed_with(stores.pool, kind=opened.feed, marks=marks)
    if key is None:
        raise BadInput(
            f"The candles that {story.account} traded are not in this database.",
            hint="They are kept where its feed ran: give that --data-dir or --database-url.",
        )
    source = StoredFeed(stores.database, stores.pool, feed=key, clock=SystemClock())
    await source.open()
    return source


async def _recording(
    settings: Settings, stores: Stores, story: Story, source: StoredFeed, stack: AsyncExitStack
) -> tuple[Recording, tuple[str, ...]]:
    own = as_it_ran(settings, kind=source.kind)
    found = FoundFeed(source, story.account, "")
    desk = Desk(charter_of(own, found, open_lookout(own, source)), DeskState(story.account))
    began_ms = next(entry.at_ms for entry in story.entries if isinstance(entry.event, ev.WriterChanged))
    last_ms = await last_step_ms(stores.pool, source.key)
    recording = Recording(
        entries=story.entries,
        desk=desk,
        open=partial(_seats, own, source, began_ms, stack),
        steps=source.steps(began_ms),
        last_ms=-1 if last_ms is None else last_ms,
        models_vote=bool(settings.seated),
        models_evaluate=bool(settings.seated) and _asks_models(settings),
    )
    return recording, (*_other_settings(settings, story, source), *notes_on(settings, source))


def as_it_ran(settings: Settings, *, kind: str) -> Settings:
    """The settings of a desk on such a feed: what is said of a feed's kind by itself is filled in."""
    if kind != "replay" or settings.feed.kind == "replay":
        return settings
    breakers = replace(settings.desk.breakers, rearm="weekly")
    return settings.model_copy(update={"desk": replace(settings.desk, breakers=breakers)})


def _asks_models(settings: Settings) -> bool:
    wanted = settings.desk.council.evaluator
    return wanted is None or wanted in {model.analyst for model in settings.seated}


async def _seats(
    settings: Settings, source: StoredFeed, began_ms: int, stack: AsyncExitStack, desk: Desk, from_ms: int
) -> Seats:
    """As a desk takes its seats when it is opened, without anybody who is asked over a network."""
    rules = rule_names(settings)
    council = replace(settings.desk.council, panel=rules, evaluator=None)
    offline = settings.model_copy(
        update={
            "desk": replace(settings.desk, council=council),
            "context": replace(settings.context, live="off"),
        }
    )
    lookout = open_lookout(settings, source)
    records = records_folder(settings, desk.charter.account, of=DESKS)
    room = Room(lookout=lookout, source=source, clock=SystemClock(), state=lambda: desk.state, records=records)
    seated = await seat_council(offline, room, stack)
    if seated.world is not None:
        await seated.world.catch_up(desk.state, now_ms=from_ms)
    origin_ms = began_ms if source.kind == "replay" else from_ms
    await lookout.warm(source, origin_ms=origin_ms, resume_ms=from_ms)
    evaluator = RuleEvaluator(lookout, settings.desk.costs)
    return Seats(seated.lookout, rules, seated.council if rules else None, evaluator)


def notes_on(settings: Settings, source: StoredFeed) -> Iterator[str]:
    """What limits what can be said about an account on this feed."""
    if source.kind == "exchange" and (
        settings.context.live == "on" or (settings.context.live == "auto" and settings.seated)
    ):
        yield "Funding and dominance came over the network and are not in the journal: what they changed differs."
    if settings.seated:
        yield "Votes and advice of models were taken from the record; rules were asked again."


def _other_settings(settings: Settings, story: Story, source: StoredFeed) -> Iterator[str]:
    """Whether the account was opened with others; the feed is part of them, so only where it is given as it was."""
    opened = next((entry.event for entry in story.entries if isinstance(entry.event, ev.AccountOpened)), None)
    if opened is None or source.kind == "exchange" or settings.feed.kind != source.kind:
        return
    if decision_digest(settings, kind=source.kind) != opened.settings_digest:
        yield "The account was opened with other settings, another version or other strategies than today's."
