"""Declaring a trade void, as exchanges do after trades at prices that were obviously wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from quorate.exchange.engine.refusals import OrderRefused
from quorate.exchange.engine.words import Refusal, Side

if TYPE_CHECKING:
    from quorate.exchange.engine.accounts import Account
    from quorate.exchange.engine.ledger import Ledger
    from quorate.exchange.engine.listing import Listing
    from quorate.exchange.engine.orders import Trade


def bust_trade(ledger: Ledger, listing: Listing, accounts: Mapping[str, Account], trade_id: int) -> Trade:
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
    ledger: Ledger, listing: Listing, accounts: Mapping[str, Account], trade: Trade, *, is_maker: bool
) -> None:
    spec = listing.spec
    name = trade.maker_account if is_maker else trade.taker_account
    side = trade.taker_side.other if is_maker else trade.taker_side
    fee_asset, fee = trade.maker_fee if is_maker else trade.taker_fee
    account = accounts.get(name) or ledger.outside
    sign = 1 if side is Side.BUY else -1
    account.balance(spec.base).free -= sign * trade.lots * listing.atoms_per_lot
    account.balance(spec.quote).free += sign * trade.atoms
    if account.outside:
        return
    for asset in (spec.base, spec.quote):
        ledger.touch(account, asset)
    if fee:
        account.balance(fee_asset).free += fee
        ledger.venue.balance(fee_asset).free -= fee
        ledger.touch(account, fee_asset)
    order = account.orders.get(trade.maker_order if is_maker else trade.taker_order)
    if order is not None:
        order.filled_lots -= trade.lots
        order.filled_atoms -= trade.atoms
        order.count_left()
        order.fees[fee_asset] = order.fees.get(fee_asset, 0) - fee
