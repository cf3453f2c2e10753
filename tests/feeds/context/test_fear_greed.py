"""The Fear & Greed index, live and recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quorate.domain.errors import BadInput
from quorate.feeds.context.faults import SourceFault
from quorate.feeds.context.fear_greed import FearGreed, parse_fear_greed, read_fear_greed
from tests.feeds.context.conftest import NOW_MS

DAY_MS = 86_400_000
TODAY_S = NOW_MS // DAY_MS * DAY_MS // 1000


def answer(*days: tuple[object, object], error: object = None) -> bytes:
    data = [{"value": value, "value_classification": "Fear", "timestamp": stamp} for value, stamp in days]
    return json.dumps({"name": "Fear and Greed Index", "data": data, "metadata": {"error": error}}).encode()


def test_the_newest_day_is_taken_and_named_in_our_words():
    told = parse_fear_greed(answer(("30", str(TODAY_S - 86_400)), ("71", str(TODAY_S))))
    assert told == FearGreed(71, TODAY_S * 1000)
    labels = [FearGreed(value, 0).label for value in (0, 24, 25, 46, 55, 75, 76, 100)]
    assert labels == [
        "extreme fear",
        "extreme fear",
        "fear",
        "neutral",
        "greed",
        "greed",
        "extreme greed",
        "extreme greed",
    ]


@pytest.mark.parametrize(
    "body",
    [
        answer(("101", str(TODAY_S))),
        answer(("-1", str(TODAY_S))),
        answer(("50", "7")),
        answer(),
        answer(error="busy"),
        b"[]",
    ],
)
def test_what_is_no_value_from_0_to_100_with_a_date_is_refused(body: bytes):
    with pytest.raises(SourceFault):
        parse_fear_greed(body)


def test_a_recording_tells_a_value_from_its_day_on(tmp_path: Path):
    path = tmp_path / "index.csv"
    path.write_text(f"fear_greed_index,timestamp\n30,{TODAY_S}\nx,{TODAY_S}\n40,{TODAY_S + 86_400}\n500,{TODAY_S}\n")
    series = read_fear_greed(path)
    assert series.at(TODAY_S * 1000 - 1, age_ms_max=DAY_MS) is None
    found = series.at(TODAY_S * 1000 + DAY_MS - 1, age_ms_max=DAY_MS)
    assert found is not None
    assert found.value.value == 30


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "fear_greed_index,timestamp\n999,1\n"])
def test_a_file_without_a_value_says_so(tmp_path: Path, text: str):
    path = tmp_path / "index.csv"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_fear_greed(path)
    with pytest.raises(BadInput):
        read_fear_greed(tmp_path / "nowhere.csv")


@pytest.mark.real_data
def test_the_recorded_index_is_whole(recorded: Path):
    series = read_fear_greed(recorded / "regime" / "fear_greed_index.csv")
    assert len(series) == 2_699
    first_ms = 1_517_443_200_000
    found = series.at(first_ms, age_ms_max=0)
    assert found is not None
    assert (found.value.value, found.value.label) == (30, "fear")
