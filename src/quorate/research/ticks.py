"""From floats to the integers the rules run on, exactly as the desk converts them. Compiled by `jit`.

A candle's price becomes the nearest tick (`quorate.kernel.bars.to_ticks`). A strategy's price becomes the decimal of 10
significant digits nearest to it, then whole ticks (`quorate.analysts.base.setup_at`). The second is done here in
doubles and integers; where they cannot tell how the desk's decimals would round, the order is called unsure and left to
decimals.
"""

from math import isfinite

import numpy as np

from quorate.kernel.bars import FloatArray, IntArray
from quorate.research.tables import BROKEN, COARSE, NONE, SOUND, UNSURE, Candle, Counts, Order, Rows, Rules

DIGITS = 10
LEAST, MOST = 1e9, 1e10
"""A number of 10 digits before the point lies between them."""
POWER_MAX = 22
"""Largest power of ten that a double holds exactly."""
EXPONENTS = np.arange(-POWER_MAX, POWER_MAX + 1)
UP = np.power(10.0, np.clip(DIGITS - 1 - EXPONENTS, 0, POWER_MAX))
"""By the power of ten of a number's first digit, from -POWER_MAX on: what it is multiplied by to have 10 digits before
the point."""
DOWN = np.power(10.0, np.clip(EXPONENTS - DIGITS + 1, 0, POWER_MAX))
"""... and what it is divided by."""
TENS = np.power(10, np.arange(19), dtype=np.int64)
EXACT_MAX = 2**53
"""Integers up to here are exact as doubles."""
HALF_MARGIN = 4e-6
"""A scaled number this near to a half may round either way: its last bit is worth 2e-6."""
SPLITTER = 134_217_729.0
"""2^27 + 1: splits a double into two halves whose products are exact."""
DOUBTFUL = -1
"""Stands for a number of ticks that doubles cannot tell: negative, as no number of ticks is."""
GROWTH_MAX = 8
"""Largest power of ten by which a number of 10 digits may be multiplied inside 63 bits."""
STEP_MAX = 900_000_000_000_000_000
PPM = 1_000_000
PPM_DECIMALS = 6


def fill_tape(
    tape: Rows[Candle],
    open_ms: IntArray,
    prices: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    volume: FloatArray,
    numerator: float,
    denominator: float,
) -> int:
    """Write candles in ticks; returns how many of their prices are not the double nearest to their tick.

    The tick is numerator / denominator, both exact. `prices` are open, high, low and close.
    """
    opened, high, low, close = prices
    astray = 0
    for row in range(tape.size):
        candle = tape[row]
        candle.open_ms, candle.volume = open_ms[row], volume[row]
        candle.open, off = nearest_tick(opened[row], numerator, denominator)
        astray += off
        candle.high, off = nearest_tick(high[row], numerator, denominator)
        astray += off
        candle.low, off = nearest_tick(low[row], numerator, denominator)
        astray += off
        candle.close, off = nearest_tick(close[row], numerator, denominator)
        astray += off
    return astray


def nearest_tick(price: float, numerator: float, denominator: float) -> tuple[int, int]:
    """The nearest tick as `quorate.kernel.bars.to_ticks` has it; 1 where the tick's own double is another, else 0."""
    count = np.rint(price * denominator / numerator)
    return int(count), int(count * numerator / denominator != price)


def exponent_of(value: float, guess: int) -> int:
    """The power of ten of the first digit of a positive number; quick where `guess` is near."""
    exponent = guess
    while exponent > -POWER_MAX and value * UP[exponent + POWER_MAX] < LEAST * DOWN[exponent + POWER_MAX]:
        exponent -= 1
    while exponent < POWER_MAX and value * UP[exponent + POWER_MAX] >= MOST * DOWN[exponent + POWER_MAX]:
        exponent += 1
    return exponent


def steps_of(value: float, exponent: int, mantissa: int, decimals: int, up: int) -> int:
    """Whole steps of mantissa / 10^decimals in the 10-digit decimal of a number, rounded down, or up where `up` is 1.

    `exponent` is that of its first digit. DOUBTFUL where doubles cannot tell.
    """
    if value == 0.0:
        return 0
    if not -(POWER_MAX - DIGITS) < exponent < POWER_MAX:
        return DOUBTFUL
    scaled = value * UP[exponent + POWER_MAX]
    if exponent >= DIGITS:
        scaled /= DOWN[exponent + POWER_MAX]
    below = np.floor(scaled)
    over = scaled - below - 0.5
    digits = int(below)
    if abs(over) < HALF_MARGIN:
        if exponent >= DIGITS:
            return DOUBTFUL
        # The lost part of the product decides; of two equally near decimals the even one is taken.
        over += lost_part(value, UP[exponent + POWER_MAX], scaled)
        digits += digits % 2 if over == 0.0 else int(over > 0.0)
    else:
        digits += int(over > 0.0)
    places = exponent - DIGITS + 1 + decimals
    if places >= 0:
        return DOUBTFUL if places > GROWTH_MAX else ratio(digits * TENS[places], mantissa, up)
    if -places >= TENS.size or mantissa > STEP_MAX // TENS[-places]:
        return DOUBTFUL
    return ratio_of_digits(digits, mantissa * TENS[-places], up)


def lost_part(first: float, second: float, product: float) -> float:
    """What rounding took from a product of two doubles, exactly. T. J. Dekker, 1971."""
    first_high = first * SPLITTER - (first * SPLITTER - first)
    second_high = second * SPLITTER - (second * SPLITTER - second)
    first_low, second_low = first - first_high, second - second_high
    rest = product - first_high * second_high - first_low * second_high - first_high * second_low
    return first_low * second_low - rest


def ratio(numerator: int, denominator: int, up: int) -> int:
    """Quotient of two positive integers, rounded down, or up where `up` is 1."""
    if denominator == 1:
        return numerator
    return -(-numerator // denominator) if up else numerator // denominator


def ratio_of_digits(digits: int, denominator: int, up: int) -> int:
    """`ratio` of a number of up to 10 digits, by doubles where they are exact.

    A quotient of such numbers is a whole one, or further from any than the double nearest to it.
    """
    if denominator > EXACT_MAX:
        return ratio(digits, denominator, up)
    quotient = digits / denominator
    return int(np.ceil(quotient) if up else np.floor(quotient))


def read_order(rules: Rules, counts: Counts, order: Order, goals: FloatArray, targets: IntArray, s: int) -> None:
    """Put one order into ticks and ppm, or say why that cannot be done."""
    order.state = BROKEN
    if is_broken(order, goals, s):
        return
    mantissa, decimals, sign, start = rules.mantissa, rules.decimals, order.side, order.entry_price
    near = exponent_of(start, counts.near)
    order.entry = steps_of(start, near, mantissa, decimals, int(sign < 0))
    away = abs(start - order.stop_price)
    far = exponent_of(away, counts.far)
    counts.near, counts.far = near, far
    steps = steps_of(away, far, mantissa, decimals, 1)
    order.stop = order.entry - sign * steps
    sure = min(order.entry, steps) >= 0
    sound = order.entry > 0 and order.stop > 0 and steps > 0
    before = 0
    for goal in range(goals.shape[1]):
        away = abs(start - goals[s, goal])
        far = exponent_of(away, far)
        steps = steps_of(away, far, mantissa, decimals, 0)
        targets[s, goal] = order.entry + sign * steps
        sure = sure and steps >= 0
        sound = sound and steps > before and targets[s, goal] > 0
        before = steps
    order.trail = NONE
    if order.trail_price > 0.0:
        steps = steps_of(order.trail_price, exponent_of(order.trail_price, far), mantissa, decimals, 1)
        sure = sure and steps >= 0
        order.trail = max(1, steps)
    order.confidence, order.share = share_ppm(order.belief), share_ppm(order.weight)
    sure = sure and min(order.confidence, order.share) >= 0
    order.state = (SOUND if sound else COARSE) if sure else UNSURE


def read_all(rules: Rules, counts: Counts, orders: Rows[Order], goals: FloatArray, targets: IntArray) -> None:
    """Put every order into ticks and ppm."""
    for s in range(orders.size):
        read_order(rules, counts, orders[s], goals, targets, s)


def share_ppm(share: float) -> int:
    """A share of 0 to 1 in parts per million of its 10-digit decimal, rounded down."""
    return steps_of(share, exponent_of(share, -1), 1, PPM_DECIMALS, 0)


def is_broken(order: Order, goals: FloatArray, s: int) -> bool:
    """Whether the desk would refuse to read the setup: a number is missing, or its prices do not stand in order."""
    sign, before = order.side, order.entry_price
    if abs(sign) != 1 or not (order.stop_price > 0.0 and isfinite(order.stop_price) and isfinite(before)):
        return True
    if not (before > 0.0 and (before - order.stop_price) * sign > 0.0):
        return True
    for goal in range(goals.shape[1]):
        price = goals[s, goal]
        if not (isfinite(price) and price > 0.0 and (price - before) * sign > 0.0):
            return True
        before = price
    if not (0.0 <= order.belief <= 1.0 and 0.0 < order.weight <= 1.0):
        return True
    # A negative number stands for no trailing at all.
    return not isfinite(order.trail_price) or order.trail_price == 0.0
