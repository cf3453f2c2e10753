"""Orders and trades as Kraken's REST answers tell them, the sentence of an order among it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from quorate.exchange import Engine, Order, Status, TimeInForce, Trade, Why
from quorate.exchange.kraken.asking import TRAILING, WITH_TRIGGER, Note, note_of
from quorate.exchange.kraken.figures import fixed, seconds
from quorate.exchange.kraken.ids import order_text, trade_text
from quorate.exchange.kraken.names import asset_of
from quorate.exchange.kraken.pairs import KrakenPair, PairTable

REASONS = {
    Why.ASKED: "User requested",
    Why.ALL_ASKED: "User requested",
    Why.REPLACED: "Order replaced",
    Why.NO_LIQUIDITY: "Order could not be filled",
    Why.NOT_WHOLE: "Order could not be filled",
    Why.TIME: "Order expired",
    Why.OTHER_LEG: "Canceled by linked order",
    Why.SELF_TRADE: "Self trade prevention",
    Why.NO_FUNDS: "Insufficient funds",
    Why.POST_ONLY: "Post only order",
    Why.MARKET_CLOSED: "Market closed",
    Why.FILTERS: "Order minimum not met",
    Why.REDUCE_ONLY: "Reduce only",
    Why.LIQUIDATED: "Liquidated",
}


def status_of(order: Order) -> str:
    """open, closed, canceled or expired; an order that waits for its trigger is open."""
    if order.open:
        return "open"
    if order.status is Status.FILLED:
        return "closed"
    return "expired" if order.why is Why.TIME else "canceled"


def reason_of(order: Order) -> str | None:
    """Why an order ended unfilled, in Kraken's words."""
    return REASONS[order.why] if order.why is not None else None


class Teller:
    """Says what orders and trades of one engine are in Kraken's words."""

    def __init__(self, engine: Engine, pairs: PairTable) -> None:
        self._engine = engine
        self._pairs = pairs

    def described(self, order: Order) -> dict[str, Any]:
        """`descr`: the parts of an order and its sentence ("buy 0.01000000 XBTUSD @ limit 90.0")."""
        pair, note = self._pairs.of(order.symbol), note_of(order)
        price, price2 = self._prices(order, note)
        return {
            "pair": pair.altname,
            "type": order.side.value,
            "ordertype": note.ordertype,
            "price": price,
            "price2": price2,
            "leverage": "none",
            "order": self.sentence(order),
            "close": "",
        }

    def sentence(self, order: Order) -> str:
        """An order in one line."""
        pair, note = self._pairs.of(order.symbol), note_of(order)
        price, price2 = self._prices(order, note)
        words = note.ordertype.removesuffix("-limit").replace("-", " ") if note.ordertype != "limit" else "limit"
        tail = "" if note.ordertype == "market" else f" {price}"
        if note.ordertype.endswith("-limit"):
            tail += f" -> limit {price2}"
        return f"{order.side.value} {self.volume(order)} {pair.altname} @ {words}{tail}"

    def volume(self, order: Order) -> str:
        """The quantity of an order; where it was asked for as money, that."""
        pair = self._pairs.of(order.symbol)
        if order.asked.quote_atoms:
            return fixed(self._engine.amount(pair.quote, order.asked.quote_atoms), pair.cost_decimals)
        return self.quantity(pair, order.lots)

    def order(self, order: Order, *, trades: list[str] | None = None) -> dict[str, Any]:
        """An order as OpenOrders, ClosedOrders and QueryOrders tell it."""
        pair, note = self._pairs.of(order.symbol), note_of(order)
        told: dict[str, Any] = {
            "refid": None,
            "userref": note.userref or None,
            "status": status_of(order),
            "opentm": seconds(order.created_ms),
            "starttm": 0,
            "expiretm": note.expires_ms // 1000,
            "descr": self.described(order),
            "vol": self.volume(order),
            "vol_exec": self.quantity(pair, order.filled_lots),
            "cost": self.cost(pair, order.filled_atoms),
            "fee": self.fee(order),
            "price": self.average(order),
            "stopprice": self.price(pair, order.stop_ticks if order.has_trigger else 0),
            "limitprice": self.price(pair, order.ticks if note.ordertype in WITH_TRIGGER else 0),
            "misc": self._misc(order),
            "oflags": ",".join(note.oflags),
        }
        if order.asked.client_id:
            told["cl_ord_id"] = order.asked.client_id
        if note.ordertype in WITH_TRIGGER:
            told["trigger"] = note.trigger
        if order.asked.time_in_force is TimeInForce.IOC:
            told["timeinforce"] = "IOC"
        if not order.open:
            told["closetm"] = seconds(order.updated_ms)
            told["reason"] = reason_of(order)
        if trades is not None:
            told["trades"] = trades
        return told

    def trade(self, trade: Trade, account: str) -> dict[str, Any] | None:
        """A trade as its account sees it in TradesHistory; None where the account had no part in it."""
        is_maker = trade.maker_account == account and trade.maker_order > 0
        if not is_maker and trade.taker_account != account:
            return None
        pair = self._pairs.of(trade.symbol)
        order_id = trade.maker_order if is_maker else trade.taker_order
        order = self._engine.order(account, order_id)
        side = trade.taker_side.other if is_maker else trade.taker_side
        fee_asset, fee_atoms, _ = trade.charge(is_maker=is_maker)
        return {
            "ordertxid": order_text(order_id),
            "postxid": "TKH2SE-M7IF5-CFI7LT",
            "pair": pair.id,
            "time": seconds(trade.at_ms),
            "type": side.value,
            "ordertype": note_of(order).ordertype if order is not None else "limit",
            "price": self.price(pair, trade.ticks),
            "cost": self.cost(pair, trade.atoms),
            "fee": self._fee_text(pair, trade, fee_asset, fee_atoms),
            "vol": self.quantity(pair, trade.lots),
            "margin": self.cost(pair, 0),
            "misc": "" if pair.quote == fee_asset or not fee_atoms else f"fee in {fee_asset}",
            "trade_id": trade.id,
            "maker": is_maker,
            "ledgers": [],
        }

    def taker_kind(self, trade: Trade) -> str:
        """Whether a trade was set off by a market or a limit order; the outside market takes by market orders."""
        order = self._engine.order(trade.taker_account, trade.taker_order)
        return "limit" if order is not None and order.ticks else "market"

    def trade_id(self, trade: Trade) -> str:
        """A trade's id."""
        return trade_text(self._pairs.number(trade.symbol), trade.id)

    def price(self, pair: KrakenPair, ticks: int) -> str:
        """A price at the pair's decimals."""
        return fixed(Decimal(ticks).scaleb(-pair.price_decimals), pair.price_decimals)

    def quantity(self, pair: KrakenPair, lots: int) -> str:
        """A quantity at the pair's decimals."""
        return fixed(Decimal(lots).scaleb(-pair.lot_decimals), pair.lot_decimals)

    def cost(self, pair: KrakenPair, atoms: int) -> str:
        """Money of the pair's quote."""
        return fixed(self._engine.amount(pair.quote, atoms), pair.cost_decimals)

    def fee(self, order: Order) -> str:
        """All fees of an order, in the asset they were paid in."""
        pair = self._pairs.of(order.symbol)
        if order.fees.get(pair.base):
            return fixed(self._engine.amount(pair.base, order.fees[pair.base]), pair.lot_decimals)
        return self.cost(pair, order.fees.get(pair.quote, 0))

    def average(self, order: Order) -> str:
        """The mean price of an order's fills; nought before the first."""
        pair = self._pairs.of(order.symbol)
        return fixed(self.average_price(order.filled_atoms, order.filled_lots, pair), pair.price_decimals)

    def average_price(self, atoms: int, lots: int, pair: KrakenPair) -> Decimal:
        """The mean price of so much money for so many lots."""
        if not lots:
            return Decimal(0)
        return self._engine.amount(pair.quote, atoms) / Decimal(lots).scaleb(-pair.lot_decimals)

    def _prices(self, order: Order, note: Note) -> tuple[str, str]:
        pair = self._pairs.of(order.symbol)
        if note.ordertype in TRAILING:
            return note.trail, note.trail_limit or "0"
        if note.ordertype in WITH_TRIGGER:
            return self.price(pair, order.stop_ticks), self.price(pair, order.ticks) if order.ticks else "0"
        return (self.price(pair, order.ticks), "0") if order.ticks else ("0", "0")

    def _misc(self, order: Order) -> str:
        said = [
            word for word, holds in (("stopped", order.triggered_ms), ("partial", self._is_partial(order))) if holds
        ]
        return ",".join(said)

    def _is_partial(self, order: Order) -> bool:
        return not order.open and 0 < order.filled_lots < order.lots

    def _fee_text(self, pair: KrakenPair, trade: Trade, asset: str, atoms: int) -> str:
        if asset and asset_of(asset) == pair.base:
            return fixed(self._engine.amount(pair.base, atoms), pair.lot_decimals)
        return self.cost(pair, atoms)
