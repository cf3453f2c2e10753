"""The eighty coins of the synthetic market: real names, with levels, steps and tempers like theirs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from quorate.domain.market import Market
from quorate.feeds.estimates import lot_of

QUOTE = "USDT"
MIN_NOTIONAL = Decimal(5)

TABLE = """
BTC 98000 2 1.00 0.7 30000 100 | ETH 3400 2 1.15 1.1 16000 100 | BNB 640 2 0.90 1.4 1900 150
XRP 2.3 4 1.10 2.3 5200 150 | SOL 190 2 1.30 2.1 5000 150 | DOGE 0.21 5 1.35 2.5 2600 200
ADA 0.78 4 1.25 2.3 1300 200 | TRX 0.27 4 0.60 1.6 900 200 | AVAX 31 2 1.35 2.4 700 200
LINK 17.5 2 1.30 2.3 800 200 | TON 4.6 3 0.95 2.1 320 300 | SHIB 0.0000165 8 1.35 2.6 520 300
DOT 5.9 3 1.25 2.1 330 300 | BCH 440 1 1.10 2.2 420 250 | LTC 112 2 1.10 2.2 650 200
SUI 3.3 4 1.45 3.1 1400 250 | PEPE 0.0000132 8 1.50 3.4 1300 300 | NEAR 4.4 3 1.40 2.7 340 300
UNI 9.8 3 1.30 2.8 360 300 | APT 7.4 2 1.35 2.6 260 350 | ICP 8.6 3 1.25 2.6 150 400
HBAR 0.22 5 1.25 3.0 450 300 | ETC 23.5 2 1.20 2.2 240 350 | XLM 0.34 4 1.15 2.7 420 300
ARB 0.58 4 1.40 2.7 330 300 | OP 1.35 3 1.40 2.8 260 350 | FIL 4.1 3 1.30 2.4 240 350
VET 0.036 5 1.25 2.3 90 450 | ATOM 5.3 3 1.20 2.2 170 400 | INJ 17.2 2 1.45 3.0 210 400
RENDER 5.8 3 1.45 3.0 190 400 | IMX 1.02 4 1.35 2.7 80 500 | GRT 0.16 4 1.30 2.5 75 550
THETA 1.55 3 1.30 2.5 60 550 | S 0.52 4 1.45 3.4 140 450 | AAVE 265 2 1.35 2.9 420 300
MKR 1450 0 1.05 2.6 95 500 | ALGO 0.27 4 1.20 2.4 110 450 | STX 1.25 3 1.40 2.8 95 500
RUNE 2.9 3 1.40 3.1 120 500 | SEI 0.33 4 1.45 3.2 180 400 | LDO 1.45 3 1.40 3.0 150 450
TIA 4.2 3 1.50 3.3 190 400 | BONK 0.0000238 8 1.50 3.5 420 400 | WIF 0.95 3 1.60 4.0 480 400
FLOKI 0.000121 8 1.50 3.4 170 450 | JUP 0.82 4 1.45 3.2 130 450 | PYTH 0.28 4 1.40 3.0 80 550
ENA 0.62 4 1.50 3.6 340 350 | ONDO 1.15 4 1.35 3.0 310 400 | WLD 1.55 3 1.50 3.7 330 350
FET 0.92 3 1.45 3.2 230 400 | TAO 390 1 1.45 3.1 180 450 | XTZ 0.92 3 1.15 2.2 55 550
EOS 0.66 4 1.15 2.3 130 450 | SAND 0.43 4 1.30 2.5 100 450 | MANA 0.38 4 1.30 2.5 60 500
AXS 4.6 3 1.25 2.4 50 550 | GALA 0.024 5 1.35 2.8 140 450 | CHZ 0.062 5 1.20 2.5 70 500
FLOW 0.55 3 1.20 2.3 35 600 | EGLD 26 2 1.25 2.3 40 600 | QNT 102 1 1.15 2.4 45 600
SNX 1.30 3 1.30 2.9 40 650 | CRV 0.72 3 1.40 3.4 210 400 | COMP 62 2 1.25 2.7 55 600
DYDX 1.05 3 1.35 2.9 60 550 | PENDLE 4.1 3 1.45 3.5 130 500 | ORDI 18.5 2 1.50 3.7 170 450
BLUR 0.19 4 1.40 3.1 45 650 | ENS 26 2 1.35 3.2 110 500 | CAKE 2.4 3 1.15 2.5 55 550
ZEC 48 2 1.10 2.9 90 500 | DASH 33 2 1.05 2.5 65 550 | NEO 11.8 2 1.15 2.3 45 600
IOTA 0.24 4 1.20 2.6 30 650 | KAVA 0.46 4 1.10 2.3 20 700 | 1INCH 0.32 4 1.25 2.6 25 700
ZIL 0.0195 5 1.20 2.4 22 700 | JASMY 0.026 5 1.45 3.4 85 550
"""
"""Coin, price in USDT, price decimals, beta to the market, own daily volatility in %, turnover per day in million USDT,
full spread in parts per million."""


@dataclass(frozen=True, slots=True)
class Coin:
    """One coin's character. `place` is its number in the table: what its randomness hangs on."""

    place: int
    name: str
    market: Market
    price: float
    beta: float
    own_volatility: float
    """Daily, as a share of the price."""
    turnover: float
    """USDT per day."""
    volume_quantum: float
    """Volumes are whole multiples of this power of two, so that sums of them are exact."""


@cache
def all_coins() -> tuple[Coin, ...]:
    """The eighty coins, sorted by pair; `place` keeps the order of the table."""
    cells: list[list[str]] = [list(cell.split()) for line in TABLE.strip().splitlines() for cell in line.split("|")]
    return tuple(sorted((_coin(place, cell) for place, cell in enumerate(cells)), key=lambda coin: coin.market.pair))


def _coin(place: int, cell: list[str]) -> Coin:
    name, price, decimals, beta, volatility, turnover, spread_ppm = cell
    lot = lot_of(Decimal(price), Decimal(1))
    market = Market(
        pair=f"{name}/{QUOTE}",
        tick=Decimal(1).scaleb(-int(decimals)),
        lot=lot,
        min_notional=MIN_NOTIONAL,
        spread_ppm=int(spread_ppm),
    )
    return Coin(
        place=place,
        name=name,
        market=market,
        price=float(price),
        beta=float(beta),
        own_volatility=float(volatility) / 100,
        turnover=float(turnover) * 1e6,
        volume_quantum=2.0 ** (math.frexp(float(lot))[1] - 1),
    )
