"""The promotion ladder at the desk: steps that a person has shown are written down, and bad live trades take one back.

Who may trade, and how much, is a control (`quorate.risk.deployment`); how a step is earned is in
`quorate.domain.promotion`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from decimal import Decimal

from quorate.desk.turn import Turn
from quorate.desk.view import book_of, deployment_of
from quorate.domain import events as ev
from quorate.domain.errors import BadInput
from quorate.domain.promotion import (
    DEMOTION,
    Results,
    Rung,
    canary_room,
    leaves_band,
    promotion_of,
    results_of,
    rung_of,
)

DESK = "desk"
BELOW = {Rung.FULL: Rung.CANARY, Rung.CANARY: Rung.WALKED_FORWARD}
"""Where a source comes to that breaks its promise: to small size first, then off real money."""


def record(turn: Turn, body: Mapping[str, object]) -> dict[str, object]:
    """Write a step down that was held against its gate already. BadInput where the source stands elsewhere by now."""
    step = promotion_of(body.get("promotion"))
    stands = rung_of(turn.state.promotions.get(step.source), step.key)
    if stands is not step.before:
        raise BadInput(f"{step.source} stands at {stands} by now, not at {step.before}.", hint="Look, and do it again.")
    turn.emit(ev.PromotionChanged(replace(step, at_ms=turn.at_ms)))
    return {"success": True, "source": step.source, "rung": step.rung.value}


def review(turn: Turn) -> None:
    """Take every source one rung down whose live trades have left the band that its backtest promised."""
    charter, state = turn.charter, turn.state
    if charter.stake is None:
        return
    for source, last in sorted(state.promotions.items()):
        rung = rung_of(last, charter.keys.get(source, ""))
        if not rung.live or last.band is None:
            continue
        results = live_results(turn, source)
        fault = leaves_band(results, last.band, charter.promotion)
        if fault is not None:
            step = replace(
                last,
                before=rung,
                rung=BELOW[rung],
                gate=DEMOTION,
                by=DESK,
                reason=fault,
                evidence=json.dumps(asdict(results), sort_keys=True, separators=(",", ":"), default=str),
                at_ms=turn.at_ms,
            )
            turn.emit(ev.PromotionChanged(step))


def live_results(turn: Turn, source: str) -> Results:
    """A source's closed trades since its last step."""
    return results_of([(result.closed_ms, result.r) for result in turn.state.live_results.get(source, ())])


def room_of(turn: Turn, *, portfolio: str, source: str) -> Decimal | None:
    """Notional that a canary may still open in a portfolio; None for a source that no stake limits."""
    live = deployment_of(turn)
    if live is None or live.rung(source) is not Rung.CANARY:
        return None
    return canary_room(live.stake, in_play=book_of(turn, "").in_play(portfolio=portfolio, source=source))
