"""What analysts say: a vote with its geometry, and a strategy's setup with its exit plan."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quorate.domain.minds import ModelAsked


class Side(StrEnum):
    """Direction of a vote, a signal or a position."""

    LONG = "LONG"
    SHORT = "SHORT"
    FLAT = "FLAT"

    @property
    def sign(self) -> int:
        """+1 for LONG, -1 for SHORT, 0 for FLAT."""
        if self is Side.LONG:
            return 1
        return -1 if self is Side.SHORT else 0


class Action(StrEnum):
    """The order side that a direction is opened with."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        """+1 for BUY, -1 for SELL."""
        return 1 if self is Action.BUY else -1

    @property
    def opposite(self) -> "Action":
        """The order side that undoes this one."""
        return Action.SELL if self is Action.BUY else Action.BUY


def opening_action(side: Side) -> Action:
    """The order side that opens `side`; FLAT opens nothing and is an error."""
    assert side is not Side.FLAT, "FLAT opens nothing"
    return Action.BUY if side is Side.LONG else Action.SELL


@dataclass(frozen=True, slots=True)
class Vote:
    """One analyst's opinion on one pair at one instant.

    FLAT and abstentions carry no prices. `abstained` tells a refusal or a failure from a considered FLAT.
    """

    analyst: str
    pair: str
    side: Side
    confidence: Decimal
    """0 to 1."""
    entry: Decimal | None
    stop: Decimal | None
    target: Decimal | None
    reason: str
    abstained: bool = False


class EntryKind(StrEnum):
    """How a position is entered: at market, or by a resting maker order that is cancelled when untouched."""

    MARKET = "market"
    MAKER = "maker"


@dataclass(frozen=True, slots=True)
class Target:
    """A profit target: at `price`, close `fraction` (0 to 1) of what is left."""

    price: Decimal
    fraction: Decimal


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How a trade ends; every signal carries one (RULES section 3).

    `break_even_target`: the stop goes to entry plus costs once that many targets have filled (0: never by target).
    `break_even_r`: ... or once the close is that many R in profit (None: never by R).
    `trail_target` / `trail_r`: the same two conditions for the start of trailing.
    `trail_distance`: price distance of the trailing stop behind the best close, fixed from the ATR at the decision.
    `expires_ms`: instant at which what is left is closed at market (None: never).
    """

    stop: Decimal
    targets: tuple[Target, ...]
    break_even_target: int = 0
    break_even_r: Decimal | None = None
    trail_target: int = 0
    trail_r: Decimal | None = None
    trail_distance: Decimal | None = None
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """A strategy's own call at the close of a bar: where to get in, and the whole way out."""

    strategy: str
    pair: str
    timeframe: str
    side: Side
    confidence: Decimal
    entry: Decimal
    entry_kind: EntryKind
    plan: ExitPlan
    size: Decimal
    """Share of the normal size, 1 unless the strategy says otherwise (a fade trades half)."""
    reason: str


class Regime(StrEnum):
    """What kind of market one symbol is in (RULES section 6)."""

    VOLATILE = "VOLATILE"
    TRENDING_UP = "TRENDING_UP"
    TRENDING_DOWN = "TRENDING_DOWN"
    CHOPPY = "CHOPPY"
    RANGING = "RANGING"
    NEUTRAL = "NEUTRAL"


class MarketRegime(StrEnum):
    """The mood of the whole universe (RULES section 6)."""

    RISK_ON = "RISK_ON"
    NEUTRAL = "NEUTRAL"
    RISK_OFF = "RISK_OFF"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was measured about one pair at one instant: stored with every decision that used it."""

    pair: str
    regime: Regime
    close: Decimal
    rsi_14: float | None
    macd_signal: float | None
    atr_14: float | None
    """Wilder ATR in price units, of the decision's timeframe."""
    volume_ratio: float | None
    """Volume of the bar over the mean of the 20 bars before it."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """Everything the panel said at one slot, agreement or not."""

    slot: str
    at_ms: int
    panel: tuple[str, ...]
    """Names of every analyst configured on the panel, whether or not it answered: n of the quorum."""
    votes: tuple[Vote, ...]
    """Every analyst's vote on every pair it looked at, sorted by pair, then analyst."""
    model_version: str
    asked: tuple[ModelAsked, ...] = ()
    """What became of asking each model, by analyst; empty where none sits on the panel."""
