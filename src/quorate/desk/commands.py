"""What people and other processes may ask of a desk: every command by its name, and what it comes to.

The worker runs them one by one, each in a turn; jobs that ask analysts, and the monitor, are its own business.
"""

import json
from collections.abc import Callable, Mapping

from quorate.desk import evaluator, halting, monitor, optimizer, promotions, scanner
from quorate.desk.desk import Desk
from quorate.desk.ports import Command
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.snapshot import Snapshot
from quorate.risk.book import WHOLE_ACCOUNT, TradingState

SCAN = "scan"
MONITOR = "monitor-positions"
EVALUATE = "evaluate-positions"
OPTIMIZE = "optimize"
REVERT = "optimize-revert"
REARM = "rearm"
PANIC = "panic"
RESUME = "resume"
TRADING = "trading"
PROMOTE = "promote"
JOB_OF = {SCAN: scanner.JOB, MONITOR: monitor.JOB, EVALUATE: evaluator.JOB, OPTIMIZE: optimizer.JOB}
"""Command -> the job whose slot it runs. The others change nothing when they are carried out twice."""

Act = Callable[[Turn], dict[str, object]]
Deed = tuple[str, list[ev.Event]]
"""A report in JSON, and what happened."""


def act_of(command: Command) -> Act | None:
    """What a command does that needs no candle: a person can stop a desk that has not seen any. None for the others."""
    act = _ACTS.get(command.kind)
    return None if act is None else lambda turn: act(turn, command)


def carried_out(desk: Desk, snapshot: Snapshot, command: Command) -> Deed:
    """Carry a command out on the newest snapshot. BadInput for one that there is not, or that makes no sense."""
    deed = _DEEDS.get(command.kind)
    if deed is None:
        known = ", ".join(sorted({*JOB_OF, *_ACTS, *_DEEDS}))
        raise BadInput(f"The desk knows no command {command.kind!r}.", hint=f"It knows {known}.")
    return deed(desk, snapshot, command)


def slot_of(command: Command) -> str:
    """A run by hand has a slot of its own and uses up none of the schedule's."""
    return f"manual-{command.id}"


def _panic(turn: Turn, command: Command) -> dict[str, object]:
    return halting.panic(turn, by=_by(command), flatten=command.body.get("flatten") is True)


def _resume(turn: Turn, command: Command) -> dict[str, object]:
    return halting.set_trading(
        turn, scope=WHOLE_ACCOUNT, state=TradingState.ACTIVE, by=_by(command), reason=_reason(command)
    )


def _set_trading(turn: Turn, command: Command) -> dict[str, object]:
    scope, state = str(command.body.get("pair", WHOLE_ACCOUNT)), str(command.body.get("state", ""))
    return halting.set_trading(turn, scope=scope, state=state, by=_by(command), reason=_reason(command))


def _promote(turn: Turn, command: Command) -> dict[str, object]:
    return promotions.record(turn, command.body)


def _optimize(desk: Desk, snapshot: Snapshot, command: Command) -> Deed:
    return desk.optimize(snapshot, slot=slot_of(command))


def _revert(desk: Desk, snapshot: Snapshot, command: Command) -> Deed:
    version = command.body.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadInput("To go back to an earlier version, say which: `version`, a whole number.")
    return desk.revert_optimization(snapshot, version=version, by=_by(command))


def _rearm(desk: Desk, snapshot: Snapshot, command: Command) -> Deed:
    portfolio = str(command.body.get("portfolio", ""))
    if portfolio not in desk.state.portfolios:
        known = ", ".join(sorted(desk.state.portfolios))
        raise BadInput(f"There is no portfolio {portfolio!r}.", hint=f"There is {known}.")
    events = desk.rearm(snapshot, portfolio, by=_by(command))
    return json.dumps({"success": True, "portfolio": portfolio, "rearmed": bool(events)}), events


def _by(command: Command) -> str:
    return str(command.body.get("by", "a person"))


def _reason(command: Command) -> str:
    return str(command.body.get("reason", command.kind))


_ACTS: Mapping[str, Callable[[Turn, Command], dict[str, object]]] = {
    PANIC: _panic,
    RESUME: _resume,
    TRADING: _set_trading,
    PROMOTE: _promote,
}
_DEEDS: Mapping[str, Callable[[Desk, Snapshot, Command], Deed]] = {OPTIMIZE: _optimize, REVERT: _revert, REARM: _rearm}
