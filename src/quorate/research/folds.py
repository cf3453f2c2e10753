"""Walk-forward folds without leaks: what is inside ends before what is outside begins, with a gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from quorate.domain.errors import BadInput
from quorate.kernel.bars import FloatArray
from quorate.research.result import ClosedTrade
from quorate.research.spans import Span

FOLDS = 5
EMBARGO_SHARE = 0.01
"""Part of the whole time left out after what is inside: what was known at the end of one span still echoes in the next
(M. Lopez de Prado, Advances in Financial Machine Learning, 2018, chapter 7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One step of a walk forward: everything before, and the span that comes after the gap."""

    inside: Span
    outside: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Degradation:
    """What fixed parameters did inside and outside of every fold, as mean R of a trade."""

    folds: tuple[Fold, ...]
    inside_r: tuple[float, ...]
    outside_r: tuple[float, ...]
    """NaN where a span holds no trade."""
    outside_trades: tuple[int, ...]

    @property
    def positive(self) -> int:
        """Folds whose outside made money."""
        return sum(mean > 0 for mean in self.outside_r)


def purged_folds(
    start_ms: int, end_ms: int, *, folds: int = FOLDS, embargo_share: float = EMBARGO_SHARE
) -> tuple[Fold, ...]:
    """The time cut into `folds` + 1 equal spans; each but the first is outside once, with all before it inside.

    BadInput where there is no room for so many.
    """
    edges = np.linspace(start_ms, end_ms, folds + 2).astype(np.int64).tolist()
    embargo_ms = int((end_ms - start_ms) * embargo_share)
    if folds < 1 or edges[1] - edges[0] <= embargo_ms:
        raise BadInput(f"{folds} folds do not fit into this time.", hint="Take fewer, or a longer range.")
    return tuple(
        Fold(inside=Span(start_ms, edge), outside=Span(edge + embargo_ms, after)) for edge, after in pairwise(edges[1:])
    )


def purged(trades: Sequence[ClosedTrade], span: Span) -> list[ClosedTrade]:
    """Trades that were opened and closed within a span: one that reaches out of it knows what comes after."""
    return [trade for trade in trades if trade.opened_ms > span.start_ms and trade.closed_ms <= span.end_ms]


def degradation(trades: Sequence[ClosedTrade], folds: Sequence[Fold]) -> Degradation:
    """Mean R inside and outside of every fold, of trades that lie wholly in it."""
    inside = [_r(purged(trades, fold.inside)) for fold in folds]
    outside = [_r(purged(trades, fold.outside)) for fold in folds]
    return Degradation(
        folds=tuple(folds),
        inside_r=tuple(map(_mean, inside)),
        outside_r=tuple(map(_mean, outside)),
        outside_trades=tuple(map(len, outside)),
    )


def _r(trades: Sequence[ClosedTrade]) -> FloatArray:
    return np.array([float(trade.r) for trade in trades])


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else float("nan")
