"""The loopback exchange's engine behind the desk's port to a venue, in process, with everything that can go wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from quorate.domain.market import symbol_of
from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import (
    Balance,
    NotSent,
    OrderGone,
    OrderRequest,
    OutcomeUnknown,
    Report,
    StreamLost,
    StreamUp,
    VenueAccount,
    VenueBusy,
    VenueFill,
    VenueOrder,
    VenueRefused,
    VenueStatus,
    VenueUnreachable,
    WalletPayment,
)
from quorate.domain.votes import Action
from quorate.exchange import (
    Engine,
    FeeIn,
    Kind,
    NewOrder,
    Order,
    OrderAccepted,
    OrderEnded,
    OrderFilled,
    OrderRefused,
    Side,
    Status,
)
from tests.simulation.faults import Dice

ANSWER_S = 8.0
"""How long a request that nobody answers takes to be given up."""
LATE_S = 4.0
"""How late a request may still arrive: later the venue refuses it as too old."""
HIDDEN_S = 2.0
"""How long an order may be in no list."""
_KINDS = {
    OrderKind.MARKET: Kind.MARKET,
    OrderKind.LIMIT: Kind.LIMIT,
    OrderKind.POST_ONLY: Kind.LIMIT,
    OrderKind.STOP: Kind.STOP_LOSS,
}
_STATUS = {
    Status.NEW: VenueStatus.OPEN,
    Status.PARTIALLY_FILLED: VenueStatus.OPEN,
    Status.FILLED: VenueStatus.FILLED,
    Status.CANCELLED: VenueStatus.CANCELLED,
    Status.EXPIRED: VenueStatus.CANCELLED,
    Status.EXPIRED_IN_MATCH: VenueStatus.CANCELLED,
}


class EngineVenue:
    """One account at the engine, seen through a bad line. Outlives the desk: what was taken up stays."""

    name = "loopback"
    keeps_stops = True
    has_dead_man = False
    settles_ms = 4_000

    def __init__(self, engine: Engine, account: str, dice: Dice, now_ms: Callable[[], int], fee_in: FeeIn) -> None:
        self.engine = engine
        self._account = account
        self._dice = dice
        self._now_ms = now_ms
        self._fee_in = fee_in
        self._streams: list[asyncio.Queue[Report]] = []
        self._hidden_until: dict[int, int] = {}
        self._numbers: dict[str, dict[int, int]] = {}
        self._late: set[asyncio.TimerHandle] = set()
        self._seen_fills: list[tuple[int, VenueFill]] = []
        self._pairs = {name: f"{each.spec.base}/{each.spec.quote}" for name, each in engine.listings.items()}
        engine.listen(self._tell)

    def tag(self, client_id: str) -> str:
        return client_id

    async def place(self, request: OrderRequest) -> VenueOrder:
        await asyncio.sleep(self._dice.between(0.0, 0.2))
        if self._dice.fall("not_sent"):
            raise NotSent("no route to the venue")
        if self._dice.fall("busy"):
            raise VenueBusy("too many requests", retry_after_s=2.0)
        if self._dice.fall("request_lost"):
            await self._nobody_answers()
        if self._dice.fall("request_late"):
            loop = asyncio.get_running_loop()
            self._late.add(loop.call_later(self._dice.between(0.0, LATE_S), self._arrives_late, request))
            await self._nobody_answers()
        order = self._take(request)
        if self._dice.fall("answer_lost"):
            await self._nobody_answers()
        await asyncio.sleep(self._dice.between(0.0, 0.2))
        return self._order(order)

    async def _nobody_answers(self) -> None:
        await asyncio.sleep(ANSWER_S)
        raise OutcomeUnknown("the venue did not answer in time")

    def _arrives_late(self, request: OrderRequest) -> None:
        try:
            self._take(request)
        except VenueRefused:
            return

    def _take(self, request: OrderRequest) -> Order:
        if self._dice.fall("refused"):
            raise VenueRefused("the venue does not like it", code_there="-2010")
        spec = self.engine.listing(symbol_of(request.pair)).spec
        lots = spec.lots(request.quantity)
        ticks = 0 if request.price is None else spec.ticks(request.price)
        assert lots is not None, "whole lots are sent"
        assert ticks is not None, "whole ticks are sent"
        stop = request.kind is OrderKind.STOP
        asked = NewOrder(
            account=self._account,
            symbol=spec.symbol,
            side=Side.BUY if request.action is Action.BUY else Side.SELL,
            kind=_KINDS[request.kind],
            lots=lots,
            ticks=0 if stop else ticks,
            stop_ticks=ticks if stop else 0,
            post_only=request.kind is OrderKind.POST_ONLY,
            fee_in=self._fee_in,
            client_id=request.tag,
        )
        try:
            order = self.engine.submit(asked, at_ms=self._now_ms())
        except OrderRefused as refused:
            raise VenueRefused(str(refused), code_there=refused.reason.name) from refused
        if self._dice.fall("hidden"):
            self._hidden_until[order.id] = self._now_ms() + round(self._dice.between(0.0, HIDDEN_S) * 1_000)
        return order

    async def cancel(self, *, tag: str, venue_id: str, pair: str) -> None:
        await asyncio.sleep(self._dice.between(0.0, 0.2))
        if self._dice.fall("request_lost"):
            await self._nobody_answers()
        order = self.engine.order_by_client_id(self._account, symbol_of(pair), tag)
        if order is None or order.status in {Status.FILLED, Status.CANCELLED, Status.EXPIRED, Status.EXPIRED_IN_MATCH}:
            raise OrderGone("there is no such open order", code_there="-2011")
        self.engine.cancel(order, at_ms=self._now_ms())
        if self._dice.fall("answer_lost"):
            await self._nobody_answers()

    async def cancel_all(self) -> None:
        self.engine.cancel_all(self._account, at_ms=self._now_ms())

    async def find(self, *, tag: str, pair: str, since_ms: int) -> VenueOrder | None:
        await self._question()
        order = self.engine.order_by_client_id(self._account, symbol_of(pair), tag)
        return None if order is None or self._hides(order) else self._order(order)

    async def open_orders(self) -> tuple[VenueOrder, ...]:
        await self._question()
        found = self.engine.open_orders(self._account)
        return tuple(self._order(order) for order in found if not self._hides(order))

    async def fills(self, pair: str, *, since_ms: int) -> tuple[VenueFill, ...]:
        await self._question()
        # As at real venues, a list of executions knows orders by the venue's own id alone.
        return tuple(
            replace(fill, tag="") for at_ms, fill in self._seen_fills if fill.pair == pair and at_ms >= since_ms
        )

    async def account(self) -> VenueAccount:
        await self._question()
        held = self.engine.accounts[self._account].balances
        balances = (
            Balance(asset, self.engine.amount(asset, each.total), self.engine.amount(asset, each.locked))
            for asset, each in sorted(held.items())
            if each.total
        )
        return VenueAccount(at_ms=self._now_ms(), balances=tuple(balances))

    async def _question(self) -> None:
        await asyncio.sleep(self._dice.between(0.0, 0.1))
        if self._dice.fall("question_lost"):
            raise VenueUnreachable("the venue did not answer")

    def _hides(self, order: Order) -> bool:
        return self._now_ms() < self._hidden_until.get(order.id, 0)

    async def payments(self, *, since_ms: int) -> tuple[WalletPayment, ...]:
        return ()

    async def reports(self) -> AsyncIterator[Report]:
        heard: asyncio.Queue[Report] = asyncio.Queue()
        self._streams.append(heard)
        try:
            yield StreamUp()
            while True:
                report = await heard.get()
                yield report
                if self._dice.fall("stream_lost"):
                    self._streams.remove(heard)
                    heard = asyncio.Queue()
                    yield StreamLost("the connection was reset")
                    await asyncio.sleep(self._dice.between(0.0, 5.0))
                    self._streams.append(heard)
                    yield StreamUp()
        finally:
            if heard in self._streams:
                self._streams.remove(heard)

    async def keep_alive(self, seconds: int) -> None:
        raise AssertionError("this venue has no dead-man switch")

    async def close(self) -> None:
        return

    def _tell(self, events: Sequence[object]) -> None:
        for event in events:
            if isinstance(event, OrderFilled) and event.order.account.name == self._account:
                fill = self._fill(event)
                self._seen_fills.append((event.at_ms, fill))
                self._report(fill)
            elif isinstance(event, OrderAccepted | OrderEnded) and event.order.account.name == self._account:
                self._report(self._order(event.order))

    def _report(self, report: Report) -> None:
        for _ in range(2 if self._dice.fall("report_twice") else 1):
            delay = self._dice.between(0.5, 6.0) if self._dice.fall("report_late") else self._dice.between(0.0, 0.1)
            for stream in self._streams:
                asyncio.get_running_loop().call_later(delay, stream.put_nowait, report)

    def _numbered(self, order: Order) -> str:
        """Orders are numbered for each market by itself, as at Binance: the same number may be two orders."""
        numbers = self._numbers.setdefault(order.asked.symbol, {})
        return str(numbers.setdefault(order.id, len(numbers) + 1))

    def _order(self, order: Order) -> VenueOrder:
        spec = self.engine.listing(order.asked.symbol).spec
        price = order.ticks or order.stop_ticks
        return VenueOrder(
            tag=order.asked.client_id,
            venue_id=self._numbered(order),
            pair=self._pairs[spec.symbol],
            action=Action.BUY if order.side is Side.BUY else Action.SELL,
            kind=OrderKind.LIMIT if order.asked.kind is Kind.LIMIT else OrderKind.MARKET,
            quantity=spec.quantity(order.asked.lots),
            filled=spec.quantity(order.filled_lots),
            price=spec.price(price) if price else None,
            status=_STATUS[order.status],
            at_ms=order.updated_ms,
            reason="" if order.why is None else order.why.value,
        )

    def _fill(self, event: OrderFilled) -> VenueFill:
        order, trade = event.order, event.trade
        spec = self.engine.listing(order.asked.symbol).spec
        return VenueFill(
            trade_id=str(trade.id),
            tag=order.asked.client_id,
            venue_id=self._numbered(order),
            pair=self._pairs[spec.symbol],
            action=Action.BUY if order.side is Side.BUY else Action.SELL,
            price=spec.price(trade.ticks),
            quantity=spec.quantity(trade.lots),
            fee=self.engine.amount(event.fee_asset, event.fee_atoms) if event.fee_asset else Decimal(0),
            fee_asset=event.fee_asset,
            liquidity=Liquidity.MAKER if event.is_maker else Liquidity.TAKER,
            at_ms=event.at_ms,
        )
