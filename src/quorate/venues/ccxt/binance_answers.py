"""Binance's words on orders, executions, balances and markets, read into the port's values. Errors: Malformed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from quorate.domain.orders import Liquidity, OrderKind
from quorate.domain.venue import Balance, PaymentKind, VenueFill, VenueOrder, VenuePosition, VenueStatus, WalletPayment
from quorate.domain.votes import Action
from quorate.venues.ccxt import answers
from quorate.venues.ccxt.answers import Malformed, Row
from quorate.venues.ccxt.listing import Listing, Quote, Trading

STATUSES = {
    "NEW": VenueStatus.OPEN,
    "PENDING_NEW": VenueStatus.OPEN,
    "PARTIALLY_FILLED": VenueStatus.OPEN,
    "PENDING_CANCEL": VenueStatus.OPEN,
    "FILLED": VenueStatus.FILLED,
    "CANCELED": VenueStatus.CANCELLED,
    "EXPIRED": VenueStatus.CANCELLED,
    "EXPIRED_IN_MATCH": VenueStatus.CANCELLED,
    "REJECTED": VenueStatus.REJECTED,
}
ALGO_STATUSES = {
    "NEW": VenueStatus.OPEN,
    "TRIGGERING": VenueStatus.OPEN,
    "TRIGGERED": VenueStatus.OPEN,
    "CANCELED": VenueStatus.CANCELLED,
    "EXPIRED": VenueStatus.CANCELLED,
    "REJECTED": VenueStatus.REJECTED,
}
"""Of conditional orders on perpetuals. FINISHED, and what became of the order that was triggered, the order tells."""
KINDS = {
    "MARKET": OrderKind.MARKET,
    "LIMIT": OrderKind.LIMIT,
    "LIMIT_MAKER": OrderKind.POST_ONLY,
    "STOP_LOSS": OrderKind.STOP,
    "STOP_LOSS_LIMIT": OrderKind.STOP,
    "STOP": OrderKind.STOP,
    "STOP_MARKET": OrderKind.STOP,
    "TRAILING_STOP_MARKET": OrderKind.STOP,
    "TAKE_PROFIT": OrderKind.LIMIT,
    "TAKE_PROFIT_LIMIT": OrderKind.LIMIT,
    "TAKE_PROFIT_MARKET": OrderKind.LIMIT,
    "LIQUIDATION": OrderKind.MARKET,
}
"""A take-profit protects nothing: it counts as the limit it is near to. So does a type nobody has heard of: it is not
ours, and all that matters of it is what it may still trade."""
SIDES = {"BUY": Action.BUY, "SELL": Action.SELL}
ALGO = "algo-"
"""Before the venue's id of a conditional order on perpetuals: those are counted apart from the ids of orders."""
PERPETUAL_END_MS = 4_133_404_800_000
"""The delivery date of a contract that has none."""

Pairs = Mapping[str, str]
"""Our pair by the venue's symbol."""


def _pair(row: Row, pairs: Pairs, key: str = "symbol") -> str:
    symbol = answers.text(row, key)
    return pairs.get(symbol, symbol)


def _kind(row: Row, key: str, force: str) -> OrderKind:
    kind = KINDS.get(answers.text(row, key), OrderKind.LIMIT)
    return OrderKind.POST_ONLY if kind is OrderKind.LIMIT and answers.text_or(row, force) == "GTX" else kind


def _side(row: Row, key: str) -> Action:
    side = SIDES.get(answers.text(row, key))
    if side is None:
        raise Malformed(f"{key} is unknown")
    return side


def _status(row: Row, key: str) -> VenueStatus:
    status = STATUSES.get(answers.text(row, key))
    if status is None:
        raise Malformed(f"{key} {answers.text(row, key)[:40]} is unknown")
    return status


def order(row: Row, pairs: Pairs, *, now_ms: int) -> VenueOrder:
    """An order, as questions and placing tell it."""
    kind = _kind(row, "type", "timeInForce")
    keys = ("stopPrice", "price") if kind is OrderKind.STOP else ("price", "stopPrice")
    at_ms = next((answers.whole(row, key) for key in ("updateTime", "transactTime", "time") if row.get(key)), now_ms)
    return VenueOrder(
        # After a cancel, `clientOrderId` is the cancel's own.
        tag=answers.text_or(row, "origClientOrderId") or answers.text_or(row, "clientOrderId"),
        venue_id=answers.text(row, "orderId"),
        pair=_pair(row, pairs),
        action=_side(row, "side"),
        kind=kind,
        quantity=answers.not_negative(row, "origQty"),
        filled=answers.not_negative(row, "executedQty"),
        price=None if kind is OrderKind.MARKET else answers.price_or_none(row, *keys),
        status=_status(row, "status"),
        at_ms=at_ms,
    )


def fill(row: Row, pairs: Pairs, *, tag: str) -> VenueFill:
    """An execution, as questions tell it: without our tag."""
    buys = answers.flag(row, "isBuyer")
    buys = answers.flag(row, "buyer") if buys is None else buys
    maker = answers.flag(row, "isMaker")
    maker = answers.flag(row, "maker") if maker is None else maker
    if buys is None or maker is None:
        raise Malformed("an execution has no side, or no liquidity")
    return VenueFill(
        trade_id=answers.text(row, "id"),
        tag=tag,
        venue_id=answers.text(row, "orderId"),
        pair=_pair(row, pairs),
        action=Action.BUY if buys else Action.SELL,
        price=answers.positive(row, "price"),
        quantity=answers.positive(row, "qty"),
        fee=answers.amount(row, "commission"),
        fee_asset=answers.text(row, "commissionAsset"),
        liquidity=Liquidity.MAKER if maker else Liquidity.TAKER,
        at_ms=answers.whole(row, "time"),
        gained=answers.amount(row, "realizedPnl") if "realizedPnl" in row else None,
    )


def streamed_order(row: Row, pairs: Pairs) -> VenueOrder:
    """An order, as the private stream tells it (`executionReport`, or `o` of ORDER_TRADE_UPDATE)."""
    kind = _kind(row, "ot" if answers.text_or(row, "ot") in KINDS else "o", "f")
    keys = ("P", "sp", "p") if kind is OrderKind.STOP else ("p", "P", "sp")
    return VenueOrder(
        tag=answers.text_or(row, "C") or answers.text(row, "c"),
        venue_id=answers.text(row, "i"),
        pair=_pair(row, pairs, "s"),
        action=_side(row, "S"),
        kind=kind,
        quantity=answers.not_negative(row, "q"),
        filled=answers.not_negative(row, "z"),
        price=None if kind is OrderKind.MARKET else answers.price_or_none(row, *keys),
        status=_status(row, "X"),
        at_ms=answers.whole(row, "T"),
        reason="" if answers.text_or(row, "r", "NONE") == "NONE" else answers.brief(answers.text(row, "r")),
    )


def streamed_fill(row: Row, pairs: Pairs, *, quote_of: Mapping[str, str]) -> VenueFill | None:
    """The execution that such a message tells of; None where it tells of none.

    A liquidation (CALCULATED) is an execution like any other; some of its messages tell of none.
    """
    executed = answers.text(row, "x")
    if executed != "TRADE" and (executed != "CALCULATED" or not answers.not_negative(row, "l")):
        return None
    fee = answers.exact(row.get("n") or "0", "n")
    asset = answers.text_or(row, "N")
    if fee and not asset:
        raise Malformed("a fee without an asset")
    return VenueFill(
        trade_id=answers.text(row, "t"),
        tag=answers.text_or(row, "C") or answers.text(row, "c"),
        venue_id=answers.text(row, "i"),
        pair=_pair(row, pairs, "s"),
        action=_side(row, "S"),
        price=answers.positive(row, "L"),
        quantity=answers.positive(row, "l"),
        fee=fee,
        fee_asset=asset or quote_of.get(_pair(row, pairs, "s"), ""),
        liquidity=Liquidity.MAKER if answers.flag(row, "m") else Liquidity.TAKER,
        at_ms=answers.whole(row, "T"),
        gained=answers.amount(row, "rp") if "rp" in row else None,
    )


def conditional(row: Row, pairs: Pairs, *, now_ms: int) -> VenueOrder | None:
    """A conditional order on perpetuals; None where it has been triggered: then its own order tells the rest."""
    word = answers.text(row, "algoStatus")
    if answers.text_or(row, "actualOrderId") not in ("", "0") or word == "FINISHED":
        return None
    status = ALGO_STATUSES.get(word)
    if status is None:
        raise Malformed(f"algoStatus {word[:40]} is unknown")
    at_ms = next((answers.whole(row, key) for key in ("updateTime", "createTime") if row.get(key)), now_ms)
    return VenueOrder(
        tag=answers.text_or(row, "clientAlgoId"),
        venue_id=ALGO + answers.text(row, "algoId"),
        pair=_pair(row, pairs),
        action=_side(row, "side"),
        kind=_kind(row, "orderType" if row.get("orderType") else "type", "timeInForce"),
        quantity=answers.not_negative(row, "quantity"),
        filled=Decimal(0),
        price=answers.price_or_none(row, "triggerPrice", "price"),
        status=status,
        at_ms=at_ms,
    )


PAYMENTS = {"FUNDING_FEE": PaymentKind.FUNDING, "INSURANCE_CLEAR": PaymentKind.LIQUIDATION}
"""Kinds of income that neither executions tell nor a person makes: others are for a person to explain."""


def payment(row: Row, pairs: Pairs) -> WalletPayment | None:
    """What moved a wallet beside executions; None for a row of another kind."""
    kind = PAYMENTS.get(answers.text(row, "incomeType"))
    if kind is None:
        return None
    return WalletPayment(
        payment_id=answers.text(row, "tranId"),
        kind=kind,
        pair=_pair(row, pairs),
        asset=answers.text(row, "asset"),
        amount=answers.amount(row, "income"),
        at_ms=answers.whole(row, "time"),
    )


def balance(row: Row) -> Balance:
    """What a spot account has of an asset."""
    free, held = answers.not_negative(row, "free"), answers.not_negative(row, "locked")
    return Balance(answers.text(row, "asset"), free + held, held)


def margin_balance(row: Row) -> Balance:
    """What a perpetuals account has of an asset: its wallet, of which margin holds a part."""
    total = answers.amount(row, "walletBalance")
    return Balance(answers.text(row, "asset"), total, answers.not_negative(row, "initialMargin"))


def position(row: Row, pairs: Pairs) -> VenuePosition | None:
    """A perpetual position; None for one that is flat."""
    quantity = answers.amount(row, "positionAmt")
    if not quantity:
        return None
    return VenuePosition(
        pair=_pair(row, pairs),
        quantity=quantity,
        entry=answers.not_negative(row, "entryPrice"),
        liquidation=answers.price_or_none(row, "liquidationPrice"),
    )


TRADING = {"TRADING": Trading.OPEN, "CANCEL_ONLY": Trading.CANCEL_ONLY, "REDUCE_ONLY": Trading.REDUCE_ONLY}
"""Everything else takes no orders."""


def listing(pair: str, row: Row) -> Listing:
    """A market, from `exchangeInfo`."""
    filters = {answers.text(each, "filterType"): each for each in answers.rows(row.get("filters"), "filters")}
    price, lot = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
    if price is None or lot is None:
        raise Malformed(f"{pair} has no filters for price and quantity")
    ends_ms = answers.whole(row, "deliveryDate") if row.get("deliveryDate") else PERPETUAL_END_MS
    status = answers.text(row, "contractStatus" if row.get("contractStatus") else "status")
    return Listing(
        pair=pair,
        symbol=answers.text(row, "symbol"),
        tick=answers.positive(price, "tickSize"),
        lot=answers.positive(lot, "stepSize"),
        min_quantity=answers.not_negative(lot, "minQty"),
        min_notional=_min_notional(filters),
        trading=TRADING.get(status, Trading.CLOSED),
        ends_ms=None if ends_ms >= PERPETUAL_END_MS else ends_ms,
        kinds=_words(row, "orderTypes"),
        self_trades=_words(row, "allowedSelfTradePreventionModes"),
    )


def _min_notional(filters: Mapping[str, Row]) -> Decimal:
    for name, key in (("NOTIONAL", "minNotional"), ("MIN_NOTIONAL", "minNotional"), ("MIN_NOTIONAL", "notional")):
        if name in filters and key in filters[name]:
            return answers.not_negative(filters[name], key)
    return Decimal(0)


def _words(row: Row, key: str) -> frozenset[str]:
    told = row.get(key)
    return frozenset(str(each) for each in told) if isinstance(told, list) else frozenset()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def ends(told: object) -> dict[str, int]:
    """When markets end, by symbol, from the list of what will be delisted; the earliest where there are several."""
    found: dict[str, int] = {}
    for row in answers.rows(told):
        at_ms = answers.whole(row, "delistTime")
        for symbol in _words(row, "symbols"):
            found[symbol] = min(at_ms, found.get(symbol, at_ms))
    return found


def quote(row: Row) -> Quote | None:
    """Best bid and ask; None where one side is empty."""
    bid, ask = answers.not_negative(row, "bidPrice"), answers.not_negative(row, "askPrice")
    return Quote(bid, ask) if 0 < bid < ask else None
