"""Perpetual contracts as Binance lists them: filters, brackets of leverage, and both as exchangeInfo tells them."""

from __future__ import annotations

from decimal import Decimal

from quorate.domain.market import Market
from quorate.exchange.binance.figures import DECIMALS, UNIT, text
from quorate.exchange.binance.markets import stepped, told_lot_size, told_multipliers, told_price_filter
from quorate.exchange.engine.brackets import deduction
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.specs import PPM, Bracket, Fees, Filters, MarginRules, MarketSpec
from quorate.exchange.engine.words import Trading

ASSET = "USDT"
"""What margin is in, and what everything is paid in."""
STATUS = {
    Trading.OPEN: "TRADING",
    Trading.POST_ONLY: "PENDING_TRADING",
    Trading.LIMIT_ONLY: "PENDING_TRADING",
    Trading.CANCEL_ONLY: "PRE_SETTLE",
    Trading.HALTED: "SETTLING",
    Trading.DELISTED: "CLOSE",
}
ORDER_TYPES = ("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD")
STP_MODES = ("NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH")
BRACKETS = tuple(
    Bracket(value_max=thousands * 1_000 * UNIT, leverage_max=leverage, maintenance_ppm=ppm)
    for thousands, leverage, ppm in (
        (50, 125, 4_000),
        (600, 100, 5_000),
        (3_000, 75, 6_500),
        (12_000, 50, 10_000),
        (70_000, 25, 20_000),
        (100_000, 20, 25_000),
        (230_000, 10, 50_000),
        (480_000, 5, 100_000),
        (600_000, 4, 125_000),
        (800_000, 3, 150_000),
        (1_200_000, 2, 250_000),
        (10**9, 1, 500_000),
    )
)
"""Like those of the largest contracts; here every contract has them."""
RULES = MarginRules(asset=ASSET, brackets=BRACKETS)
DEFAULT_FEES = Fees(maker_ppm=200, taker_ppm=500)
LOTS_MAX = 1_000_000 * UNIT
BAND_PPM = 50_000
"""How far a bid may be above the mark price, and an ask below it."""
FILTERS = Filters(
    lots_max=LOTS_MAX,
    market_lots_max=LOTS_MAX,
    band_up_ppm=PPM + BAND_PPM,
    band_down_ppm=PPM - BAND_PPM,
    band_of_mark=True,
    orders_max=200,
    triggers_max=100,
    trail_ppm_min=1_000,
    trail_ppm_max=100_000,
)
"""What every contract has, beyond the steps of its own."""
NEVER_MS = 4_133_404_800_000
"""When a contract ends that has no end."""


def spec_of(market: Market, *, fees: Fees = DEFAULT_FEES) -> MarketSpec:
    """A market of a feed, quoted in USDT, as a perpetual contract on its base."""
    assert market.quote == ASSET, f"{market.pair} is not quoted in {ASSET}"
    return stepped(market, FILTERS, fees=fees)


def decimals_of(step: int) -> int:
    """Decimals of a step that counts hundred-millionths."""
    decimals = DECIMALS
    while decimals and step % 10 == 0:
        step //= 10
        decimals -= 1
    return decimals


def told_filters(filters: Filters) -> list[dict[str, object]]:
    """The filters of a contract as exchangeInfo lists them."""
    up, down = told_multipliers(filters)
    return [
        told_price_filter(filters),
        told_lot_size(filters),
        told_lot_size(filters, of_market=True),
        {"filterType": "MAX_NUM_ORDERS", "limit": filters.orders_max},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": filters.triggers_max},
        {"filterType": "MIN_NOTIONAL", "notional": text(filters.notional_min)},
        {"filterType": "PERCENT_PRICE", "multiplierUp": up, "multiplierDown": down, "multiplierDecimal": "4"},
    ]


def told_market(listing: Listing, rules: MarginRules) -> dict[str, object]:
    """A contract as exchangeInfo lists it."""
    spec = listing.spec
    return {
        "symbol": spec.symbol,
        "pair": spec.symbol,
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_MS,
        "onboardDate": listing.listed_ms,
        "status": STATUS[listing.trading],
        "maintMarginPercent": f"{Decimal(rules.brackets[0].maintenance_ppm) / 10_000:.4f}",
        "requiredMarginPercent": "5.0000",
        "baseAsset": spec.base,
        "quoteAsset": spec.quote,
        "marginAsset": rules.asset,
        "pricePrecision": decimals_of(spec.filters.price_step),
        "quantityPrecision": decimals_of(spec.filters.lot_step),
        "baseAssetPrecision": DECIMALS,
        "quotePrecision": DECIMALS,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": f"{Decimal(rules.liquidation_fee_ppm) / PPM:.6f}",
        "marketTakeBound": f"{Decimal(BAND_PPM) / PPM:.2f}",
        "maxMoveOrderLimit": 10_000,
        "filters": told_filters(spec.filters),
        "orderTypes": list(ORDER_TYPES),
        "timeInForce": list(TIMES_IN_FORCE),
        "permissionSets": ["GRID", "COPY"],
        "allowedSelfTradePreventionModes": list(STP_MODES),
    }


def told_brackets(symbol: str, rules: MarginRules) -> dict[str, object]:
    """The brackets of a contract."""
    rows: list[dict[str, object]] = []
    floor = 0
    for place, bracket in enumerate(rules.brackets):
        cap = bracket.value_max // UNIT
        rows.append(
            {
                "bracket": place + 1,
                "initialLeverage": bracket.leverage_max,
                "notionalCap": cap,
                "notionalFloor": floor,
                "maintMarginRatio": bracket.maintenance_ppm / PPM,
                "cum": deduction(rules.brackets, place) / UNIT,
            }
        )
        floor = cap
    return {"symbol": symbol, "notionalCoef": 1.0, "brackets": rows}
