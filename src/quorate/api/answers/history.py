"""Jobs with their schedules and their newest runs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

import msgspec

from quorate.api.answers.rows import instant, milliseconds, moment
from quorate.api.schemas.jobs import Job, JobRun, Jobs
from quorate.desk.schedule import next_slot
from quorate.store.readers import slots

if TYPE_CHECKING:
    from quorate.api.resources import Resources

PATHS = {
    "scanner": "/api/scan",
    "monitor": "/api/monitor-positions",
    "evaluator": "/api/evaluate-positions",
    "optimizer": "/api/optimize",
}
"""Job -> where it is run by hand."""


async def jobs_of(given: Resources, account: str, runs_max: int) -> Jobs:
    """Every scheduled job. The next slot is told on the feed's clock, from the newest data the feed has delivered."""
    feed_at = await _feed_at(given, account)
    found: list[Job] = []
    for job, schedule in given.schedules.items():
        found.append(_job(job, schedule, await slots.newest(given.pool, account, job, runs_max), feed_at))
    return Jobs(jobs=found)


async def next_slot_of(given: Resources, account: str, schedule: str) -> str | None:
    """The next slot of a schedule, as `jobs_of` tells it; None before the feed has delivered anything."""
    return _next(schedule, await _feed_at(given, account))


async def _feed_at(given: Resources, account: str) -> datetime | None:
    return (await given.health.report(account)).feed.at


def _next(schedule: str, feed_at: datetime | None) -> str | None:
    return None if feed_at is None else instant(moment(next_slot(schedule, at_ms=milliseconds(feed_at))))


def _job(job: str, schedule: str, runs: list[slots.SlotRow], feed_at: datetime | None) -> Job:
    history = [_run(run) for run in runs]
    newest_report = next((run.report for run in history if run.report is not None), None)
    return Job(
        job=job,
        path=PATHS[job],
        schedule=schedule,
        next_slot=_next(schedule, feed_at),
        last_slot=history[0].at if history else None,
        last_report=newest_report,
        last_error=history[0].error if history else None,
        history=history,
    )


def _run(run: slots.SlotRow) -> JobRun:
    words: dict[str, Any] = {"status": run.outcome}
    return JobRun(
        slot=run.slot,
        at=instant(run.instant),
        report=None if run.report is None else cast("dict[str, object]", msgspec.json.decode(run.report)),
        error=run.error,
        **words,
    )
