"""Trades as everybody reads them (`quorate.research.result`), from what either runner wrote down."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from quorate.domain import events as ev
from quorate.domain.candle import TIMEFRAME_MS
from quorate.domain.market import Market
from quorate.domain.money import MONEY_STEP, PPM, ZERO, to_money
from quorate.domain.orders import Liquidity
from quorate.domain.portfolio import Trade
from quorate.domain.signals import COUNCIL, Signal
from quorate.domain.votes import Action, EntryKind, Side
from quorate.kernel.bars import FloatArray, IntArray
from quorate.research import tables
from quorate.research.foresight import Foresight
from quorate.research.legs import Leg
from quorate.research.result import ClosedTrade
from quorate.research.walk import IMPACT_PPM_MAX

CONSENSUS = "consensus"
LIQUIDATION = tables.REASONS[tables.LIQUIDATION]
R_STEP = Decimal("0.000001")
TAKES = (tables.STOP, tables.EXPIRY)
"""Exits that take the market; targets rest, and a liquidation is the venue's."""


def closed_trades(leg: Leg, foresight: Foresight) -> list[ClosedTrade]:
    """The trades of a leg that ended, in the order of time. Regimes are measured by `foresight` at the decision."""
    result, market = leg.result, leg.market
    trades = result.trades
    if not len(trades):
        return []
    taking = _taking_costs(leg)
    decided_ms = result.book.orders["at_ms"][trades["order"]].tolist()
    opened_ms, closed_ms = result.at_ms(trades["entry_row"]).tolist(), result.at_ms(trades["exit_row"]).tolist()
    names = ("side", "lots", "entry", "initial_stop", "exit_value", "fees", "funding", "pnl", "r_ppm", "reason")
    columns: list[list[Any]] = [trades[name].tolist() for name in (*names, "bars", "lowest", "highest")]
    found: list[ClosedTrade] = []
    for place, row in enumerate(zip(*columns, strict=True)):
        side, lots, entry, stop, exit_value, fees, funding, pnl, r_ppm, reason, bars, lowest, highest = row
        risk = Decimal(abs(entry - stop))
        against, for_it = (lowest, highest) if side > 0 else (highest, lowest)
        found.append(
            ClosedTrade(
                portfolio=leg.strategy.name,
                strategy=leg.strategy.name,
                pair=market.pair,
                side="LONG" if side > 0 else "SHORT",
                opened_ms=opened_ms[place],
                closed_ms=closed_ms[place],
                entry=market.price(entry),
                exit=to_money(exit_value * market.tick / lots),
                quantity=market.quantity(lots),
                pnl=pnl * MONEY_STEP,
                fees=fees * MONEY_STEP,
                funding=funding * MONEY_STEP,
                spread_and_slippage=to_money(Decimal(taking[place])),
                r=Decimal(r_ppm) / PPM,
                reason=tables.REASONS[int(reason)],
                bars=bars,
                regime=foresight.regime(market.pair, decided_ms[place]).value,
                mae_r=((entry - against) * side / risk).quantize(R_STEP, ROUND_HALF_EVEN) if risk else None,
                mfe_r=((for_it - entry) * side / risk).quantize(R_STEP, ROUND_HALF_EVEN) if risk else None,
            )
        )
    return found


def _taking_costs(leg: Leg) -> list[float]:
    """What each trade paid for taking the market, in quote units: fills against the candles' prices, to a tick each.

    Parts carry the price that was paid; what it was taken at follows from the costs, as nothing else lies between.
    """
    result, rules = leg.result, leg.result.rules
    parts = result.parts
    reason = parts["reason"]
    takes = np.isin(reason, TAKES)
    if leg.strategy.entry_kind is EntryKind.MARKET:
        takes |= reason == tables.ENTRY
    takes &= parts["trade"] < len(result.trades)
    taken = parts[takes]
    trade = result.trades[taken["trade"]]
    buys = (trade["side"] > 0) == (taken["reason"] == tables.ENTRY)
    away = rules.half_spread + rules.slippage + _impact(leg, taken)
    ticks = _paid(taken["ticks"], away, buys) * taken["lots"]
    unit = float(leg.market.tick * leg.market.lot)
    costs: list[float] = np.bincount(taken["trade"], weights=ticks * unit, minlength=len(result.trades)).tolist()
    return [round(cost, 8) for cost in costs]


def _impact(leg: Leg, parts: Any) -> IntArray:
    """Slippage by the orders' own size, as the kernel adds it (`quorate.research.walk.impact_ppm`)."""
    rules, tape = leg.result.rules, leg.columns.tape
    if rules.impact == 0:
        return np.zeros(len(parts), np.int64)
    at_close = (parts["reason"] == tables.ENTRY) & (rules.entry == tables.THIS_CLOSE)
    before = tape[np.maximum(parts["row"] - np.where(at_close, 0, 1), 0)]
    volume = np.where(before["volume"] > 0.0, before["volume"], np.nan)
    span = (before["high"] - before["low"]) / before["open"]
    own = rules.impact * span * np.sqrt(parts["lots"] * rules.lot / volume)
    return np.fmin(np.where(np.isnan(own), IMPACT_PPM_MAX, own), IMPACT_PPM_MAX).astype(np.int64)


def _paid(ticks: IntArray, away_ppm: IntArray | int, buys: np.ndarray[Any, np.dtype[np.bool_]]) -> FloatArray:
    """Ticks that taking the market cost on each lot: `quorate.rules.costs.taking_price` the other way round."""
    share = np.asarray(away_ppm, np.float64) / PPM
    return np.where(buys, ticks - np.floor(ticks / (1.0 + share)), np.ceil(ticks / (1.0 - share)) - ticks)


def desk_trades(
    trades: Sequence[Trade],
    signals: Iterable[Signal],
    taking: Mapping[str, Decimal],
    *,
    timeframe: str,
) -> list[ClosedTrade]:
    """Trades of the real desk. `taking`: what each paid for taking the market, by its id (`taking_of`)."""
    regimes = {signal.id: signal.regime.value for signal in signals}
    length_ms = TIMEFRAME_MS[timeframe]
    return [
        ClosedTrade(
            portfolio=trade.portfolio,
            strategy=CONSENSUS if trade.source == COUNCIL else trade.source,
            pair=trade.pair,
            side="LONG" if trade.side is Side.LONG else "SHORT",
            opened_ms=trade.opened_ms,
            closed_ms=trade.closed_ms,
            entry=trade.entry,
            exit=trade.exit,
            quantity=trade.quantity,
            pnl=trade.pnl,
            fees=trade.fees,
            funding=trade.funding,
            spread_and_slippage=taking.get(trade.id, ZERO),
            r=trade.r,
            reason=trade.reason,
            bars=(trade.closed_ms - trade.opened_ms) // length_ms + 1,
            regime=regimes.get(trade.signal_id, ""),
        )
        for trade in trades
    ]


def taking_of(events: Iterable[ev.Event], markets: Mapping[str, Market], slippage_ppm: int) -> dict[str, Decimal]:
    """What each trade of the desk paid for taking the market, by the trade's id, from its fills."""
    paid: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    found: dict[str, Decimal] = {}
    for event in events:
        if isinstance(event, ev.OrderFilled) and event.fill.liquidity is Liquidity.TAKER:
            fill = event.fill
            market = markets[fill.pair]
            away = market.spread_ppm // 2 + slippage_ppm
            ticks = _paid(np.array([market.ticks_nearest(fill.price)]), away, np.array([fill.action is Action.BUY]))
            paid[event.portfolio, fill.pair].append(int(ticks[0]) * market.tick * fill.quantity)
        elif isinstance(event, ev.TradeClosed):
            trade = event.trade
            costs = paid.pop((trade.portfolio, trade.pair), [])
            # The venue closes by force at its own price: nothing is taken from a book.
            costs = costs[:-1] if trade.reason == LIQUIDATION else costs
            found[trade.id] = to_money(sum(costs, ZERO))
    return found
