"""Orders that wait for a price, and those that it sets off: the step after everything that moves one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.matching import Matcher
    from quorate.exchange.engine.orders import Order

TRIGGERED_AT_ONCE_MAX = 10_000
"""Orders that one operation may set off: more than any market holds, so that a fault of ours cannot turn forever."""


def wait(matcher: Matcher, listing: Listing, order: Order, at_ms: int) -> None:
    """Let an order wait for the price that it watches."""
    listing.triggers_of(order.asked).add(order)
    if order.asked.by_mark:
        fire_marked(matcher, listing, at_ms)
    else:
        listing.tape.look_again()


def fire_traded(matcher: Matcher, listing: Listing, at_ms: int) -> None:
    """Fire every order that the trades of this operation have set off, and those that these set off."""
    tape = listing.tape
    if not tape.moved:
        return
    for _ in range(TRIGGERED_AT_ONCE_MAX):
        due = listing.triggers.next_due(tape.last_ticks, low=tape.low_ticks, high=tape.high_ticks)
        if due is None:
            tape.settled()
            return
        matcher.fire(listing, due, at_ms)


def fire_marked(matcher: Matcher, listing: Listing, at_ms: int) -> None:
    """Fire every order that the mark price has set off, and those that these set off."""
    for _ in range(TRIGGERED_AT_ONCE_MAX):
        due = listing.mark_triggers.next_due(listing.mark, low=listing.mark, high=listing.mark)
        if due is None:
            break
        matcher.fire(listing, due, at_ms)
    fire_traded(matcher, listing, at_ms)
