"""Reconciliation: at the start, every minute, and as often as something is in doubt, the venue is asked how things are.

Orders first, then executions, then balances: what the first explain is no difference of the last. An order is void only
where open orders, closed orders and executions were all asked, none knows it, and it has had time to come to light.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from quorate.desk import hearing, reckoning, wallet
from quorate.desk.courier import PLACE_TIMEOUT_S
from quorate.desk.evolve_orders import external_key
from quorate.desk.listening import FILLS_OVERLAP_MS
from quorate.domain.errors import Unavailable
from quorate.domain.orders import Order, OrderState
from quorate.domain.venue import KeyFault, VenueBusy, VenueFault, VenueOrder, VenueUnreachable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from quorate.desk.dealer import Dealer
    from quorate.desk.ports import Clock
    from quorate.desk.reckoning import Difference
    from quorate.domain.policy import ExecutionPolicy

IN_DOUBT = frozenset({OrderState.UNKNOWN, OrderState.SUBMITTED})
ANSWER_TIMEOUT_S = 60.0
"""Total time of one reconciliation."""
R = TypeVar("R")


class Reconciler:
    """Compares one account at one venue with the ledger."""

    def __init__(self, dealer: Dealer, policy: ExecutionPolicy, clock: Clock) -> None:
        self._listener = dealer.listener
        self._courier = dealer.courier
        self._venue = dealer.venue
        self._policy = policy
        self._clock = clock
        self._asked_ms: dict[str, int] = {}
        """pair -> when its executions were last asked for."""
        self._suspected: tuple[Difference, ...] = ()
        self._suspected_ms = 0

    async def run(self, wake: asyncio.Event) -> None:
        """Reconcile for good; `wake` asks for it at once. Raises what stops the desk."""
        while True:
            wake.clear()
            pause_ms = await self._try()
            try:
                async with asyncio.timeout(pause_ms / 1_000):
                    await wake.wait()
                # Answers that crossed on the way are left a moment to arrive.
                await asyncio.sleep(min(self._policy.doubt_ms, pause_ms) / 1_000 / 4)
            except TimeoutError:
                pass

    async def _try(self) -> int:
        """Reconcile once; returns after how many milliseconds to look again."""
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self.reconcile()
        except VenueBusy as error:
            self._listener.trouble(error)
            return max(int(error.retry_after_s * 1_000), self._policy.doubt_ms)
        except KeyFault as error:
            self._listener.trouble(error)
            await self._listener.decide(partial(hearing.stop_openings, reason=f"{self._venue.name}: {error}"))
            return self._policy.reconcile_ms
        except (VenueFault, TimeoutError) as error:
            self._listener.trouble(error)
            return self._policy.doubt_ms
        health = self._listener.health
        health.fault, health.heard_ms = "", self._clock.now_ms()
        if (
            self._suspected
            or self._listener.put_off
            or any(order.state in IN_DOUBT for order in self._listener.state.orders.values())
        ):
            return self._policy.doubt_ms
        health.reconciled_ms = health.heard_ms
        return self._policy.reconcile_ms if health.stream_up else min(self._policy.away_ms, self._policy.reconcile_ms)

    async def reconcile(self) -> None:
        """Ask about every order, every execution and every balance once. Errors: those of the venue, Unavailable."""
        if not self._listener.state.venue:
            account = await asked(self._venue.account())
            await self._listener.decide(partial(reckoning.open_account, venue=self._venue.name, account=account))
        out_of_sight = self._listener.out_of_sight
        put_off = {pair: set(keys) for pair, keys in self._listener.put_off.items()}
        open_there = await asked(self._venue.open_orders())
        await self._orders(open_there)
        await self._clear(put_off, {order.tag for order in open_there})
        await self._fills(self._pairs())
        self._listener.out_of_sight -= out_of_sight
        await self._payments()
        await self._balances()

    async def _orders(self, open_there: tuple[VenueOrder, ...]) -> None:
        by_tag = {order.tag: order for order in open_there if order.tag}
        tags = {
            client_id: self._listener.know(client_id)
            for client_id, order in sorted(self._listener.state.orders.items())
            if order.state is not OrderState.INTENDED and not self._courier.placing(client_id)
        }
        # A thousand orders that are open as they should be are one turn of the desk, not a thousand.
        found = [by_tag[tag] for tag in tags.values() if tag in by_tag]
        if found:
            await self._listener.hear(*found)
        for client_id, tag in tags.items():
            order = self._listener.state.orders.get(client_id)
            if tag not in by_tag and order is not None:
                await self._look_for(client_id, tag, order)
        await self._doubt_voids()
        await self._strangers(open_there)

    async def _look_for(self, client_id: str, tag: str, order: Order) -> None:
        """Ask for an order that is not among the open ones."""
        told = await self._find(tag, order)
        if told is not None:
            await self._listener.hear(told)
        elif self._had_time(client_id):
            evidence = f"{self._venue.name} knows it neither as open nor as closed, nor any execution of it"
            await self._listener.decide(partial(hearing.hear_absence, client_id=client_id, evidence=evidence))

    async def _doubt_voids(self) -> None:
        """Where somebody's executions are told on a pair, ask once more about orders there that were held for void."""
        for pair in sorted(self._listener.put_off):
            for client_id in await self._listener.decide(partial(hearing.nameless, pair=pair)):
                order = self._listener.state.ended.get(client_id)
                if order is None or client_id in self._listener.cleared:
                    continue
                told = await self._find(self._listener.know(client_id), order)
                if told is None:
                    self._listener.cleared.add(client_id)
                else:
                    await self._listener.hear(told)

    async def _clear(self, put_off: Mapping[str, set[str]], open_there: set[str]) -> None:
        """Executions that were told before our stops on their pair were seen waiting are of none of these stops."""
        for pair, keys in put_off.items():
            fireable = await self._listener.decide(partial(hearing.fireable, pair=pair))
            if all(self._listener.know(client_id) in open_there for client_id in fireable):
                self._listener.strange |= keys

    async def _find(self, tag: str, order: Order) -> VenueOrder | None:
        since_ms = order.sent_ms - FILLS_OVERLAP_MS
        return await asked(self._venue.find(tag=tag, pair=order.intent.pair, since_ms=since_ms))

    def _had_time(self, client_id: str) -> bool:
        """Whether an order that was sent would have come to light by now."""
        since_ms = self._clock.now_ms() - self._courier.handed_ms(client_id)
        return since_ms > PLACE_TIMEOUT_S * 1_000 + self._venue.settles_ms

    async def _strangers(self, open_there: tuple[VenueOrder, ...]) -> None:
        """Somebody else's orders, and ours that were held for void and are open after all: those are cancelled."""
        state = self._listener.state
        for told in open_there:
            client_id = self._listener.client_id(told.tag)
            if client_id is not None and client_id in state.ended and client_id not in state.orders:
                await self._listener.hear(told)
                await self._end(told)
        strange = [told for told in open_there if self._listener.client_id(told.tag) is None]
        if strange:
            await self._listener.hear(*strange)
        there = {external_key(told) for told in strange}
        for key in [key for key in state.external if key not in there]:
            await self._listener.decide(partial(hearing.external_gone, key=key))

    async def _end(self, told: VenueOrder) -> None:
        try:
            await self._venue.cancel(tag=told.tag, venue_id=told.venue_id, pair=told.pair)
        except VenueFault as error:
            self._listener.trouble(error)

    def _pairs(self) -> set[str]:
        """Pairs on which something of ours is, or was lately."""
        state = self._listener.state
        orders = (*state.orders.values(), *state.ended.values())
        return {*state.positions, *(order.intent.pair for order in orders)}

    async def _fills(self, pairs: set[str]) -> None:
        for pair in sorted(pairs):
            now_ms = self._clock.now_ms()
            fills = await asked(self._venue.fills(pair, since_ms=self._since_ms(pair, now_ms)))
            self._listener.put_off.pop(pair, None)
            if fills:
                await self._listener.hear(*fills)
            if pair not in self._listener.put_off:
                self._asked_ms[pair] = now_ms

    def _since_ms(self, pair: str, now_ms: int) -> int:
        """From when executions are asked for: the last question, or the oldest order that is open on the pair."""
        asked_ms = self._asked_ms.get(pair)
        if asked_ms is not None:
            return asked_ms - FILLS_OVERLAP_MS
        state = self._listener.state
        orders = (*state.orders.values(), *state.ended.values())
        sent_ms = [order.sent_ms for order in orders if order.intent.pair == pair and order.sent_ms]
        return min(sent_ms, default=now_ms) - FILLS_OVERLAP_MS

    async def _payments(self) -> None:
        state = self._listener.state
        since_ms = max(state.venue_ms, state.paid_ms - FILLS_OVERLAP_MS)
        paid = await asked(self._venue.payments(since_ms=since_ms))
        if paid:
            await self._listener.decide(partial(wallet.hear_payments, told=paid))

    async def _balances(self) -> None:
        """Compare balances; a difference counts when it is the same at two looks, and nothing explains it in time."""
        if self._listener.put_off:
            return
        found = await self._compared()
        if found is None:
            return  # it is told at the next look; what was suspected stays so
        if found and not self._same(found):
            await self._fills(self._traded_with({each.subject for each in found}))
            await self._payments()
            again = await self._compared()
            if again is not None:
                self._suspect(again)
            return
        if found:
            lasted_ms = self._clock.now_ms() - self._suspected_ms
            if lasted_ms < await self._listener.decide(partial(reckoning.patience_ms, found=found)):
                return
            await self._listener.decide(partial(reckoning.settle, found=found))
        self._suspected = ()

    def _same(self, found: tuple[Difference, ...]) -> bool:
        return [each.gap for each in found] == [each.gap for each in self._suspected]

    def _suspect(self, found: tuple[Difference, ...]) -> None:
        """Remember differences; the time runs on where the same subjects differ by something else now."""
        if {each.subject for each in found} != {each.subject for each in self._suspected}:
            self._suspected_ms = self._clock.now_ms()
        self._suspected = found

    async def _compared(self) -> tuple[Difference, ...] | None:
        """Ask for the account, and where it is not what the ledger expects; both are kept for people to see."""
        account = await asked(self._venue.account())
        found = await self._listener.decide(partial(reckoning.differences, account=account))
        self._listener.health.account, self._listener.health.differences = account, found or ()
        return found

    def _traded_with(self, subjects: set[str]) -> set[str]:
        markets = self._listener.state.markets.values()
        return {market.pair for market in markets if market.base in subjects or market.pair in subjects}


async def asked(question: Awaitable[R]) -> R:
    """A question's answer; that nothing answers is told as the venue's failure, never as the journal's."""
    try:
        return await question
    except VenueFault:
        raise
    except Unavailable as error:
        raise VenueUnreachable(error.message, hint=error.hint) from error
