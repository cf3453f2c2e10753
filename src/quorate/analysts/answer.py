"""What a model answered, read as a stranger's letter: in full, in bounds, or not at all.

An answer becomes votes or a fault that says what is wrong, so that the model can be asked once more.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast

from quorate.analysts.prompt_request import request_of
from quorate.analysts.prompt_text import cut, fence_code, fenced, quoted
from quorate.domain.minds import MindRequest
from quorate.domain.money import ZERO, plain
from quorate.domain.votes import Side, Vote

ANSWER_CHARS_MAX = 65_536
"""Characters of an answer that are read at all; twenty votes need 8,000."""
VOTES_MAX = 20
"""Pairs one answer may name."""
OBJECTS_TRIED_MAX = 32
"""Places at which a JSON object is looked for."""
REASON_CHARS_MAX = 200
FAULTS_TOLD_MAX = 5
"""Faults of one answer that are told to the model and kept."""
FAULT_CHARS_MAX = 700
"""Characters in which they are told."""
REPAIR_TOKENS_MAX = 1_000
"""What the second asking adds to the prompt, by the rule of `count_tokens`."""
ONE = Decimal(1)

_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,18})?")
_PRICES = ("entry", "stop", "target")
_SIDES = frozenset(side.value for side in Side)
_FIELDS = frozenset({"pair", "side", "confidence", *_PRICES, "reason"})

Refused = Callable[[Vote], str | None]
"""The council's rules of what makes a trade: why a vote does not count, or None."""


def _schema() -> str:
    price = {"type": ["number", "null"]}
    vote: dict[str, object] = {
        "type": "object",
        "properties": {
            "pair": {"type": "string"},
            "side": {"type": "string", "enum": [side.value for side in Side]},
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            **dict.fromkeys(_PRICES, price),
            "reason": {"type": "string"},
        },
        "required": ["pair", "side", "confidence", *_PRICES, "reason"],
        "additionalProperties": False,
    }
    answer = {
        "type": "object",
        "properties": {
            "as_of": {"type": "string"},
            "votes": {"type": "array", "items": vote, "maxItems": VOTES_MAX},
        },
        "required": ["as_of", "votes"],
        "additionalProperties": False,
    }
    return json.dumps(answer, sort_keys=True, separators=(",", ":"))


ANSWER_SCHEMA = _schema()
"""JSON Schema of an answer, canonical text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why an answer was not accepted.

    `code`: too_long, too_deep, not_json, several_objects, bad_number, bad_shape, stale, too_many, unknown_pair,
    duplicate_pair, bad_vote. Only with bad_vote is the answer legible: then `votes` holds its sound votes, and each
    other one as an abstention that says why.
    """

    code: str
    reason: str
    votes: tuple[Vote, ...] = ()


class _Illegible(Exception):
    """Carries the fault from where it is found to where it is told."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(code=code, reason=reason)


def read_answer(
    text: str, *, analyst: str, as_of: str, pairs: Collection[str], refused: Refused
) -> tuple[Vote, ...] | Fault:
    """The votes of an answer, in its own order, or what is wrong with it.

    `as_of` is the instant that the prompt named: an answer to another prompt is not an answer to this one. `pairs` are
    those that the prompt showed. `refused` holds the rules of a trade (`quorate.council.validation.validate`).
    """
    try:
        answer = _object_in(text)
        entries = _entries(answer, as_of=as_of)
        votes = [_vote(entry, analyst=analyst, pairs=pairs, place=place) for place, entry in enumerate(entries, 1)]
    except _Illegible as illegible:
        return illegible.fault
    repeated = [pair for pair, count in Counter(vote.pair for vote in votes).items() if count > 1]
    if repeated:
        return Fault(code="duplicate_pair", reason=f"Named more than once: {_listed(sorted(repeated))}.")
    reasons = [refused(vote) for vote in votes]
    told = [f"{vote.pair}: {reason}" for vote, reason in zip(votes, reasons, strict=True) if reason is not None]
    if not told:
        return tuple(votes)
    heard = tuple(
        vote if reason is None else _abstained(vote, reason) for vote, reason in zip(votes, reasons, strict=True)
    )
    return Fault(code="bad_vote", reason=_sentences(told), votes=heard)


def read_object(text: str) -> Mapping[str, object] | Fault:
    """The one JSON object of an answer, its numbers plain Decimals read from their text; or what is wrong with it."""
    try:
        return _object_in(text)
    except _Illegible as illegible:
        return illegible.fault


def repair_request(request: MindRequest, fault: Fault) -> MindRequest:
    """The second and last asking: the same prompt, and what was wrong with the answer, quoted as data."""
    line = quoted(fault.reason, chars_max=FAULT_CHARS_MAX)
    code = fence_code((request.digest, fault.code, line))
    lines = [
        request.prompt,
        "# Your answer was not accepted",
        *fenced("fault", [f"- {fault.code}: {line}"], code=code),
        "Answer the same question once more, as JSON by the schema and nothing else. Leave out what you cannot mend.",
    ]
    asked = request_of(system=request.system, prompt="\n".join(lines), schema=request.schema, template=request.template)
    return replace(asked, cycle=request.cycle)


def _object_in(text: str) -> Mapping[str, object]:
    """The one JSON object of the text; prose or a fenced block may stand around it."""
    if len(text) > ANSWER_CHARS_MAX:
        raise _Illegible("too_long", f"The answer has {len(text)} characters; {ANSWER_CHARS_MAX} are allowed.")
    found: list[Mapping[str, object]] = []
    place, tried = text.find("{"), 0
    while place >= 0:
        tried += 1
        if tried > OBJECTS_TRIED_MAX:
            raise _Illegible("not_json", "The answer is no JSON object: too many brackets that hold none.")
        try:
            value, end = _DECODER.raw_decode(text, place)
        except json.JSONDecodeError as error:
            if not text[:place].strip():
                # It begins as JSON and ends as none: its parts are not an answer.
                raise _Illegible("not_json", f"The JSON breaks off at character {error.pos}.") from None
            end = place + 1
        except RecursionError:
            raise _Illegible("too_deep", "The answer is nested beyond all need.") from None
        else:
            found.append(cast("Mapping[str, object]", value))
        place = text.find("{", end)
    if len(found) > 1:
        raise _Illegible("several_objects", f"The answer holds {len(found)} JSON objects; exactly one is wanted.")
    if not found:
        raise _Illegible("not_json", "The answer holds no complete JSON object.")
    return found[0]


def _number(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        shown = quoted(text, chars_max=40)
        raise _Illegible(
            "bad_number", f"The number {shown} is not plain: no exponent, at most 12 digits and 18 decimals."
        )
    return Decimal(text)


def _no_constant(text: str) -> object:
    raise _Illegible("bad_number", f"{text} is not a number.")


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Illegible("bad_shape", "An object names one of its fields twice.")
    return made


_DECODER = json.JSONDecoder(
    parse_float=_number, parse_int=_number, parse_constant=_no_constant, object_pairs_hook=_once_each
)


def _entries(answer: Mapping[str, object], *, as_of: str) -> list[Mapping[str, object]]:
    if set(answer) != {"as_of", "votes"}:
        raise _Illegible("bad_shape", "The answer is an object of exactly as_of and votes.")
    if answer["as_of"] != as_of:
        shown = quoted(str(answer["as_of"]), chars_max=40)
        raise _Illegible("stale", f"as_of is {shown}, the prompt is of {as_of}.")
    votes = answer["votes"]
    if not isinstance(votes, list):
        raise _Illegible("bad_shape", "votes is not a list.")
    votes = cast("list[object]", votes)
    if len(votes) > VOTES_MAX:
        raise _Illegible("too_many", f"{len(votes)} votes; at most {VOTES_MAX} are allowed.")
    for place, entry in enumerate(votes, 1):
        if not isinstance(entry, dict) or frozenset(cast("dict[str, object]", entry)) != _FIELDS:
            raise _Illegible("bad_shape", f"Vote {place} is not an object of exactly {', '.join(sorted(_FIELDS))}.")
    return cast("list[Mapping[str, object]]", votes)


def _vote(entry: Mapping[str, object], *, analyst: str, pairs: Collection[str], place: int) -> Vote:
    pair, side, confidence, reason = entry["pair"], entry["side"], entry["confidence"], entry["reason"]
    if not isinstance(pair, str) or pair not in pairs:
        shown = quoted(str(pair), chars_max=40)
        raise _Illegible("unknown_pair", f"Vote {place} is about {shown}, which the prompt does not show.")
    if not isinstance(side, str) or side not in _SIDES:
        raise _Illegible("bad_shape", f"{pair}: side is LONG, SHORT or FLAT.")
    if not isinstance(confidence, Decimal) or not ZERO <= confidence <= ONE:
        raise _Illegible("bad_shape", f"{pair}: confidence is a number from 0 to 1.")
    if not isinstance(reason, str):
        raise _Illegible("bad_shape", f"{pair}: reason is a text.")
    prices = [entry[field] for field in _PRICES]
    said = quoted(reason, chars_max=REASON_CHARS_MAX) or "No reason given."
    if side == Side.FLAT:
        if prices != [None, None, None]:
            raise _Illegible("bad_shape", f"{pair}: a FLAT vote has null for entry, stop and target.")
        return Vote(analyst, pair, Side.FLAT, confidence, None, None, None, said)
    if not all(isinstance(price, Decimal) for price in prices):
        raise _Illegible("bad_shape", f"{pair}: a {side} vote has numbers for entry, stop and target.")
    entry_price, stop, target = cast("list[Decimal]", prices)
    return Vote(analyst, pair, Side(side), confidence, entry_price, stop, target, said)


def _abstained(vote: Vote, reason: str) -> Vote:
    """The vote as an abstention that keeps what was wanted and why it does not count."""
    wanted = " ".join(f"{field} {plain(price)}" for field, price in zip(_PRICES, _prices(vote), strict=True))
    text = cut(f"Rejected {vote.side} vote ({wanted}): {reason}", chars_max=2 * REASON_CHARS_MAX)
    return Vote(vote.analyst, vote.pair, Side.FLAT, ZERO, None, None, None, text, abstained=True)


def _prices(vote: Vote) -> list[Decimal]:
    return [price for price in (vote.entry, vote.stop, vote.target) if price is not None]


def _listed(pairs: list[str]) -> str:
    return ", ".join(pairs[:FAULTS_TOLD_MAX])


def _sentences(told: list[str]) -> str:
    more = len(told) - FAULTS_TOLD_MAX
    rest = f" And {more} more." if more > 0 else ""
    return " ".join(told[:FAULTS_TOLD_MAX]) + rest
