"""Candles: what the market did in one interval, in integer ticks of its market."""

from dataclasses import dataclass

TIMEFRAME_MS = {
    "1m": 60_000,
    "5m": 300_000,
    "15m": 900_000,
    "1h": 3_600_000,
    "4h": 14_400_000,
    "1d": 86_400_000,
}
"""Length of every timeframe the desk knows, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Candle:
    """One closed candle. Prices in ticks of the pair's market, `open_ms` in UTC milliseconds, volume in base units."""

    pair: str
    timeframe: str
    open_ms: int
    open: int
    high: int
    low: int
    close: int
    volume: float

    @property
    def close_ms(self) -> int:
        """The instant at which the candle closed and may be decided on."""
        return self.open_ms + TIMEFRAME_MS[self.timeframe]


def fault_in(candle: Candle) -> str | None:
    """Why this candle cannot be real, or None when it can.

    A candle must lie on its timeframe's grid, have positive prices, a range that holds open and close, and a finite
    volume that is not negative.
    """
    if candle.open_ms % TIMEFRAME_MS[candle.timeframe]:
        return f"open time {candle.open_ms} is off the {candle.timeframe} grid"
    if candle.low <= 0:
        return "a price is zero or negative"
    if candle.high < max(candle.open, candle.close) or candle.low > min(candle.open, candle.close):
        return "open or close lies outside high and low"
    if not 0 <= candle.volume < float("inf"):
        return f"volume {candle.volume} is not a finite, non-negative number"
    return None
