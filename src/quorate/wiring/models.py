"""Seats the models: the gateway that asks them, and the panel that hears them. Loaded only where a model sits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from loguru import logger

from quorate.analysts.consulting import VOTED, Deadlines
from quorate.analysts.lesson_quotes import lesson_quotes
from quorate.analysts.model_panel import Cycle, ModelPanel, Surroundings, template_of
from quorate.analysts.prompt import COMPACT, FULL, compose
from quorate.analysts.prompt_gather import inputs_from
from quorate.analysts.prompt_inputs import Background, TrackRow
from quorate.council.calibration import Forecast, brier
from quorate.council.validation import validate
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.money import ZERO
from quorate.domain.votes import Ballot, Side, Vote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.desk.ports import Mind
    from quorate.desk.state import Result
    from quorate.domain.minds import MindRequest
    from quorate.domain.snapshot import Snapshot
    from quorate.feeds.logged import Source
    from quorate.settings import Settings
    from quorate.wiring.context import World
    from quorate.wiring.council import Room

ONE = Decimal(1)
LATE_BARS = 2
"""Models are not asked about a market that was so many bars ago: a desk that catches up would pay for the past."""


@dataclass(frozen=True, slots=True)
class Timely:
    """A bench of models that abstains while the desk is behind its feed."""

    panel: ModelPanel
    source: Source
    names: tuple[str, ...]
    seats: tuple[str, ...]
    pairs: tuple[str, ...]
    asks_models: bool = True

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """The models' votes; abstentions where the snapshot is of the past of a feed that keeps a clock's pace."""
        behind_ms = self.source.now_ms() - snapshot.at_ms
        if not self.source.paced or behind_ms < LATE_BARS * TIMEFRAME_MS[self.source.timeframe]:
            return await self.panel.vote(snapshot, slot=slot)
        reason = "late: The desk is catching up with its feed; models are asked about the present only."
        votes = (
            Vote(name, pair, Side.FLAT, ZERO, None, None, None, reason, abstained=True)
            for pair in self.pairs
            for name in self.names
        )
        return Ballot(slot, snapshot.at_ms, self.seats, tuple(votes), "models not asked")


def seat_models(settings: Settings, room: Room, world: World | None, mind: Mind) -> Timely:
    """The bench of the models that the panel names. Raises BadInput.

    `world` is None where nothing is known besides the candles.
    """
    minds = settings.minds
    seats = settings.desk.council.panel
    around = Surroundings(
        lookout=room.lookout,
        policy=settings.desk.council,
        rules=validate,
        background=partial(_background, seats, room, world),
        told=_told,
    )
    specs = [model.spec(model.analyst) for model in settings.seated]
    deadlines = Deadlines(cycle_s=minds.cycle_s, call_s=minds.call_s)
    panel = ModelPanel(mind, specs, around, deadlines=deadlines, repeat_every=minds.repeat_every)
    names = tuple(sorted(spec.analyst for spec in specs))
    return Timely(panel, room.source, names, seats, tuple(room.lookout.markets))


def prompts_now(settings: Settings, room: Room, world: World | None, snapshot: Snapshot) -> tuple[MindRequest, ...]:
    """What the models of the panel would be asked at this snapshot, one request for each class of prompts."""
    policy = settings.desk.council
    background = _background(policy.panel, room, world, snapshot)
    inputs = inputs_from(room.lookout, snapshot, background=background, policy=policy)
    classes = {template_of(model.spec(model.analyst)) for model in settings.seated}
    return tuple(
        compose(inputs, template, tokens_max=template.tokens_max).request
        for template in (FULL, COMPACT)
        if template in classes
    )


def _background(panel: Sequence[str], room: Room, world: World | None, snapshot: Snapshot) -> Background:
    """What models are told besides the market: open positions, records, lessons, texts and figures of the world."""
    quotes, figures = ((), ()) if world is None else world.told(snapshot.at_ms)
    state = room.state()
    return Background(
        positions=tuple(held[name] for _, held in sorted(state.positions.items()) for name in sorted(held)),
        track=tuple(track_of(name, state.results.get(name, ())) for name in panel),
        quotes=(*lesson_quotes(state.lessons), *quotes),
        figures=figures,
    )


def track_of(analyst: str, results: Sequence[Result]) -> TrackRow:
    """An analyst's record from those of its closed shadow trades that count: of its present key, not contaminated."""
    count = len(results)
    if not count:
        return TrackRow(analyst=analyst, trades=0)
    forecasts = [Forecast(result.confidence, result.r > 0) for result in results]
    return TrackRow(
        analyst=analyst,
        trades=count,
        win_rate=sum((ONE for each in forecasts if each.won), ZERO) / count,
        average_r=sum((result.r for result in results), ZERO) / count,
        confidence=sum((each.confidence for each in forecasts), ZERO) / count,
        brier=brier(forecasts),
    )


def _told(cycle: Cycle) -> None:
    rounds = [one for each in cycle.consulted for one in each.rounds]
    silent = ", ".join(f"{each.analyst} {each.code}" for each in cycle.consulted if each.code != VOTED)
    logger.info(
        "Council {}: {} of {} models voted{}; askings: {}, {} USD.",
        cycle.slot,
        sum(each.code == VOTED for each in cycle.consulted),
        len(cycle.consulted),
        f" (silent: {silent})" if silent else "",
        len(rounds),
        sum((one.cost_usd for one in rounds), ZERO),
    )
