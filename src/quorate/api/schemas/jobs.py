"""Jobs: replies to a run by hand, and the history of slots."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from quorate.api.schemas.common import Instant, Shape

JobName = Literal["scan", "monitor-positions"]


class ScanReply(Shape):
    """What one scan did."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    cycle: Annotated[str, Field(description="The slot of this run.", examples=["manual-1-48213"])]
    scannedPairs: int  # noqa: N815  the names that existing clients read
    signals: int
    goldSignals: int  # noqa: N815
    silverSignals: int  # noqa: N815
    tradesOpened: int  # noqa: N815
    elapsedMs: int  # noqa: N815


class MonitorReply(Shape):
    """What one round of the monitor did."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    cycle: str
    positionsChecked: int  # noqa: N815
    partialExits: int  # noqa: N815
    stopsMoved: int  # noqa: N815
    tradesClosed: int  # noqa: N815
    equity: Annotated[dict[str, str], Field(description="Book -> its equity.")]
    elapsedMs: int  # noqa: N815


class JobSkipped(Shape):
    """An outside scheduler's call while CRONS_ENABLED is not "true"."""

    skipped: Literal[True]
    cron: Annotated[str, Field(examples=["scan"])]
    reason: Annotated[str, Field(examples=["CRONS_ENABLED is not true"])]


class JobFailure(Shape):
    """The job ran, or was refused, and did not succeed."""

    success: Literal[False]
    error: str


class JobRun(Shape):
    """One slot of a job."""

    slot: str
    at: Annotated[Instant, Field(description="Feed time of the slot.")]
    status: Literal["completed", "failed"]
    report: dict[str, object] | None
    error: str | None


class Job(Shape):
    """A job with its schedule and its newest runs, newest first."""

    job: Annotated[str, Field(examples=["scan"])]
    schedule: Annotated[str, Field(examples=["*/10 * * * *"])]
    next_slot: Instant | None
    last_slot: Instant | None
    last_report: dict[str, object] | None
    last_error: str | None
    history: list[JobRun]


class Jobs(Shape):
    """Every job of the desk."""

    jobs: list[Job]
