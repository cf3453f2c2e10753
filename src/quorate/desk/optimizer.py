"""The optimizer: closed trades become weights of analysts, base risk of portfolios and blocked regimes; pauses end.

What it sets is a version of its own in the journal, with every value it looked at, and can be gone back to. The breaker
that stops a portfolio after losses in a row holds until the optimizer has run (RULES section 7).
"""

import json
from decimal import Decimal

from quorate.council.optimizing import Evidence, differs, fault_in, propose, reverted
from quorate.desk import marks
from quorate.desk.state import OPTIMIZER
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.optimization import NOT_OPTIMIZED, Adjustment, Optimization
from quorate.risk.breakers import DAILY_LOSS, OPTIMIZER_PAUSE, WEEKLY_LOSS, key_of

JOB = OPTIMIZER


def run_optimizer(turn: Turn, slot: str) -> str:
    """Run one slot; returns the report as JSON text.

    At full speed a slot that changes nothing, the count of losses in a row included, is not written down, nor told of.
    """
    state = turn.state
    paused = sorted(
        change.portfolio for change in state.breakers.values() if change.name == OPTIMIZER_PAUSE and change.tripped
    )
    version = propose(_evidence(turn), turn.policy.optimizer)
    changed = differs(version, weights=state.weights, standing=state.optimization)
    counted = any(portfolio.losses_for_pause for portfolio in state.portfolios.values())
    if not (changed or paused or counted or turn.charter.paced or not slot.isdigit()):
        return ""
    text = _report(version, slot, number=version.version if changed else state.optimization.version, paused=paused)
    if changed:
        turn.emit(ev.OptimizationChanged(version))
    turn.emit(ev.JobCompleted(JOB, slot, turn.at_ms, text))
    marks.follow_breakers(turn)
    return text


def revert(turn: Turn, *, version: int, by: str) -> str:
    """Set an earlier version's values again, as a version of its own; nothing happens where they hold already."""
    standing = turn.state.optimization
    known = {each.version: each for each in (NOT_OPTIMIZED, *turn.state.optimizations)}
    if version not in known:
        numbers = ", ".join(str(number) for number in sorted(known) if number)
        there = f"0 (as the settings say), {numbers}" if numbers else "0 (as the settings say)"
        raise BadInput(f"There is no version {version} of the optimizer's to go back to.", hint=f"There is {there}.")
    fault = fault_in(known[version], turn.policy.optimizer)
    if fault is not None:
        raise BadInput(f"Version {version} cannot be gone back to.", hint=fault)
    new = reverted(known[version], standing, by=by, at_ms=turn.at_ms, settings=_settings(turn))
    changed = differs(new, weights=turn.state.weights, standing=standing)
    if changed:
        turn.emit(ev.OptimizationChanged(new))
    number = turn.state.optimization.version
    return _text({"success": True, "version": number, "revertsTo": version, "changed": changed})


def base_factor(turn: Turn, portfolio: str) -> Decimal:
    """The factor in force on a portfolio's base, within the bounds that the settings have today."""
    policy = turn.policy.optimizer
    factor = turn.state.optimization.base_factor(portfolio)
    return max(policy.base_factor_min, min(factor, policy.base_factor_max))


def _evidence(turn: Turn) -> Evidence:
    state = turn.state
    return Evidence(
        at_ms=turn.at_ms,
        panel=turn.policy.council.panel,
        results=state.results,
        trades={policy.name: state.portfolios[policy.name].trades for policy in turn.policy.portfolios},
        settings=_settings(turn),
        limits_hit=frozenset(policy.name for policy in turn.policy.portfolios if _limit_hit(turn, policy.name)),
        weights=state.weights,
        standing=state.optimization,
    )


def _settings(turn: Turn) -> dict[str, Decimal]:
    return {
        policy.name: policy.base_share if policy.risk_per_trade is None else policy.risk_per_trade
        for policy in turn.policy.portfolios
    }


def _limit_hit(turn: Turn, portfolio: str) -> bool:
    """Whether a loss limit of the portfolio was tripped at any time since the version in force began."""
    changes = (turn.state.breakers.get(key_of(portfolio, name, "")) for name in (DAILY_LOSS, WEEKLY_LOSS))
    since_ms = turn.state.optimization.at_ms
    return any(change is not None and (change.tripped or change.at_ms > since_ms) for change in changes)


def _report(version: Optimization, slot: str, *, number: int, paused: list[str]) -> str:
    """What the run did, in the words of its reply, with every value that it looked at."""
    moved = [each for each in version.adjustments if each.after != each.before]
    regimes = [(each.subject.partition(" ")[2], each.after > each.before) for each in moved if _is(each, "regime")]
    return _text(
        {
            "success": True,
            "cycle": slot,
            "version": number,
            "weightsChanged": sum(_is(each, "weight") for each in moved),
            "baseChanged": sum(_is(each, "base") for each in moved),
            "regimesBlocked": [name for name, opened in regimes if not opened],
            "regimesOpened": [name for name, opened in regimes if opened],
            "pausesEnded": paused,
            "adjustments": [_told(each) for each in version.adjustments],
        }
    )


def _is(adjustment: Adjustment, what: str) -> bool:
    return adjustment.subject.startswith(f"{what} ")


def _told(adjustment: Adjustment) -> dict[str, object]:
    return {
        "subject": adjustment.subject,
        "count": adjustment.count,
        "expectancyR": _optional(adjustment.expectancy_r),
        "winRate": _optional(adjustment.win_rate),
        "averageR": _optional(adjustment.average_r),
        "before": str(adjustment.before),
        "after": str(adjustment.after),
        "reason": adjustment.reason,
    }


def _optional(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _text(report: dict[str, object]) -> str:
    return json.dumps(report, sort_keys=True, separators=(",", ":"))
