"""Who may trade real money, and how much of it: the promotion ladder as a control."""

from quorate.domain.money import plain
from quorate.domain.orders import Intent
from quorate.domain.policy import Limits
from quorate.domain.promotion import Rung, canary_room, next_gate
from quorate.risk.book import Book
from quorate.risk.verdict import PASS, Deny, Verdict


def deployment(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """C26: refuse a live entry of a source that has not reached the canary, and a canary's beyond its stake."""
    live = book.deployment
    if intent.reduces or live is None:
        return PASS
    rung = live.rung(intent.source)
    if not rung.live:
        said = f"{intent.source or 'nobody'} stands at {rung}, before the gate {next_gate(rung)}"
        return Deny("C26", said, f"rung {Rung.CANARY} or above")
    if rung is Rung.FULL:
        return PASS
    room = canary_room(live.stake, in_play=book.in_play(portfolio=intent.portfolio, source=intent.source))
    wanted = intent.price * intent.quantity
    if wanted > room:
        return Deny(
            "C26", f"canary {intent.source} opens {plain(wanted)}", f"{plain(room)} left of {plain(live.stake)}"
        )
    return PASS
