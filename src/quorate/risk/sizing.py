"""The sizing chain (RULES section 5) in the desk's own terms: policies and Decimals in, lots and every factor out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from quorate.domain.market import Market
from quorate.domain.money import PPM, ZERO, floor_to_step, from_ppm, plain, to_ppm
from quorate.domain.optimization import base_of
from quorate.domain.policy import PortfolioPolicy, SizingPolicy
from quorate.domain.signals import Factor
from quorate.domain.votes import MarketRegime, Regime
from quorate.rules import sizing as rules

ONE = Decimal(1)
R_MAX = Decimal(1_000)
"""A single trade counts for at most so many R: one slip in a record must not decide a size."""
CONFIDENCE_BASE = Decimal("0.5")
SHOWN_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """How large a portfolio would trade a signal, with every factor; or why it would not.

    `final_risk_pct` is the share of equity taken as notional (0 to 1), `notional` what the whole `lots` are worth at
    the entry price. Where `blocked_by` is set, quantity, lots and notional are zero; the factors are kept all the same.
    """

    factors: tuple[Factor, ...]
    final_risk_pct: Decimal
    notional: Decimal
    quantity: Decimal
    lots: int
    blocked_by: str | None


def size(  # noqa: PLR0913 - the chain has that many links, and each is named at the call
    policy: PortfolioPolicy,
    sizing: SizingPolicy,
    *,
    equity: Decimal,
    price: Decimal,
    stop: Decimal,
    market: Market,
    history: Sequence[Decimal],
    streak: int,
    market_regime: MarketRegime,
    regime: Regime,
    confidence: Decimal,
    size: Decimal = ONE,
    base_factor: Decimal = ONE,
    version: int = 0,
) -> Sized:
    """Size one signal for one portfolio; everything is rounded down, so that risk is never rounded up.

    `history`: R of the last closed shadow trades of the agreeing analysts, or of the strategy, oldest first; the newest
    `kelly_trades` count. `streak`: the portfolio's trades won (positive) or lost (negative) in a row. `size`: share of
    the normal size that the setup asks for. `price` is the entry; notional and stop distance are measured from it.
    `base_factor`: what version `version` of the optimizer's configuration makes of the portfolio's base.
    """
    base = _base(policy, base_factor, version)
    factors, share_ppm = _chain(base, sizing, history, streak, (market_regime, regime), (confidence, size))
    cap = min(policy.final_risk_cap, ONE)
    blocked = _unsizable(market, equity=equity, price=price, stop=stop, regime=regime)
    if policy.risk_per_trade is not None and blocked is None:
        cap = min(cap, policy.position_cap)
        stop_ticks = market.ticks_ceil(abs(price - stop))
        factors += (_stop(market, price, stop_ticks),)
        share_ppm = rules.share_at_risk_ppm(share_ppm, market.ticks_nearest(price), stop_ticks)
    capped_ppm = min(share_ppm, _ppm(cap))
    factors += (_cap(cap, share_ppm=share_ppm, capped_ppm=capped_ppm),)
    lots = 0 if blocked else rules.lots_of_share(_units(equity, market), capped_ppm, market.ticks_ceil(price))
    blocked = blocked or _too_small(market, notional=market.quantity(lots) * price, lots=lots, share_ppm=capped_ppm)
    quantity = ZERO if blocked else market.quantity(lots)
    return Sized(
        factors=factors,
        final_risk_pct=from_ppm(capped_ppm),
        notional=quantity * price,
        quantity=quantity,
        lots=0 if blocked else lots,
        blocked_by=blocked,
    )


def cut_to(sized: Sized, room: Decimal, *, market: Market, price: Decimal) -> Sized:
    """The size under a notional that may not be exceeded, which becomes one more factor; as it was where it fits."""
    if sized.notional <= room:
        return sized
    lots = market.lots_floor(room / price)
    notional = market.quantity(lots) * price
    share = sized.final_risk_pct * notional / sized.notional
    fits = lots > 0 and notional >= market.min_notional
    factor = Factor("canary", room / sized.notional, f"a canary has {_shown(room)} left of its stake")
    said = f"canary: {_shown(room)} left of its stake buys less than the least order"
    return Sized(
        factors=(*sized.factors, factor),
        final_risk_pct=from_ppm(_ppm(share)),
        notional=notional if fits else ZERO,
        quantity=market.quantity(lots) if fits else ZERO,
        lots=lots if fits else 0,
        blocked_by=None if fits else said,
    )


def _chain(
    base: Factor,
    sizing: SizingPolicy,
    history: Sequence[Decimal],
    streak: int,
    regimes: tuple[MarketRegime, Regime],
    asked: tuple[Decimal, Decimal],
) -> tuple[tuple[Factor, ...], int]:
    """Every factor before the cap, and their product in ppm."""
    confidence, size = asked
    kelly = _kelly(sizing, history)
    anti_martingale = _anti_martingale(sizing, streak)
    regime = _regime(sizing, *regimes)
    sure = Factor("confidence", CONFIDENCE_BASE + confidence, f"{CONFIDENCE_BASE} + confidence {plain(confidence)}")
    part = Factor("size", size, f"the setup asks for {plain(size)} of the normal size")
    product = rules.chain_ppm(
        _ppm(base.value),
        _ppm(kelly.value),
        _ppm(anti_martingale.value),
        _ppm(regime.value),
        _ppm(sure.value),
        _ppm(part.value),
        PPM,
    )
    return (base, kelly, anti_martingale, regime, sure, part), product


def _base(policy: PortfolioPolicy, factor: Decimal, version: int) -> Factor:
    if policy.risk_per_trade is None:
        setting = policy.base_share
        why = f"{policy.name} takes {plain(setting)} of equity as notional"
    else:
        setting = policy.risk_per_trade
        why = f"{policy.name} risks {plain(setting)} of equity from entry to stop"
    if factor != ONE:
        why += f", × {plain(factor)} by version {version} of the optimizer's"
    return Factor("base", base_of(setting, factor), why)


def _kelly(sizing: SizingPolicy, history: Sequence[Decimal]) -> Factor:
    newest = history[-sizing.kelly_trades :]
    results = [max(-R_MAX, min(r, R_MAX)) for r in newest]
    won = [r for r in results if r > 0]
    wins, losses = len(won), len(results) - len(won)
    sum_won = sum(won, ZERO)
    sum_lost = sum_won - sum(results, ZERO)
    factor = rules.kelly_ppm(wins, losses, _ppm(sum_won), -_ppm(-sum_lost), to_ppm(sizing.kelly_fraction))
    if not results:
        return Factor("kelly", from_ppm(factor), "no closed trades yet: sizes stay as they are")
    why = (
        f"{wins} of {len(results)} trades won, {_shown(sum_won)} R won and {_shown(sum_lost)} R lost, "
        f"{plain(sizing.kelly_fraction)} of Kelly"
    )
    return Factor("kelly", from_ppm(factor), why)


def _anti_martingale(sizing: SizingPolicy, streak: int) -> Factor:
    factor = rules.anti_martingale_ppm(
        streak,
        to_ppm(sizing.anti_martingale_win_step),
        to_ppm(sizing.anti_martingale_win_cap),
        to_ppm(sizing.anti_martingale_loss_step),
        to_ppm(sizing.anti_martingale_loss_floor),
    )
    if streak == 0:
        why = "no wins or losses in a row"
    elif streak > 0:
        step, bound = sizing.anti_martingale_win_step, sizing.anti_martingale_win_cap
        why = f"{streak} won in a row: 1 + {streak} × {plain(step)}, at most {plain(bound)}"
    else:
        step, bound = sizing.anti_martingale_loss_step, sizing.anti_martingale_loss_floor
        why = f"{-streak} lost in a row: 1 - {-streak} × {plain(step)}, at least {plain(bound)}"
    return Factor("anti_martingale", from_ppm(factor), why)


def _regime(sizing: SizingPolicy, market_regime: MarketRegime, regime: Regime) -> Factor:
    mood = {MarketRegime.RISK_ON: sizing.risk_on, MarketRegime.RISK_OFF: sizing.risk_off}.get(market_regime, ONE)
    own = {Regime.CHOPPY: ZERO, Regime.VOLATILE: sizing.volatile}.get(regime, ONE)
    return Factor("regime", mood * own, f"market {market_regime} {plain(mood)} × symbol {regime} {plain(own)}")


def _stop(market: Market, price: Decimal, stop_ticks: int) -> Factor:
    distance = market.price(stop_ticks) / price
    return Factor("stop_distance", distance, f"notional = risk ÷ {_shown(distance)}, the way from entry to stop")


def _cap(cap: Decimal, *, share_ppm: int, capped_ppm: int) -> Factor:
    verb = "is cut to" if capped_ppm < share_ppm else "stays under"
    return Factor("cap", cap, f"{plain(from_ppm(share_ppm))} of equity {verb} the cap of {plain(cap)}")


def _ppm(ratio: Decimal) -> int:
    """Whole parts per million, rounded down (a loss, passed with its sign, grows)."""
    return int(floor_to_step(ratio * PPM, ONE))


def _units(equity: Decimal, market: Market) -> int:
    return int(floor_to_step(equity / (market.tick * market.lot), ONE))


def _unsizable(market: Market, *, equity: Decimal, price: Decimal, stop: Decimal, regime: Regime) -> str | None:
    if regime is Regime.CHOPPY:
        return "regime: CHOPPY"
    if equity <= 0:
        return f"equity: {plain(equity)} is nothing to size from"
    if price <= 0 or abs(price - stop) <= 0:
        return f"stop: {plain(stop)} leaves no distance from entry {plain(price)}"
    if _units(equity, market) > rules.EQUITY_UNITS_MAX or market.ticks_ceil(price) > rules.PRICE_TICKS_MAX:
        return f"steps: tick {plain(market.tick)} and lot {plain(market.lot)} are too fine for this equity or price"
    return None


def _too_small(market: Market, *, notional: Decimal, lots: int, share_ppm: int) -> str | None:
    if lots == 0:
        return f"minimum quantity: {plain(from_ppm(share_ppm))} of equity buys less than one lot of {plain(market.lot)}"
    if notional < market.min_notional:
        return f"minimum notional: {_shown(notional)} < {plain(market.min_notional)}"
    return None


def _shown(value: Decimal) -> str:
    return plain(value.quantize(SHOWN_STEP))
