"""Makes strategies as the settings want them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from quorate.analysts.registry import STRATEGIES, StrategyClass, load_strategies, make_strategy
from quorate.domain.shadows import RULES
from quorate.domain.signals import COUNCIL

if TYPE_CHECKING:
    from quorate.analysts.base import Strategy
    from quorate.settings import Settings

DIGEST_CHARS = 12


def strategy_classes(settings: Settings) -> dict[str, StrategyClass]:
    """Every strategy there is: the desk's own and those in the user's folder."""
    folder = settings.strategies.folder
    return dict(STRATEGIES) if folder is None else load_strategies(folder)


def strategy(settings: Settings, classes: dict[str, StrategyClass], name: str) -> Strategy:
    """One strategy with the parameters of the settings."""
    parameters = settings.strategies.parameters.get(name)
    return make_strategy(name, costs=settings.desk.costs, parameters=parameters, classes=classes)


def rule_records(settings: Settings) -> dict[str, str]:
    """Key of the record of every strategy that publishes or sits on the panel: other parameters are another record."""
    classes = strategy_classes(settings)
    wanted = {*settings.desk.strategies, *settings.desk.council.panel} & classes.keys()
    return {name: f"{RULES} {_digest(strategy(settings, classes, name))}" for name in sorted(wanted)}


def _digest(member: Strategy) -> str:
    told = json.dumps(asdict(member.parameters), sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:DIGEST_CHARS]


def source_keys(settings: Settings) -> dict[str, str]:
    """Identity of everything that may trade live: another one begins at the bottom of the ladder."""
    rules = rule_records(settings)
    models = [(model.analyst, model.provider, model.model, str(model.temperature)) for model in settings.seated]
    panel = {name: rules.get(name, "") for name in settings.desk.council.panel}
    council = settings.desk.council
    told = json.dumps([panel, models, council.veto_opposite, str(council.reward_risk_min)], sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    return {**{name: rules[name] for name in settings.desk.strategies if name in rules}, COUNCIL: f"panel {digest}"}
