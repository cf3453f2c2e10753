"""Strategies by name: those that come with the desk, and those in a user's folder."""

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, cast

from pydantic import TypeAdapter, ValidationError

from quorate.analysts.bar_reaction import BarReaction
from quorate.analysts.base import Strategy
from quorate.analysts.classics.breakout import Breakout
from quorate.analysts.classics.mean_reversion import MeanReversion
from quorate.analysts.classics.momentum import Momentum
from quorate.analysts.classics.rsi_reversal import RsiReversal
from quorate.analysts.classics.trend import Trend
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.policy import Costs

FILES_MAX = 200
"""Strategy files read from one folder."""
_PACKAGE = "quorate_user_strategies"


class StrategyClass(Protocol):
    """Makes a strategy from its parameters and the costs of trading."""

    def __call__(self, *, parameters: Any = ..., costs: Costs = ...) -> Strategy:  # pyright: ignore[reportAny]
        """A strategy with these parameters, else its own defaults."""
        ...


class UnknownStrategy(BadInput):
    """No strategy has this name."""

    code = "unknown_strategy"


class BadStrategyFile(BadInput):
    """A file in the strategies' folder cannot be used."""

    code = "bad_strategy_file"


class BadParameters(BadInput):
    """Parameters that a strategy does not have, or values that it cannot take."""

    code = "bad_strategy_parameters"


STRATEGIES: Mapping[str, StrategyClass] = {
    cls.name: cls for cls in (BarReaction, Breakout, MeanReversion, Momentum, RsiReversal, Trend)
}
"""The strategies that come with the desk."""


def make_strategy(
    name: str,
    *,
    costs: Costs,
    parameters: Mapping[str, object] | None = None,
    classes: Mapping[str, StrategyClass] = STRATEGIES,
) -> Strategy:
    """The strategy of that name with `parameters` over its defaults.

    Raises `UnknownStrategy` or `BadParameters`, each naming the nearest thing that exists.
    """
    if name not in classes:
        raise UnknownStrategy(f"There is no strategy called {name}.", hint=_nearest(name, classes))
    strategy = classes[name](costs=costs)
    if parameters:
        strategy = classes[name](parameters=_parameters(strategy, parameters), costs=costs)
    if strategy.timeframe not in TIMEFRAME_MS:
        raise BadParameters(
            f"Strategy {name} asks for bars of {strategy.timeframe}.", hint=f"Choose from {', '.join(TIMEFRAME_MS)}."
        )
    return strategy


def load_strategies(folder: Path) -> dict[str, StrategyClass]:
    """The desk's strategies and those of every `*.py` in `folder` (files whose names begin with `_` are left alone).

    Raises `BadStrategyFile` naming the file: it does not load, holds no strategy, or takes a name that is taken.
    """
    if not folder.is_dir():
        raise BadStrategyFile(
            f"The strategies' folder {folder} does not exist.", hint="Create it or correct the setting."
        )
    files = sorted(path for path in folder.glob("*.py") if not path.name.startswith("_"))
    if len(files) > FILES_MAX:
        raise BadStrategyFile(f"{folder} holds {len(files)} files; at most {FILES_MAX} are read.")
    classes = dict(STRATEGIES)
    owners = dict.fromkeys(classes, "the desk itself")
    for path in files:
        for name, cls in _strategies_in(_loaded(path), path).items():
            if name in classes:
                raise BadStrategyFile(
                    f"{path.name} defines a strategy called {name}, but {owners[name]} has one of that name.",
                    hint="Rename it.",
                )
            classes[name] = cls
            owners[name] = path.name
    return classes


def _loaded(path: Path) -> ModuleType:
    name = f"{_PACKAGE}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while the file runs
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise BadStrategyFile(
            f"{path.name} does not load: {type(error).__name__}: {error}.", hint="Mend the file or take it away."
        ) from error
    return module


def _strategies_in(module: ModuleType, path: Path) -> dict[str, StrategyClass]:
    found: dict[str, StrategyClass] = {}
    for value in list(vars(module).values()):
        if isinstance(value, type) and value.__module__ == module.__name__ and hasattr(value, "setups"):
            name = _tried(cast("StrategyClass", value), path)
            if name in found:
                raise BadStrategyFile(f"{path.name} defines two strategies called {name}.", hint="Rename one.")
            found[name] = cast("StrategyClass", value)
    if not found:
        raise BadStrategyFile(
            f"{path.name} holds no strategy: no class with a method `setups`.", hint="See docs/strategies.md."
        )
    return found


def _tried(cls: StrategyClass, path: Path) -> str:
    """The name of the class's strategies, after one was made and has everything a strategy needs."""
    try:
        strategy = cls(costs=Costs())
        missing = [
            part
            for part in ("name", "timeframe", "warm_up", "entry_kind", "exits", "pacing", "parameters", "explain")
            if not hasattr(strategy, part)
        ]
    except Exception as error:
        raise BadStrategyFile(
            f"A strategy in {path.name} cannot be made: {type(error).__name__}: {error}.",
            hint="See docs/strategies.md.",
        ) from error
    if missing:
        raise BadStrategyFile(f"A strategy in {path.name} lacks {', '.join(missing)}.", hint="See docs/strategies.md.")
    if not is_dataclass(strategy.parameters):
        raise BadStrategyFile(
            f"The parameters of a strategy in {path.name} are no dataclass.", hint="See docs/strategies.md."
        )
    if not strategy.name.isidentifier() or strategy.name != strategy.name.lower():
        raise BadStrategyFile(f"{path.name} names its strategy {strategy.name!r}.", hint="Use lower_snake_case.")
    return strategy.name


def _parameters(strategy: Strategy, given: Mapping[str, object]) -> object:
    defaults = strategy.parameters
    known = {item.name: getattr(defaults, item.name) for item in fields(defaults)}
    for key in given:
        if key not in known:
            raise BadParameters(f"Strategy {strategy.name} has no parameter {key}.", hint=_nearest(key, known))
    try:
        return TypeAdapter(type(defaults)).validate_python({**known, **given})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadParameters(f"Strategy {strategy.name}: {place}: {first['msg']}.") from error


def _nearest(word: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"Did you mean {near[0]}?" if near else f"Known are {', '.join(sorted(known))}."
