"""The position manager without a model: a few rules that look at open trades and only ever take risk away.

They stand alone where nobody else evaluates, and in for a model that is not heard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

import numpy as np

from quorate.domain.evaluation import Advice, Evaluation, TradeAdvice
from quorate.domain.lessons import RULES, Lesson
from quorate.domain.market import Market
from quorate.domain.minds import ModelAsked
from quorate.domain.money import plain
from quorate.domain.policy import Costs
from quorate.domain.portfolio import Position
from quorate.domain.snapshot import Snapshot
from quorate.domain.votes import Regime, Side
from quorate.kernel.bars import Bars, to_ticks
from quorate.rules import costs as cost_rules
from quorate.rules import exits

AGAINST = {Side.LONG: Regime.TRENDING_DOWN, Side.SHORT: Regime.TRENDING_UP}
"""The regime that stands against a side."""
PROTECT_R = Decimal(1)
"""From so many R of profit on a trade shall not end in a loss any more."""
R_SHOWN = Decimal("0.01")


class Known(Protocol):
    """What is known of markets: a lookout, or columns that stand in for one."""

    @property
    def markets(self) -> Mapping[str, Market]:
        """The markets by pair."""
        ...

    def newest(self, pair: str) -> Bars:
        """The last closed bars of the pair in the base timeframe; none where there are none."""
        ...


def prices_at(lookout: Known, snapshot: Snapshot, pairs: Sequence[str]) -> dict[str, int]:
    """Pair -> its newest price in ticks: the close of the snapshot's candle, else of the last bar that is known."""
    closes = {candle.pair: candle.close for candle in snapshot.step.candles}
    prices: dict[str, int] = {}
    for pair in sorted(set(pairs)):
        market = lookout.markets.get(pair)
        if market is None:
            continue
        if pair in closes:
            prices[pair] = closes[pair]
            continue
        bars = lookout.newest(pair)
        if len(bars):
            prices[pair] = int(to_ticks(np.array([bars.close[-1]]), market.tick)[0])
    return prices


def in_r(position: Position, start: Decimal, price: Decimal) -> Decimal:
    """What the way from `start` to `price` earns the position, in units of its initial risk, before costs.

    0 where nothing was risked.
    """
    if position.risk <= 0:
        return Decimal(0)
    return ((price - start) * position.side.sign / position.risk).quantize(R_SHOWN, ROUND_HALF_EVEN) + 0


@dataclass(frozen=True, slots=True)
class RuleEvaluator:
    """The evaluator port by rule. For each trade the first of these that holds:

    1. EXIT where the pair's regime has turned against the side since the trade was opened and the trade is under water.
    2. TIGHTEN to break-even, entry plus costs, where it has turned against the side and price is beyond break-even.
    3. TIGHTEN to break-even where the trade is 1 R ahead and its stop is still behind break-even.
    4. HOLD.
    """

    lookout: Known
    costs: Costs
    asks_models: bool = False

    async def evaluate(
        self, snapshot: Snapshot, *, slot: str, positions: Sequence[Position], lessons: Sequence[Lesson]
    ) -> Evaluation:
        """Advice on every open trade; the lessons stay as they are, since rules wrote them."""
        return self.judge(snapshot, slot=slot, positions=positions)

    def judge(
        self,
        snapshot: Snapshot,
        *,
        slot: str,
        positions: Sequence[Position],
        asked: ModelAsked | None = None,
        fault: str = "",
    ) -> Evaluation:
        """The rules' evaluation; `asked` and `fault` tell of the model that was not heard."""
        prices = prices_at(self.lookout, snapshot, [position.pair for position in positions])
        advices = tuple(
            self._advice(position, prices, snapshot.regimes.get(position.pair, Regime.NEUTRAL))
            for position in sorted(positions, key=lambda position: (position.portfolio, position.pair))
        )
        return Evaluation(slot, snapshot.at_ms, RULES, advices, asked=asked, fault=fault)

    def _advice(self, position: Position, prices: Mapping[str, int], regime: Regime) -> TradeAdvice:
        market, ticks = self.lookout.markets.get(position.pair), prices.get(position.pair)
        if market is None or ticks is None:
            return _advised(position, Advice.HOLD, None, "Its price is not known.")
        return self._judged(position, market, ticks, regime)

    def wants(self, position: Position, market: Market, ticks: int, regime: Regime) -> tuple[Advice, int]:
        """(what is to be done with a trade at this price, its break-even stop in ticks)."""
        sign, entry = position.side.sign, market.ticks_nearest(position.entry)
        taker = self.costs.taker_fee_ppm
        round_trip = cost_rules.round_trip_ppm(taker, taker, market.spread_ppm)
        break_even = exits.break_even_stop(sign, entry, round_trip)
        turned = _turned(position, regime)
        if turned and (ticks - entry) * sign < 0:
            return Advice.EXIT, break_even
        behind = (break_even - market.ticks_nearest(position.stop)) * sign > 0
        reached = (ticks - break_even) * sign > 0
        protects = behind and reached and (turned or in_r(position, position.entry, market.price(ticks)) >= PROTECT_R)
        return Advice.TIGHTEN if protects else Advice.HOLD, break_even

    def _judged(self, position: Position, market: Market, ticks: int, regime: Regime) -> TradeAdvice:
        advice, break_even = self.wants(position, market, ticks, regime)
        r = in_r(position, position.entry, market.price(ticks))
        turn = f"The regime has turned from {position.regime} to {regime}"
        if advice is Advice.EXIT:
            return _advised(position, advice, None, f"{turn}, and it is {plain(-r)} R under water.")
        if advice is Advice.HOLD:
            return _advised(position, advice, None, f"Nothing speaks against it at {plain(r)} R in {regime}.")
        reason = f"It is {plain(r)} R ahead and its stop still behind break-even."
        if _turned(position, regime):
            reason = f"{turn}; break-even is in reach at {plain(r)} R."
        return _advised(position, advice, market.price(break_even), reason)


def _turned(position: Position, regime: Regime) -> bool:
    """Whether the regime has turned against the trade since it was opened."""
    return regime is AGAINST[position.side] and position.regime is not regime


def _advised(position: Position, advice: Advice, stop: Decimal | None, reason: str) -> TradeAdvice:
    return TradeAdvice(position.portfolio, position.pair, position.signal_id, advice, stop, reason)
