"""Signals: what was decided, by whom, how sure, and what every portfolio made of it."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import (
    Action,
    Direction,
    Exact,
    Instant,
    Mode,
    Pair,
    Regime,
    Shape,
    Stance,
    StreamId,
    Tier,
)
from quorate.api.schemas.trading import Lesson, Order, Shadow, Trade

Share = Annotated[float, Field(ge=0, le=1)]


class Target(Shape):
    """A profit target: at `price`, close `fraction` (0 to 1) of what is left."""

    price: Exact
    fraction: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?$", examples=["0.33"])]


class Plan(Shape):
    """How the trade ends. `*_target` counts filled targets (0: never), `*_r` is a profit in R (null: never)."""

    stop: Exact
    targets: list[Target]
    break_even_target: int
    break_even_r: Exact | None
    trail_target: int
    trail_r: Exact | None
    trail_distance: Annotated[Exact | None, Field(description="Price distance of the trailing stop.")]
    expires: Annotated[Instant | None, Field(description="When what is left is closed at market.")]


class Factor(Shape):
    """One link of the sizing chain."""

    value: Exact
    why: Annotated[str, Field(examples=["17 closed trades, half Kelly"])]


class Stake(Shape):
    """What one portfolio does with the signal: its size with every factor, or why it stays out."""

    name: Annotated[str, Field(examples=["conservative"])]
    size_usd: Exact
    quantity: Exact
    final_risk_pct: Annotated[Exact, Field(description="Share of equity taken as notional, 0 to 1.")]
    factors: Annotated[dict[str, Factor], Field(description="The sizing chain in its order.")]
    blocked_by: Annotated[str | None, Field(examples=[None], description="Null when the portfolio takes the trade.")]


class Indicators(Shape):
    """What was measured at the decision; null where the history was too short."""

    rsi_14: float | None
    macd_signal: float | None
    atr_14: float | None
    volume_ratio: float | None


class Vote(Shape):
    """One analyst's opinion. FLAT votes and abstentions carry no prices."""

    analyst: Annotated[str, Field(examples=["trend"])]
    side: Stance
    confidence: Share
    entry: Exact | None
    stop: Exact | None
    target: Exact | None
    reason: str
    abstained: bool = False


class Metadata(Shape):
    """How the decision was made."""

    model_version: str
    latency_ms: Annotated[int | None, Field(description="Time the council took; null where it was not measured.")]
    snapshot: Annotated[str, Field(description="SHA-256 of the decision's stored inputs.")]
    estimated: Annotated[
        list[str], Field(description="What no venue gave and a model supplied.", examples=[["spread"]])
    ]


class Signal(Shape):
    """A published signal, complete. The same JSON on REST, SSE and Redis."""

    id: Annotated[str, Field(examples=["6f1e2c9a-0f0b-5d3e-9a54-0a86f2f4c1d7"])]
    mode: Mode
    source: Annotated[str, Field(examples=["council"], description="`council`, or the strategy's name.")]
    tier: Tier
    symbol: Annotated[str, Field(examples=["BTCUSDT"])]
    pair: Pair
    action: Action
    side: Direction
    strategy: Annotated[str, Field(examples=["council"])]
    regime: Regime
    confidence: Share
    entry_price: float
    entry_kind: Literal["market", "maker"]
    stop_loss: float
    take_profit: Annotated[float, Field(description="Price of the last target.")]
    targets: list[Target]
    plan: Plan
    risk_reward_ratio: float
    position_size_usd: Annotated[float, Field(description="Size in the conservative portfolio.")]
    portfolios: list[Stake]
    indicators: Indicators
    votes: list[Vote]
    timestamp: Annotated[Instant, Field(description="Feed time of the decision.")]
    metadata: Metadata


class SignalPage(Shape):
    """Signals, newest first, and where the next page begins."""

    signals: list[Signal]
    next: Annotated[str | None, Field(description="Pass as `cursor` for the next page; null on the last.")]


class DecisionPrompt(Shape):
    """What models of one class were asked. `digest` leads to /v1/prompts."""

    digest: str
    template: Annotated[str, Field(examples=["full-1"])]
    analysts: Annotated[list[str], Field(description="Who was asked it, whether or not they answered.")]


class DecidedIn(Shape):
    """The cycle of the council that a signal came out of."""

    cycle: Annotated[StreamId, Field(description="Its id in /v1/council.")]
    slot: str
    prompts: Annotated[list[DecisionPrompt], Field(description="Empty where rules alone decided.")]


class SignalDetail(Shape):
    """One signal and everything that came of it."""

    signal: Signal
    decided_in: Annotated[DecidedIn | None, Field(description="Null for a strategy's own signal.")]
    orders: list[Order]
    trades: list[Trade]
    shadows: Annotated[
        list[Shadow], Field(description="Shadow trades of exactly this decision, without their mirror images.")
    ]
    lessons: Annotated[list[Lesson], Field(description="Of its trades.")]
