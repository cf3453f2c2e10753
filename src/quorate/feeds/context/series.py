"""Values as they became known: asked as of an instant, never answered from its future."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Generic, TypeVar

from quorate.feeds.context.source import Reading

T = TypeVar("T")
POINTS_MAX = 100_000


class Series(Generic[T]):
    """Points in the order in which they became known, the oldest forgotten beyond `points_max`."""

    def __init__(self, points: Iterable[tuple[int, T]] = (), *, points_max: int = POINTS_MAX) -> None:
        ordered = sorted(points, key=lambda point: point[0])[-points_max:]
        self._points_max = points_max
        self._known_ms = [known_ms for known_ms, _ in ordered]
        self._values = [value for _, value in ordered]

    def __len__(self) -> int:
        return len(self._values)

    def add(self, known_ms: int, value: T) -> None:
        """Note that `value` became known at `known_ms`; a clock that was set back puts it among older ones."""
        place = bisect_right(self._known_ms, known_ms)
        self._known_ms.insert(place, known_ms)
        self._values.insert(place, value)
        excess = len(self._values) - self._points_max
        if excess > 0:
            del self._known_ms[:excess]
            del self._values[:excess]

    def at(self, at_ms: int, *, age_ms_max: int) -> Reading[T] | None:
        """The last value known at `at_ms`; None where there is none, or it was older than `age_ms_max` by then."""
        place = bisect_right(self._known_ms, at_ms) - 1
        if place < 0 or at_ms - self._known_ms[place] > age_ms_max:
            return None
        return Reading(self._values[place], at_ms - self._known_ms[place])

    def points(self) -> list[tuple[int, T]]:
        """All of them, oldest first."""
        return list(zip(self._known_ms, self._values, strict=True))


def load_series(path: Path, *, points_max: int) -> Series[Decimal]:
    """A series kept by `save_series`; lines that cannot be read are left out, and no file is an empty series."""
    points: list[tuple[int, Decimal]] = []
    if path.is_file():
        for line in path.read_text("utf-8", errors="replace").splitlines()[-points_max:]:
            known, _, value = line.partition(",")
            try:
                point = (int(known), Decimal(value))
            except (ValueError, InvalidOperation):
                continue  # cut off by a crash of the disk, or edited by hand: one point less
            if point[1].is_finite():
                points.append(point)
    return Series(points, points_max=points_max)


def save_series(path: Path, series: Series[Decimal]) -> None:
    """Write the whole series beside `path` and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text("".join(f"{known_ms},{value}\n" for known_ms, value in series.points()), "utf-8")
    part.replace(path)
