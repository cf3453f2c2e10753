"""What happens to a futures account as Binance tells it: ORDER_TRADE_UPDATE, ALGO_UPDATE, ACCOUNT_UPDATE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quorate.exchange.binance.answers import SIDES, STATUSES, STP, Told
from quorate.exchange.binance.figures import text
from quorate.exchange.binance.user_events import ENDINGS, told_fill
from quorate.exchange.binanceusdm.answers import (
    REJECTED,
    algo_id_of,
    algo_status_of,
    client_algo_id_of,
    client_id_of,
    is_order,
    time_in_force_of,
    type_of,
    was_rejected,
    watched_price_of,
    working_type_of,
)
from quorate.exchange.binanceusdm.contracts import Contracts, profit_of
from quorate.exchange.binanceusdm.statements import entry_of
from quorate.exchange.engine.clearing import LIQUIDATION
from quorate.exchange.engine.events import (
    BalanceMoved,
    BalancesChanged,
    Event,
    FundingPaid,
    OrderAccepted,
    OrderAmended,
    OrderEnded,
    OrderFilled,
    OrderTriggered,
    PositionChanged,
)
from quorate.exchange.engine.orders import Order
from quorate.exchange.engine.words import Status

Report = tuple[str, Told]
OrderFact = OrderAccepted | OrderTriggered | OrderFilled | OrderEnded | OrderAmended


class FuturesReporter:
    """Turns facts of the engine into events for the account they are about."""

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts

    def reports(self, events: Iterable[Event]) -> list[Report]:
        """(account, event) for each that an account hears of: its orders in order, then what they made of it."""
        heard = list(events)
        told: list[Report] = []
        for event in heard:
            if isinstance(event, OrderFact):
                name = event.order.account.name
                told.extend((name, report) for report in self._of_order(event))
        return told + self._of_accounts(heard)

    def _of_order(self, event: OrderFact) -> list[Told]:
        order, at_ms = event.order, event.at_ms
        if isinstance(event, OrderAccepted):
            return [self._conditional(order, at_ms, "NEW")] if order.has_trigger else [self._update(order, at_ms, {})]
        if isinstance(event, OrderTriggered):
            if was_rejected(order):
                return []
            return [self._conditional(order, at_ms, "TRIGGERED"), self._update(order, at_ms, {})]
        if isinstance(event, OrderFilled):
            told = [self._update(order, at_ms, _fill(event), filled=event)]
            return [*told, *self._finished(order, at_ms, over=event.status is Status.FILLED)]
        if isinstance(event, OrderAmended):
            return [self._update(order, at_ms, {"x": "AMENDMENT", "X": STATUSES[order.status], "q": text(event.lots)})]
        if not is_order(order):
            return [self._conditional(order, at_ms, algo_status_of(order))]
        return [self._update(order, at_ms, _ending(event), filled=event), *self._finished(order, at_ms, over=True)]

    def _finished(self, order: Order, at_ms: int, *, over: bool) -> list[Told]:
        return [self._conditional(order, at_ms, "FINISHED")] if over and order.has_trigger else []

    def _update(
        self, order: Order, at_ms: int, changed: Told, *, filled: OrderFilled | OrderEnded | None = None
    ) -> Told:
        asked = order.asked
        row: Told = {
            "s": order.symbol,
            "c": client_id_of(order),
            "S": SIDES[order.side],
            "o": working_type_of(order),
            "f": time_in_force_of(order),
            "q": text(order.lots),
            "p": text(order.ticks),
            "ap": "0",
            "sp": text(order.stop_ticks),
            "x": "NEW",
            "X": "NEW",
            "i": order.id,
            "l": "0",
            "z": "0",
            "L": "0",
            "T": at_ms,
            "t": 0,
            "b": "0",
            "a": "0",
            "m": False,
            "R": asked.reduce_only,
            "wt": watched_price_of(order),
            "ot": type_of(order),
            "ps": "BOTH",
            "cp": asked.close_position,
            "rp": "0",
            "pP": False,
            "si": 0,
            "ss": 0,
            "V": STP[asked.self_trade],
            "pm": "NONE",
            "gtd": asked.expires_ms,
            **changed,
        }
        if filled and filled.filled_lots:
            listing = self._contracts.engine.listings[order.symbol]
            row["ap"] = text(listing.ticks_for(filled.filled_atoms, filled.filled_lots))
        return {"e": "ORDER_TRADE_UPDATE", "E": at_ms, "T": at_ms, "o": row}

    def _conditional(self, order: Order, at_ms: int, status: str) -> Told:
        asked = order.asked
        fired = order.triggered_ms > 0 and status not in ("NEW", "REJECTED")
        row: Told = {
            "caid": client_algo_id_of(order),
            "aid": algo_id_of(order),
            "at": "CONDITIONAL",
            "o": type_of(order),
            "s": order.symbol,
            "S": SIDES[order.side],
            "ps": "BOTH",
            "f": time_in_force_of(order),
            "q": text(order.lots),
            "X": status,
            "ai": str(order.id) if fired else "",
            "tp": text(order.stop_ticks),
            "p": text(order.ticks),
            "V": STP[asked.self_trade],
            "wt": watched_price_of(order),
            "pm": "NONE",
            "cp": asked.close_position,
            "pP": False,
            "R": asked.reduce_only,
            "tt": order.triggered_ms if fired else 0,
            "gtd": asked.expires_ms,
            "rm": REJECTED.get(order.why, "") if status == "REJECTED" and order.why is not None else "",
        }
        if fired:
            row["aq"] = text(order.filled_lots)
            row["act"] = working_type_of(order)
        return {"e": "ALGO_UPDATE", "T": at_ms, "E": at_ms, "o": row}

    def _of_accounts(self, events: Sequence[Event]) -> list[Report]:
        """One ACCOUNT_UPDATE for each account whose wallet or positions have changed."""
        names: dict[str, int] = {}
        for event in events:
            if isinstance(event, BalancesChanged | PositionChanged):
                names[event.account] = event.at_ms
        return [(name, self._account_update(name, events, at_ms)) for name, at_ms in names.items()]

    def _account_update(self, name: str, events: Sequence[Event], at_ms: int) -> Told:
        moved = [event for event in events if isinstance(event, FundingPaid | BalanceMoved) and event.account == name]
        reason = "ORDER"
        for event in moved:
            reason = "FUNDING_FEE" if isinstance(event, FundingPaid) else "DEPOSIT" if event.atoms > 0 else "WITHDRAW"
        change = text(sum(event.atoms for event in moved))
        wallets = [row for event in events if isinstance(event, BalancesChanged) and event.account == name
                   for row in event.balances]  # fmt: skip
        positions = [event for event in events if isinstance(event, PositionChanged) and event.account == name]
        return {
            "e": "ACCOUNT_UPDATE",
            "E": at_ms,
            "T": at_ms,
            "a": {
                "m": reason,
                "B": [{"a": asset, "wb": text(free), "cw": text(free), "bc": change} for asset, free, _ in wallets],
                "P": [self._position(event) for event in positions],
            },
        }

    def _position(self, event: PositionChanged) -> Told:
        listing = self._contracts.engine.listings[event.symbol]
        value = listing.cost(listing.mark, abs(event.lots)) * (1 if event.lots > 0 else -1)
        entry = text(entry_of(listing, event.lots, event.cost))
        return {
            "s": event.symbol,
            "pa": text(event.lots),
            "ep": entry,
            "bep": entry,
            "cr": text(event.realised),
            "up": text(value - event.cost if event.lots else 0),
            "mt": "cross",
            "iw": "0",
            "ps": "BOTH",
        }


def _fill(event: OrderFilled) -> Told:
    told = {**told_fill(event), "rp": text(profit_of(event))}
    return {**told, "x": "CALCULATED"} if event.order.asked.tag == LIQUIDATION else told


def _ending(event: OrderEnded) -> Told:
    return {
        "x": ENDINGS[event.status],
        "X": STATUSES[event.status],
        "z": text(event.filled_lots),
    }
