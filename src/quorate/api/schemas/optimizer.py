"""What the optimizer has set: weights, base risk, blocked regimes; every version with its reasons."""

from typing import Annotated

from pydantic import Field

from quorate.api.schemas.common import Exact, Instant, Regime, Shape


class Weight(Shape):
    """How much an analyst's confidence counts in the council; 1 is normal."""

    analyst: str
    weight: Exact


class BaseRisk(Shape):
    """The base of a portfolio's sizing chain: what the settings say, times the optimizer's factor."""

    portfolio: Annotated[str, Field(examples=["aggressive"])]
    setting: Exact
    factor: Exact
    base: Annotated[Exact, Field(description="What holds now: share of equity, or for strategies risk per trade.")]


class Adjustment(Shape):
    """One value that was looked at, what it was measured by, and why it is what it is now."""

    subject: Annotated[str, Field(examples=["weight momentum"])]
    count: Annotated[int, Field(description="Closed trades it was measured on.")]
    expectancy_r: Exact | None
    win_rate: Exact | None
    average_r: Exact | None
    before: Exact
    after: Annotated[Exact, Field(description="For a regime 1 is open and 0 is blocked.")]
    reason: str


class OptimizerVersion(Shape):
    """One version of the optimizer's configuration, complete."""

    version: int
    at: Instant | None
    by: Annotated[str, Field(description="`optimizer`, `settings`, or who reverted.")]
    weights: list[Weight]
    base_factors: dict[str, Exact]
    blocked_regimes: list[Regime]
    adjustments: list[Adjustment]
    reverts_to: int | None


class OptimizerConfig(Shape):
    """What holds now, and every version that can be gone back to. Version 0 is what the settings say."""

    version: int
    at: Instant | None
    by: str
    weights: Annotated[list[Weight], Field(description="Of every member of the panel.")]
    base_risk: list[BaseRisk]
    blocked_regimes: Annotated[list[Regime], Field(description="In these the council opens nothing.")]
    adjustments: list[Adjustment]
    reverts_to: int | None
    history: Annotated[list[OptimizerVersion], Field(description="Newest first, the present one included.")]
    schedule: str
    next_slot: Instant | None
