"""What a backtest assumed, in words: costs, conventions and sizes, so that no result travels without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from quorate.domain.market import Market
from quorate.domain.money import plain
from quorate.domain.policy import Costs, PortfolioPolicy
from quorate.research.conventions import CostName, RunCosts
from quorate.research.materials import Materials
from quorate.research.spans import Terms

PPM_PER_BP = 100
OFF = "off: trading is taken to be free of it"

SILENT_WORDS: Mapping[str, str] = {
    "silent": "the strategy was in a trade, cooling down or pausing",
    "blocked": "too small to trade, or its stop lies behind the liquidation",
    "unfilled": "the resting entry was not reached",
    "passed": "the market had left its plan before it filled",
    "pending": "the candles ended before it could fill",
    "unreadable": "the market's ticks are too coarse for it, or its numbers are missing",
}
"""What became of setups that became no trade, by the compiled runner's word for it."""


def bps(ppm: int) -> str:
    """Parts per million as basis points: "2.5 bps"."""
    return f"{plain(Decimal(ppm) / PPM_PER_BP)} bps"


def costs_told(costs: RunCosts, materials: Materials) -> dict[str, str]:
    """Every part of the cost model of a compiled run with what it was set to."""
    told: dict[CostName, str] = {
        "fees": _fees(costs.rates),
        "spread": _spreads(list(materials.markets.values())),
        "slippage": _slippage(costs),
        "latency": _latency(costs),
        "funding": _funding(materials),
        "liquidation": f"leverage {plain(costs.leverage)}, maintenance {bps(costs.perps.maintenance_margin_ppm)}",
        "queue": _queue(costs),
    }
    return {name: text if costs.on(name) else OFF for name, text in told.items()}


def desk_costs_told(costs: Costs, materials: Materials, portfolios: Sequence[PortfolioPolicy]) -> dict[str, str]:
    """The same of a run of the desk."""
    leverages = ", ".join(f"{one.name} {plain(one.leverage)} ({one.market})" for one in portfolios)
    return {
        "fees": _fees(costs),
        "spread": _spreads(list(materials.markets.values())),
        "slippage": _slippage(RunCosts(rates=costs)),
        "latency": _latency(RunCosts()),
        "funding": _funding(materials),
        "liquidation": f"leverage: {leverages}",
        "queue": _queue(RunCosts()),
    }


def conventions_told(terms: Terms, materials: Materials) -> dict[str, str]:
    """How a compiled run reads candles and sizes positions."""
    at_open = "an order at market fills at the open of the next candle; a resting one waits for the next candle"
    at_close = "an order at market fills at the very close it was decided on"
    return {
        "entry": at_open if terms.conventions.entry == "next_open" else at_close,
        "tie": _tie(terms, materials),
        "gap": "a stop that price jumps over is filled at the open behind it",
        "stops move": "only at a close",
        "size": _size(terms),
        "equity": f"each strategy and pair on its own {plain(terms.sizing.start_equity)}; `total` is their sum",
        "left out": "portfolios, breakers and the desk's factors from streaks, regimes and records (--engine desk)",
    }


def desk_conventions_told(portfolios: Sequence[PortfolioPolicy]) -> dict[str, str]:
    """How the desk reads candles and sizes positions."""
    told = ", ".join(f"{one.name} {plain(one.start_equity)}" for one in portfolios)
    return {
        "entry": "an order at market fills at the open of the next candle; a resting one waits for the next candle",
        "tie": "stop and target in one candle: the stop comes first",
        "gap": "a stop that price jumps over is filled at the open behind it",
        "stops move": "only at a close",
        "size": "the desk's whole sizing chain, its controls and its breakers",
        "equity": f"shared by all pairs and strategies of a portfolio: {told}",
        "left out": "the council and its models: only strategies speak",
    }


def _tie(terms: Terms, materials: Materials) -> str:
    first = "the stop comes first" if terms.conventions.tie == "pessimistic" else "the target comes first (flattering)"
    if not materials.finer:
        return f"stop and target in one candle: {first}"
    finer = next(iter(materials.finer.values())).bars.timeframe
    missing = [pair for pair in materials.pairs if pair not in materials.finer]
    without = f"; there are none of {', '.join(missing)}" if missing else ""
    return f"{finer} candles tell what came first inside a candle; inside one of those {first}{without}"


def _fees(costs: Costs) -> str:
    return f"maker {bps(costs.maker_fee_ppm)}, taker {bps(costs.taker_fee_ppm)} of the value"


def _spreads(markets: Sequence[Market]) -> str:
    spreads = sorted({market.spread_ppm for market in markets})
    named = {spread: [market.pair for market in markets if market.spread_ppm == spread] for spread in spreads}
    parts = [f"{bps(spread)} ({len(pairs)} pairs)" for spread, pairs in named.items()]
    told = bps(spreads[0]) if len(spreads) == 1 else ", ".join(parts)
    kind = "modelled" if any("spread" in market.estimated for market in markets) else "as the venue tells it"
    return f"{told}, {kind}; half of it is paid whenever the market is taken"


def _slippage(costs: RunCosts) -> str:
    told = f"{bps(costs.rates.slippage_ppm)} beyond half the spread"
    if costs.slippage == "square_root":
        told += f", and {plain(costs.impact)} × range × √(order ÷ volume) of the candle before"
    return told


def _latency(costs: RunCosts) -> str:
    parts = [f"{costs.latency_bars} candles"] if costs.latency_bars else []
    parts += [f"{costs.latency_ms} ms"] if costs.latency_ms else []
    return f"entries come {' and '.join(parts)} late" if parts else "none beyond the next candle"


def _funding(materials: Materials) -> str:
    funded = sorted({settlement.pair for settlement in materials.settlements} & set(materials.pairs))
    if not funded:
        return "not counted: no rates are recorded"
    missing = [pair for pair in materials.pairs if pair not in funded]
    told = f"recorded rates of {', '.join(funded)}"
    return f"{told}; not counted on {', '.join(missing)}" if missing else told


def _queue(costs: RunCosts) -> str:
    told = "a resting order fills once price trades through it by a tick"
    if costs.queue == "volume":
        told += f", or where {plain(costs.queue_multiple)} times its size trades at its price"
    return told


def _size(terms: Terms) -> str:
    sizing = terms.sizing
    scaled = " × the setup's share" + (" × (0.5 + confidence)" if sizing.by_confidence == "yes" else "")
    if sizing.by == "risk":
        return f"{_percent(sizing.share)} of equity at risk{scaled}, at most {_percent(sizing.cap)} of it as value"
    if sizing.by == "equity":
        return f"{_percent(sizing.share)} of equity as value{scaled}, at most {_percent(sizing.cap)}"
    return f"{plain(sizing.amount)} as value{scaled}" if sizing.by == "amount" else "lots as given"


def _percent(share: Decimal) -> str:
    return f"{plain(share * 100)} %"
