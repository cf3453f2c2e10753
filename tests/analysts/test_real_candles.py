"""The strategies and the lookout on recorded candles of BTC and SOL."""

from decimal import Decimal

import numpy as np
import polars
import pytest

from quorate.analysts.bar_reaction import BarReaction
from quorate.analysts.base import evaluate, last_setup
from quorate.analysts.lookout import Lookout
from quorate.analysts.panel import RulePanel
from quorate.analysts.registry import STRATEGIES, make_strategy
from quorate.domain.market import Market
from quorate.domain.policy import Costs, CouncilPolicy
from quorate.domain.votes import Side
from quorate.kernel.bars import Bars
from tests.analysts.synthetic import MadeUpFeed
from tests.recorded import candles_folder

pytestmark = pytest.mark.real_data

MARKETS = [
    Market("BTC/USDT", Decimal("0.01"), Decimal("0.00001"), Decimal(5), 200),
    Market("SOL/USDT", Decimal("0.01"), Decimal("0.001"), Decimal(5), 200),
]
FEBRUARY_MS, MARCH_MS = 1_738_368_000_000, 1_740_787_200_000


@pytest.fixture(scope="module")
def columns() -> dict[str, Bars]:
    """January and February 2025 in candles of five minutes."""
    folder = candles_folder()
    found: dict[str, Bars] = {}
    for market in MARKETS:
        path = folder / f"binance_{market.symbol}_5m.parquet"
        if not path.is_file():
            pytest.skip(f"no recorded candles {path.name}: set QUORATE_TEST_DATA to a folder of candle files")
        frame = polars.read_parquet(path).filter(polars.col("ts") < MARCH_MS)
        prices = {name: frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")}
        found[market.pair] = Bars(market.pair, "5m", frame["ts"].to_numpy(), **prices).on_ticks(market.tick)
    return found


def month(bars: Bars) -> int:
    """Position of the first bar of February."""
    return int(np.searchsorted(bars.open_ms, FEBRUARY_MS))


def by_hand(bars: Bars) -> list[tuple[int, int]]:
    """Bar Reaction with its defaults, bar after bar in plain Python: an oracle that shares no code with it."""
    found: list[tuple[int, int]] = []
    opens, highs, lows = bars.open.tolist(), bars.high.tolist(), bars.low.tolist()
    closes, volumes = bars.close.tolist(), bars.volume.tolist()
    ranges = [
        max(high - low, abs(high - before), abs(low - before))
        for high, low, before in zip(highs[1:], lows[1:], closes, strict=False)
    ]
    atr = sum(ranges[:14]) / 14
    for row in range(15, len(bars)):
        atr = (atr * 13 + ranges[row - 1]) / 14
        move = round((closes[row] / opens[row] - 1) * 10_000, 8)
        if row < 21 or abs(move) < 12 or closes[row] * volumes[row] < 200_000:
            continue
        ratio = volumes[row] / (sum(volumes[row - 20 : row]) / 20)
        confidence = 0.5 + 0.3 * min((abs(move) - 12) / 23, 1) + 0.2 * min(max(ratio - 1, 0), 1)
        if 0.0025 <= round(atr / closes[row], 12) <= 0.03 and round(confidence, 10) >= 0.6:
            found.append((row, 1 if move > 0 else -1))
    return found


@pytest.mark.parametrize(("market", "count"), [(MARKETS[0], 906), (MARKETS[1], 3_403)], ids=["BTC", "SOL"])
def test_bar_reaction_finds_in_february_what_a_plain_loop_finds(columns: dict[str, Bars], market: Market, count: int):
    bars = columns[market.pair]
    found = evaluate(BarReaction(), bars, market, since=month(bars))
    expected = [(row, side) for row, side in by_hand(bars) if row >= month(bars)]
    assert list(zip(found.rows.tolist(), found.side.tolist(), strict=True)) == expected
    assert len(expected) == count


def test_a_window_of_a_thousand_bars_says_what_all_bars_say(columns: dict[str, Bars]):
    strategy, market = BarReaction(), MARKETS[0]
    bars = columns[market.pair]
    whole = set(evaluate(strategy, bars, market, since=month(bars)).rows.tolist())
    for end in range(month(bars), month(bars) + 1_500):
        live = last_setup(strategy, bars.between(end - 999, end + 1), market)
        assert (live is not None) == (end in whole)


async def test_the_desks_analysts_find_setups_and_agreements_in_ten_days(columns: dict[str, Bars]):
    feed = MadeUpFeed({pair: bars.between(0, month(bars) + 2_880) for pair, bars in columns.items()}, MARKETS)
    lookout = Lookout(feed.markets, "5m", [make_strategy(name, costs=Costs()) for name in STRATEGIES])
    policy = CouncilPolicy()
    panel = RulePanel(lookout, [make_strategy(name, costs=Costs()) for name in policy.panel], policy)
    await lookout.warm(feed, origin_ms=FEBRUARY_MS, resume_ms=FEBRUARY_MS)
    spoke, agreed = set(), 0
    for step in feed.steps(FEBRUARY_MS):
        snapshot = lookout.observe(step)
        spoke |= {setup.strategy for setup in snapshot.setups}
        if step.at_ms % 3_600_000 == 0:
            ballot = await panel.vote(snapshot, slot=str(step.at_ms))
            for pair in lookout.markets:
                sides = [vote.side for vote in ballot.votes if vote.pair == pair]
                agreed += max(sides.count(Side.LONG), sides.count(Side.SHORT)) >= 2
    assert spoke == set(STRATEGIES)
    assert agreed > 20
    assert lookout.troubles == {}
