"""Writes a strategy that works, and its test, for somebody to make their own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files
from keyword import iskeyword
from pathlib import Path

from quorate.domain.errors import BadInput

NAME, CLASS = "example_name", "ExampleName"
"""What the templates are called."""
NAME_CHARS_MAX = 40
TESTS_FOLDER = "tests"


@dataclass(frozen=True, slots=True)
class Written:
    """The two files."""

    strategy: Path
    test: Path


def write_strategy(name: str, folder: Path, *, taken: Collection[str]) -> Written:
    """Write `folder/name.py` and `folder/tests/test_name.py`; a folder that is not there is made.

    Nothing is overwritten. `taken` are the names of strategies there are. Errors: BadInput for a name that cannot be
    one or is taken, or where files cannot be written.
    """
    _check(name, taken)
    written = Written(folder / f"{name}.py", folder / TESTS_FOLDER / f"test_{name}.py")
    for path in (written.strategy, written.test):
        if path.exists():
            raise BadInput(f"{path} exists already.", hint="Choose another name, or take that file away.")
    try:
        written.test.parent.mkdir(parents=True, exist_ok=True)
        for path, template in ((written.strategy, "strategy.txt"), (written.test, "strategy_test.txt")):
            with path.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(_filled(template, name))
    except OSError as error:
        raise BadInput(f"{folder} cannot be written to: {(error.strerror or str(error)).lower()}.") from error
    return written


def _check(name: str, taken: Collection[str]) -> None:
    if not name.isidentifier() or name != name.lower() or iskeyword(name) or name.startswith("_"):
        words = "".join(each if each.isalnum() else "_" for each in name.lower()).strip("_")
        better = words if words.isidentifier() and not iskeyword(words) else "my_strategy"
        raise BadInput(f"{name!r} cannot be the name of a strategy.", hint=f"Use lower_snake_case, like {better}.")
    if len(name) > NAME_CHARS_MAX:
        raise BadInput(f"{name} is longer than {NAME_CHARS_MAX} letters.", hint="Choose a shorter name.")
    if name in taken:
        raise BadInput(f"There is a strategy called {name} already.", hint="`quorate strategy list` shows them all.")


def _filled(template: str, name: str) -> str:
    text = files("quorate.research.templates").joinpath(template).read_text(encoding="utf-8")
    return text.replace(NAME, name).replace(CLASS, "".join(word.capitalize() for word in name.split("_")))
