"""One try of a search: a strategy at one point of its space, over the candles and spans that the search is about.

A try is a pure function of the point, the candles and the task, so that it does not matter where, when or in what
company it is made. What a strategy does wrong at a point is that point's result.
"""

import hashlib
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from importlib.metadata import version
from math import inf, isnan, nan
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

from pydantic import TypeAdapter, ValidationError

import quorate
from quorate.analysts.base import Strategy, StrategyFault, faults_named
from quorate.analysts.registry import STRATEGIES, BadParameters, StrategyClass, load_strategies, make_strategy
from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.research.columns import Columns
from quorate.research.figures import Figures, Shape, shape_of
from quorate.research.orders import OrderBook, fault_of, orders_of
from quorate.research.space import Point, canonical, merged
from quorate.research.spans import Span, SpanRun, Terms, Total, run_span
from quorate.research.trial_log import Identity

Record: TypeAlias = Mapping[str, Any]
"""What came of a point, as it is written down: `fault`, or what the task made of it."""
SHAPE = tuple(item.name for item in fields(Shape))
FIGURES = tuple(item.name for item in fields(Figures))
FAULT_CHARS_MAX = 300
READINGS_MAX = 64
"""Columns of indicators that are kept for the next point; each is as long as the candles."""
CODE = (
    "analysts/base.py",
    "kernel/*.py",
    "rules/*.py",
    "research/co[lmn]*.py",
    "research/[dfj]*.py",
    "research/kernel.py",
    "research/orders.py",
    "research/spans.py",
    "research/t[air]*.py",
    "research/w*.py",
)
"""Files whose change may change a result, besides the strategy's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategySpec:
    """Which strategy is searched, and where it comes from."""

    name: str
    costs: Costs = field(default_factory=Costs)
    folder: Path | None = None
    """Of the user's own strategies."""
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    """Laid over its defaults; the points go over both."""


class StrategyMaker:
    """Makes the strategy at points."""

    def __init__(self, spec: StrategySpec) -> None:
        """Errors: UnknownStrategy, BadParameters, BadStrategyFile."""
        classes = STRATEGIES if spec.folder is None else load_strategies(spec.folder)
        self.default = make_strategy(spec.name, costs=spec.costs, parameters=spec.parameters, classes=classes)
        self._cls: StrategyClass = classes[spec.name]
        self._costs = spec.costs
        self._adapter = cast("TypeAdapter[Any]", TypeAdapter(type(self.default.parameters)))

    def make(self, point: Point) -> Strategy:
        """The strategy at a point. BadParameters where it refuses these parameters."""
        try:
            parameters = self._adapter.validate_python(merged(self.default.parameters, point))
            return self._cls(parameters=parameters, costs=self._costs)
        except ValidationError as error:
            raise BadParameters(f"{error.errors()[0]['msg']}.") from error
        except Exception as error:
            raise BadParameters(f"It cannot be made: {type(error).__name__}: {error}.") from error

    @property
    def file(self) -> Path | None:
        """The file that the strategy's class is in."""
        found = inspect.getsourcefile(type(self.default))
        return None if found is None else Path(found)


class Task(Protocol):
    """What is done at every point of a search."""

    @property
    def strategy(self) -> StrategySpec:
        """Of which strategy."""
        ...

    @property
    def markets(self) -> Mapping[str, Market]:
        """By pair."""
        ...

    @property
    def terms(self) -> Terms:
        """What every run assumes."""
        ...

    @property
    def identity(self) -> Identity:
        """Its kind, and the spans it runs as one part; the rest is added by `identity_of`."""
        ...

    def runs(self, strategy: Strategy, columns: Columns, market: Market, book: OrderBook) -> list[SpanRun]:
        """Everything that is run of one pair."""
        ...

    def record(self, totals: Sequence[Total]) -> Record:
        """What is written down of it, pairs added up."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepTask:
    """Each point is run once over one span; a trade that is open at its end counts with what it is worth there."""

    strategy: StrategySpec
    markets: Mapping[str, Market]
    terms: Terms
    span: Span

    @property
    def identity(self) -> Identity:
        """See `Task`."""
        return Identity("sweep", {"span": f"{self.span.start_ms}-{self.span.end_ms}"})

    def runs(self, strategy: Strategy, columns: Columns, market: Market, book: OrderBook) -> list[SpanRun]:
        """See `Task`."""
        return [run_span(self.terms.on(strategy, columns, market), columns, book, span=self.span, ending="marked")]

    def record(self, totals: Sequence[Total]) -> Record:
        """See `Task`."""
        total = totals[0]
        shape = shape_of(total.worth, total.start)
        told = None if shape is None else {name: getattr(shape, name) for name in SHAPE}
        return {"figures": figures_json(total.figures()), "shape": told, "open": total.open_trades}


class Bench:
    """Everything that is needed to try points: the task, and the candles of its pairs."""

    def __init__(self, task: Task, columns: Mapping[str, Columns]) -> None:
        self._task = task
        self._columns = dict(columns)
        self._maker = StrategyMaker(task.strategy)

    def evaluate(self, points: Sequence[Point]) -> list[Record]:
        """What comes of each point, in their order. Pair by pair, so that one pair's indicators are held at a time."""
        strategies = [self._made(point) for point in points]
        runs: list[dict[str, list[SpanRun]]] = [{} for _ in points]
        faults = [made if isinstance(made, str) else None for made in strategies]
        for pair in sorted(self._columns):
            for place, strategy in enumerate(strategies):
                if isinstance(strategy, str) or faults[place] is not None:
                    continue
                try:
                    runs[place][pair] = self._runs(strategy, pair)
                except QuorateError as error:
                    faults[place] = error.message[:FAULT_CHARS_MAX]
        return [
            self._task.record(_totals(each)) if fault is None else {"fault": fault}
            for each, fault in zip(runs, faults, strict=True)
        ]

    def _made(self, point: Point) -> Strategy | str:
        try:
            return self._maker.make(point)
        except BadParameters as error:
            return error.message[:FAULT_CHARS_MAX]

    def _runs(self, strategy: Strategy, pair: str) -> list[SpanRun]:
        columns, market = self._columns[pair], self._task.markets[pair]
        bars = columns.signal_bars(strategy.timeframe)
        if len(bars.memo) > READINGS_MAX:
            columns = self._columns[pair] = columns.forgetful()
        with faults_named(strategy, bars):
            book = orders_of(strategy, columns, market)
        fault = fault_of(strategy, columns, market, book)
        if fault is not None:
            raise StrategyFault(fault)
        return self._task.runs(strategy, columns, market, book)


def _totals(runs: Mapping[str, Sequence[SpanRun]]) -> list[Total]:
    count = len(next(iter(runs.values())))
    return [Total.of({pair: each[place] for pair, each in runs.items()}) for place in range(count)]


def identity_of(task: Task, columns: Mapping[str, Columns]) -> Identity:
    """Digests of everything that results follow from besides the point."""
    maker = StrategyMaker(task.strategy)
    candles = hashlib.sha256()
    for pair in sorted(columns):
        candles.update(f"{pair} {columns[pair].bars.timeframe} {task.markets[pair]!r}".encode())
        candles.update(columns[pair].tape.tobytes())
    costs = task.terms.costs
    assumed = (task.terms.conventions, replace(costs, off=frozenset()), sorted(costs.off), task.terms.sizing)
    told = json.dumps(asdict(maker.default.parameters), sort_keys=True, default=str)
    parts = {
        "candles": candles.hexdigest(),
        "code": _code_digest(maker.file),
        "strategy": f"{task.strategy.name} {_digest(told + repr(task.strategy.costs))}",
        "assumptions": _digest(repr(assumed)),
    }
    return Identity(task.identity.kind, {**parts, **task.identity.parts})


def _code_digest(own: Path | None) -> str:
    digest = hashlib.sha256(f"{version('numpy')} {version('ta-lib')}".encode())
    package = Path(quorate.__file__).parent
    files = sorted({path for pattern in CODE for path in package.glob(pattern)})
    for path in (*files, *([own] if own is not None else [])):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A point of a sweep and what came of it."""

    point: Point
    figures: Figures | None
    """None where the strategy failed there."""
    shape: Shape | None
    """None where its days do not vary."""
    fault: str | None = None

    @property
    def text(self) -> str:
        """The point's text."""
        return canonical(self.point)


def trial_of(text: str, record: Record) -> Trial:
    """A point of a sweep, read from what was written down."""
    point: Point = json.loads(text)
    if "fault" in record:
        return Trial(point=point, figures=None, shape=None, fault=record["fault"])
    told: dict[str, Any] | None = record["shape"]
    shape = None
    if told is not None:
        held: dict[str, Any] = {
            **told,
            "blocks": tuple((days, total, square) for days, total, square in told["blocks"]),
        }
        shape = Shape(**held)
    return Trial(point=point, figures=figures_from(record["figures"]), shape=shape)


def figures_json(figures: Figures) -> dict[str, float | str | None]:
    """Figures as JSON has them: null for NaN, and the word for infinity."""
    values = ((name, getattr(figures, name)) for name in FIGURES)
    return {name: None if isnan(value) else "inf" if value == inf else value for name, value in values}


def figures_from(told: Mapping[str, Any]) -> Figures:
    """The reverse of `figures_json`."""
    known: dict[str, Any] = {
        name: nan if value is None else inf if value == "inf" else value for name, value in told.items()
    }
    return Figures(**known)
