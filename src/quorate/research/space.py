"""Parameter spaces of a strategy: which values of which of its parameters are tried.

Everything is checked against the strategy's own typed parameters before anything runs, so that a slip of the pen costs
a sentence and not an hour. What only the strategy itself can refuse (one parameter against another) is told per point.
"""

import json
import tomllib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from difflib import get_close_matches
from functools import lru_cache
from math import isfinite, prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value: TypeAlias = int | float | bool | str
Point: TypeAlias = Mapping[str, Value]
"""A value for every axis. `targets_atr.1` is the second of the numbers in `targets_atr`."""

AXES_MAX = 21
VALUES_MAX = 100_000
"""Values of one axis."""
GRID_MAX = 200_000
"""Points of a grid."""
SHAPES = "channel=10:60:5 (from, to, step), mode=trend,revert (these values), stop_atr=1.0:4.0 (anything between)"


class BadSpace(BadInput):
    """A space that the strategy has no parameters for, or that makes no sense."""

    code = "bad_space"


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One parameter and what it may be: one of `values`, or, where there are none, any number from `low` to `high`."""

    name: str
    values: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def at(self, share: float) -> Value:
        """The value that lies at a share, 0 up to 1, of the way through the axis."""
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        # 12 digits: what is written down and read again is the very same number.
        return float(f"{self.low + share * (self.high - self.low):.12g}")


@dataclass(frozen=True, slots=True)
class Space:
    """The axes, in the order in which they were named."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(axis.name for axis in self.axes)

    @property
    def size(self) -> int | None:
        """How many points there are; None where an axis has no steps."""
        return prod(len(axis.values) for axis in self.axes) if all(axis.values for axis in self.axes) else None

    def grid(self) -> Iterator[Point]:
        """Every point, the last axis running fastest. BadSpace where an axis has no steps, or there are too many."""
        for axis in self.axes:
            if not axis.values:
                raise BadSpace(
                    f"{axis.name} has no step, so it has no grid.",
                    hint=f"Say {axis.name}={axis.low:g}:{axis.high:g}:STEP, or choose --method sobol or tpe.",
                )
        size = self.size or 0
        if size > GRID_MAX:
            raise BadSpace(f"The grid has {size:,} points.", hint="Take larger steps, or --method sobol with --points.")
        return (self._point(place) for place in range(size))

    def at(self, shares: Sequence[float]) -> Point:
        """The point at these shares of the way through each axis."""
        return {axis.name: axis.at(share) for axis, share in zip(self.axes, shares, strict=True)}

    def _point(self, place: int) -> Point:
        found: dict[str, Value] = {}
        for axis in reversed(self.axes):
            place, digit = divmod(place, len(axis.values))
            found[axis.name] = axis.values[digit]
        return {axis.name: found[axis.name] for axis in self.axes}


def canonical(point: Point) -> str:
    """The one text of a point: equal points have equal texts, whatever the order of their parameters."""
    return json.dumps(dict(point), sort_keys=True, separators=(",", ":"))


def merged(defaults: "DataclassInstance", point: Point) -> dict[str, object]:
    """Arguments for the strategy's parameters: its defaults with the point over them."""
    arguments: dict[str, object] = {item.name: getattr(defaults, item.name) for item in fields(defaults)}
    for name, value in point.items():
        field, dot, place = name.partition(".")
        if not dot:
            arguments[name] = value
            continue
        several = list(cast("Sequence[object]", arguments[field]))
        several[int(place)] = value
        arguments[field] = tuple(several)
    return arguments


def parse_space(texts: Sequence[str], file: Path | None, defaults: "DataclassInstance") -> Space:
    """The space that `--space NAME=RANGE` and a TOML file (table `space`) describe; what is said later wins.

    Raises BadSpace naming what is wrong and the nearest parameter there is.
    """
    said: dict[str, object] = {} if file is None else dict(_read_file(file))
    for text in texts:
        name, equals, shape = text.partition("=")
        if not equals or not name.strip() or not shape.strip():
            raise BadSpace(f"{text!r} is no axis.", hint=f"It looks like {SHAPES}.")
        said[name.strip()] = shape.strip()
    if not said:
        raise BadSpace("No parameter was named.", hint=f"Give --space, e.g. {SHAPES}.")
    if len(said) > AXES_MAX:
        raise BadSpace(f"{len(said)} axes are too many.", hint=f"At most {AXES_MAX} can be searched together.")
    hints = get_type_hints(type(defaults), include_extras=True)
    return Space(tuple(_axis(name, shape, _type_of(name, defaults, hints)) for name, shape in said.items()))


def _read_file(path: Path) -> Mapping[str, object]:
    try:
        held = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSpace(f"{path} cannot be read: {error.strerror or error}.", hint="Give a TOML file.") from error
    except ValueError as error:
        raise BadSpace(f"{path} is no TOML: {error}.", hint=f"Under [space], lines like {SHAPES}.") from error
    space = held.pop("space", None)
    if held or not isinstance(space, dict):
        odd = next(iter(held), None)
        raise BadSpace(
            f"{path} holds {odd!r}." if odd else f"{path} has no table [space].", hint="It holds one table, [space]."
        )
    return cast("Mapping[str, object]", space)


def _type_of(name: str, defaults: "DataclassInstance", hints: Mapping[str, object]) -> object:
    """The type of a parameter, or of one of the numbers in it."""
    field, dot, place = name.partition(".")
    if field not in hints or not hasattr(defaults, field):
        known = [item.name for item in fields(defaults)]
        near = get_close_matches(field, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"It has {', '.join(known) or 'none at all'}."
        raise BadSpace(f"The strategy has no parameter {field}.", hint=hint)
    if not dot:
        return hints[field]
    kinds = get_args(hints[field]) if isinstance(getattr(defaults, field), tuple) else ()
    if not place.isdigit() or int(place) >= len(kinds):
        there = ", ".join(f"{field}.{number}" for number in range(len(kinds)))
        raise BadSpace(f"There is no {name}.", hint=f"There is {there}." if there else f"Say {field} alone.")
    return kinds[int(place)]


def _axis(name: str, shape: object, kind: object) -> Axis:
    if isinstance(shape, str) and ":" in shape and not shape.startswith(":"):
        return _range(name, shape.split(":"), kind)
    if isinstance(shape, dict):
        table = cast("dict[str, object]", shape)
        if not {"from", "to"} <= table.keys() <= {"from", "to", "step"}:
            raise BadSpace(f"{name} = {table} is no range.", hint=f"Say {name} = {{ from = 1, to = 5, step = 1 }}.")
        return _range(name, [str(table[key]) for key in ("from", "to", "step") if key in table], kind)
    listed: Sequence[object] = shape.split(",") if isinstance(shape, str) else _list_of(shape)
    values = tuple(_checked(name, value.strip() if isinstance(value, str) else value, kind) for value in listed)
    if len(set(values)) < len(values):
        raise BadSpace(f"{name} names a value twice.", hint="Name each once.")
    return Axis(name=name, values=values)


def _list_of(shape: object) -> list[object]:
    return cast("list[object]", shape) if isinstance(shape, list) else [shape]


def _range(name: str, parts: Sequence[str], kind: object) -> Axis:
    try:
        numbers = [Decimal(part.strip()) for part in parts]
    except InvalidOperation:
        numbers = []
    if not 2 <= len(numbers) <= 3 or not all(number.is_finite() for number in numbers):
        raise BadSpace(f"{name}={':'.join(parts)} is no range of numbers.", hint=f"It looks like {SHAPES}.")
    low, high = numbers[0], numbers[1]
    if low > high:
        raise BadSpace(f"{name} goes from {low} to {high}, backwards.", hint=f"Say {name}={high}:{low}…")
    for end in (low, high):
        _checked(name, f"{end:f}", kind)
    whole = isinstance(_checked(name, f"{low:f}", kind), int)
    if len(numbers) == 2 and not whole:
        return Axis(name=name, low=float(low), high=float(high))
    step = numbers[2] if len(numbers) == 3 else Decimal(1)
    if step <= 0:
        raise BadSpace(f"{name} has a step of {step}.", hint="A step is over 0.")
    count = int(((high - low) / step).to_integral_value(ROUND_FLOOR)) + 1
    if count > VALUES_MAX:
        raise BadSpace(f"{name} has {count:,} values.", hint="Take a larger step.")
    # Steps are decimal, so that 0.1 three times is 0.3 and not the double beside it.
    return Axis(name=name, values=tuple(_checked(name, f"{low + step * place:f}", kind) for place in range(count)))


def _checked(name: str, value: object, kind: object) -> Value:
    """The value as the parameter's own type has it. BadSpace where it is none, or out of the type's bounds."""
    try:
        found = _reader(kind).validate_python(value)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        near = get_close_matches(str(value), [str(one) for one in get_args(kind)], n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The parameter is a {_named(kind)}."
        raise BadSpace(f"{name} cannot be {value}: {said}.", hint=hint) from error
    if not isinstance(found, int | float | str):
        raise BadSpace(f"{name} is no single value.", hint=f"Name one of its numbers: {name}.0.")
    if isinstance(found, float) and not isfinite(found):
        raise BadSpace(f"{name} cannot be {value}.", hint="Give a finite number.")
    if name == "timeframe" and found not in TIMEFRAME_MS:
        raise BadSpace(f"There are no candles of {found}.", hint=f"Choose from {', '.join(TIMEFRAME_MS)}.")
    return found


@lru_cache(maxsize=AXES_MAX)
def _reader(kind: Hashable) -> "TypeAdapter[Any]":
    """Reads values of a parameter's type; made once, as making one takes longer than a thousand readings."""
    return TypeAdapter(cast("Any", kind))


def _named(kind: object) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind).removeprefix("typing.")
