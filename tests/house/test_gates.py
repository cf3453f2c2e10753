"""The gates find what they are there to find, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates import branches, leaks, locks, purity, sizes, source, words

GATES = (branches, leaks, locks, purity, sizes, words)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder, outside of any repository, at which the gates look."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    for module in (source, *GATES):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def write(project: Path, name: str, text: str) -> None:
    target = project / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def test_a_function_over_its_limit_fails_and_one_over_its_aim_warns(project: Path):
    write(project, "src/a.py", "def long():\n" + "    x = 1\n" * 60 + "def near():\n" + "    x = 1\n" * 50)
    fatal, warning = sizes.find()
    assert (fatal.line, fatal.warning) == (1, False)
    assert (warning.line, warning.warning) == (62, True)


def test_a_file_over_its_limit_fails_whichever_language_it_is_in(project: Path):
    write(project, "src/a.py", "x = 1\n" * 601)
    write(project, "web/src/a.tsx", "const x = 1;\n" * 301)
    write(project, "web/src/generated.ts", "// Generated from somewhere\n" + "const x = 1;\n" * 900)
    assert sorted(str(found.path) for found in sizes.find()) == ["src/a.py", "web/src/a.tsx"]


@pytest.mark.parametrize(
    ("where", "line", "allowed"),
    [
        ("domain/money.py", "from decimal import Decimal", True),
        ("domain/money.py", "from quorate.rules import costs", True),
        ("domain/money.py", "import numpy as np", False),
        ("risk/breakers.py", "from quorate.kernel import bars", False),
        ("council/consensus.py", "from quorate import settings", False),
        ("council/panel.py", "import numpy as np", True),
        ("desk/jobs.py", "from quorate.council import panel", True),
        ("desk/jobs.py", "from quorate.journal import chain", False),
        ("desk/jobs.py", "import urllib.request", False),
        ("desk/jobs.py", "import pydantic", False),
    ],
)
def test_the_core_imports_the_standard_library_and_itself_only(project: Path, where: str, line: str, allowed: bool):
    write(project, f"src/quorate/{where}", f"{line}\n")
    assert (list(purity.find()) == []) is allowed


def test_registry_hosts_machine_paths_and_keys_are_leaks(project: Path):
    host, place, key = "https://pypi" + ".org/simple", "/home" + "/ada/quorate", "AKIA" + "A" * 16
    write(project, "a.txt", f"{host}\n{place}\n{key}\n")
    assert [found.line for found in leaks.find()] == [1, 2, 3]


def test_routes_addresses_and_relative_paths_are_no_leaks(project: Path):
    write(project, "a.md", "GET /v1/signals\nhttp://127.0.0.1:8420/work/x\nsrc/work/a.py\n../home/a\n/api/scan\n")
    assert list(leaks.find()) == []


def test_empty_names_and_unfinished_work_are_told(project: Path):
    write(project, "src/a.py", "class OrderManager:\n    x = 1  # TO" + "DO later\n")
    assert sorted(found.line for found in words.find()) == [1, 2]


def test_a_pin_without_a_hash_and_a_pin_missing_from_dev_are_told(project: Path):
    pinned = "numpy==2.4.6 \\\n    --hash=sha256:aa\n"
    write(project, "requirements/runtime.txt", pinned + "redis==8.1.0\n")
    write(project, "requirements/dev.txt", pinned)
    assert [found.line for found in locks.find()] == [3, 3]


def test_an_optional_npm_package_that_is_not_locked_is_told(project: Path):
    for name in ("runtime", "dev"):
        write(project, f"requirements/{name}.txt", "")
    entry = {"integrity": "sha512-x", "optionalDependencies": {"b": "1.0.0"}}
    write(project, "web/package-lock.json", json.dumps({"packages": {"": {}, "node_modules/a": entry}}))
    (found,) = locks.find()
    assert "b, which is not locked" in found.sentence


def test_a_deciding_package_below_its_share_of_tested_branches_is_told(monkeypatch: pytest.MonkeyPatch):
    def summary(covered: int) -> dict[str, dict[str, int]]:
        return {"summary": {"num_branches": 20, "covered_branches": covered, "missing_branches": 20 - covered}}

    report = {"files": {"src/quorate/rules/exits.py": summary(18), "src/quorate/risk/sizing.py": summary(19)}}
    monkeypatch.setattr(branches, "_report", lambda: report)
    (found,) = branches.find()
    assert found.path == Path("src/quorate/rules")
    assert "exits.py (2 missing)" in found.sentence
