"""The made-up desk's signals: who voted, what every book makes of them. See made_up.py."""

from __future__ import annotations

import hashlib
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from quorate.api.schemas.common import Direction, Stance
from quorate.api.schemas.signals import Factor, Indicators, Metadata, Plan, Signal, Stake, Target, Vote
from tests.browser.made_up import (
    ANALYSTS,
    BAR_MS,
    BARS,
    BOOKS,
    PAIRS,
    STRATEGIES,
    MadeUpMarket,
    generator,
    instant,
    walk,
)


def made_signal(market: MadeUpMarket, *, number: int, at_ms: int) -> Signal:
    """Signal `number` of the made-up desk, decided at `at_ms`."""
    rng = generator("signal", number)
    pair = PAIRS[int(rng.integers(len(PAIRS)))] if number % 4 else ("BTC/USDT", "ETH/USDT", "SOL/USDT")[number // 4 % 3]
    side = "LONG" if rng.random() < 0.55 else "SHORT"
    tier = ("silver", "gold", "single")[number % 3]
    back = max(0, min(BARS - 1, (market.now_ms - at_ms) // BAR_MS))
    entry = float(walk(pair)[0][3, BARS - 1 - back])
    risk = entry * float(rng.uniform(0.004, 0.016))
    plan = _plan(market, pair=pair, tier=tier, entry=entry, risk=risk if side == "LONG" else -risk)
    confidence = round(float(rng.uniform(0.55, 0.93)), 4)
    strategy = "council" if tier != "single" else STRATEGIES[number % len(STRATEGIES)]
    votes = _votes(market, rng, pair=pair, side=side, tier=tier, entry=entry, risk=risk)
    stakes = _stakes(rng, tier=tier, entry=entry, confidence=confidence, number=number)
    return Signal(
        id=str(uuid5(NAMESPACE_URL, f"signal-{number}-{at_ms}")),
        mode="paper",
        source="council" if tier != "single" else strategy,
        tier=tier,
        symbol=pair.replace("/", ""),
        pair=pair,
        action="BUY" if side == "LONG" else "SELL",
        side=side,
        strategy=strategy,
        regime=("TRENDING_UP", "RANGING", "VOLATILE", "NEUTRAL", "TRENDING_DOWN")[number % 5],
        confidence=confidence,
        entry_price=float(market.text(pair, entry)),
        entry_kind="market" if tier != "single" else "maker",
        stop_loss=float(plan.stop),
        take_profit=float(plan.targets[-1].price),
        targets=plan.targets,
        plan=plan,
        risk_reward_ratio=3.0,
        position_size_usd=next((float(s.size_usd) for s in stakes if s.name == "conservative"), 0.0),
        portfolios=stakes,
        indicators=Indicators(
            rsi_14=round(float(rng.uniform(25, 75)), 2),
            macd_signal=round(float(rng.normal(0, risk)), 6),
            atr_14=round(risk / 1.5, 6),
            volume_ratio=round(float(rng.uniform(0.6, 2.8)), 2),
        ),
        votes=votes,
        timestamp=instant(at_ms),
        metadata=Metadata(
            model_version="rules-1",
            latency_ms=42,
            snapshot=hashlib.sha256(str(number).encode()).hexdigest(),
            estimated=["spread"],
        ),
    )


def _plan(market: MadeUpMarket, *, pair: str, tier: str, entry: float, risk: float) -> Plan:
    """How the signal's trade would end; `risk` is signed: entry less stop."""
    fractions = ("0.33", "0.5", "1") if tier != "single" else ("0.5", "1")
    reach = (1, 2, 3) if tier != "single" else (1.67, 3)
    return Plan(
        stop=market.text(pair, entry - risk),
        targets=[
            Target(price=market.text(pair, entry + risk * far), fraction=part)
            for far, part in zip(reach, fractions, strict=True)
        ],
        break_even_target=1,
        break_even_r=None,
        trail_target=2,
        trail_r=None,
        trail_distance=market.text(pair, abs(risk) * 0.8),
        expires=None,
    )


def _votes(
    market: MadeUpMarket, rng: np.random.Generator, *, pair: str, side: Direction, tier: str, entry: float, risk: float
) -> list[Vote]:
    if tier == "single":
        return []
    sign = 1 if side == "LONG" else -1
    votes: list[Vote] = []
    for index, analyst in enumerate(ANALYSTS):
        agrees = tier == "gold" or index != 2
        against: Stance = "SHORT" if side == "LONG" else "LONG"
        dissent: Stance = "FLAT" if rng.random() < 0.5 else against
        stance: Stance = side if agrees else dissent
        priced = stance != "FLAT"
        way = sign if agrees else -sign
        reason = {
            "trend": "EMA 20 over EMA 50 on 1h with ADX 31, and the 4h agrees.",
            "breakout": "Close beyond the Donchian 20 channel by 0.6 ATR.",
            "momentum": "RSI 61 and rising, MACD over its signal line for 4 bars.",
        }[analyst]
        votes.append(
            Vote(
                analyst=analyst,
                side=stance,
                confidence=round(float(rng.uniform(0.5, 0.95)), 2) if priced else 0.0,
                entry=market.text(pair, entry) if priced else None,
                stop=market.text(pair, entry - way * risk) if priced else None,
                target=market.text(pair, entry + way * risk * 3) if priced else None,
                reason=reason if priced else "Reward over risk is 0.9, under 1.2.",
                abstained=False,
            )
        )
    return votes


def _stakes(rng: np.random.Generator, *, tier: str, entry: float, confidence: float, number: int) -> list[Stake]:
    stakes: list[Stake] = []
    for book, base in zip(BOOKS, ("0.10", "0.04", "0.10"), strict=True):
        if (book == "strategies") != (tier == "single"):
            continue
        blocked = "tier: silver" if book == "conservative" and tier == "silver" else None
        if blocked is None and number % 7 == 3:
            blocked = "position_open"
        share = 0.0 if blocked == "tier: silver" else round(float(base) * (0.5 + confidence) * 0.92, 6)
        factors = {
            "base": Factor(value=base, why="the book's share of equity for one position"),
            "kelly": Factor(value="0.92", why="17 closed trades, half Kelly, weight 0.46"),
            "anti_martingale": Factor(value="1", why="no run of wins or losses"),
            "regime": Factor(value="1", why="market NEUTRAL, symbol TRENDING_UP"),
            "confidence": Factor(value=f"{0.5 + confidence:.4f}", why=f"0.5 + consensus confidence {confidence}"),
        }
        stakes.append(
            Stake(
                name=book,
                size_usd=f"{share * 10_000:.2f}",
                quantity=f"{share * 10_000 / entry:.6f}",
                final_risk_pct=f"{share:.6f}",
                factors=factors if share else {},
                blocked_by=blocked,
            )
        )
    return stakes
