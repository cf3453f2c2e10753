"""The seven breakers: when each trips, what it blocks, what clears it, and that none ever stops an exit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.domain.events import BreakerChanged
from quorate.domain.policy import BreakerPolicy
from quorate.domain.snapshot import Context
from quorate.domain.votes import Action, Side
from quorate.risk import breaker_board as board
from quorate.risk import breakers as br
from quorate.risk.breakers import PortfolioMarks
from quorate.risk.verdict import PASS, Deny
from tests.risk.accounts import AGGRESSIVE, SPOT, D, exit_of, intent

MONDAY = 1_735_516_800_000
"""Monday, 30 December 2024, 00:00 UTC."""
NOON = MONDAY + br.DAY_MS + br.DAY_MS // 2
POLICY = BreakerPolicy()
CALM = PortfolioMarks(
    equity=D(10_000),
    peak=D(10_000),
    day_start_equity=D(10_000),
    week_start_equity=D(10_000),
    gross_notional=D(0),
    losses_in_a_row=0,
)
NOTHING_KNOWN = Context()


class Desk:
    """The least that a desk does with breakers: it keeps the latest change of each."""

    def __init__(self, policy: Any = AGGRESSIVE, breakers: BreakerPolicy = POLICY) -> None:
        self.policy, self.breakers = policy, breakers
        self.latched: dict[str, BreakerChanged] = {}

    def step(self, marks: PortfolioMarks, now_ms: int = NOON, context: Context = NOTHING_KNOWN) -> list[str]:
        """Evaluate, keep what changed, and name what is tripped."""
        arguments = (self.policy, self.breakers, marks, context)
        stirs = br.stirs(*arguments, now_ms=now_ms, latched=self.latched)
        states = board.evaluate(*arguments, now_ms=now_ms, latched=self.latched)
        changes = board.changes(states, self.latched, now_ms=now_ms)
        assert stirs is bool(changes), "stirs has to foretell whether anything changed"
        self.latched |= {br.key_of(change.portfolio, change.name, change.scope): change for change in changes}
        assert board.changes(states, self.latched, now_ms=now_ms) == (), "a change is told once"
        self.states = states
        return [f"{state.name} {state.scope}".strip() for state in states if state.tripped]

    def state(self, name: str) -> board.BreakerState:
        """The named breaker."""
        return next(state for state in self.states if state.name == name)


def test_the_board_shows_all_seven_with_value_limit_and_reason() -> None:
    desk = Desk()
    assert desk.step(CALM) == []
    assert [state.name for state in desk.states] == [
        br.DAILY_LOSS,
        br.WEEKLY_LOSS,
        br.DRAWDOWN,
        br.EXPOSURE,
        br.FUNDING,
        br.DOMINANCE,
        br.OPTIMIZER_PAUSE,
    ]
    assert all(state.reason and state.value and state.limit and state.since_ms is None for state in desk.states)


def test_day_and_week_begin_at_midnight_and_monday_utc() -> None:
    assert br.day_start_ms(NOON) == MONDAY + br.DAY_MS
    assert br.week_start_ms(NOON) == MONDAY
    assert br.week_start_ms(MONDAY) == MONDAY
    assert br.week_start_ms(MONDAY - 1) == MONDAY - br.WEEK_MS
    assert br.day_start_ms(MONDAY) == MONDAY


def test_c20_the_daily_loss_limit_trips_at_the_limit_exactly_and_holds_until_midnight() -> None:
    desk = Desk()
    assert desk.step(replace(CALM, equity=D("9500.01"))) == []
    assert desk.step(replace(CALM, equity=D(9500))) == [br.DAILY_LOSS]
    midnight = MONDAY + 2 * br.DAY_MS
    assert (desk.state(br.DAILY_LOSS).since_ms, desk.state(br.DAILY_LOSS).until_ms) == (NOON, midnight)
    assert desk.step(replace(CALM, equity=D(9900)), midnight - 1) == [br.DAILY_LOSS]
    assert desk.state(br.DAILY_LOSS).since_ms == NOON
    assert "now 1 %" in desk.state(br.DAILY_LOSS).reason
    assert desk.step(replace(CALM, equity=D(9900), day_start_equity=D(9900)), midnight) == []


def test_c20_a_loss_that_goes_on_past_midnight_trips_anew() -> None:
    desk = Desk()
    midnight = MONDAY + 2 * br.DAY_MS
    desk.step(replace(CALM, equity=D(9500)))
    later = replace(CALM, equity=D(9000), day_start_equity=D(9500), week_start_equity=D(9500), peak=D(9500))
    assert desk.step(later, midnight) == [br.DAILY_LOSS]
    assert desk.state(br.DAILY_LOSS).since_ms == midnight
    assert desk.step(replace(later, equity=D(9499)), midnight + 1) == [br.DAILY_LOSS]


def test_c20_the_weekly_loss_limit_holds_until_monday() -> None:
    desk = Desk()
    slow = replace(CALM, equity=D(9000), day_start_equity=D(9100))
    assert desk.step(slow) == [br.WEEKLY_LOSS]
    assert desk.state(br.WEEKLY_LOSS).until_ms == MONDAY + br.WEEK_MS
    assert desk.step(replace(slow, equity=D(9950)), MONDAY + br.WEEK_MS - 1) == [br.WEEKLY_LOSS]
    assert desk.step(replace(CALM, equity=D(9950), week_start_equity=D(9950)), MONDAY + br.WEEK_MS) == []


def test_c20_the_drawdown_switch_stays_until_it_is_rearmed() -> None:
    desk = Desk()
    down = replace(CALM, equity=D(8000), day_start_equity=D(8000), week_start_equity=D(8000))
    assert desk.step(replace(down, equity=D("8000.01"))) == []
    assert desk.step(down) == [br.DRAWDOWN]
    assert desk.state(br.DRAWDOWN).until_ms is None
    back = replace(CALM, equity=D(12_000), peak=D(12_000))
    assert desk.step(back, NOON + 52 * br.WEEK_MS) == [br.DRAWDOWN]
    switch = desk.latched[br.key_of("aggressive", br.DRAWDOWN, "")]
    desk.latched[br.key_of("aggressive", br.DRAWDOWN, "")] = br.rearmed(switch, by="anna", now_ms=NOON)
    assert desk.step(back) == []


def test_a_replay_may_rearm_the_switch_by_rule_in_a_later_week() -> None:
    weekly = BreakerPolicy(rearm="weekly")
    desk = Desk(breakers=weekly)
    desk.step(replace(CALM, equity=D(8000), day_start_equity=D(8000), week_start_equity=D(8000)))
    switch = desk.latched[br.key_of("aggressive", br.DRAWDOWN, "")]
    assert desk.state(br.DRAWDOWN).until_ms == MONDAY + br.WEEK_MS
    assert not br.rearm_due(switch, weekly, now_ms=MONDAY + br.WEEK_MS - 1)
    assert br.rearm_due(switch, weekly, now_ms=MONDAY + br.WEEK_MS)
    assert not br.rearm_due(switch, POLICY, now_ms=MONDAY + br.WEEK_MS)
    assert not br.rearm_due(None, weekly, now_ms=MONDAY + br.WEEK_MS)
    assert not br.rearm_due(br.rearmed(switch, by="rule: weekly", now_ms=0), weekly, now_ms=MONDAY + br.WEEK_MS)


def test_c20_the_exposure_breaker_trips_at_its_cap_and_clears_below() -> None:
    desk = Desk()
    assert desk.step(replace(CALM, gross_notional=D("29999.99"))) == []
    assert desk.step(replace(CALM, gross_notional=D(30_000))) == [br.EXPOSURE]
    assert desk.state(br.EXPOSURE).value == "3 ×"
    assert desk.step(replace(CALM, gross_notional=D(29_999))) == []


def test_c20_without_equity_everything_that_measures_it_is_tripped() -> None:
    desk = Desk()
    broke = replace(CALM, equity=D(0), peak=D(0), day_start_equity=D(0), week_start_equity=D(0))
    assert desk.step(broke) == [br.DAILY_LOSS, br.WEEKLY_LOSS, br.DRAWDOWN, br.EXPOSURE]
    assert desk.state(br.EXPOSURE).value == "no equity"


def test_c22_extreme_funding_blocks_the_side_that_pays_it() -> None:
    desk = Desk()
    rates = {"BTC/USDT": D("0.0011"), "ETH/USDT": D("-0.0011"), "SOL/USDT": D("0.001")}
    assert desk.step(CALM, context=Context(funding=rates)) == ["funding BTC/USDT LONG", "funding ETH/USDT SHORT"]
    assert "LONG pays 0.11 %" in (board.blocking(desk.states, "aggressive", "BTC/USDT", Side.LONG) or "")
    assert board.blocking(desk.states, "aggressive", "BTC/USDT", Side.SHORT) is None
    assert board.blocking(desk.states, "aggressive", "ETH/USDT", Side.SHORT) is not None
    assert board.blocking(desk.states, "aggressive", "SOL/USDT", Side.LONG) is None
    assert board.blocking(desk.states, "conservative", "BTC/USDT", Side.LONG) is None


def test_c22_funding_that_calmed_down_clears() -> None:
    desk = Desk()
    desk.step(CALM, context=Context(funding={"BTC/USDT": D("0.002")}))
    assert desk.step(CALM, context=Context(funding={"BTC/USDT": D("0.0005")})) == []
    assert desk.state(br.FUNDING).value == "0.05 %"
    assert not desk.latched["aggressive|funding|BTC/USDT LONG"].tripped
    assert desk.step(CALM, context=Context(funding={})) == []


def test_c22_spot_pays_no_funding() -> None:
    desk = Desk(policy=SPOT)
    assert desk.step(CALM, context=Context(funding={"BTC/USDT": D(1)})) == []
    assert desk.state(br.FUNDING).known


def test_c22_rising_dominance_blocks_longs_other_than_bitcoin() -> None:
    desk = Desk()
    assert desk.step(CALM, context=Context(btc_dominance_change_24h=D("1.0"))) == []
    assert desk.step(CALM, context=Context(btc_dominance_change_24h=D("1.1"))) == ["dominance LONG"]
    assert board.blocking(desk.states, "aggressive", "ETH/USDT", Side.LONG) is not None
    assert board.blocking(desk.states, "aggressive", "ETH/USDT", Side.SHORT) is None
    assert board.blocking(desk.states, "aggressive", "BTC/USDT", Side.LONG) is None


def test_c22_missing_context_lets_pass_and_says_that_it_is_unknown() -> None:
    desk = Desk()
    desk.step(CALM)
    assert [state.name for state in desk.states if not state.known] == [br.FUNDING, br.DOMINANCE]
    assert board.blocking(desk.states, "aggressive", "ETH/USDT", Side.LONG) is None


def test_c20_five_losses_in_a_row_pause_until_the_optimizer_has_run() -> None:
    desk = Desk()
    assert desk.step(replace(CALM, losses_in_a_row=4)) == []
    paused = replace(CALM, losses_in_a_row=5, optimizer_ran_ms=NOON - 1, optimizer_next_ms=NOON + 9)
    assert desk.step(paused) == [br.OPTIMIZER_PAUSE]
    assert desk.state(br.OPTIMIZER_PAUSE).until_ms == NOON + 9
    assert desk.step(replace(paused, losses_in_a_row=0), NOON + 5) == [br.OPTIMIZER_PAUSE]
    assert "waits for the optimizer" in desk.state(br.OPTIMIZER_PAUSE).reason
    assert desk.step(replace(paused, losses_in_a_row=0, optimizer_ran_ms=None), NOON + 5) == [br.OPTIMIZER_PAUSE]
    assert desk.step(replace(paused, losses_in_a_row=0, optimizer_ran_ms=NOON), NOON + 9) == []


def test_c20_a_tripped_breaker_refuses_entries_with_the_number_of_its_control() -> None:
    desk = Desk()
    desk.step(replace(CALM, equity=D(9500)), context=Context(btc_dominance_change_24h=D(2)))
    verdict = board.admit(intent(), desk.states)
    assert isinstance(verdict, Deny)
    assert str(verdict) == "C20: daily_loss 5 % (limit 5 %)"
    desk = Desk()
    desk.step(CALM, context=Context(btc_dominance_change_24h=D(2)))
    verdict = board.admit(intent(pair="ETH/USDT"), desk.latched.values())
    assert isinstance(verdict, Deny)
    assert verdict.control == "C22"
    assert board.admit(intent(pair="ETH/USDT", action=Action.SELL), desk.states) is PASS
    assert board.admit(intent(pair="ETH/USDT", portfolio="spot"), desk.states) is PASS


def test_nothing_is_told_where_nothing_is_measured() -> None:
    assert board.changes((), {}, now_ms=NOON) == ()


MONEY = st.decimals(min_value=-5_000, max_value=50_000, places=2)
PATHS = st.lists(
    st.tuples(
        st.builds(
            PortfolioMarks,
            equity=MONEY,
            peak=MONEY,
            day_start_equity=MONEY,
            week_start_equity=MONEY,
            gross_notional=st.decimals(min_value=0, max_value=50_000, places=2),
            losses_in_a_row=st.integers(0, 8),
            optimizer_ran_ms=st.none() | st.integers(MONDAY, MONDAY + br.WEEK_MS),
        ),
        st.integers(0, br.DAY_MS),
        st.builds(
            Context,
            btc_dominance_change_24h=st.none() | st.decimals(-3, 3, places=1),
            funding=st.none()
            | st.dictionaries(st.sampled_from(["BTC/USDT", "ETH/USDT"]), st.decimals("-0.002", "0.002", places=4)),
        ),
    ),
    max_size=12,
)


@given(path=PATHS, rearm=st.sampled_from(["never", "weekly"]))
def test_on_any_path_a_latched_switch_stays_latched_and_exits_pass(path: list[Any], rearm: str) -> None:
    desk, now, switched = Desk(breakers=BreakerPolicy(rearm=rearm)), MONDAY, False
    for marks, passed, context in path:
        now += passed
        tripped = desk.step(marks, now, context)
        switched = switched or marks.equity <= marks.peak * D("0.8")
        assert (br.DRAWDOWN in tripped) is switched
        assert board.admit(exit_of(), desk.states) is PASS
        for pair in ("BTC/USDT", "ETH/USDT"):
            for side, action in ((Side.LONG, Action.BUY), (Side.SHORT, Action.SELL)):
                blocked = board.blocking(desk.states, "aggressive", pair, side)
                assert (blocked is None) is (board.admit(intent(pair=pair, action=action), desk.states) is PASS)


@given(path=PATHS)
def test_a_loss_limit_that_tripped_holds_to_the_end_of_its_day(path: list[Any]) -> None:
    desk, now, day = Desk(), MONDAY, -1
    for marks, passed, context in path:
        now += passed
        tripped = desk.step(marks, now, context)
        over = marks.equity <= marks.day_start_equity * D("0.95")
        if over:
            day = br.day_start_ms(now)
        assert (br.DAILY_LOSS in tripped) is (day == br.day_start_ms(now))


@pytest.mark.parametrize("equity", ["9500.00000001", "9499.99999999", "9500"])
def test_the_limit_itself_trips(equity: str) -> None:
    assert (br.DAILY_LOSS in Desk().step(replace(CALM, equity=Decimal(equity)))) is (Decimal(equity) <= 9500)


worths = st.decimals(min_value=1, max_value=20_000, places=2)


@given(worths, worths, worths, st.sampled_from([D(9_500), D(9_000), D(8_000), D(9_501)]), worths)
def test_there_is_room_exactly_while_nothing_trips(
    day: Decimal, week: Decimal, peak: Decimal, edge: Decimal, gross: Decimal
):
    for equity in (day, week, edge, edge + D("0.01")):
        start = replace(CALM, day_start_equity=day, week_start_equity=week)
        marks = replace(start, equity=equity, peak=max(peak, equity), gross_notional=gross)
        tripped = br.tripped_now(AGGRESSIVE, POLICY, marks, NOTHING_KNOWN, now_ms=NOON, latched={})
        holds = br.room_of(AGGRESSIVE, start).holds(equity=equity, peak=marks.peak, gross_notional=gross)
        assert holds is (tripped == ())
