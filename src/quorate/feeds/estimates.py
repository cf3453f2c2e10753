"""Steps and costs of a market that no venue described: inferred from its recorded prices, and named as estimated."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

import numpy as np

from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.kernel.bars import FloatArray

LARGEST_COINS = ("BTC", "ETH", "BNB", "XRP", "SOL", "USDC", "DOGE", "ADA", "TRX", "AVAX")
"""The ten largest symbols (RULES section 8): they get the narrow modelled spread, all others the wide one."""

QUOTE_UNITS = {"BTC": Decimal("0.00001"), "ETH": Decimal("0.001"), "BNB": Decimal("0.001")}
"""Roughly one US dollar in a quote currency, as a power of ten; currencies not named here count as dollars."""

KNOWN_QUOTES = ("FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USD", "EUR", "GBP", "TRY", "BTC", "ETH", "BNB", "PERP")
"""Quote currencies that a symbol without a separator may end in, tried in this order."""

BASE_ALIASES = {"XBT": "BTC"}

DECIMALS_MAX = 8
DECIMALS_MAX_TINY = 10
TINY_PRICE = 0.001
"""Coins whose every price is below this (PEPE, SHIB) may have DECIMALS_MAX_TINY decimals."""
SAMPLE_ROWS = 512
TICKS_MAX_INFERRED = 10**12
MIN_NOTIONAL = Decimal(5)
LOT_WORTH_MAX = Decimal(1)

ESTIMATED = ("tick", "lot", "min_notional", "spread")


def pair_of(symbol: str) -> str | None:
    """The pair a bare symbol means: "BTCUSDT" -> "BTC/USDT"; None where no known quote currency ends it."""
    for quote in KNOWN_QUOTES:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return f"{symbol.removesuffix(quote)}/{quote}"
    return None


def decimals_of(prices: FloatArray) -> int:
    """The fewest decimals that reproduce every finite, positive price exactly; the most allowed where none do."""
    sound = prices[np.isfinite(prices) & (prices > 0)]
    if not len(sound):
        return DECIMALS_MAX
    largest = float(sound.max())
    most = DECIMALS_MAX_TINY if largest < TINY_PRICE else DECIMALS_MAX
    while most > 0 and largest * 10.0**most > TICKS_MAX_INFERRED:
        most -= 1
    sample = sound[:SAMPLE_ROWS]
    for places in range(most):
        if _reproduced(sample, places) and _reproduced(sound, places):
            return places
    return most


def _reproduced(prices: FloatArray, places: int) -> bool:
    # A decimal of few places is the correctly rounded quotient of two exact doubles: equality is the right test.
    power = 10.0**places
    return bool(np.all(np.rint(prices * power) / power == prices))


def lot_of(price: Decimal, unit: Decimal) -> Decimal:
    """The largest power of ten that is worth at most LOT_WORTH_MAX dollars at `price`."""
    most = LOT_WORTH_MAX * unit / price
    return Decimal(1).scaleb(most.logb().to_integral_value(ROUND_FLOOR).__int__())


def spread_ppm_of(base: str, costs: Costs) -> int:
    """The modelled full spread of a coin."""
    coin = BASE_ALIASES.get(base, base)
    return costs.spread_major_ppm if coin in LARGEST_COINS else costs.spread_minor_ppm


def estimate_market(pair: str, columns: Sequence[FloatArray], costs: Costs) -> Market:
    """The market that these price columns (open, high, low, close) of a whole recording suggest.

    Depends on the recording only, never on the part of it that is replayed. Errors: BadInput where no price is sound.
    """
    places = max(decimals_of(column) for column in columns)
    tick = Decimal(1).scaleb(-places)
    closes = columns[-1]
    sound = closes[np.isfinite(closes) & (closes > 0) & (closes * 10.0**places < TICKS_MAX_INFERRED)]
    if not len(sound):
        raise BadInput(f"The recording of {pair} holds no sound price.", hint="Download it again.")
    base, _, quote = pair.partition("/")
    unit = QUOTE_UNITS.get(quote, Decimal(1))
    first_close = max(tick, round(float(sound[0]) * 10**places) * tick)
    return Market(
        pair=pair,
        tick=tick,
        lot=lot_of(first_close, unit),
        min_notional=MIN_NOTIONAL * unit,
        spread_ppm=spread_ppm_of(base, costs),
        estimated=ESTIMATED,
    )
