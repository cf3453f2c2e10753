"""A loosened limit waits for the second factor and the cool-down; a tightened one for nothing."""

from dataclasses import replace
from decimal import Decimal

from quorate.accounts.limit_record import HOUR_MS, allow, govern, read_record, write_record
from quorate.domain.limit_changes import OwnersLimits
from quorate.domain.policy import DeskPolicy
from quorate.domain.promotion import PromotionPolicy
from tests.accounts.conftest import NOW_MS

D = Decimal
LIMITS = OwnersLimits(
    desk=DeskPolicy(), promotion=PromotionPolicy(), portfolio="aggressive", stake=D(100), cool_down_hours=24
)
LOOSER = replace(LIMITS, stake=D(500))
FIRST = govern(None, LIMITS, now_ms=NOW_MS).record


def test_the_first_limits_are_those_that_later_ones_are_measured_by():
    governed = govern(None, LIMITS, now_ms=NOW_MS)
    assert (governed.limits, governed.held) == (LIMITS, ())


def test_c28_a_loosening_that_nobody_allowed_does_not_hold_however_long_it_waits():
    later = govern(FIRST, LOOSER, now_ms=NOW_MS + 1_000 * HOUR_MS)
    assert later.limits == LIMITS
    assert [held.ready_ms for held in later.held] == [None]


def test_c28_a_loosening_holds_when_it_was_allowed_and_has_cooled_down():
    allowed = allow(FIRST, LOOSER, now_ms=NOW_MS)
    soon = govern(allowed, LOOSER, now_ms=NOW_MS + 24 * HOUR_MS - 1)
    assert soon.limits == LIMITS
    assert [held.ready_ms for held in soon.held] == [NOW_MS + 24 * HOUR_MS]
    then = govern(soon.record, LOOSER, now_ms=NOW_MS + 24 * HOUR_MS)
    assert (then.limits, then.held) == (LOOSER, ())
    assert then.record.accepted == LOOSER
    assert then.record.allowances == ()


def test_c28_another_number_than_the_allowed_one_is_not_allowed():
    allowed = allow(FIRST, LOOSER, now_ms=NOW_MS)
    more = govern(allowed, replace(LIMITS, stake=D(501)), now_ms=NOW_MS + 48 * HOUR_MS)
    assert more.limits == LIMITS


def test_c28_a_tightening_holds_at_once_and_its_way_back_is_a_loosening():
    tight = govern(FIRST, replace(LIMITS, stake=D(10)), now_ms=NOW_MS)
    assert tight.limits.stake == 10
    assert govern(tight.record, LIMITS, now_ms=NOW_MS).limits.stake == 10


def test_c28_a_shorter_cool_down_waits_as_long_as_the_accepted_one():
    wanted = replace(LIMITS, stake=D(500), cool_down_hours=1)
    allowed = allow(FIRST, wanted, now_ms=NOW_MS)
    assert govern(allowed, wanted, now_ms=NOW_MS + 2 * HOUR_MS).limits == LIMITS
    assert govern(allowed, wanted, now_ms=NOW_MS + 24 * HOUR_MS).limits == wanted


def test_c28_a_clock_that_was_set_back_cools_nothing_down():
    allowed = allow(FIRST, LOOSER, now_ms=NOW_MS)
    assert govern(allowed, LOOSER, now_ms=NOW_MS - 48 * HOUR_MS).limits == LIMITS


def test_allowing_twice_does_not_begin_the_cool_down_anew():
    once = allow(FIRST, LOOSER, now_ms=NOW_MS)
    assert allow(once, LOOSER, now_ms=NOW_MS + HOUR_MS) == once


def test_an_allowance_ends_when_its_change_is_no_longer_wanted():
    allowed = allow(FIRST, LOOSER, now_ms=NOW_MS)
    given_up = govern(allowed, LIMITS, now_ms=NOW_MS + HOUR_MS).record
    assert govern(given_up, LOOSER, now_ms=NOW_MS + 48 * HOUR_MS).limits == LIMITS


def test_a_record_comes_back_as_it_was_kept(sealed):
    record = allow(FIRST, LOOSER, now_ms=NOW_MS)
    assert read_record(sealed) is None
    write_record(sealed, record, now_ms=NOW_MS)
    assert read_record(sealed) == record
