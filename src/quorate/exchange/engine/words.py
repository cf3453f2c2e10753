"""The words of an order: each is a small closed set, spelled once for every protocol that is spoken over the engine."""

from enum import Enum, StrEnum


class Side(StrEnum):
    """Which way an order trades."""

    BUY = "buy"
    SELL = "sell"

    @property
    def other(self) -> "Side":
        """The side that trades against this one."""
        return Side.SELL if self is Side.BUY else Side.BUY


class Kind(StrEnum):
    """What an order does once it is accepted. Those with a trigger wait until the last price reaches it."""

    LIMIT = "limit"
    MARKET = "market"
    STOP_LOSS = "stop-loss"
    STOP_LOSS_LIMIT = "stop-loss-limit"
    TAKE_PROFIT = "take-profit"
    TAKE_PROFIT_LIMIT = "take-profit-limit"


TRIGGERED_KINDS = frozenset({Kind.STOP_LOSS, Kind.STOP_LOSS_LIMIT, Kind.TAKE_PROFIT, Kind.TAKE_PROFIT_LIMIT})
STOP_KINDS = frozenset({Kind.STOP_LOSS, Kind.STOP_LOSS_LIMIT})
PRICED_KINDS = frozenset({Kind.LIMIT, Kind.STOP_LOSS_LIMIT, Kind.TAKE_PROFIT_LIMIT})


class TimeInForce(StrEnum):
    """How long a priced order lives: until cancelled, for this instant, or whole in this instant. See `expires_ms`."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"


class SelfTrade(StrEnum):
    """What happens when an account's order would meet another order of the same account."""

    ALLOW = "allow"
    EXPIRE_TAKER = "expire-taker"
    EXPIRE_MAKER = "expire-maker"
    EXPIRE_BOTH = "expire-both"
    DECREMENT = "decrement"
    """Both lose the smaller of the two quantities; the one that is used up expires."""


class FeeIn(StrEnum):
    """The asset in which an order pays its fee. An account's own fee asset, where it has one, goes before this."""

    RECEIVED = "received"
    QUOTE = "quote"
    BASE = "base"


class Status(StrEnum):
    """Where an order stands. Orders that wait for their trigger are `new`."""

    NEW = "new"
    PARTIALLY_FILLED = "partially-filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    EXPIRED_IN_MATCH = "expired-in-match"


class Why(StrEnum):
    """Why an order ended without being filled whole."""

    ASKED = "asked"
    """Its owner cancelled it."""
    ALL_ASKED = "all-asked"
    """Its owner cancelled everything, or a dead-man switch did."""
    REPLACED = "replaced"
    NO_LIQUIDITY = "no-liquidity"
    NOT_WHOLE = "not-whole"
    """Fill-or-kill, and the book did not hold enough."""
    TIME = "time"
    OTHER_LEG = "other-leg"
    """The other order of its list was filled or triggered."""
    SELF_TRADE = "self-trade"
    NO_FUNDS = "no-funds"
    """Its trigger fired, and the money was no longer there."""
    POST_ONLY = "post-only"
    MARKET_CLOSED = "market-closed"
    FILTERS = "filters"
    REDUCE_ONLY = "reduce-only"
    """It may only make a position smaller, and there is none left that it would."""
    LIQUIDATED = "liquidated"
    """Its account no longer has the margin that its positions need."""


class Trading(StrEnum):
    """What a market lets its clients do."""

    OPEN = "open"
    POST_ONLY = "post-only"
    LIMIT_ONLY = "limit-only"
    CANCEL_ONLY = "cancel-only"
    HALTED = "halted"
    """Nothing, not even cancels."""
    DELISTED = "delisted"


class Refusal(Enum):
    """Why a request is refused: each protocol has its own code and words for it."""

    UNKNOWN_MARKET = "unknown market"
    UNKNOWN_ACCOUNT = "unknown account"
    UNKNOWN_ORDER = "unknown order"
    MARKET_CLOSED = "the market takes no orders now"
    POST_ONLY_MARKET = "the market takes only orders that rest"
    LIMIT_ONLY_MARKET = "the market takes only limit orders"
    PRICE_RANGE = "price out of range"
    PRICE_STEP = "price is no multiple of the tick"
    PRICE_BAND = "price too far from the market"
    LOT_RANGE = "quantity out of range"
    LOT_STEP = "quantity is no multiple of the step"
    MARKET_LOT_RANGE = "quantity out of range for a market order"
    NOTIONAL_MIN = "value of the order too small"
    NOTIONAL_MAX = "value of the order too large"
    ORDERS_MAX = "too many open orders"
    TRIGGERS_MAX = "too many open orders with a trigger"
    POSITION_MAX = "position too large"
    TRAIL_RANGE = "trailing distance out of range"
    NO_FUNDS = "insufficient balance"
    CLIENT_ID_TAKEN = "client order id is in use"
    WOULD_TAKE = "a post-only order would take"
    WOULD_TRIGGER = "the trigger is already reached"
    NO_PRICE = "there is no price yet to compare with"
    NO_LIQUIDITY = "nothing to trade against"
    REDUCE_ONLY = "the order would not make a position smaller"
    LEVERAGE_RANGE = "leverage out of range"
    LEVERAGE_FUNDS = "the positions need more margin at this leverage"
    LEG_PRICES = "the prices of the two orders do not stand around the market"
    MALFORMED = "the parts of the order do not fit together"
