"""What moved a wallet of perpetuals beside executions, read from Binance's list of income through real ccxt."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from quorate.domain.venue import PaymentKind, VenueUnreachable
from tests.venues.ccxt.scripted import Told, scripted
from tests.venues.ccxt.test_perpetuals import PAIR, F, book


def income(number: int, kind: str = "FUNDING_FEE", **more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT", "incomeType": kind, "income": "-0.37500000", "asset": "USDT", "info": kind,
        "time": 1570608000000 + number, "tranId": 9689322000 + number, "tradeId": "",
    } | more  # fmt: skip


async def test_payments_are_read_page_by_page_and_kind_by_kind() -> None:
    full = [income(number) for number in range(1000)]
    answers = book() | {f"GET {F}/income": [Told(full), Told([income(1000)]), Told([income(7, "INSURANCE_CLEAR")])]}
    async with scripted("binanceusdm", answers) as (venue, script, *_):
        paid = await venue.payments(since_ms=int(time.time() * 1000) - 60_000)
        assert len(paid) == 1002
        assert [each.kind for each in paid].count(PaymentKind.LIQUIDATION) == 1
        assert (paid[0].pair, paid[0].amount, paid[0].payment_id) == (PAIR, Decimal("-0.375"), "9689322000")
        words = [asked for name, asked in script.asked if name == f"GET {F}/income"]
        assert [(each["incomeType"], each["page"]) for each in words] == [
            ("FUNDING_FEE", "1"), ("FUNDING_FEE", "2"), ("INSURANCE_CLEAR", "1"),
        ]  # fmt: skip


async def test_payments_that_cannot_be_read_are_no_payments() -> None:
    async with scripted("binanceusdm", book() | {f"GET {F}/income": [income(1, income="much")]}) as (venue, *_):
        with pytest.raises(VenueUnreachable):
            await venue.payments(since_ms=0)
