"""An account of futures: its wallet, its positions, their leverage, and what has changed its wallet."""

from __future__ import annotations

from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Call, Security
from quorate.exchange.binance.errors import BinanceError
from quorate.exchange.binance.exchange import LISTEN_KEY_MS
from quorate.exchange.binance.figures import UNIT, share, text
from quorate.exchange.binance.public import rows
from quorate.exchange.binanceusdm import errors
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.markets import told_brackets
from quorate.exchange.binanceusdm.ordering import flag
from quorate.exchange.binanceusdm.public import Table
from quorate.exchange.engine.accounts import Account
from quorate.exchange.engine.brackets import value_max
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.margin import AccountFigures

MARGIN_TYPES = {"CROSSED": False, "ISOLATED": True}
BAD_MARGIN_TYPE = (-4049, "Invalid margin type.")
NO_LISTEN_KEY = (-1125, "This listenKey does not exist.")


def account_v2(contracts: Contracts, call: Call) -> Told:
    """Money and every position, flat ones too."""
    owner = contracts.account(call.account)
    told = _account(contracts, owner, call.at_ms)
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "feeBurn": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
        **told,
        "positions": [_position_v2(contracts, owner, listing) for listing in contracts.engine.listings.values()],
    }


def account_v3(contracts: Contracts, call: Call) -> Told:
    """Money, and positions that are not flat or have orders."""
    owner = contracts.account(call.account)
    return {
        **_account(contracts, owner, call.at_ms),
        "positions": [_position_v3(contracts, owner, listing) for listing in _busy(contracts, owner)],
    }


def balances(contracts: Contracts, call: Call) -> list[Told]:
    """The wallet."""
    owner = contracts.account(call.account)
    return [
        {
            "accountAlias": call.account,
            "asset": asset,
            "balance": text(balance.free),
            "crossWalletBalance": text(balance.free),
            "crossUnPnl": text(_whole(contracts, owner, asset).unrealised),
            "availableBalance": text(max(0, _whole(contracts, owner, asset).available)),
            "maxWithdrawAmount": text(max(0, contracts.margin.movable(owner, asset))),
            "marginAvailable": True,
            "updateTime": call.at_ms,
        }
        for asset, balance in sorted(owner.balances.items())
    ]


def position_risk_v2(contracts: Contracts, call: Call) -> list[Told]:
    """Every position, flat ones too, of one market or of all."""
    owner = contracts.account(call.account)
    chosen = [call.listing()] if call.parameters.has("symbol") else list(contracts.engine.listings.values())
    return [_risk_v2(contracts, owner, listing) for listing in chosen]


def position_risk_v3(contracts: Contracts, call: Call) -> list[Told]:
    """Positions that are not flat or have orders, of one market or of all."""
    owner = contracts.account(call.account)
    busy = _busy(contracts, owner)
    chosen = [call.listing()] if call.parameters.has("symbol") else busy
    return [_risk_v3(contracts, owner, listing) for listing in chosen if listing in busy]


def change_leverage(contracts: Contracts, call: Call) -> Told:
    """Choose the leverage in a market."""
    symbol, leverage = call.listing().spec.symbol, call.parameters.integer("leverage")
    contracts.engine.set_leverage(call.account, symbol, leverage, at_ms=call.at_ms)
    most = value_max(contracts.margin.rules.brackets, leverage) // UNIT
    return {"leverage": leverage, "maxNotionalValue": str(most), "symbol": symbol}


def change_margin_type(contracts: Contracts, call: Call) -> Told:
    """All margin is shared here. Errors: -4046 where that is asked for, -4168 where it is not."""
    call.listing()
    isolated = call.parameters.choice("marginType", MARGIN_TYPES, BAD_MARGIN_TYPE)
    raise BinanceError(*(errors.CROSSED_ONLY if isolated else errors.SAME_MARGIN_TYPE))


def both_ways(contracts: Contracts, call: Call) -> Told:
    """Whether long and short positions are kept apart: they never are here."""
    return {"dualSidePosition": False}


def change_both_ways(contracts: Contracts, call: Call) -> Told:
    """Errors: -4059 where one-way mode is asked for, which it is in; -4068 where both ways are."""
    call.parameters.text("dualSidePosition")
    apart = flag(call.parameters, "dualSidePosition")
    raise BinanceError(*(errors.ONE_WAY_ONLY if apart else errors.SAME_POSITION_SIDE))


def multi_assets(contracts: Contracts, call: Call) -> Told:
    """Whether several assets are margin: one is."""
    return {"multiAssetsMargin": False}


def brackets(contracts: Contracts, call: Call) -> object:
    """The brackets of one contract or of all."""
    rules = contracts.margin.rules
    if call.parameters.has("symbol"):
        return [told_brackets(call.listing().spec.symbol, rules)]
    return [told_brackets(symbol, rules) for symbol in contracts.engine.listings]


def commission(contracts: Contracts, call: Call) -> Told:
    """The account's rates in a market."""
    listing = call.listing()
    fees = contracts.account(call.account).fees or listing.spec.fees
    return {
        "symbol": listing.spec.symbol,
        "makerCommissionRate": share(fees.maker_ppm),
        "takerCommissionRate": share(fees.taker_ppm),
    }


def symbol_config(contracts: Contracts, call: Call) -> list[Told]:
    """Leverage and kind of margin of one market or of all."""
    owner = contracts.account(call.account)
    chosen = [call.listing()] if call.parameters.has("symbol") else list(contracts.engine.listings.values())
    rules = contracts.margin.rules
    held = [contracts.margin.position(owner, listing.spec.symbol) for listing in chosen]
    return [
        {
            "symbol": each.symbol,
            "marginType": "CROSSED",
            "isAutoAddMargin": False,
            "leverage": each.leverage,
            "maxNotionalValue": str(value_max(rules.brackets, each.leverage) // UNIT),
        }
        for each in held
    ]


def account_config(contracts: Contracts, call: Call) -> Told:
    """How the account is set up."""
    return {
        "feeTier": 0,
        "canTrade": True,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": False,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def income(contracts: Contracts, call: Call) -> list[Told]:
    """What has changed the wallet, oldest first."""
    limit, kind = rows(call.parameters, 100), call.parameters.optional("incomeType")
    symbol = call.listing().spec.symbol if call.parameters.has("symbol") else None
    start_ms, end_ms = call.parameters.integer("startTime", 0), call.parameters.integer("endTime", call.at_ms)
    found = [
        row
        for row in contracts.income(call.account)
        if start_ms <= row.at_ms <= end_ms and kind in (None, row.kind) and symbol in (None, row.symbol)
    ]
    chosen = found[:limit] if start_ms else found[-limit:]
    return [
        {
            "symbol": row.symbol,
            "incomeType": row.kind,
            "income": text(row.atoms),
            "asset": contracts.margin.rules.asset,
            "info": row.kind,
            "time": row.at_ms,
            "tranId": row.number,
            "tradeId": str(row.trade_id) if row.trade_id else "",
        }
        for row in chosen
    ]


def rights(contracts: Contracts, call: Call) -> Told:
    """What the key may do."""
    key = call.key
    assert key is not None, "it is asked for signed"
    return {
        "ipRestrict": False,
        "createTime": 0,
        "enableReading": True,
        "enableWithdrawals": key.can_withdraw,
        "enableInternalTransfer": False,
        "permitsUniversalTransfer": False,
        "enableSpotAndMarginTrading": False,
        "enableMargin": False,
        "enableFutures": key.can_trade,
    }


def listen(contracts: Contracts, call: Call) -> Told:
    """A listen key, good for an hour."""
    return {"listenKey": call.exchange.give_listen_key(call.account, call.at_ms)}


def keep_listening(contracts: Contracts, call: Call) -> Told:
    """Another hour for the account's listen key. Errors: -1125."""
    name = _listen_key(call)
    call.exchange.listen_keys[name].until_ms = call.at_ms + LISTEN_KEY_MS
    return {"listenKey": name}


def end_listening(contracts: Contracts, call: Call) -> Told:
    """The end of the account's listen key. Errors: -1125."""
    del call.exchange.listen_keys[_listen_key(call)]
    return {}


def _listen_key(call: Call) -> str:
    for name, known in call.exchange.listen_keys.items():
        if known.account == call.account and known.until_ms > call.at_ms:
            return name
    raise BinanceError(*NO_LISTEN_KEY)


def _whole(contracts: Contracts, owner: Account, asset: str) -> AccountFigures:
    """The sums of the account for the asset of its margin; of any other asset there is only what is there."""
    if asset == contracts.margin.rules.asset:
        return contracts.margin.account(owner)
    free = owner.balance(asset).free
    return AccountFigures(wallet=free, unrealised=0, initial=0, order_initial=0, maintenance=0)


def _account(contracts: Contracts, owner: Account, at_ms: int) -> Told:
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
    figures = _whole(contracts, owner, asset)
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


def _busy(contracts: Contracts, owner: Account) -> list[Listing]:
    """Markets in which the account has a position or orders that could lead to one."""
    listings = contracts.engine.listings
    figures = {symbol: contracts.margin.figures(owner, symbol) for symbol in list(owner.positions)}
    return [listings[symbol] for symbol, each in figures.items() if each.value or each.bids or each.asks]


def entry_of(listing: Listing, lots: int, cost: int) -> int:
    """The mean price of what is open, in ticks; 0 of a flat position."""
    return listing.ticks_for(abs(cost), abs(lots)) if lots else 0


def _position_v3(contracts: Contracts, owner: Account, listing: Listing) -> Told:
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


def _position_v2(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    symbol = listing.spec.symbol
    held, figures = contracts.margin.position(owner, symbol), contracts.margin.figures(owner, symbol)
    entry = text(entry_of(listing, held.lots, held.cost))
    return {
        **_position_v3(contracts, owner, listing),
        "positionInitialMargin": text(figures.initial),
        "openOrderInitialMargin": text(figures.order_initial),
        "leverage": str(held.leverage),
        "isolated": False,
        "entryPrice": entry,
        "breakEvenPrice": entry,
        "maxNotional": str(value_max(contracts.margin.rules.brackets, held.leverage) // UNIT),
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


def _risk_v2(contracts: Contracts, owner: Account, listing: Listing) -> Told:
    held = contracts.margin.position(owner, listing.spec.symbol)
    return {
        **_risk(contracts, owner, listing),
        "leverage": str(held.leverage),
        "maxNotionalValue": str(value_max(contracts.margin.rules.brackets, held.leverage) // UNIT),
        "marginType": "cross",
        "isAutoAddMargin": "false",
    }


def _risk_v3(contracts: Contracts, owner: Account, listing: Listing) -> Told:
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


SIGNED, TRADE, KEY = Security.SIGNED, Security.TRADE, Security.KEY
ACCOUNTS: Table = {
    ("GET", "/fapi/v2/account"): (account_v2, SIGNED, 5),
    ("GET", "/fapi/v3/account"): (account_v3, SIGNED, 5),
    ("GET", "/fapi/v2/balance"): (balances, SIGNED, 5),
    ("GET", "/fapi/v3/balance"): (balances, SIGNED, 5),
    ("GET", "/fapi/v1/positionRisk"): (position_risk_v2, SIGNED, 5),
    ("GET", "/fapi/v2/positionRisk"): (position_risk_v2, SIGNED, 5),
    ("GET", "/fapi/v3/positionRisk"): (position_risk_v3, SIGNED, 5),
    ("POST", "/fapi/v1/leverage"): (change_leverage, TRADE, 1),
    ("POST", "/fapi/v1/marginType"): (change_margin_type, TRADE, 1),
    ("GET", "/fapi/v1/positionSide/dual"): (both_ways, SIGNED, 30),
    ("POST", "/fapi/v1/positionSide/dual"): (change_both_ways, TRADE, 1),
    ("GET", "/fapi/v1/multiAssetsMargin"): (multi_assets, SIGNED, 30),
    ("GET", "/fapi/v1/leverageBracket"): (brackets, SIGNED, 1),
    ("GET", "/fapi/v1/commissionRate"): (commission, SIGNED, 20),
    ("GET", "/fapi/v1/symbolConfig"): (symbol_config, SIGNED, 5),
    ("GET", "/fapi/v1/accountConfig"): (account_config, SIGNED, 5),
    ("GET", "/fapi/v1/income"): (income, SIGNED, 30),
    ("GET", "/sapi/v1/account/apiRestrictions"): (rights, SIGNED, 1),
    ("POST", "/fapi/v1/listenKey"): (listen, KEY, 1),
    ("PUT", "/fapi/v1/listenKey"): (keep_listening, KEY, 1),
    ("DELETE", "/fapi/v1/listenKey"): (end_listening, KEY, 1),
}
