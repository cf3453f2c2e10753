"""Ways through a space: every point of a grid, an even scatter, or Optuna's tree of Parzen estimators.

Each gives points in rounds. The points of a round follow from the seed and the values of earlier rounds alone, so that
the number of workers and the order in which they finish change nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from math import isnan
from typing import Any, Literal, Protocol, TypeAlias

from quorate.domain.errors import Unavailable
from quorate.research.sobol import sobol
from quorate.research.space import Axis, BadSpace, Point, Space, Value, canonical

Method: TypeAlias = Literal["grid", "sobol", "tpe"]
METHODS: tuple[Method, ...] = ("grid", "sobol", "tpe")
TPE_ROUND = 16
"""Points that are asked of the estimator at once, however many workers there are."""
TPE_FIRST = 32
"""Points drawn at random before it estimates anything."""
WORST = -1e9
"""What the estimator is told of a point whose objective cannot be told: too few trades."""
DRAWS_PER_POINT = 50
"""Draws for each point wanted, where many fall on the same steps, before the space counts as used up."""


class Search(Protocol):
    """A way through a space."""

    @property
    def total(self) -> int:
        """How many points there will be."""
        ...

    def ask(self) -> Sequence[Point]:
        """The next round of points; none when it is over."""
        ...

    def tell(self, values: Sequence[float | None]) -> None:
        """Values of the objective of the round asked last: NaN where it cannot be told, None where a point failed."""
        ...


def search_of(method: Method, space: Space, *, points: int | None, seed: int) -> Search:
    """The way of that name. BadSpace where the space does not fit it; `points` is not for a grid, which has its own."""
    if method == "grid":
        if points is not None:
            size = space.size
            raise BadSpace(
                f"A grid has as many points as it has: {size or 'this one has no end'}.",
                hint="Leave out --points, or choose --method sobol or tpe.",
            )
        return Listed(list(space.grid()))
    wanted = 100 if points is None else points
    return Listed(scattered(space, wanted, seed)) if method == "sobol" else Tree(space, wanted, seed)


class Listed:
    """Points that are known from the start."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.total = len(points)
        self._left = points

    def ask(self) -> Sequence[Point]:
        """See `Search`."""
        left, self._left = self._left, ()
        return left

    def tell(self, values: Sequence[float | None]) -> None:
        """See `Search`."""


def scattered(space: Space, count: int, seed: int) -> list[Point]:
    """So many different points of Sobol's sequence; fewer where the space has no more."""
    wanted = count if space.size is None else min(count, space.size)
    found: dict[str, Point] = {}
    for shares in islice(sobol(len(space.axes), seed=seed), wanted * DRAWS_PER_POINT):
        point = space.at(shares)
        found.setdefault(canonical(point), point)
        if len(found) == wanted:
            break
    return list(found.values())


class Tree:
    """Optuna's tree-structured Parzen estimator (J. Bergstra and others, 2011), in rounds of fixed size."""

    def __init__(self, space: Space, count: int, seed: int) -> None:
        """Unavailable where Optuna is not installed."""
        try:
            import optuna  # noqa: PLC0415  half a second, and only where it is wanted
        except ImportError:
            raise Unavailable("Optuna is not installed.", hint="Install it, or choose --method sobol.") from None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.total = count
        self._space = space
        self._asked = 0
        self._trials: list[Any] = []
        self._fail = optuna.trial.TrialState.FAIL
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=TPE_FIRST)
        self._study: Any = optuna.create_study(direction="maximize", sampler=sampler)
        self._distributions = {axis.name: _distribution(axis, optuna.distributions) for axis in space.axes}

    def ask(self) -> Sequence[Point]:
        """See `Search`."""
        count = min(TPE_ROUND, self.total - self._asked)
        self._asked += count
        self._trials = [self._study.ask(self._distributions) for _ in range(count)]
        return [self._point(trial.params) for trial in self._trials]

    def tell(self, values: Sequence[float | None]) -> None:
        """See `Search`."""
        for trial, value in zip(self._trials, values, strict=True):
            if value is None:
                self._study.tell(trial, state=self._fail)
            else:
                self._study.tell(trial, WORST if isnan(value) else value)

    def _point(self, given: Mapping[str, Any]) -> Point:
        found: dict[str, Value] = {}
        for axis in self._space.axes:
            told = given[axis.name]
            found[axis.name] = axis.values[int(told)] if _steps(axis) else told
        return found


def _steps(axis: Axis) -> bool:
    """Whether its values stand in an order: then their places are searched, and neighbours count as near."""
    return bool(axis.values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in axis.values)


def _distribution(axis: Axis, kinds: Any) -> Any:
    if _steps(axis):
        return kinds.IntDistribution(0, len(axis.values) - 1)
    return kinds.CategoricalDistribution(axis.values) if axis.values else kinds.FloatDistribution(axis.low, axis.high)
