"""What may be asked: one model for each endpoint's parameters, so that an unknown or impossible one is refused."""

import re
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from quorate.api.schemas.common import Mode, Tier, Timeframe
from quorate.api.schemas.context import TextKind

ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}")
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$")]
PairText = Annotated[
    str,
    Field(pattern=r"^[A-Z0-9]{1,20}/[A-Z0-9]{1,20}(:[A-Z0-9]{1,20})?$", examples=["BTC/USDT"]),
]


def _iso(value: object) -> object:
    """Text that looks like ISO 8601: pydantic alone would also take 5 for the fifth second of 1970."""
    if isinstance(value, str) and not ISO.match(value):
        raise PydanticCustomError("instant", "Input should be an instant such as 2025-03-01T12:00:00Z")
    return value


At = Annotated[AwareDatetime, BeforeValidator(_iso)]
Since = Annotated[At | None, Field(description="Only from this instant of feed time on (ISO 8601 with zone).")]
EventId = Annotated[str | None, Field(description="Resume after this event, as the header Last-Event-ID does.")]


class Query(BaseModel):
    """Base of every parameter model: unknown parameters are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: Annotated[Name | None, Field(description="Default: the account of the running desk.")] = None


class AccountQuery(Query):
    """An endpoint that takes nothing but an account."""


class SignalsQuery(Query):
    """GET /v1/signals."""

    mode: Mode | None = None
    pair: PairText | None = None
    strategy: Name | None = None
    tier: Tier | None = None
    since: Since = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 200
    cursor: Annotated[
        str | None, Field(pattern=r"^[0-9]{1,9}-[0-9]{1,18}$", description="`next` of the page before.")
    ] = None


class StreamQuery(Query):
    """A live stream."""

    mode: Mode | None = None
    pair: PairText | None = None
    last_event_id: EventId = None


class PnlStreamQuery(Query):
    """GET /v1/pnl/stream."""

    last_event_id: EventId = None


class PnlQuery(Query):
    """GET /v1/pnl."""

    portfolio: Name | None = None
    since: Since = None
    n: Annotated[int, Field(ge=1, le=10_000, description="Most points; more are thinned evenly.")] = 1000


class PricesQuery(Query):
    """GET /api/prices."""

    pairs: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Z0-9]{1,20}/[A-Z0-9:]{1,40}(,[A-Z0-9]{1,20}/[A-Z0-9:]{1,40}){0,99}$",
            examples=["BTC/USDT,ETH/USDT"],
            description="Comma-separated, at most 100; none: every pair of the feed.",
        ),
    ] = None


class CandlesQuery(Query):
    """GET /api/candles."""

    pair: PairText
    timeframe: Timeframe = "5m"
    before: Annotated[At | None, Field(description="Only candles that opened before this instant.")] = None
    limit: Annotated[int, Field(ge=1, le=1500)] = 500


class IndicatorsQuery(CandlesQuery):
    """GET /api/candles/indicators."""

    names: Annotated[
        str,
        Field(
            pattern=r"^[a-z0-9_]+(,[a-z0-9_]+){0,9}$",
            examples=["ema_20,ema_50,bollinger,rsi_14,macd"],
            description="Comma-separated.",
        ),
    ] = "ema_20,ema_50"


Cursor = Annotated[str | None, Field(pattern=r"^[0-9]{1,9}-[0-9]{1,18}$", description="`next` of the page before.")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 in hex.")]


class ModelsQuery(Query):
    """GET /v1/models."""

    all_records: Annotated[bool, Field(description="Also earlier records, whose key has changed since.")] = False


class CouncilQuery(Query):
    """GET /v1/council."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Cursor = None


class LessonsQuery(Query):
    """GET /v1/lessons."""

    limit: Annotated[int, Field(ge=1, le=200)] = 40
    before: Cursor = None


class TradesQuery(Query):
    """GET /api/trades."""

    portfolio: Name | None = None
    pair: PairText | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    before: Cursor = None


class OrdersQuery(Query):
    """GET /v1/orders."""

    status: Annotated[
        Literal["open", "in_doubt", "ended", "denied"],
        Field(
            description="open: may still change a position, those in doubt among them; in_doubt: nobody knows what "
            "became of them; ended: filled, cancelled, rejected or void; denied: refused by a control, never sent."
        ),
    ] = "open"
    portfolio: Name | None = None
    pair: PairText | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    before: Cursor = None


class AgentsQuery(Query):
    """GET /v1/agents."""

    limit: Annotated[int, Field(ge=1, le=100, description="Newest decisions of each agent.")] = 20


class PromptQuery(Query):
    """GET /v1/prompts/{digest}."""

    record: Annotated[
        Hash | None, Field(description="Record of an answer to it, where one is known: it is found faster by it.")
    ] = None


class NewsQuery(Query):
    """GET /api/news."""

    kind: TextKind | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 60


class OptimizeQuery(Query):
    """GET /api/optimize."""

    run: Annotated[bool, Field(description="Run the optimizer now instead of reading what it has set.")] = False
    limit: Annotated[int, Field(ge=1, le=50, description="Newest versions that are told.")] = 20


class JobsQuery(Query):
    """GET /api/jobs."""

    limit: Annotated[int, Field(ge=1, le=200, description="Newest runs of each job.")] = 20


BacktestCursor = Annotated[
    str | None, Field(pattern=r"^[0-9]{1,18}$", description="`next` of the page before; a place in the file.")
]
BacktestKey = Annotated[
    str | None, Field(pattern=r"^[0-9a-f]{32}$", description="Which backtest; none: the newest that is done.")
]


class BacktestsQuery(Query):
    """GET /v1/backtests."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    before: Annotated[
        str | None, Field(pattern=r"^[0-9]{13}-[0-9a-f]{32}$", description="`next` of the page before.")
    ] = None


class BacktestRemovalQuery(Query):
    """DELETE /v1/backtests/{id}."""

    act: Annotated[
        Literal["stop", "remove"],
        Field(description="`stop` ends a run and keeps it; `remove` forgets it, ending it first where it still runs."),
    ] = "remove"


class BacktestReportQuery(Query):
    """GET /v1/backtests/{id}/report."""

    download: Annotated[bool, Field(description="Save it as a file instead of showing it.")] = False


class BacktestPnlQuery(Query):
    """GET /v1/backtest/pnl."""

    id: BacktestKey = None
    curve: Annotated[str, Field(max_length=200, description="`total`, or one that the backtest's result names.")] = (
        "total"
    )
    n: Annotated[int, Field(ge=1, le=10_000, description="Most points; more are thinned evenly.")] = 1_000


class BacktestTradesQuery(Query):
    """GET /v1/backtest/trades."""

    id: BacktestKey = None
    strategy: Name | None = None
    pair: PairText | None = None
    limit: Annotated[int, Field(ge=1, le=1_000)] = 200
    before: BacktestCursor = None
