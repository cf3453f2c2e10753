"""Risk as it stands: the trading state, every breaker, every limit."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Exact, Instant, Shape

TradingState = Literal["ACTIVE", "REDUCING", "HALTED"]


class Breaker(Shape):
    """One circuit breaker of one book. `known` is false while its context is missing: then it lets pass."""

    portfolio: str
    name: Annotated[str, Field(examples=["daily_loss"])]
    scope: Annotated[str, Field(description="Empty, or what it is limited to: LONG, SHORT, a pair.")]
    tripped: bool
    known: bool
    reason: str
    value: str
    limit: str
    since: Instant | None
    until: Instant | None


class RiskLimits(Shape):
    """Limits of the pre-trade controls, the same for every order."""

    order_quantity_max: Exact | None
    order_notional_max: Exact
    symbol_notional_max: Exact
    collar_bps: int
    open_orders_max: int
    throttle_orders_max: int
    throttle_window_ms: int
    slippage_bps_max: int


class PortfolioLimits(Shape):
    """Limits of one book, ratios as shares of equity."""

    portfolio: str
    final_risk_cap: Exact
    gross_exposure_cap: Exact
    leverage: Exact
    daily_loss_limit: Exact
    weekly_loss_limit: Exact
    drawdown_limit: Exact


class PortfolioRisk(Shape):
    """How far one book is from its limits."""

    name: str
    exposure: Annotated[float, Field(description="Gross notional over equity.")]
    drawdown_pct: float
    daily_pnl_pct: Annotated[float | None, Field(description="Since 00:00 UTC of the feed's day.")]
    weekly_pnl_pct: Annotated[float | None, Field(description="Since Monday 00:00 UTC of the feed's week.")]
    limits: PortfolioLimits


class PairState(Shape):
    """A pair whose trading state differs from the account's."""

    pair: str
    state: TradingState
    reason: str


class Risk(Shape):
    """The whole breaker board."""

    trading_state: TradingState
    trading_reason: str
    pairs: list[PairState]
    breakers: list[Breaker]
    limits: RiskLimits
    portfolios: list[PortfolioRisk]
