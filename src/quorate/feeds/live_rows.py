"""What a stream has said about candles that are forming, and when such a candle may be taken as closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

ROWS_KEPT = 4
"""Newest candles kept of each pair."""


class LiveRows:
    """Rows of one stream connection after another. Times are on the exchange's clock, UTC milliseconds.

    A stream repeats a candle while it forms and never says more about it once it has closed. It is closed for certain
    when the pair's next candle appears; it is as good as closed when the same connection has said anything at all
    after its end, since what it had to say about the candle came before that.
    """

    def __init__(self, length_ms: int) -> None:
        self._length_ms = length_ms
        self._rows: dict[str, dict[int, tuple[object, ...]]] = {}
        self._newest: dict[str, int] = {}
        self._heard_ms: int | None = None

    def broke(self) -> None:
        """The connection is gone: whatever it said about candles that are still forming is incomplete."""
        self._rows.clear()
        self._newest.clear()
        self._heard_ms = None

    def take(self, pair: str, rows: Iterable[Sequence[object]], *, now_ms: int) -> bool:
        """Note the newest rows of a pair; True when they say something new."""
        known = self._rows.setdefault(pair, {})
        changed = False
        for row in rows:
            stamp = row[0] if row else None
            if isinstance(stamp, float) and stamp.is_integer():
                stamp = int(stamp)
            # A copy: the client library goes on changing its own list while the candle forms.
            told = tuple(row)
            if not isinstance(stamp, int) or isinstance(stamp, bool) or known.get(stamp) == told:
                continue
            changed = True
            known[stamp] = told
            if stamp <= now_ms:
                self._newest[pair] = max(self._newest.get(pair, stamp), stamp)
        for stamp in sorted(known)[:-ROWS_KEPT]:
            del known[stamp]
        if changed:
            self._heard_ms = now_ms
        return changed

    def row(self, pair: str, open_ms: int) -> Sequence[object] | None:
        """What was last said about a candle on this connection."""
        return self._rows.get(pair, {}).get(open_ms)

    def surely_closed(self, pair: str, open_ms: int) -> bool:
        """Whether a later candle of the pair has appeared."""
        return self._newest.get(pair, -1) > open_ms

    def heard_since(self, at_ms: int) -> bool:
        """Whether the connection has said anything at or after an instant."""
        return self._heard_ms is not None and self._heard_ms >= at_ms

    def is_frozen(self, at_ms: int) -> bool:
        """Whether the connection talks, but only about candles older than the one that ended at `at_ms`."""
        return bool(self._newest) and max(self._newest.values()) < at_ms - self._length_ms
