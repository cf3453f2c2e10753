"""Why a source gave no answer. None of these ever reaches the desk: they become values on a page."""

from __future__ import annotations

from typing import Literal

from quorate.domain.errors import Unavailable

FaultKind = Literal["timeout", "throttled", "down", "malformed", "too_large", "refused", "resting"]
TRANSIENT: frozenset[FaultKind] = frozenset({"timeout", "throttled", "down"})


class SourceFault(Unavailable):
    """A source gave no answer that can be used.

    `kind`: timeout (no answer in time), throttled (it wants fewer questions), down (no connection, or its own error),
    malformed (an answer that makes no sense), too_large, refused (key or address is wrong), resting (it was not asked:
    its breaker is open, or its rate limit lets nothing through in time). `retry_after_s` is how long it wants to be
    left alone, where it says so.
    """

    code = "source_fault"

    def __init__(self, kind: FaultKind, message: str, *, hint: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.kind: FaultKind = kind
        self.retry_after_s = retry_after_s

    @property
    def passing(self) -> bool:
        """Whether asking again in a moment may help."""
        return self.kind in TRANSIENT


def malformed(what: str) -> SourceFault:
    """The answer makes no sense; `what` continues "The answer ..."."""
    return SourceFault("malformed", f"The answer {what}.", hint="It is asked again later; if this stays, it changed.")
