"""The desk: the single writer. It turns snapshots and ballots into events, in one fixed order, and does nothing else.

No clock, no I/O, no await: whoever runs it journals what it returns before anything else learns of it.
"""

from collections.abc import Sequence
from decimal import Decimal

from quorate.desk import bars, marks, monitor, optimizer, scanner, schedule, strategies
from quorate.desk.evolve import evolve
from quorate.desk.state import DeskState
from quorate.desk.turn import Charter, Turn
from quorate.desk.walk import Plans
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Ballot
from quorate.risk.breakers import DRAWDOWN, key_of


class Desk:
    """One account's desk. Feed it the account's journal first (`replay`), then steps."""

    def __init__(self, charter: Charter, state: DeskState | None = None) -> None:
        self.charter = charter
        self.state = state or DeskState(charter.account)
        self._plans = Plans()

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
        return self._due(scanner.JOB, self.charter.scanner_cron, at_ms)

    def monitor_slot(self, at_ms: int) -> str | None:
        """The monitor's newest slot at or before `at_ms` if it has not been run."""
        return self._due(monitor.JOB, self.charter.monitor_cron, at_ms)

    def _due(self, job: str, cron: str, at_ms: int) -> str | None:
        newest = schedule.latest_slot(cron, at_ms)
        seen_ms = at_ms - 1 if self.state.at_ms is None else self.state.at_ms
        done_ms = max(seen_ms, self.state.slots.get(job, 0))
        return str(newest) if newest > done_ms else None

    def step(self, snapshot: Snapshot, ballot: Ballot | None) -> list[ev.Event]:
        """Work one step through, in the order of one instant, and return everything that happened."""
        if self.state.at_ms is not None and snapshot.at_ms <= self.state.at_ms:
            raise BadInput(
                f"step {snapshot.at_ms} is not after the last one, {self.state.at_ms}",
                hint="The feed has to go on where the journal ends.",
            )
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        slot = self.monitor_slot(snapshot.at_ms) if self.charter.paced else None
        learning_slot = self._due(optimizer.JOB, self.charter.optimizer_cron, snapshot.at_ms)
        bars.work_bars(turn)
        marks.close_step(turn)
        monitor.follow_closes(turn)
        if slot is not None:
            monitor.close_slot(turn, slot, snapshot.at_ms)
        if learning_slot is not None:
            optimizer.run_optimizer(turn, learning_slot)
        if snapshot.step.fresh:
            strategies.hear_strategies(turn)
            if ballot is not None:
                scanner.scan(turn, ballot)
        return turn.events

    def scan(self, snapshot: Snapshot, ballot: Ballot) -> tuple[str, list[ev.Event]]:
        """Run the scanner by hand between two steps; returns its report and what happened."""
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return scanner.scan(turn, ballot), turn.events

    def monitor(
        self, snapshot: Snapshot, *, slot: str, quotes: tuple[tuple[str, Decimal], ...], at_ms: int
    ) -> tuple[str, list[ev.Event]]:
        """Run the monitor between two steps at fresh quotes; returns its report and what happened."""
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        return monitor.run_monitor(turn, slot=slot, quotes=quotes, at_ms=at_ms), turn.events

    def rearm(self, snapshot: Snapshot, portfolio: str, *, by: str) -> list[ev.Event]:
        """Re-arm a portfolio's latched kill switch; nothing happens when it is not latched."""
        switch = self.state.breakers.get(key_of(portfolio, DRAWDOWN, ""))
        if switch is None or not switch.tripped:
            return []
        turn = Turn(self.charter, self.state, snapshot, self._plans)
        marks.rearm(turn, portfolio, by=by)
        return turn.events
