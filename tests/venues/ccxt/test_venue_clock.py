"""The venue's time runs on what never jumps; the wall clock is only compared with it (F20)."""

from __future__ import annotations

from quorate.venues.ccxt.venue_clock import MEASURED_AGAIN_S, MEASURED_MAX_S, VenueClock

T0 = 1_735_689_600_000


class Machine:
    def __init__(self) -> None:
        self.wall_ms = T0
        self.seconds = 50.0

    def clock(self) -> VenueClock:
        return VenueClock(lambda: self.wall_ms, lambda: self.seconds)

    def pass_s(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall_ms += round(seconds * 1000)


def test_f20_a_wall_clock_that_jumps_an_hour_changes_no_signature_and_is_seen_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.measured(T0, step_ms=1, asked_s=50.0, heard_s=50.0)
    machine.pass_s(10)
    assert clock.now_ms() == T0 + 10_000
    assert clock.skew_ms() == 0
    for jump_ms in (3_600_000, -7_200_000):
        machine.wall_ms += jump_ms
        assert clock.now_ms() == T0 + 10_000
    assert -3_600_000 <= clock.skew_ms() <= -3_599_999


def test_f20_five_seconds_of_skew_are_measured_to_what_the_asking_allows() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.pass_s(0.2)
    clock.measured(T0 - 5_000, step_ms=1, asked_s=50.0, heard_s=50.2)
    assert 4_900 <= clock.skew_ms() <= 5_200
    assert abs(clock.now_ms() - (T0 - 5_000 + 100)) <= 1


def test_a_clock_as_near_as_can_be_told_is_taken_to_be_right() -> None:
    machine = Machine()
    machine.wall_ms = T0 + 740
    clock = machine.clock()
    clock.measured(T0, step_ms=1_000, asked_s=50.0, heard_s=50.0)
    assert clock.now_ms() == T0 + 740
    assert clock.skew_ms() == 0


def test_the_venue_is_asked_at_first_after_a_while_and_after_doubt() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.due()
    clock.measured(T0, step_ms=1, asked_s=50.0, heard_s=50.0)
    assert not clock.due()
    machine.pass_s(MEASURED_AGAIN_S + 1)
    assert clock.due()
    assert not clock.due(MEASURED_MAX_S), "an order does not wait for it yet"
    clock.measured(T0, step_ms=1, asked_s=machine.seconds, heard_s=machine.seconds)
    clock.doubt()
    assert clock.due()
    assert clock.now_ms() == machine.wall_ms
