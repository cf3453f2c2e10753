"""The windows of a walk-forward: where parameters are chosen, a gap, and where they are applied."""

from dataclasses import dataclass

from quorate.domain.errors import BadInput
from quorate.research.spans import DAY_MS, Span

WINDOWS_MAX = 200
INSIDE_PER_OUTSIDE = 3
"""Days to choose on for each day to apply, where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Window:
    """Parameters are chosen on `inside` and applied to `outside`; between them lies the embargo."""

    inside: Span
    outside: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How windows lie: see `windows_of`. Days may be fractions."""

    count: int = 12
    train_days: float | None = None
    """Length of (rolling), or of the first (anchored), choosing; three times the applying where not given."""
    anchored: bool = False
    """Choosing always begins at the start, and grows; otherwise it rolls along."""
    embargo_days: float = 1.0
    """Left out between choosing and applying, so that what is measured at the end of one does not leak into the next.
    A trade that is open where choosing ends is left out of it as well (purged)."""


def windows_of(layout: Layout, *, start_ms: int, end_ms: int, step_ms: int) -> tuple[Window, ...]:
    """The windows between two instants: applying covers everything after the first choosing, without holes.

    Applying goes from midnight to midnight (UTC), its last window to the very end; choosing begins and ends on candles
    of length `step_ms`. BadInput where there is too little time for them.
    """
    if not 1 <= layout.count <= WINDOWS_MAX:
        raise BadInput(f"{layout.count} windows are not possible.", hint=f"Ask for 1 to {WINDOWS_MAX}.")
    if layout.embargo_days < 0 or (layout.train_days is not None and layout.train_days <= 0):
        raise BadInput("Lengths of windows are not negative.", hint="Give days over 0.")
    embargo = _whole(layout.embargo_days * DAY_MS, step_ms)
    time = max(0, end_ms - start_ms - embargo)
    train = _whole((layout.train_days or 0.0) * DAY_MS, step_ms)
    if layout.train_days is None:
        train = _whole(time * INSIDE_PER_OUTSIDE / (INSIDE_PER_OUTSIDE + layout.count), step_ms)
    test = (time - train) // layout.count // DAY_MS * DAY_MS
    last = (end_ms - 1) // DAY_MS * DAY_MS + DAY_MS
    # What does not divide is lost at the beginning (anchored: goes to the first choosing): the newest candles count.
    edges = [last - (layout.count - place) * test for place in range(layout.count)]
    if train < step_ms or test < DAY_MS or edges[0] - embargo - train < start_ms:
        raise BadInput(
            f"{(end_ms - start_ms) / DAY_MS:.0f} days are too few for {layout.count} such windows.",
            hint="Ask for fewer windows, shorter training, or a longer time range.",
        )
    return tuple(
        Window(
            Span(start_ms if layout.anchored else max(start_ms, edge - embargo - train), edge - embargo),
            Span(edge, min(edge + test, end_ms)),
        )
        for edge in edges
    )


def _whole(length_ms: float, step_ms: int) -> int:
    return int(length_ms // step_ms) * step_ms
