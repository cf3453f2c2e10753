"""What a prompt is made of: exact, frozen values, so that the same inputs always make the same bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from quorate.domain.policy import CouncilPolicy
from quorate.domain.portfolio import Position
from quorate.domain.votes import MarketRegime, Regime

TIMEFRAMES = ("1h", "4h", "1d")
"""Timeframes of the indicator tables; the first is the one that decides."""

Readings: TypeAlias = tuple[float | None, ...]
"""One row of indicators, a value for each of `COLUMNS`; None where history is too short."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the indicator tables: its heading, the decimals it is shown with, and what it means."""

    heading: str
    decimals: int
    meaning: str


COLUMNS = (
    Column(heading="chg10", decimals=1, meaning="change of the close over 10 bars, percent"),
    Column(heading="ema20", decimals=1, meaning="close against EMA 20, percent"),
    Column(heading="ema50", decimals=1, meaning="close against EMA 50, percent"),
    Column(heading="ema200", decimals=1, meaning="close against EMA 200, percent"),
    Column(heading="vwap", decimals=1, meaning="close against the VWAP of 20 bars, percent"),
    Column(heading="rsi", decimals=0, meaning="RSI 14"),
    Column(heading="stoch", decimals=0, meaning="slow stochastic %K 14"),
    Column(heading="mfi", decimals=0, meaning="Money Flow Index 14"),
    Column(heading="macd", decimals=2, meaning="MACD 12/26 less its signal 9, in ATR"),
    Column(heading="adx", decimals=0, meaning="ADX 14"),
    Column(heading="di", decimals=0, meaning="+DI less -DI, 14"),
    Column(heading="chop", decimals=0, meaning="Choppiness Index 14"),
    Column(heading="atr", decimals=2, meaning="ATR 14, percent of the close"),
    Column(heading="bbw", decimals=1, meaning="width of the Bollinger bands 20/2, percent"),
    Column(heading="bbpos", decimals=0, meaning="place of the close in those bands, 0 lower to 100 upper"),
    Column(heading="dcpos", decimals=0, meaning="place of the close in the range of 20 bars, 0 low to 100 high"),
    Column(heading="vol", decimals=1, meaning="volume against the mean of the 20 bars before"),
)


class TextKind(StrEnum):
    """Where a quoted text comes from."""

    LESSON = "lessons"
    NEWS = "news"
    SOCIAL = "social"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A text that was not written by this program: it can inform a model, it never instructs one."""

    kind: TextKind
    source: str
    at_ms: int
    """When it was published. A text of a later instant than the decision is never shown."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number about the whole market: BTC dominance, Fear & Greed."""

    name: str
    value: Decimal
    unit: str
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRow:
    """One analyst's record over its closed shadow trades, as every model is shown it. None: nothing to divide by."""

    analyst: str
    trades: int
    win_rate: Decimal | None = None
    """0 to 1."""
    average_r: Decimal | None = None
    confidence: Decimal | None = None
    """Mean confidence of those votes: well calibrated where it equals the win rate."""
    brier: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What the panel is told besides the market: the desk's own state, and the world's news."""

    positions: tuple[Position, ...] = ()
    track: tuple[TrackRow, ...] = ()
    quotes: tuple[Quote, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One pair that may be voted on, with the price that entries are held against."""

    pair: str
    price: Decimal
    regime: Regime
    funding: Decimal | None
    """Per 8 h, as a ratio."""
    turnover: float
    """Value traded in the last 24 bars of 1h, in quote units: what makes a coin large or small."""
    readings: Mapping[str, Readings]
    """Timeframe -> indicators of its last closed bar; a timeframe without bars is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptInputs:
    """Everything a prompt says. Nothing else reaches a model."""

    at_ms: int
    market_regime: MarketRegime
    market_why: str
    dominance_change: Decimal | None
    """Change of BTC's share of the market over 24 h, percentage points."""
    coins: tuple[Coin, ...]
    """Largest turnover first, then by pair."""
    background: Background
    policy: CouncilPolicy


def as_of(at_ms: int) -> str:
    """An instant as prompt and answer spell it: 2025-01-01T00:10:00Z."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%dT%H:%M:%SZ")
