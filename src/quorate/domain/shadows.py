"""Shadow trades: votes and setups run to their end on paper, whether or not anybody traded them.

They are what an analyst's record is made of. A shadow trade belongs to one record: a change of the record's key (for a
model its provider, id, prompt template or sampling) starts another.
"""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.money import ZERO
from quorate.domain.votes import EntryKind, ExitPlan, Regime, Side

RULES = "rules"
"""Key of a record that nothing more is known of: a rule-based analyst without parameters of its own."""
MAJORITY = "majority"
"""Name under which an unweighted majority of those who answered has its own shadow trades, to be compared with."""


@dataclass(frozen=True, slots=True)
class ShadowTrade:
    """One vote run to its end on paper, whether or not anybody traded it; `left_ppm` is the part still open."""

    id: str
    analyst: str
    pair: str
    side: Side
    confidence: Decimal
    entry_kind: EntryKind
    entry: Decimal
    plan: ExitPlan
    opened_ms: int
    filled: Decimal | None
    """Entry price once filled; None while the entry waits."""
    stop: Decimal
    targets_hit: int
    trailing: bool
    left_ppm: int
    earned_r: Decimal
    """R earned on the closed parts, net of costs."""
    record: str = RULES
    """Key of the record it belongs to."""
    contaminated: bool = False
    """Decided at a time the model may have read about: it counts for nothing."""
    regime: Regime = Regime.NEUTRAL
    """Regime of the pair when it was opened."""
    opposite_of: str = ""
    """Id of the shadow trade whose mirror image this one is; empty for an analyst's own."""

    @property
    def key(self) -> str:
        """Under what it is kept among the shadow trades of its pair: one for each analyst and side, twins apart."""
        return f"{self.analyst}|{self.side}" + ("|opposite" if self.opposite_of else "")


@dataclass(frozen=True, slots=True)
class ShadowClosed:
    """Event: a shadow trade ended. `r` is net of costs; None when its entry was never reached."""

    id: str
    analyst: str
    pair: str
    side: Side
    confidence: Decimal
    opened_ms: int
    closed_ms: int
    r: Decimal | None
    reason: str
    record: str = RULES
    contaminated: bool = False
    regime: Regime = Regime.NEUTRAL
    opposite_of: str = ""
    hold_r: Decimal | None = None
    """What buying at the same entry and selling at the same instant would have earned, in the same R, net of costs."""
    risk_share: Decimal = ZERO
    """Distance from entry to initial stop as a share of the entry price: what 1 R is on a notional of 1."""

    @property
    def key(self) -> str:
        """Under what the open trade was kept (see `ShadowTrade.key`)."""
        return f"{self.analyst}|{self.side}" + ("|opposite" if self.opposite_of else "")
