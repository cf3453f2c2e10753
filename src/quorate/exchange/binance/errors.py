"""What Binance answers when it does not do what was asked: a code, a sentence, an HTTP status."""

from __future__ import annotations

from quorate.domain.errors import QuorateError
from quorate.exchange.engine.words import Refusal

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 400, 401, 403, 404, 409
TEAPOT, TOO_MANY, UNAVAILABLE = 418, 429, 503

UNKNOWN_ORDER = (-2011, "Unknown order sent.")


class BinanceError(QuorateError):
    """An answer other than success. `data` goes with it where Binance sends some."""

    code = "binance"

    def __init__(self, number: int, message: str, *, status: int = BAD_REQUEST, data: object = None) -> None:
        super().__init__(message)
        self.number = number
        self.status = status
        self.data = data
        self.retry_after_s = 0

    def body(self) -> dict[str, object]:
        """The body of the answer."""
        told: dict[str, object] = {"code": self.number, "msg": self.message}
        if self.data is not None:
            told["data"] = self.data
        return told


def filter_failure(name: str) -> tuple[int, str]:
    """The answer to an order that a filter forbids."""
    return -1013, f"Filter failure: {name}"


BY_REFUSAL: dict[Refusal, tuple[int, str]] = {
    Refusal.UNKNOWN_MARKET: (-1121, "Invalid symbol."),
    Refusal.UNKNOWN_ACCOUNT: (-2015, "Invalid API-key, IP, or permissions for action."),
    Refusal.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    Refusal.MARKET_CLOSED: (-1013, "Market is closed."),
    Refusal.POST_ONLY_MARKET: (-2010, "This order type is not possible in this trading phase."),
    Refusal.LIMIT_ONLY_MARKET: (-2010, "This order type is not possible in this trading phase."),
    Refusal.PRICE_RANGE: filter_failure("PRICE_FILTER"),
    Refusal.PRICE_STEP: filter_failure("PRICE_FILTER"),
    Refusal.PRICE_BAND: filter_failure("PERCENT_PRICE_BY_SIDE"),
    Refusal.LOT_RANGE: filter_failure("LOT_SIZE"),
    Refusal.LOT_STEP: filter_failure("LOT_SIZE"),
    Refusal.MARKET_LOT_RANGE: filter_failure("MARKET_LOT_SIZE"),
    Refusal.NOTIONAL_MIN: filter_failure("NOTIONAL"),
    Refusal.NOTIONAL_MAX: filter_failure("NOTIONAL"),
    Refusal.ORDERS_MAX: filter_failure("MAX_NUM_ORDERS"),
    Refusal.TRIGGERS_MAX: filter_failure("MAX_NUM_ALGO_ORDERS"),
    Refusal.POSITION_MAX: filter_failure("MAX_POSITION"),
    Refusal.TRAIL_RANGE: filter_failure("TRAILING_DELTA"),
    Refusal.NO_FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Refusal.CLIENT_ID_TAKEN: (-2010, "Duplicate order sent."),
    Refusal.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Refusal.WOULD_TRIGGER: (-2010, "Stop price would trigger immediately."),
    Refusal.NO_PRICE: (-2010, "This symbol has no price to compare the stop price with."),
    Refusal.NO_LIQUIDITY: (-2010, "The book holds nothing to trade against."),
    Refusal.REDUCE_ONLY: (-1106, "Parameter 'reduceOnly' sent when not required."),
    Refusal.LEVERAGE_RANGE: (-1106, "Parameter 'leverage' sent when not required."),
    Refusal.LEVERAGE_FUNDS: (-1106, "Parameter 'leverage' sent when not required."),
    Refusal.LEG_PRICES: (-2010, "The relationship of the prices for the orders is not correct."),
    Refusal.MALFORMED: (-1128, "Combination of optional parameters invalid."),
}


def refused(reason: Refusal) -> BinanceError:
    """The answer to a request that the engine has refused."""
    number, message = BY_REFUSAL[reason]
    return BinanceError(number, message)


def missing(name: str) -> BinanceError:
    """A parameter that must be there is not, or is not readable."""
    return BinanceError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal(name: str, legal: str) -> BinanceError:
    """A parameter holds what it must not."""
    return BinanceError(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def no_such_order() -> BinanceError:
    """A question about an order that is not known."""
    return BinanceError(-2013, "Order does not exist.")


def bad_key_format() -> BinanceError:
    """No API key was sent, or one that cannot be."""
    return BinanceError(-2014, "API-key format invalid.", status=UNAUTHORIZED)


def bad_key() -> BinanceError:
    """The API key is not known, or may not do this."""
    return BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", status=UNAUTHORIZED)


def bad_signature() -> BinanceError:
    """The signature does not belong to the request."""
    return BinanceError(-1022, "Signature for this request is not valid.")


def bad_time(*, ahead: bool) -> BinanceError:
    """The timestamp lies outside the window in which a request is taken."""
    if ahead:
        return BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    return BinanceError(-1021, "Timestamp for this request is outside of the recvWindow.")
