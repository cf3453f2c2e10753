"""Kraken's answers that are no success, and what each proves. Errors come as a list of texts in a body of status 200.

An entry of the list that begins with W is a warning, and no error. Where several errors come at once, the one that
proves least counts.
"""

from __future__ import annotations

from typing import cast

from quorate.venues.ccxt.answers import brief
from quorate.venues.ccxt.outcomes import RETRY_AFTER_S_MAX, Meaning, Verdict, of_status
from quorate.venues.ccxt.transport import HttpAnswer

CALL_PAUSE_S, ORDER_PAUSE_S = 15.0, 5.0
"""In which the counters of calls and of orders have come down far enough to go on."""
LOCKOUT_S = 15 * 60.0
"""What a temporary lockout lasts."""
MEANINGS: tuple[tuple[str, Meaning], ...] = (
    ("EService:Market in", Meaning.CLOSED),
    ("EService:Throttled", Meaning.BUSY),
    ("EService:", Meaning.UNKNOWN),
    ("EGeneral:Internal error", Meaning.UNKNOWN),
    ("EGeneral:Unknown method", Meaning.REFUSED),
    ("EGeneral:Unknown", Meaning.UNKNOWN),
    ("EDatabase:", Meaning.UNKNOWN),
    ("EAPI:Invalid nonce", Meaning.CLOCK),
    ("EAPI:Rate limit", Meaning.BUSY),
    ("EOrder:Rate limit", Meaning.BUSY),
    ("EOrder:Domain rate limit", Meaning.BUSY),
    ("EGeneral:Too many requests", Meaning.BUSY),
    ("EGeneral:Temporary lockout", Meaning.BUSY),
    ("EAPI:", Meaning.KEY),
    ("EGeneral:Permission denied", Meaning.KEY),
    ("ESession:", Meaning.KEY),
    ("EAuth:", Meaning.KEY),
    ("EOrder:Unknown order", Meaning.GONE),
    ("EOrder:Invalid order", Meaning.GONE),
    ("EOrder:Cancel pending", Meaning.GONE),
    ("EOrder:Trading agreement required", Meaning.KEY),
    ("ETrade:", Meaning.KEY),
    ("EOrder:", Meaning.REFUSED),
    ("EAccount:", Meaning.REFUSED),
    ("EFunding:", Meaning.REFUSED),
    ("EQuery:", Meaning.REFUSED),
    ("EGeneral:Invalid arguments", Meaning.REFUSED),
)
"""By the beginning of the text, first that fits. EService is its own: unavailable, busy, time-out, and a deadline that
has elapsed somewhere on the way, say nothing sure.

What fits nothing proves nothing.
"""
CERTAINTY = (
    Meaning.UNKNOWN,
    Meaning.BUSY,
    Meaning.CLOSED,
    Meaning.CLOCK,
    Meaning.KEY,
    Meaning.GONE,
    Meaning.UNTAKEN,
    Meaning.REFUSED,
)
"""From what proves least to what proves most."""


def judge(answer: HttpAnswer, body: object, *, now_ms: int) -> Verdict | None:
    """What an answer says that is no success; None for a success. `now_ms` is the venue's clock."""
    errors = _errors(body)
    if not errors or answer.status in (418, 429):
        return of_status(answer)
    if answer.status >= 500:
        return Verdict(Meaning.UNKNOWN, f"HTTP {answer.status}", ", ".join(errors))
    verdicts = [Verdict(meaning_of(each), each, "", _retry_after_s(each, now_ms)) for each in errors]
    return min(verdicts, key=lambda verdict: CERTAINTY.index(verdict.meaning))


def meaning_of(error: str) -> Meaning:
    """What one error text says of the request."""
    if "uplicate" in error or "in use" in error:
        return Meaning.UNKNOWN  # an order under our id exists
    return next((meaning for beginning, meaning in MEANINGS if error.startswith(beginning)), Meaning.UNKNOWN)


def _errors(body: object) -> list[str]:
    told: object = cast("dict[str, object]", body).get("error") if isinstance(body, dict) else None
    if isinstance(told, str):
        told = [told]
    if not isinstance(told, list):
        return []
    return [brief(each) for each in cast("list[object]", told) if isinstance(each, str) and not each.startswith("W")]


def _retry_after_s(error: str, now_ms: int) -> float:
    if "lockout" in error:
        return LOCKOUT_S
    stamp = error.rpartition(":")[2].strip()
    if error.startswith("EService:Throttled") and stamp.isdigit():
        return min(max(int(stamp) - now_ms / 1000, 1.0), RETRY_AFTER_S_MAX)
    return ORDER_PAUSE_S if error.startswith("EOrder:") else CALL_PAUSE_S
