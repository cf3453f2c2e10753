"""The desk: the single writer. It turns snapshots and ballots into events, in one fixed order, and does nothing else.

No clock, no I/O, no await: whoever runs it journals what it returns before anything else learns of it.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

from quorate.desk import (
    bars,
    evaluator,
    funding,
    marks,
    monitor,
    optimizer,
    passing,
    promotions,
    scanner,
    schedule,
    strategies,
    tending,
)
from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter, Turn
from quorate.desk.walk import Calm, Plans
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.evaluation import Evaluation
from quorate.domain.market import Market
from quorate.domain.money import ARITHMETIC
from quorate.domain.snapshot import Snapshot, Step
from quorate.domain.votes import Ballot
from quorate.risk.breakers import DRAWDOWN, key_of

P = ParamSpec("P")
T = TypeVar("T")


def exactly(deed: Callable[P, T]) -> Callable[P, T]:
    """The deed in the house's own decimal arithmetic: what a library did to the thread's changes no trade."""

    @wraps(deed)
    def inner(*args: P.args, **kwargs: P.kwargs) -> T:
        with localcontext(ARITHMETIC):
            return deed(*args, **kwargs)

    return inner


class Desk:
    """One account's desk. Feed it the account's journal first (`replay`), then steps."""

    def __init__(self, charter: Charter, state: DeskState | None = None) -> None:
        self.charter = charter
        self.state = state or DeskState(charter.account)
        self._plans = Plans()
        self._back = True
        """Whether nothing was decided yet since the desk came back with its story."""

    def replay(self, event: ev.Event) -> None:
        """Apply an event that the journal already holds."""
        evolve(self.state, event)

    def open(self, markets: Sequence[Market], settings_digest: str) -> list[ev.Event]:
        """Events that make the account ready for these markets and portfolios; empty when it already is."""
        events: list[ev.Event] = []
        missing = tuple(
            (policy.name, policy.start_equity)
            for policy in self.charter.policy.portfolios
            if policy.name not in self.state.portfolios
        )
        if missing:
            opened = ev.AccountOpened(self.charter.mode, self.charter.feed_kind, settings_digest, missing)
            events.append(opened)
        events += [ev.MarketListed(market) for market in markets if self.state.markets.get(market.pair) != market]
        for event in events:
            evolve(self.state, event)
        return events

    def scanner_slot(self, at_ms: int) -> str | None:
        """The scanner's newest slot at or before `at_ms` if it has not been run; older ones are let go."""
        return self._due(scanner.JOB, self.charter.scanner_cron, at_ms, seen_ms=self._asked_ms(scanner.JOB))

    def monitor_slot(self, at_ms: int) -> str | None:
        """The monitor's newest slot at or before `at_ms` if it has not been run."""
        return self._due(monitor.JOB, self.charter.monitor_cron, at_ms, seen_ms=self.state.at_ms)

    def evaluator_slot(self, at_ms: int) -> str | None:
        """The evaluator's newest slot at or before `at_ms` if it has not been run; older ones are let go."""
        return self._due(evaluator.JOB, self.charter.evaluator_cron, at_ms, seen_ms=self._asked_ms(evaluator.JOB))

    def optimizer_slot(self, at_ms: int) -> str | None:
        """The optimizer's newest slot since the last step on which anything was decided, if it has not been run.

        It is the one job that catches up: slots that went by while the desk was away, or was running closed trades to
        their end on candles of the past, are made good by one run.
        """
        return self._due(optimizer.JOB, self.charter.optimizer_cron, at_ms, seen_ms=self.state.fresh_ms)

    def _asked_ms(self, job: str) -> int | None:
        """Up to which instant the slots of a job that may ask models are settled.

        A desk that was killed while models were asked has no outcome of that slot: it comes back to the newest slot
        that has none, once. At full speed slots that changed nothing are not written down, and nobody is asked aside.
        """
        if self._back and self.charter.paced and self.state.at_ms is not None:
            return self.state.slots.get(job, 0)
        return self.state.at_ms

    def _due(self, job: str, cron: str, at_ms: int, *, seen_ms: int | None) -> str | None:
        """The newest slot after `seen_ms` (None: nothing was seen yet), if the schedule runs at all."""
        if not self.charter.jobs_enabled:
            return None
        newest = schedule.latest_slot(cron, at_ms)
        done_ms = max(at_ms - 1 if seen_ms is None else seen_ms, self.state.slots.get(job, 0))
        return str(newest) if newest > done_ms else None

    @exactly
    def step(self, snapshot: Snapshot, ballot: Ballot | None, evaluation: Evaluation | None = None) -> list[ev.Event]:
        """Work one step through, in the order of one instant, and return everything that happened.

        `ballot` and `evaluation` are there where a slot of the scanner or of the evaluator falls on this step.
        """
        if self.state.at_ms is not None and snapshot.at_ms <= self.state.at_ms:
            raise BadInput(
                f"step {snapshot.at_ms} is not after the last one, {self.state.at_ms}",
                hint="The feed has to go on where the journal ends.",
            )
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        fresh = snapshot.step.fresh
        self._back = self._back and not fresh
        slot = self.monitor_slot(snapshot.at_ms) if self.charter.paced and fresh else None
        learning_slot = self.optimizer_slot(snapshot.at_ms) if fresh else None
        funding.settle_on_the_way(turn)
        if self.charter.real_venue is None:
            bars.work_bars(turn)
        else:
            bars.work_shadows(turn)
        funding.settle_at_close(turn)
        marks.close_step(turn)
        monitor.follow_closes(turn)
        if slot is not None:
            monitor.close_slot(turn, slot, snapshot.at_ms)
        if evaluation is not None and snapshot.step.fresh:
            evaluator.evaluate(turn, evaluation)
        if learning_slot is not None:
            optimizer.run_optimizer(turn, learning_slot)
        if snapshot.step.fresh:
            strategies.hear_strategies(turn)
            if ballot is not None:
                scanner.scan(turn, ballot)
        tending.tend(turn)
        promotions.review(turn)
        return turn.events

    @exactly
    def calm(self, pair: str) -> Calm | None:
        """Between which levels the next bars of a pair change no trade; None where its next bar is waited for."""
        return passing.calm_of(self.charter, self.state, self._plans, pair)

    @exactly
    def pass_over(self, closes: Sequence[marks.Close]) -> list[ev.Event]:
        """Let closes go by at which nothing is touched and nothing is due, and return what a step at each had said.

        Whoever calls it has looked at `calm`, at expiries, slots and settlements, and at who would speak.
        """
        nothing = Snapshot(Step(closes[0][0], ()), (), {}, {}, self.state.market_regime, "")
        turn = Turn(self.charter, self.state, nothing, self._plans)
        passing.pass_over(turn, closes)
        return turn.events

    @exactly
    def act(self, snapshot: Snapshot, act: Callable[[Turn], T], *, at_ms: int) -> tuple[T, list[ev.Event]]:
        """Let something happen between two steps, then look after open trades; returns what `act` did, and events."""
        between_ms = max(at_ms, self.state.at_ms or 0)
        turn = Turn(self.charter, self.state, snapshot, self._plans, between_ms=between_ms)
        result = act(turn)
        tending.tend(turn)
        promotions.review(turn)
        return result, turn.events

    @exactly
    def scan(self, snapshot: Snapshot, ballot: Ballot) -> tuple[str, list[ev.Event]]:
        """Run the scanner by hand between two steps; returns its report and what happened."""
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return scanner.scan(turn, ballot), turn.events

    @exactly
    def monitor(
        self, snapshot: Snapshot, *, slot: str, quotes: tuple[tuple[str, Decimal], ...], at_ms: int
    ) -> tuple[str, list[ev.Event]]:
        """Run the monitor between two steps at fresh quotes; returns its report and what happened."""
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return monitor.run_monitor(turn, slot=slot, quotes=quotes, at_ms=at_ms), turn.events

    @exactly
    def evaluate(self, snapshot: Snapshot, evaluation: Evaluation) -> tuple[str, list[ev.Event]]:
        """Carry out an evaluation between two steps; returns its report and what happened."""
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return evaluator.evaluate(turn, evaluation), turn.events

    @exactly
    def optimize(self, snapshot: Snapshot, *, slot: str) -> tuple[str, list[ev.Event]]:
        """Run the optimizer by hand between two steps; returns its report and what happened."""
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return optimizer.run_optimizer(turn, slot), turn.events

    @exactly
    def revert_optimization(self, snapshot: Snapshot, *, version: int, by: str) -> tuple[str, list[ev.Event]]:
        """Set the values of an earlier version of the optimizer's again, 0 being as the settings say.

        Returns the report and what happened. BadInput where there is no such version, or today's settings do not allow
        what it says.
        """
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return optimizer.revert(turn, version=version, by=by), turn.events

    def fail(self, job: str, *, slot: str, at_ms: int, error: str) -> list[ev.Event]:
        """Write down that a job's slot ended in an error: nothing else comes of it."""
        failed = ev.JobFailed(job, slot, at_ms, error)
        evolve(self.state, failed)
        return [failed]

    @exactly
    def rearm(self, snapshot: Snapshot, portfolio: str, *, by: str) -> list[ev.Event]:
        """Re-arm a portfolio's latched kill switch; nothing happens when it is not latched."""
        switch = self.state.breakers.get(key_of(portfolio, DRAWDOWN, ""))
        if switch is None or not switch.tripped:
            return []
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        marks.rearm(turn, portfolio, by=by)
        return turn.events
