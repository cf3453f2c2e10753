"""Carries requests to a real venue, each once, when the batch that asks for it is durable, and brings back the answer.

A request whose answer is lost leaves its order in doubt; nobody decides here what became of it, and nothing is sent a
second time.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

from quorate.desk import hearing
from quorate.desk.listening import Listener
from quorate.desk.ports import Clock, Pending, Venue
from quorate.desk.turn import Turn
from quorate.domain import events as ev
from quorate.domain.errors import QuorateError, Unavailable
from quorate.domain.orders import Order, OrderKind, OrderState
from quorate.domain.venue import (
    ClockSkew,
    KeyFault,
    NotSent,
    OrderGone,
    OrderRequest,
    VenueBusy,
    VenueFault,
    VenueRefused,
)

R = TypeVar("R")
PLACE_TIMEOUT_S = 10.0
"""Total time in which a venue answers a placement or a cancel."""
LEAVE_S = 15.0
"""How long a desk that was asked to end waits for answers: longer than any of them may take."""


class Courier:
    """The requests of one desk at one venue."""

    def __init__(self, venue: Venue, listener: Listener, clock: Clock) -> None:
        self._venue = venue
        self._listener = listener
        self._clock = clock
        self._placing: set[str] = set()
        self._began_ms = clock.now_ms()
        self._handed_ms: dict[str, int] = {}
        self._errands: set[asyncio.Task[None]] = set()

    @property
    def errands(self) -> int:
        """Requests that are under way."""
        return len(self._errands)

    def placing(self, client_id: str) -> bool:
        """Whether the order is on its way this very moment."""
        return client_id in self._placing

    def handed_ms(self, client_id: str) -> int:
        """When the order was handed over at the latest, by the clock: its events carry the close it was decided on.

        Of an order that a process before this one sent, that is when this one began.
        """
        return self._handed_ms.get(client_id, self._began_ms)

    def follow(self, events: Sequence[ev.Event], pending: Pending) -> None:
        """Carry out what a batch asks for, as soon as it is durable: cancels first, then exits, then entries."""
        orders = self._listener.state.orders
        cancels = [event.client_id for event in events if isinstance(event, ev.CancelRequested)]
        placed = [event.client_id for event in events if isinstance(event, ev.OrderSubmitted)]
        placed.sort(key=lambda client_id: not self._reduces(client_id))
        if placed:
            self._handed_ms = {name: at_ms for name, at_ms in self._handed_ms.items() if name in orders}
        for client_id in cancels:
            self._send(self._cancel(client_id, pending), f"cancel {client_id}")
        for client_id in placed:
            self._listener.know(client_id)
            self._placing.add(client_id)
            self._handed_ms[client_id] = self._clock.now_ms()
            self._send(self._place(client_id, pending), f"place {client_id}")

    async def leave(self) -> int:
        """Let what is under way come to its end, and what follows from it, for LEAVE_S at most; then end the rest.

        Returns how many had to be ended: what became of those is learnt when the desk comes back.
        """
        try:
            async with asyncio.timeout(LEAVE_S):
                while self._errands:
                    await asyncio.wait(set(self._errands))
        except TimeoutError:
            return len(self._errands)
        finally:
            self.stop()
        return 0

    def stop(self) -> None:
        """End every request that is under way: what became of it is learnt when the desk comes back."""
        for errand in self._errands:
            errand.cancel()

    def _reduces(self, client_id: str) -> bool:
        order = self._listener.state.orders.get(client_id)
        return order is not None and order.intent.reduces

    def _send(self, errand: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(errand, name=name)
        self._errands.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """An errand is over. One that broke has left its order in doubt: reconciliation asks for it."""
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._listener.trouble(error)
            self._listener.ask_soon()

    async def _place(self, client_id: str, pending: Pending) -> None:
        try:
            if not await _durable(pending):
                return
            order = self._listener.state.orders.get(client_id)
            if order is None or order.state is not OrderState.SUBMITTED:
                return
            await self._placed(client_id, order)
        finally:
            self._placing.discard(client_id)

    async def _placed(self, client_id: str, order: Order) -> None:
        try:
            async with asyncio.timeout(PLACE_TIMEOUT_S):
                told = await self._venue.place(_request(order, self._listener.know(client_id)))
        except VenueRefused as error:
            await self._act(partial(hearing.hear_refusal, client_id=client_id, reason=f"{error.code_there}: {error}"))
            if order.intent.reduces:
                self._listener.ask_soon()  # what is to be closed may be gone, and its end unheard
        except (NotSent, VenueBusy, KeyFault, ClockSkew) as error:
            self._listener.trouble(error)
            await self._act(partial(hearing.hear_absence, client_id=client_id, evidence=f"never taken up: {error}"))
        except (VenueFault, TimeoutError) as error:
            reason = str(error) or "the venue did not answer in time"
            await self._act(partial(hearing.lose_sight, client_id=client_id, reason=reason))
            self._listener.ask_soon()
        else:
            await self._listener.hear(told)

    async def _cancel(self, client_id: str, pending: Pending) -> None:
        if not await _durable(pending):
            return
        order = self._listener.state.orders.get(client_id)
        if order is None:
            return
        tag, pair = self._listener.know(client_id), order.intent.pair
        try:
            async with asyncio.timeout(PLACE_TIMEOUT_S):
                await self._venue.cancel(tag=tag, venue_id=order.venue_id, pair=pair)
        except OrderGone:
            self._listener.ask_soon()
        except (VenueFault, TimeoutError) as error:
            # Nothing is known of it, and nothing is lost: it is asked for, and the cancel is repeated by `tending`.
            self._listener.trouble(error)
            self._listener.ask_soon()

    async def _act(self, act: Callable[[Turn], R]) -> R | None:
        """Let an outcome happen; None where the journal is gone: the desk learns it from the venue when it is back."""
        try:
            return await self._listener.decide(act)
        except Unavailable:
            return None


async def _durable(pending: Pending) -> bool:
    """Whether the batch is in the journal: only then does anything leave the house."""
    try:
        await pending
    except QuorateError:
        return False
    return True


def _request(order: Order, tag: str) -> OrderRequest:
    intent = order.intent
    return OrderRequest(
        tag=tag,
        pair=intent.pair,
        action=intent.action,
        kind=intent.kind,
        quantity=intent.quantity,
        price=None if intent.kind is OrderKind.MARKET else intent.price,
        reduce_only=intent.reduces,
    )
