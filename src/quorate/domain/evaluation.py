"""What the position manager says of open trades: hold, tighten the stop, or get out, each with its reason."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from quorate.domain.minds import ModelAsked


class Advice(StrEnum):
    """What shall become of an open trade. There is no advice that takes more risk."""

    HOLD = "HOLD"
    TIGHTEN = "TIGHTEN"
    EXIT = "EXIT"


@dataclass(frozen=True, slots=True)
class TradeAdvice:
    """Advice on one open trade. `stop` is there for TIGHTEN only."""

    portfolio: str
    pair: str
    signal_id: str
    """The signal that the trade was made of: a later trade on the same pair is not meant."""
    advice: Advice
    stop: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is to be remembered of a closed trade, in the words of whoever looked at it."""

    trade: str
    """Id of the trade."""
    lesson: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One look at all open trades. A trade that is not named is held."""

    slot: str
    at_ms: int
    by: str
    """Name of the model that was heard, or `rules`; provider/model where a fallback spoke in its place."""
    advices: tuple[TradeAdvice, ...]
    """By portfolio, then pair."""
    lessons: tuple[Sentence, ...] = ()
    asked: ModelAsked | None = None
    """What became of asking the model; None where none was asked."""
    fault: str = ""
    """Why the model was not heard and the rules spoke instead; empty where nothing was wrong."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What became of one piece of advice."""

    portfolio: str
    pair: str
    advice: Advice
    stop: Decimal | None
    reason: str
    ignored: str = ""
    """Why it was not carried out; empty where it was."""
