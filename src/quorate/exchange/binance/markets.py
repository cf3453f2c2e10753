"""Markets as Binance lists them: from the steps of a pair to its filters, and those as exchangeInfo tells them."""

from __future__ import annotations

from decimal import Decimal

from quorate.domain.market import Market
from quorate.exchange.binance.figures import STEP, UNIT, count_of, share, text
from quorate.exchange.engine.listing import Listing
from quorate.exchange.engine.specs import PPM, Fees, Filters, MarketSpec
from quorate.exchange.engine.words import Trading

STATUS = {
    Trading.OPEN: "TRADING",
    Trading.POST_ONLY: "PRE_TRADING",
    Trading.LIMIT_ONLY: "AUCTION_MATCH",
    Trading.CANCEL_ONLY: "BREAK",
    Trading.HALTED: "HALT",
    Trading.DELISTED: "END_OF_DAY",
}
ORDER_TYPES = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)
STP_MODES = ("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT")
LOTS_MAX = 9_000_000 * UNIT
NOTIONAL_MAX = 9_000_000 * UNIT
DEFAULT_FEES = Fees(maker_ppm=1_000, taker_ppm=1_000)


def spec_of(market: Market, *, fees: Fees = DEFAULT_FEES) -> MarketSpec:
    """A market of a feed as a listing of this exchange; the grid is 1e-8 in both directions, as Binance's is."""
    tick, lot = max(count_of(market.tick), 1), max(count_of(market.lot), 1)
    filters = Filters(
        price_step=tick,
        price_min=tick,
        price_max=1_000_000_000 * UNIT // tick * tick,
        lot_step=lot,
        lots_min=lot,
        lots_max=LOTS_MAX // lot * lot,
        market_lots_max=LOTS_MAX // lot * lot,
        notional_min=max(count_of(market.min_notional), 0),
        notional_max=NOTIONAL_MAX,
        band_up_ppm=5 * PPM,
        band_down_ppm=PPM // 5,
        orders_max=200,
        triggers_max=5,
        trail_ppm_min=1_000,
        trail_ppm_max=200_000,
    )
    return MarketSpec(
        symbol=market.symbol, base=market.base, quote=market.quote, tick=STEP, lot=STEP, filters=filters, fees=fees
    )


def told_filters(filters: Filters) -> list[dict[str, object]]:
    """The filters of a market as exchangeInfo lists them."""
    told: list[dict[str, object]] = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": text(filters.price_min),
            "maxPrice": text(filters.price_max),
            "tickSize": text(filters.price_step),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": text(filters.lots_min),
            "maxQty": text(filters.lots_max),
            "stepSize": text(filters.lot_step),
        },
        {"filterType": "ICEBERG_PARTS", "limit": 0},
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": text(0),
            "maxQty": text(filters.market_lots_max),
            "stepSize": text(0),
        },
        {
            "filterType": "TRAILING_DELTA",
            "minTrailingAboveDelta": filters.trail_ppm_min // 100,
            "maxTrailingAboveDelta": filters.trail_ppm_max // 100,
            "minTrailingBelowDelta": filters.trail_ppm_min // 100,
            "maxTrailingBelowDelta": filters.trail_ppm_max // 100,
        },
        _told_band(filters),
        {
            "filterType": "NOTIONAL",
            "minNotional": text(filters.notional_min),
            "applyMinToMarket": True,
            "maxNotional": text(filters.notional_max),
            "applyMaxToMarket": True,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": filters.orders_max},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": filters.triggers_max},
    ]
    if filters.position_lots_max:
        told.append({"filterType": "MAX_POSITION", "maxPosition": text(filters.position_lots_max)})
    return told


def _told_band(filters: Filters) -> dict[str, object]:
    up, down = (f"{Decimal(ppm) / PPM:f}" for ppm in (filters.band_up_ppm, filters.band_down_ppm))
    return {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "bidMultiplierUp": up,
        "bidMultiplierDown": down,
        "askMultiplierUp": up,
        "askMultiplierDown": down,
        "avgPriceMins": 5,
    }


def told_market(listing: Listing) -> dict[str, object]:
    """A market as exchangeInfo lists it."""
    spec = listing.spec
    return {
        "symbol": spec.symbol,
        "status": STATUS[listing.trading],
        "baseAsset": spec.base,
        "baseAssetPrecision": 8,
        "quoteAsset": spec.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": True,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": told_filters(spec.filters),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": list(STP_MODES),
    }


def told_commission(fees: Fees) -> dict[str, str]:
    """Fee rates as the account is told them."""
    return {"maker": share(fees.maker_ppm), "taker": share(fees.taker_ppm), "buyer": text(0), "seller": text(0)}
