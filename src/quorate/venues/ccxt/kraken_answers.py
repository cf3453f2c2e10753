"""Kraken's words on orders, executions, balances and markets, read into the port's values. Errors: Malformed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import Balance, VenueFill, VenueOrder, VenueStatus
from quorate.domain.votes import Action
from quorate.venues.ccxt import answers
from quorate.venues.ccxt.answers import Malformed, Row
from quorate.venues.ccxt.listing import Listing, Quote, Trading

KINDS = {
    "market": OrderKind.MARKET,
    "settle-position": OrderKind.MARKET,
    "limit": OrderKind.LIMIT,
    "iceberg": OrderKind.LIMIT,
    "stop-loss": OrderKind.STOP,
    "stop-loss-limit": OrderKind.STOP,
    "trailing-stop": OrderKind.STOP,
    "trailing-stop-limit": OrderKind.STOP,
    "take-profit": OrderKind.LIMIT,
    "take-profit-limit": OrderKind.LIMIT,
}
"""A take-profit protects nothing: it counts as the limit it is near to, as does a type nobody has heard of."""
SIDES = {"buy": Action.BUY, "sell": Action.SELL}
OPEN, ENDED = frozenset({"pending", "open"}), frozenset({"canceled", "expired"})
STREAMED = {
    "pending_new": VenueStatus.OPEN,
    "new": VenueStatus.OPEN,
    "partially_filled": VenueStatus.OPEN,
    "filled": VenueStatus.FILLED,
    "canceled": VenueStatus.CANCELLED,
    "expired": VenueStatus.CANCELLED,
}
TRADING = {
    "online": Trading.OPEN,
    "limit_only": Trading.OPEN,
    "post_only": Trading.POST_ONLY,
    "cancel_only": Trading.CANCEL_ONLY,
    "reduce_only": Trading.REDUCE_ONLY,
}
"""Everything else takes no orders."""
SOCKET_NAMES = {"XBT": "BTC", "XDG": "DOGE"}
"""Coins that the second WebSocket interface names otherwise than the rest of Kraken."""

Pairs = Mapping[str, str]
"""Our pair by each of the venue's names for it."""


def result(told: object) -> Row:
    """What was asked for, inside Kraken's envelope."""
    return answers.part(answers.table(told), "result")


def names(market: Mapping[str, Any]) -> tuple[str, ...]:
    """Every name that Kraken has for a market."""
    info: Mapping[str, object] = market["info"]
    wsname = answers.text_or(info, "wsname")
    socket = "/".join(SOCKET_NAMES.get(coin, coin) for coin in wsname.split("/"))
    return tuple(each for each in (str(market["id"]), answers.text_or(info, "altname"), wsname, socket) if each)


def _side(row: Row, key: str) -> Action:
    side = SIDES.get(answers.text(row, key))
    if side is None:
        raise Malformed(f"{key} is unknown")
    return side


def _pair(row: Row, key: str, pairs: Pairs) -> str:
    name = answers.text(row, key)
    return pairs.get(name, name)


def order(venue_id: str, row: Row, pairs: Pairs, *, now_ms: int) -> VenueOrder:
    """An order, as questions tell it: of one that is open, the state is that of now."""
    told = answers.part(row, "descr")
    kind = KINDS.get(answers.text(told, "ordertype"), OrderKind.LIMIT)
    if kind is OrderKind.LIMIT and "post" in answers.text_or(row, "oflags").split(","):
        kind = OrderKind.POST_ONLY
    quantity, filled = answers.not_negative(row, "vol"), answers.not_negative(row, "vol_exec")
    price = answers.price_or_none(told, "price", "price2") or answers.price_or_none(row, "stopprice", "limitprice")
    return VenueOrder(
        tag=answers.text_or(row, "cl_ord_id"),
        venue_id=venue_id,
        pair=_pair(told, "pair", pairs),
        action=_side(told, "type"),
        kind=kind,
        quantity=quantity,
        filled=filled,
        price=None if kind is OrderKind.MARKET else price,
        status=_status(answers.text(row, "status"), quantity, filled),
        at_ms=answers.seconds_as_ms(row, "closetm") if row.get("closetm") else now_ms,
        reason=answers.brief(answers.text_or(row, "reason")),
    )


def _status(word: str, quantity: Decimal, filled: Decimal) -> VenueStatus:
    if word in OPEN:
        return VenueStatus.OPEN
    if word == "closed":
        return VenueStatus.FILLED if filled >= quantity else VenueStatus.CANCELLED
    if word in ENDED:
        return VenueStatus.CANCELLED
    raise Malformed(f"status {word[:40]} is unknown")


def fill(trade_id: str, row: Row, pairs: Pairs, *, tag: str, quote_of: Mapping[str, str]) -> VenueFill:
    """An execution, as questions tell it: without our tag, its fee in the quote currency, as our orders ask for."""
    pair = _pair(row, "pair", pairs)
    return VenueFill(
        trade_id=trade_id,
        tag=tag,
        venue_id=answers.text(row, "ordertxid"),
        pair=pair,
        action=_side(row, "type"),
        price=answers.positive(row, "price"),
        quantity=answers.positive(row, "vol"),
        fee=answers.amount(row, "fee"),
        fee_asset=quote_of.get(pair, ""),
        liquidity=Liquidity.MAKER if answers.flag(row, "maker") else Liquidity.TAKER,
        at_ms=answers.seconds_as_ms(row, "time"),
    )


def streamed_order(row: Row, pairs: Pairs) -> VenueOrder:
    """An order, as the stream tells it: the fields it does not repeat have been added from what it said before."""
    kind = KINDS.get(answers.text(row, "order_type"), OrderKind.LIMIT)
    if kind is OrderKind.LIMIT and answers.flag(row, "post_only"):
        kind = OrderKind.POST_ONLY
    triggers = answers.part(row, "triggers") if row.get("triggers") else dict[str, object]()
    trigger = answers.price_or_none(triggers, "price") or answers.price_or_none(row, "stop_price")
    limit = answers.price_or_none(row, "limit_price")
    status = STREAMED.get(answers.text(row, "order_status"))
    if status is None:
        raise Malformed(f"order_status {answers.text(row, 'order_status')[:40]} is unknown")
    return VenueOrder(
        tag=answers.text_or(row, "cl_ord_id"),
        venue_id=answers.text(row, "order_id"),
        pair=_pair(row, "symbol", pairs),
        action=_side(row, "side"),
        kind=kind,
        quantity=answers.not_negative(row, "order_qty"),
        filled=answers.not_negative(row, "cum_qty") if "cum_qty" in row else Decimal(0),
        price={OrderKind.MARKET: None, OrderKind.STOP: trigger or limit}.get(kind, limit or trigger),
        status=status,
        at_ms=instant_ms(row, "timestamp"),
        reason=answers.brief(answers.text_or(row, "reason")),
    )


def streamed_fill(row: Row, pairs: Pairs, *, asset_of: Callable[[str], str], quote_of: Mapping[str, str]) -> VenueFill:
    """The execution of a stream's row whose `exec_type` is trade."""
    pair = _pair(row, "symbol", pairs)
    fee, asset = _fee(row)
    return VenueFill(
        trade_id=answers.text(row, "exec_id"),
        tag=answers.text_or(row, "cl_ord_id"),
        venue_id=answers.text(row, "order_id"),
        pair=pair,
        action=_side(row, "side"),
        price=answers.positive(row, "last_price"),
        quantity=answers.positive(row, "last_qty"),
        fee=fee,
        fee_asset=asset_of(asset) if asset else quote_of.get(pair, ""),
        liquidity=Liquidity.MAKER if answers.text(row, "liquidity_ind") == "m" else Liquidity.TAKER,
        at_ms=instant_ms(row, "timestamp"),
    )


def _fee(row: Row) -> tuple[Decimal, str]:
    """The fee and its asset; one in several assets cannot be told as one, and is asked for again."""
    fees = answers.rows(row.get("fees"), "fees")
    assets = {answers.text(each, "asset") for each in fees}
    if len(assets) > 1:
        raise Malformed("a fee in several assets")
    return sum((answers.amount(each, "qty") for each in fees), Decimal(0)), next(iter(assets), "")


def instant_ms(row: Row, key: str) -> int:
    """An instant told as RFC 3339, as UTC milliseconds."""
    try:
        at = datetime.fromisoformat(answers.text(row, key))
    except ValueError as error:
        raise Malformed(f"{key} is no instant") from error
    if at.tzinfo is None:
        raise Malformed(f"{key} has no time zone")
    return int(at.timestamp() * 1000)


def balance(asset: str, row: Row) -> Balance:
    """What the account has of an asset."""
    return Balance(asset, answers.amount(row, "balance"), answers.not_negative(row, "hold_trade"))


def unit(row: Row) -> Decimal:
    """The smallest unit in which an asset is kept, from Assets."""
    return Decimal(1).scaleb(-answers.whole(row, "decimals"))


def listing(pair: str, row: Row) -> Listing:
    """A market, from AssetPairs."""
    decimals = answers.whole(row, "pair_decimals")
    return Listing(
        pair=pair,
        symbol=answers.text(row, "altname"),
        tick=answers.positive(row, "tick_size") if row.get("tick_size") else Decimal(1).scaleb(-decimals),
        lot=Decimal(1).scaleb(-answers.whole(row, "lot_decimals")),
        min_quantity=answers.not_negative(row, "ordermin") if row.get("ordermin") else Decimal(0),
        min_notional=answers.not_negative(row, "costmin") if row.get("costmin") else Decimal(0),
        trading=TRADING.get(answers.text_or(row, "status", "online"), Trading.CLOSED),
    )


def quote(row: Row) -> Quote | None:
    """Best bid and ask, from Ticker; None where one side is empty."""
    sides: list[Decimal] = []
    for key in ("b", "a"):
        side: object = row.get(key)
        if not isinstance(side, list) or not side:
            return None
        sides.append(answers.exact(side[0], key))  # pyright: ignore[reportUnknownArgumentType]
    return Quote(*sides) if 0 < sides[0] < sides[1] else None
