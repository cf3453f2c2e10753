"""What all vendors' protocols share: the shape of a call, of a reply and of a failure, and how to read hostile JSON.

A protocol does no I/O: it composes bytes from a request and reads bytes into a value. Nothing it reads is believed:
whatever a server sends becomes a `Reply` or a `Fault`, never an exception.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast

from quorate.domain.minds import MindRequest, ModelSpec

REASON_CHARS_MAX = 300
MODEL_CHARS_MAX = 120
TOKENS_MAX = 100_000_000
"""A usage figure beyond it is nonsense."""

TIMEOUT, OVER_BUDGET, RATE_LIMITED, UNAVAILABLE = "timeout", "over_budget", "rate_limited", "unavailable"
REFUSED, NO_KEY, WRONG_KEY, QUOTA = "refused", "no_key", "wrong_key", "quota"
UNKNOWN_MODEL, BAD_REQUEST, MALFORMED, BREAKER_OPEN = "unknown_model", "bad_request", "malformed", "breaker_open"

PASSING = frozenset({408, 409, 425, 500, 502, 503, 504, 520, 522, 524, 529})
"""HTTP statuses after which asking again may help."""
VERSION = re.compile(r"[-:@](\d[\d.-]*|latest|v\d+|exp|preview(-[\d-]+)?|free)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One HTTP POST. The key is in the headers, so headers are never shown."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Envelope({self.url}, {len(self.body)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One HTTP reply, whole, with every key taken out of its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A model's answer as it came."""

    text: str
    model: str
    """The model that the provider says has answered; empty where it says none."""
    input_tokens: int | None
    """None where the provider does not say."""
    output_tokens: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why there is no answer."""

    code: str
    reason: str
    passing: bool = False
    """Whether asking the same again may help."""
    retry_after_s: float | None = None
    """How long the provider asks us to wait."""
    free: bool = False
    """Whether it surely cost nothing."""
    input_tokens: int | None = None
    """What the provider bills all the same, where it says so."""
    output_tokens: int | None = None


class VendorProtocol(Protocol):
    """How one vendor is asked."""

    def compose(self, spec: ModelSpec, request: MindRequest) -> Envelope:
        """The call, the same bytes for the same arguments."""
        ...

    def read(self, received: Received) -> Reply | Fault:
        """What came back; never raises."""
        ...


def encode(body: object) -> bytes:
    """A request's body: compact UTF-8 JSON in the order in which it was built, so that schemas keep theirs."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(body: bytes) -> object:
    """The JSON value, or None where it is none. Fractions and NaN stay text: no count is a float here."""
    try:
        return json.loads(body, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def dig(value: object, *path: str | int) -> object:
    """What lies at `path` in nested JSON; None where anything on the way is missing or of another kind."""
    for step in path:
        if isinstance(step, str) and isinstance(value, dict):
            value = cast("dict[str, object]", value).get(step)
        elif isinstance(step, int) and isinstance(value, list):
            items = cast("list[object]", value)
            value = items[step] if -len(items) <= step < len(items) else None
        else:
            return None
    return value


def items(value: object) -> list[object]:
    """The list, or an empty one where it is none."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The text, with lone surrogates replaced, so that it can be stored; empty where it is none."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def count_of(value: object) -> int | None:
    """A sane number of tokens; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= TOKENS_MAX else None


def sum_of(*counts: int | None) -> int | None:
    """The sum of the counts that are there; None where none is."""
    there = [count for count in counts if count is not None]
    return sum(there) if there else None


def sentence(value: object, otherwise: str) -> str:
    """A provider's own words, printable, on one line and not too long; `otherwise` where there are none."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text_of(value)[: REASON_CHARS_MAX * 4])
    words = " ".join(printable.split())
    return f"{words[: REASON_CHARS_MAX - 1]}…" if len(words) > REASON_CHARS_MAX else words or otherwise


def model_name(value: object) -> str:
    """The model id that a reply tells; empty where it tells none."""
    return sentence(value, "").removeprefix("models/")[:MODEL_CHARS_MAX]


def same_model(asked: str, told: str) -> bool:
    """Whether `told` is the model that was asked for: itself, or a dated or tagged version of it."""
    asked, told = asked.removeprefix("models/").lower(), told.lower()
    if not told or told == asked:
        return True
    stem = re.sub(r"[-:]latest$", "", asked)
    return told == stem or (told.startswith(stem) and VERSION.fullmatch(told[len(stem) :]) is not None)


def cut_short(tokens: int | None) -> str:
    """What to say of an answer that ended at its limit."""
    after = f" after {tokens} tokens" if tokens is not None else ""
    return f"the answer was cut off{after}, thinking included: raise output_tokens_max, or ask about fewer symbols"


def fault_of_status(received: Received, error: object) -> Fault:
    """The failure that an HTTP status tells, in words of the provider's `error` message."""
    status = received.status
    said = sentence(error, f"the provider answered with status {status}")
    if status in {401, 403}:
        return Fault(code=WRONG_KEY, reason=f"the key was not accepted: {said}", free=True)
    if status == 402:
        return Fault(code=QUOTA, reason=said, free=True)
    if status == 404:
        if not error:
            return Fault(code=UNAVAILABLE, reason="nothing answers at this address (404): check base_url", free=True)
        return Fault(code=UNKNOWN_MODEL, reason=said, free=True)
    if status == 429:
        return Fault(code=RATE_LIMITED, reason=said, free=True, passing=True)
    if status in PASSING:
        return Fault(code=UNAVAILABLE, reason=said, free=True, passing=True)
    if 400 <= status < 500:
        return Fault(code=BAD_REQUEST, reason=said, free=True)
    return Fault(code=UNAVAILABLE, reason=said, free=True)


def told_as(fault: Fault, code: str) -> Fault:
    """The same failure under the code that its words call for; asking again does not help."""
    return replace(fault, code=code, passing=False)


def not_understood(received: Received) -> Fault:
    """The failure of a reply that is not what its protocol says."""
    size = len(received.body)
    return Fault(code=MALFORMED, reason=f"the reply ({size} bytes) is not what this protocol answers with")
