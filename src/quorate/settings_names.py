"""The names of all settings: which exist, what lies under each, and which one somebody probably meant.

Read off the types themselves, so that there is no second list to keep.
"""

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from quorate.settings import Settings

Name = tuple[str, ...]
PORTFOLIOS: Name = ("desk", "portfolios")
"""The one list of sections: an entry is found by its name."""


def kind_at(path: Name) -> Any:
    """The type of the setting at `path`, None where there is none. Under a free table everything is `object`."""
    here: Any = Settings
    for depth, name in enumerate(path):
        if path[:depth] == PORTFOLIOS:
            here = get_args(here)[0]
        elif here is object or is_free_table(here):
            here = object
        else:
            here = parts_of(here).get(name)
            if here is None:
                return None
    return here


def is_section(kind: Any) -> bool:
    """Whether settings of their own lie under a value of this type."""
    return is_dataclass(kind) or (isinstance(kind, type) and issubclass(cast("type[object]", kind), BaseModel))


def is_free_table(kind: Any) -> bool:
    """Whether a value of this type is a table whose keys are the user's own."""
    return get_origin(kind) is Mapping


def is_list(kind: Any) -> bool:
    """Whether a value of this type has several entries."""
    return get_origin(kind) is tuple


def nearest_name(path: Name) -> str | None:
    """The known setting that an unknown one at `path` was probably meant to be.

    Told as its last word where only that is wrong, as a dotted name where it lies elsewhere.
    """
    mended: Name = ()
    for word in path:
        if kind_at((*mended, word)) is not None:
            mended = (*mended, word)
            continue
        near = get_close_matches(word, list(parts_of(kind_at(mended))), n=1, cutoff=0.6)
        if not near:
            break
        mended = (*mended, near[0])
    if len(mended) == len(path):
        return mended[len(path) - 1] if mended[:-1] == path[:-1] else ".".join(mended)
    elsewhere = [name for name in all_names() if name.rpartition(".")[2] == path[-1]]
    if elsewhere:
        return elsewhere[0]
    return ".".join(mended) + " or something under it" if mended and mended != path[: len(mended)] else None


@cache
def all_names() -> tuple[str, ...]:
    """Every setting by its dotted name; entries of the portfolios' list as `desk.portfolios.NAME.…`."""
    return tuple(_names(Settings, ()))


def _names(kind: Any, path: Name) -> Iterator[str]:
    for name, inner in parts_of(kind).items():
        here = (*path, name)
        if here == PORTFOLIOS:
            yield from _names(get_args(inner)[0], (*here, "NAME"))
        elif is_section(inner):
            yield from _names(inner, here)
        else:
            yield ".".join(here)


@cache
def parts_of(kind: Any) -> dict[str, Any]:
    """What lies under a section: names and their types, without notes and without None."""
    if not is_section(kind):
        return {}
    return {name: _bare(hint) for name, hint in get_type_hints(kind).items() if not name.startswith(("_", "model_"))}


def _bare(hint: Any) -> Any:
    """A type without its notes and without None."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        choices = [choice for choice in get_args(hint) if choice is not NoneType]
        return _bare(choices[0]) if len(choices) == 1 else str
    return hint
