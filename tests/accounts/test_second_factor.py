"""A code is good for one act, for a short while, and nobody guesses many times."""

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp.totp import TOTP

from quorate.accounts import second_factor
from quorate.accounts.sealed_file import SealedFile
from quorate.accounts.second_factor import (
    FAILURES_MAX,
    FAILURES_WINDOW_MS,
    STEP_MS,
    Factor,
    SecondFactorMissing,
    SecondFactorRefused,
    enrol,
    enrolment_uri,
    judge,
    new_secret,
    require_code,
    withdraw,
)
from quorate.accounts.secret import Secret
from tests.accounts.conftest import NOW_MS, chance, master

SECRET = new_secret(chance("factor"))


def code_at(now_ms: int) -> Secret:
    return Secret(TOTP(SECRET.reveal()).at(now_ms // 1_000))


@pytest.fixture
def enrolled(sealed) -> SealedFile:
    enrol(sealed, SECRET, code_at(NOW_MS), now_ms=NOW_MS)
    return sealed


class TestCode:
    def test_the_code_of_now_is_taken(self, enrolled):
        require_code(enrolled, code_at(NOW_MS + STEP_MS), now_ms=NOW_MS + STEP_MS)

    @pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_a_code_of_the_step_before_or_after_is_taken_and_no_other(self, steps, taken):
        factor = Factor(secret=SECRET.reveal(), enrolled_ms=0)
        _, refused = judge(factor, code_at(NOW_MS + steps * STEP_MS), now_ms=NOW_MS)
        assert (refused is None) is taken

    def test_f33_a_code_is_taken_once_even_by_another_process(self, enrolled):
        later = NOW_MS + STEP_MS
        require_code(enrolled, code_at(later), now_ms=later)
        other = SealedFile(enrolled.path, master(), chance("other process"))
        with pytest.raises(SecondFactorRefused, match="used before"):
            require_code(other, code_at(later), now_ms=later + 1_000)

    def test_f33_a_code_older_than_one_that_was_used_is_refused(self, enrolled):
        later = NOW_MS + 2 * STEP_MS
        require_code(enrolled, code_at(later), now_ms=later)
        with pytest.raises(SecondFactorRefused, match="used before"):
            require_code(enrolled, code_at(later - STEP_MS), now_ms=later)

    def test_the_code_that_enrolled_is_used_up(self, enrolled):
        with pytest.raises(SecondFactorRefused, match="used before"):
            require_code(enrolled, code_at(NOW_MS), now_ms=NOW_MS)

    @pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "\uff10" * 6, "0" * 10_000])
    def test_what_is_no_code_is_wrong(self, enrolled, text):
        with pytest.raises(SecondFactorRefused, match="wrong"):
            require_code(enrolled, Secret(text), now_ms=NOW_MS)

    def test_after_five_wrong_codes_not_even_the_right_one_is_looked_at(self, enrolled):
        at_ms = NOW_MS + STEP_MS
        for _ in range(FAILURES_MAX):
            with pytest.raises(SecondFactorRefused, match="wrong"):
                require_code(enrolled, Secret("000000"), now_ms=at_ms)
        with pytest.raises(SecondFactorRefused, match="none is looked at for 300 s"):
            require_code(enrolled, code_at(at_ms), now_ms=at_ms)
        after = at_ms + FAILURES_WINDOW_MS + STEP_MS
        require_code(enrolled, code_at(after), now_ms=after)

    def test_a_code_may_be_typed_with_a_space(self, enrolled):
        at_ms = NOW_MS + STEP_MS
        text = code_at(at_ms).reveal()
        require_code(enrolled, Secret(f" {text[:3]} {text[3:]}\n"), now_ms=at_ms)

    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(-1, 1)), max_size=30))
    def test_no_order_of_tries_takes_one_step_twice(self, tries):
        factor, taken = Factor(secret=SECRET.reveal(), enrolled_ms=0), list[int]()
        for step, drift in sorted(tries):
            now_ms = NOW_MS + step * STEP_MS
            factor, refused = judge(factor, code_at(now_ms + drift * STEP_MS), now_ms=now_ms)
            if refused is None:
                taken.append(now_ms // STEP_MS + drift)
        assert taken == sorted(set(taken))


class TestEnrolment:
    def test_nothing_is_enrolled_before_a_code_proves_it(self, sealed):
        with pytest.raises(SecondFactorRefused, match="Nothing was enrolled"):
            enrol(sealed, SECRET, Secret("000000"), now_ms=NOW_MS)
        assert not second_factor.is_enrolled(sealed)

    def test_a_second_factor_is_not_replaced_silently(self, enrolled):
        at_ms = NOW_MS + STEP_MS
        with pytest.raises(SecondFactorRefused, match="already"):
            enrol(enrolled, SECRET, code_at(at_ms), now_ms=at_ms)

    def test_without_one_an_act_that_needs_it_says_what_to_do(self, sealed):
        with pytest.raises(SecondFactorMissing, match="second-factor enroll"):
            require_code(sealed, Secret("000000"), now_ms=NOW_MS)

    def test_it_is_taken_away_by_a_last_code(self, enrolled):
        with pytest.raises(SecondFactorRefused):
            withdraw(enrolled, Secret("000000"), now_ms=NOW_MS)
        withdraw(enrolled, code_at(NOW_MS + STEP_MS), now_ms=NOW_MS + STEP_MS)
        assert not second_factor.is_enrolled(enrolled)

    def test_authenticators_read_the_address(self):
        address = enrolment_uri(SECRET, owner="live").reveal()
        read = pyotp.parse_uri(address)
        assert isinstance(read, TOTP)
        assert read.at(NOW_MS // 1_000) == code_at(NOW_MS).reveal()
        assert (read.issuer, read.name) == ("Quorate", "live")
