"""A sweep: a strategy at many points of its parameter space, and how much of the best one is luck.

Everything that was ever tried on the same candles with the same code stands in the same log and counts: whoever looks
at a hundred spaces and keeps the best has tried them all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isnan, nan

from quorate.domain.errors import BadInput
from quorate.research import assumptions
from quorate.research.figures import Objective, ranking
from quorate.research.findings import LookAhead
from quorate.research.lookahead import look_ahead
from quorate.research.luck import Deflated, Overfitting, deflated_sharpe, overfitting
from quorate.research.materials import Materials
from quorate.research.pools import Pool
from quorate.research.search import Method, search_of
from quorate.research.space import Space
from quorate.research.spans import Span, Terms
from quorate.research.trial_log import TrialLog
from quorate.research.trials import Record, StrategyMaker, StrategySpec, SweepTask, Trial, trial_of
from quorate.research.trying import Told, Tried, Trying

LUCK_MAX = 0.05
"""Probability of luck over which a result is not called better than luck."""
OVERFIT_MAX = 0.5
"""Probability of overfitting over which choosing the best is not called worth anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How points are looked for, and by what the best one is chosen."""

    space: Space
    method: Method = "grid"
    points: int | None = None
    """How many; a grid has its own number."""
    seed: int = 7
    objective: Objective = "expectancy"
    min_trades: int = 30
    """Points with fewer closed trades are not ranked."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sweep:
    """What is swept: a strategy on materials, under terms."""

    strategy: StrategySpec
    materials: Materials
    terms: Terms
    choice: Choice

    @property
    def task(self) -> SweepTask:
        """What is done at every point."""
        # Decisions later than the start count, as in a backtest.
        span = Span(self.materials.start_ms + 1, self.materials.end_ms)
        return SweepTask(strategy=self.strategy, markets=self.materials.markets, terms=self.terms, span=span)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SweepResult:
    """What a sweep has come to."""

    sweep: Sweep
    trials: tuple[Trial, ...]
    """The best first; those that cannot be ranked last. The points of this sweep alone."""
    best: Trial | None
    """None where no point has enough trades."""
    deflated: Deflated | None
    """None where it cannot be told."""
    overfitting: Overfitting | None
    look_ahead: LookAhead | None
    """Of the strategy at the best point."""
    tried: int
    """Every point that the log knows, whichever sweep it was tried in."""
    recalled: int
    """Points of this sweep that were in the log when it began."""
    total: int
    complete: bool

    @property
    def failed(self) -> tuple[Trial, ...]:
        """Points at which the strategy failed."""
        return tuple(trial for trial in self.trials if trial.fault is not None)

    @property
    def costs(self) -> Mapping[str, str]:
        """Every part of the cost model in words."""
        return assumptions.costs_told(self.sweep.terms.costs, self.sweep.materials)

    @property
    def conventions(self) -> Mapping[str, str]:
        """How candles were read and positions sized, in words."""
        return assumptions.conventions_told(self.sweep.terms, self.sweep.materials)

    @property
    def estimated(self) -> tuple[str, ...]:
        """What was modelled and not measured."""
        return estimated_of(self.sweep.materials, self.sweep.terms)

    @property
    def verdict(self) -> str:
        """What is to be thought of the best one, in a sentence."""
        if self.best is None:
            return f"No point has the {self.sweep.choice.min_trades} trades that it takes to be ranked."
        if self.look_ahead is not None and self.look_ahead.verdict == "found":
            return self.look_ahead.sentence
        return verdict(self.best, self.deflated, self.overfitting)


def estimated_of(materials: Materials, terms: Terms) -> tuple[str, ...]:
    """What runs on these materials model instead of measuring."""
    named = [name for pair in materials.pairs for name in materials.markets[pair].estimated]
    modelled = ["queue"] if terms.costs.on("queue") else []
    modelled += ["slippage"] if terms.costs.on("slippage") else []
    return tuple(dict.fromkeys((*named, *modelled)))


def verdict(best: Trial, deflated: Deflated | None, cross: Overfitting | None) -> str:
    """Whether the best one beats luck, said plainly."""
    net = nan if best.figures is None else best.figures.net_return
    if not net > 0:
        return "The best point loses money: there is nothing here to trade."
    if deflated is None or isnan(deflated.luck):
        return "Whether the best point is luck cannot be told: there are too few days."
    told = f"the probability that it is luck is {100 * deflated.luck:.0f} % after {deflated.tries:,} tries"
    if deflated.luck > LUCK_MAX:
        return f"The best point does not beat luck: {told}."
    if cross is not None and cross.probability > OVERFIT_MAX:
        share = f"{100 * cross.probability:.0f} %"
        return f"Choosing the best does not carry over: in {share} of the splits it is below average in the other half."
    return f"The best point stands out from luck: {told}. It has yet to meet candles it was not chosen on."


def run_sweep(sweep: Sweep, pool: Pool, log: TrialLog, *, told: Told, stop: Callable[[], bool]) -> SweepResult:
    """Try every point and tell what came of them. BadSpace, Unavailable where workers die or nothing can be written."""
    choice = sweep.choice
    search = search_of(choice.method, choice.space, points=choice.points, seed=choice.seed)
    if search.total < 1:
        raise BadInput("There is no point to try.", hint="Ask for at least one.")
    trying = Trying(pool, log, value=lambda record: _value(record, choice), stop=stop, told=told)
    return _result(sweep, trying.run(search), log)


def _value(record: Record, choice: Choice) -> float | None:
    trial = trial_of("{}", record)
    return None if trial.figures is None else trial.figures.objective(choice.objective, choice.min_trades)


def _result(sweep: Sweep, tried: Tried, log: TrialLog) -> SweepResult:
    choice = sweep.choice
    every = {text: trial_of(text, record) for text, record in log.records.items()}
    mine = [every[text] for text in tried.texts]
    values = [nan if t.figures is None else t.figures.objective(choice.objective, choice.min_trades) for t in mine]
    order = ranking(values, tried.texts)
    best = mine[order[0]] if order and not isnan(values[order[0]]) else None
    deflated = None
    if best is not None and best.shape is not None:
        others = [trial.shape.daily_sharpe for trial in every.values() if trial.shape is not None]
        deflated = deflated_sharpe(best.shape, others, len(every))
    ranked = [t.shape for t, value in zip(mine, values, strict=True) if t.shape is not None and not isnan(value)]
    seen = None
    if best is not None and tried.complete:
        seen, _ = look_ahead([StrategyMaker(sweep.strategy).make(best.point)], sweep.materials)
    return SweepResult(
        sweep=sweep,
        trials=tuple(mine[place] for place in order),
        best=best,
        deflated=deflated,
        overfitting=overfitting(ranked),
        look_ahead=seen,
        tried=len(every),
        recalled=tried.recalled,
        total=tried.total,
        complete=tried.complete,
    )
