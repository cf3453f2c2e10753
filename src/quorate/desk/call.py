"""A verdict of the council or a setup of a strategy, in the one form in which portfolios look at it."""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.money import plain
from quorate.domain.signals import Tier
from quorate.domain.votes import EntryKind, ExitPlan, Facts, Side, Vote

CONFIDENCE_SHOWN = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call to trade: who says it, what, and how to get in and out."""

    source: str
    strategy: str
    tier: Tier
    pair: str
    side: Side
    confidence: Decimal
    entry: Decimal
    entry_kind: EntryKind
    plan: ExitPlan
    size: Decimal
    history_of: tuple[str, ...]
    """Analysts whose closed shadow trades the Kelly factor looks at."""
    facts: Facts
    votes: tuple[Vote, ...]
    model_version: str

    @property
    def thesis(self) -> str:
        """What is expected of the trade, in one sentence."""
        last = self.plan.targets[-1].price
        return (
            f"{self.strategy} expected {self.side} from {plain(self.entry)} to {plain(last)}, "
            f"wrong at {plain(self.plan.stop)}, with confidence {plain(self.confidence.quantize(CONFIDENCE_SHOWN))}."
        )
