"""Funding of the synthetic market: the same for everybody with the same seed, settled every eight hours, once."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.feeds.simulated import SimulatedFeed, SimulatedOptions, seed_of
from quorate.feeds.simulation.climate import ORIGIN_MS
from quorate.feeds.simulation.settling import PERIODS_KEPT, SyntheticFunding
from quorate.feeds.simulation.surroundings import FUNDING_MS
from tests.feeds.conftest import T0, FakeClock

PAIRS = ("ETH/USDT", "BTC/USDT")
MARKET = SyntheticFunding(7, PAIRS)


def test_a_period_has_one_rate_and_it_falls_due_at_its_end() -> None:
    running = MARKET.rates(T0)
    assert running == MARKET.rates(T0 + FUNDING_MS - 1) != MARKET.rates(T0 + FUNDING_MS)
    settled = MARKET.settlements(T0, T0 + FUNDING_MS)
    assert [(one.pair, one.at_ms, one.rate) for one in settled] == [
        (pair, T0 + FUNDING_MS, running[pair]) for pair in sorted(PAIRS)
    ]
    assert MARKET.settlements(T0, T0 + FUNDING_MS - 1) == ()


def test_two_processes_see_the_same_funding_and_another_seed_another() -> None:
    until_ms = T0 + 2 * PERIODS_KEPT * FUNDING_MS
    seen = MARKET.settlements(T0, until_ms)
    assert len(seen) == 2 * PERIODS_KEPT * len(PAIRS)
    backwards = SyntheticFunding(7, PAIRS)
    backwards.rates(until_ms)
    assert backwards.settlements(T0, until_ms) == seen
    assert SyntheticFunding(8, PAIRS).settlements(T0, until_ms) != seen


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 3 * FUNDING_MS), min_size=1, max_size=10))
def test_however_time_is_cut_every_settlement_falls_due_exactly_once(cuts: list[int]) -> None:
    at_ms, found = T0 + 1, list[int]()
    for cut in cuts:
        found += [one.at_ms for one in MARKET.settlements(at_ms, at_ms + cut) if one.pair == "BTC/USDT"]
        at_ms += cut
    assert found == list(range(T0 + FUNDING_MS, at_ms + 1, FUNDING_MS))


def test_before_its_origin_the_market_settles_nothing() -> None:
    assert MARKET.rates(ORIGIN_MS - 1) == {}
    assert MARKET.settlements(ORIGIN_MS - FUNDING_MS - 1, ORIGIN_MS) == ()


def test_a_worker_in_another_process_finds_the_seed_in_the_key_of_the_feed() -> None:
    for seed, pairs in ((7, ()), (-3, PAIRS), (12_345, ())):
        feed = SimulatedFeed(SimulatedOptions(seed=seed, pairs=pairs), clock=FakeClock())
        assert seed_of(feed.key) == seed


def test_the_feed_and_what_is_settled_tell_the_same_rates() -> None:
    feed = SimulatedFeed(SimulatedOptions(seed=7, pairs=PAIRS), clock=FakeClock())
    assert dict(MARKET.rates(T0 + 5)) == {pair: feed.funding(pair, T0 + 5) for pair in PAIRS}
