"""A live desk whose keys do not open: everything can be read, nothing is traded (F38)."""

import pytest

from quorate.accounts.master_key import MasterKeyMissing
from quorate.accounts.sealing import CannotOpen
from quorate.settings import Settings
from quorate.wiring.house import API, FEED, WORKER, _admitted
from quorate.wiring.live import ActMissing
from tests.accounts.desks import OwnersDesk

ALL = frozenset({FEED, WORKER, API})


class Heard:
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture
def desk(tmp_path, monkeypatch) -> OwnersDesk:
    desk = OwnersDesk(tmp_path).enrolled().with_key(venue="binanceusdm")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORATE_MASTER_KEY_FILE", str(desk.key_file))
    return desk


def settings_of(desk: OwnersDesk) -> Settings:
    base = Settings()
    feed = {"kind": "exchange", "exchange": "binanceusdm"}
    venue = {"name": "binanceusdm", "key": "main", "portfolio": "conservative"}
    return Settings.model_validate(
        {"mode": "live", "data_dir": desk.data_dir, "feed": feed, "venue": venue, "desk": base.desk}
    )


@pytest.mark.parametrize("how", ["another", "none"])
def test_f38_with_a_wrong_or_a_missing_master_key_the_page_is_served_without_a_desk(desk, monkeypatch, how):
    other = OwnersDesk(desk.folder / "other")
    monkeypatch.setenv("QUORATE_MASTER_KEY_FILE", str(other.key_file) if how == "another" else "")
    heard = Heard()
    roles, leave = _admitted(settings_of(desk), ALL, heard, None)  # pyright: ignore[reportArgumentType]
    assert (roles, leave) == (ALL - {WORKER}, None)
    assert "Nothing is traded; everything can be read." in heard.warnings[0]


def test_f38_a_worker_alone_does_not_start_without_its_keys(desk, monkeypatch):
    monkeypatch.setenv("QUORATE_MASTER_KEY_FILE", "")
    with pytest.raises((CannotOpen, MasterKeyMissing)):
        _admitted(settings_of(desk), frozenset({WORKER}), Heard(), None)  # pyright: ignore[reportArgumentType]


def test_an_act_that_is_missing_is_no_reason_to_start_half_of_the_house(desk):
    with pytest.raises(ActMissing):
        _admitted(settings_of(desk), ALL, Heard(), None)  # pyright: ignore[reportArgumentType]


def test_on_paper_nobody_is_asked_for_leave(desk):
    assert _admitted(Settings(data_dir=desk.data_dir), ALL, Heard(), None) == (ALL, None)  # pyright: ignore[reportArgumentType]
