"""Confidence is held against outcomes, answers against themselves."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quorate.council.calibration import (
    Bin,
    Forecast,
    brier,
    calibration_curve,
    calibration_error,
)
from quorate.domain.votes import Side

D = Decimal
LONG, SHORT, FLAT = Side.LONG, Side.SHORT, Side.FLAT


def forecasts(*told: tuple[str, bool]) -> list[Forecast]:
    return [Forecast(D(confidence), won) for confidence, won in told]


def test_the_brier_score_is_the_mean_squared_error():
    assert brier([]) is None
    assert brier(forecasts(("1", True), ("0", False))) == 0
    assert brier(forecasts(("0.5", True), ("0.5", False))) == D("0.25")
    assert brier(forecasts(("0.8", True), ("0.6", False))) == D("0.2")


def test_the_curve_has_bins_with_their_means_and_one_belongs_to_the_last():
    curve = calibration_curve(forecasts(("0.70", True), ("0.74", False), ("0.79", True), ("1", True), ("0", False)))
    assert curve == (
        Bin(low=D(0), high=D("0.1"), count=1, confidence=D(0), win_rate=D(0)),
        Bin(low=D("0.7"), high=D("0.8"), count=3, confidence=D("2.23") / 3, win_rate=D(2) / 3),
        Bin(low=D("0.9"), high=D(1), count=1, confidence=D(1), win_rate=D(1)),
    )
    assert calibration_curve([]) == ()


def test_the_error_of_a_curve_is_weighted_by_counts():
    assert calibration_error([]) is None
    curve = calibration_curve(forecasts(("0.9", True), ("0.9", True), ("0.9", False), ("0.1", False)))
    assert calibration_error(curve) == ((D("0.9") - D(2) / 3) * 3 + D("0.1")) / 4


@given(st.lists(st.tuples(st.decimals(0, 1, places=3), st.booleans()), min_size=1))
def test_every_forecast_is_in_exactly_one_bin_that_holds_its_confidence(told: list[tuple[Decimal, bool]]):
    curve = calibration_curve(Forecast(*each) for each in told)
    assert sum(each.count for each in curve) == len(told)
    assert all(each.low <= each.confidence <= each.high for each in curve)
    error = calibration_error(curve)
    assert error is not None
    assert 0 <= error <= 1
