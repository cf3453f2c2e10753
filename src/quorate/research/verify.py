"""The questions that a strategy has to answer before anybody trades it, each with pass or fail and the reason.

That a strategy passes them all on some candles proves nothing about others; that it fails one is a reason to stop.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isnan, nan

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.policy import Costs
from quorate.kernel.bars import FloatArray
from quorate.kernel.statistics import sharpe, sharpe_difference
from quorate.research import metrics
from quorate.research.backtesting import TOTAL, Monotonic, Step, Tested, backtest_legs
from quorate.research.baselines import BEATS_LUCK_PERCENT, own_r, percent_beaten
from quorate.research.chance import TRADERS, random_entries
from quorate.research.conventions import RunCosts
from quorate.research.findings import LookAhead
from quorate.research.folds import FOLDS, Degradation, degradation, purged_folds
from quorate.research.held import HeldCosts, held_curve
from quorate.research.legs import Leg
from quorate.research.lookahead import look_ahead
from quorate.research.materials import Materials
from quorate.research.resampling import DAYS_A_YEAR, SEED, daily_returns
from quorate.research.result import Backtest, ClosedTrade
from quorate.research.spans import DAY_MS, Terms

TRADES_MIN = 100
DAYS_MIN = 30
"""Days on which trades closed: those of one day share its market."""
COST_FACTOR = Decimal("1.5")
DEFLATED_MIN = 0.95
FOLDS_POSITIVE_SHARE = 0.6
OUTSIDE_SHARE_MIN = 0.5
"""What is left outside has to be at least this share of what was made inside."""
SAMPLES = 100
"""Bars of each strategy and pair that the prefix test looks at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """How hard to look."""

    samples: int = SAMPLES
    """See `lookahead.look_ahead`."""
    traders: int = TRADERS
    folds: int = FOLDS
    tries: int = 1
    """How many variants were tried to come to this one: raises the bar of the deflated Sharpe ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question, answered."""

    name: str
    label: str
    passed: bool
    reason: str
    """One sentence with the numbers."""
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All questions about one strategy."""

    strategy: str
    checks: tuple[Check, ...]
    trades: int
    mean_r: float
    beaten: float
    """Share of random traders it beat, in percent."""
    net_return: float
    digest: str
    """Of the backtest that was looked at."""

    @property
    def passed(self) -> bool:
        """Whether every check was passed."""
        return all(check.passed for check in self.checks)

    @property
    def sentence(self) -> str:
        """What to think of it, plainly."""
        failed = [check.label for check in self.checks if not check.passed]
        if not failed:
            return (
                f"{self.strategy} passed all {len(self.checks)} checks on these candles. That is a reason to go on to"
                " paper days, not a proof: the next market is another one."
            )
        if not self.trades:
            return f"{self.strategy} made no trade here: nothing is known of it."
        if any(check.name == "look_ahead" for check in self.checks if not check.passed):
            return f"{self.strategy} looks ahead: none of its results can be believed."
        skilled = self.beaten >= BEATS_LUCK_PERCENT
        if self.mean_r > 0:
            made = (
                f"{self.strategy} made {self.mean_r:.3f} R a trade and {'beats' if skilled else 'does not beat'} luck"
            )
        else:
            picks = (
                "it picks its moments better than luck, and costs take more than that"
                if skilled
                else "it does not beat luck"
            )
            made = f"{self.strategy} lost {-self.mean_r:.3f} R a trade: {picks}"
        return f"{made}. It failed {len(failed)} of {len(self.checks)} checks: {', '.join(failed)}."


def verify(
    strategy: Strategy,
    materials: Materials,
    terms: Terms,
    examination: Examination,
    *,
    monotonic: Monotonic,
    step: Step,
) -> Verification:
    """Ask everything about one strategy on these candles. Raises `StrategyFault`, BadInput."""
    tested = backtest_legs([strategy], materials, terms, monotonic=monotonic, step=step)
    found, drifts = look_ahead([strategy], materials, samples=examination.samples)
    trades = tested.backtest.trades
    chance = random_entries(tested.legs, traders=examination.traders)
    mean_r = float(own_r(tested.legs).mean()) if trades else nan
    beaten = percent_beaten(mean_r, chance.mean_r)
    curve = tested.backtest.curves[TOTAL]
    checks = (
        _no_look_ahead(found),
        _memory(drifts),
        _enough(trades),
        _beats_random(mean_r, chance.mean_r, beaten),
        _beats_held(tested, terms.costs),
        _survives(tested.legs, terms.costs),
        _no_single_trade(trades),
        _no_single_month(trades),
        _deflated(tested.backtest, examination.tries),
        _stable(degradation(trades, purged_folds(materials.start_ms, materials.end_ms, folds=examination.folds))),
    )
    return Verification(
        strategy=strategy.name,
        checks=checks,
        trades=len(trades),
        mean_r=mean_r,
        beaten=beaten,
        net_return=float(curve.equity[-1] / curve.equity[0]) - 1.0,
        digest=tested.backtest.digest,
    )


def _no_look_ahead(found: LookAhead) -> Check:
    reason = found.offences[0] + "." if found.offences else found.sentence
    return Check(name="look_ahead", label="no look-ahead", passed=found.verdict == "clean", reason=reason)


def _memory(drifts: tuple[str, ...]) -> Check:
    reason = drifts[0] if drifts else "The last 1,000 bars say what the whole column says."
    return Check(name="warm_up", label="memory within the window", passed=not drifts, reason=reason)


def _enough(trades: tuple[ClosedTrade, ...]) -> Check:
    days = len({trade.closed_ms // DAY_MS for trade in trades})
    return Check(
        name="enough_trades",
        label="enough trades",
        passed=len(trades) >= TRADES_MIN and days >= DAYS_MIN,
        reason=f"{len(trades):,} trades on {days} days; {TRADES_MIN} on {DAYS_MIN} are the least that say anything.",
        value=float(len(trades)),
        limit=float(TRADES_MIN),
    )


def _beats_random(mean_r: float, theirs: FloatArray, beaten: float) -> Check:
    if isnan(beaten):
        return Check(
            name="beats_random", label="beats random entry", passed=False, reason="There is nothing to compare."
        )
    return Check(
        name="beats_random",
        label="beats random entry",
        passed=beaten >= BEATS_LUCK_PERCENT,
        reason=(
            f"{mean_r:+.3f} R a trade is better than {beaten:.1f} % of {len(theirs)} traders who enter at random with"
            f" its exits and costs (their median: {float(np.nanmedian(theirs)):+.3f} R)."
        ),
        value=beaten,
        limit=BEATS_LUCK_PERCENT,
    )


def _beats_held(tested: Tested, costs: RunCosts) -> Check:
    own = daily_returns(tested.backtest.curves[TOTAL])
    held_costs, start = HeldCosts.of(tested.materials, costs), float(tested.backtest.start_equity)
    held = daily_returns(held_curve(tested.materials, held_costs, start=start, rebalanced="never"))
    ours, theirs = (sharpe(returns, periods_a_year=DAYS_A_YEAR) for returns in (own, held))
    label = "beats holding, for its risk"
    if isnan(ours) or isnan(theirs) or len(own) != len(held):
        return Check(name="beats_held", label=label, passed=False, reason="A Sharpe ratio cannot be told.")
    generator = np.random.default_rng(SEED)
    bounds = sharpe_difference(own, held, periods_a_year=DAYS_A_YEAR, generator=generator)
    return Check(
        name="beats_held",
        label=label,
        passed=ours > max(theirs, 0.0),
        reason=(
            f"Sharpe ratio {ours:.2f} against {theirs:.2f} of equal parts bought and held; the difference lies between"
            f" {bounds.low:.2f} and {bounds.high:.2f} (95 %)."
        ),
        value=ours,
        limit=max(theirs, 0.0),
    )


def _survives(legs: tuple[Leg, ...], costs: RunCosts) -> Check:
    dearer = dearer_costs(costs, COST_FACTOR)
    pnl, before = 0.0, 0.0
    for leg in legs:
        market = replace(leg.market, spread_ppm=round(leg.market.spread_ppm * COST_FACTOR))
        pnl += float(leg.with_costs(dearer, market).result.pnl.sum())
        before += float(leg.result.pnl.sum())
    return Check(
        name="survives_costs",
        label=f"survives {COST_FACTOR} × costs",
        passed=pnl > 0,
        reason=f"At {COST_FACTOR} times the fees, spread and slippage it makes {pnl:+,.0f} instead of {before:+,.0f}.",
        value=pnl,
        limit=0.0,
    )


def dearer_costs(costs: RunCosts, factor: Decimal) -> RunCosts:
    """The same costs with fees, slippage and impact so many times as high. The spread is the market's."""
    rates = costs.rates
    names = ("maker_fee_ppm", "taker_fee_ppm", "slippage_ppm", "liquidation_fee_ppm")
    scaled: dict[str, int] = {name: round(getattr(rates, name) * factor) for name in names}
    made: Costs = replace(rates, **scaled)
    return replace(costs, rates=made, impact=costs.impact * factor)


def _no_single_trade(trades: tuple[ClosedTrade, ...]) -> Check:
    total = float(sum(trade.pnl for trade in trades))
    best = float(max((trade.pnl for trade in trades), default=Decimal(0)))
    return _without("no_single_trade", "no single trade makes it all", total, best, "the best trade")


def _no_single_month(trades: tuple[ClosedTrade, ...]) -> Check:
    months: dict[str, Decimal] = defaultdict(Decimal)
    for trade in trades:
        months[str(np.datetime64(trade.closed_ms, "ms"))[:7]] += trade.pnl
    total, best = float(sum(months.values())), float(max(months.values(), default=Decimal(0)))
    return _without("no_single_month", "no single month makes it all", total, best, "the best month")


def _without(name: str, label: str, total: float, best: float, what: str) -> Check:
    left = total - max(best, 0.0)
    reason = f"Without {what} ({best:+,.0f}) the {total:+,.0f} of all would be {left:+,.0f}."
    return Check(name=name, label=label, passed=total > 0 and left > 0, reason=reason, value=left, limit=0.0)


def _deflated(backtest: Backtest, tries: int) -> Check:
    label, name = "deflated Sharpe ratio", "deflated_sharpe"
    figures = {figure.name: figure for figure in metrics.figures(replace(backtest, variants_tried=tries))}
    sure = figures[name].value
    if sure is None:
        return Check(name=name, label=label, passed=False, reason="Too few days to tell.")
    tried = "one variant" if tries == 1 else f"the best of {tries:,} variants"
    return Check(
        name=name,
        label=label,
        passed=sure > DEFLATED_MIN,
        reason=(
            f"As {tried}, its true Sharpe ratio is over that of luck with a probability of {float(sure):.3f};"
            f" {DEFLATED_MIN} is wanted ({figures[name].basis})."
        ),
        value=float(sure),
        limit=DEFLATED_MIN,
    )


def _stable(found: Degradation) -> Check:
    label, name = "stable over folds", "stable_folds"
    known = [mean for mean in found.outside_r if not isnan(mean)]
    inside = [mean for mean in found.inside_r if not isnan(mean)]
    if not known or not inside:
        return Check(name=name, label=label, passed=False, reason="Too few trades to fold.")
    within, without = float(np.mean(inside)), float(np.mean(known))
    kept = without > 0 and without >= OUTSIDE_SHARE_MIN * within
    told = ", ".join("–" if isnan(mean) else f"{mean:+.2f}" for mean in found.outside_r)
    return Check(
        name=name,
        label=label,
        passed=found.positive >= FOLDS_POSITIVE_SHARE * len(found.folds) and kept,
        reason=(
            f"{found.positive} of {len(found.folds)} later spans made money ({told} R a trade); on average"
            f" {within:+.3f} R before and {without:+.3f} R after, with a gap between."
        ),
        value=without,
        limit=OUTSIDE_SHARE_MIN * within,
    )
