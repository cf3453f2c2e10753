"""Makes strategies as the settings want them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.analysts.registry import STRATEGIES, StrategyClass, load_strategies, make_strategy

if TYPE_CHECKING:
    from quorate.analysts.base import Strategy
    from quorate.settings import Settings


def strategy_classes(settings: Settings) -> dict[str, StrategyClass]:
    """Every strategy there is: the desk's own and those in the user's folder."""
    folder = settings.strategies.folder
    return dict(STRATEGIES) if folder is None else load_strategies(folder)


def strategy(settings: Settings, classes: dict[str, StrategyClass], name: str) -> Strategy:
    """One strategy with the parameters of the settings."""
    parameters = settings.strategies.parameters.get(name)
    return make_strategy(name, costs=settings.desk.costs, parameters=parameters, classes=classes)
