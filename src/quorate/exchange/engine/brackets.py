"""Brackets: the larger a position, the smaller its leverage and the more margin it must keep."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from quorate.exchange.engine.specs import PPM, Bracket


def bracket_of(brackets: Sequence[Bracket], value: int) -> int:
    """Place of the bracket that a position of this value (atoms, above zero) lies in."""
    for place, bracket in enumerate(brackets):
        if value <= bracket.value_max:
            return place
    return len(brackets) - 1


def maintenance(brackets: Sequence[Bracket], value: int) -> int:
    """The margin below which a position of this value is liquidated, in atoms, rounded up.

    Each part of the value pays the rate of the bracket it lies in, so that there is no jump between brackets.
    """
    place = bracket_of(brackets, value)
    return -(-value * brackets[place].maintenance_ppm // PPM) - deduction(brackets, place)


def deduction(brackets: Sequence[Bracket], place: int) -> int:
    """What a value times the rate of a bracket counts too much, because its lower parts pay less; in atoms."""
    sum_ppm = 0
    for lower, upper in pairwise(brackets[: place + 1]):
        sum_ppm += lower.value_max * (upper.maintenance_ppm - lower.maintenance_ppm)
    return sum_ppm // PPM


def value_max(brackets: Sequence[Bracket], leverage: int) -> int:
    """The largest position that this leverage allows, in atoms."""
    allowed = [bracket.value_max for bracket in brackets if bracket.leverage_max >= leverage]
    return max(allowed, default=0)
