"""What the optimizer has set, with its reasons, and every version before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from quorate.api.answers.history import next_slot_of
from quorate.api.answers.rows import instant, moment, plain_or_none
from quorate.api.schemas.optimizer import Adjustment, BaseRisk, OptimizerConfig, OptimizerVersion, Weight
from quorate.domain.money import plain
from quorate.domain.optimization import NOT_OPTIMIZED, Optimization
from quorate.store.readers import optimizations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.api.resources import Resources
    from quorate.domain.policy import OptimizerPolicy, PortfolioPolicy

JOB = "optimizer"
_decode = msgspec.json.Decoder(Optimization).decode


async def config_of(given: Resources, account: str, versions_max: int) -> OptimizerConfig:
    """The version in force, completed by what the settings say of values that the optimizer has not touched."""
    rows = await optimizations.history(given.pool, account, versions_max)
    versions = [_decode(row.body) for row in rows]
    config = versions[0] if versions else NOT_OPTIMIZED
    schedule = given.schedules[JOB]
    words: dict[str, Any] = {"blocked_regimes": [regime.value for regime in config.blocked_regimes]}
    return OptimizerConfig(
        version=config.version,
        at=instant(moment(config.at_ms)) if config.version else None,
        by=config.by,
        weights=_weights(config, given.policy.council.panel),
        base_risk=[_base(policy, config, given.policy.optimizer) for policy in given.policy.portfolios],
        adjustments=_adjustments(config),
        reverts_to=config.reverts_to,
        history=[_version(version) for version in versions],
        schedule=schedule,
        next_slot=await next_slot_of(given, account, schedule),
        **words,
    )


def _weights(config: Optimization, panel: Sequence[str]) -> list[Weight]:
    names = sorted({*panel, *dict(config.weights)})
    return [Weight(analyst=name, weight=plain(config.weight(name))) for name in names]


def _base(policy: PortfolioPolicy, config: Optimization, bounds: OptimizerPolicy) -> BaseRisk:
    """What the sizing chain begins with: the factor counts within the bounds that the settings have today."""
    setting = policy.base_share if policy.risk_per_trade is None else policy.risk_per_trade
    factor = max(bounds.base_factor_min, min(config.base_factor(policy.name), bounds.base_factor_max))
    return BaseRisk(portfolio=policy.name, setting=plain(setting), factor=plain(factor), base=plain(setting * factor))


def _version(config: Optimization) -> OptimizerVersion:
    words: dict[str, Any] = {"blocked_regimes": [regime.value for regime in config.blocked_regimes]}
    return OptimizerVersion(
        version=config.version,
        at=instant(moment(config.at_ms)),
        by=config.by,
        weights=_weights(config, ()),
        base_factors={name: plain(factor) for name, factor in config.base_factors},
        adjustments=_adjustments(config),
        reverts_to=config.reverts_to,
        **words,
    )


def _adjustments(config: Optimization) -> list[Adjustment]:
    return [
        Adjustment(
            subject=each.subject,
            count=each.count,
            expectancy_r=plain_or_none(each.expectancy_r),
            win_rate=plain_or_none(each.win_rate),
            average_r=plain_or_none(each.average_r),
            before=plain(each.before),
            after=plain(each.after),
            reason=each.reason,
        )
        for each in config.adjustments
    ]
