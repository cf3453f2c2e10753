"""The gate: what cannot be true stays out, what can be true is not lost, and nothing makes it fall."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.candle import Candle, fault_in
from quorate.domain.market import Market
from quorate.domain.snapshot import Step
from quorate.feeds.gate import JUMP_CONFIRMATIONS, Fault, Gate
from tests.feeds.conftest import BASE_MS, T0, row


def market(pair: str) -> Market:
    return Market(pair, Decimal("0.01"), Decimal("0.001"), Decimal(5), 200)


PAIRS = ("BTC/USDT", "ETH/USDT")


def gate(**options: int) -> Gate:
    return Gate([market(pair) for pair in PAIRS], "5m", **options)


def reasons(steps: list[Step]) -> list[str]:
    return [reason for step in steps for _, reason in step.quarantined]


def test_one_step_for_each_instant_with_candles_sorted_by_pair() -> None:
    g = gate()
    for index in (1, 0):
        for pair in reversed(PAIRS):
            assert g.offer(pair, row(index))
    steps = g.ready()
    assert [step.at_ms for step in steps] == [T0 + BASE_MS, T0 + 2 * BASE_MS]
    assert all([candle.pair for candle in step.candles] == list(PAIRS) for step in steps)
    assert steps[0].candles[0] == Candle("BTC/USDT", "5m", T0, 9950, 10100, 9900, 10000, 10.0)


def test_a_gap_is_no_step_and_a_missing_pair_does_not_hold_the_other_up() -> None:
    g = gate()
    g.offer("BTC/USDT", row(0))
    g.offer("ETH/USDT", row(5))
    assert [(step.at_ms, len(step.candles)) for step in g.ready()] == [(T0 + BASE_MS, 1), (T0 + 6 * BASE_MS, 1)]


def test_identical_duplicates_are_dropped_silently_before_and_after_their_step() -> None:
    g = gate()
    for _ in range(3):
        assert g.offer("BTC/USDT", row(0))
    (step,) = g.ready()
    assert g.offer("BTC/USDT", row(0))
    assert step.quarantined == ()
    assert (g.counts.duplicates, g.counts.refused, g.counts.accepted) == (3, 0, 1)


def test_a_conflicting_duplicate_is_quarantined_and_the_first_stays() -> None:
    g = gate()
    g.offer("BTC/USDT", row(0, 100.0))
    assert not g.offer("BTC/USDT", row(0, 101.0))
    (step,) = g.ready()
    assert step.candles[0].close == 10_000
    assert step.quarantined[0][0].close == 10_100
    assert "differs" in step.quarantined[0][1]


def test_a_late_candle_is_told_with_the_next_step_and_never_decided_on() -> None:
    g = gate()
    g.offer("BTC/USDT", row(1))
    assert len(g.ready(T0 + 2 * BASE_MS)) == 1
    assert not g.offer("ETH/USDT", row(1))
    assert not g.offer("ETH/USDT", row(0))
    g.offer("BTC/USDT", row(2))
    (step,) = g.ready()
    assert [candle.pair for candle, _ in step.quarantined] == ["ETH/USDT", "ETH/USDT"]
    assert g.counts.quarantined[Fault.LATE] == 2


def test_ready_gives_nothing_that_closes_later() -> None:
    g = gate()
    g.offer("BTC/USDT", row(0))
    assert g.ready(T0 + BASE_MS - 1) == []
    assert len(g.ready(T0 + BASE_MS)) == 1


def test_a_candle_from_the_future_is_refused_where_the_time_is_known() -> None:
    g = gate()
    assert not g.offer("BTC/USDT", row(9), now_ms=T0)
    assert g.counts.quarantined[Fault.FUTURE] == 1


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        ((T0 + 1, 1.0, 2.0, 0.5, 1.0, 1.0), "grid"),
        ((T0, 1.0, 2.0, 0.0, 1.0, 1.0), "zero"),
        ((T0, -1.0, 2.0, -2.0, 1.0, 1.0), "zero"),
        ((T0, 1.0, 0.9, 0.5, 1.0, 1.0), "outside"),
        ((T0, 1.0, 2.0, 0.5, 1.0, -1.0), "volume"),
        ((T0, 1.0, math.nan, 0.5, 1.0, 1.0), "finite"),
        ((T0, 1.0, math.inf, 0.5, 1.0, 1.0), "finite"),
        ((T0, 1.0, 1e300, 0.5, 1.0, 1.0), "finite"),
        ((T0, 1.0, 2.0, 0.5, 1.0, math.nan), "volume"),
        ((T0, 1.0, 2.0, 0.5, 1.0, 10**400), "volume"),
        ((T0, None, 2.0, 0.5, 1.0, 1.0), "missing"),
        ((T0, "soon", 2.0, 0.5, 1.0, 1.0), "missing"),
        ((T0, True, 2.0, 0.5, 1.0, 1.0), "missing"),
        ((T0, "1e999999999", 2.0, 0.5, 1.0, 1.0), "missing"),
        ((None, 1.0, 2.0, 0.5, 1.0, 1.0), "time"),
        ((math.nan, 1.0, 2.0, 0.5, 1.0, 1.0), "time"),
        ((-BASE_MS, 1.0, 2.0, 0.5, 1.0, 1.0), "time"),
        ((T0, 1.0), "fields"),
        ((), "fields"),
    ],
)
def test_f24_what_cannot_be_a_candle_is_quarantined_with_the_reason(bad: tuple[object, ...], word: str) -> None:
    g = gate()
    assert not g.offer("BTC/USDT", bad)
    g.offer("BTC/USDT", row(3))
    (step,) = g.ready()
    assert len(step.candles) == 1
    assert word in step.quarantined[0][1]


def test_prices_arrive_as_text_integers_or_decimals_too() -> None:
    g = gate()
    assert g.offer("BTC/USDT", (float(T0), "99.5", Decimal("101.00"), 99, 100.0, "10"))
    assert g.ready()[0].candles[0] == Candle("BTC/USDT", "5m", T0, 9950, 10100, 9900, 10000, 10.0)


def test_an_unknown_pair_is_counted_and_kept_out() -> None:
    g = gate()
    assert not g.offer("XXX/USDT", row(0))
    assert g.counts.quarantined[Fault.UNKNOWN_PAIR] == 1


@pytest.mark.parametrize("spike", [1000.0, 10.0, 500.0])
def test_f24_a_bad_tick_of_many_times_the_price_is_quarantined(spike: float) -> None:
    g = gate()
    for index, close in enumerate((100.0, spike, 101.0)):
        g.offer("BTC/USDT", row(index, close))
    steps = g.ready()
    assert [step.candles[0].close for step in steps] == [10_000, 10_100]
    assert "jumps" in reasons(steps)[0]


def test_f24_a_wick_of_many_times_the_price_is_quarantined() -> None:
    g = gate()
    g.offer("BTC/USDT", row(0))
    g.offer("BTC/USDT", (T0 + BASE_MS, 100.0, 1000.0, 99.0, 100.0, 1.0))
    g.offer("BTC/USDT", row(2))
    steps = g.ready()
    assert len(steps) == 2
    assert "spans" in reasons(steps)[0]


@pytest.mark.parametrize("after", [60.0, 45.0, 30.0, 170.0])
def test_f25_a_real_crash_of_tens_of_percent_passes(after: float) -> None:
    g = gate()
    g.offer("BTC/USDT", row(0, 100.0))
    g.offer("BTC/USDT", (T0 + BASE_MS, 100.0, max(100.0, after) + 1, min(100.0, after) - 1, after, 1.0))
    steps = g.ready()
    assert len(steps) == 2
    assert reasons(steps) == []


def test_f25_a_level_that_lasts_is_believed_after_its_confirmations() -> None:
    g = gate()
    for index, close in enumerate((100.0, 1000.0, 1001.0, 1002.0, 1003.0)):
        g.offer("BTC/USDT", row(index, close))
    steps = g.ready()
    assert [step.candles[0].close for step in steps] == [10_000, 100_200, 100_300]
    assert g.counts.quarantined[Fault.JUMP] == JUMP_CONFIRMATIONS - 1


numbers = st.one_of(
    st.floats(width=64),
    st.integers(-(10**20), 10**20),
    st.none(),
    st.text(max_size=5),
    st.booleans(),
    st.decimals(),
)
stamps = st.one_of(st.integers(0, 20).map(lambda k: T0 + k * BASE_MS), numbers)
prices = st.one_of(st.floats(90, 110), numbers)
raw_rows = st.one_of(
    st.tuples(stamps, prices, prices, prices, prices, prices),
    st.integers(0, 20).map(row),
    st.lists(numbers, max_size=8).map(tuple),
)


@given(st.lists(st.tuples(st.sampled_from((*PAIRS, "NO/SUCH")), raw_rows), max_size=40), st.integers(0, 20))
def test_whatever_comes_the_gate_stands_and_its_steps_are_sound(
    offers: list[tuple[str, tuple[object, ...]]], cut: int
) -> None:
    g = gate()
    steps: list[Step] = []
    taken = 0
    for number, (pair, raw) in enumerate(offers):
        taken += g.offer(pair, raw)
        if number == cut:
            steps += g.ready(T0 + 8 * BASE_MS)
    steps += g.ready()
    instants = [step.at_ms for step in steps]
    assert instants == sorted(set(instants))
    for step in steps:
        assert step.candles
        assert [c.pair for c in step.candles] == sorted({c.pair for c in step.candles})
        assert all(c.close_ms == step.at_ms and fault_in(c) is None for c in step.candles)
    accepted = sum(len(step.candles) for step in steps)
    told = sum(len(step.quarantined) for step in steps) + len(g.untold)
    assert accepted == g.counts.accepted
    assert told == g.counts.refused
    assert accepted + g.counts.refused + g.counts.duplicates == len(offers)


@given(st.permutations(range(8)), st.lists(st.integers(0, 7), max_size=8))
def test_order_of_arrival_changes_nothing(order: list[int], repeats: list[int]) -> None:
    in_order, shuffled = gate(), gate()
    for index in range(8):
        in_order.offer("BTC/USDT", row(index, 100.0 + index))
    for index in (*order, *repeats):
        shuffled.offer("BTC/USDT", row(index, 100.0 + index))
    assert shuffled.ready() == in_order.ready()
    assert shuffled.counts.duplicates == len(repeats)
