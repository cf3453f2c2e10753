"""Values as they became known are never answered from their future."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from quorate.feeds.context.derivatives import Funding, FundingRates
from quorate.feeds.context.series import Series, load_series, save_series

STAMPS = st.lists(st.integers(0, 10_000), max_size=60)


@given(stamps=STAMPS, at_ms=st.integers(-10, 10_010), age_ms_max=st.integers(0, 10_000))
def test_an_answer_is_the_latest_of_its_past_and_young_enough(stamps: list[int], at_ms: int, age_ms_max: int):
    series: Series[int] = Series()
    for stamp in stamps:
        series.add(stamp, stamp)
    found = series.at(at_ms, age_ms_max=age_ms_max)
    past = [stamp for stamp in stamps if at_ms - age_ms_max <= stamp <= at_ms]
    assert (found.value if found else None) == (max(past) if past else None)
    assert found is None or found.age_ms == at_ms - found.value


@given(stamps=STAMPS, later=STAMPS, at_ms=st.integers(0, 10_000))
def test_what_becomes_known_later_never_changes_what_was_known(stamps: list[int], later: list[int], at_ms: int):
    rates = FundingRates()
    for stamp in stamps:
        rates.take({"BTC/USDT": Funding(rate=Decimal(stamp), hours=8)}, stamp)
    before = rates.at("BTC/USDT", at_ms, age_ms_max=10_000)
    for stamp in later:
        if stamp > at_ms:
            rates.take({"BTC/USDT": Funding(rate=Decimal(-1), hours=8)}, stamp)
    assert len(stamps) + len(later) > 60 or rates.at("BTC/USDT", at_ms, age_ms_max=10_000) == before


def test_the_oldest_points_are_forgotten_beyond_the_limit():
    series: Series[int] = Series(points_max=3)
    for stamp in range(10):
        series.add(stamp, stamp)
    assert series.points() == [(7, 7), (8, 8), (9, 9)]


def test_a_kept_series_survives_and_a_damaged_line_costs_itself_only(tmp_path: Path):
    path = tmp_path / "context" / "share.csv"
    assert len(load_series(path, points_max=10)) == 0
    save_series(path, Series([(1, Decimal("54.321")), (2, Decimal("54.4"))]))
    with path.open("a", encoding="utf-8") as file:
        file.write("3,NaN\n\x00\xff\n4,55\n5,5")
    assert load_series(path, points_max=10).points() == [
        (1, Decimal("54.321")),
        (2, Decimal("54.4")),
        (4, Decimal(55)),
        (5, Decimal(5)),
    ]
