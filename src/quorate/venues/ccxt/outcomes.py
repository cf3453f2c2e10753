"""What a failure proves: every one becomes exactly one of the port's errors.

The question is never what went wrong, but what may have happened at the venue. Where that is not sure, an order's fate
is unknown; only where the venue's own words say so was a request surely not taken up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from quorate.domain.errors import QuorateError
from quorate.domain.venue import (
    ClockSkew,
    KeyFault,
    NotSent,
    OrderGone,
    OutcomeUnknown,
    VenueBusy,
    VenueRefused,
    VenueUnreachable,
)
from quorate.venues.ccxt.answers import brief
from quorate.venues.ccxt.transport import HttpAnswer

RETRY_AFTER_S_MAX = 3 * 86_400.0
"""The longest ban that a venue speaks."""
RETRY_AFTER_S_DEFAULT = 30.0
MAINTENANCE_RETRY_S = 60.0
KEY_HINT = "Check the key at the venue: its rights, the addresses it may be used from, and that it has not expired."


class Errand(StrEnum):
    """What a request is for: decides what a failure means and who goes first when there is little room."""

    ENTRY = "entry"
    """Places an order that may make a position larger."""
    EXIT = "exit"
    """Places an order that can only make one smaller: exits and protective stops."""
    CANCEL = "cancel"
    QUESTION = "question"
    UPKEEP = "upkeep"
    """Keeps a stream or a dead-man switch alive."""

    @property
    def changes(self) -> bool:
        """Whether the venue may do something because of it."""
        return self in (Errand.ENTRY, Errand.EXIT, Errand.CANCEL)

    @property
    def places(self) -> bool:
        """Whether an order may come of it."""
        return self in (Errand.ENTRY, Errand.EXIT)

    @property
    def urgent(self) -> bool:
        """Whether it takes risk away, and so goes before all others."""
        return self in (Errand.EXIT, Errand.CANCEL, Errand.UPKEEP)


class Meaning(StrEnum):
    """What a venue's answer says of the request."""

    REFUSED = "refused"
    GONE = "gone"
    """There is no such order."""
    BUSY = "busy"
    CLOSED = "closed"
    """Maintenance, or the market takes no such orders now."""
    KEY = "key"
    CLOCK = "clock"
    UNTAKEN = "untaken"
    """The venue failed, and says that it did nothing."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A venue's answer that is no success: its meaning, its code, its words."""

    meaning: Meaning
    code: str
    words: str
    retry_after_s: float = RETRY_AFTER_S_DEFAULT


Judge = Callable[[HttpAnswer, object], Verdict | None]
"""One venue's reading of an answer and its decoded body (None where there is none); None for a success."""


class Declined(Exception):
    """An answer that is no success, on its way through ccxt."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code)
        self.verdict = verdict


def retry_after_s(answer: HttpAnswer) -> float:
    """How long the venue wants to be left alone, by its header."""
    try:
        told = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return RETRY_AFTER_S_DEFAULT
    return min(max(told, 0.0), RETRY_AFTER_S_MAX) if told == told else RETRY_AFTER_S_DEFAULT  # noqa: PLR0124 - NaN


def of_status(answer: HttpAnswer) -> Verdict | None:
    """What the status alone says, where the body says nothing that the venue's own table knows."""
    status, code = answer.status, f"HTTP {answer.status}"
    if 200 <= status < 300:
        return None
    words = brief(answer.text)
    if status in (418, 429):
        return Verdict(Meaning.BUSY, code, words, retry_after_s(answer))
    if status == 401:
        return Verdict(Meaning.KEY, code, words)
    if status == 403:
        # The guard in front of the venue, which lets nothing through.
        return Verdict(Meaning.BUSY, code, words, retry_after_s(answer))
    if status == 408 or status >= 500 or status < 200:
        return Verdict(Meaning.UNKNOWN, code, words)
    return Verdict(Meaning.REFUSED, code, words)


def error_of(verdict: Verdict, errand: Errand, *, venue: str, what: str) -> QuorateError:
    """The port's error for an answer that is no success."""
    said = f"{venue} did not {what}: {verdict.code}{': ' if verdict.words else ''}{verdict.words}"
    match verdict.meaning:
        case Meaning.UNKNOWN:
            return unknown(errand, venue=venue, what=what, why=f"{verdict.code} {verdict.words}".strip())
        case Meaning.GONE if not errand.places:
            return OrderGone(said, code_there=verdict.code, hint="Ask the venue what became of it.")
        case Meaning.BUSY:
            return VenueBusy(said, retry_after_s=verdict.retry_after_s)
        case Meaning.CLOSED:
            return VenueBusy(said, retry_after_s=MAINTENANCE_RETRY_S, maintenance=True)
        case Meaning.KEY:
            return KeyFault(said, hint=KEY_HINT)
        case Meaning.CLOCK:
            return ClockSkew(said, hint="The clocks are compared again; check this machine's time.")
        case Meaning.UNTAKEN:
            return unsent(errand, venue=venue, what=what, why=f"{verdict.code} {verdict.words}".strip())
        case Meaning.REFUSED | Meaning.GONE:
            return VenueRefused(said, code_there=verdict.code)


def unsent(errand: Errand, *, venue: str, what: str, why: str) -> QuorateError:
    """The error for a request that surely was not taken up."""
    sentence = f"{venue} was not asked to {what}: {why}."
    if errand.changes:
        return NotSent(sentence, hint="Nothing came of it. It can be tried again.")
    return VenueUnreachable(sentence, hint="It is asked again.")


def unknown(errand: Errand, *, venue: str, what: str, why: str) -> QuorateError:
    """The error for a request that may have been taken up."""
    if errand.changes:
        return OutcomeUnknown(
            f"Nobody knows whether {venue} did {what}: {why}.", hint="It is not sent again: the venue is asked."
        )
    return VenueUnreachable(f"{venue} did not {what}: {why}.", hint="It is asked again.")
