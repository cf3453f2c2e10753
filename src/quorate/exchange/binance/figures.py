"""Figures as Binance writes them: text with eight decimals. Every price, quantity and amount here counts 1e-8."""

from __future__ import annotations

import re
from decimal import Decimal

DECIMALS = 8
UNIT = 10**DECIMALS
STEP = Decimal("1e-8")
PLAIN_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]*)?|\.[0-9]+")


def text(count: int) -> str:
    """`count` hundred-millionths with eight decimals."""
    if count < 0:
        return f"-{text(-count)}"
    whole, part = divmod(count, UNIT)
    return f"{whole}.{part:08d}"


def count_of(amount: Decimal) -> int:
    """An amount in hundred-millionths; a finer fraction is dropped."""
    return int(amount.scaleb(DECIMALS))


def decimals_written(number: str) -> int:
    """How many decimals a number is written with; noughts at its end do not count."""
    return len(number.partition(".")[2].rstrip("0"))


def share(ppm: int) -> str:
    """A rate in parts per million with eight decimals."""
    return text(ppm * (UNIT // 1_000_000))
