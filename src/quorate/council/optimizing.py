"""What the optimizer makes of closed trades (RULES section 9): a proposal for the next version of its configuration.

Pure functions of what is handed in, in Decimal with a context of their own: the same trades give the same version on
every machine. A value moves only where a trade has closed since the version in force: running the optimizer twice on
the same evidence is running it once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext

from quorate.council.evidence import (
    NORMAL,
    VALUE_STEP,
    Closed,
    Measure,
    Span,
    Weighed,
    expectancy_span,
    measure,
    tanh,
    weigh,
)
from quorate.domain.money import ARITHMETIC, ZERO, plain
from quorate.domain.optimization import OPTIMIZER, Adjustment, Optimization, base_of
from quorate.domain.policy import OptimizerPolicy
from quorate.domain.votes import Regime

OPEN, BLOCKED = Decimal(1), Decimal(0)
SHOWN_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything a run of the optimizer looks at."""

    at_ms: int
    panel: tuple[str, ...]
    """Analysts of the council."""
    results: Mapping[str, Sequence[Closed]]
    """analyst -> closed shadow trades of its present record."""
    trades: Mapping[str, Sequence[Closed]]
    """portfolio -> its own closed trades; every portfolio has an entry."""
    settings: Mapping[str, Decimal]
    """portfolio -> base of its sizing chain as the settings say."""
    limits_hit: frozenset[str]
    """Portfolios whose daily or weekly loss limit was tripped at any time since the version in force began."""
    weights: Mapping[str, Decimal]
    """analyst -> weight in force; 1 where absent, as after a record began anew."""
    standing: Optimization
    """The version in force."""


def propose(evidence: Evidence, policy: OptimizerPolicy) -> Optimization:
    """The next version, with every value that was looked at; it may say the same as the one in force (`differs`)."""
    standing, at_ms = evidence.standing, evidence.at_ms
    panel = sorted(set(evidence.panel))
    with localcontext(ARITHMETIC):
        windows = [weigh(evidence.results.get(name, ()), at_ms=at_ms, policy=policy) for name in panel]
        analysts = [_weight(name, window, evidence, policy) for name, window in zip(panel, windows, strict=True)]
        portfolios = [_base(name, evidence, policy) for name in sorted(evidence.trades)]
        regimes = _regimes([each for window in windows for each in window], evidence, policy)
    weights = {**evidence.weights, **{_name(each): each.after for each in analysts}}
    factors = {**dict(standing.base_factors), **{_name(each): each.after for each in portfolios}}
    return Optimization(
        version=standing.version + 1,
        at_ms=at_ms,
        by=OPTIMIZER,
        weights=tuple(sorted(weights.items())),
        base_factors=tuple(sorted(factors.items())),
        blocked_regimes=tuple(Regime(_name(each)) for each in regimes if each.after == BLOCKED),
        adjustments=(*analysts, *portfolios, *regimes),
        bases=resulting_bases(factors, evidence.settings),
    )


def reverted(
    old: Optimization, standing: Optimization, *, by: str, at_ms: int, settings: Mapping[str, Decimal]
) -> Optimization:
    """A new version with the values of an old one; what led to those values is told there."""
    return replace(
        old,
        version=standing.version + 1,
        at_ms=at_ms,
        by=by,
        adjustments=(),
        reverts_to=old.version,
        bases=resulting_bases(dict(old.base_factors), settings),
    )


def differs(version: Optimization, *, weights: Mapping[str, Decimal], standing: Optimization) -> bool:
    """Whether a version sets anything that does not hold already, by `weights` and the version in force."""
    return (
        _moved(dict(version.weights), weights)
        or _moved(dict(version.weights), dict(standing.weights))
        or _moved(dict(version.base_factors), dict(standing.base_factors))
        or version.blocked_regimes != standing.blocked_regimes
    )


def fault_in(version: Optimization, policy: OptimizerPolicy) -> str | None:
    """What in a version the settings do not allow, as a sentence; None where nothing is."""
    for name, weight in version.weights:
        if not policy.weight_min <= weight <= policy.weight_max:
            return _outside("weight", name, weight, policy.weight_min, policy.weight_max)
    for name, factor in version.base_factors:
        if not policy.base_factor_min <= factor <= policy.base_factor_max:
            return _outside("base factor", name, factor, policy.base_factor_min, policy.base_factor_max)
    return None


def resulting_bases(factors: Mapping[str, Decimal], settings: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    """(portfolio, setting times factor) of every portfolio of the settings, by name."""
    with localcontext(ARITHMETIC):
        return tuple((name, base_of(setting, factors.get(name, NORMAL))) for name, setting in sorted(settings.items()))


def moved(before: Decimal, expectancy_r: Decimal, *, low: Decimal, high: Decimal, policy: OptimizerPolicy) -> Decimal:
    """`before` times clamp(1 + gain tanh(expectancy), 1 - step, 1 + step), within its bounds, to six decimals.

    Rounded towards `before`, so that the greatest step holds exactly. Bounds that the owner has narrowed hold at once.
    """
    with localcontext(ARITHMETIC):
        factor = _clamp(
            NORMAL + policy.expectancy_gain * tanh(expectancy_r), NORMAL - policy.step_max, NORMAL + policy.step_max
        )
        wanted = _clamp(before * factor, low, high)
        return wanted.quantize(VALUE_STEP, ROUND_FLOOR if wanted > before else ROUND_CEILING)


def _weight(name: str, window: Sequence[Weighed], evidence: Evidence, policy: OptimizerPolicy) -> Adjustment:
    before = evidence.weights.get(name, NORMAL)
    measured = measure(window, policy)
    kept = _kept(measured, evidence.standing, policy)
    if kept is not None:
        if before != evidence.standing.weight(name):
            kept = f"its record began anew: {plain(before)} until it has results"
        return _held(f"weight {name}", measured, before, (policy.weight_min, policy.weight_max), kept)
    assert measured.expectancy_r is not None, "what is not kept was measured"
    after = moved(before, measured.expectancy_r, low=policy.weight_min, high=policy.weight_max, policy=policy)
    return _adjustment(f"weight {name}", measured, before, after, _told(measured, before, after))


def _base(name: str, evidence: Evidence, policy: OptimizerPolicy) -> Adjustment:
    before, subject = evidence.standing.base_factor(name), f"base {name}"
    low, high = policy.base_factor_min, policy.base_factor_max
    measured = measure(weigh(evidence.trades[name], at_ms=evidence.at_ms, policy=policy), policy)
    raised = next((each for each in evidence.standing.adjustments if each.subject == subject), None)
    if name in evidence.limits_hit and raised is not None and raised.after > raised.before:
        why = f"raised by version {evidence.standing.version}, and a loss limit was tripped since: taken back"
        return _adjustment(subject, measured, before, _clamp(raised.before, low, high), why)
    kept = _kept(measured, evidence.standing, policy)
    if kept is not None:
        return _held(subject, measured, before, (low, high), kept)
    assert measured.expectancy_r is not None, "what is not kept was measured"
    after = moved(before, measured.expectancy_r, low=low, high=high, policy=policy)
    return _adjustment(subject, measured, before, after, _told(measured, before, after))


def _held(subject: str, measured: Measure, before: Decimal, bounds: tuple[Decimal, Decimal], reason: str) -> Adjustment:
    """A value that nothing was measured for: as it is, within bounds that the owner may have narrowed."""
    after = _clamp(before, *bounds)
    if after != before:
        reason = f"the settings allow {plain(bounds[0])} to {plain(bounds[1])}"
    return _adjustment(subject, measured, before, after, reason)


def _kept(measured: Measure, standing: Optimization, policy: OptimizerPolicy) -> str | None:
    """Why a value stays as it is whatever was measured; None where it may move."""
    if measured.newest_ms is None:
        return f"no closed trades in the last {policy.window_days} days: stays as it is"
    if measured.newest_ms <= standing.at_ms:
        return f"no trade has closed since version {standing.version}: stays as it is"
    return None


def _told(measured: Measure, before: Decimal, after: Decimal) -> str:
    assert measured.expectancy_r is not None, "only a measured value is told of"
    moved_by = "stays as it is" if after == before else f"× {_shown(after / before)}"
    return (
        f"{measured.count} trades, {measured.wins} won, {_shown(measured.total_r)} R in all; "
        f"expectancy {_shown(measured.expectancy_r)} R: {moved_by}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One regime: whether it is blocked, what was measured in it, and what that says."""

    regime: Regime
    blocked: bool
    measured: Measure
    span: Span | None
    kept: str | None

    @property
    def turns(self) -> bool:
        """Whether it should be blocked though it is open, or opened though it is blocked."""
        if self.span is None or self.kept is not None:
            return False
        return self.span.low > 0 if self.blocked else self.span.high < 0


def _regimes(window: Sequence[Weighed], evidence: Evidence, policy: OptimizerPolicy) -> list[Adjustment]:
    """Every regime by name; at most `regime_changes_max` of them change, the surest first."""
    in_regime = defaultdict[Regime, list[Weighed]](list)
    for each in window:
        in_regime[each[0].regime].append(each)
    judged = [_judge(regime, in_regime[regime], evidence, policy) for regime in sorted(Regime)]
    wanted = sorted(
        (each for each in judged if each.turns),
        key=lambda each: (-(each.span.sureness if each.span else ZERO), each.regime),
    )
    turned = {each.regime for each in wanted[: policy.regime_changes_max]}
    return [_regime_adjustment(each, policy, turned=each.regime in turned) for each in judged]


def _judge(regime: Regime, own: Sequence[Weighed], evidence: Evidence, policy: OptimizerPolicy) -> _Judged:
    measured = measure(own, policy)
    return _Judged(
        regime=regime,
        blocked=regime in evidence.standing.blocked_regimes,
        measured=measured,
        span=expectancy_span(own, policy),
        kept=_kept(measured, evidence.standing, policy),
    )


def _regime_adjustment(judged: _Judged, policy: OptimizerPolicy, *, turned: bool) -> Adjustment:
    before = BLOCKED if judged.blocked else OPEN
    after = before if not turned else OPEN if judged.blocked else BLOCKED
    return _adjustment(
        f"regime {judged.regime}", judged.measured, before, after, _why_regime(judged, policy, turned=turned)
    )


def _why_regime(judged: _Judged, policy: OptimizerPolicy, *, turned: bool) -> str:
    stays = "stays blocked" if judged.blocked else "stays open"
    span = judged.span
    if span is None:
        days = f"{judged.measured.count} trades on {judged.measured.days} days"
        return f"{days}, {policy.regime_trades_min} on {policy.regime_days_min} are needed: {stays}"
    if judged.kept is not None:
        return judged.kept
    percent = plain(policy.regime_confidence * 100)
    if not judged.turns:
        bounds = f"between {_shown(span.low)} and {_shown(span.high)} R"
        return f"expectancy {bounds}, each with {percent} % confidence: {stays}"
    if judged.blocked:
        found = f"lower {percent} % bound of its expectancy {_shown(span.low)} R, over 0"
    else:
        found = f"upper {percent} % bound of its expectancy {_shown(span.high)} R, under 0"
    if not turned:
        return f"{found}, but this cycle has changed as many as it may: {stays}"
    return f"{found}: {'opened again' if judged.blocked else 'blocked'}"


def _adjustment(subject: str, measured: Measure, before: Decimal, after: Decimal, reason: str) -> Adjustment:
    return Adjustment(
        subject=subject,
        count=measured.count,
        expectancy_r=_stored(measured.expectancy_r),
        win_rate=_stored(measured.win_rate),
        average_r=_stored(measured.average_r),
        before=before,
        after=after,
        reason=reason,
    )


def _moved(first: Mapping[str, Decimal], second: Mapping[str, Decimal]) -> bool:
    return any(first.get(name, NORMAL) != second.get(name, NORMAL) for name in {*first, *second})


def _name(adjustment: Adjustment) -> str:
    return adjustment.subject.partition(" ")[2]


def _outside(what: str, name: str, value: Decimal, low: Decimal, high: Decimal) -> str:
    return f"The {what} of {name} is {plain(value)}, and the settings allow {plain(low)} to {plain(high)}."


def _clamp(value: Decimal, low: Decimal, high: Decimal) -> Decimal:
    return low if value < low else min(value, high)


def _stored(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(VALUE_STEP, ROUND_HALF_EVEN)


def _shown(value: Decimal) -> str:
    return plain(value.quantize(SHOWN_STEP, ROUND_HALF_EVEN))
