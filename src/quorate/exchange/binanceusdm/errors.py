"""What Binance's futures answer when they do not do what was asked: mostly codes of their own, from -4000 down."""

from __future__ import annotations

from quorate.exchange.binance import errors as spot
from quorate.exchange.binance.errors import BinanceError
from quorate.exchange.engine.checks import HIGH
from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.words import Refusal

TOO_PRECISE = (-1111, "Precision is over the maximum defined for this asset.")
NOT_POSITIVE = {
    "quantity": (-4003, "Quantity less than or equal to zero."),
    "price": (-4001, "Price less than or equal to zero."),
    "triggerPrice": (-4006, "Stop price less than or equal to zero."),
    "activatePrice": (-4006, "Stop price less than or equal to zero."),
}
LONG_CLIENT_ID = (-4015, "Client order id length should not be more than 36 chars.")
CONDITIONAL_HERE = (
    -4120,
    "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
)
HEDGED = (-4061, "Order's position side does not match user's setting.")
FORGOTTEN = "The order will not be recorded in the order history."
NO_WHOLE_FILL = (
    -5021,
    f"Due to the order could not be filled immediately, the FOK order has been rejected. {FORGOTTEN}",
)
CLOSES_WITH_QUANTITY = (-4137, "Quantity must be zero with closePosition equals true.")
CLOSES_WITH_REDUCE_ONLY = (-1106, "Parameter 'reduceonly' sent when not required.")
SAME_MARGIN_TYPE = (-4046, "No need to change margin type.")
CROSSED_ONLY = (-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.")
SAME_POSITION_SIDE = (-4059, "No need to change position side.")
ONE_WAY_ONLY = (-4068, "Position side cannot be changed if there exists position.")
NO_CHANGE = (-5027, "No need to modify the order.")

BY_REFUSAL: dict[Refusal, tuple[int, str]] = {
    Refusal.MARKET_CLOSED: (-4108, "Symbol is on delivering or delivered or settling or closed or pre-trading."),
    Refusal.POST_ONLY_MARKET: (-4140, "Invalid symbol status for opening position."),
    Refusal.LIMIT_ONLY_MARKET: (-4140, "Invalid symbol status for opening position."),
    Refusal.PRICE_RANGE: (-4001, "Price out of the range of this symbol."),
    Refusal.PRICE_STEP: (-4014, "Price not increased by tick size."),
    Refusal.LOT_RANGE: (-4004, "Quantity out of the range of this symbol."),
    Refusal.LOT_STEP: (-4023, "Qty not increased by step size."),
    Refusal.MARKET_LOT_RANGE: (-4005, "Quantity greater than max quantity."),
    Refusal.NOTIONAL_MIN: (
        -4164,
        "Order's notional must be no smaller than the least of this symbol (unless you choose reduce only).",
    ),
    Refusal.NOTIONAL_MAX: (-4005, "Quantity greater than max quantity."),
    Refusal.ORDERS_MAX: (-2025, "Reach max open order limit."),
    Refusal.TRIGGERS_MAX: (-4045, "Reach max stop order limit."),
    Refusal.POSITION_MAX: (-2027, "Exceeded the maximum allowable position at current leverage."),
    Refusal.TRAIL_RANGE: (-2007, "Invalid callBack rate."),
    Refusal.NO_FUNDS: (-2019, "Margin is insufficient."),
    Refusal.CLIENT_ID_TAKEN: (-4116, "ClientOrderId is duplicated."),
    Refusal.WOULD_TAKE: (
        -5022,
        f"Due to the order could not be executed as maker, the Post Only order will be rejected. {FORGOTTEN}",
    ),
    Refusal.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Refusal.NO_PRICE: (-1099, "This symbol has no price yet."),
    Refusal.NO_LIQUIDITY: (-2020, "Unable to fill."),
    Refusal.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Refusal.LEVERAGE_FUNDS: (-2028, "Leverage is smaller than permitted: insufficient margin balance."),
}
PRICE_TOO_HIGH = (-4016, "Limit price can't be higher than the mark price by more than is allowed.")
PRICE_TOO_LOW = (-4024, "Limit price can't be lower than the mark price by more than is allowed.")


def refused(error: OrderRefused) -> BinanceError:
    """The answer to a request that the engine has refused."""
    if error.reason is Refusal.PRICE_BAND:
        return BinanceError(*(PRICE_TOO_HIGH if error.detail == HIGH else PRICE_TOO_LOW))
    if error.reason is Refusal.LEVERAGE_RANGE:
        return BinanceError(-4028, f"Leverage {error.detail} is not valid")
    told = BY_REFUSAL.get(error.reason)
    return BinanceError(*told) if told is not None else spot.refused(error.reason)
