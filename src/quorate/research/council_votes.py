"""What a council said when it was asked, out of an account's journal: the backtester hears it again at those instants.

Nobody is asked anew, so nobody can answer with what is known today. What remains is what a model may have read before
it answered: decisions dated before its knowledge cutoff plus 30 days, or with an unknown cutoff, count for nothing
(SPEC section 4), and their votes become abstentions that say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from quorate.council.contamination import MARGIN_DAYS, contaminated
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.minds import ModelAsked
from quorate.domain.money import ZERO
from quorate.domain.signals import COUNCIL, Signal
from quorate.domain.votes import Ballot, Side, Vote

NOT_TOLD = "Not told in the record: it took no side."


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedVotes:
    """Ballots by the instant they were cast, and what is to be said about them."""

    ballots: Mapping[int, Ballot] = field(default_factory=dict[int, Ballot])
    panel: tuple[str, ...] = ()
    cutoffs: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    """Knowledge cutoff of each model that was asked."""
    tainted: int = 0
    """Votes with a side that a model may have known the outcome of."""
    notes: tuple[str, ...] = ()


def ballots_in(events: Iterable[ev.Event]) -> tuple[Ballot, ...]:
    """Every ballot of the story, oldest first, as it was counted then.

    Of what took no side the journal keeps what signals needed; on a pair that anybody had a word on, a member of the
    panel that is not named had none.
    """
    found: list[Ballot] = []
    asked: tuple[ModelAsked, ...] = ()
    signals: list[Signal] = []
    for event in events:
        if isinstance(event, ev.StepClosed):
            asked, signals = (), []
        elif isinstance(event, ev.SignalPublished) and event.signal.source == COUNCIL:
            signals.append(event.signal)
        elif isinstance(event, ev.CouncilAsked):
            asked = event.asked
        elif isinstance(event, ev.VotesCast):
            found.append(ballot_of(event, signals, asked))
            asked, signals = (), []
    return tuple(found)


def ballot_of(
    cast: ev.VotesCast, signals: Sequence[Signal], asked: tuple[ModelAsked, ...], *, pairs: Iterable[str] = ()
) -> Ballot:
    """A ballot as its entries tell it: `signals` of the same slot carry the votes that took no side on their pairs.

    Whoever of the panel is not named on one of these pairs, or of `pairs`, took no side there.
    """
    told = {(vote.pair, vote.analyst): vote for vote in cast.votes}
    told |= {(vote.pair, vote.analyst): vote for signal in signals for vote in signal.votes}
    for pair in {pair for pair, _ in told} | set(pairs):
        for analyst in cast.panel:
            told.setdefault((pair, analyst), Vote(analyst, pair, Side.FLAT, ZERO, None, None, None, NOT_TOLD))
    votes = tuple(told[key] for key in sorted(told))
    version = signals[0].model_version if signals else "recorded votes"
    return Ballot(cast.slot, cast.at_ms, cast.panel, votes, version, asked)


def recorded_votes(ballots: Iterable[Ballot], *, start_ms: int, end_ms: int, tainted: str = "abstain") -> RecordedVotes:
    """The ballots later than `start_ms`, up to `end_ms`, under the rule of contamination.

    `tainted`: "abstain" takes the votes of models that may have known the outcome out, "count" leaves them in. BadInput
    where no ballot is left.
    """
    inside = [ballot for ballot in ballots if start_ms < ballot.at_ms <= end_ms]
    if not inside:
        raise BadInput(
            "The record holds no vote of a council in this time.", hint="Give the candles of the time it was asked in."
        )
    counted, touched = list[Ballot](), 0
    for ballot in inside:
        clean, changed = without_tainted(ballot)
        counted.append(ballot if tainted == "count" else clean)
        touched += changed
    by_instant = {at_ms: list(each)[-1] for at_ms, each in groupby(counted, key=lambda ballot: ballot.at_ms)}
    cutoffs = {each.analyst: each.knowledge_cutoff for ballot in inside for each in ballot.asked}
    newest = inside[-1].panel
    return RecordedVotes(
        ballots=by_instant,
        panel=newest,
        cutoffs=cutoffs,
        tainted=touched,
        notes=_notes(by_instant, cutoffs, touched, counted=tainted == "count"),
    )


def without_tainted(ballot: Ballot) -> tuple[Ballot, int]:
    """The ballot with every contaminated side as an abstention, and how many there were."""
    guilty = {
        each.analyst: each.knowledge_cutoff
        for each in ballot.asked
        if contaminated(ballot.at_ms, knowledge_cutoff=each.knowledge_cutoff)
    }
    tainted = [vote for vote in ballot.votes if vote.analyst in guilty and vote.side is not Side.FLAT]
    if not tainted:
        return ballot, 0
    votes = (_abstention(vote, guilty[vote.analyst]) if vote in tainted else vote for vote in ballot.votes)
    return replace(ballot, votes=tuple(votes)), len(tainted)


def _abstention(vote: Vote, cutoff: str | None) -> Vote:
    known = f"its knowledge may end {MARGIN_DAYS} days after {cutoff}" if cutoff else "its knowledge cutoff is unknown"
    reason = f"Contaminated {vote.side} vote: it was cast before anything could be tested, as {known}."
    return Vote(vote.analyst, vote.pair, Side.FLAT, ZERO, None, None, None, reason, abstained=True)


def _notes(
    ballots: Mapping[int, Ballot], cutoffs: Mapping[str, str | None], touched: int, *, counted: bool
) -> tuple[str, ...]:
    told = f"The council spoke {len(ballots):,} times, from its record; nobody was asked anew."
    if not touched:
        return (told,)
    named = ", ".join(f"{analyst} ({cutoff or 'unknown'})" for analyst, cutoff in sorted(cutoffs.items()))
    rule = f"{touched:,} votes lie before a model's knowledge cutoff plus {MARGIN_DAYS} days: {named}."
    if counted:
        return (f"{rule} They were counted all the same: what comes of them proves nothing.", told)
    return (f"{rule} They count for nothing, as if those models had abstained.", told)
