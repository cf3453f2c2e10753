"""Exact arithmetic on money, prices and quantities: every rounding has a name."""

from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

ARITHMETIC = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    Emin=-999_999,
    Emax=999_999,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""The house's decimal arithmetic, whatever context a library left the thread in: ccxt leaves half-up behind."""
ZERO = Decimal(0)
PPM = 1_000_000
"""Parts in a whole: every ratio inside `rules/` is an integer number of parts per million."""
CENT = Decimal("0.01")
MONEY_STEP = Decimal("0.00000001")
"""Smallest amount of money the ledger holds: 1e-8 of the quote currency."""


def floor_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value`."""
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def ceil_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`."""
    return (value / step).to_integral_value(ROUND_CEILING) * step


def round_to_step(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of `step` nearest to `value`; a tie goes to the even multiple."""
    return (value / step).to_integral_value(ROUND_HALF_EVEN) * step


def to_money(value: Decimal) -> Decimal:
    """`value` rounded half-even to what the ledger holds (1e-8 of the quote currency)."""
    return value.quantize(MONEY_STEP, ROUND_HALF_EVEN)


def from_ppm(ratio_ppm: int) -> Decimal:
    """A ratio in parts per million as an exact Decimal (250000 -> 0.25)."""
    return Decimal(ratio_ppm).scaleb(-6)


def to_ppm(ratio: Decimal | float) -> int:
    """A ratio as whole parts per million, rounded half-even."""
    exact = ratio if isinstance(ratio, Decimal) else Decimal(str(ratio))
    return int((exact * PPM).to_integral_value(ROUND_HALF_EVEN))


def plain(value: Decimal) -> str:
    """`value` as plain text: no exponent, no trailing zeros after the point."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
