"""What a search may try: spaces are checked before anything runs, and points of every method lie inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import nan
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from quorate.research.search import METHODS, TPE_FIRST, Method, search_of
from quorate.research.sobol import DIMENSIONS_MAX, sobol
from quorate.research.space import Axis, BadSpace, Point, Space, canonical, merged, parse_space


@dataclass(frozen=True, kw_only=True)
class Knobs:
    timeframe: str = "5m"
    mode: Literal["trend", "revert"] = "trend"
    channel: Annotated[int, Field(ge=2, le=500)] = 20
    stop_atr: Annotated[float, Field(gt=0)] = 2.0
    fade: bool = False
    targets_atr: tuple[float, float] = (1.0, 2.0)


def space(*texts: str, file: Path | None = None) -> Space:
    return parse_space(texts, file, Knobs())


def test_a_range_with_a_step_is_every_value_of_it() -> None:
    (axis,) = space("channel=10:30:5").axes
    assert axis.values == (10, 15, 20, 25, 30)
    (axis,) = space("channel=3:6").axes
    assert axis.values == (3, 4, 5, 6)


def test_steps_are_decimal() -> None:
    (axis,) = space("stop_atr=0.1:0.5:0.1").axes
    assert axis.values == (0.1, 0.2, 0.3, 0.4, 0.5)


def test_lists_and_parts_of_tuples_are_axes_too() -> None:
    found = space("mode=trend,revert", "fade=true,false", "targets_atr.1=2:4:1", "timeframe=5m,1h")
    assert found.names == ("mode", "fade", "targets_atr.1", "timeframe")
    assert [axis.values for axis in found.axes] == [("trend", "revert"), (True, False), (2.0, 3.0, 4.0), ("5m", "1h")]
    assert found.size == 24
    first = next(iter(found.grid()))
    assert merged(Knobs(), first)["targets_atr"] == (1.0, 2.0)


def test_a_file_says_the_same_and_what_is_said_later_wins(tmp_path: Path) -> None:
    file = tmp_path / "space.toml"
    file.write_text('[space]\nchannel = { from = 10, to = 30, step = 10 }\nmode = ["trend"]\nstop_atr = "1:2"\n')
    found = space("mode=revert", file=file)
    assert [axis.values for axis in found.axes] == [(10, 20, 30), ("revert",), ()]
    assert (found.axes[2].low, found.axes[2].high, found.size) == (1.0, 2.0, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("chanel=1:2:1", "Did you mean channel?"),
        ("channel=1:30:5", "greater than or equal to 2"),
        ("channel=10:1000:5", "less than or equal to 500"),
        ("channel=30:10:5", "backwards"),
        ("channel=10:30:0", "A step is over 0"),
        ("channel=10:30:-1", "A step is over 0"),
        ("channel=ten", "channel cannot be ten"),
        ("channel=1.5:3:1", "channel cannot be 1.5"),
        ("channel", "is no axis"),
        ("channel=", "is no axis"),
        ("=1:2", "is no axis"),
        ("channel=1:2:3:4", "no range of numbers"),
        ("channel=nan:3:1", "no range of numbers"),
        ("stop_atr=0:3:1", "greater than 0"),
        ("stop_atr=inf", "finite"),
        ("mode=trent", "Did you mean trend?"),
        ("mode=trend,trend", "twice"),
        ("targets_atr.2=1:2:1", "targets_atr.0, targets_atr.1"),
        ("targets_atr=1:2:1", "targets_atr"),
        ("channel.0=1:2:1", "Say channel alone"),
        ("mode.0=1:2:1", "Say mode alone"),
        ("timeframe=7m", "There are no candles of 7m"),
        ("stop_atr=0.000001:1:0.000001", "Take a larger step"),
    ],
)
def test_a_slip_of_the_pen_costs_a_sentence(text: str, told: str) -> None:
    with pytest.raises(BadSpace) as caught:
        space(text)
    assert told in f"{caught.value.message} {caught.value.hint}"


def test_nothing_and_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSpace, match="No parameter was named"):
        space()
    file = tmp_path / "space.toml"
    for text, told in [
        ("channel = [1]", "channel"),
        ("[space", "no TOML"),
        ("", "no table"),
        ("[[space]]", "no table"),
    ]:
        file.write_text(text)
        with pytest.raises(BadSpace, match=told):
            space(file=file)
    with pytest.raises(BadSpace, match="cannot be read"):
        space(file=tmp_path / "absent.toml")
    file.write_text("[space]\nchannel = { from = 1 }")
    with pytest.raises(BadSpace, match="no range"):
        space(file=file)


def test_a_grid_is_every_point_once_the_last_axis_fastest() -> None:
    found = list(space("channel=10:20:10", "mode=trend,revert").grid())
    assert [tuple(point.values()) for point in found] == [(10, "trend"), (10, "revert"), (20, "trend"), (20, "revert")]
    with pytest.raises(BadSpace, match="has no step"):
        next(iter(space("stop_atr=1:2").grid()))
    with pytest.raises(BadSpace, match="points"):
        next(iter(space("stop_atr=0.001:50:0.001", "channel=2:500:1").grid()))


values = st.integers(-5, 5) | st.floats(-1e6, 1e6) | st.booleans() | st.text(max_size=5)


@given(st.dictionaries(st.text(min_size=1, max_size=6), values, max_size=6), st.randoms())
def test_equal_points_have_one_text_whatever_their_order(point: dict[str, object], dice) -> None:
    shuffled = list(point.items())
    dice.shuffle(shuffled)
    assert canonical(dict(shuffled)) == canonical(point)  # pyright: ignore[reportArgumentType]


def test_sobols_sequence_is_the_published_one() -> None:
    # S. Joe and F. Y. Kuo: the first points in three dimensions, in Gray code order.
    found = list(islice(sobol(3, seed=None), 8))
    assert found == [
        (0.0, 0.0, 0.0),
        (0.5, 0.5, 0.5),
        (0.75, 0.25, 0.25),
        (0.25, 0.75, 0.75),
        (0.375, 0.375, 0.625),
        (0.875, 0.875, 0.125),
        (0.625, 0.125, 0.875),
        (0.125, 0.625, 0.375),
    ]


@pytest.mark.parametrize("seed", [None, 1, 99])
def test_every_dimension_puts_one_point_into_each_of_equal_parts(seed: int | None) -> None:
    count = 256
    points = np.array(list(islice(sobol(DIMENSIONS_MAX, seed=seed), count)))
    for column in points.T:
        assert sorted((column * count).astype(int).tolist()) == list(range(count))


@pytest.mark.parametrize("seed", [None, 5])
def test_neighbouring_dimensions_fill_their_square_evenly(seed: int | None) -> None:
    # The first two dimensions are a (0, m, 2)-net: one point in every box of area 1 / 64, of whatever shape.
    points = np.array(list(islice(sobol(2, seed=seed), 64)))
    for power in range(7):
        boxes = np.floor(points * [2**power, 2 ** (6 - power)]).astype(int)
        assert len({tuple(box) for box in boxes.tolist()}) == 64


def points_of(
    method: Method, found: Space, *, points: int | None, seed: int = 7, value=lambda point: 0.0
) -> list[Point]:
    search = search_of(method, found, points=points, seed=seed)
    every: list[Point] = []
    while asked := search.ask():
        every += asked
        search.tell([value(point) for point in asked])
    return every


def lies_in(found: Space, points: Sequence[Point]) -> bool:
    def inside(axis: Axis, value: object) -> bool:
        return value in axis.values if axis.values else axis.low <= float(str(value)) <= axis.high

    return all(inside(axis, point[axis.name]) for point in points for axis in found.axes)


@pytest.mark.parametrize("method", ["sobol", "tpe"])
def test_points_lie_in_the_space_and_follow_from_the_seed(method: Method) -> None:
    found = space("channel=10:30:5", "stop_atr=1:3", "mode=trend,revert", "fade=true,false")
    first = points_of(method, found, points=50)
    assert len(first) == 50
    assert lies_in(found, first)
    assert first == points_of(method, found, points=50)
    assert first != points_of(method, found, points=50, seed=8)


def test_a_scatter_never_tries_a_point_twice_and_ends_with_the_space() -> None:
    found = space("channel=10:20:5", "mode=trend,revert")
    every = points_of("sobol", found, points=500)
    assert len(every) == 6 == len({canonical(point) for point in every})


def test_the_estimator_goes_where_values_are_good_and_hears_of_failures() -> None:
    found = space("stop_atr=0.1:10", "channel=2:400:2")

    def value(point: Point) -> float | None:
        away = abs(float(point["stop_atr"]) - 7.0) + abs(float(point["channel"]) - 100) / 50
        return None if float(point["stop_atr"]) < 1 else nan if float(point["stop_atr"]) > 9.5 else -away

    every = points_of("tpe", found, points=160, value=value)
    away = [abs(float(point["stop_atr"]) - 7.0) for point in every]
    assert np.mean(away[-48:]) < np.mean(away[:TPE_FIRST]) / 2


def test_a_grid_takes_no_number_of_points() -> None:
    with pytest.raises(BadSpace, match="as many points as it has: 3"):
        search_of("grid", space("channel=10:20:5"), points=9, seed=1)
    assert METHODS == ("grid", "sobol", "tpe")
