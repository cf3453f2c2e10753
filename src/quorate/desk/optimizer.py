"""The optimizer's slot. Analysts are weighed only once models sit on the panel; until then it ends pauses.

The breaker that stops a portfolio after losses in a row holds until the optimizer has run (RULES section 7).
"""

import json

from quorate.desk import marks
from quorate.desk.state import OPTIMIZER
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.risk.breakers import OPTIMIZER_PAUSE

JOB = OPTIMIZER


def run_optimizer(turn: Turn, slot: str) -> None:
    """Close the optimizer's slot; without a pace only where a pause waits for it."""
    paused = sorted(
        change.portfolio for change in turn.state.breakers.values() if change.name == OPTIMIZER_PAUSE and change.tripped
    )
    if not turn.charter.paced and not paused:
        return
    report = {"success": True, "cycle": slot, "weightsChanged": 0, "pausesEnded": paused}
    turn.emit(ev.JobCompleted(JOB, slot, turn.at_ms, json.dumps(report, sort_keys=True, separators=(",", ":"))))
    marks.follow_breakers(turn)
