"""A made-up desk: seeded, plausible, in the API's own shapes, so that the page can be built and tested on its own.

Nothing here is shipped. Prices are a random walk from a fixed seed; every body is an instance of the shapes in
`quorate.api.schemas`, so that this desk cannot promise what the real one does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

import numpy as np

from quorate.api.schemas.common import FeedKind, Timeframe
from quorate.api.schemas.market import Candles, FeedState, IndicatorColumns, Ohlcv, Price, Prices, Series

BAR_MS = 300_000
BARS = 12_000
STEPS = {"5m": 1, "15m": 3, "1h": 12, "4h": 48, "1d": 288}
COINS = """
BTC ETH BNB SOL XRP ADA DOGE AVAX DOT LINK TRX MATIC TON SHIB LTC BCH UNI ATOM XLM ETC FIL APT NEAR ARB OP INJ
SUI SEI TIA RUNE AAVE MKR GRT ALGO VET ICP HBAR QNT EGLD SAND MANA AXS THETA FTM FLOW CHZ CRV SNX LDO RPL GMX
DYDX PEPE WIF BONK JUP PYTH STRK ENA ONDO W ZRO ZK EIGEN POL KAS RENDER FET AGIX OCEAN IMX STX MINA KAVA ROSE ZIL
ENJ COMP YFI SUSHI
"""
BASES = [str(coin) for coin in COINS.split()]
PAIRS = sorted(f"{base}/USDT" for base in BASES[:80])
USUAL = {
    "BTC": 96_000.0,
    "ETH": 3_400.0,
    "BNB": 640.0,
    "SOL": 182.0,
    "XRP": 2.31,
    "ADA": 0.81,
    "DOGE": 0.24,
    "AVAX": 36.0,
    "DOT": 7.1,
    "LINK": 19.0,
    "TRX": 0.26,
    "LTC": 104.0,
    "SHIB": 0.0000191,
    "PEPE": 0.0000098,
    "BONK": 0.0000214,
}
ANALYSTS = ("trend", "breakout", "momentum")
STRATEGIES = ("bar_reaction", "breakout", "mean_reversion", "momentum", "rsi_reversal", "trend")
BOOKS = ("aggressive", "conservative", "strategies")


def instant(ms: int) -> str:
    """ISO 8601 in UTC, as the API writes it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def generator(*words: object) -> np.random.Generator:
    """Randomness that depends on nothing but the words."""
    digest = hashlib.sha256(repr(words).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def digits_of(price: float) -> int:
    """Digits after the point of a plausible tick."""
    return max(0, min(8, 5 - int(np.floor(np.log10(price))) - 1))


@lru_cache(maxsize=128)
def walk(pair: str) -> tuple[np.ndarray, float]:
    """Columns open, high, low, close, volume of BARS five-minute bars, and the price they hang about."""
    rng = generator("walk", pair)
    rank = BASES.index(pair.partition("/")[0])
    start = USUAL.get(BASES[rank], float(np.exp(rng.uniform(-6, 5))))
    calm = np.exp(0.35 * np.cumsum(rng.normal(0, 0.06, BARS)) % 1.4)
    moves = rng.normal(0.00001, 0.0011, BARS) * calm
    close = start * np.exp(np.cumsum(moves) - 0.0004 * np.cumsum(moves).cumsum() / BARS)
    opened = np.concatenate([[start], close[:-1]])
    reach = np.abs(rng.normal(0, 0.0007, BARS)) * calm
    high = np.maximum(opened, close) * (1 + reach)
    low = np.minimum(opened, close) * (1 - reach)
    volume = np.exp(rng.normal(0, 0.5, BARS)) * calm * 2_000_000 / (start * (1 + rank / 4))
    return np.stack([opened, high, low, close, volume]), start


def bars_of(pair: str, timeframe: str) -> np.ndarray:
    """The walk gathered into bars of `timeframe`."""
    columns, _ = walk(pair)
    step = STEPS[timeframe]
    whole = columns[:, len(columns[0]) % step :].reshape(5, -1, step)
    return np.stack([whole[0, :, 0], whole[1].max(axis=1), whole[2].min(axis=1), whole[3, :, -1], whole[4].sum(axis=1)])


def ema(values: np.ndarray, length: int) -> np.ndarray:
    """Exponential mean, started at the first value."""
    out = np.empty_like(values)
    out[0] = values[0]
    for index in range(1, len(values)):
        out[index] = out[index - 1] + (values[index] - out[index - 1]) * 2 / (length + 1)
    return out


def _four(texts: Iterable[str]) -> tuple[str, str, str, str]:
    one, two, three, four = texts
    return one, two, three, four


@dataclass
class MadeUpMarket:
    """Quotes, candles and indicators; `now_ms` is the instant at which the walk ends."""

    now_ms: int
    kind: FeedKind = "simulated"
    label: str = "simulated market, seed 7, 80 coins"
    state: Literal["starting", "up", "stale", "down", "ended"] = "up"
    age_ms: int = 800
    wobble: dict[str, float] = field(default_factory=dict)

    def feed(self, now_ms: int) -> FeedState:
        at = now_ms - self.age_ms
        return FeedState(
            kind=self.kind,
            label=self.label,
            simulated=self.kind == "simulated",
            state=self.state,
            age_ms=self.age_ms,
            at=instant(at),
        )

    def text(self, pair: str, price: float) -> str:
        return f"{price:.{digits_of(walk(pair)[1])}f}"

    def last(self, pair: str) -> float:
        return float(walk(pair)[0][3, -1]) * self.wobble.get(pair, 1.0)

    def prices(self, now_ms: int) -> Prices:
        beat = now_ms // 2000
        quotes: list[Price] = []
        for pair in PAIRS:
            self.wobble[pair] = 1 + 0.0006 * float(np.sin(beat * 0.7 + len(pair) + ord(pair[0])))
            last = self.last(pair)
            columns = walk(pair)[0]
            quotes.append(
                Price(
                    pair=pair,
                    last=self.text(pair, last),
                    bid=self.text(pair, last * 0.9999),
                    ask=self.text(pair, last * 1.0001),
                    change_24h_pct=round((last / columns[3, -288] - 1) * 100, 3),
                    volume_24h=round(float(columns[4, -288:].sum()), 2),
                    at=instant(now_ms - 700),
                    age_ms=700,
                    estimated=["bid", "ask"],
                )
            )
        return Prices(feed=self.feed(now_ms), prices=quotes)

    def opens(self, timeframe: str, count: int) -> list[int]:
        step = STEPS[timeframe] * BAR_MS
        last_open = self.now_ms // step * step - step
        return [last_open - step * (count - 1 - index) for index in range(count)]

    def candles(self, pair: str, timeframe: Timeframe, limit: int) -> Candles:
        bars = bars_of(pair, timeframe)[:, -limit:]
        rows: list[Ohlcv] = [
            (at, *_four(self.text(pair, float(value)) for value in bar[:4]), round(float(bar[4]), 4))
            for at, bar in zip(self.opens(timeframe, bars.shape[1]), bars.T, strict=True)
        ]
        return Candles(pair=pair, timeframe=timeframe, candles=rows, estimated=False)

    def indicators(self, pair: str, timeframe: Timeframe, limit: int, names: list[str]) -> IndicatorColumns:
        close = bars_of(pair, timeframe)[3]
        series: dict[str, np.ndarray] = {}
        for name in names:
            series |= columns_of(name, close)
        shown = {name: values[-limit:] for name, values in series.items()}
        count = min(limit, len(close))
        return IndicatorColumns(
            pair=pair,
            timeframe=timeframe,
            open_ms=self.opens(timeframe, count),
            series=[
                Series(name=name, values=[None if np.isnan(value) else round(float(value), 10) for value in values])
                for name, values in shown.items()
            ],
        )


def columns_of(name: str, close: np.ndarray) -> dict[str, np.ndarray]:
    """The columns that one indicator's name stands for."""
    if name.startswith("ema_"):
        return {name: ema(close, int(name[4:]))}
    if name == "bollinger":
        padded = np.lib.stride_tricks.sliding_window_view(close, 20)
        gap = np.full(19, np.nan)
        middle, width = np.concatenate([gap, padded.mean(axis=1)]), np.concatenate([gap, 2 * padded.std(axis=1)])
        return {"bollinger_upper": middle + width, "bollinger_middle": middle, "bollinger_lower": middle - width}
    if name == "rsi_14":
        change = np.diff(close, prepend=close[0])
        up, down = ema(np.maximum(change, 0), 27), ema(np.maximum(-change, 0), 27)
        return {name: 100 * up / np.maximum(up + down, 1e-12)}
    line = ema(close, 12) - ema(close, 26)
    signal = ema(line, 9)
    return {"macd": line, "macd_signal": signal, "macd_histogram": line - signal}
