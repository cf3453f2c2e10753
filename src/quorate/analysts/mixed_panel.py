"""A panel of rules and models together: each votes as it would alone, n of the quorum is all of them."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot


class Bench(Protocol):
    """A part of the panel that votes together (see `quorate.desk.ports.Council`)."""

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """The votes of its members."""
        ...


class MixedPanel:
    """The council port over several benches. It takes as long as its slowest, which keeps the cycle's deadline."""

    def __init__(self, panel: Sequence[str], benches: Sequence[Bench]) -> None:
        """`panel` names everybody who sits on it; no two benches hold the same analyst."""
        self._panel = tuple(panel)
        self._benches = tuple(benches)

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """Everybody's votes, sorted by pair, then analyst."""
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(bench.vote(snapshot, slot=slot)) for bench in self._benches]
        ballots = [task.result() for task in asked]
        votes = [vote for ballot in ballots for vote in ballot.votes]
        votes.sort(key=lambda vote: (vote.pair, vote.analyst))
        version = "; ".join(ballot.model_version for ballot in ballots)
        asked = tuple(each for ballot in ballots for each in ballot.asked)
        return Ballot(slot, snapshot.at_ms, self._panel, tuple(votes), version, asked)
