"""A lesson: what was expected of a trade, what happened, and one sentence to remember. It goes into later prompts."""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.votes import Side

RULES = "rules"
"""Who looked at a trade, or wrote its lesson, where no model did."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one closed trade taught."""

    trade: str
    """Id of the trade."""
    portfolio: str
    pair: str
    side: Side
    source: str
    r: Decimal
    expected: str
    happened: str
    lesson: str
    by: str
    """`rules`, or the model that wrote the sentence."""
    at_ms: int
