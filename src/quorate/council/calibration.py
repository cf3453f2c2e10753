"""How well an analyst knows what it does not know: confidence held against outcomes, and answers against themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.money import ZERO

BINS = 10
"""Bins of the calibration curve between 0 and 1."""
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A vote's confidence, read as the probability of a profit after costs, and what came of it."""

    confidence: Decimal
    won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """The forecasts whose confidence lies from `low` up to, not including, `high`; the last bin holds 1 too."""

    low: Decimal
    high: Decimal
    count: int
    confidence: Decimal
    """Mean of theirs."""
    win_rate: Decimal
    """Share of them that won: equal to `confidence` where the analyst is well calibrated."""


def brier(forecasts: Sequence[Forecast]) -> Decimal | None:
    """Brier score: mean of (confidence − outcome)², 0 is perfect, 0.25 is a coin's; None without forecasts.

    G. W. Brier, Verification of forecasts expressed in terms of probability, 1950.
    """
    if not forecasts:
        return None
    return sum(((each.confidence - _outcome(each)) ** 2 for each in forecasts), ZERO) / len(forecasts)


def calibration_curve(forecasts: Iterable[Forecast], *, bins: int = BINS) -> tuple[Bin, ...]:
    """The curve in bins of equal width, lowest first; bins without a forecast are left out."""
    assert bins >= 1, "a curve has at least one bin"
    held: dict[int, list[Forecast]] = {}
    for each in forecasts:
        assert ZERO <= each.confidence <= ONE, "a confidence that counts lies between 0 and 1"
        held.setdefault(min(int(each.confidence * bins), bins - 1), []).append(each)
    return tuple(
        Bin(
            low=Decimal(place) / bins,
            high=Decimal(place + 1) / bins,
            count=len(group),
            confidence=sum((each.confidence for each in group), ZERO) / len(group),
            win_rate=Decimal(sum(each.won for each in group)) / len(group),
        )
        for place, group in sorted(held.items())
    )


def calibration_error(curve: Sequence[Bin]) -> Decimal | None:
    """Expected calibration error: mean distance of confidence and win rate over the bins, weighted by their counts.

    M. P. Naeini, G. F. Cooper, M. Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, 2015.
    """
    total = sum(each.count for each in curve)
    if total == 0:
        return None
    return sum((abs(each.confidence - each.win_rate) * each.count for each in curve), ZERO) / total


def _outcome(forecast: Forecast) -> Decimal:
    return ONE if forecast.won else ZERO
