"""Markets as Binance lists them: from the steps of a pair to its filters, and those as exchangeInfo tells them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from quorate.domain.market import Market
from quorate.exchange.binance.answers import STP
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
PRICE_MAX = 1_000_000_000 * UNIT
LOTS_MAX = 9_000_000 * UNIT
FILTERS = Filters(
    lots_max=LOTS_MAX,
    market_lots_max=LOTS_MAX,
    notional_max=9_000_000 * UNIT,
    band_up_ppm=5 * PPM,
    band_down_ppm=PPM // 5,
    orders_max=200,
    triggers_max=5,
    trail_ppm_min=1_000,
    trail_ppm_max=200_000,
)
"""What every market has, beyond the steps of its own."""
DEFAULT_FEES = Fees(maker_ppm=1_000, taker_ppm=1_000)


def spec_of(market: Market, *, fees: Fees = DEFAULT_FEES) -> MarketSpec:
    """A market of a feed as a listing of this exchange."""
    return stepped(market, FILTERS, fees=fees)


def stepped(market: Market, filters: Filters, *, fees: Fees) -> MarketSpec:
    """A market with these filters and the steps of its feed; its grid is 1e-8 in both directions, as Binance's is."""
    tick, lot = max(count_of(market.tick), 1), max(count_of(market.lot), 1)
    stepped_filters = replace(
        filters,
        price_step=tick,
        price_min=tick,
        price_max=PRICE_MAX // tick * tick,
        lot_step=lot,
        lots_min=lot,
        lots_max=filters.lots_max // lot * lot,
        market_lots_max=filters.market_lots_max // lot * lot,
        notional_min=max(count_of(market.min_notional), 0),
    )
    return MarketSpec(
        symbol=market.symbol,
        base=market.base,
        quote=market.quote,
        tick=STEP,
        lot=STEP,
        filters=stepped_filters,
        fees=fees,
    )


def told_filters(filters: Filters) -> list[dict[str, object]]:
    """The filters of a market as exchangeInfo lists them."""
    told: list[dict[str, object]] = [
        told_price_filter(filters),
        told_lot_size(filters),
        {"filterType": "ICEBERG_PARTS", "limit": 0},
        {**told_lot_size(filters, of_market=True), "minQty": text(0), "stepSize": text(0)},
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


def told_price_filter(filters: Filters) -> dict[str, object]:
    """What prices there are."""
    return {
        "filterType": "PRICE_FILTER",
        "minPrice": text(filters.price_min),
        "maxPrice": text(filters.price_max),
        "tickSize": text(filters.price_step),
    }


def told_lot_size(filters: Filters, *, of_market: bool = False) -> dict[str, object]:
    """What quantities there are, in all or `of_market` orders."""
    return {
        "filterType": "MARKET_LOT_SIZE" if of_market else "LOT_SIZE",
        "minQty": text(filters.lots_min),
        "maxQty": text(filters.market_lots_max if of_market else filters.lots_max),
        "stepSize": text(filters.lot_step),
    }


def told_multipliers(filters: Filters) -> tuple[str, str]:
    """How far prices may be above and below the middle of the band, as parts of it."""
    return f"{Decimal(filters.band_up_ppm) / PPM:f}", f"{Decimal(filters.band_down_ppm) / PPM:f}"


def _told_band(filters: Filters) -> dict[str, object]:
    up, down = told_multipliers(filters)
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
        "allowedSelfTradePreventionModes": list(STP.values()),
    }


def told_commission(fees: Fees) -> dict[str, str]:
    """Fee rates as the account is told them."""
    return {"maker": share(fees.maker_ppm), "taker": share(fees.taker_ppm), "buyer": text(0), "seller": text(0)}
