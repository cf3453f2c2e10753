"""All that can be found out about one backtest: its figures, how sure they are, and whether luck does as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quorate.research import metrics
from quorate.research.backtesting import TOTAL, Tested
from quorate.research.baselines import BEATS_LUCK_PERCENT, chance_baselines, held_baselines
from quorate.research.chance import TRADERS
from quorate.research.conventions import RunCosts
from quorate.research.findings import Baseline, Bounds, Findings, LookAhead, Verdict
from quorate.research.lookahead import SAMPLES, look_ahead
from quorate.research.resampling import intervals, other_orders
from quorate.research.verify import DEFLATED_MIN, TRADES_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to look into."""

    baselines: bool = True
    """Luck, holding, intervals and other orders of the results: a matter of seconds."""
    samples: int = SAMPLES
    """Bars that the prefix test looks at (`lookahead.look_ahead`)."""
    traders: int = TRADERS


def examine(tested: Tested, costs: RunCosts, wanted: Wanted) -> tuple[Tested, Findings]:
    """The findings about a backtest; and the backtest, with what the prefix test warns of. Raises `StrategyFault`."""
    found, drifts = look_ahead(tested.strategies, tested.materials, samples=wanted.samples)
    backtest = tested.backtest
    accused = (found.sentence, *found.offences) if found.verdict == "found" else ()
    backtest = replace(backtest, warnings=(*accused, *drifts, *backtest.warnings))
    tested = replace(tested, backtest=backtest)
    figures = metrics.figures(backtest)
    if not wanted.baselines:
        return tested, Findings(figures=figures, look_ahead=found, verdict=_accused(found))
    bounds = intervals(backtest, backtest.curves[TOTAL])
    baselines = (*held_baselines(tested, costs), *chance_baselines(tested, traders=wanted.traders))
    findings = Findings(
        figures=figures,
        intervals=bounds,
        baselines=baselines,
        look_ahead=found,
        monte_carlo=other_orders(backtest),
    )
    return tested, replace(findings, verdict=_accused(found) or verdict(tested, findings))


def _accused(found: LookAhead) -> Verdict | None:
    if found.verdict != "found":
        return None
    return Verdict(headline=found.sentence, tone="against", sentences=found.offences)


def verdict(tested: Tested, findings: Findings) -> Verdict:
    """What to think of a backtest that does not look ahead, from its findings."""
    backtest = tested.backtest
    if not backtest.trades:
        return Verdict(headline="It made no trade: nothing is known of it.", tone="unproven")
    said = [each.sentence for each in findings.baselines]
    mean = findings.figure("expectancy_r")
    made = float(mean.value) if mean is not None and mean.value is not None else 0.0
    if made <= 0:
        return Verdict(
            headline=f"It loses money: {made:+.3f} R a trade after costs.", tone="against", sentences=tuple(said)
        )
    doubts = _doubts(backtest.strategies, findings, trades=len(backtest.trades))
    if doubts:
        return Verdict(headline=f"Not proven: {doubts[0]}", tone="unproven", sentences=(*doubts[1:], *said))
    headline = f"It made {made:+.3f} R a trade and beats luck on these candles; the next market is another one."
    return Verdict(headline=headline, tone="promising", sentences=tuple(said))


def _doubts(strategies: Sequence[str], findings: Findings, *, trades: int) -> list[str]:
    found: list[str] = []
    random = [each for each in findings.baselines if each.name.startswith("random_entry:")]
    found += [each.sentence for each in random if (each.percentile or 0.0) < BEATS_LUCK_PERCENT]
    if len(random) < len(strategies):
        found.append("it was not compared with random entry on every strategy (--engine compiled does that).")
    if trades < TRADES_MIN:
        found.append(f"{trades} trades are fewer than the {TRADES_MIN} that say anything.")
    if (bounds := findings.interval("expectancy_r")) is not None and _spans_zero(bounds):
        found.append("the interval of its mean R holds zero: chance alone may explain it.")
    deflated = findings.figure("deflated_sharpe")
    if deflated is None or deflated.value is None or deflated.value <= DEFLATED_MIN:
        found.append(f"its deflated Sharpe ratio is not over {DEFLATED_MIN}.")
    if (held := _named(findings.baselines, "buy_and_hold_sharpe")) is not None and not _ahead(held):
        found.append(held.sentence)
    return found


def _spans_zero(bounds: Bounds) -> bool:
    return bounds.low is None or not bounds.low > 0


def _named(baselines: Sequence[Baseline], name: str) -> Baseline | None:
    return next((each for each in baselines if each.name == name), None)


def _ahead(baseline: Baseline) -> bool:
    return baseline.value is not None and all(baseline.value > one for one in baseline.distribution)
