"""What a run assumes: how orders meet the market, what trading costs, how positions are sized. Part of every result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import numpy as np

from quorate.analysts.base import Strategy
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.errors import BadInput
from quorate.domain.market import Market
from quorate.domain.money import MONEY_STEP, PPM, ZERO, to_ppm
from quorate.domain.policy import Costs, PerpPolicy
from quorate.domain.snapshot import Settlement
from quorate.domain.votes import EntryKind
from quorate.kernel.bars import IntArray, tick_scale
from quorate.research import tables
from quorate.research.columns import Columns
from quorate.research.tables import NONE
from quorate.rules.costs import round_trip_ppm

ONE = Decimal(1)
ROOM = 4_000_000_000_000_000_000
"""What a product may reach before the kernel would leave 63 bits."""
THOUSAND = 1_000
MODES = {"lots": tables.GIVEN, "risk": tables.RISK, "equity": tables.SHARE, "amount": tables.AMOUNT}
PRICE_GROWTH = 4
"""A fill or a bankruptcy lies at most this many times above the highest candle."""

CostName: TypeAlias = Literal["fees", "spread", "slippage", "latency", "funding", "liquidation", "queue"]
COST_NAMES: tuple[CostName, ...] = ("fees", "spread", "slippage", "latency", "funding", "liquidation", "queue")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """Where a decision meets the market, and what is assumed of the way inside a candle.

    `entry`: an order at market fills at the open after the decision, or, as some engines have it, at the very close it
    was decided on; a resting order always waits for the next candle. `tie`: where stop and target lie in one candle,
    the stop comes first, or the target does. With finer candles the tie is decided by them, and only what remains
    inside one of those by `tie`.
    """

    entry: Literal["next_open", "this_close"] = "next_open"
    tie: Literal["pessimistic", "optimistic"] = "pessimistic"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCosts:
    """Everything that trading costs in a run. Each part is on; `without` switches parts off by name."""

    rates: Costs = field(default_factory=Costs)
    """Fees, constant slippage and the fee of a liquidation. The spread is the market's."""
    slippage: Literal["constant", "square_root"] = "constant"
    """`square_root` adds what the order itself moves the market by: `impact` x the range of the candle before, as a
    share of its open, x the root of the order's part in that candle's volume (the square-root law of market impact,
    B. Toth and others, 2011). Never more than 10 %."""
    impact: Decimal = ONE
    latency_bars: int = 0
    """Candles that an entry comes late."""
    latency_ms: int = 0
    """Milliseconds that an entry comes late: it meets the first open at or after that, of finer candles if there are
    any. Without them one millisecond costs a whole candle."""
    queue: Literal["through", "volume"] = "through"
    """When a resting order fills: once price trades through it by a tick; or, as well, where price only touched it and
    `queue_multiple` times the order was traded there. A candle's volume is taken to be spread evenly over its range."""
    queue_multiple: Decimal = Decimal(10)
    leverage: Decimal = ONE
    perps: PerpPolicy = field(default_factory=PerpPolicy)
    settlements: tuple[Settlement, ...] = ()
    """Funding; empty where nothing is known of it."""
    off: frozenset[CostName] = frozenset()
    """Names of the parts that are switched off. Without `queue` a resting order fills when price touches it."""

    def without(self, *names: CostName) -> RunCosts:
        """The same costs with these parts switched off. BadInput for an unknown name."""
        unknown = sorted(set(names) - set(COST_NAMES))
        if unknown:
            raise BadInput(f"No cost is called {unknown[0]}.", hint=f"There are {', '.join(COST_NAMES)}.")
        return replace(self, off=self.off | frozenset(names))

    def on(self, name: CostName) -> bool:
        """Whether a part counts."""
        return name not in self.off


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizing:
    """How large positions are, from a run's own equity: what was begun with and what closed trades made of it.

    `by`: "risk" takes the lots that lose `share` of equity at the stop, "equity" those worth `share` of equity,
    "amount" those worth `amount`, each times the share of the normal size that the setup asks for, and times
    0.5 + confidence where `by_confidence` says so. "lots" takes `lots`, one number for each order of the run.
    """

    by: Literal["risk", "equity", "amount", "lots"] = "risk"
    start_equity: Decimal = Decimal(10_000)
    share: Decimal = Decimal("0.006")
    cap: Decimal = Decimal("0.40")
    """Largest share of equity as notional, for "risk" and "equity"."""
    amount: Decimal = Decimal(1_000)
    by_confidence: Literal["yes", "no"] = "no"
    lots: Sequence[int] | IntArray = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Conditions:
    """A strategy on a market with everything that a run of it assumes, told once for however many runs."""

    strategy: Strategy
    market: Market
    conventions: Conventions
    costs: RunCosts
    sizing: Sizing
    rules: Any
    """All of it in the kernel's units: a record of `tables.Rules`."""
    fractions: IntArray
    """Of what is left that each target takes, parts per million."""

    @classmethod
    def of(
        cls,
        strategy: Strategy,
        columns: Columns,
        market: Market,
        conventions: Conventions,
        costs: RunCosts,
        sizing: Sizing,
    ) -> Conditions:
        """The conditions of runs over these candles, or over a part of them. BadInput: see `rules_of`."""
        return cls(
            strategy=strategy,
            market=market,
            conventions=conventions,
            costs=costs,
            sizing=sizing,
            rules=rules_of(conventions, costs, sizing, strategy, columns, market),
            fractions=np.array([to_ppm(fraction) for fraction in strategy.exits.fractions], np.int64),
        )


def rules_of(
    conventions: Conventions, costs: RunCosts, sizing: Sizing, strategy: Strategy, columns: Columns, market: Market
) -> Any:
    """All of a run's assumptions in the kernel's units: a record of `tables.Rules`.

    BadInput where they contradict one another, or where the market's steps are too fine to count the equity in.
    """
    unit = Fraction(market.tick) * Fraction(market.lot) / Fraction(MONEY_STEP)
    mantissa, power = tick_scale(market.tick)
    numbers = _charges(conventions, costs, market) | _terms(strategy) | _stakes(sizing, market, unit)
    rate = max(*(numbers[name] for name in ("maker_fee", "taker_fee", "liquidation_fee")), THOUSAND)
    return tables.record(
        tables.RULES,
        mantissa=mantissa,
        decimals=len(str(power)) - 1,
        numerator=unit.numerator,
        denominator=unit.denominator,
        lot=float(market.lot),
        length_ms=columns.length_ms,
        lots_max=int(ROOM // (columns.highest * PRICE_GROWTH * unit.numerator * rate)),
        **numbers,
    )


def _charges(conventions: Conventions, costs: RunCosts, market: Market) -> dict[str, float]:
    late = costs.on("latency") and (costs.latency_bars or costs.latency_ms)
    if late and conventions.entry == "this_close":
        raise BadInput("An order that fills at the close it was decided on cannot come late.")
    if min(costs.latency_bars, costs.latency_ms, costs.impact, costs.queue_multiple) < 0:
        raise BadInput("Latency, impact and queue are not negative.")
    fees, slips, rates = costs.on("fees"), costs.on("slippage"), costs.rates
    taker, spread = rates.taker_fee_ppm if fees else 0, market.spread_ppm if costs.on("spread") else 0
    queue = tables.THROUGH if costs.queue == "through" else tables.VOLUME
    return {
        "entry": tables.NEXT_OPEN if conventions.entry == "next_open" else tables.THIS_CLOSE,
        "tie": tables.PESSIMISTIC if conventions.tie == "pessimistic" else tables.OPTIMISTIC,
        "maker_fee": rates.maker_fee_ppm if fees else 0,
        "taker_fee": taker,
        "liquidation_fee": rates.liquidation_fee_ppm if fees else 0,
        "half_spread": spread // 2,
        "slippage": rates.slippage_ppm if slips else 0,
        "impact": to_ppm(costs.impact) if slips and costs.slippage == "square_root" else 0,
        "round_trip": round_trip_ppm(taker, taker, spread),
        "latency_rows": costs.latency_bars if late else 0,
        "latency_ms": costs.latency_ms if late else 0,
        "queue": queue if costs.on("queue") else tables.TOUCH,
        "queue_multiple": float(costs.queue_multiple),
        "leverage": to_ppm(max(costs.leverage, ONE)) if costs.on("liquidation") else 0,
        "maintenance": costs.perps.maintenance_margin_ppm,
        "reserve": costs.perps.liquidation_reserve_ppm,
    }


def _terms(strategy: Strategy) -> dict[str, float]:
    exits, pacing = strategy.exits, strategy.pacing
    return {
        "maker": strategy.entry_kind is EntryKind.MAKER,
        "break_even_target": exits.break_even_target,
        "break_even_r": NONE if exits.break_even_r is None else to_ppm(exits.break_even_r),
        "trail_target": exits.trail_target,
        "trail_r": NONE if exits.trail_r is None else to_ppm(exits.trail_r),
        "cooldown_ms": pacing.cooldown_bars * TIMEFRAME_MS[strategy.timeframe],
        "losses_pause": pacing.losses_pause or 0,
        "pause_ms": pacing.pause_ms,
        "per_hour_max": NONE if pacing.per_hour_max is None else pacing.per_hour_max,
        "per_day_max": NONE if pacing.per_day_max is None else pacing.per_day_max,
    }


def _stakes(sizing: Sizing, market: Market, unit: Fraction) -> dict[str, float]:
    cash, step = int(sizing.start_equity / MONEY_STEP), market.tick * market.lot
    if not 0 <= cash * unit.denominator < ROOM:
        raise BadInput(f"Equity of {sizing.start_equity} cannot be counted in steps of {market.pair}.")
    if not (ZERO <= sizing.share <= ONE and ZERO <= sizing.cap <= ONE and sizing.amount >= 0):
        raise BadInput("Shares of equity lie between 0 and 1, and an amount is not negative.")
    amount = int((sizing.amount / step).to_integral_value(ROUND_FLOOR))
    return {
        "sizing": MODES[sizing.by],
        "stake": amount if sizing.by == "amount" else _ppm(sizing.share),
        "cap": _ppm(sizing.cap),
        "by_confidence": sizing.by_confidence == "yes",
        "least": int((market.min_notional / step).to_integral_value(ROUND_CEILING)),
        "cash": cash,
    }


def _ppm(share: Decimal) -> int:
    return int((share * PPM).to_integral_value(ROUND_FLOOR))
