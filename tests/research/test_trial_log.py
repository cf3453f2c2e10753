"""What was tried is on the disk before it counts, survives a kill at any byte, and is never taken for another's."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import Refused, Unavailable
from quorate.research.trial_log import DamagedLog, Identity, TrialLog

IDENTITY = Identity("sweep", {"candles": "aa", "code": "bb"})
RECORDS = [('{"a":1}', {"fault": "it broke"}), ('{"a":2}', {"figures": {"trades": 3}, "shape": None})]


def written(path: Path, identity: Identity = IDENTITY) -> TrialLog:
    log = TrialLog(path, identity)
    log.add(RECORDS)
    log.close()
    return log


def held(path: Path, identity: Identity = IDENTITY) -> dict[str, object]:
    log = TrialLog(path, identity)
    log.close()
    return dict(log.records)


def test_what_was_written_is_read_again_in_its_order(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "trials.jsonl"
    written(path)
    assert list(held(path).items()) == RECORDS
    first, *rest = path.read_text().splitlines()
    assert json.loads(first) == {"format": 1, "kind": "sweep", "parts": {"candles": "aa", "code": "bb"}}
    assert len(rest) == 2


def test_a_point_that_is_told_twice_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path)
    log = TrialLog(path, IDENTITY)
    log.add([*RECORDS, ('{"a":3}', {"fault": "no"})])
    log.close()
    assert len(path.read_text().splitlines()) == 4
    assert len(held(path)) == 3


@given(st.data())
def test_a_kill_at_any_byte_loses_the_torn_line_alone(tmp_path_factory: pytest.TempPathFactory, data) -> None:
    path = tmp_path_factory.mktemp("log") / "trials.jsonl"
    written(path)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    known = held(path)
    lines = whole[:cut].count(b"\n")
    assert list(known.items()) == RECORDS[: max(0, lines - 1)]
    log = TrialLog(path, IDENTITY)
    log.add(RECORDS)
    log.close()
    assert path.read_bytes() == whole


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"fault":"no point"}', '{"at":7}'])
def test_a_line_that_cannot_be_read_is_an_error_and_never_skipped(tmp_path: Path, line: str) -> None:
    path = tmp_path / "trials.jsonl"
    written(path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], line, *lines[1:]]) + "\n")
    with pytest.raises(DamagedLog, match="Line 2"):
        TrialLog(path, IDENTITY)


def test_results_of_something_else_are_refused_and_named(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path)
    with pytest.raises(Refused, match="code changed"):
        TrialLog(path, Identity("sweep", {"candles": "aa", "code": "cc"}))
    with pytest.raises(Refused, match="another kind changed"):
        TrialLog(path, Identity("walk-forward", IDENTITY.parts))
    assert list(held(path).items()) == RECORDS


def test_identities_have_the_digest_of_their_parts_in_any_order() -> None:
    turned = Identity("sweep", {"code": "bb", "candles": "aa"})
    assert turned.digest == IDENTITY.digest
    assert Identity("sweep", {"candles": "aa", "code": "bc"}).digest != IDENTITY.digest


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be written"):
        TrialLog(tmp_path / "file" / "trials.jsonl", IDENTITY)


def test_a_full_disk_is_said_and_what_is_whole_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    written(path)
    log = TrialLog(path, IDENTITY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, before[1]))
    try:
        with pytest.raises(Unavailable, match="cannot be written"):
            log.add([('{"a":9}', {"fault": "x" * 200})])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        log.close()
    assert '{"a":9}' not in log.records
    assert list(held(path).items()) == RECORDS
