"""What a candle must be to count as one."""

from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.domain.candle import Candle, fault_in
from quorate.domain.market import Market, symbol_of

GOOD = Candle("BTC/USDT", "5m", 1_735_689_600_000, 100, 110, 90, 105, 2.5)


def test_a_possible_candle_has_no_fault() -> None:
    assert fault_in(GOOD) is None
    assert fault_in(replace(GOOD, high=105, low=100, volume=0.0)) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"open_ms": GOOD.open_ms + 1}, "off the 5m grid"),
        ({"low": 0}, "zero or negative"),
        ({"high": 104}, "outside high and low"),
        ({"low": 101}, "outside high and low"),
        ({"volume": -1.0}, "volume"),
        ({"volume": float("inf")}, "volume"),
        ({"volume": float("nan")}, "volume"),
    ],
)
def test_an_impossible_candle_says_what_is_wrong(change: dict[str, float], said: str) -> None:
    assert said in (fault_in(replace(GOOD, **change)) or "")  # pyright: ignore[reportArgumentType]  any field


def test_a_candle_may_be_decided_on_when_it_has_closed() -> None:
    assert GOOD.close_ms == GOOD.open_ms + 300_000


def test_a_pair_is_spelt_without_separators_where_exchanges_do_so() -> None:
    assert symbol_of("BTC/USDT:USDT") == "BTCUSDT"
    assert Market("1000PEPE/USDT", Decimal("0.01"), Decimal(1), Decimal(5), spread_ppm=0).base == "1000PEPE"
