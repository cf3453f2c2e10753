"""What differs between Binance's spot exchange and its perpetuals settled in dollars: names, weights and limits."""

from __future__ import annotations

from dataclasses import dataclass

from quorate.venues.ccxt.budget import Rate
from quorate.venues.ccxt.client import Endpoint

DAY_MS = 86_400_000
RESTRICTIONS = Endpoint("sapiGetAccountApiRestrictions", cost=1)
"""What a key may do, told for both."""
DELISTED = Endpoint("sapiGetSpotDelistSchedule", cost=100)
"""Which spot markets will end, and when."""
SYSTEM_STATUS = Endpoint("sapiGetSystemStatus", cost=1, signed=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """Conditional orders, where they live apart from others (perpetuals)."""

    place: Endpoint
    cancel: Endpoint
    cancel_all: Endpoint
    query: Endpoint
    open: Endpoint
    all: Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One of Binance's exchanges: ccxt's names for its requests, and their weights."""

    name: str
    derivatives: bool
    classes: tuple[str, ...]
    """As ccxt calls the markets that are traded here."""
    requests: Rate
    """Weight."""
    orders: Rate
    """Orders placed."""
    time: Endpoint
    place: Endpoint
    cancel: Endpoint
    cancel_all: Endpoint
    query: Endpoint
    open: Endpoint
    all: Endpoint
    fills: Endpoint
    span_ms_max: int | None
    """The longest time that one question for orders or executions covers; None where it is not bounded."""
    account: Endpoint
    quotes: Endpoint
    conditional: Conditional | None = None
    positions: Endpoint | None = None
    countdown: Endpoint | None = None
    income: Endpoint | None = None
    """Everything that moved the wallet of perpetuals."""
    both_ways: Endpoint | None = None
    """Tells whether long and short positions are kept apart."""
    listen: Endpoint | None = None
    listen_again: Endpoint | None = None


SPOT = Product(
    name="Binance",
    derivatives=False,
    classes=("spot",),
    requests=Rate(capacity=6_000, per_s=100),
    orders=Rate(capacity=100, per_s=10),
    time=Endpoint("publicGetTime", cost=1, signed=False),
    place=Endpoint("privatePostOrder", cost=1, orders=1),
    cancel=Endpoint("privateDeleteOrder", cost=1),
    cancel_all=Endpoint("privateDeleteOpenOrders", cost=1),
    query=Endpoint("privateGetOrder", cost=4),
    open=Endpoint("privateGetOpenOrders", cost=80),
    all=Endpoint("privateGetAllOrders", cost=20),
    fills=Endpoint("privateGetMyTrades", cost=20),
    span_ms_max=None,
    account=Endpoint("privateGetAccount", cost=20),
    quotes=Endpoint("publicGetTickerBookTicker", cost=4, signed=False),
)
PERPETUALS = Product(
    name="Binance perpetuals",
    derivatives=True,
    classes=("linear",),
    requests=Rate(capacity=2_400, per_s=40),
    orders=Rate(capacity=300, per_s=20),
    time=Endpoint("fapiPublicGetTime", cost=1, signed=False),
    place=Endpoint("fapiPrivatePostOrder", cost=0, orders=1),
    cancel=Endpoint("fapiPrivateDeleteOrder", cost=1),
    cancel_all=Endpoint("fapiPrivateDeleteAllOpenOrders", cost=1),
    query=Endpoint("fapiPrivateGetOrder", cost=1),
    open=Endpoint("fapiPrivateGetOpenOrders", cost=40),
    all=Endpoint("fapiPrivateGetAllOrders", cost=5),
    fills=Endpoint("fapiPrivateGetUserTrades", cost=5),
    span_ms_max=7 * DAY_MS,
    account=Endpoint("fapiPrivateV3GetAccount", cost=5),
    quotes=Endpoint("fapiPublicGetTickerBookTicker", cost=5, signed=False),
    conditional=Conditional(
        place=Endpoint("fapiPrivatePostAlgoOrder", cost=0, orders=1),
        cancel=Endpoint("fapiPrivateDeleteAlgoOrder", cost=1),
        cancel_all=Endpoint("fapiPrivateDeleteAlgoOpenOrders", cost=1),
        query=Endpoint("fapiPrivateGetAlgoOrder", cost=1),
        open=Endpoint("fapiPrivateGetOpenAlgoOrders", cost=40),
        all=Endpoint("fapiPrivateGetAllAlgoOrders", cost=5),
    ),
    positions=Endpoint("fapiPrivateV3GetPositionRisk", cost=5),
    countdown=Endpoint("fapiPrivatePostCountdownCancelAll", cost=10),
    income=Endpoint("fapiPrivateGetIncome", cost=30),
    both_ways=Endpoint("fapiPrivateGetPositionSideDual", cost=30),
    listen=Endpoint("fapiPrivatePostListenKey", cost=1),
    listen_again=Endpoint("fapiPrivatePutListenKey", cost=1),
)
