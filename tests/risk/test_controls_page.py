"""The page of controls and faults names every number, and only code and tests that exist."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = re.findall(r"^\| ([CF]\d+) \|(.*)\|$", (ROOT / "docs/controls.md").read_text(encoding="utf-8"), re.MULTILINE)
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^ *(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


def test_every_number_has_its_row() -> None:
    assert [number for number, _ in ROWS] == [f"C{n}" for n in range(1, 31)] + [f"F{n}" for n in range(1, 41)]


@pytest.mark.parametrize(("number", "row"), ROWS)
def test_what_a_row_names_exists(number: str, row: str) -> None:
    for path, symbol in re.findall(r"`(\w+/\w+\.py)`(?: `(\w+)`)?", row):
        code = (ROOT / "src/quorate" / path).read_text(encoding="utf-8")
        assert not symbol or f"def {symbol}(" in code, f"{number}: {path} has no function {symbol}"
    for pattern in re.findall(r"`(test_[\w*]+)`", row):
        assert any(fnmatch(name, pattern) for name in TESTS), f"{number}: there is no test {pattern}"
