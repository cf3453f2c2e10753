"""Kraken's way of saying no: strings of a severity, a category and words, in a list beside the result."""

from __future__ import annotations

from quorate.domain.errors import Refused
from quorate.exchange import OrderRefused, Refusal, Trading

INVALID = "EGeneral:Invalid arguments"
UNKNOWN_ORDER = "EOrder:Unknown order"
PERMISSION = "EGeneral:Permission denied"


class KrakenRefusal(Refused):
    """A request that is answered with an error. `words` is what the client reads ("EOrder:Insufficient funds")."""

    code = "kraken_refusal"

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def invalid(argument: str) -> KrakenRefusal:
    """An argument makes no sense."""
    return KrakenRefusal(f"{INVALID}:{argument}")


WORDS = {
    Refusal.UNKNOWN_MARKET: "EQuery:Unknown asset pair",
    Refusal.UNKNOWN_ACCOUNT: "EAPI:Invalid key",
    Refusal.UNKNOWN_ORDER: UNKNOWN_ORDER,
    Refusal.POST_ONLY_MARKET: "EService:Market in post_only mode",
    Refusal.LIMIT_ONLY_MARKET: "EService:Market in limit_only mode",
    Refusal.PRICE_RANGE: "EGeneral:Invalid arguments:price",
    Refusal.PRICE_STEP: "EOrder:Tick size check failed",
    Refusal.PRICE_BAND: "EOrder:Invalid price",
    Refusal.LOT_RANGE: "EOrder:Order minimum not met",
    Refusal.LOT_STEP: "EGeneral:Invalid arguments:volume",
    Refusal.MARKET_LOT_RANGE: "EGeneral:Invalid arguments:volume",
    Refusal.NOTIONAL_MIN: "EOrder:Cost minimum not met",
    Refusal.NOTIONAL_MAX: "EGeneral:Invalid arguments:volume",
    Refusal.ORDERS_MAX: "EOrder:Orders limit exceeded",
    Refusal.TRIGGERS_MAX: "EOrder:Orders limit exceeded",
    Refusal.POSITION_MAX: "EOrder:Positions limit exceeded",
    Refusal.TRAIL_RANGE: "EGeneral:Invalid arguments:price",
    Refusal.NO_FUNDS: "EOrder:Insufficient funds",
    Refusal.CLIENT_ID_TAKEN: "EOrder:Invalid order:cl_ord_id is in use",
    Refusal.WOULD_TAKE: "EOrder:Post only order",
    Refusal.WOULD_TRIGGER: "EOrder:Invalid price",
    Refusal.NO_PRICE: "EService:Unavailable",
    Refusal.NO_LIQUIDITY: "EOrder:Insufficient liquidity",
    Refusal.REDUCE_ONLY: "EOrder:Reduce only:No position exists",
    Refusal.LEVERAGE_RANGE: "EGeneral:Invalid arguments:leverage",
    Refusal.LEVERAGE_FUNDS: "EOrder:Insufficient margin",
    Refusal.LEG_PRICES: "EOrder:Invalid price",
    Refusal.MALFORMED: INVALID,
}
CLOSED = {
    Trading.CANCEL_ONLY.value: "EService:Market in cancel_only mode",
    Trading.HALTED.value: "EService:Unavailable",
    Trading.DELISTED.value: "EQuery:Unknown asset pair",
}


def words_for(error: OrderRefused) -> str:
    """What Kraken says where the engine refuses."""
    if error.reason is Refusal.MARKET_CLOSED:
        return CLOSED.get(error.detail, "EService:Unavailable")
    return WORDS[error.reason]
