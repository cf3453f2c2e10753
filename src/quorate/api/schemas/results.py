"""Results: equity over time, and statistics of every book."""

from typing import Annotated

from pydantic import Field

from quorate.api.schemas.common import Exact, Instant, Shape, StreamId


class EquityPoint(Shape):
    """A book's worth at one close, marked to market. The same JSON on REST, SSE and Redis."""

    id: StreamId
    timestamp: Instant
    portfolio: Annotated[str, Field(examples=["aggressive"])]
    equity: Exact
    cash: Exact
    unrealized: Exact
    drawdown_pct: Annotated[float, Field(ge=0, description="Percent below the peak.", examples=[1.25])]


class EquityCurve(Shape):
    """Points oldest first, thinned evenly where there are more than `n`; every book keeps its last point."""

    points: list[EquityPoint]


class Performance(Shape):
    """Statistics of one book since it began. Null where there is too little to tell."""

    portfolio: str
    equity: Exact
    return_pct: float
    trades: int
    win_rate: Annotated[float | None, Field(description="Share of closed trades that won, 0 to 1.")]
    profit_factor: float | None
    expectancy_r: Annotated[float | None, Field(description="Mean result of a trade in R, shrunk to no edge.")]
    average_r: float | None
    sharpe: Annotated[float | None, Field(description="Annualised, of daily returns.")]
    sortino: float | None
    max_drawdown_pct: float
    fees: Exact
    since: Instant | None


class Interval(Shape):
    """An estimate with its 95 % interval, and in words what may be concluded from it."""

    estimate: float | None
    low: float | None
    high: float | None
    note: str


class PerformanceReport(Shape):
    """Every book, and whether the two postures differ by more than luck."""

    portfolios: list[Performance]
    sharpe_difference: Annotated[Interval, Field(description="Sharpe of aggressive minus conservative.")]
