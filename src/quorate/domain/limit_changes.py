"""Which changes of the owner's numbers let more through: those wait, all others hold at once (C28).

What was decided before and what is wanted now are compared number by number. Every field is named here with the
direction in which it loosens, or as one that limits nothing, so that a new field cannot be forgotten (a test sees to
it).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, cast

from quorate.domain.policy import (
    BreakerPolicy,
    Costs,
    CouncilPolicy,
    DeskPolicy,
    ExecutionPolicy,
    Limits,
    OptimizerPolicy,
    PerpPolicy,
    PortfolioPolicy,
    SizingPolicy,
)
from quorate.domain.promotion import PromotionPolicy


class Loosens(StrEnum):
    """What makes a field let more through."""

    UP = "a higher number, or none at all"
    DOWN = "a lower number"
    UP_OR_ZERO = "a higher number, or zero, which is never"
    UP_OR_OTHER_WAY = "a higher number, or none in place of one and the other way round: another way of sizing"
    ON = "true, or a word further to the right of its list"
    OFF = "false"
    MORE_NAMES = "a name that was not in it; where empty means all, emptying it"
    FEWER_NAMES = "a name that is no longer in it"
    FEWER_MEMBERS = "fewer members"
    OTHER = "any other"
    NEVER = "it limits nothing"


_UP, _DOWN, _NEVER = Loosens.UP, Loosens.DOWN, Loosens.NEVER
WORDS: Mapping[str, tuple[str, ...]] = {"rearm": ("never", "weekly"), "market": ("spot", "perp")}
"""Fields that are one of several words, from the tightest to the loosest."""
EMPTY_IS_ALL = frozenset({"allowed_pairs"})
SECTION_OF: Mapping[str, str] = {"portfolio": "venue", "stake": "venue", "cool_down_hours": "venue"}
"""Where the owner wrote what is no section of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersLimits:
    """Everything that limits what live trading may do."""

    desk: DeskPolicy
    promotion: PromotionPolicy
    portfolio: str
    """The portfolio that is bound to the venue."""
    stake: Decimal
    """What one canary may have in play, in quote units."""
    cool_down_hours: int
    """How long a loosening waits after it was allowed."""


LOOSENS: Mapping[type, Mapping[str, Loosens]] = {
    PortfolioPolicy: {
        **dict.fromkeys(("name", "start_equity"), _NEVER),
        **dict.fromkeys(("sources", "tiers"), Loosens.MORE_NAMES),
        "market": Loosens.ON,
        "risk_per_trade": Loosens.UP_OR_OTHER_WAY,
        **dict.fromkeys(("base_share", "position_cap", "final_risk_cap", "leverage"), _UP),
        **dict.fromkeys(("gross_exposure_cap", "net_exposure_cap", "coin_exposure_cap"), _UP),
        **dict.fromkeys(("daily_loss_limit", "weekly_loss_limit", "drawdown_limit"), _UP),
    },
    Limits: {
        **dict.fromkeys(("order_quantity_max", "order_notional_max", "symbol_notional_max", "slippage_bps_max"), _UP),
        **dict.fromkeys(("collar_bps", "period_collar_bps", "bad_tick_bps", "reference_age_ms_max"), _UP),
        **dict.fromkeys(("open_orders_max", "throttle_orders_max", "repeats_max"), _UP),
        **dict.fromkeys(("period_collar_ms", "throttle_window_ms", "repeats_window_ms"), _DOWN),
        "allowed_pairs": Loosens.MORE_NAMES,
        "restricted_pairs": Loosens.FEWER_NAMES,
    },
    PerpPolicy: dict.fromkeys(("maintenance_margin_ppm", "liquidation_reserve_ppm"), _DOWN),
    CouncilPolicy: {
        "panel": Loosens.FEWER_MEMBERS,
        "veto_opposite": Loosens.OFF,
        **dict.fromkeys(("reward_risk_min", "cooldown_ms", "cooldown_after_loss_ms"), _DOWN),
        **dict.fromkeys(("entry_drift_max", "stance_bars_max"), _UP),
        "evaluator": _NEVER,
    },
    SizingPolicy: {
        **dict.fromkeys(("kelly_fraction", "anti_martingale_win_step", "anti_martingale_win_cap"), _UP),
        **dict.fromkeys(("anti_martingale_loss_floor", "risk_on", "risk_off", "volatile"), _UP),
        "anti_martingale_loss_step": _DOWN,
        "kelly_trades": _NEVER,
    },
    BreakerPolicy: {
        **dict.fromkeys(("funding_rate_max", "dominance_rise_max", "losses_in_a_row_max"), _UP),
        "rearm": Loosens.ON,
    },
    OptimizerPolicy: {
        **dict.fromkeys(("step_max", "base_factor_max", "weight_max", "expectancy_gain"), _UP),
        **dict.fromkeys(("window_days", "half_life_days", "shrinkage_trades", "weight_min", "base_factor_min"), _NEVER),
        **dict.fromkeys(("regime_confidence", "regime_trades_min", "regime_days_min", "regime_changes_max"), _NEVER),
    },
    Costs: dict.fromkeys((field.name for field in fields(Costs)), _NEVER),
    ExecutionPolicy: {
        **dict.fromkeys(("protect_ms", "reconcile_ms", "away_ms"), _UP),
        "dead_man_s": Loosens.UP_OR_ZERO,
        **dict.fromkeys(("maker_patience_ms", "retry_ms", "doubt_ms"), _NEVER),
    },
    PromotionPolicy: {
        **dict.fromkeys(("backtest_trades_min", "backtest_days_min", "deflated_sharpe_min"), _DOWN),
        **dict.fromkeys(("walk_percentile_min", "paper_days_min", "paper_trades_min"), _DOWN),
        **dict.fromkeys(("canary_days_min", "canary_trades_min"), _DOWN),
        **dict.fromkeys(("band_trades_min", "band_deviations", "band_drawdown_factor"), _UP),
    },
    DeskPolicy: {"strategies": Loosens.MORE_NAMES},
    OwnersLimits: {"portfolio": Loosens.OTHER, "stake": _UP, "cool_down_hours": _DOWN},
}
"""Section -> field -> what loosens it. Sections inside sections are gone into; portfolios are compared by name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One number that lets more through than before. Values as text, as they are told."""

    name: str
    """The setting's dotted name."""
    before: str
    after: str


Allowed = Callable[[Change], bool]


def loosened(accepted: OwnersLimits, wanted: OwnersLimits) -> tuple[Change, ...]:
    """Every number of `wanted` that lets more through than `accepted`, in the order of the settings."""
    return tighter(accepted, wanted, allowed=lambda _: False)[1]


def tighter(
    accepted: OwnersLimits, wanted: OwnersLimits, *, allowed: Allowed
) -> tuple[OwnersLimits, tuple[Change, ...]]:
    """`wanted`, but with the accepted value of every number that would loosen and is not `allowed` to; and those.

    A portfolio that was not there before is a change of its own, and is left out until it is allowed.
    """
    held: list[Change] = []
    judge = _Judge(allowed, held)
    merged: OwnersLimits = _merged(accepted, wanted, "", judge)
    portfolios = _portfolios(accepted.desk, wanted.desk, judge)
    return replace(merged, desk=replace(merged.desk, portfolios=portfolios)), tuple(held)


def _portfolios(accepted: DeskPolicy, wanted: DeskPolicy, judge: "_Judge") -> tuple[PortfolioPolicy, ...]:
    before = {portfolio.name: portfolio for portfolio in accepted.portfolios}
    portfolios: list[PortfolioPolicy] = []
    for portfolio in wanted.portfolios:
        name = f"desk.portfolios.{portfolio.name}"
        if portfolio.name in before:
            portfolios.append(_merged(before[portfolio.name], portfolio, name, judge))
            continue
        new = Change(name, "not there", "a new portfolio")
        if judge.lets(new):
            portfolios.append(portfolio)
    return tuple(portfolios)


@dataclass(frozen=True, slots=True)
class _Judge:
    allowed: Allowed
    held: list[Change]

    def lets(self, change: Change) -> bool:
        """Whether a loosening holds; one that does not is noted."""
        if self.allowed(change):
            return True
        self.held.append(change)
        return False


def _merged(accepted: Any, wanted: Any, path: str, judge: _Judge) -> Any:
    rules = LOOSENS[type(wanted)]
    changed: dict[str, Any] = {}
    for field in fields(wanted):
        before, after = getattr(accepted, field.name), getattr(wanted, field.name)
        name = f"{path or SECTION_OF.get(field.name, '')}.{field.name}".removeprefix(".")
        if is_dataclass(after):
            changed[field.name] = _merged(before, after, name, judge)
            continue
        rule = rules.get(field.name, Loosens.NEVER)
        looser = _looser(rule, field.name, before, after)
        if looser and not judge.lets(Change(name, told(before), told(after))):
            changed[field.name] = _held_to(rule, field.name, before, after)
    return replace(wanted, **changed)


def _looser(rule: Loosens, name: str, before: Any, after: Any) -> bool:
    if before == after or rule is Loosens.NEVER:
        return False
    if rule is Loosens.OTHER:
        return True
    if rule is Loosens.UP_OR_ZERO:
        return before != 0 and (after == 0 or after > before)
    if rule is Loosens.OFF:
        return not after
    if rule is Loosens.ON:
        return WORDS[name].index(str(after)) > WORDS[name].index(str(before))
    if rule is Loosens.FEWER_MEMBERS:
        return len(after) < len(before)
    if rule is Loosens.FEWER_NAMES:
        return bool(set(before) - set(after))
    if rule is Loosens.MORE_NAMES:
        if name in EMPTY_IS_ALL and not (before and after):
            return not after
        return bool(set(after) - set(before))
    if rule is Loosens.UP_OR_OTHER_WAY:
        return before is None or after is None or after > before
    return looser_number(rule, before, after)


def looser_number(rule: Loosens, before: Decimal | float | None, after: Decimal | float | None) -> bool:
    """Whether a number, of which none at all is the loosest, lets more through than it did."""
    if after is None or before is None:
        return after is None and before is not None
    return after > before if rule is Loosens.UP else after < before


def _held_to(rule: Loosens, name: str, before: Any, after: Any) -> Any:
    """What holds while a loosening waits: the value before; of lists, what both let through."""
    if rule is Loosens.FEWER_NAMES:
        return tuple(sorted({*before, *after}))
    if rule is Loosens.MORE_NAMES and after and before:
        both = tuple(each for each in after if each in before)
        # Where an empty list means all, it must not become empty by taking names away.
        return both if both or name not in EMPTY_IS_ALL else before
    return before


def told(value: object) -> str:
    """A value of a setting in plain words, the same for the same limit."""
    if value is None:
        return "no limit"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return ", ".join(told(each) for each in cast("tuple[object, ...]", value)) or "none"
    return str(value.value if isinstance(value, Enum) else value)
