"""The made-up desk's venue: paper; a real one that is well; a real one with every trouble that there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from quorate.api.answers.venue_words import ON_PAPER
from quorate.api.schemas.queries import OrdersQuery
from quorate.api.schemas.trading import Order, OrderPage
from quorate.api.schemas.venue import (
    Balance,
    BlockedBook,
    Break,
    ExternalOrder,
    UnprotectedPosition,
    Venue,
)
from tests.browser.made_up import instant

How = Literal["empty", "paper", "live", "troubled"]
SECOND_MS, MINUTE_MS = 1_000, 60_000
ENDED = 70
"""More than a page of the list."""
LONG_REASON = (
    "EOrder:Trigger price is too close to the last trade, or on its wrong side; place it again with another one"
)


def _order(number: int, now_ms: int, **changes: Any) -> Order:
    at_ms = now_ms - (number + 1) * 47 * SECOND_MS
    given: dict[str, Any] = {
        "client_id": f"q{number:02d}AE7MVJ3XQ2N4KD5RTYU6WZBH",
        "signal_id": f"signal-{number}",
        "portfolio": "conservative",
        "pair": "BTC/USDT",
        "action": "BUY",
        "kind": "limit",
        "purpose": "entry",
        "price": "96120.5",
        "quantity": "0.0104",
        "filled": "0",
        "state": "ACCEPTED",
        "reason": None,
        "at": instant(at_ms),
        "changed_at": instant(at_ms + SECOND_MS),
        "venue_id": f"O{number:02d}BC12-DEF34-GHI567",
        "sent_at": instant(at_ms),
        "cancel_requested_at": None,
    }
    return Order.model_validate({**given, **changes})


def _stop(number: int, now_ms: int, **changes: Any) -> Order:
    given: dict[str, Any] = {"action": "SELL", "kind": "stop", "purpose": "stop", "price": "94010"}
    return _order(number, now_ms, **{**given, **changes})


def open_orders(how: How, now_ms: int) -> list[Order]:
    """Orders that may still change a position."""
    if how == "empty":
        return []
    if how == "paper":
        waits: dict[str, Any] = {"kind": "post_only", "portfolio": "strategies", "venue_id": None}
        return [_order(number, now_ms, pair=pair, **waits) for number, pair in enumerate(("BTC/USDT", "SOL/USDT"))]
    resting = [_stop(0, now_ms), _stop(1, now_ms, pair="ETH/USDT", price="3301.2", quantity="0.31")]
    if how == "live":
        return resting
    return [
        *resting,
        _order(
            2,
            now_ms,
            pair="SOL/USDT",
            kind="market",
            price="181.93",
            quantity="5.5",
            state="UNKNOWN",
            reason="the venue did not answer in time",
            venue_id=None,
        ),
        _order(3, now_ms, pair="XRP/USDT", price="2.31", quantity="1200", state="PARTIALLY_FILLED", filled="400"),
        _order(4, now_ms, pair="ADA/USDT", price="0.81", quantity="900", cancel_requested_at=instant(now_ms - 3_000)),
        _order(
            5, now_ms, pair="LINK/USDT", price="19.04", quantity="21", state="INTENDED", sent_at=None, venue_id=None
        ),
    ]


def ended_orders(how: How, now_ms: int) -> list[Order]:
    """Orders that have ended, newest first: of every end one, then many that were filled."""
    if how == "empty":
        return []
    ids: dict[str, Any] = {"venue_id": None} if how == "paper" else {}
    ends: list[dict[str, Any]] = [
        {"state": "REJECTED", "reason": LONG_REASON, "kind": "stop", "purpose": "stop", "action": "SELL"},
        {"state": "CANCELLED", "reason": "not taken in time", "filled": "0.0031"},
        {"state": "VOID", "reason": "Kraken knows it neither as open nor as closed, nor any execution of it"},
    ]
    filled: dict[str, Any] = {"state": "FILLED", "filled": "0.0104", "kind": "market"}
    told = [*ends, *([filled] * (ENDED - len(ends)))]
    return [_order(10 + number, now_ms, **{**ids, **changes}) for number, changes in enumerate(told)]


def denied_orders(how: How, now_ms: int) -> list[Order]:
    """Orders that our own controls have refused."""
    if how == "empty":
        return []
    words: dict[str, Any] = {"state": "DENIED", "venue_id": None, "sent_at": None}
    return [_order(90, now_ms, reason="C5: stale against live order book", **words)]


def venue(how: How, now_ms: int) -> Venue:
    """The venue as its desk tells it."""
    if how in {"empty", "paper"}:
        return _paper(len(open_orders(how, now_ms)))
    well = Venue(
        account="live",
        mode="live",
        name="Kraken",
        network="real",
        market="spot",
        state="streaming",
        words="Fills and orders come by Kraken's private stream as they happen.",
        fault="",
        heard_at=instant(now_ms - 2_100),
        reconciled_at=instant(now_ms - 41_000),
        told_age_ms=900,
        stops_rest_there=True,
        orders_open=len(open_orders(how, now_ms)),
        orders_in_doubt=0,
        balances=[
            Balance(asset="BTC", total="0.0208", held="0.0104", expected=None),
            Balance(asset="ETH", total="0.31", held="0.31", expected=None),
            Balance(asset="USDT", total="8211.0412", held="0", expected=None),
        ],
        balances_at=instant(now_ms - 41_000),
        position_differences=[],
        unprotected=[],
        blocked_books=[],
        breaks=[],
        external_orders=[],
    )
    return well if how == "live" else well.model_copy(update=_troubles(now_ms))


def _paper(waiting: int) -> Venue:
    return Venue(
        account="simulated-7",
        mode="paper",
        name="Paper",
        network="paper",
        market="paper",
        state="paper",
        words=ON_PAPER,
        fault="",
        heard_at=None,
        reconciled_at=None,
        told_age_ms=None,
        stops_rest_there=False,
        orders_open=waiting,
        orders_in_doubt=0,
        balances=[],
        balances_at=None,
        position_differences=[],
        unprotected=[],
        blocked_books=[],
        breaks=[],
        external_orders=[],
    )


def _troubles(now_ms: int) -> dict[str, Any]:
    return {
        "state": "polling",
        "words": "The private stream is away. Kraken is asked instead, every 60 s, and every 2 s while an order is in "
        "doubt.",
        "orders_in_doubt": 1,
        "reconciled_at": instant(now_ms - 7 * MINUTE_MS),
        "balances": [
            Balance(asset="BTC", total="0.0208", held="0.0104", expected="0.0308"),
            Balance(asset="ETH", total="0.31", held="0.31", expected=None),
            Balance(asset="USDT", total="8211.0412", held="0", expected=None),
        ],
        "unprotected": [
            UnprotectedPosition(
                portfolio="conservative",
                pair="ETH/USDT",
                side="LONG",
                quantity="0.31",
                stop="3301.2",
                unheard=False,
                since=instant(now_ms - 95_000),
                reason="no stop at the venue for 5.0 s",
                doing=f"Its stop came to nothing: {LONG_REASON}. It is placed again every 5 s. Meanwhile the desk "
                "watches the price, and closes at the market below 3301.2.",
            )
        ],
        "blocked_books": [
            BlockedBook(pair="DOGE/USDT", reason="gapped", since=instant(now_ms - 12_000)),
            BlockedBook(pair="SOL/USDT", reason="stale", since=instant(now_ms - 4 * MINUTE_MS)),
        ],
        "breaks": _breaks(now_ms),
        "external_orders": [
            ExternalOrder(
                venue_id="OXYZ99-AAA11-BBB222",
                pair="BTC/USDT",
                action="SELL",
                open_quantity="0.0104",
                price="99000",
                at=instant(now_ms - 50 * MINUTE_MS),
            )
        ],
    }


def _breaks(now_ms: int) -> list[Break]:
    return [
        Break(
            subject="BTC",
            expected="0.0308",
            found="0.0208",
            reason="no execution explains it",
            at=instant(now_ms - 6 * MINUTE_MS),
            stands=True,
            reckoned=True,
            todo="Look for a withdrawal of BTC at Kraken, or for a trade that was made there by hand. When you "
            "know why, let the desk trade again.",
        ),
        Break(
            subject="XRP/USDT",
            expected="1200",
            found="0",
            reason="order q71AE7MVJ3XQ2N4KD5RTYU6WZBH vanished at the venue",
            at=instant(now_ms - 3 * 24 * 60 * MINUTE_MS),
            stands=False,
            reckoned=False,
            todo="Look the order up in Kraken's history.",
        ),
    ]


def _answer(body: BaseModel) -> Response:
    return Response(body.model_dump_json(), media_type="application/json")


def venue_routes(how: How, born_ms: int, now: Callable[[], int]) -> list[Route]:
    """What the page asks of the venue and of orders. Orders are as old as the desk is: they do not change."""

    async def one(_: Request) -> Response:
        return _answer(venue(how, now()))

    async def orders(request: Request) -> Response:
        query = OrdersQuery.model_validate(dict(request.query_params))
        waiting = open_orders(how, born_ms)
        found = {
            "open": waiting,
            "in_doubt": [order for order in waiting if order.state == "UNKNOWN"],
            "ended": ended_orders(how, born_ms),
            "denied": denied_orders(how, born_ms),
        }[query.status]
        start = int((query.before or "1-0").partition("-")[2])
        more = len(found) > start + query.limit
        page = found[start : start + query.limit]
        return _answer(OrderPage(orders=page, next=f"1-{start + query.limit}" if more else None))

    return [Route("/v1/venue", one), Route("/v1/orders", orders)]
