"""Seats the council's panel: rules alone, models alone, or both. What models need is loaded only where one sits."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from quorate.analysts.evaluating import RuleEvaluator
from quorate.analysts.mixed_panel import Bench, MixedPanel
from quorate.analysts.panel import RulePanel
from quorate.domain.errors import BadInput
from quorate.domain.shadows import MAJORITY, RULES
from quorate.domain.signals import COUNCIL
from quorate.wiring.analysts import strategy, strategy_classes
from quorate.wiring.simulated_funding import funded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from quorate.analysts.lookout import Lookout
    from quorate.clock import SystemClock
    from quorate.desk import ports
    from quorate.desk.state import DeskState
    from quorate.feeds.context.settings import ContextSettings
    from quorate.feeds.logged import Source
    from quorate.settings import Settings
    from quorate.wiring.context import World

DESKS, BY_HAND = "desks", "by-hand"
"""Folders of records under `data_dir/minds`: one process writes each, so that no spending is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where a panel sits: whose desk it is, what it looks at, and where words and spending are kept."""

    lookout: Lookout
    source: Source
    clock: SystemClock
    state: Callable[[], DeskState]
    """The desk's state at the moment of asking."""
    records: Path


@dataclass(frozen=True, slots=True)
class Seated:
    """A council that can be asked, the lookout whose snapshots it is asked with, and what is known besides candles."""

    council: ports.Council
    evaluator: ports.Evaluator
    """Who looks after open trades."""
    lookout: ports.Lookout
    world: World | None
    mind: ports.Mind | None
    """Whom models are asked through; None where none sits on the panel."""


def records_folder(settings: Settings, account: str, *, of: str) -> Path:
    """Where what models say to this account is kept."""
    return settings.data_dir / "minds" / of / account


def rule_names(settings: Settings) -> tuple[str, ...]:
    """The members of the panel that are strategies."""
    models = {model.analyst for model in settings.seated}
    return tuple(name for name in settings.desk.council.panel if name not in models)


def check_names(settings: Settings) -> None:
    """Refuse a model that bears a strategy's name: whose record would it be? Raises BadInput."""
    both = sorted({model.analyst for model in settings.minds.models} & strategy_classes(settings).keys())
    if both:
        raise BadInput(
            f"{', '.join(both)} is the name of a strategy and of a model.", hint="Give the model another `analyst`."
        )
    joint = sorted({model.analyst for model in settings.minds.models} & {COUNCIL, MAJORITY, RULES})
    if joint:
        raise BadInput(
            f"{', '.join(joint)} stands for several analysts together.", hint="Give the model another `analyst`."
        )


async def seat_council(settings: Settings, room: Room, stack: AsyncExitStack) -> Seated:
    """The panel of the settings; what it opens is closed with `stack`. Raises BadInput."""
    context = wanted_context(settings, kind=room.source.kind)
    lookout: ports.Lookout = room.lookout
    benches = list[Bench]()
    if rule_names(settings):
        benches.append(_rules(settings, room))
    if context is not None:
        from quorate.wiring.context import open_surroundings

        world = await open_surroundings(settings, context, room, stack)
        lookout = world.lookout
    else:
        world = None
    if room.source.kind == "simulated" and (context is None or context.derivatives.kind != "recorded"):
        lookout = funded(lookout, room)
    rules = RuleEvaluator(room.lookout, settings.desk.costs)
    mind, evaluator = None, rules
    if settings.seated:
        check_names(settings)
        from quorate.wiring.evaluating import seat_evaluator
        from quorate.wiring.minds import open_mind
        from quorate.wiring.models import seat_models

        mind = open_mind(settings, room, stack)
        benches.append(seat_models(settings, room, world, mind))
        evaluator = seat_evaluator(settings, room, world, mind, rules)
    council = benches[0] if len(benches) == 1 else MixedPanel(settings.desk.council.panel, benches)
    return Seated(council, evaluator, lookout, world, mind)


def wanted_context(settings: Settings, *, kind: str) -> ContextSettings | None:
    """The sources that are asked or read beside this kind of feed; None where there are none."""
    context = settings.context
    if kind == "exchange" and (context.live == "on" or (context.live == "auto" and settings.seated)):
        return context
    return context.without_network() if context.recorded else None


def _rules(settings: Settings, room: Room) -> RulePanel:
    classes, names = strategy_classes(settings), rule_names(settings)
    members = [strategy(settings, classes, name) for name in names]
    return RulePanel(room.lookout, members, replace(settings.desk.council, panel=names))
