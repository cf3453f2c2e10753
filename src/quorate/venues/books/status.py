"""What can be wrong with an order book, since when and why: the words that block entries and that people read."""

from dataclasses import dataclass
from enum import StrEnum

STALE_MS = 5_000
"""A book whose content is older than this is not traded on (SPEC §2), however alive its socket is."""


class BookState(StrEnum):
    """Where a book stands. Only a live one may be traded on."""

    LIVE = "live"
    SYNCING = "syncing"
    """No snapshot yet, or none that the stream's updates continue."""
    STALE = "stale"
    """Right as far as we know, but nothing new for more than STALE_MS."""
    GAPPED = "gapped"
    """An update is missing or could not be read."""
    CROSSED = "crossed"
    """The best bid is not below the best ask."""
    CHECKSUM_MISMATCH = "checksum_mismatch"


class Remedy(StrEnum):
    """What a book that is not live needs from whoever holds its connection."""

    NONE = "none"
    SNAPSHOT = "snapshot"
    """Ask for a snapshot by REST; updates are kept meanwhile."""
    RESUBSCRIBE = "resubscribe"
    """Leave the channel and join it again: its snapshot comes by the stream."""


@dataclass(frozen=True, slots=True)
class BookStatus:
    """A book's state, why, and the instant it began (UTC ms, the clock that the book is told)."""

    state: BookState
    reason: str
    since_ms: int

    @property
    def blocks_entries(self) -> bool:
        """Whether nothing new may be opened on this book; exits have to make do."""
        return self.state is not BookState.LIVE


class Integrity:
    """The state of one book as its protocol finds it; staleness is a matter of when it is asked."""

    __slots__ = ("_reason", "_since_ms", "_state", "content_ms", "faults", "last_fault")

    def __init__(self, *, at_ms: int) -> None:
        self._state = BookState.SYNCING
        self._reason = "no snapshot yet"
        self._since_ms = at_ms
        self.content_ms = at_ms
        """When the newest content was made, as far as its stamp and its arrival tell."""
        self.faults = 0
        """How often the book was found wrong."""
        self.last_fault: BookStatus | None = None
        """What was wrong when it last stopped being right, also after it was mended: for alarms and for people."""

    @property
    def state(self) -> BookState:
        """The state as last found, staleness left out."""
        return self._state

    def begin(self, reason: str, at_ms: int) -> None:
        """Wait for a snapshot, without blame."""
        self._state, self._reason, self._since_ms = BookState.SYNCING, reason, at_ms

    def fall(self, state: BookState, reason: str, at_ms: int) -> None:
        """The book is wrong. A later fault does not take the place of the first one: that is the cause."""
        self.faults += 1
        if self._state in {BookState.LIVE, BookState.SYNCING}:
            self._state, self._reason, self._since_ms = state, reason, at_ms
            self.last_fault = BookStatus(state, reason, at_ms)

    def prove(self, at_ms: int) -> None:
        """The book is right as of now."""
        if self._state is not BookState.LIVE:
            self._state, self._reason, self._since_ms = BookState.LIVE, "", at_ms

    def hear(self, at_ms: int, stamp_ms: int | None) -> None:
        """New content arrived at `at_ms`, made at `stamp_ms`: what was made long ago is old whenever it arrives."""
        made_ms = at_ms if stamp_ms is None else min(stamp_ms, at_ms)
        self.content_ms = max(self.content_ms, made_ms)

    def status(self, now_ms: int) -> BookStatus:
        """How the book stands at `now_ms`."""
        if self._state is BookState.LIVE and now_ms - self.content_ms > STALE_MS:
            silent_s = (now_ms - self.content_ms) / 1000
            reason = f"its newest content is {silent_s:.1f} s old, the limit is {STALE_MS / 1000:g} s"
            return BookStatus(BookState.STALE, reason, self.content_ms + STALE_MS)
        return BookStatus(self._state, self._reason, self._since_ms)
