"""A panel of rules and models together: each votes as it would alone, n of the quorum is all of them."""

from collections.abc import Sequence
from typing import Protocol

from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot


class Bench(Protocol):
    """A part of the panel that votes together (see `quorate.desk.ports.Council`)."""

    @property
    def asks_models(self) -> bool:
        """Whether asking leaves the house; else the votes are there without waiting."""
        ...

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """The votes of its members."""
        ...


class MixedPanel:
    """The council port over benches of rules and one of models. It takes as long as that one, which has a deadline."""

    def __init__(self, panel: Sequence[str], benches: Sequence[Bench]) -> None:
        """`panel` names everybody who sits on it; no two benches hold the same analyst, one at most asks models."""
        assert sum(bench.asks_models for bench in benches) <= 1, "models share a deadline: they sit on one bench"
        self._panel = tuple(panel)
        self._benches = tuple(benches)

    @property
    def asks_models(self) -> bool:
        """Whether one of the benches asks models."""
        return any(bench.asks_models for bench in self._benches)

    async def vote(self, snapshot: Snapshot, *, slot: str) -> Ballot:
        """Everybody's votes, sorted by pair, then analyst."""
        # Rules first: they read the market as it stands before the models are waited for.
        in_turn = sorted(self._benches, key=lambda bench: bench.asks_models)
        heard = {id(bench): await bench.vote(snapshot, slot=slot) for bench in in_turn}
        ballots = [heard[id(bench)] for bench in self._benches]
        votes = [vote for ballot in ballots for vote in ballot.votes]
        votes.sort(key=lambda vote: (vote.pair, vote.analyst))
        version = "; ".join(ballot.model_version for ballot in ballots)
        asked = tuple(each for ballot in ballots for each in ballot.asked)
        return Ballot(slot, snapshot.at_ms, self._panel, tuple(votes), version, asked)
