"""How the engine says no."""

from quorate.domain.errors import Refused as DeskRefused
from quorate.exchange.engine.words import Refusal


class OrderRefused(DeskRefused):
    """A request that the engine does not carry out; nothing has changed. `reason` is for protocols to translate."""

    code = "order_refused"

    def __init__(self, reason: Refusal, detail: str = "") -> None:
        super().__init__(f"{reason.value.capitalize()}{': ' if detail else ''}{detail}.")
        self.reason = reason
        self.detail = detail
