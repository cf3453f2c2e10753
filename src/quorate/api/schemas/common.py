"""Words that every shape uses: exact numbers, instants, names with a fixed set of values, and problems."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Exact = Annotated[
    str, Field(pattern=r"^-?[0-9]+(\.[0-9]+)?$", examples=["64250.5"], description="Exact decimal number.")
]
Instant = Annotated[
    str,
    Field(json_schema_extra={"format": "date-time"}, examples=["2025-03-01T12:00:00Z"], description="ISO 8601, UTC."),
]
Pair = Annotated[str, Field(examples=["BTC/USDT"])]
StreamId = Annotated[
    str, Field(pattern=r"^[0-9]+-[0-9]+$", examples=["1-48213"], description="Journal id, `epoch-seq`.")
]
Mode = Literal["paper", "live"]
Tier = Literal["gold", "silver", "single"]
Direction = Literal["LONG", "SHORT"]
Stance = Literal["LONG", "SHORT", "FLAT"]
Action = Literal["BUY", "SELL"]
Regime = Literal["VOLATILE", "TRENDING_UP", "TRENDING_DOWN", "CHOPPY", "RANGING", "NEUTRAL"]
Timeframe = Literal["1m", "5m", "15m", "1h", "4h", "1d"]
FeedKind = Literal["exchange", "replay", "simulated"]


class Shape(BaseModel):
    """Base of every shape: immutable, and unknown fields are a mistake of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldFault(Shape):
    """One parameter or body field that makes no sense."""

    field: Annotated[str, Field(examples=["limit"])]
    message: Annotated[str, Field(examples=["Input should be less than or equal to 1000"])]


class Problem(Shape):
    """What went wrong, as RFC 9457 has it. `code` is stable and meant for programs, `detail` for people."""

    type: Annotated[str, Field(examples=["urn:quorate:problem:invalid_parameters"])]
    title: Annotated[str, Field(examples=["Invalid parameters"])]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[str, Field(examples=["The request has parameters that make no sense: limit."])]
    code: Annotated[str, Field(examples=["invalid_parameters"])]
    request_id: Annotated[str, Field(examples=["q-7f3c2d5e9a104b8c"])]
    errors: Annotated[list[FieldFault] | None, Field(description="Present when single fields are at fault.")] = None
