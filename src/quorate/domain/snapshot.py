"""The exact inputs of the desk's decisions at one instant: what a decision may depend on, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.candle import Candle
from quorate.domain.votes import Facts, MarketRegime, Regime, Setup


@dataclass(frozen=True, slots=True)
class Step:
    """What a feed delivers: every base candle that closed at `at_ms`, sorted by pair.

    `fresh` is False for candles that fill a gap after the desk was away: trades are run to their end on them, but
    nothing new is decided. `quarantined` holds candles that could not be real, each with the reason.
    """

    at_ms: int
    candles: tuple[Candle, ...]
    fresh: bool = True
    quarantined: tuple[tuple[Candle, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """Funding that fell due on a pair's perpetual contract at `at_ms`: longs paid shorts, or the other way."""

    pair: str
    at_ms: int
    rate: Decimal
    """Ratio of the position's value for the interval that ended, to nine decimals; negative: shorts paid longs."""


@dataclass(frozen=True, slots=True)
class Context:
    """Context from outside the candles; None where no source has said anything."""

    btc_dominance_change_24h: Decimal | None = None
    """Change of BTC's share of the market over 24 h, in percentage points."""
    funding: Mapping[str, Decimal] | None = None
    """Funding rate per 8 h of each pair, as a ratio (0.001 = 0.1 %)."""
    settlements: tuple[Settlement, ...] = ()
    """Settlements of funding since the step before this one, by instant, then pair; a hole in the feed may span several
    of one pair. Empty where nothing is known."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One step, and everything that was measured on it."""

    step: Step
    setups: tuple[Setup, ...]
    """Setups of enabled strategies at this close, sorted by pair, then strategy; empty where the step is not fresh."""
    facts: Mapping[tuple[str, str], Facts]
    """(pair, timeframe) -> measured values; present for every pair and timeframe that a setup or a ballot refers to."""
    regimes: Mapping[str, Regime]
    market_regime: MarketRegime
    market_why: str
    context: Context = Context()

    @property
    def at_ms(self) -> int:
        """Feed time of the snapshot, UTC milliseconds."""
        return self.step.at_ms
