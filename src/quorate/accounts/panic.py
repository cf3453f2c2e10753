"""The last resort: end every order at the venue, and every position if asked, with nothing of the desk but its key.

It needs neither the desk nor Postgres nor Redis. It believes nothing but what the venue says when it is asked again:
a request that was answered with "done" is followed by a look, and what is still there is tried again within a budget.
Selling twice is not possible: coins that are gone cannot be sold, and a position is closed by orders that only reduce.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from quorate.domain.errors import QuorateError
from quorate.domain.market import Market
from quorate.domain.orders import OrderKind
from quorate.domain.venue import OrderGone, OrderRequest, VenueAccount, VenueBusy, VenueOrder
from quorate.domain.votes import Action

BUDGET_S = 60.0
"""How long is tried, from the first cancel on."""
PAUSE_S, PAUSE_S_MAX = 0.25, 4.0
CANCELS_AT_ONCE = 8
ROUNDS_MAX = 3
"""How often all is done again because the last look found something: somebody else may still be trading there."""
HELD = "an order holds it"
QUOTES = ("USDT", "USD", "USDC", "EUR", "FDUSD", "GBP")
"""Currencies that coins are sold for where no pair was named, the most wanted first; they are not sold themselves."""


class PanicVenue(Protocol):
    """As much of a venue as a panic needs: see `quorate.desk.ports.Venue` for what each call promises."""

    @property
    def name(self) -> str:
        """The venue, as people know it."""
        ...

    def tag(self, client_id: str) -> str:
        """The form in which a client order id is sent there."""
        ...

    async def cancel_all(self) -> None:
        """Ask for the end of every open order of the account, ours or not."""
        ...

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        """Ask for an order's end."""
        ...

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        """Every open order of the account."""
        ...

    async def account(self) -> VenueAccount:
        """Balances and positions."""
        ...

    async def place(self, request: OrderRequest) -> VenueOrder:
        """Place an order."""
        ...


@dataclass(frozen=True, slots=True)
class Priced:
    """A market with a price of now, by which dust is told from what can be sold."""

    market: Market
    price: Decimal


Markets = Mapping[str, Priced]
"""By pair."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One market order that makes something smaller."""

    pair: str
    action: Action
    quantity: Decimal
    asset: str
    """The coin that is sold, or the contract's pair."""


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is still there when all was tried, and why."""

    what: str
    quantity: Decimal
    reason: str
    dust: bool = False
    """Too small to be sold there: it does not count against a clean end."""


@dataclass(slots=True)
class Report:
    """What was done and what the venue says now. Times in seconds since the panic began."""

    venue: str
    flatten: bool
    orders_found: int = 0
    """Open orders that were seen before or after the first cancel; those that it ended unseen are not counted."""
    cancelled_s: float | None = None
    """When the venue had taken up the first cancel of everything."""
    no_orders_s: float | None = None
    """When the venue said that no order was open."""
    ended_s: float = 0.0
    tries: int = 0
    sold: list[Leg] = field(default_factory=list[Leg])
    orders_left: list[Left] = field(default_factory=list[Left])
    left: list[Left] = field(default_factory=list[Left])
    """Coins and positions that are still there."""
    positions_open: int = 0
    """Perpetual positions that are still open."""
    faults: list[str] = field(default_factory=list[str])
    """What went wrong on the way, in the venue's words, newest last."""
    verified: bool = False
    """Whether the venue itself has answered, at the end, what is left."""

    @property
    def clean(self) -> bool:
        """Whether the venue has said that no order is open and, where it was asked for, nothing but dust is held."""
        held = self.flatten and any(not each.dust for each in self.left)
        return self.verified and not self.orders_left and not held


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a panic works with besides the venue."""

    now_s: Callable[[], float]
    """Seconds that only grow."""
    sleep: Callable[[float], Awaitable[None]]
    markets: Callable[[VenueAccount], Awaitable[Markets]]
    """The markets in which what the account holds can be sold; asked for only when something is to be."""
    order_id: Callable[[int], str]
    """A client order id for the n-th order of this panic."""
    agree: Callable[[Sequence[Leg]], Awaitable[bool]]
    """Asks a person whether all this is to be sold."""
    budget_s: float = BUDGET_S


async def panic(venue: PanicVenue, *, flatten: bool, pairs: Sequence[str], means: Means) -> Report:
    """End every order, and sell and close everything if `flatten`; never raises for the venue's sake.

    `pairs`: whose coins are sold on spot; none: every coin that has a market.
    """
    run = _Panic(venue, flatten, tuple(pairs), means)
    for _ in range(ROUNDS_MAX):
        await run.end_orders()
        if flatten:
            await run.flatten()
        await run.verify()
        if not run.worth_another_round:
            break
    return run.report


def legs_of(account: VenueAccount, markets: Markets, pairs: Sequence[str]) -> tuple[list[Leg], list[Left]]:
    """What has to be sold or bought to hold nothing, and what cannot be: too small, or without a market."""
    legs: list[Leg] = []
    left: list[Left] = []
    for position in account.positions:
        action = Action.SELL if position.quantity > 0 else Action.BUY
        legs.append(Leg(position.pair, action, abs(position.quantity), position.pair))
    for balance in account.balances:
        pair = _pair_for(balance.asset, markets, pairs)
        if pair is None:
            continue
        if pair not in markets:
            left.append(Left(balance.asset, balance.total, f"there is no market {pair}"))
            continue
        lot = markets[pair].market
        if balance.held > 0:
            left.append(Left(balance.asset, balance.held, HELD))
        quantity = lot.quantity(lot.lots_floor(balance.free))
        if quantity > 0 and quantity * markets[pair].price >= lot.min_notional:
            legs.append(Leg(pair, Action.SELL, quantity, balance.asset))
        elif balance.free > 0:
            left.append(Left(balance.asset, balance.free, "below the least order there", dust=True))
    return legs, left


def _pair_for(asset: str, markets: Markets, pairs: Sequence[str]) -> str | None:
    """The pair in which a coin is sold; None for one that is not to be."""
    if pairs:
        return next((pair for pair in pairs if pair.partition("/")[0] == asset and ":" not in pair), None)
    if asset in QUOTES:
        return None
    return next((f"{asset}/{quote}" for quote in QUOTES if f"{asset}/{quote}" in markets), None)


class _Panic:
    """A panic under way."""

    def __init__(self, venue: PanicVenue, flatten: bool, pairs: tuple[str, ...], means: Means) -> None:
        self._venue = venue
        self._pairs = pairs
        self._means = means
        self._began_s = means.now_s()
        self._markets: Markets | None = None
        self._agreed = False
        self._declined = False
        self._orders = 0
        self._refused: dict[str, str] = {}
        """asset -> why the venue did not take the last order for it."""
        self.report = Report(venue.name, flatten)

    @property
    def worth_another_round(self) -> bool:
        """Whether something is left, and doing all again may help."""
        return not self.report.clean and not self._declined and self._elapsed_s() < self._means.budget_s

    async def end_orders(self) -> None:
        """Cancel everything, look, and cancel what is still there one by one, until nothing is."""
        pause_s = PAUSE_S
        while True:
            self.report.tries += 1
            try:
                await self._venue.cancel_all()
                if self.report.cancelled_s is None:
                    self.report.cancelled_s = self._elapsed_s()
            except QuorateError as error:
                self._fault(error)
            open_orders = await self._look()
            if open_orders is not None and not open_orders:
                self.report.no_orders_s = self._elapsed_s()
                return
            if open_orders:
                self.report.orders_found = max(self.report.orders_found, len(open_orders))
                await self._cancel_each(open_orders)
                open_orders = await self._look()
                if open_orders is not None and not open_orders:
                    self.report.no_orders_s = self._elapsed_s()
                    return
            if not self._time_left():
                return
            await self._means.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_S_MAX)

    async def flatten(self) -> None:
        """Close and sell until nothing but dust is left, or the time is up, or the person says no."""
        pause_s = PAUSE_S
        while True:
            try:
                account = await self._venue.account()
                if self._markets is None:
                    self._markets = await self._means.markets(account)
                legs, left = legs_of(account, self._markets, self._pairs)
                if not legs and not any(each.reason == HELD for each in left):
                    return
                if legs and not self._agreed and not await self._means.agree(legs):
                    self._declined = True
                    self.report.faults.append("A person said no to selling.")
                    return
                self._agreed = self._agreed or bool(legs)
                for leg in legs:
                    await self._close(leg)
            except QuorateError as error:
                self._fault(error)
            if not self._time_left():
                return
            await self._means.sleep(pause_s)
            pause_s = min(pause_s * 2, PAUSE_S_MAX)

    async def verify(self) -> None:
        """Ask the venue once more what is there, and write it down."""
        report = self.report
        report.verified = False
        try:
            orders = await self._venue.open_orders()
            report.orders_left = [
                Left(f"{order.pair} {order.action} {order.kind}", order.quantity - order.filled, order.venue_id)
                for order in orders
            ]
            account = await self._venue.account()
            report.positions_open = len(account.positions)
            if report.flatten:
                if self._markets is None:
                    self._markets = await self._means.markets(account)
                legs, left = legs_of(account, self._markets, self._pairs)
                why = self._refused
                report.left = [*left, *(Left(leg.asset, leg.quantity, why.get(leg.asset, "not sold")) for leg in legs)]
            report.verified = True
        except QuorateError as error:
            self._fault(error)
        report.ended_s = self._elapsed_s()

    async def _look(self) -> tuple[VenueOrder, ...] | None:
        """Every open order; None where the venue does not say."""
        try:
            return await self._venue.open_orders()
        except QuorateError as error:
            self._fault(error)
            return None

    async def _cancel_each(self, orders: Sequence[VenueOrder]) -> None:
        gate = asyncio.Semaphore(CANCELS_AT_ONCE)

        async def cancel(order: VenueOrder) -> None:
            async with gate:
                try:
                    await self._venue.cancel(tag=order.tag, venue_id=order.venue_id, pair=order.pair)
                except OrderGone:
                    return  # what was wanted
                except QuorateError as error:
                    self._fault(error)

        await asyncio.gather(*(cancel(order) for order in orders))

    async def _close(self, leg: Leg) -> None:
        self._orders += 1
        request = OrderRequest(
            tag=self._venue.tag(self._means.order_id(self._orders)),
            pair=leg.pair,
            action=leg.action,
            kind=OrderKind.MARKET,
            quantity=leg.quantity,
            price=None,
            reduce_only=True,
        )
        try:
            await self._venue.place(request)
        except QuorateError as error:
            self._refused[leg.asset] = error.message
            self._fault(error)
            return
        self._refused.pop(leg.asset, None)
        self.report.sold.append(leg)

    def _fault(self, error: QuorateError) -> None:
        said = error.message
        if isinstance(error, VenueBusy):
            said += f" It wants to be left alone for {error.retry_after_s:.0f} s."
        if not self.report.faults or self.report.faults[-1] != said:
            self.report.faults.append(said)

    def _elapsed_s(self) -> float:
        return self._means.now_s() - self._began_s

    def _time_left(self) -> bool:
        return self._elapsed_s() < self._means.budget_s
