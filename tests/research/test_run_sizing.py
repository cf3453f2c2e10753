"""How large a run's trades are: by the desk's own chain, by equity, by an amount."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.market import Market
from quorate.domain.policy import PortfolioPolicy, SizingPolicy
from quorate.domain.votes import MarketRegime, Regime
from quorate.research.columns import Columns
from quorate.research.compiled import run
from quorate.research.conventions import Sizing
from quorate.risk import sizing as risk
from tests.research.scripted import START_MS, Line, made_bars, rules, speaking
from tests.research.small_worlds import BUY, IDEAL, MARKET, QUIET, small


@given(
    side=st.sampled_from([1, -1]),
    entry=st.integers(500, 5_000),
    away=st.integers(1, 400),
    confidence=st.integers(0, 100),
    share=st.sampled_from([100, 50, 7]),
    equity=st.decimals(Decimal(10), Decimal(100_000), places=2),
    risked=st.sampled_from([Decimal("0.006"), Decimal("0.00001"), Decimal("0.3")]),
    cap=st.sampled_from([Decimal("0.10"), Decimal("0.40")]),
)
def test_lots_are_those_of_the_desks_sizing_chain(side, entry, away, confidence, share, equity, risked, cap) -> None:
    market = Market("AAA/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), 0)
    line = Line(side, away, (away,), confidence=confidence, share=share)
    bars = made_bars(market, [(0, 0, 0, 0, False), (0, 0, 0, 0, False)], price=entry)
    strategy = speaking(script={START_MS: line}, exits=rules())
    sizing = Sizing(by="risk", start_equity=equity, share=risked, cap=cap, by_confidence="yes")
    result = run(strategy, Columns.of(bars, market), market, costs=IDEAL, sizing=sizing)
    policy = PortfolioPolicy(name="own", risk_per_trade=risked, position_cap=cap)
    sized = risk.size(
        policy,
        SizingPolicy(),
        equity=equity,
        price=market.price(entry),
        stop=market.price(entry - side * away),
        market=market,
        history=(),
        streak=0,
        market_regime=MarketRegime.NEUTRAL,
        regime=Regime.NEUTRAL,
        confidence=Decimal(confidence) / 100,
        size=Decimal(share) / 100,
    )
    if result.counts["unreadable"]:
        return
    taken = int(result.unfinished[0].lots) if len(result.unfinished) else 0
    assert taken == sized.lots


def test_equity_and_amount_size_by_what_they_say() -> None:
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1004 100", Line(1, 10, (10,), share=50))
    half = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="equity", share=Decimal("0.2")))
    # A fifth of 10,000, half the normal size: 1,000 at 10.00, in lots of 0.5.
    assert half.unfinished[0].lots == 200
    fixed = run(strategy, columns, MARKET, costs=IDEAL, sizing=Sizing(by="amount", amount=Decimal(60)))
    assert fixed.unfinished[0].lots == 6
    sure = Sizing(by="amount", amount=Decimal(60), by_confidence="yes")
    assert run(strategy, columns, MARKET, costs=IDEAL, sizing=sure).unfinished[0].lots == 6
    capped = Sizing(by="equity", share=Decimal("0.9"), cap=Decimal("0.1"))
    assert run(strategy, columns, MARKET, costs=IDEAL, sizing=capped).unfinished[0].lots == 200


def test_a_market_without_room_for_the_smallest_order_blocks_it() -> None:
    dear = Market("AAA/USDT", Decimal("0.01"), Decimal("0.5"), Decimal(50), 400)
    strategy, columns = small(f"{QUIET}, 1000 1005 1000 1004 100", BUY)
    result = run(strategy, columns, dear, costs=IDEAL, sizing=Sizing(by="amount", amount=Decimal(49)))
    assert result.counts["blocked"] == 1
