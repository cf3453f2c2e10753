"""The parts of the exchange feed that decide: when a candle is closed, which pairs are traded, how long to wait."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.errors import BadInput
from quorate.domain.policy import Costs
from quorate.feeds.backoff import Backoff
from quorate.feeds.estimates import decimals_of, estimate_market, lot_of, pair_of
from quorate.feeds.live_rows import LiveRows
from quorate.feeds.universe import DAY_MS, Listing, UniverseRules, choose
from tests.feeds.conftest import BASE_MS, T0

PAIR = "BTC/USDT"
NOW = T0 + 400 * DAY_MS


def told(at_ms: int, close: float = 1.0) -> list[object]:
    return [at_ms, 1.0, 2.0, 0.5, close, 3.0]


def test_a_candle_is_surely_closed_once_the_next_one_appears() -> None:
    live = LiveRows(BASE_MS)
    live.take(PAIR, [told(T0)], now_ms=T0 + 1_000)
    assert not live.surely_closed(PAIR, T0)
    live.take(PAIR, [told(T0), told(T0 + BASE_MS)], now_ms=T0 + BASE_MS + 10)
    assert live.surely_closed(PAIR, T0)
    assert not live.surely_closed(PAIR, T0 + BASE_MS)


def test_only_news_count_as_being_heard() -> None:
    live = LiveRows(BASE_MS)
    assert live.take(PAIR, [told(T0)], now_ms=T0 + 1_000)
    assert not live.take(PAIR, [told(T0)], now_ms=T0 + BASE_MS + 1_000)
    assert not live.heard_since(T0 + BASE_MS)
    assert live.take(PAIR, [told(T0, 1.5)], now_ms=T0 + BASE_MS + 1_000)
    assert live.heard_since(T0 + BASE_MS)
    row = live.row(PAIR, T0)
    assert row is not None
    assert row[4] == 1.5


def test_a_new_connection_vouches_for_nothing_the_old_one_said() -> None:
    live = LiveRows(BASE_MS)
    live.take(PAIR, [told(T0)], now_ms=T0 + 1)
    live.broke()
    assert live.row(PAIR, T0) is None
    assert not live.heard_since(T0)


def test_a_row_that_goes_on_changing_in_place_is_kept_as_it_was() -> None:
    live = LiveRows(BASE_MS)
    mine = told(T0)
    live.take(PAIR, [mine], now_ms=T0)
    mine[4] = 99.0
    row = live.row(PAIR, T0)
    assert row is not None
    assert row[4] == 1.0


def test_a_candle_from_the_future_closes_nothing() -> None:
    live = LiveRows(BASE_MS)
    live.take(PAIR, [told(T0), told(T0 + 50 * BASE_MS)], now_ms=T0 + 1)
    assert not live.surely_closed(PAIR, T0)


def test_f23_old_candles_repeated_are_frozen() -> None:
    live = LiveRows(BASE_MS)
    assert not live.is_frozen(T0)
    live.take(PAIR, [told(T0)], now_ms=T0 + 5 * BASE_MS)
    assert live.is_frozen(T0 + 5 * BASE_MS)
    assert not live.is_frozen(T0 + BASE_MS)


def listing(pair: str, **changes: object) -> Listing:
    plain = Listing(pair, True, True, Decimal("0.01"), NOW - 300 * DAY_MS, 100.0, 99.99, 100.01, 1e6)
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"spot": False}, "no spot"),
        ({"active": False}, "halted"),
        ({"pair": "USDC/USDT"}, "a currency"),
        ({"pair": "BTC3L/USDT"}, "leveraged"),
        ({"pair": "ETHUP/USDT"}, "leveraged"),
        ({"pair": "BAD/USDT"}, "blacklisted"),
        ({"last": None}, "no price"),
        ({"quote_volume": 0.0}, "no trade"),
        ({"tick": None}, "unknown tick"),
        ({"tick": Decimal(1)}, "coarse"),
        ({"bid": 99.0, "ask": 101.0}, "wide"),
        ({"listed_ms": NOW - 3 * DAY_MS}, "young"),
    ],
)
def test_the_universe_leaves_out_what_is_not_worth_trading(bad: dict[str, object], why: str) -> None:
    rules = UniverseRules(size=5, blacklist=("BAD",))
    markets = [listing("ETH/USDT"), replace(listing("XYZ/USDT"), **bad)]  # type: ignore[arg-type]
    assert choose(markets, rules, now_ms=NOW) == ["ETH/USDT"], why


def test_the_universe_takes_the_most_traded_and_sorts_them_by_name() -> None:
    markets = [listing(f"{name}/USDT", quote_volume=volume) for name, volume in (("C", 3.0), ("B", 1.0), ("A", 2.0))]
    assert choose(markets, UniverseRules(size=2), now_ms=NOW) == ["A/USDT", "C/USDT"]
    assert choose([listing("JUP/USDT")], UniverseRules(), now_ms=NOW) == ["JUP/USDT"]


def test_the_universe_prefers_the_first_currency_with_enough_pairs() -> None:
    dollars = [listing(f"{name}/USD") for name in "ABC"]
    tethers = [listing(f"{name}/USDT") for name in "AB"]
    assert choose([*dollars, *tethers], UniverseRules(size=2), now_ms=NOW) == ["A/USDT", "B/USDT"]
    assert choose([*dollars, *tethers], UniverseRules(size=3), now_ms=NOW) == ["A/USD", "B/USD", "C/USD"]
    assert choose([], UniverseRules(), now_ms=NOW) == []


@given(st.floats(0, 0.999), st.integers(1, 60))
def test_waits_grow_to_a_bound_and_begin_anew(chance: float, failures: int) -> None:
    backoff = Backoff(lambda: chance, first_s=1.0, max_s=30.0)
    waits = [backoff.next_s() for _ in range(failures)]
    assert waits == sorted(waits)
    assert all(0.5 <= wait <= 30.0 for wait in waits)
    backoff.reset()
    assert backoff.next_s() == waits[0]


@given(st.integers(0, 8), st.lists(st.integers(1, 10**7), min_size=1, max_size=30))
def test_inferred_decimals_reproduce_every_price(places: int, ticks: list[int]) -> None:
    prices = np.array([tick / 10**places for tick in ticks], np.float64)
    found = decimals_of(prices)
    assert found <= max(places, 10)
    assert [float(f"{price:.{found}f}") for price in prices] == prices.tolist()


@given(st.decimals(min_value=Decimal("1e-9"), max_value=Decimal("1e6"), allow_nan=False, places=9))
def test_a_lot_is_worth_at_most_a_dollar_and_more_than_ten_cents(price: Decimal) -> None:
    lot = lot_of(price, Decimal(1))
    assert Decimal("0.1") < lot * price <= 1
    assert lot.as_tuple().digits == (1,)


def test_a_recording_without_a_sound_price_is_refused() -> None:
    nothing = np.array([np.nan, -1.0, 0.0])
    with pytest.raises(BadInput, match="no sound price"):
        estimate_market("XYZ/USDT", [nothing] * 4, Costs())


def test_costs_of_a_pair_against_bitcoin_are_told_in_bitcoin() -> None:
    prices = np.array([0.00003612, 0.00003613])
    market = estimate_market("ADA/BTC", [prices] * 4, Costs())
    assert market.min_notional == Decimal("0.00005")
    assert market.lot == Decimal("0.1")


@pytest.mark.parametrize(
    ("symbol", "pair"),
    [("BTCUSDT", "BTC/USDT"), ("ADABTC", "ADA/BTC"), ("BTCUSD", "BTC/USD"), ("USDT", None), ("X", None)],
)
def test_symbols_are_read_as_pairs(symbol: str, pair: str | None) -> None:
    assert pair_of(symbol) == pair
