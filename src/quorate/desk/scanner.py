"""The scanner: the council's votes become verdicts, verdicts become signals and trades; every vote becomes a record."""

import json
from dataclasses import dataclass
from decimal import Decimal

from quorate.council.consensus import Verdict, consensus
from quorate.council.plan import exit_plan
from quorate.council.validation import screen
from quorate.desk.call import Call
from quorate.desk.publish import publish
from quorate.desk.shadows import open_shadow
from quorate.desk.state import fingerprint
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.money import round_to_step
from quorate.domain.signals import COUNCIL, Tier
from quorate.domain.votes import Ballot, EntryKind, Side, Vote

JOB = "scanner"
COUNCIL_TIMEFRAME = "1h"
STRATEGY_NAME = "consensus"


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan did, in the words of its reply."""

    cycle: str
    scanned: int
    gold: int
    silver: int
    trades_opened: int

    def reply(self) -> dict[str, object]:
        """The reply's fields as the job's callers read them."""
        return {
            "success": True,
            "cycle": self.cycle,
            "scannedPairs": self.scanned,
            "signals": self.gold + self.silver,
            "goldSignals": self.gold,
            "silverSignals": self.silver,
            "tradesOpened": self.trades_opened,
        }


def scan(turn: Turn, ballot: Ballot) -> str:
    """Run one slot of the scanner on a ballot; returns the report as JSON text."""
    ballot = screen(ballot, policy=turn.policy.council, markets=turn.state.markets, prices=turn.state.marks)
    told = tuple(vote for vote in ballot.votes if vote.abstained or vote.side is not Side.FLAT)
    repeated = fingerprint(told) == turn.state.stances
    gold, silver, opened = 0, 0, 0
    events_before = len(turn.events)
    for verdict in _verdicts(turn, ballot):
        if verdict.refused is not None or turn.at_ms < turn.state.cooldowns.get(verdict.pair, 0):
            continue
        signal = publish(turn, _call(turn, verdict, ballot))
        until_ms = turn.at_ms + turn.policy.council.cooldown_ms
        turn.emit(ev.CooldownSet(verdict.pair, until_ms, "a council signal was published", turn.at_ms))
        gold += signal.tier is Tier.GOLD
        silver += signal.tier is Tier.SILVER
        opened += sum(1 for stake in signal.stakes if stake.blocked_by is None)
    for vote in ballot.votes:
        _run_shadow(turn, vote)
    report = ScanReport(ballot.slot, len({vote.pair for vote in ballot.votes}), gold, silver, opened)
    text = json.dumps(report.reply(), sort_keys=True, separators=(",", ":"))
    changed = len(turn.events) > events_before or not repeated
    if ballot.asked:
        # Always told, even where nothing changed: asking them cost money.
        turn.emit(ev.CouncilAsked(ballot.slot, turn.at_ms, ballot.asked))
    if turn.charter.paced or changed or not ballot.slot.isdigit():
        turn.emit(ev.VotesCast(ballot.slot, turn.at_ms, ballot.panel, told))
        turn.emit(ev.JobCompleted(JOB, ballot.slot, turn.at_ms, text))
    return text


def _verdicts(turn: Turn, ballot: Ballot) -> tuple[Verdict, ...]:
    return consensus(
        ballot,
        weights=turn.state.weights,
        policy=turn.policy.council,
        markets=turn.state.markets,
        prices=turn.state.marks,
    )


def _call(turn: Turn, verdict: Verdict, ballot: Ballot) -> Call:
    facts = turn.snapshot.facts[verdict.pair, COUNCIL_TIMEFRAME]
    return Call(
        source=COUNCIL,
        strategy=STRATEGY_NAME,
        tier=verdict.tier,
        pair=verdict.pair,
        side=verdict.side,
        confidence=verdict.confidence,
        entry=verdict.entry,
        entry_kind=EntryKind.MARKET,
        plan=exit_plan(verdict, market=turn.market(verdict.pair), atr=_atr(facts.atr_14)),
        size=Decimal(1),
        history_of=verdict.agreeing,
        facts=facts,
        votes=verdict.votes,
        model_version=ballot.model_version,
    )


def _run_shadow(turn: Turn, vote: Vote) -> None:
    """Every vote with a direction is traded on paper by the council's own exit plan."""
    if (
        vote.abstained
        or vote.side is Side.FLAT
        or f"{vote.analyst}|{vote.side}" in turn.state.shadows.get(vote.pair, {})
    ):
        return
    assert vote.entry is not None, "a screened vote with a direction has prices"
    market = turn.market(vote.pair)
    facts = turn.snapshot.facts[vote.pair, COUNCIL_TIMEFRAME]
    open_shadow(
        turn,
        analyst=vote.analyst,
        pair=vote.pair,
        side=vote.side,
        confidence=vote.confidence,
        entry_kind=EntryKind.MARKET,
        entry=round_to_step(vote.entry, market.tick),
        plan=exit_plan(vote, market=market, atr=_atr(facts.atr_14)),
    )


def _atr(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))
