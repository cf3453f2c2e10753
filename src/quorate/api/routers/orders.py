"""Orders by REST, in whatever state they are."""

from typing import Annotated

from fastapi import APIRouter, Query

from quorate.api.accounts import account_for
from quorate.api.answers.rows import order_of
from quorate.api.problems import DATABASE_UNREACHABLE, INVALID_PARAMETERS, documented
from quorate.api.resources import Given
from quorate.api.schemas.queries import OrdersQuery
from quorate.api.schemas.trading import OrderPage
from quorate.store.readers import orders
from quorate.store.readers.page import parse_cursor

router = APIRouter(prefix="/v1", tags=["trading"])


@router.get(
    "/orders",
    summary="Orders, the one that changed last first",
    responses=documented(INVALID_PARAMETERS, DATABASE_UNREACHABLE),
)
async def list_orders(query: Annotated[OrdersQuery, Query()], given: Given) -> OrderPage:
    """Every order of a status, with the venue's own id of it, and since when it is what it is.

    Pages follow `next`: pass it as `before`. An order that changes meanwhile moves to the front.
    """
    account = await account_for(given, query.account)
    page = await orders.page(
        given.pool,
        account,
        orders.Wanted(
            status=query.status,
            portfolio=query.portfolio,
            pair=query.pair,
            before=parse_cursor(query.before),
            limit=query.limit,
        ),
    )
    return OrderPage(orders=[order_of(row) for row in page.orders], next=page.following)
