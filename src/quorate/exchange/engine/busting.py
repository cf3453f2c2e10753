"""Declaring a trade void, as exchanges do after trades at prices that were obviously wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.words import Refusal

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.orders import Trade
    from quorate.exchange.engine.settlement import Settlement


def bust_trade(ledger: Settlement, listing: Listing, accounts: Mapping[str, Account], trade_id: int) -> Trade:
    """Give money and fees of a trade back and take it from its orders' sums; the orders stay ended.

    A client who has spent the money meanwhile owes it: the balance goes below zero. Errors: UNKNOWN_ORDER where no
    client has this trade.
    """
    symbol = listing.spec.symbol
    held = [
        (account, trade)
        for account in accounts.values()
        for trade in account.trades
        if trade.id == trade_id and trade.symbol == symbol
    ]
    if not held:
        raise OrderRefused(Refusal.UNKNOWN_ORDER, f"no client has trade {trade_id} of {symbol}")
    trade = held[0][1]
    for account, known in held:
        account.trades.remove(known)
    _give_back(ledger, listing, accounts, trade, is_maker=True)
    _give_back(ledger, listing, accounts, trade, is_maker=False)
    return trade


def _give_back(
    ledger: Settlement, listing: Listing, accounts: Mapping[str, Account], trade: Trade, *, is_maker: bool
) -> None:
    account = accounts.get(trade.maker_account if is_maker else trade.taker_account) or ledger.outside
    ledger.undo(listing, account, trade, is_maker=is_maker)
    if account.outside:
        return
    order = account.orders.get(trade.maker_order if is_maker else trade.taker_order)
    if order is not None:
        fee_asset, fee, _ = trade.charge(is_maker=is_maker)
        order.filled_lots -= trade.lots
        order.filled_atoms -= trade.atoms
        order.count_left()
        order.add_fee(fee_asset, -fee)
