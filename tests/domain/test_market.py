"""Markets tell prices and quantities in plain digits, whatever their steps look like."""

from decimal import Decimal

import pytest

from quorate.domain.market import Market


@pytest.mark.parametrize("lot", ["1E+6", "1000000", "1", "0.001"])
def test_quantities_carry_no_positive_exponent(lot: str) -> None:
    market = Market("BONK/USDT", Decimal("0.00000001"), Decimal(lot), Decimal(5), spread_ppm=800)
    assert "E" not in str(market.quantity(16))
    assert market.quantity(16) == 16 * Decimal(lot)


def test_a_market_equals_the_same_one_written_otherwise() -> None:
    one = Market("BONK/USDT", Decimal("0.01"), Decimal("1E+6"), Decimal("5E+0"), spread_ppm=800)
    assert one == Market("BONK/USDT", Decimal("0.01"), Decimal(1000000), Decimal(5), spread_ppm=800)
