"""The preparation says in one sentence what to do, and does nothing that is already done."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from prepare import main, node, python, stamps, trouble

SCRIPTS = Path(main.__file__).parents[1]


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "free about 2 GB"),
        ("error: client error (Connect): dns error: failed to lookup address", "check the network"),
        ("npm error code ENOTFOUND", "check the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "pinned hash"),
        ("created successfully because ensurepip is not available", "install its venv module"),
        ("PermissionError: [Errno 13] Permission denied", "writable"),
        ("because ta-lib==0.8.2 has no wheels with a matching platform tag", "no ready-made wheel"),
        ("ModuleNotFoundError: No module named 'x'", "read the end of"),
    ],
)
def test_a_failure_says_what_to_do(output: str, advice: str):
    assert advice in trouble.diagnose(output, doing="installing")


def test_a_failing_command_raises_the_sentence_and_keeps_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trouble, "ROOT", tmp_path)
    monkeypatch.setattr(trouble, "LOG", tmp_path / "log")
    with pytest.raises(trouble.Trouble, match="the disk is full while testing"):
        trouble.run([sys.executable, "-c", "raise SystemExit('No space left')"], doing="testing", cwd=tmp_path)
    assert "No space left" in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v18.20.4", False),
        ("v20.18.1", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("nonsense", False),
    ],
)
def test_the_system_node_is_used_only_if_it_builds_the_page(version: str, enough: bool):
    assert node.good_enough(version) is enough


def test_a_fingerprint_changes_with_content_name_and_absence(tmp_path: Path):
    first, second = tmp_path / "a", tmp_path / "b"
    marks = [stamps.fingerprint([first], base=tmp_path)]
    first.write_bytes(b"1")
    marks.append(stamps.fingerprint([first], base=tmp_path))
    first.write_bytes(b"2")
    marks.append(stamps.fingerprint([first], base=tmp_path))
    first.rename(second)
    marks.append(stamps.fingerprint([second], base=tmp_path))
    assert len(set(marks)) == len(marks)


def test_a_prepared_folder_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    interpreter = tmp_path / "python"
    interpreter.touch()
    monkeypatch.setattr(python, "PYTHON", interpreter)
    monkeypatch.setattr(python, "STAMPS", tmp_path)
    monkeypatch.setattr(python, "_mark", lambda profile: f"mark of {profile}")
    monkeypatch.setattr(python, "_make_venv", lambda: pytest.fail("nothing was to be done"))
    stamps.write(tmp_path / "packages", mark="mark of dev")
    python.prepare("runtime")
    python.prepare("dev")


def test_an_unknown_profile_is_refused(capsys: pytest.CaptureFixture[str]):
    assert main.main(["everything"]) == 2
    assert "run, check, test" in capsys.readouterr().err


def test_an_old_python_can_read_the_first_file():
    ast.parse((SCRIPTS / "bootstrap.py").read_text(encoding="utf-8"), feature_version=(3, 4))
