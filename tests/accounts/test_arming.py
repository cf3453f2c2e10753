"""An arming holds for a while, for what it was given for, and for nothing else."""

from dataclasses import replace

import pytest

from quorate.accounts.arming import HOUR_MS, Subject, arm, armed, disarm, fault_in
from quorate.accounts.second_factor import enrol, withdraw
from tests.accounts.conftest import NOW_MS
from tests.accounts.test_second_factor import SECRET, STEP_MS, code_at

SUBJECT = Subject(account="live", venue="kraken", key="main", settings="d1")


def test_it_holds_until_it_expires(sealed):
    arm(sealed, SUBJECT, now_ms=NOW_MS, hours=12)
    kept = armed(sealed, "live")
    assert fault_in(kept, SUBJECT, now_ms=NOW_MS) is None
    assert fault_in(kept, SUBJECT, now_ms=NOW_MS + 12 * HOUR_MS - 1) is None
    assert "ended 0 min ago" in (fault_in(kept, SUBJECT, now_ms=NOW_MS + 12 * HOUR_MS) or "")
    assert "ended 3 h ago" in (fault_in(kept, SUBJECT, now_ms=NOW_MS + 15 * HOUR_MS) or "")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account": "other"}, "for account live, and this is account other"),
        ({"venue": "binance"}, "for venue kraken, and this is venue binance"),
        ({"key": "second"}, "for key main, and this is key second"),
        ({"settings": "d2"}, "have changed since"),
    ],
)
def test_it_holds_for_nothing_else(sealed, change, said):
    arm(sealed, SUBJECT, now_ms=NOW_MS, hours=12)
    assert said in (fault_in(armed(sealed, "live"), replace(SUBJECT, **change), now_ms=NOW_MS) or "")


def test_without_one_and_after_it_was_taken_back_nothing_starts(sealed):
    assert "was not armed" in (fault_in(armed(sealed, "live"), SUBJECT, now_ms=NOW_MS) or "")
    arm(sealed, SUBJECT, now_ms=NOW_MS, hours=1)
    assert disarm(sealed, "live")
    assert not disarm(sealed, "live")
    assert armed(sealed, "live") is None


def test_a_clock_set_back_before_it_was_given_starts_nothing(sealed):
    arm(sealed, SUBJECT, now_ms=NOW_MS, hours=1)
    assert "has not reached" in (fault_in(armed(sealed, "live"), SUBJECT, now_ms=NOW_MS - 1) or "")


def test_it_ends_with_the_second_factor(sealed):
    enrol(sealed, SECRET, code_at(NOW_MS), now_ms=NOW_MS)
    arm(sealed, SUBJECT, now_ms=NOW_MS, hours=1)
    withdraw(sealed, code_at(NOW_MS + STEP_MS), now_ms=NOW_MS + STEP_MS)
    assert armed(sealed, "live") is None
