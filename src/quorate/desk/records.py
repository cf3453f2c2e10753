"""Whose record a vote belongs to, written down before anybody knows what comes of it (RULES section 10)."""

import hashlib
from collections.abc import Iterable

from quorate.council.contamination import contaminated
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.minds import ModelAsked
from quorate.domain.shadows import RULES

KEY_CHARS = 12


def keep_record(turn: Turn, analyst: str, *, asked: ModelAsked | None = None) -> tuple[str, bool]:
    """(key of the analyst's record, whether a decision of now is contaminated); begins a new record where it changed.

    `asked` is there for a model; a rule is known by its parameters and has no cutoff.
    """
    if asked is not None and asked.record:
        key, cutoff = asked.record, asked.knowledge_cutoff
        tainted = contaminated(turn.at_ms, knowledge_cutoff=cutoff)
    else:
        # A model that was not asked, because the desk is behind its feed, keeps the record that it has.
        key = turn.charter.records.get(analyst) or turn.state.records.get(analyst, RULES)
        cutoff, tainted = None, False
    begin(turn, analyst, key=key, cutoff=cutoff)
    return key, tainted


def keep_joint_record(turn: Turn, name: str, members: Iterable[tuple[str, str]]) -> str:
    """Key of what several analysts do together: another panel, or another record of one of them, is another record."""
    told = ";".join(f"{analyst}={key}" for analyst, key in sorted(members))
    key = f"panel {hashlib.sha256(told.encode()).hexdigest()[:KEY_CHARS]}"
    begin(turn, name, key=key, cutoff=None)
    return key


def begin(turn: Turn, analyst: str, *, key: str, cutoff: str | None) -> None:
    """Begin a record unless it is the present one."""
    if turn.state.records.get(analyst) != key:
        turn.emit(ev.RecordBegun(analyst, key, cutoff, turn.at_ms))
