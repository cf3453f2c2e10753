"""What an account of futures has, as Binance tells it: its wallet, its positions, and the margin they must keep."""

from __future__ import annotations

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.figures import UNIT, text
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.engine.accounts import Account
from quorate.exchange.engine.brackets import value_max
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.margin import AccountFigures


def told_value_max(contracts: Contracts, leverage: int) -> str:
    """The largest position that this leverage allows, in whole units of the margin."""
    return str(value_max(contracts.margin.rules.brackets, leverage) // UNIT)


def sums_of(contracts: Contracts, owner: Account, asset: str) -> AccountFigures:
    """The sums of the account for the asset of its margin; of any other asset there is only what is there."""
    if asset == contracts.margin.rules.asset:
        return contracts.margin.account(owner)
    free = owner.balance(asset).free
    return AccountFigures(wallet=free, unrealised=0, initial=0, order_initial=0, maintenance=0)


def told_account(contracts: Contracts, owner: Account, at_ms: int) -> Told:
    """Its money, in sum and by asset."""
    figures = contracts.margin.account(owner)
    asset = contracts.margin.rules.asset
    owner.balance(asset)
    return {
        **_sums(figures, "total"),
        "totalPositionInitialMargin": text(figures.initial),
        "totalOpenOrderInitialMargin": text(figures.order_initial),
        "totalCrossWalletBalance": text(figures.wallet),
        "totalCrossUnPnl": text(figures.unrealised),
        "availableBalance": text(max(0, figures.available)),
        "maxWithdrawAmount": text(max(0, contracts.margin.movable(owner, asset))),
        "assets": [_asset(contracts, owner, name, at_ms) for name in sorted(owner.balances)],
    }


def _sums(figures: AccountFigures, prefix: str) -> Told:
    return {
        f"{prefix}InitialMargin": text(figures.initial + figures.order_initial),
        f"{prefix}MaintMargin": text(figures.maintenance),
        f"{prefix}WalletBalance": text(figures.wallet),
        f"{prefix}UnrealizedProfit": text(figures.unrealised),
        f"{prefix}MarginBalance": text(figures.balance),
    }


def _asset(contracts: Contracts, owner: Account, asset: str, at_ms: int) -> Told:
    figures = sums_of(contracts, owner, asset)
    return {
        "asset": asset,
        "walletBalance": text(figures.wallet),
        "unrealizedProfit": text(figures.unrealised),
        "marginBalance": text(figures.balance),
        "maintMargin": text(figures.maintenance),
        "initialMargin": text(figures.initial + figures.order_initial),
        "positionInitialMargin": text(figures.initial),
        "openOrderInitialMargin": text(figures.order_initial),
        "crossWalletBalance": text(figures.wallet),
        "crossUnPnl": text(figures.unrealised),
        "availableBalance": text(max(0, figures.available)),
        "maxWithdrawAmount": text(max(0, contracts.margin.movable(owner, asset))),
        "marginAvailable": True,
        "updateTime": at_ms,
    }


def busy(contracts: Contracts, owner: Account) -> list[Listing]:
    """Markets in which the account has a position or orders that could lead to one."""
    listings = contracts.engine.listings
    figures = {symbol: contracts.margin.figures(owner, symbol) for symbol in list(owner.positions)}
    return [listings[symbol] for symbol, each in figures.items() if each.value or each.bids or each.asks]


def entry_of(listing: Listing, lots: int, cost: int) -> int:
    """The mean price of what is open, in ticks; 0 of a flat position."""
    return listing.ticks_for(abs(cost), abs(lots)) if lots else 0


def told_position_v3(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    """A position as the account tells it."""
    symbol = listing.spec.symbol
    held, figures = contracts.margin.position(owner, symbol), contracts.margin.figures(owner, symbol)
    return {
        "symbol": symbol,
        "positionSide": "BOTH",
        "positionAmt": text(held.lots),
        "unrealizedProfit": text(figures.unrealised),
        "isolatedMargin": "0",
        "notional": text(figures.value),
        "isolatedWallet": "0",
        "initialMargin": text(figures.initial + figures.order_initial),
        "maintMargin": text(figures.maintenance),
        "updateTime": held.updated_ms,
    }


def told_position_v2(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    """The same in the older form."""
    symbol = listing.spec.symbol
    held, figures = contracts.margin.position(owner, symbol), contracts.margin.figures(owner, symbol)
    entry = text(entry_of(listing, held.lots, held.cost))
    return {
        **told_position_v3(contracts, owner, listing),
        "positionInitialMargin": text(figures.initial),
        "openOrderInitialMargin": text(figures.order_initial),
        "leverage": str(held.leverage),
        "isolated": False,
        "entryPrice": entry,
        "breakEvenPrice": entry,
        "maxNotional": told_value_max(contracts, held.leverage),
        "bidNotional": text(figures.bids),
        "askNotional": text(figures.asks),
    }


def _risk(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    symbol = listing.spec.symbol
    held, figures = contracts.margin.position(owner, symbol), contracts.margin.figures(owner, symbol)
    entry = text(entry_of(listing, held.lots, held.cost))
    return {
        "symbol": symbol,
        "positionSide": "BOTH",
        "positionAmt": text(held.lots),
        "entryPrice": entry,
        "breakEvenPrice": entry,
        "markPrice": text(listing.mark),
        "unRealizedProfit": text(figures.unrealised),
        "liquidationPrice": text(contracts.margin.liquidation_ticks(owner, symbol)),
        "isolatedMargin": "0.00000000",
        "notional": text(figures.value),
        "isolatedWallet": "0",
        "updateTime": held.updated_ms,
    }


def told_risk_v2(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    """A position with its liquidation price and its leverage."""
    held = contracts.margin.position(owner, listing.spec.symbol)
    return {
        **_risk(contracts, owner, listing),
        "leverage": str(held.leverage),
        "maxNotionalValue": told_value_max(contracts, held.leverage),
        "marginType": "cross",
        "isAutoAddMargin": "false",
    }


def told_risk_v3(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    """A position with its liquidation price and its margin."""
    figures = contracts.margin.figures(owner, listing.spec.symbol)
    return {
        **_risk(contracts, owner, listing),
        "marginAsset": contracts.margin.rules.asset,
        "initialMargin": text(figures.initial + figures.order_initial),
        "maintMargin": text(figures.maintenance),
        "positionInitialMargin": text(figures.initial),
        "openOrderInitialMargin": text(figures.order_initial),
        "adl": 0,
        "bidNotional": text(figures.bids),
        "askNotional": text(figures.asks),
    }
