"""The pre-trade controls in the order of their numbers: every order passes them, whoever asks."""

from collections.abc import Callable

from quorate.domain.orders import Intent
from quorate.domain.policy import Limits
from quorate.risk import account_controls as account
from quorate.risk import order_controls as order
from quorate.risk.book import Book
from quorate.risk.deployment import deployment
from quorate.risk.verdict import PASS, Deny, Verdict

Control = Callable[[Intent, Book, Limits], Verdict]

CONTROLS: dict[str, Control] = {
    "C1": order.quantity_limit,
    "C2": order.notional_limit,
    "C3": order.price_collar,
    "C4": order.period_collar,
    "C5": order.reference_sanity,
    "C6": order.precision,
    "C7": account.margin,
    "C8": account.exposure,
    "C9": account.position_cap,
    "C10": account.throttle,
    "C11": account.repetition,
    "C12": order.duplicate,
    "C13": order.listed_pair,
    "C14": order.self_match,
    "C15": order.slippage,
    "C16": account.trading_state,
    "C26": deployment,
}


def check(intent: Intent, book: Book, limits: Limits) -> Verdict:
    """The first refusal in the order of the numbers, or Pass.

    Where something is not known, entries are refused. An exit is refused only for what would make it wrong: numbers
    that are none (C1, C2), steps (C6), more than is open (C8), a repetition of itself (C12).
    """
    for control in CONTROLS.values():
        verdict = control(intent, book, limits)
        if isinstance(verdict, Deny):
            return verdict
    return PASS
