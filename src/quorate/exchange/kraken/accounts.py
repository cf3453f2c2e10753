"""Kraken's private REST answers about what an account has and had: balances, orders, trades."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from quorate.exchange import Order, Trade
from quorate.exchange.kraken import names
from quorate.exchange.kraken.asking import note_of
from quorate.exchange.kraken.errors import PERMISSION, KrakenRefusal, invalid
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.figures import absent, fixed, flag, number, whole
from quorate.exchange.kraken.ids import order_number, order_text, trade_number
from quorate.exchange.kraken.keys import Permission
from quorate.exchange.kraken.pairs import decimals_of
from quorate.exchange.kraken.private import TRADING_METHODS, Call, Method

PAGE = 50
QUERIED_MAX = 50
OFFSET_MAX = 10**7
USD = "USD"


def balance(call: Call) -> dict[str, str]:
    """Balance: everything an account has, orders' share included."""
    return {name: told["balance"] for name, told in balance_ex(call).items()}


def balance_ex(call: Call) -> dict[str, Any]:
    """BalanceEx: the same, and what of it open orders hold."""
    engine = call.exchange.engine
    held = engine.accounts[call.account].balances
    return {
        names.asset_id(asset): {
            "balance": fixed(engine.amount(asset, money.total), decimals_of(asset)),
            "hold_trade": fixed(engine.amount(asset, money.locked), decimals_of(asset)),
        }
        for asset, money in sorted(held.items())
    }


def trade_balance(call: Call) -> dict[str, str]:
    """TradeBalance: what everything is worth, in `asset` (USD by default); there is no margin."""
    base = names.asset_of(str(call.arguments.get("asset") or "ZUSD"))
    engine = call.exchange.engine
    held = engine.accounts[call.account].balances.items()
    worth = sum(
        (engine.amount(asset, money.total) * _rate(call.exchange, asset, base) for asset, money in held), Decimal(0)
    )
    told, nought = fixed(worth, 4), "0.0000"
    return {"eb": told, "tb": told, "m": nought, "n": nought, "c": nought, "v": nought, "e": told, "mf": told}


def _rate(exchange: KrakenExchange, asset: str, base: str) -> Decimal:
    """The last price of an asset in another, directly or by USD; nought where there is none."""
    if asset == base:
        return Decimal(1)
    for first, second, turned in ((asset, base, False), (base, asset, True)):
        listing = exchange.engine.listings.get(f"{first}/{second}")
        if listing is not None and listing.last_ticks:
            price = listing.spec.price(listing.last_ticks)
            return 1 / price if turned else price
    return Decimal(0) if USD in {asset, base} else _rate(exchange, asset, USD) * _rate(exchange, USD, base)


def open_orders(call: Call) -> dict[str, Any]:
    """OpenOrders, newest first."""
    orders = _filtered(reversed(call.exchange.engine.open_orders(call.account)), call.arguments)
    return {"open": _told(call, orders)}


def closed_orders(call: Call) -> dict[str, Any]:
    """ClosedOrders: 50 at a time, newest first, over a stretch of time that ids of orders may bound too."""
    account = call.exchange.engine.accounts[call.account]
    by_open = call.arguments.get("closetime") == "open"
    start_ms, end_ms = _bound(call, "start", 0), _bound(call, "end", 2**62)
    closed = sorted((o for o in account.orders.values() if not o.open), key=lambda o: o.updated_ms, reverse=True)
    chosen = [
        order
        for order in _filtered(closed, call.arguments)
        if start_ms < (order.created_ms if by_open else order.updated_ms) <= end_ms
    ]
    offset = whole(call.arguments.get("ofs", 0) or 0, "ofs", low=0, high=OFFSET_MAX)
    return {"closed": _told(call, chosen[offset : offset + PAGE]), "count": len(chosen)}


def query_orders(call: Call) -> dict[str, Any]:
    """QueryOrders: up to 50 by id; those that are not known are left out."""
    told = call.arguments.get("txid")
    if call.arguments.get("cl_ord_id"):
        account = call.exchange.engine.accounts[call.account]
        wanted = str(call.arguments["cl_ord_id"])
        orders = [order for order in account.orders.values() if order.asked.client_id == wanted]
    else:
        ids = [part.strip() for part in str(told or "").split(",") if part.strip()]
        if not 0 < len(ids) <= QUERIED_MAX:
            raise invalid("txid")
        orders = [order for name in ids if (order := _known(call, name)) is not None]
    return _told(call, _filtered(orders, {"userref": call.arguments.get("userref")}))


def _known(call: Call, name: str) -> Order | None:
    order_id = order_number(name)
    if order_id is None:
        raise KrakenRefusal("EOrder:Invalid order")
    return call.exchange.engine.order(call.account, order_id)


def trades_history(call: Call) -> dict[str, Any]:
    """TradesHistory: 50 at a time, newest first."""
    exchange = call.exchange
    start_ms, end_ms = _bound(call, "start", 0), _bound(call, "end", 2**62)
    found = [t for t in reversed(exchange.engine.accounts[call.account].trades) if start_ms < t.at_ms <= end_ms]
    offset = whole(call.arguments.get("ofs", 0) or 0, "ofs", low=0, high=OFFSET_MAX)
    return {"trades": _trades_told(call, found[offset : offset + PAGE]), "count": len(found)}


def query_trades(call: Call) -> dict[str, Any]:
    """QueryTrades: up to 20 by id."""
    ids = [part.strip() for part in str(call.arguments.get("txid") or "").split(",") if part.strip()]
    numbers = [trade_number(name) for name in ids]
    if not 0 < len(ids) <= QUERIED_MAX or None in numbers:
        raise invalid("txid")
    wanted = set(numbers)
    number_of = call.exchange.pairs.number
    held = call.exchange.engine.accounts[call.account].trades
    return _trades_told(call, [trade for trade in held if (number_of(trade.symbol), trade.id) in wanted])


def withdraw_info(call: Call) -> dict[str, Any]:
    """WithdrawInfo: a key without the permission never comes here; with it, what could be withdrawn."""
    asset = names.asset_of(str(call.arguments.get("asset") or ""))
    engine = call.exchange.engine
    if asset not in call.exchange.pairs.assets:
        raise KrakenRefusal("EFunding:Unknown asset")
    if not call.arguments.get("key"):
        raise KrakenRefusal("EFunding:Unknown withdraw key")
    free = engine.accounts[call.account].balance(asset).free
    amount = number(call.arguments.get("amount", ""), "amount")
    if engine.atoms(asset, amount) > free:
        raise KrakenRefusal("EFunding:Insufficient funds")
    told = fixed(amount, decimals_of(asset))
    limit = fixed(engine.amount(asset, free), decimals_of(asset))
    return {"method": names.asset_altname(asset), "limit": limit, "amount": told, "fee": fixed(Decimal(0), 10)}


def withdraw(call: Call) -> dict[str, Any]:
    """Withdraw: nothing ever leaves this exchange."""
    withdraw_info(call)
    raise KrakenRefusal(PERMISSION)


def trade_volume(call: Call) -> dict[str, Any]:
    """TradeVolume: the fees that hold for the account."""
    exchange = call.exchange
    wanted = str(call.arguments.get("pair") or "")
    pairs = [exchange.pairs.named(name) for name in wanted.split(",") if name]
    own = exchange.engine.accounts[call.account].fees

    def fees(rate: str) -> dict[str, Any]:
        rows = {pair.id: getattr(own or exchange.listing(pair).spec.fees, rate) / 10_000 for pair in pairs}
        return {
            name: {"fee": f"{fee:.4f}", "minfee": f"{fee:.4f}", "maxfee": f"{fee:.4f}"} for name, fee in rows.items()
        }

    return {"currency": "ZUSD", "volume": "0.0000", "fees": fees("taker_ppm"), "fees_maker": fees("maker_ppm")}


def _told(call: Call, orders: Iterable[Order]) -> dict[str, Any]:
    teller = call.exchange.teller
    with_trades = flag(call.arguments.get("trades"))
    told: dict[str, Any] = {}
    for order in orders:
        trades = _trade_ids(call, order) if with_trades else None
        told[order_text(order.id)] = teller.order(order, trades=trades)
    return told


def _trade_ids(call: Call, order: Order) -> list[str]:
    held = call.exchange.engine.accounts[call.account].trades
    return [
        call.exchange.teller.trade_id(trade) for trade in held if order.id in {trade.maker_order, trade.taker_order}
    ]


def _trades_told(call: Call, trades: Iterable[Trade]) -> dict[str, Any]:
    teller = call.exchange.teller
    rows = ((teller.trade_id(trade), teller.trade(trade, call.account)) for trade in trades)
    return {name: row for name, row in rows if row is not None}


def _filtered(orders: Iterable[Order], arguments: Mapping[str, object]) -> list[Order]:
    """Those with the client's own marks, where the call names one."""
    userref, client = arguments.get("userref"), arguments.get("cl_ord_id")
    chosen = list(orders)
    if not absent(userref):
        wanted = whole(userref, "userref", low=-(2**31), high=2**31 - 1)
        chosen = [order for order in chosen if note_of(order).userref == wanted]
    if client:
        chosen = [order for order in chosen if order.asked.client_id == client]
    return chosen


def _bound(call: Call, name: str, default_ms: int) -> int:
    """An end of a stretch of time: UTC seconds, or the id of an order that was opened then; in UTC ms."""
    told = call.arguments.get(name)
    if absent(told):
        return default_ms
    order_id = order_number(str(told))
    if order_id is not None:
        order = call.exchange.engine.order(call.account, order_id)
        return default_ms if order is None else order.created_ms
    return int(number(told, name) * 1000)


ORDERS = (Permission.QUERY_OPEN, Permission.QUERY_CLOSED)
PRIVATE: dict[str, Method] = {
    **TRADING_METHODS,
    "Balance": Method(balance, (Permission.QUERY_FUNDS,)),
    "BalanceEx": Method(balance_ex, (Permission.QUERY_FUNDS,)),
    "TradeBalance": Method(trade_balance, (Permission.QUERY_FUNDS,)),
    "TradeVolume": Method(trade_volume, (Permission.QUERY_FUNDS,)),
    "OpenOrders": Method(open_orders, (Permission.QUERY_OPEN,)),
    "ClosedOrders": Method(closed_orders, (Permission.QUERY_CLOSED,)),
    "QueryOrders": Method(query_orders, ORDERS),
    "TradesHistory": Method(trades_history, (Permission.QUERY_CLOSED,), 2.0),
    "QueryTrades": Method(query_trades, (Permission.QUERY_CLOSED,)),
    "WithdrawInfo": Method(withdraw_info, (Permission.WITHDRAW,)),
    "Withdraw": Method(withdraw, (Permission.WITHDRAW,)),
}
