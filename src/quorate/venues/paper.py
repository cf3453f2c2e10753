"""The paper venue on candle feeds: what an order would have got, honestly.

It has no memory: which orders rest is the desk's journalled state, so that a restart changes nothing. A decision made
at the close of a bar meets the market from the next bar on; takers pay half the spread and slippage; a maker order
fills only when price trades strictly through it.
"""

from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.money import MONEY_STEP
from quorate.domain.orders import Fill, Intent, Liquidity, OrderKind, Purpose
from quorate.domain.policy import Costs
from quorate.rules import costs as cost_rules
from quorate.rules import matching


@dataclass(frozen=True, slots=True)
class PaperVenue:
    """Executes orders against closed candles at the given costs."""

    costs: Costs

    def match(self, intent: Intent, market: Market, candle: Candle) -> tuple[int, Liquidity] | None:
        """Price in ticks and liquidity at which a resting order fills inside the candle; None when it does not."""
        if intent.kind is OrderKind.MARKET:
            return self.taking(intent.action.sign, market, candle.open), Liquidity.TAKER
        limit = market.ticks_nearest(intent.price)
        match_bar = matching.maker_filled if intent.kind is OrderKind.POST_ONLY else matching.limit_filled
        ticks = match_bar(intent.action.sign, limit, candle.open, candle.high, candle.low)
        return (ticks, Liquidity.MAKER) if ticks else None

    def taking(self, action: int, market: Market, ticks: int) -> int:
        """What an order that takes at `ticks` really pays (+1) or gets (-1), in ticks."""
        return cost_rules.taking_price(action, ticks, market.spread_ppm // 2, self.costs.slippage_ppm)

    def fee(self, notional: Decimal, liquidity: Liquidity) -> Decimal:
        """Fee on a notional, in quote units, rounded up to the ledger's step."""
        return _fee(notional, self.costs.maker_fee_ppm if liquidity is Liquidity.MAKER else self.costs.taker_fee_ppm)

    def fill(
        self, intent: Intent, market: Market, *, ticks: int, lots: int, liquidity: Liquidity, ordinal: int, at_ms: int
    ) -> Fill:
        """The venue's word on an execution; its trade id follows from the order, so that a repeat is recognised."""
        notional = market.notional(ticks, lots)
        forced = intent.purpose is Purpose.LIQUIDATION
        return Fill(
            trade_id=f"paper-{intent.client_id}-{ordinal}",
            client_id=intent.client_id,
            pair=intent.pair,
            action=intent.action,
            price=market.price(ticks),
            quantity=market.quantity(lots),
            fee=_fee(notional, self.costs.liquidation_fee_ppm) if forced else self.fee(notional, liquidity),
            liquidity=liquidity,
            at_ms=at_ms,
        )

    def round_trip_ppm(self, market: Market) -> int:
        """What a trade on this market must earn to break even: entry and exit as taker, and the spread."""
        taker = self.costs.taker_fee_ppm
        return cost_rules.round_trip_ppm(taker, taker, market.spread_ppm)


def _fee(notional: Decimal, rate_ppm: int) -> Decimal:
    return cost_rules.fee(int(notional / MONEY_STEP), rate_ppm) * MONEY_STEP
