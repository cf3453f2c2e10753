"""Whether a model could have read about the outcome before it decided: then its decision proves nothing."""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

MARGIN_DAYS = 30
"""Days after the stated cutoff that still count as known: cutoffs are stated roughly."""
_MONTH = re.compile(r"\d{4}-\d{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def contaminated(decided_ms: int, *, knowledge_cutoff: str | None) -> bool:
    """Whether a model's decision at `decided_ms` (UTC milliseconds) counts for nothing in its record.

    It does where the decision is dated before the cutoff + 30 days. A cutoff is an ISO date, or
    a year and month, of which the last day counts; one that is not known, or cannot be read, leaves every decision
    contaminated. Rule-based analysts have no cutoff and are not asked about.
    """
    cutoff = None if knowledge_cutoff is None else _day(knowledge_cutoff)
    if cutoff is None:
        return True
    decided = _EPOCH + timedelta(milliseconds=decided_ms)
    return decided - datetime.combine(cutoff, time(), UTC) < timedelta(days=MARGIN_DAYS)


def _day(text: str) -> date | None:
    """The last day that the text may mean; None where it is no date."""
    try:
        if _MONTH.fullmatch(text):
            first = date.fromisoformat(f"{text}-01")
            return first.replace(day=monthrange(first.year, first.month)[1])
        return date.fromisoformat(text)
    except ValueError:
        return None
