"""Numbers and instants as people read them: a true minus sign, a unit with every number, UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite, isnan

from quorate.research.findings import Bounds, Figure, Unit
from quorate.research.result import Backtest

UNTOLD = "cannot be told"
MINUS = "\u2212"
NARROW = "\u202f"
"""Between a number and its unit, where no line breaks."""
DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
Number = Decimal | float


def day(at_ms: int) -> str:
    """2025-03-01."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"


def instant(at_ms: int) -> str:
    """2025-03-01 12:05."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M}"


def span(length_ms: int) -> str:
    """273 days, 5 h 10 min, …: two units at most."""
    days, rest = divmod(length_ms, DAY_MS)
    hours, rest = divmod(rest, HOUR_MS)
    minutes = rest // MINUTE_MS
    if days >= 10:
        return f"{days:,} days"
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def number(value: Number | None, places: int = 2, *, signed: bool = False) -> str:
    """1,234.50, with a true minus; `signed` puts a plus before what is over zero."""
    if value is None or isnan(value):
        return UNTOLD
    if not isfinite(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{abs(value):,.{places}f}"
    if not any(digit in "123456789" for digit in text):
        return text
    return f"{MINUS if value < 0 else '+' if signed else ''}{text}"


def share(value: Number | None, *, signed: bool = False, places: int = 2) -> str:
    """0.1234 as 12.34 %."""
    told = number(None if value is None else value * 100, places, signed=signed)
    return told if told == UNTOLD else f"{told}{NARROW}%"


def measured(value: Number | None, unit: Unit, quote: str, *, signed: bool = False) -> str:
    """The value in its unit."""
    if value is None or isnan(value):
        return UNTOLD
    match unit:
        case "share":
            return share(value, signed=signed)
        case "money":
            return f"{number(value, signed=signed)}{NARROW}{quote}"
        case "r":
            return f"{number(value, 3, signed=signed)}{NARROW}R"
        case "days":
            return f"{number(value, 1)}{NARROW}days"
        case "count":
            return number(value, 0 if isfinite(value) and value == int(value) else 1, signed=signed)
        case "ratio":
            return number(value, signed=signed)


def told(figure: Figure, quote: str) -> str:
    """The figure's value in its unit; returns carry their sign."""
    return measured(figure.value, figure.unit, quote, signed=figure.group == "Return")


def bounds(interval: Bounds, unit: Unit, quote: str) -> str:
    """An interval as "from … to …"."""
    low, high = (measured(value, unit, quote) for value in (interval.low, interval.high))
    return UNTOLD if UNTOLD in (low, high) else f"{low} to {high}"


def sign_of(value: Number | None) -> str:
    """What a number is to the eye: `up`, `down` or `flat`."""
    if value is None or isnan(value) or value == 0:
        return "flat"
    return "up" if value > 0 else "down"


def quote_of(backtest: Backtest) -> str:
    """The quote currency of its pairs; "quote" where they have several."""
    found = {pair.partition("/")[2].partition(":")[0] for pair in backtest.pairs}
    return found.pop() or "quote" if len(found) == 1 else "quote"


def price(value: Number) -> str:
    """A price with the digits it has, six significant ones at least."""
    if isinstance(value, Decimal):
        text = f"{value.normalize():,f}"
        return text if len(text.replace(",", "")) <= 12 else f"{value:,.6g}"
    return f"{value:,.6g}"


def counted(count: int, one: str, many: str = "") -> str:
    """1 trade, 2 trades."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
