"""Walk-forward: parameters are chosen on one stretch of time, applied to the next, and so on; only the next counts.

What is stitched together is what somebody would have had who chose again and again without knowing what came after. It
is held against those who choose their parameters at random, and against what the choosing promised.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import pairwise
from math import isnan, nan

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.money import MONEY_STEP
from quorate.kernel.bars import FloatArray
from quorate.research import assumptions
from quorate.research.columns import Columns
from quorate.research.figures import Figures, figures_of, ranking, shape_of
from quorate.research.findings import LookAhead
from quorate.research.lookahead import look_ahead
from quorate.research.luck import Deflated, deflated_sharpe
from quorate.research.materials import Materials
from quorate.research.orders import OrderBook, orders_of
from quorate.research.pools import Pool
from quorate.research.result import Curve
from quorate.research.search import search_of
from quorate.research.space import Point, Value
from quorate.research.spans import Span, SpanRun, Terms, Total, run_span, run_whole, view_of
from quorate.research.sweep import Choice, estimated_of
from quorate.research.trial_log import Identity, TrialLog
from quorate.research.trials import Record, StrategyMaker, StrategySpec, figures_from, figures_json
from quorate.research.trying import Told, Tried, Trying
from quorate.research.windows import Window

RANDOM_CHOOSERS = 2_000
PERCENTILE_MIN = 95.0
"""Share of the random choosers, in percent, that has to be beaten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkTask:
    """Each point is run over both spans of every window, each run by itself on equity of its own.

    Choosing leaves out a trade that is open at its end; applying sends it out at the last close.
    """

    strategy: StrategySpec
    markets: Mapping[str, Market]
    terms: Terms
    windows: tuple[Window, ...]

    @property
    def identity(self) -> Identity:
        """See `Task`."""
        return Identity("walk-forward", {"windows": repr([asdict(window) for window in self.windows])})

    def runs(self, strategy: Strategy, columns: Columns, market: Market, book: OrderBook) -> list[SpanRun]:
        """See `Task`: all the choosing, then all the applying."""
        insides = [window.inside for window in self.windows]
        conditions = self.terms.on(strategy, columns, market)
        told = partial(run_span, conditions, columns, book)
        if len({span.start_ms for span in insides}) == 1:
            # They begin alike: a purged run's beginning is the purged run up to there, so the longest tells all.
            whole = run_whole(conditions, columns, book, span=insides[-1], ending="purged")
            chosen = [view_of(whole, span, "purged") for span in insides]
        else:
            chosen = [told(span=span, ending="purged") for span in insides]
        return chosen + [told(span=window.outside, ending="closed") for window in self.windows]

    def record(self, totals: Sequence[Total]) -> Record:
        """See `Task`."""
        half = len(totals) // 2
        figures = [figures_json(total.figures()) for total in totals]
        return {"inside": figures[:half], "outside": figures[half:]}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Walk:
    """What is walked: a strategy on materials, under terms, through windows."""

    strategy: StrategySpec
    materials: Materials
    terms: Terms
    choice: Choice
    windows: tuple[Window, ...]

    @property
    def task(self) -> WalkTask:
        """What is done at every point."""
        return WalkTask(strategy=self.strategy, markets=self.materials.markets, terms=self.terms, windows=self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One window: what was chosen, what it promised, and what came of it."""

    window: Window
    point: Point | None
    """None where no point had enough trades: nothing was traded."""
    inside: Figures | None
    outside: Figures | None
    """Applied on what was left of the equity by then."""
    rank: float
    """Share of the other points that it beat where it was applied, by the objective; 0.5 is no better than any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How a parameter moved from window to window."""

    name: str
    values: tuple[Value | None, ...]
    """One for each window."""
    different: int
    moved: float
    """Mean step from window to window as a share of the axis; of values without order, the share that changed."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WalkResult:
    """What a walk-forward has come to."""

    walk: Walk
    steps: tuple[Step, ...]
    stitched: Figures
    """Of everything that was applied, one equity through."""
    curve: Curve
    """The stitched equity at the ends of days."""
    efficiency: float
    """Annualised return of the applying over that of the choosing (R. Pardo); NaN where choosing promised nothing."""
    stability: tuple[Stability, ...]
    random: FloatArray
    """Net return of each of those who chose their parameters at random, sorted."""
    chained: float
    """Net return of the choices counted as the random ones are: each window on the starting equity, multiplied."""
    percentile: float
    """Share of the random choosers that it beat, in percent."""
    sharpe: Deflated | None
    """Of the stitched days against zero: nothing was chosen on them."""
    look_ahead: LookAhead | None
    tried: int
    failed: Mapping[str, str]
    """Points at which the strategy failed, by their texts, and why."""
    recalled: int
    total: int
    complete: bool

    @property
    def costs(self) -> Mapping[str, str]:
        """Every part of the cost model in words."""
        return assumptions.costs_told(self.walk.terms.costs, self.walk.materials)

    @property
    def conventions(self) -> Mapping[str, str]:
        """How candles were read and positions sized, in words."""
        return assumptions.conventions_told(self.walk.terms, self.walk.materials)

    @property
    def estimated(self) -> tuple[str, ...]:
        """What was modelled and not measured."""
        return estimated_of(self.walk.materials, self.walk.terms)

    @property
    def verdict(self) -> str:
        """What is to be thought of it, in a sentence."""
        if self.look_ahead is not None and self.look_ahead.verdict == "found":
            return self.look_ahead.sentence
        if not self.stitched.trades:
            return "Nothing was traded where it counts."
        if not self.stitched.net_return > 0:
            return "It loses money where it counts: what was chosen did not carry over."
        if not self.percentile >= PERCENTILE_MIN:
            told = f"it beats {self.percentile:.0f} % of those who choose at random"
            return f"Choosing the parameters does not beat luck: {told}."
        return f"Choosing the parameters beats {self.percentile:.0f} % of those who choose at random."


def run_walk(walk: Walk, pool: Pool, log: TrialLog, *, told: Told, stop: Callable[[], bool]) -> WalkResult | Tried:
    """Try every point in every window, choose, and apply; what was tried, where it was stopped first.

    BadSpace, BadInput, Unavailable where workers die or nothing can be written.
    """
    choice = walk.choice
    if choice.method == "tpe":
        # An estimator led by one figure would have seen every window, those to come included.
        raise BadInput("A walk-forward tries the same points in every window.", hint="Choose --method grid or sobol.")
    search = search_of(choice.method, choice.space, points=choice.points, seed=choice.seed)
    tried = Trying(pool, log, value=lambda _: nan, stop=stop, told=told).run(search)
    return _Chooser(walk, tried, log).result() if tried.complete else tried


class _Chooser:
    """Chooses and applies, once everything has been tried."""

    def __init__(self, walk: Walk, tried: Tried, log: TrialLog) -> None:
        self._walk = walk
        self._tried = tried
        self._maker = StrategyMaker(walk.strategy)
        held = {text: log.records[text] for text in tried.texts}
        self._failed = {text: str(one["fault"]) for text, one in held.items() if "fault" in one}
        self._texts = [text for text in tried.texts if text not in self._failed]
        self._points = dict(zip(tried.texts, _points(tried.texts), strict=True))
        self._inside = [[figures_from(told) for told in held[text]["inside"]] for text in self._texts]
        self._outside = [[figures_from(told) for told in held[text]["outside"]] for text in self._texts]
        self._tries = len(log.records)

    def result(self) -> WalkResult:
        chosen = [self._chosen(place) for place in range(len(self._walk.windows))]
        steps, runs = self._applied(chosen)
        worth = np.concatenate([run.worth for run in runs])
        r, pnl = np.concatenate([run.r for run in runs]), np.concatenate([run.pnl for run in runs])
        start = runs[0].start
        outsides = [window.outside for window in self._walk.windows]
        at_ms = np.concatenate([[outsides[0].start_ms], *(span.days() for span in outsides)])
        random, chained = self._at_random(chosen)
        shape = shape_of(worth, start)
        return WalkResult(
            walk=self._walk,
            steps=steps,
            stitched=figures_of(r, pnl, worth, start),
            curve=Curve(at_ms, np.append(start, worth)),
            efficiency=_efficiency(steps),
            stability=tuple(self._stability(place, chosen) for place in range(len(self._walk.choice.space.axes))),
            random=random,
            chained=chained,
            percentile=100.0 * float((random < chained).mean()) if len(random) else nan,
            sharpe=None if shape is None else deflated_sharpe(shape, (), 1),
            look_ahead=self._looked(chosen),
            tried=self._tries,
            failed=self._failed,
            recalled=self._tried.recalled,
            total=self._tried.total,
            complete=True,
        )

    def _chosen(self, place: int) -> str | None:
        """The point with the best objective where window `place` chooses; None where none has enough trades."""
        choice = self._walk.choice
        values = [figures[place].objective(choice.objective, choice.min_trades) for figures in self._inside]
        order = ranking(values, self._texts)
        return self._texts[order[0]] if order and not isnan(values[order[0]]) else None

    def _applied(self, chosen: Sequence[str | None]) -> tuple[tuple[Step, ...], list[Total]]:
        """Every window traded with its choice, on what the one before left."""
        held = dict.fromkeys(self._walk.materials.pairs, self._walk.terms.sizing.start_equity)
        steps: list[Step] = []
        runs: list[Total] = []
        for place, (window, text) in enumerate(zip(self._walk.windows, chosen, strict=True)):
            total = self._apply(window.outside, text, held)
            runs.append(total)
            at = None if text is None else self._texts.index(text)
            steps.append(
                Step(
                    window=window,
                    point=None if text is None else self._points[text],
                    inside=None if at is None else self._inside[at][place],
                    outside=total.figures(),
                    rank=nan if at is None else self._rank(at, place),
                )
            )
        return tuple(steps), runs

    def _apply(self, span: Span, text: str | None, held: dict[str, Decimal]) -> Total:
        """Trade a span with a choice; `held` is every pair's equity, before and after."""
        runs: dict[str, SpanRun] = {}
        for pair, equity in held.items():
            columns, market = self._walk.materials.columns[pair], self._walk.materials.markets[pair]
            if text is None or equity <= 0:
                runs[pair] = _idle(span, equity)
                continue
            strategy = self._maker.make(self._points[text])
            terms = replace(self._walk.terms, sizing=replace(self._walk.terms.sizing, start_equity=equity))
            book = orders_of(strategy, columns, market)
            conditions = terms.on(strategy, columns, market)
            runs[pair] = run_span(conditions, columns, book, span=span, ending="closed")
            held[pair] = runs[pair].cash * MONEY_STEP
        return Total.of(runs)

    def _rank(self, at: int, place: int) -> float:
        """Share of the other points that a point beat where window `place` applies; equals count half."""
        values = [figures[place].objective(self._walk.choice.objective, 0) for figures in self._outside]
        its = values.pop(at)
        others = np.array([value for value in values if not isnan(value)])
        if isnan(its) or not len(others):
            return nan
        return float((others < its).mean() + (others == its).mean() / 2.0)

    def _at_random(self, chosen: Sequence[str | None]) -> tuple[FloatArray, float]:
        """Net returns of those who choose at random, sorted, and of the choice counted in the same way."""
        if not self._texts:
            return np.empty(0), nan
        grown = 1.0 + np.array([[figures.net_return for figures in each] for each in self._outside])
        places = np.arange(len(self._walk.windows))
        generator = np.random.default_rng(self._walk.choice.seed)
        drawn = generator.integers(0, len(grown), (RANDOM_CHOOSERS, len(places)))
        ours = [1.0 if text is None else grown[self._texts.index(text), at] for at, text in enumerate(chosen)]
        return np.sort(grown[drawn, places].prod(axis=1) - 1.0), float(np.prod(ours)) - 1.0

    def _stability(self, place: int, chosen: Sequence[str | None]) -> Stability:
        axis = self._walk.choice.space.axes[place]
        values = [None if text is None else self._points[text][axis.name] for text in chosen]
        there = [value for value in values if value is not None]
        numbers = [value for value in axis.values or (axis.low, axis.high) if not isinstance(value, str)]
        width = float(max(numbers)) - float(min(numbers)) if numbers else 0.0
        steps = [
            abs(float(b) - float(a)) / width
            if width and not isinstance(a, str) and not isinstance(b, str)
            else float(a != b)
            for a, b in pairwise(there)
        ]
        return Stability(
            name=axis.name,
            values=tuple(values),
            different=len(set(there)),
            moved=float(np.mean(steps)) if steps else nan,
        )

    def _looked(self, chosen: Sequence[str | None]) -> LookAhead | None:
        """Whether what was chosen looks ahead."""
        texts = sorted({text for text in chosen if text is not None})
        if not texts:
            return None
        found, _ = look_ahead([self._maker.make(self._points[text]) for text in texts], self._walk.materials)
        return found


def _idle(span: Span, equity: Decimal) -> SpanRun:
    """Nothing done over a span."""
    none, worth = np.empty(0), np.full(len(span.days()), float(equity))
    cash = int(equity / MONEY_STEP)
    return SpanRun(
        span=span, r=none, pnl=none, worth=worth, start=float(equity), final=float(equity), open_trades=0, cash=cash
    )


def _efficiency(steps: Sequence[Step]) -> float:
    pairs = [(step.inside, step.outside, step.window) for step in steps]
    inside = sum(one.net_return / window.inside.years() for one, _, window in pairs if one is not None)
    outside = sum(one.net_return / window.outside.years() for first, one, window in pairs if first and one)
    return outside / inside if inside > 0 else nan


def _points(texts: Sequence[str]) -> list[Point]:
    return [json.loads(text) for text in texts]
