"""The scanner: the council's votes become verdicts, verdicts become signals and trades; every vote becomes a record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from quorate.council.consensus import Verdict, consensus, majority
from quorate.council.plan import exit_plan
from quorate.council.validation import screen
from quorate.desk.call import Call
from quorate.desk.evolve import fingerprint
from quorate.desk.publish import publish
from quorate.desk.records import keep_joint_record, keep_record
from quorate.desk.shadows import Opinion, open_shadow
from quorate.desk.turn import Turn
from quorate.desk.view import mark_age_ms_max
from quorate.domain import events as ev
from quorate.domain.market import Market
from quorate.domain.money import round_to_step
from quorate.domain.policy import CouncilPolicy
from quorate.domain.shadows import MAJORITY
from quorate.domain.signals import COUNCIL, Signal, Tier, VerdictOutcome
from quorate.domain.votes import Ballot, EntryKind, Side, Vote

JOB = "scanner"
COUNCIL_TIMEFRAME = "1h"
STRATEGY_NAME = "consensus"
HOUR_MS = 3_600_000


class _Given(TypedDict):
    policy: CouncilPolicy
    markets: Mapping[str, Market]
    prices: Mapping[str, Decimal]


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
    given = _given(turn)
    ballot = screen(ballot, **given)
    told = tuple(vote for vote in ballot.votes if vote.abstained or vote.side is not Side.FLAT)
    repeated = fingerprint(told) == turn.state.stances
    events_before = len(turn.events)
    verdicts = consensus(ballot, **given, weights=turn.state.weights)
    published = [_publish(turn, verdict, ballot) for verdict in verdicts]
    _run_shadows(turn, ballot, verdicts, given)
    signals = [signal for signal in published if isinstance(signal, Signal)]
    report = ScanReport(
        ballot.slot,
        len({vote.pair for vote in ballot.votes}),
        sum(signal.tier is Tier.GOLD for signal in signals),
        sum(signal.tier is Tier.SILVER for signal in signals),
        sum(stake.blocked_by is None for signal in signals for stake in signal.stakes),
    )
    text = json.dumps(report.reply(), sort_keys=True, separators=(",", ":"))
    changed = len(turn.events) > events_before or not repeated
    if ballot.asked:
        # Always told, even where nothing changed: asking them cost money.
        turn.emit(ev.CouncilAsked(ballot.slot, turn.at_ms, ballot.asked))
    if turn.charter.paced or changed or not ballot.slot.isdigit():
        outcomes = tuple(map(_outcome, verdicts, published))
        turn.emit(ev.VotesCast(ballot.slot, turn.at_ms, ballot.panel, told, outcomes))
        turn.emit(ev.JobCompleted(JOB, ballot.slot, turn.at_ms, text))
    return text


def _given(turn: Turn) -> _Given:
    """What the council's rules look at besides the votes.

    Prices are those of pairs that are measured and still trade: models may have thought for minutes, and meanwhile a
    pair may have stopped, or be gone.
    """
    state, facts = turn.state, turn.snapshot.facts
    oldest_ms = turn.at_ms - mark_age_ms_max(turn)
    prices = {
        pair: price
        for pair, price in state.marks.items()
        if (pair, COUNCIL_TIMEFRAME) in facts and state.marks_ms[pair] >= oldest_ms
    }
    return {"policy": turn.policy.council, "markets": state.markets, "prices": prices}


def _publish(turn: Turn, verdict: Verdict, ballot: Ballot) -> Signal | str:
    """The signal that a verdict becomes, or why it becomes none."""
    if verdict.refused is not None:
        return verdict.refused
    silent_ms = turn.state.cooldowns.get(verdict.pair, 0)
    if turn.at_ms < silent_ms:
        return f"The pair cools down for {(silent_ms - turn.at_ms) / HOUR_MS:.1f} h more."
    signal = publish(turn, _call(turn, verdict, ballot))
    until_ms = turn.at_ms + turn.policy.council.cooldown_ms
    turn.emit(ev.CooldownSet(verdict.pair, until_ms, "a council signal was published", turn.at_ms))
    return signal


def _outcome(verdict: Verdict, published: Signal | str) -> VerdictOutcome:
    signal = published if isinstance(published, Signal) else None
    return VerdictOutcome(
        pair=verdict.pair,
        side=verdict.side,
        tier=verdict.tier,
        confidence=verdict.confidence,
        agreeing=verdict.agreeing,
        dissenting=verdict.dissenting,
        signal="" if signal is None else signal.id,
        kept_back=published if isinstance(published, str) else "",
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


def _run_shadows(turn: Turn, ballot: Ballot, verdicts: tuple[Verdict, ...], given: _Given) -> None:
    """Run every vote, every verdict and what a plain majority wanted to their ends on paper, with the same exits."""
    asked = {each.analyst: each for each in ballot.asked}
    records = {name: keep_record(turn, name, asked=asked.get(name)) for name in ballot.panel}
    for vote in ballot.votes:
        if not vote.abstained and vote.side is not Side.FLAT:
            key, tainted = records[vote.analyst]
            _run_shadow(turn, vote, analyst=vote.analyst, record=key, tainted=tainted, mirrored=True)
    members = [(name, key) for name, (key, _) in records.items()]
    agreed = ((COUNCIL, verdicts, True), (MAJORITY, majority(ballot, **given), False))
    for name, wanted, mirrored in agreed:
        sound = [verdict for verdict in wanted if verdict.refused is None]
        if sound:
            key = keep_joint_record(turn, name, members)
            for verdict in sound:
                tainted = any(records[each][1] for each in verdict.agreeing)
                _run_shadow(turn, verdict, analyst=name, record=key, tainted=tainted, mirrored=mirrored)


def _run_shadow(turn: Turn, call: Vote | Verdict, *, analyst: str, record: str, tainted: bool, mirrored: bool) -> None:
    """Trade a vote or a verdict on paper by the council's own exit plan, unless one such trade is open."""
    if f"{analyst}|{call.side}" in turn.state.shadows.get(call.pair, {}):
        return
    assert call.entry is not None, "a screened vote with a direction has prices"
    market = turn.market(call.pair)
    facts = turn.snapshot.facts[call.pair, COUNCIL_TIMEFRAME]
    opinion = Opinion(
        analyst=analyst,
        pair=call.pair,
        side=call.side,
        confidence=call.confidence,
        entry_kind=EntryKind.MARKET,
        entry=round_to_step(call.entry, market.tick),
        plan=exit_plan(call, market=market, atr=_atr(facts.atr_14)),
        record=record,
        contaminated=tainted,
    )
    open_shadow(turn, opinion, mirrored=mirrored)


def _atr(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))
