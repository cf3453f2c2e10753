"""Bar Reaction 5M, number by number."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from quorate.analysts.bar_reaction import BarReaction
from quorate.analysts.base import Hasty, last_setup
from quorate.analysts.registry import make_strategy
from quorate.domain.market import Market
from quorate.domain.policy import Costs
from quorate.domain.votes import EntryKind, Setup, Side
from quorate.kernel.bars import Bars

MARKET = Market("SOL/USDT", Decimal("0.01"), Decimal("0.01"), Decimal(5), 200)


def bars_ending(
    *, open_: float = 100.0, close: float = 100.3, volume: float = 4_000.0, usual: float = 2_000.0, reach: float = 0.5
) -> Bars:
    """Quiet bars with a true range of exactly 2 × `reach`, then one whose range is the same."""
    count = 200
    opens, closes = np.full(count, 100.0), np.full(count, 100.0)
    highs, lows, volumes = np.full(count, 100.0 + reach), np.full(count, 100.0 - reach), np.full(count, usual)
    opens[-1], closes[-1], volumes[-1] = open_, close, volume
    return Bars("SOL/USDT", "5m", np.arange(count) * 300_000, opens, highs, lows, closes, volumes)


def setup_of(bars: Bars, market: Market = MARKET, **parameters: object) -> Setup | None:
    strategy = make_strategy("bar_reaction", costs=Costs(), parameters=parameters)
    assert isinstance(strategy, Hasty)
    setup = last_setup(strategy, bars, market)
    assert setup is None or strategy.quick(bars, market)
    return setup


def test_a_bar_up_by_thirty_bps_on_double_volume_is_bought_a_little_lower():
    setup = setup_of(bars_ending())
    assert setup is not None
    assert (setup.side, setup.entry_kind, setup.size) == (Side.LONG, EntryKind.MAKER, Decimal(1))
    # 30 bps: 0.5 + 0.3 * 18 / 23 + 0.2 * 1
    assert setup.confidence == Decimal("0.9347826087")
    # Half of 2 bps under the close of 100.30, down to the tick; ATR is 1.00.
    assert setup.entry == Decimal("100.28")
    assert setup.plan.stop == Decimal("99.68")
    assert [(target.price, target.fraction) for target in setup.plan.targets] == [
        (Decimal("101.28"), Decimal("0.5")),
        (Decimal("102.08"), Decimal(1)),
    ]
    assert setup.plan.break_even_r == setup.plan.trail_r == Decimal("0.8")
    assert setup.plan.trail_distance == Decimal("0.80")
    assert setup.plan.expires_ms is None
    assert setup.reason == (
        "The bar moved +30.0 bps on 2.00 times its usual volume (401,200 USD, ATR 1.00 %): long with it."
    )


def test_a_bar_down_is_sold_a_little_higher_with_everything_mirrored():
    setup = setup_of(bars_ending(close=99.7))
    assert setup is not None
    assert setup.side is Side.SHORT
    assert (setup.entry, setup.plan.stop) == (Decimal("99.71"), Decimal("100.31"))
    assert [target.price for target in setup.plan.targets] == [Decimal("98.71"), Decimal("97.91")]


def test_revert_mode_goes_against_the_move():
    setup = setup_of(bars_ending(), mode="revert")
    assert setup is not None
    assert setup.side is Side.SHORT
    assert setup.reason.endswith("short against it.")


def test_a_fade_replaces_a_large_move_at_half_size_and_leaves_smaller_ones():
    large, small = bars_ending(close=100.4), bars_ending(close=100.3)
    plain, fade, kept = setup_of(large), setup_of(large, fade=True), setup_of(small, fade=True)
    assert plain is not None
    assert fade is not None
    assert kept is not None
    assert (plain.side, plain.size) == (Side.LONG, Decimal(1))
    assert (fade.side, fade.size) == (Side.SHORT, Decimal("0.5"))
    assert (kept.side, kept.size) == (Side.LONG, Decimal(1))


@pytest.mark.parametrize(
    ("bars", "passes"),
    [
        (bars_ending(close=100.12), True),  # exactly 12 bps, double volume: confidence 0.7
        (bars_ending(close=100.11), False),
        (bars_ending(close=100.12, volume=3_000.0), True),  # half as much again: confidence 0.6
        (bars_ending(close=100.12, volume=2_990.0), False),
        (bars_ending(close=100.2, volume=2_000.0), True),  # 20 bps without volume: 0.604
        (bars_ending(close=100.19, volume=2_000.0), False),
        (bars_ending(close=100.5, volume=1_991.0, usual=100.0), True),  # 200,095 USD
        (bars_ending(close=100.5, volume=1_990.0, usual=100.0), False),  # 199,995 USD
        (bars_ending(volume=4_000.0, usual=0.0), True),  # 30 bps on bars without volume: 0.73
        (bars_ending(reach=0.126), True),
        (bars_ending(reach=0.12), False),  # ATR under 0.25 % of the price
        (bars_ending(reach=1.45), True),
        (bars_ending(reach=1.6), False),  # ATR over 3 %
    ],
)
def test_every_gate_opens_and_shuts_at_its_number(bars: Bars, passes: bool):
    assert (setup_of(bars) is not None) == passes


def test_the_spread_gate_and_the_dollar_gate():
    bars = bars_ending()
    assert setup_of(bars, replace(MARKET, spread_ppm=800)) is not None
    assert setup_of(bars, replace(MARKET, spread_ppm=801)) is None
    assert setup_of(bars, replace(MARKET, pair="SOL/BTC")) is None
    assert setup_of(bars, replace(MARKET, pair="SOL/USD")) is not None


def test_the_move_can_be_measured_from_the_close_before():
    gapped = bars_ending(open_=100.3, close=100.3)
    assert setup_of(gapped) is None
    setup = setup_of(gapped, move_from="previous_close")
    assert setup is not None
    assert setup.side is Side.LONG


def test_the_fee_floor_refuses_a_first_target_inside_fees_and_spread():
    bars = bars_ending()  # first target 1.00 away from 100.28994: 9,971 ppm
    cheap = Costs(maker_fee_ppm=4_000, taker_fee_ppm=5_771)
    dear = Costs(maker_fee_ppm=4_000, taker_fee_ppm=5_772)
    assert last_setup(BarReaction(costs=cheap), bars, MARKET) is not None
    assert last_setup(BarReaction(costs=dear), bars, MARKET) is None


def test_ticks_too_coarse_for_the_distances_give_no_setup():
    assert setup_of(bars_ending(), replace(MARKET, tick=Decimal(5))) is None


def test_its_pacing_is_that_of_the_rules():
    pacing = BarReaction().pacing
    assert (pacing.cooldown_bars, pacing.losses_pause, pacing.pause_ms) == (1, 3, 1_800_000)
    assert (pacing.per_hour_max, pacing.per_day_max) == (6, 50)
