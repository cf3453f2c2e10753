"""A desk whose orders go to a real venue, and words as a venue says them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from quorate.desk import hearing
from quorate.desk.desk import Desk
from quorate.desk.turn import RealVenue, Turn
from quorate.domain import events as ev
from quorate.domain.market import MarketKind
from quorate.domain.orders import Liquidity, Order, OrderKind, Purpose
from quorate.domain.policy import STRATEGIES, DeskPolicy, PortfolioPolicy
from quorate.domain.signals import Tier
from quorate.domain.venue import VenueFill, VenueOrder, VenueStatus
from quorate.domain.votes import EntryKind, Side
from tests.desk.desks import BTC, ETH, FREE, Bench, charter, plan, setup

R = TypeVar("R")
SPOT = RealVenue(name="binance", keeps_stops=True, spot=True)
POLICY = DeskPolicy(
    portfolios=(
        PortfolioPolicy(
            name="live",
            sources=(STRATEGIES,),
            tiers=(Tier.SINGLE,),
            market=MarketKind.SPOT,
            risk_per_trade=Decimal("0.006"),
            position_cap=Decimal("0.10"),
            gross_exposure_cap=Decimal(1),
            leverage=Decimal(1),
        ),
    ),
    costs=FREE,
)
FLAT = "100 100 100 100"
PLAN = plan("95", ("110", "0.5"), ("120", "1"))


class LiveBench(Bench):
    """A desk at a venue that nobody has built yet: what the venue says is said by the test."""

    def __init__(self, real: RealVenue = SPOT, policy: DeskPolicy = POLICY) -> None:
        super().__init__(Desk(replace(charter(policy), real_venue=real)))
        self.events += self.desk.open([BTC, ETH], "digest")
        self.act(lambda turn: turn.emit(ev.VenueAccountOpened("binance", (("USDT", Decimal(10_000)),), turn.at_ms)))

    def act(self, act: Callable[[Turn], R], *, after_ms: int = 0) -> R:
        """One turn between two steps, `after_ms` after the last instant."""
        self.now_ms = max(getattr(self, "now_ms", 0), self.at_ms) + after_ms
        candles = () if self.state.at_ms is None else self._last
        said, events = self.desk.act(candles, act, at_ms=self.now_ms)  # pyright: ignore[reportArgumentType]
        self.events += events
        return said

    def step(self, prices: str | None = None, **more: object) -> list[ev.Event]:  # pyright: ignore[reportIncompatibleMethodOverride]
        events = super().step(prices, **more)  # pyright: ignore[reportArgumentType]
        self.now_ms = self.at_ms
        return events

    @property
    def _last(self) -> object:
        from quorate.desk.worker import NOTHING_SEEN

        return NOTHING_SEEN

    def enter(self, kind: EntryKind = EntryKind.MARKET) -> Order:
        """A long entry is on its way."""
        self.step(FLAT)
        self.step(FLAT, setups=[setup(Side.LONG, "100", PLAN, kind=kind)])
        return self.order(Purpose.ENTRY)

    def order(self, purpose: Purpose) -> Order:
        found = [order for order in self.state.orders.values() if order.intent.purpose is purpose]
        assert len(found) == 1, f"{len(found)} orders with purpose {purpose}"
        return found[0]

    def hear(self, *told: VenueOrder | VenueFill) -> None:
        for each in told:
            if isinstance(each, VenueFill):
                self.act(lambda turn, fill=each: hearing.hear_fill(turn, fill.tag, fill))
            else:
                self.act(lambda turn, word=each: hearing.hear_order(turn, word.tag, word))

    def mark(self, price: str, *, after_ms: int = 1_000) -> None:
        """The price moves between two steps."""
        self.act(lambda turn: turn.emit(ev.QuotesMarked(turn.at_ms, ((BTC.pair, Decimal(price)),))), after_ms=after_ms)

    def hold(self) -> None:
        """A long position of BTC with its stop at the venue."""
        entry, real = self.enter(), self.desk.charter.real_venue
        assert real is not None
        self.hear(told(entry), replace(fill(entry, "1"), gained=None if real.spot else Decimal(0)))
        self.hear(told(self.order(Purpose.STOP)))


def told(order: Order, status: VenueStatus = VenueStatus.OPEN, filled: Decimal | None = None) -> VenueOrder:
    """The venue's word on an order."""
    intent = order.intent
    return VenueOrder(
        tag=intent.client_id,
        venue_id=f"v-{intent.client_id}",
        pair=intent.pair,
        action=intent.action,
        kind=intent.kind,
        quantity=intent.quantity,
        filled=order.filled if filled is None else filled,
        price=None if intent.kind is OrderKind.MARKET else intent.price,
        status=status,
        at_ms=0,
    )


def fill(
    order: Order,
    trade_id: str,
    *,
    price: str = "100",
    quantity: Decimal | None = None,
    fee: str = "0",
    fee_asset: str = "USDT",
) -> VenueFill:
    """The venue's word on an execution; all of the order where no quantity is said."""
    intent = order.intent
    return VenueFill(
        trade_id=trade_id,
        tag=intent.client_id,
        venue_id=f"v-{intent.client_id}",
        pair=intent.pair,
        action=intent.action,
        price=Decimal(price),
        quantity=intent.quantity if quantity is None else quantity,
        fee=Decimal(fee),
        fee_asset=fee_asset,
        liquidity=Liquidity.TAKER,
        at_ms=order.sent_ms,
    )
