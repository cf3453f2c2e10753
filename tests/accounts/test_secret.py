"""I7: a secret comes out only where it is asked for by name."""

import copy
import json
import logging
import pickle

import pytest

from quorate.accounts import venue_keys
from quorate.accounts.second_factor import Factor
from quorate.accounts.secret import Secret
from quorate.ops.logs import configure_logs
from quorate.settings import Settings
from quorate.venues.ccxt.settings import VenueSettings
from quorate.wiring.live import Licence
from tests.accounts.conftest import master

TEXT = "hunter2-hunter2-hunter2"


def credentials() -> venue_keys.Credentials:
    return venue_keys.credentials_of(name="main", venue="kraken", key=Secret(TEXT), secret=Secret(TEXT))


HOLDERS = [
    Secret(TEXT),
    credentials(),
    Factor(secret=TEXT, enrolled_ms=0),
    VenueSettings(exchange="kraken", key=TEXT, secret=TEXT),
    Licence(settings=Settings(), credentials=credentials(), held=()),
    master(),
]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_i7_what_holds_a_secret_does_not_show_it(holder):
    hidden = TEXT if type(holder) is not type(master()) else master().secret.reveal()
    for shown in (repr(holder), str(holder), f"{holder}", "%s" % (holder,)):  # noqa: UP031
        assert hidden not in shown


def test_i7_a_secret_is_neither_pickled_nor_written_as_json_nor_copied_away():
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TEXT))
    with pytest.raises(TypeError):
        json.dumps({"key": Secret(TEXT)})
    with pytest.raises(TypeError):
        hash(Secret(TEXT))
    with pytest.raises(TypeError):
        copy.deepcopy(credentials())


def test_secrets_are_equal_by_what_they_hold():
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret("other")
    assert Secret(TEXT) != TEXT


def test_i7_an_error_on_its_way_into_the_log_shows_nothing_of_the_locals_it_met():
    lines: list[str] = []
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        configure_logs(level="debug", as_json=False, write=lines.append)
        held = credentials()
        try:
            venue_keys.credentials_of(name="x", venue="nowhere", key=held.key, secret=held.secret)
        except Exception:
            logging.getLogger("quorate").exception("what was held: %s", held)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert lines
    assert TEXT not in "".join(lines)
