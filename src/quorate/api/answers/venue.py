"""The venue of an account: what the journal says of it, and how it is in the word of the desk that trades there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from quorate.api.answers import venue_words as say
from quorate.api.answers.books import positions_of
from quorate.api.answers.rows import instant, instant_of_ms, plain_or_none
from quorate.api.schemas.venue import (
    Balance,
    BlockedBook,
    Break,
    ExternalOrder,
    PositionDifference,
    UnprotectedPosition,
    Venue,
)
from quorate.desk.tending import UNHEARD
from quorate.domain.money import plain
from quorate.domain.orders import OrderKind, OrderState
from quorate.risk.book import WHOLE_ACCOUNT
from quorate.store.readers import accounts, orders, risk, venue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.api.resources import Resources
    from quorate.store.readers.orders import OrderRow
    from quorate.store.readers.venue import UnprotectedRow, VenueRow, VenueSaid

LIVE = "live"
PAPER = "Paper"
NAMELESS, SOME_VENUE = "A real venue", "the venue"
"""Where no desk is at work to say which: alone, and inside a sentence."""
BREAKS_MAX = 50
LOOKED_BACK = 20
"""Ended orders of a pair that are looked through for a stop that came to nothing."""


async def venue_of(given: Resources, account: str) -> Venue:
    """Everything that is known of the account's venue; on paper, that there is none."""
    pool = given.pool
    found, row, waiting = await asyncio.gather(
        accounts.find(pool, account), venue.newest(pool, account), orders.open_orders(pool, account)
    )
    counts = (len(waiting), sum(order.state == OrderState.UNKNOWN for order in waiting))
    if found is None or found.mode != LIVE:
        return _paper(account, counts)
    name = SOME_VENUE if row is None else row.said.name
    bare, blocked, external, breaks = await asyncio.gather(
        _unprotected(given, account, row, waiting),
        venue.blocked_books(pool, account),
        venue.external_orders(pool, account),
        _breaks(given, account, name),
    )
    return Venue(
        account=account,
        mode=LIVE,
        **_health(given, row),
        orders_open=counts[0],
        orders_in_doubt=counts[1],
        unprotected=bare,
        blocked_books=[BlockedBook(pair=each.pair, reason=each.reason, since=instant(each.at)) for each in blocked],
        breaks=breaks,
        external_orders=[_external(each) for each in external],
    )


def _paper(account: str, counts: tuple[int, int]) -> Venue:
    return Venue(
        account=account,
        mode="paper",
        name=PAPER,
        network="paper",
        market="paper",
        state="paper",
        words=say.ON_PAPER,
        fault="",
        heard_at=None,
        reconciled_at=None,
        told_age_ms=None,
        stops_rest_there=False,
        orders_open=counts[0],
        orders_in_doubt=counts[1],
        balances=[],
        balances_at=None,
        position_differences=[],
        unprotected=[],
        blocked_books=[],
        breaks=[],
        external_orders=[],
    )


def _health(given: Resources, row: VenueRow | None) -> dict[str, Any]:
    """The part of the answer that only the desk itself knows."""
    state, words = say.state_of(
        row, given.policy.execution, lost_ms=given.settings.worker_lost_ms, now_ms=given.clock.now_ms()
    )
    said = None if row is None else row.said
    return {
        "name": NAMELESS if said is None else said.name,
        "network": "real" if said is None else _network(said),
        "market": "spot" if said is None or said.spot else "perp",
        "state": state,
        "words": words,
        "fault": "" if said is None else said.fault,
        "heard_at": None if said is None else instant_of_ms(said.heard_ms),
        "reconciled_at": None if said is None else instant_of_ms(said.reconciled_ms),
        "told_age_ms": None if row is None else row.age_ms,
        "stops_rest_there": said is None or said.keeps_stops,
        "balances": [] if said is None else _balances(said),
        "balances_at": None if said is None else instant_of_ms(said.compared_ms),
        "position_differences": [] if said is None else _position_differences(said),
    }


def _network(said: VenueSaid) -> str:
    if said.elsewhere:
        return "elsewhere"
    return "test" if said.testnet else "real"


def _balances(said: VenueSaid) -> list[Balance]:
    """Every balance; one that the ledger expects and the venue does not have is among them, with nothing there."""
    differs = {each.subject: each for each in said.differences if said.spot}
    known = {each.asset for each in said.balances}
    there = [
        Balance(
            asset=each.asset,
            total=plain(each.total),
            held=plain(each.held),
            expected=plain(differs[each.asset].expected) if each.asset in differs else None,
        )
        for each in said.balances
    ]
    missing = [
        Balance(asset=each.subject, total=plain(each.found), held="0", expected=plain(each.expected))
        for each in differs.values()
        if each.subject not in known
    ]
    return sorted([*there, *missing], key=lambda balance: balance.asset)


def _position_differences(said: VenueSaid) -> list[PositionDifference]:
    return [
        PositionDifference(pair=each.subject, expected=plain(each.expected), found=plain(each.found))
        for each in said.differences
        if not said.spot
    ]


async def _unprotected(
    given: Resources, account: str, row: VenueRow | None, waiting: Sequence[OrderRow]
) -> list[UnprotectedPosition]:
    alarms = await venue.unprotected(given.pool, account)
    if not alarms:
        return []
    held = {(position.portfolio, position.pair): position for position in await positions_of(given, account)}
    told: list[UnprotectedPosition] = []
    for alarm in alarms:
        key = (alarm.portfolio, alarm.pair)
        position = held.get(key)
        bare = say.Bare(
            position=position,
            orders=[order for order in waiting if (order.portfolio, order.pair) == key],
            failed=await _failed_stop(given, account, alarm),
            unheard=alarm.reason.startswith(UNHEARD),
        )
        words: dict[str, Any] = {"side": None if position is None else position.side.value}
        told.append(
            UnprotectedPosition(
                portfolio=alarm.portfolio,
                pair=alarm.pair,
                quantity=None if position is None else plain(position.quantity),
                stop=None if position is None else plain(position.stop),
                unheard=bare.unheard,
                since=instant(alarm.at),
                reason=alarm.reason,
                doing=say.doing(
                    bare,
                    given.policy.execution,
                    absent=say.silent(row, lost_ms=given.settings.worker_lost_ms),
                    keeps_stops=row is None or row.said.keeps_stops,
                    venue=SOME_VENUE if row is None else row.said.name,
                ),
                **words,
            )
        )
    return told


async def _failed_stop(given: Resources, account: str, alarm: UnprotectedRow) -> OrderRow | None:
    """The stop of the position that ended last, by whatever end; one that lies before it was opened is none of it."""
    ended: list[OrderRow] = []
    for status in ("ended", "denied"):
        wanted = orders.Wanted(status=status, portfolio=alarm.portfolio, pair=alarm.pair, limit=LOOKED_BACK)
        ended += (await orders.page(given.pool, account, wanted)).orders
    stops = [order for order in ended if order.kind == OrderKind.STOP]
    return max(stops, key=lambda order: (order.epoch, order.seq), default=None)


async def _breaks(given: Resources, account: str, name: str) -> list[Break]:
    rows = await venue.breaks(given.pool, account, limit=BREAKS_MAX)
    if not rows:
        return []
    states, active = await asyncio.gather(
        risk.trading_states(given.pool, account), venue.last_active(given.pool, account)
    )
    stopped = any(state.scope == WHOLE_ACCOUNT and state.state != "ACTIVE" for state in states)
    told: list[Break] = []
    for row in rows:
        stands = stopped and (active is None or (row.epoch, row.seq) > active)
        told.append(
            Break(
                subject=row.subject,
                expected=plain(row.expected),
                found=plain(row.found),
                reason=row.reason,
                at=instant(row.at),
                stands=stands,
                reckoned=row.reckoned,
                todo=say.todo(row, venue=name, stands=stands),
            )
        )
    return told


def _external(row: venue.ExternalOrderRow) -> ExternalOrder:
    words: dict[str, Any] = {"action": row.action}
    return ExternalOrder(
        venue_id=row.venue_id,
        pair=row.pair,
        open_quantity=plain(row.open_quantity),
        price=plain_or_none(row.price),
        at=instant(row.at),
        **words,
    )
