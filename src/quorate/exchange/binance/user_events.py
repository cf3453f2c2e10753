"""What happens to an account as Binance tells it: executionReport, outboundAccountPosition, listStatus and others."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.exchange.binance.answers import (
    EXPIRY_REASONS,
    SIDES,
    STATUSES,
    STP,
    TIMES_IN_FORCE,
    Told,
    client_id_of,
    pair_id,
    told_pair,
    type_of,
    working_ms,
)
from quorate.exchange.binance.figures import text
from quorate.exchange.engine.events import (
    BalanceMoved,
    BalancesChanged,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderFilled,
    OrderTriggered,
    PairAccepted,
    PairEnded,
)
from quorate.exchange.engine.orders import Order, OrderPair
from quorate.exchange.engine.words import Status, Why

ENDINGS = {Status.CANCELLED: "CANCELED", Status.EXPIRED: "EXPIRED", Status.EXPIRED_IN_MATCH: "TRADE_PREVENTION"}


class Reporter:
    """Turns facts of the engine into events for the account they are about. Executions are counted as they are told."""

    def __init__(self) -> None:
        self._executions = 0

    def reports(self, events: Iterable[Event]) -> list[tuple[str, Told]]:
        """(account, event) for each fact that an account hears of, in order."""
        told: list[tuple[str, Told]] = []
        for event in events:
            if isinstance(event, BalancesChanged):
                told.append((event.account, _position(event)))
            elif isinstance(event, BalanceMoved):
                told.append((event.account, _moved(event)))
            elif isinstance(event, PairAccepted | PairEnded):
                told.append((event.pair.above.account.name, _list_status(event.pair, event.at_ms)))
            else:
                report = self._report(event)
                if report is not None:
                    told.append(report)
        return told

    def _report(self, event: Event) -> tuple[str, Told] | None:
        if isinstance(event, OrderAccepted):
            changed: Told = {"x": "NEW", "X": "NEW"}
        elif isinstance(event, OrderTriggered):
            changed = {"x": "NEW", "X": STATUSES[Status.NEW], "w": True}
        elif isinstance(event, OrderFilled):
            changed = _fill(event)
        elif isinstance(event, OrderEnded):
            changed = _ending(event)
        elif isinstance(event, OrderAmended):
            changed = {"x": "REPLACED", "X": STATUSES[event.order.status], "q": text(event.lots)}
        else:
            return None
        order = event.order
        self._executions += 1
        told = _execution(order, event.at_ms, self._executions)
        told.update(changed)
        return order.account.name, told


def _execution(order: Order, at_ms: int, execution_id: int) -> Told:
    asked = order.asked
    fresh = order.created_ms == at_ms
    told: Told = {
        "e": "executionReport",
        "E": at_ms,
        "s": order.symbol,
        "c": client_id_of(order),
        "S": SIDES[order.side],
        "o": type_of(order),
        "f": TIMES_IN_FORCE[asked.time_in_force],
        "q": text(order.lots),
        "p": text(order.ticks),
        "P": text(order.stop_ticks),
        "F": text(0),
        "g": pair_id(order),
        "C": "",
        "x": "NEW",
        "X": "NEW",
        "r": "NONE",
        "i": order.id,
        "l": text(0),
        "z": text(0 if fresh else order.filled_lots),
        "L": text(0),
        "n": "0",
        "N": None,
        "T": at_ms,
        "t": -1,
        "I": execution_id,
        "w": not order.has_trigger or not order.waiting,
        "m": False,
        "M": False,
        "O": order.created_ms,
        "Z": text(0 if fresh else order.filled_atoms),
        "Y": text(0),
        "Q": text(asked.quote_atoms),
        "V": STP[asked.self_trade],
    }
    if asked.trail_ppm:
        told["d"] = asked.trail_ppm // 100
    if working_ms(order) >= 0:
        told["W"] = working_ms(order)
    return told


def told_fill(event: OrderFilled) -> Told:
    """What a fill changes in the report about its order, spot or futures."""
    return {
        "x": "TRADE",
        "X": STATUSES[event.status],
        "l": text(event.trade.lots),
        "z": text(event.filled_lots),
        "L": text(event.trade.ticks),
        "n": text(event.fee_atoms),
        "N": event.fee_asset,
        "t": event.trade.id,
        "m": event.is_maker,
    }


def _fill(event: OrderFilled) -> Told:
    return {
        **told_fill(event),
        "w": event.is_maker and event.status is not Status.FILLED,
        "M": True,
        "Z": text(event.filled_atoms),
        "Y": text(event.trade.atoms),
    }


def _ending(event: OrderEnded) -> Told:
    told: Told = {
        "x": ENDINGS[event.status],
        "X": STATUSES[event.status],
        "z": text(event.filled_lots),
        "Z": text(event.filled_atoms),
        "w": False,
    }
    if event.status is Status.CANCELLED:
        told["C"] = client_id_of(event.order)
        if event.why in (Why.ASKED, Why.ALL_ASKED, Why.REPLACED):
            told["c"] = f"cancel{event.order.id:09d}"
    elif event.why in EXPIRY_REASONS:
        told["eR"] = EXPIRY_REASONS[event.why]
    return told


def _position(event: BalancesChanged) -> Told:
    return {
        "e": "outboundAccountPosition",
        "E": event.at_ms,
        "u": event.at_ms,
        "B": [{"a": asset, "f": text(free), "l": text(locked)} for asset, free, locked in event.balances],
    }


def _moved(event: BalanceMoved) -> Told:
    return {
        "e": "balanceUpdate",
        "E": event.at_ms,
        "a": event.asset,
        "d": text(event.atoms),
        "T": event.at_ms,
    }


def _list_status(pair: OrderPair, at_ms: int) -> Told:
    known = told_pair(pair, at_ms)
    return {
        "e": "listStatus",
        "E": at_ms,
        "s": pair.above.symbol,
        "g": pair.id,
        "c": "OCO",
        "l": known["listStatusType"],
        "L": known["listOrderStatus"],
        "r": "NONE",
        "C": known["listClientOrderId"],
        "T": at_ms,
        "O": [
            {"s": leg.symbol, "i": leg.id, "c": client_id_of(leg)} for leg in sorted(pair.legs, key=lambda leg: leg.id)
        ],
    }
