"""Settings of live trading are versions: each says what changed, is signed, and follows from the one before it."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from quorate.accounts import settings_record as record
from quorate.accounts.sealing import CannotOpen
from quorate.domain.errors import BadInput
from tests.accounts.desks import OwnersDesk

NOW_MS = 1_735_689_600_000


class Kept:
    """One machine's record."""

    def __init__(self, folder: Path) -> None:
        self.desk = OwnersDesk(folder)
        self.path = self.desk.data_dir / record.FILE_NAME
        self.file = self.desk.sealed

    def adopt(self, at_ms: int = NOW_MS, **settings: object) -> record.Version:
        text = json.dumps(settings, sort_keys=True)
        wanted = record.Wanted(account="live", settings=text, digest=f"digest of {text}", by="second factor")
        return record.adopt(self.file, self.path, wanted, now_ms=at_ms)

    def known(self) -> tuple[record.Signed, ...]:
        return record.verified(self.file, self.path)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_c27_a_change_of_settings_is_a_version_that_says_what_changed(kept: Kept) -> None:
    first = kept.adopt(stake=50, limits={"collar_bps": 200, "pairs": ["BTC/USDT"]})
    assert kept.adopt(at_ms=NOW_MS + 1, stake=50, limits={"collar_bps": 200, "pairs": ["BTC/USDT"]}) == first
    second = kept.adopt(stake=50, limits={"collar_bps": 300}, model="x")
    assert (first.number, second.number) == (1, 2)
    assert [(each.name, each.before, each.after) for each in second.changes] == [
        ("limits.collar_bps", "200", "300"),
        ("limits.pairs", '["BTC/USDT"]', ""),
        ("model", "", '"x"'),
    ]
    assert [each.version for each in kept.known()] == [first, second]


def test_c27_going_back_to_earlier_settings_is_a_version_too(kept: Kept) -> None:
    kept.adopt(stake=50)
    kept.adopt(stake=60)
    assert kept.adopt(stake=50).number == 3


def test_c27_anybody_can_check_the_record_with_the_public_key_alone(kept: Kept) -> None:
    kept.adopt(stake=50)
    kept.adopt(stake=60)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(record.public_key(kept.file)))
    for line in kept.path.read_bytes().splitlines():
        said = json.loads(line)
        text = line[line.index(b'"version":') + len(b'"version":') : -1]
        assert json.loads(text) == said["version"]
        key.verify(bytes.fromhex(said["signature"]), text)


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (lambda lines: [lines[0].replace(b"second factor", b"nobody at all"), *lines[1:]], "1 of the settings is not"),
        (lambda lines: lines[:-1], "ends before version 3"),
        (lambda lines: [lines[0], lines[2]], "3 of the settings does not follow from version 1"),
        (lambda lines: [lines[1], lines[0], lines[2]], "does not follow"),
        (lambda lines: [*lines[:-1], b"{}"], "cannot be read"),
        (lambda lines: [], "ends before version 3"),
    ],
    ids=["changed", "cut off", "left out", "moved", "spoilt", "emptied"],
)
def test_c27_a_record_that_was_tampered_with_is_refused_with_what_is_wrong(kept: Kept, tamper, says: str) -> None:
    for stake in (50, 60, 70):
        kept.adopt(stake=stake)
    kept.path.write_bytes(b"\n".join(tamper(kept.path.read_bytes().splitlines())))
    with pytest.raises(record.RecordBroken, match=says):
        kept.known()
    with pytest.raises(record.RecordBroken, match=says):
        kept.adopt(stake=80)


def test_c27_a_record_of_another_machine_is_refused(kept: Kept, tmp_path: Path) -> None:
    kept.adopt(stake=50)
    (tmp_path / "other").mkdir()
    other = Kept(tmp_path / "other")
    other.path.parent.mkdir(parents=True, exist_ok=True)
    other.path.write_bytes(kept.path.read_bytes())
    other.path.chmod(0o600)
    with pytest.raises(record.RecordBroken, match="has not signed any of it"):
        other.known()
    with pytest.raises(CannotOpen):
        type(kept.file)(kept.file.path, other.file.master, kept.file.randomness).get(record.KIND, record.HEAD)


def test_c27_a_line_that_a_crash_left_unfinished_counts_for_nothing(kept: Kept) -> None:
    kept.adopt(stake=50)
    sealed = kept.file.path.read_bytes()
    kept.adopt(stake=60)
    kept.file.path.write_bytes(sealed)
    assert [each.version.number for each in kept.known()] == [1]
    assert kept.adopt(stake=70).number == 2
    assert len(kept.known()) == 2


def test_c27_a_review_says_who_looked_and_how_long_ago_it_is_known(kept: Kept) -> None:
    with pytest.raises(BadInput, match="no settings to review"):
        record.review(kept.file, kept.path, by="Ada", note="looked", now_ms=NOW_MS)
    kept.adopt(stake=50)
    assert record.reviewed_ms(kept.known()) is None
    said = record.review(kept.file, kept.path, by=" Ada ", note="limits fit the year", now_ms=NOW_MS + 5)
    assert (said.kind, said.by, said.number) == (record.REVIEW, "Ada", 2)
    assert record.reviewed_ms(kept.known()) == NOW_MS + 5
    assert kept.adopt(stake=50).number == 1, "the settings are still those of version 1"
    for bad in ("", " ", "x" * 501):
        with pytest.raises(BadInput, match="1 to 500"):
            record.review(kept.file, kept.path, by="Ada", note=bad, now_ms=NOW_MS)


def test_c27_only_so_many_versions_are_kept_and_they_still_verify(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "KEPT_MAX", 3)
    for stake in range(5):
        kept.adopt(stake=stake)
    assert [each.version.number for each in kept.known()] == [3, 4, 5]
    assert kept.adopt(stake=9).number == 6


def test_c27_a_record_of_large_settings_stays_short_enough_to_be_read_again(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "BYTES_MAX", 30_000)
    for stake in range(5):
        kept.adopt(stake=stake, code="x" * 6_000)
    assert kept.path.stat().st_size <= 30_000
    assert [each.version.number for each in kept.known()] == [4, 5]


def test_long_values_are_told_by_their_beginning_and_a_difference_in_them_all_the_same() -> None:
    one, two = (json.dumps({"code": "x" * 5_000 + end}) for end in "ab")
    (changed,) = record.changes_between(one, two)
    assert changed.name == "code"
    assert changed.before != changed.after
    assert max(len(changed.before), len(changed.after)) < 220
