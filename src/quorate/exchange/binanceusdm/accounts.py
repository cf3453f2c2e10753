"""An account of futures: its wallet, its positions, their leverage, and what has changed its wallet."""

from __future__ import annotations

from quorate.exchange.binance import private as spot
from quorate.exchange.binance.answers import Told
from quorate.exchange.binance.calls import Call, Security
from quorate.exchange.binance.errors import BinanceError
from quorate.exchange.binance.exchange import LISTEN_KEY_MS
from quorate.exchange.binance.figures import share, text
from quorate.exchange.binance.listening import NO_LISTEN_KEY
from quorate.exchange.binance.public import rows
from quorate.exchange.binanceusdm import errors
from quorate.exchange.binanceusdm.contracts import Contracts
from quorate.exchange.binanceusdm.markets import told_brackets
from quorate.exchange.binanceusdm.ordering import flag
from quorate.exchange.binanceusdm.public import Table
from quorate.exchange.binanceusdm.statements import (
    busy,
    sums_of,
    told_account,
    told_position_v2,
    told_position_v3,
    told_risk_v2,
    told_risk_v3,
    told_value_max,
)

MARGIN_TYPES = {"CROSSED": False, "ISOLATED": True}
BAD_MARGIN_TYPE = (-4049, "Invalid margin type.")


def account_v2(contracts: Contracts, call: Call) -> Told:
    """Money and every position, flat ones too."""
    owner = contracts.account(call.account)
    told = told_account(contracts, owner, call.at_ms)
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
        "positions": [told_position_v2(contracts, owner, listing) for listing in contracts.engine.listings.values()],
    }


def account_v3(contracts: Contracts, call: Call) -> Told:
    """Money, and positions that are not flat or have orders."""
    owner = contracts.account(call.account)
    return {
        **told_account(contracts, owner, call.at_ms),
        "positions": [told_position_v3(contracts, owner, listing) for listing in busy(contracts, owner)],
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
            "crossUnPnl": text(sums_of(contracts, owner, asset).unrealised),
            "availableBalance": text(max(0, sums_of(contracts, owner, asset).available)),
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
    return [told_risk_v2(contracts, owner, listing) for listing in chosen]


def position_risk_v3(contracts: Contracts, call: Call) -> list[Told]:
    """Positions that are not flat or have orders, of one market or of all."""
    owner = contracts.account(call.account)
    listings = busy(contracts, owner)
    chosen = [call.listing()] if call.parameters.has("symbol") else listings
    return [told_risk_v3(contracts, owner, listing) for listing in chosen if listing in listings]


def change_leverage(contracts: Contracts, call: Call) -> Told:
    """Choose the leverage in a market."""
    symbol, leverage = call.listing().spec.symbol, call.parameters.integer("leverage")
    contracts.engine.set_leverage(call.account, symbol, leverage, at_ms=call.at_ms)
    return {"leverage": leverage, "maxNotionalValue": told_value_max(contracts, leverage), "symbol": symbol}


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
    held = [contracts.margin.position(owner, listing.spec.symbol) for listing in chosen]
    return [
        {
            "symbol": each.symbol,
            "marginType": "CROSSED",
            "isAutoAddMargin": False,
            "leverage": each.leverage,
            "maxNotionalValue": told_value_max(contracts, each.leverage),
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
    first = (max(call.parameters.integer("page", 1), 1) - 1) * limit
    chosen = found[first : first + limit] if start_ms else found[-limit:]
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
    return {**spot.rights(call), "enableSpotAndMarginTrading": False}


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
    ("PUT", "/fapi/v1/listenKey"): (keep_listening, KEY, 1),
    ("DELETE", "/fapi/v1/listenKey"): (end_listening, KEY, 1),
}
