"""A venue in memory that a test can break: it holds orders and coins, and fails as often as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from quorate.accounts.panic import Leg, Markets, Means, Priced
from quorate.domain.errors import QuorateError, Unavailable
from quorate.domain.market import Market
from quorate.domain.orders import OrderKind
from quorate.domain.venue import (
    Balance,
    OrderGone,
    OrderRequest,
    VenueAccount,
    VenueOrder,
    VenuePosition,
    VenueRefused,
    VenueStatus,
)
from quorate.domain.votes import Action

D = Decimal
BTC = Market("BTC/USDT", tick=D("0.01"), lot=D("0.00001"), min_notional=D(5), spread_ppm=100)
ETH = Market("ETH/USDT", tick=D("0.01"), lot=D("0.0001"), min_notional=D(5), spread_ppm=100)
PRICED: Markets = {"BTC/USDT": Priced(BTC, D(50_000)), "ETH/USDT": Priced(ETH, D(2_500))}


@dataclass
class FakeVenue:
    """`faults` are raised by the calls of that name, oldest first, before they do anything."""

    name: str = "kraken"
    orders: dict[str, VenueOrder] = field(default_factory=dict)
    coins: dict[str, Decimal] = field(default_factory=dict)
    positions: dict[str, Decimal] = field(default_factory=dict)
    faults: dict[str, list[QuorateError]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    placed: list[OrderRequest] = field(default_factory=list)
    survivors: frozenset[str] = frozenset()
    """Orders that the cancel of everything leaves where they are."""
    answers_lost: bool = False
    """Market orders are carried out, and the answer is an error."""

    def _asked(self, call: str) -> None:
        self.asked.append(call)
        waiting = self.faults.get(call)
        if waiting:
            raise waiting.pop(0)

    def tag(self, client_id: str) -> str:
        return client_id

    async def cancel_all(self) -> None:
        self._asked("cancel_all")
        self.orders = {each: order for each, order in self.orders.items() if each in self.survivors}

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        self._asked("cancel")
        if self.orders.pop(venue_id, None) is None:
            raise OrderGone("There is no such order.", code_there="unknown")

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        self._asked("open_orders")
        return tuple(self.orders.values())

    async def account(self) -> VenueAccount:
        self._asked("account")
        return VenueAccount(
            at_ms=0,
            balances=tuple(Balance(asset, n, self._held(asset)) for asset, n in sorted(self.coins.items()) if n),
            positions=tuple(
                VenuePosition(pair=p, quantity=n, entry=D(1), liquidation=None)
                for p, n in sorted(self.positions.items())
                if n
            ),
        )

    def _held(self, asset: str) -> Decimal:
        selling = [each for each in self.orders.values() if each.action is Action.SELL]
        return sum((each.quantity for each in selling if each.pair.startswith(f"{asset}/")), D(0))

    async def place(self, request: OrderRequest) -> VenueOrder:
        self._asked("place")
        assert request.kind is OrderKind.MARKET
        assert request.reduce_only
        self.placed.append(request)
        if request.pair in self.positions:
            held = self.positions[request.pair]
            assert (held > 0) is (request.action is Action.SELL), "an order that only reduces"
            self.positions[request.pair] = held + request.quantity * request.action.sign
        else:
            asset = request.pair.partition("/")[0]
            if request.quantity > self.coins.get(asset, D(0)):
                raise VenueRefused("There is not so much of it.", code_there="-2010")
            self.coins[asset] -= request.quantity
        if self.answers_lost:
            raise Unavailable("The answer was lost.")
        return replace(order("m"), status=VenueStatus.FILLED)


def order(venue_id: str, pair: str = "BTC/USDT", action: Action = Action.BUY, quantity: str = "0.01") -> VenueOrder:
    return VenueOrder(
        tag=f"q{venue_id}",
        venue_id=venue_id,
        pair=pair,
        action=action,
        kind=OrderKind.LIMIT,
        quantity=D(quantity),
        filled=D(0),
        price=D(40_000),
        status=VenueStatus.OPEN,
        at_ms=0,
    )


def venue(orders: int = 0, **held: str) -> FakeVenue:
    """A venue with so many open orders and these coins."""
    return FakeVenue(
        orders={f"v{place}": order(f"v{place}") for place in range(orders)},
        coins={asset: D(quantity) for asset, quantity in held.items()},
    )


class Clock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def means(*, agree: bool = True, asked: list[Sequence[Leg]] | None = None, budget_s: float = 20.0) -> Means:
    clock = Clock()
    seen: list[Sequence[Leg]] = [] if asked is None else asked

    async def markets(_: VenueAccount) -> Markets:
        return PRICED

    async def agreeing(legs: Sequence[Leg]) -> bool:
        seen.append(legs)
        return agree

    now_s: Callable[[], float] = lambda: clock.now_s  # noqa: E731
    return Means(
        now_s=now_s,
        sleep=clock.sleep,
        markets=markets,
        order_id=lambda count: f"qpanic{count}",
        agree=agreeing,
        budget_s=budget_s,
    )
