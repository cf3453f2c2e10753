"""Seats a model that looks after open trades. Loaded only where one does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loguru import logger

from quorate.analysts.consulting import Deadlines
from quorate.analysts.evaluating_model import Beside, ModelEvaluator
from quorate.analysts.lesson_quotes import lesson_quotes
from quorate.analysts.prompt_inputs import Background
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.money import ZERO
from quorate.wiring.models import LATE_BARS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.analysts.evaluating import RuleEvaluator
    from quorate.desk.ports import Mind
    from quorate.domain.evaluation import Evaluation
    from quorate.domain.lessons import Lesson
    from quorate.domain.minds import ModelSpec
    from quorate.domain.portfolio import Position
    from quorate.domain.snapshot import Snapshot
    from quorate.feeds.logged import Source
    from quorate.settings import Settings
    from quorate.wiring.context import World
    from quorate.wiring.council import Room

LATE = "late: The desk is catching up with its feed; models are asked about the present only."


@dataclass(frozen=True, slots=True)
class TimelyEvaluator:
    """A model that looks after open trades; the rules do while the desk is behind its feed."""

    model: ModelEvaluator
    rules: RuleEvaluator
    source: Source
    asks_models: bool = True

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        """The model's evaluation; the rules' where the snapshot is of the past of a feed that keeps a clock's pace."""
        behind_ms = self.source.now_ms() - snapshot.at_ms
        if self.source.paced and behind_ms >= LATE_BARS * TIMEFRAME_MS[self.source.timeframe]:
            return self.rules.judge(snapshot, slot=slot, positions=positions, fault=LATE)
        evaluation = await self.model.evaluate(snapshot, slot=slot, positions=positions, lessons=lessons)
        _tell(evaluation, trades=len(positions))
        return evaluation


def evaluating_model(settings: Settings) -> ModelSpec | None:
    """The model that looks after open trades: the one named, else the first on the panel; None for the rules."""
    panel, wanted = settings.desk.council.panel, settings.desk.council.evaluator
    seated = {model.analyst: model.spec(model.analyst) for model in settings.seated}
    if wanted is not None:
        return seated.get(wanted)
    return next((seated[name] for name in panel if name in seated), None)


def seat_evaluator(
    settings: Settings, room: Room, world: World | None, mind: Mind, rules: RuleEvaluator
) -> TimelyEvaluator | RuleEvaluator:
    """Who looks after open trades where a model sits on the panel; `rules` where the settings want no model."""
    spec = evaluating_model(settings)
    if spec is None:
        return rules

    def background(snapshot: Snapshot) -> Background:
        quotes, figures = ((), ()) if world is None else world.told(snapshot.at_ms)
        return Background(quotes=(*lesson_quotes(room.state().lessons), *quotes), figures=figures)

    beside = Beside(lookout=room.lookout, policy=settings.desk.council, background=background, rules=rules)
    deadlines = Deadlines(cycle_s=settings.minds.cycle_s, call_s=settings.minds.call_s)
    return TimelyEvaluator(ModelEvaluator(mind, spec, beside, deadlines=deadlines), rules, room.source)


def _tell(evaluation: Evaluation, *, trades: int) -> None:
    asked = evaluation.asked
    if asked is None and not evaluation.fault:
        return
    cost_usd = ZERO if asked is None else sum((one.cost_usd for one in asked.askings), ZERO)
    heard = f"the rules spoke ({evaluation.fault})" if evaluation.fault else f"{evaluation.by} spoke"
    logger.info("Evaluator {}: {} open trades, {}; {} USD.", evaluation.slot, trades, heard, cost_usd)
