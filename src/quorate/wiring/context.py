"""Opens what is known of the market besides its candles, and lays it beside every snapshot.

The network is asked with the feed of an exchange only: a replay and a simulated market know no present of ours.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from loguru import logger

from quorate.analysts.prompt_inputs import Figure, Quote, TextKind
from quorate.feeds.context.opening import open_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AsyncExitStack

    from quorate.desk.ports import Lookout
    from quorate.desk.state import DeskState
    from quorate.domain.snapshot import Snapshot, Step
    from quorate.feeds.context.board import ContextBoard
    from quorate.feeds.context.items import Item
    from quorate.feeds.context.parts import ContextView
    from quorate.feeds.context.settings import ContextSettings
    from quorate.settings import Settings
    from quorate.wiring.council import Room

HOUR_MS = 3_600_000
CATCH_UP_S = 20.0
"""How long a desk that comes back waits for what was settled meanwhile."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A lookout whose snapshots carry what was known of the world at their instant."""

    lookout: Lookout
    board: ContextBoard
    pairs: tuple[str, ...]
    seen_ms: Callable[[], int | None]
    """Instant of the last step that the desk has worked through: what was settled until then is behind it."""

    def observe(self, step: Step) -> Snapshot:
        """The lookout's snapshot in its context."""
        snapshot = self.lookout.observe(step)
        context, seen_ms = self.board.context(step.at_ms, self.pairs), self.seen_ms()
        settled = () if seen_ms is None else self.board.settlements(seen_ms, step.at_ms, self.pairs)
        return replace(snapshot, context=replace(context, settlements=settled) if settled else context)


@dataclass(frozen=True, slots=True)
class World:
    """What was known of the world at an instant, as models are told it."""

    lookout: Lookout
    board: ContextBoard
    pairs: tuple[str, ...]

    def told(self, at_ms: int) -> tuple[tuple[Quote, ...], tuple[Figure, ...]]:
        """Texts and figures. Never raises: what is only told to models must not stop a desk."""
        try:
            view = self.board.view(at_ms, self.pairs)
            return tuple(_quotes(view)), tuple(_figures(view))
        except Exception as error:  # noqa: BLE001  see above
            logger.warning("The context cannot be told to the models: {}.", type(error).__name__)
            return (), ()

    async def catch_up(self, state: DeskState, *, now_ms: int) -> None:
        """Learn what funding was settled on what the desk holds since its last step, before it works through that time.

        What cannot be learned is not charged, and said in the log.
        """
        past = self.board.on_demand.past_funding
        if past is None or state.at_ms is None or state.at_ms // HOUR_MS == now_ms // HOUR_MS:
            return  # contracts are settled on full hours
        for held in (state.positions.keys(), state.shadows.keys() - state.positions.keys()):
            pairs = tuple(sorted(held))
            if pairs:
                why = await past.learn(pairs, after_ms=state.at_ms, until_ms=now_ms, deadline_s=CATCH_UP_S)
                if why:
                    logger.warning("Funding settled meanwhile on {} is not known: {}", ", ".join(pairs), why)


async def open_surroundings(settings: Settings, context: ContextSettings, room: Room, stack: AsyncExitStack) -> World:
    """The sources of `context`, asked in the background until `stack` ends. Raises BadInput for a bad recording."""
    pairs = tuple(room.lookout.markets)
    board = await asyncio.to_thread(
        open_context,
        context,
        pairs=lambda: pairs,
        clock=room.clock,
        chance=random.random,
        data_dir=settings.data_dir,
    )
    stack.push_async_callback(board.close)
    asking = asyncio.create_task(board.run(), name="context")
    asking.add_done_callback(_told_why)
    stack.push_async_callback(_end, asking)
    return World(Surveyed(room.lookout, board, pairs, lambda: room.state().at_ms), board, pairs)


def _told_why(asking: asyncio.Task[None]) -> None:
    if not asking.cancelled() and (error := asking.exception()) is not None:
        logger.error("The sources of context are no longer asked: {}.", type(error).__name__)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _quotes(view: ContextView) -> Iterator[Quote]:
    texts = view.texts
    shelves = ((TextKind.NEWS, texts.news), (TextKind.SOCIAL, texts.social), (TextKind.COMMUNITY, texts.community))
    for kind, items in shelves:
        for item in items:
            yield Quote(kind=kind, source=item.source, at_ms=item.published_ms, text=_words(item))


def _words(item: Item) -> str:
    return f"{item.title} {item.text}".strip()


def _figures(view: ContextView) -> Iterator[Figure]:
    share, mood = view.figures.dominance, view.figures.fear_greed
    if share is not None:
        at_ms = view.at_ms - share.age_ms
        yield Figure(name="BTC dominance", value=share.percent, unit="percent", at_ms=at_ms)
    if mood is not None:
        value, at_ms = Decimal(mood.value.value), view.at_ms - mood.age_ms
        yield Figure(name="Fear and Greed index", value=value, unit="of 100", at_ms=at_ms)
