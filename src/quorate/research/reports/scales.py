"""Where a value lies on a drawing, and which values its axis names."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil, floor, isfinite, log10

from quorate.kernel.bars import FloatArray
from quorate.research.reports.words import DAY_MS, HOUR_MS, MINUTE_MS

STEPS_MS = tuple(
    unit * count
    for unit, counts in (
        (MINUTE_MS, (1, 5, 15, 30)),
        (HOUR_MS, (1, 2, 4, 6, 12)),
        (DAY_MS, (1, 2, 7, 14)),
    )
    for count in counts
)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
MONTH_MS = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to places on the drawing."""

    low: float
    high: float
    at_low: float
    at_high: float

    def __call__(self, value: float) -> float:
        return self.at_low + (value - self.low) * self._slope

    def all(self, values: FloatArray) -> FloatArray:
        """The places of a whole column."""
        return self.at_low + (values - self.low) * self._slope

    @property
    def _slope(self) -> float:
        return (self.at_high - self.at_low) / ((self.high - self.low) or 1.0)


def spread(low: float, high: float, *, room: float = 0.04) -> tuple[float, float]:
    """The range with some room on both sides, never empty."""
    width = (high - low) or max(abs(high), 1.0) * 0.02
    return low - room * width, high + room * width


def ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """Round values within the range: 1, 2, 2.5 or 5 times a power of ten apart."""
    width = high - low
    if not (isfinite(width) and width > 0):
        return [low] if isfinite(low) else []
    raw = width / about
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999_999)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [count * step + 0.0 for count in range(first, last + 1)]


def time_ticks(start_ms: int, end_ms: int, *, most: int = 8) -> list[tuple[int, str]]:
    """Round instants within the range, with what to write under them."""
    width = max(end_ms - start_ms, 1)
    step = next((step for step in STEPS_MS if width / step <= most), None)
    if step is not None:
        form = "%H:%M" if step < DAY_MS and width <= DAY_MS else "%d %b %H:%M" if step < DAY_MS else "%d %b"
        found = range(-(-start_ms // step) * step, end_ms + 1, step)
        return [(at_ms, _written(at_ms, form)) for at_ms in found]
    months = next((count for count in MONTHS if width / (MONTH_MS * count) <= most), MONTHS[-1])
    return [(at_ms, _month_name(at_ms)) for at_ms in _months(start_ms, end_ms, months)]


def _months(start_ms: int, end_ms: int, every: int) -> list[int]:
    began = datetime.fromtimestamp(start_ms / 1000, UTC)
    place, found = began.year * 12 + began.month - 1, list[int]()
    place = -(-place // every) * every
    while True:
        at_ms = int(datetime(place // 12, place % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000)
        if at_ms > end_ms:
            return found
        if at_ms >= start_ms:
            found.append(at_ms)
        place += every


def _month_name(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:%b %Y}" if moment.month == 1 else f"{moment:%b}"


def _written(at_ms: int, form: str) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{moment:{form.replace('%d', str(moment.day))}}"
