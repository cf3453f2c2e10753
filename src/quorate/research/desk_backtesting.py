"""A backtest by the real desk: its portfolios, controls and breakers over candles, and the council from its record.

What an account would have done, not what a strategy can do: portfolios share their equity between pairs and strategies,
and whatever one trade keeps another out of is kept out.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np

import quorate
from quorate.analysts.base import Strategy
from quorate.desk.turn import Charter
from quorate.domain import events as ev
from quorate.domain.money import ZERO
from quorate.domain.orders import Purpose
from quorate.domain.policy import PortfolioPolicy
from quorate.domain.portfolio import EquityPoint
from quorate.domain.signals import Signal
from quorate.domain.snapshot import Settlement
from quorate.domain.votes import Ballot, Side
from quorate.research import assumptions
from quorate.research.backtesting import TOTAL, Monotonic, Step, Tested, backtest_of, code_of, total_of
from quorate.research.booked import CONSENSUS, desk_trades, taking_of
from quorate.research.council_votes import RecordedVotes
from quorate.research.event_runner import EventResult, EventRun, run_events
from quorate.research.materials import Materials
from quorate.research.result import Backtest, Curve

DAY_MS = 86_400_000
COUNCIL_LEFT_OUT = "the council and its models: only strategies speak"
COUNCIL_HEARD = "asking anybody: the votes are those of the record, at their instants"
NUMBER = re.compile(r"(?<![A-Za-z\d])\d[\d.,]*")
NOBODY = RecordedVotes()


def backtest_desk(
    strategies: Sequence[Strategy],
    materials: Materials,
    charter: Charter,
    *,
    monotonic: Monotonic,
    step: Step,
    council: RecordedVotes = NOBODY,
) -> Tested:
    """Run the desk over the candles, with what the council said of them. Raises BadInput.

    A strategy that raises is silent at that bar, as on the desk, and the result says so.
    """
    began = monotonic()
    result = run_desk(strategies, materials, charter, council.ballots, step=step)
    policy = charter.policy
    trades = desk_trades(
        result.trades,
        result.signals,
        taking_of(result.events, materials.markets, policy.costs.slippage_ppm),
        timeframe=materials.timeframe,
    )
    curves = {book.name: _curve(book, result, materials) for book in policy.portfolios}
    members = tuple(sorted(strategies, key=lambda strategy: strategy.name))
    heard = {"left out": COUNCIL_HEARD if council.ballots else COUNCIL_LEFT_OUT}
    made = backtest_of(
        members,
        materials,
        trades=trades,
        curves={**curves, TOTAL: total_of(list(curves.values()))},
        told=(
            assumptions.desk_costs_told(policy.costs, materials, policy.portfolios),
            assumptions.desk_conventions_told(policy.portfolios) | heard,
        ),
        silent=_silent(result.signals, result.events),
    )
    estimated = (name for market in materials.markets.values() for name in market.estimated)
    made = replace(
        made,
        engine="event",
        start_equity=sum((book.start_equity for book in policy.portfolios), ZERO),
        open_trades=sum(len(held) for held in result.state.positions.values()),
        estimated=tuple(dict.fromkeys(estimated)),
        warnings=(*council.notes, *result.faults, *made.warnings),
        digest=_digest(members, materials, charter, council),
        elapsed_s=monotonic() - began,
    )
    if council.ballots:
        made = _with_council(made, council)
    return Tested(backtest=made, strategies=members, materials=materials)


def run_desk(
    strategies: Sequence[Strategy],
    materials: Materials,
    charter: Charter,
    ballots: Mapping[int, Ballot],
    *,
    step: Step,
) -> EventResult:
    """The event runner over the materials, its whole journal kept."""
    start_ms, span_ms = materials.start_ms, max(materials.end_ms - materials.start_ms, 1)
    total = -(-span_ms // DAY_MS)
    step("the desk", 0, total)

    def told(at_ms: int) -> None:
        step("the desk", min((at_ms - start_ms) // DAY_MS, total), total)

    run = EventRun(
        charter=charter,
        strategies=strategies,
        columns=materials.columns,
        markets=materials.markets,
        start_ms=start_ms,
        settlements=settled_at(materials) if materials.settlements else None,
        ballots=ballots,
        keep_events=True,
    )
    return run_events(run, told=told)


def settled_at(materials: Materials) -> dict[int, tuple[Settlement, ...]]:
    """Recorded settlements by the instant at which the desk hears of them: the first close at or after each."""
    instants = np.unique(np.concatenate([columns.close_ms for columns in materials.columns.values()]))
    found: dict[int, list[Settlement]] = defaultdict(list)
    for settlement in sorted(materials.settlements, key=lambda each: (each.at_ms, each.pair)):
        place = int(np.searchsorted(instants, settlement.at_ms))
        if place < len(instants) and settlement.pair in materials.markets:
            found[int(instants[place])].append(settlement)
    return {at_ms: tuple(due) for at_ms, due in found.items()}


def _curve(book: PortfolioPolicy, result: EventResult, materials: Materials) -> Curve:
    """A portfolio's equity: what it began with, every point that the desk published, and its worth at the end."""
    points: list[EquityPoint] = [point for point in result.equity if point.portfolio == book.name]
    last = {point.at_ms: float(point.equity) for point in points if point.at_ms > materials.start_ms}
    last[materials.end_ms] = float(result.state.portfolios[book.name].equity)
    at_ms = np.array([materials.start_ms, *last], np.int64)
    return Curve(at_ms, np.array([float(book.start_equity), *last.values()], np.float64))


def _silent(signals: Sequence[Signal], events: Sequence[ev.Event]) -> dict[str, int]:
    """Why signals became no trade, and how often: what kept a portfolio out, and what became of its orders."""
    why: Counter[str] = Counter()
    entries: set[str] = set()
    for signal in signals:
        why.update(_kept_out(stake.blocked_by) for stake in signal.stakes if stake.blocked_by is not None)
    for event in events:
        if isinstance(event, ev.OrderIntended) and event.intent.purpose is Purpose.ENTRY:
            entries.add(event.intent.client_id)
        elif isinstance(event, ev.OrderCancelled) and event.client_id in entries:
            why[_kept_out(event.reason)] += 1
    return dict(sorted(why.items(), key=lambda each: (-each[1], each[0])))


def _kept_out(blocked_by: str) -> str:
    """The reason without the numbers of the moment, so that like ones are counted together."""
    return NUMBER.sub("…", blocked_by)


def _with_council(made: Backtest, council: RecordedVotes) -> Backtest:
    """The backtest with the council among those who spoke."""
    sides = sum(vote.side is not Side.FLAT for ballot in council.ballots.values() for vote in ballot.votes)
    told = {"panel": ", ".join(council.panel), "ballots": len(council.ballots), "votes": sides}
    models = {f"cutoff of {name}": cutoff or "unknown" for name, cutoff in sorted(council.cutoffs.items())}
    names = (*made.strategies, CONSENSUS)
    return replace(
        made,
        title=f"{', '.join(names)} on {', '.join(made.pairs)}",
        strategies=names,
        parameters={**made.parameters, CONSENSUS: told | models},
    )


def _digest(strategies: Sequence[Strategy], materials: Materials, charter: Charter, council: RecordedVotes) -> str:
    told = hashlib.sha256(f"{quorate.__version__} event {materials.digest()}".encode())
    told.update(repr((charter.policy, charter.timeframe, charter.feed_kind, charter.jobs_enabled)).encode())
    told.update(repr((charter.scanner_cron, charter.evaluator_cron, charter.optimizer_cron)).encode())
    told.update(repr(sorted(charter.records.items())).encode())
    for strategy in strategies:
        told.update(f"{strategy.name} {strategy.timeframe} {asdict(strategy.parameters)!r} ".encode())
        told.update(code_of(strategy))
    for at_ms, ballot in sorted(council.ballots.items()):
        told.update(f"{at_ms} {ballot!r}".encode())
    return told.hexdigest()
