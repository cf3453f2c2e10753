"""Lays the synthetic market's funding beside the snapshots of a simulated feed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from quorate.feeds.simulated import seed_of
from quorate.feeds.simulation.settling import SyntheticFunding

if TYPE_CHECKING:
    from collections.abc import Callable

    from quorate.desk.ports import Lookout
    from quorate.domain.snapshot import Snapshot, Step
    from quorate.wiring.council import Room


@dataclass(frozen=True, slots=True)
class Funded:
    """A lookout whose snapshots carry the synthetic market's rates and settlements."""

    lookout: Lookout
    funding: SyntheticFunding
    seen_ms: Callable[[], int | None]
    """Instant of the last step that the desk has worked through: what was settled until then is behind it."""

    def observe(self, step: Step) -> Snapshot:
        """The lookout's snapshot with the funding of its instant."""
        snapshot = self.lookout.observe(step)
        seen_ms, rates = self.seen_ms(), self.funding.rates(step.at_ms)
        settled = () if seen_ms is None else self.funding.settlements(seen_ms, step.at_ms)
        return replace(snapshot, context=replace(snapshot.context, funding=rates or None, settlements=settled))


def funded(lookout: Lookout, room: Room) -> Funded:
    """`lookout` with the funding of the simulated market that `room` looks at, whichever process runs it."""
    funding = SyntheticFunding(seed_of(room.source.key), tuple(room.lookout.markets))
    return Funded(lookout, funding, lambda: room.state().at_ms)
