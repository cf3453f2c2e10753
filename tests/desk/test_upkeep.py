"""What the desk keeps in order besides trading: switches, regimes, refused candles, orders that came to nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest

from quorate.desk import walk
from quorate.desk.walk import Plans, plan_ticks
from quorate.domain import events as ev
from quorate.domain.candle import Candle
from quorate.domain.market import Market
from quorate.domain.orders import Intent, Liquidity
from quorate.domain.policy import DEFAULT_PORTFOLIOS, BreakerPolicy, DeskPolicy
from quorate.domain.votes import MarketRegime, Regime, Side
from quorate.venues.paper import PaperVenue
from tests.desk.desks import BTC, ETH, FREE, MINUTE_5, PANEL, Bench, bar, of_kind, open_desk, plan, setup, vote

D = Decimal
FLAT = "100 100 100 100"
UP = plan("90", ("110", "0.5"), ("120", "1"))
NAME = "strategies"
SWITCH = "aggressive|drawdown|"
FIVE_DAYS_MS = 5 * 86_400_000


def with_position(exits: object = UP) -> Bench:
    """A desk whose portfolio of strategies holds BTC from 100."""
    bench = open_desk(DeskPolicy(costs=FREE))
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", exits)])  # pyright: ignore[reportArgumentType]
    bench.step(FLAT)
    return bench


def latched(rearm: str) -> Bench:
    """A desk whose aggressive portfolio lost more than it may, on a Wednesday."""
    strict = tuple(replace(policy, drawdown_limit=D("0.01")) for policy in DEFAULT_PORTFOLIOS)
    bench = open_desk(DeskPolicy(costs=FREE, portfolios=strict, breakers=BreakerPolicy(rearm=rearm)))
    bench.step(FLAT)
    bench.step(FLAT, votes=[vote(name, Side.LONG) for name in PANEL])
    bench.step(FLAT)
    bench.step("100 100 80 80")
    assert bench.state.breakers[SWITCH].tripped
    return bench


def test_a_latched_switch_stays_latched_however_much_time_passes() -> None:
    bench = latched("never")
    bench.step("80 80 80 80", skip_ms=FIVE_DAYS_MS)
    assert bench.state.breakers[SWITCH].tripped


def test_in_a_replay_the_calendar_may_re_arm_it_in_a_later_week_on_the_record() -> None:
    bench = latched("weekly")
    bench.step("80 80 80 80", skip_ms=86_400_000)
    assert bench.state.breakers[SWITCH].tripped, "the same week"
    events = bench.step("80 80 80 80", skip_ms=FIVE_DAYS_MS)
    rearmed = [(done.portfolio, done.by) for done in of_kind(events, ev.KillSwitchRearmed)]
    assert rearmed == [("aggressive", "rule: weekly")]
    portfolio = bench.state.portfolios["aggressive"]
    assert not bench.state.breakers[SWITCH].tripped
    assert portfolio.peak == portfolio.equity
    assert bench.rebuilt().breakers == bench.state.breakers


def test_a_person_re_arms_one_portfolio_and_its_peak_starts_anew() -> None:
    bench = latched("never")
    snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, "80 80 80 80")])
    events = bench.desk.rearm(snapshot, "aggressive", by="a person")
    assert [(done.portfolio, done.by) for done in of_kind(events, ev.KillSwitchRearmed)] == [("aggressive", "a person")]
    assert bench.state.portfolios["aggressive"].peak == bench.state.portfolios["aggressive"].equity
    assert bench.desk.rearm(snapshot, "aggressive", by="a person") == [], "it is armed"


def test_a_refused_candle_is_written_down_with_its_reason() -> None:
    bench = with_position()
    bench.at_ms += MINUTE_5
    good, odd = bar(BTC.pair, bench.at_ms, FLAT), bar(ETH.pair, bench.at_ms, FLAT)
    snapshot = bench.snapshot([good])
    step = replace(snapshot.step, quarantined=((odd, "a spike"),))
    (refused,) = of_kind(bench.desk.step(replace(snapshot, step=step), None), ev.CandleQuarantined)
    assert (refused.candle, refused.reason) == (odd, "a spike")


def test_regimes_are_written_down_when_they_change_and_only_then() -> None:
    bench = open_desk()
    told: list[ev.Event] = []
    for regime in (Regime.RANGING, Regime.RANGING, Regime.VOLATILE):
        bench.at_ms += MINUTE_5
        snapshot = bench.snapshot([bar(BTC.pair, bench.at_ms, FLAT)])
        changed = replace(snapshot, regimes={BTC.pair: regime}, market_regime=MarketRegime.RISK_OFF, market_why="so")
        told += bench.desk.step(changed, None)
    assert [event.regime for event in of_kind(told, ev.RegimeChanged)] == [Regime.RANGING, Regime.VOLATILE]
    assert [event.regime for event in of_kind(told, ev.MarketRegimeChanged)] == [MarketRegime.RISK_OFF]
    assert bench.state.regimes == {BTC.pair: Regime.VOLATILE}


def test_a_desk_that_knows_its_markets_and_portfolios_opens_without_a_word() -> None:
    bench = open_desk()
    assert bench.desk.open([BTC, ETH], "digest") == []
    assert bench.desk.open([replace(BTC, spread_ppm=300)], "digest") == [ev.MarketListed(replace(BTC, spread_ppm=300))]


def test_an_order_that_the_venue_rejects_is_open_no_more() -> None:
    bench = open_desk(DeskPolicy(costs=FREE))
    bench.step(FLAT)
    bench.step(FLAT, setups=[setup(Side.LONG, "100", UP)])
    (client_id,) = bench.state.orders
    intent = bench.state.orders[client_id].intent
    del bench.state.orders[client_id]
    for event in (
        ev.OrderIntended(intent),
        ev.OrderSubmitted(client_id, bench.at_ms),
        ev.OrderRejected(client_id, "not today", bench.at_ms),
    ):
        bench.desk.replay(event)
    assert not bench.state.orders


def test_a_target_whose_part_is_under_one_lot_is_passed_without_an_order() -> None:
    bench = with_position(plan("90", ("110", "0.000001"), ("120", "1"), trail_target=1, trail_distance=D(5)))
    before = bench.state.position(NAME, BTC.pair)
    events = bench.step("100 111 99 110")
    after = bench.state.position(NAME, BTC.pair)
    assert before is not None
    assert after is not None
    assert (after.quantity, after.targets_hit) == (before.quantity, 1)
    assert not of_kind(events, ev.OrderIntended)
    assert after.stop == 105, "what the target was to set off is set off"


class ShutVenue(PaperVenue):
    """A venue at which nothing fills."""

    def match(self, intent: Intent, market: Market, candle: Candle) -> tuple[int, Liquidity] | None:
        """Nothing."""
        return None


def test_an_exit_that_found_nobody_is_cancelled_and_sent_again_at_the_close() -> None:
    bench = with_position()
    held = bench.state.positions[BTC.pair][NAME]
    bench.state.positions[BTC.pair][NAME] = replace(held, plan=replace(held.plan, expires_ms=bench.at_ms))
    bench.step(FLAT)
    (first,) = bench.state.orders
    bench.desk.charter = replace(bench.desk.charter, venue=ShutVenue(FREE))
    events = bench.step(FLAT)
    assert [event.client_id for event in of_kind(events, ev.OrderCancelled)] == [first]
    (second,) = bench.state.orders
    assert bench.state.orders[second].intent.quantity == held.quantity
    assert second != first


def test_an_exit_whose_position_has_gone_sells_nothing() -> None:
    bench = with_position()
    held = bench.state.positions[BTC.pair][NAME]
    bench.state.positions[BTC.pair][NAME] = replace(held, plan=replace(held.plan, expires_ms=bench.at_ms))
    bench.step(FLAT)
    del bench.state.positions[BTC.pair][NAME]
    events = bench.step(FLAT)
    assert of_kind(events, ev.OrderCancelled)[0].reason == "the position was closed before"
    assert not of_kind(events, ev.OrderFilled)


def test_plans_are_the_same_from_the_cache_and_after_it_was_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "PLANS_KEPT_MAX", 2)
    plans = Plans()
    made = [plan("90", (str(target), "1")) for target in range(110, 116)]
    for _ in range(2):
        assert [plans.of(one, BTC) for one in made] == [plan_ticks(one, BTC) for one in made]
    assert plans.of(made[0], BTC) is plans.of(made[0], BTC)
