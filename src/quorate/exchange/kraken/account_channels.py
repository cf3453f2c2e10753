"""The private channels of WebSocket v2: executions, which tell everything that happens to orders, and balances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quorate.exchange import (
    BalanceMoved,
    BalancesChanged,
    Event,
    Order,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderFilled,
    OrderTriggered,
    Status,
    TimeInForce,
    Trade,
    Why,
)
from quorate.exchange.kraken.asking import TRAILING, WITH_TRIGGER, Note, note_of
from quorate.exchange.kraken.exchange import KrakenExchange
from quorate.exchange.kraken.figures import rfc3339
from quorate.exchange.kraken.frames import Body, decimal_figure, figure
from quorate.exchange.kraken.ids import order_text, trade_text
from quorate.exchange.kraken.pairs import KrakenPair, decimals_of
from quorate.exchange.kraken.telling import REASONS

TRADES_SHOWN = 50
FEE_DECIMALS = 5


class Executions:
    """Says what happens to the orders of accounts."""

    def __init__(self, exchange: KrakenExchange) -> None:
        self._exchange = exchange

    def orders(self, account: str) -> list[Body]:
        """Open orders, for a new subscriber."""
        return [
            self._report(order, "new", _status(order), order.updated_ms, order.filled_lots, order.filled_atoms)
            for order in self._exchange.engine.open_orders(account)
        ]

    def trades(self, account: str) -> list[Body]:
        """The newest trades, newest first, for a new subscriber."""
        held = list(self._exchange.engine.accounts[account].trades)[-TRADES_SHOWN:]
        rows: list[Body] = []
        for trade in reversed(held):
            is_maker = trade.maker_account == account
            order = self._exchange.engine.order(account, trade.maker_order if is_maker else trade.taker_order)
            if order is not None:
                fee = trade.charge(is_maker=is_maker)[:2]
                rows.append(self._trade(order, trade, fee, is_maker=is_maker, status=_status(order)))
        return rows

    def about(self, event: Event) -> tuple[str, list[Body]] | None:
        """Whom an event concerns, and what to tell; None for what is about no order."""
        match event:
            case OrderAccepted(order, at_ms):
                pending = self._report(order, "pending_new", "pending_new", at_ms, 0, 0)
                new = self._report(order, "new", "new", at_ms, 0, 0)
                return order.account.name, [pending, new]
            case OrderTriggered(order, at_ms):
                told = self._report(order, "status", "new", at_ms, 0, 0)
                told["triggers"] = {**told.get("triggers", {}), "status": "triggered"}
                return order.account.name, [told]
            case OrderAmended(order, _, _, at_ms):
                status = "partially_filled" if order.filled_lots else "new"
                told = self._report(order, "amended", status, at_ms, order.filled_lots, order.filled_atoms)
                return order.account.name, [told]
            case OrderFilled():
                return event.order.account.name, self._filled(event)
            case OrderEnded(order, _, why, filled_lots, filled_atoms, at_ms):
                word = "expired" if why is Why.TIME else "canceled"
                told = self._report(order, word, word, at_ms, filled_lots, filled_atoms)
                return order.account.name, [{**told, "reason": REASONS[why], "cancel_reason": REASONS[why]}]
            case _:
                return None

    def _filled(self, event: OrderFilled) -> list[Body]:
        order = event.order
        status = "filled" if event.status is Status.FILLED else "partially_filled"
        fee = (event.fee_asset, event.fee_atoms)
        told = self._trade(order, event.trade, fee, is_maker=event.is_maker, status=status)
        pair = self._exchange.pairs.of(order.symbol)
        told |= self._sums(pair, event.filled_lots, event.filled_atoms)
        if event.status is not Status.FILLED:
            return [told]
        final = self._report(order, "filled", "filled", event.at_ms, event.filled_lots, event.filled_atoms)
        return [told, final]

    def _trade(self, order: Order, trade: Trade, fee: tuple[str, int], *, is_maker: bool, status: str) -> Body:
        pair = self._exchange.pairs.of(order.symbol)
        engine = self._exchange.engine
        asset, atoms = fee if fee[1] else (pair.quote, 0)
        told = self._report(order, "trade", status, trade.at_ms, order.filled_lots, order.filled_atoms)
        return told | {
            "exec_id": trade_text(self._exchange.pairs.number(trade.symbol), trade.id),
            "trade_id": trade.id,
            "last_qty": figure(trade.lots, pair.lot_decimals),
            "last_price": figure(trade.ticks, pair.price_decimals),
            "cost": figure(trade.atoms, pair.cost_decimals),
            "liquidity_ind": "m" if is_maker else "t",
            "fees": [{"asset": asset, "qty": decimal_figure(engine.amount(asset, atoms), decimals_of(asset))}],
        }

    def _report(self, order: Order, exec_type: str, status: str, at_ms: int, lots: int, atoms: int) -> Body:
        """An order as one line of the channel: superset of what Kraken repeats, so that no client has to guess."""
        pair, note = self._exchange.pairs.of(order.symbol), note_of(order)
        told: Body = {
            "order_id": order_text(order.id),
            "exec_type": exec_type,
            "order_status": status,
            "symbol": pair.symbol,
            "side": order.side.value,
            "order_type": note.ordertype,
            "time_in_force": "IOC" if order.asked.time_in_force is TimeInForce.IOC else note.time_in_force,
            "order_userref": note.userref,
            "fee_ccy_pref": next((flag for flag in note.oflags if flag in {"fcib", "fciq"}), "fciq"),
            "fee_usd_equiv": self._fee_usd(order),
            "timestamp": rfc3339(at_ms),
            **self._size(order, pair),
            **self._sums(pair, lots, atoms),
            **self._prices(order, note, pair),
        }
        if order.asked.client_id:
            told["cl_ord_id"] = order.asked.client_id
        if order.asked.post_only:
            told["post_only"] = True
        if note.expires_ms:
            told["expire_time"] = rfc3339(note.expires_ms)
        return told

    def _size(self, order: Order, pair: KrakenPair) -> Body:
        if order.asked.quote_atoms:
            return {"cash_order_qty": figure(order.asked.quote_atoms, pair.cost_decimals)}
        return {"order_qty": figure(order.lots, pair.lot_decimals)}

    def _sums(self, pair: KrakenPair, lots: int, atoms: int) -> Body:
        average = self._exchange.teller.average_price(atoms, lots, pair)
        return {
            "cum_qty": figure(lots, pair.lot_decimals),
            "cum_cost": figure(atoms, pair.cost_decimals),
            "avg_price": decimal_figure(average, pair.price_decimals),
        }

    def _prices(self, order: Order, note: Note, pair: KrakenPair) -> Body:
        told: Body = {}
        if order.ticks:
            told |= {"limit_price": figure(order.ticks, pair.price_decimals), "limit_price_type": "static"}
        if note.ordertype in WITH_TRIGGER:
            stop = figure(order.stop_ticks, pair.price_decimals)
            told["stop_price"] = stop
            told["triggers"] = {
                "reference": note.trigger,
                "price": stop,
                "price_type": "quote" if note.ordertype in TRAILING else "static",
                "actual_price": stop,
                "status": "untriggered" if order.waiting else "triggered",
            }
        return told

    def _fee_usd(self, order: Order) -> Any:
        atoms = order.fees.get("USD", 0)
        return decimal_figure(self._exchange.engine.amount("USD", atoms), FEE_DECIMALS)


def _status(order: Order) -> str:
    if order.open:
        return "partially_filled" if order.filled_lots else "new"
    if order.status is Status.FILLED:
        return "filled"
    return "expired" if order.why is Why.TIME else "canceled"


class Balances:
    """Says what happens to the money of accounts; it knows the last total of each asset, as its ledger would."""

    def __init__(self, exchange: KrakenExchange) -> None:
        self._exchange = exchange
        self._totals: dict[tuple[str, str], int] = {}
        self._entries = 0

    def snapshot(self, account: str) -> list[Body]:
        """All balances, for a new subscriber."""
        held = self._exchange.engine.accounts[account].balances
        for asset, money in held.items():
            self._totals[account, asset] = money.total
        return [self._balance(asset, money.total) for asset, money in sorted(held.items())]

    def about(self, events: Sequence[Event]) -> dict[str, list[Body]]:
        """Ledger entries of one operation, by account. What orders set aside is no entry."""
        fees: dict[tuple[str, str], int] = {}
        moved: set[tuple[str, str]] = set()
        told: dict[str, list[Body]] = {}
        for event in events:
            if isinstance(event, OrderFilled) and event.fee_atoms:
                place = (event.order.account.name, event.fee_asset)
                fees[place] = fees.get(place, 0) + event.fee_atoms
            elif isinstance(event, BalanceMoved):
                moved.add((event.account, event.asset))
            elif isinstance(event, BalancesChanged):
                for asset, free, locked in event.balances:
                    place = (event.account, asset)
                    entry = self._entry(place, free + locked, fees.get(place, 0), event.at_ms, moved=place in moved)
                    if entry is not None:
                        told.setdefault(event.account, []).append(entry)
        return told

    def _entry(self, place: tuple[str, str], total: int, fee: int, at_ms: int, *, moved: bool) -> Body | None:
        change = total - self._totals.get(place, 0)
        self._totals[place] = total
        if not change and not fee:
            return None
        self._entries += 1
        asset, decimals = place[1], decimals_of(place[1])
        kind = ("deposit" if change > 0 else "withdrawal") if moved else "trade"
        return {
            "ledger_id": trade_text(0, self._entries).replace("T", "L", 1),
            "ref_id": trade_text(0, self._entries),
            "timestamp": rfc3339(at_ms),
            "type": kind,
            "category": kind,
            "asset": asset,
            "asset_class": "currency",
            "wallet_type": "spot",
            "wallet_id": "main",
            "amount": figure(change + fee, decimals),
            "fee": figure(fee, decimals),
            "balance": figure(total, decimals),
        }

    @staticmethod
    def _balance(asset: str, total: int) -> Body:
        amount = figure(total, decimals_of(asset))
        wallet = {"type": "spot", "id": "main", "balance": amount}
        return {"asset": asset, "asset_class": "currency", "balance": amount, "wallets": [wallet]}
