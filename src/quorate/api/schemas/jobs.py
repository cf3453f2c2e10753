"""Jobs: replies to a run by hand, and the history of slots."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from quorate.api.schemas.common import Instant, Shape

JobName = Literal["scan", "monitor-positions", "evaluate-positions", "optimize"]
Control = Literal["panic", "resume", "trading"]
JobCall = JobName | Literal["optimize-revert"] | Control
"""What the worker can be asked to do: the jobs, going back to an earlier version of the optimizer's, and to stop."""


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


class EvaluateReply(Shape):
    """What one look at all open trades came to."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    cycle: str
    evaluated: Annotated[int, Field(description="Open trades that were looked at.")]
    held: int
    tightened: int
    exited: int
    ignored: Annotated[int, Field(description="Pieces of advice that could not be carried out.")]
    elapsedMs: int  # noqa: N815


class OptimizeReply(Shape):
    """What one run of the optimizer changed."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    cycle: str
    version: int
    weightsChanged: int  # noqa: N815
    baseChanged: int  # noqa: N815
    regimesBlocked: list[str]  # noqa: N815
    regimesOpened: list[str]  # noqa: N815
    pausesEnded: list[str]  # noqa: N815
    elapsedMs: int  # noqa: N815


class RevertWanted(Shape):
    """Which version's values shall hold again; 0 is what the settings say."""

    version: Annotated[int, Field(ge=0, le=2_147_483_647, examples=[3])]


class RevertReply(Shape):
    """The version that holds now, and the one whose values it has."""

    model_config = ConfigDict(frozen=True, extra="allow")

    success: Literal[True]
    version: int
    revertsTo: int  # noqa: N815
    changed: Annotated[bool, Field(description="False where those values held already.")]
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

    job: Annotated[str, Field(examples=["scanner"])]
    path: Annotated[str, Field(description="Where it is run by hand.", examples=["/api/scan"])]
    schedule: Annotated[str, Field(examples=["*/10 * * * *"])]
    next_slot: Instant | None
    last_slot: Instant | None
    last_report: dict[str, object] | None
    last_error: str | None
    history: list[JobRun]


class Jobs(Shape):
    """Every job of the desk."""

    jobs: list[Job]
