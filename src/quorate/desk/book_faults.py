"""Order books that go wrong and are mended, told as events: a fault at once, its end once it has held.

A book that comes and goes would otherwise fill the journal and open its pair in the gaps between two faults.
"""

from collections.abc import Callable, Mapping, Sequence

from quorate.desk.turn import Turn
from quorate.domain import events as ev

LOOK_S = 0.25
"""How often books are looked at: one that went wrong blocks its pair within a second."""
HOLDS_MS = 1_000
"""How long a mended book has to be right before its pair is open again."""
Blocked = Callable[[], Mapping[str, str]]
"""Pair -> why nothing may be opened on it just now, for every pair whose order book is not live."""
Change = tuple[str, str]
"""A pair and what is wrong with its book; nothing where it is right again."""


class BookFaults:
    """What has to be told of the books, look by look."""

    def __init__(self) -> None:
        self._right_ms: dict[str, int] = {}
        """pair -> since when a book that was told to be wrong has been right."""

    def changes(self, told: Mapping[str, str], blocked: Mapping[str, str], *, now_ms: int) -> list[Change]:
        """What differs from what was `told`, by pair. A fault that changes its reason is still the same fault."""
        self._right_ms = {pair: self._right_ms.get(pair, now_ms) for pair in told if pair not in blocked}
        begun = [(pair, reason) for pair, reason in blocked.items() if pair not in told]
        ended = [(pair, "") for pair, since_ms in self._right_ms.items() if now_ms - since_ms >= HOLDS_MS]
        return sorted(begun + ended)


def tell(turn: Turn, changes: Sequence[Change]) -> None:
    """Let the state of books change."""
    for pair, reason in changes:
        turn.emit(ev.BookStatusChanged(pair, live=not reason, reason=reason, at_ms=turn.at_ms))


def words_of(change: Change) -> str:
    """A line for the log."""
    pair, reason = change
    if reason:
        return f"Nothing is opened on {pair}: its order book is not to be relied on ({reason})."
    return f"The order book of {pair} is right again: it may be traded."
