"""Market data as the desk sees it: quotes, candles, indicators, and how old they are."""

from typing import Annotated, Literal

from pydantic import Field

from quorate.api.schemas.common import Exact, FeedKind, Instant, Pair, Shape, Timeframe


class FeedState(Shape):
    """Where the data comes from and how fresh it is. Simulated data is always marked."""

    kind: FeedKind | None
    label: Annotated[str, Field(examples=["replay of binance 5m, 2025-01-01 to 2025-09-30"])]
    simulated: bool
    state: Annotated[Literal["starting", "up", "stale", "down", "ended"], Field(examples=["up"])]
    age_ms: Annotated[int | None, Field(description="Age of the newest data on the wall clock.")]
    at: Annotated[Instant | None, Field(description="Feed time of the newest data.")]


class Price(Shape):
    """The newest quote of one pair. `estimated` names the fields a model supplied."""

    pair: Pair
    last: Exact
    bid: Exact | None
    ask: Exact | None
    change_24h_pct: float | None
    volume_24h: float | None
    at: Instant
    age_ms: int | None
    estimated: list[str]


class Prices(Shape):
    """Quotes of every pair asked for that the feed carries."""

    feed: FeedState
    prices: list[Price]


Ohlcv = Annotated[
    tuple[int, str, str, str, str, float],
    Field(
        description="Open time (UTC ms), open, high, low, close (exact strings), volume.",
        examples=[[1740830400000, "84312.1", "84400", "84280.5", "84395", 21.4]],
    ),
]


class Candles(Shape):
    """Closed candles, oldest first."""

    pair: Pair
    timeframe: Timeframe
    candles: list[Ohlcv]
    estimated: bool


class Series(Shape):
    """One indicator, aligned with `open_ms`; null where its window was not full."""

    name: Annotated[str, Field(examples=["bollinger_upper"])]
    values: list[float | None]


class IndicatorColumns(Shape):
    """Indicators over the last candles; every series has as many values as `open_ms`."""

    pair: Pair
    timeframe: Timeframe
    open_ms: list[int]
    series: list[Series]
