"""Binance's answers that are no success, and what each proves. Its own codes are negative numbers in the body.

Its documents say that after a 5xx "the execution status is unknown". Of the 503 answers, three texts of the derivatives
exchange say that nothing was done. A refusal because our order id is already in use proves that an order exists.
"""

from __future__ import annotations

import re

from quorate.venues.ccxt.answers import brief
from quorate.venues.ccxt.outcomes import RETRY_AFTER_S_MAX, Meaning, Verdict, of_status, retry_after_s
from quorate.venues.ccxt.transport import HttpAnswer

UNKNOWN = frozenset({-1000, -1001, -1006, -1007, -1099})
"""An error nobody explains, a lost connection inside, an unexpected answer of the engine, its time-out."""
BUSY = frozenset({-1003, -1008, -1015, -1034})
"""Too many requests, protection from overload, too many orders, too many connections."""
KEY = frozenset({-1002, -1022, -2008, -2014, -2015, -2017})
CLOCK = frozenset({-1021, -5028})
CLOSED = frozenset({-1016, -4108, -4109, -4140})
"""Shut down, a contract in settlement or not open for trading."""
GONE = frozenset({-2013})
CANCEL_REFUSED = -2011
UNTAKEN_503 = ("service unavailable", "internal error; unable to process your request")
"""What a 503 of the derivatives exchange says when nothing was done."""
DUPLICATE = re.compile(r"duplicate", re.IGNORECASE)
UNKNOWN_ORDER = re.compile(r"unknown order|not exist|not found", re.IGNORECASE)
NO_TRADING = re.compile(
    r"market is closed|trading is (halted|disabled)|symbol is not trading|maintenance", re.IGNORECASE
)
BANNED_UNTIL = re.compile(r"banned until (\d{13})")


def judge(answer: HttpAnswer, body: object, *, now_ms: int, derivatives: bool) -> Verdict | None:
    """What an answer says that is no success; None for a success. `now_ms` is the venue's clock."""
    code, words = _told(body)
    if code is None or code >= 0:
        return of_status(answer)
    if answer.status in (418, 429) or code in BUSY:
        return Verdict(Meaning.BUSY, str(code), words, _ban_s(answer, words, now_ms))
    if answer.status >= 500:
        return _failed(code, words, derivatives=derivatives and answer.status == 503)
    return Verdict(_meaning(code, words), str(code), words)


def _told(body: object) -> tuple[int | None, str]:
    if not isinstance(body, dict):
        return None, ""
    code: object = body.get("code")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    words: object = body.get("msg")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    told = code if isinstance(code, int) and not isinstance(code, bool) else None
    return told, brief(words) if isinstance(words, str) else ""


def _failed(code: int, words: str, *, derivatives: bool) -> Verdict:
    untaken = derivatives and words.lower().startswith(UNTAKEN_503)
    return Verdict(Meaning.UNTAKEN if untaken else Meaning.UNKNOWN, str(code), words)


def _meaning(code: int, words: str) -> Meaning:
    if code in UNKNOWN or DUPLICATE.search(words):
        return Meaning.UNKNOWN
    if code in KEY:
        return Meaning.KEY
    if code in CLOCK:
        return Meaning.CLOCK
    if code in GONE or (code == CANCEL_REFUSED and UNKNOWN_ORDER.search(words)):
        return Meaning.GONE
    if code in CLOSED or NO_TRADING.search(words):
        return Meaning.CLOSED
    return Meaning.REFUSED


def _ban_s(answer: HttpAnswer, words: str, now_ms: int) -> float:
    until = BANNED_UNTIL.search(words)
    if until is None:
        return retry_after_s(answer)
    return min(max((int(until[1]) - now_ms) / 1000, 1.0), RETRY_AFTER_S_MAX)
